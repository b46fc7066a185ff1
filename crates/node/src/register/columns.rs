//! The columns of a register file: one row per person, the household's own cells repeated in each of its rows.
//!
//! All columns but the last must be there, in any order, named in the first row; a cell that was not searched or not recorded stays
//! blank, which never means zero. `tests/data/register/README.md` says the same to the people who export the file.

use super::header::TableColumn;

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident $text:literal,)*) => {
        /// A column of a register file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Column {
            $($(#[$doc])* $name,)*
        }

        impl Column {
            /// Every column, in the order they are written.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the name in the first row of the file.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

columns! {
    /// The case system's reference of the household. Text, needed.
    Household "household",
    /// District, coarse; the same in all rows of a household. Text, needed.
    District "district",
    /// The date the data holds for, `YYYY-MM-DD`; the same in all rows of a household. Needed.
    AsOf "as_of",
    /// Kind of the person's document: a code of `DocumentKind`, such as `mainland_id`. Needed.
    DocumentKind "document_kind",
    /// Number of the document. Needed.
    DocumentNumber "document_number",
    /// Further documents of the same person: `kind:number`, several separated by `;`.
    OtherDocuments "other_documents",
    /// The name exactly as on the document. Needed.
    Name "name",
    /// The name in simplified characters.
    NameZhHans "name_zh_hans",
    /// The name in traditional characters.
    NameZhHant "name_zh_hant",
    /// The name romanised.
    NameRoman "name_roman",
    /// Birth date, `YYYY-MM-DD`.
    BirthDate "birth_date",
    /// Whether the person is alive: `yes` or `no`.
    Alive "alive",
    /// Whether the person is married: `yes` or `no`.
    Married "married",
    /// Wages a month: an amount such as `4350.00`.
    Wage "wage",
    /// Currency of the wages: `MOP` or `CNY`; there if and only if the amount is.
    WageCurrency "wage_currency",
    /// Active business registrations: a count.
    Businesses "businesses",
    /// Pensions and benefits a month: an amount.
    Pension "pension",
    /// Currency of the pensions.
    PensionCurrency "pension_currency",
    /// The means-tested programme received; `none` when searched and none is received.
    Assistance "assistance",
    /// Deposits in all: an amount.
    Deposits "deposits",
    /// Currency of the deposits.
    DepositsCurrency "deposits_currency",
    /// Real property: a count of units.
    Properties "properties",
    /// Registered vehicles and boats: a count.
    Vehicles "vehicles",
    /// Whether the person lives in public housing: `yes` or `no`.
    PublicHousing "public_housing",
    /// Whether the person actually resides where registered: `yes` or `no`.
    Resident "resident",
    /// Whether the person agreed to the clause on matching: `yes` or `no`. The column may be left out.
    MatchClause "match_clause",
}

impl TableColumn for Column {
    const COLUMNS: &'static [Self] = Self::ALL;

    fn title(self) -> &'static str {
        self.name()
    }

    fn is_needed(self) -> bool {
        self != Self::MatchClause
    }
}
