//! A checked and normalised document number; which rules apply is decided here, the rules are in the kinds' own files.

use serde::{Deserialize, Serialize};

use super::error::{DocumentError, DocumentWarning};
use super::kind::DocumentKind;
use super::normal::{half_width, upper};
use super::{birth_registration, home_return, macau_bir, mainland, travel_permit};
use crate::time::Date;

/// A document number that has been checked and normalised: trimmed, half-width, upper-case, without print marks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(try_from = "RawDocument", into = "RawDocument")]
pub struct Document {
    kind: DocumentKind,
    number: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDocument {
    kind: DocumentKind,
    number: String,
}

impl TryFrom<RawDocument> for Document {
    type Error = DocumentError;

    fn try_from(raw: RawDocument) -> Result<Self, DocumentError> {
        Self::parse(raw.kind, &raw.number)
    }
}

impl From<Document> for RawDocument {
    fn from(document: Document) -> Self {
        Self { kind: document.kind, number: document.number }
    }
}

impl Document {
    /// Checks and normalises a number.
    ///
    /// # Errors
    /// Says which rule of the kind the number breaks.
    pub fn parse(kind: DocumentKind, number: &str) -> Result<Self, DocumentError> {
        let number = match kind {
            DocumentKind::MacauBir => macau_bir::normalise(number),
            DocumentKind::BirthRegistration => half_width(number),
            DocumentKind::MainlandId
            | DocumentKind::ResidencePermit
            | DocumentKind::HomeReturnPermit
            | DocumentKind::HomeReturnPermitNonChinese
            | DocumentKind::TravelPermitToHkMacau => upper(number),
        };
        match kind {
            DocumentKind::MainlandId => mainland::check_card(&number),
            DocumentKind::ResidencePermit => mainland::check_permit(&number),
            DocumentKind::MacauBir => macau_bir::check(&number),
            DocumentKind::HomeReturnPermit | DocumentKind::HomeReturnPermitNonChinese => home_return::check(&number),
            DocumentKind::TravelPermitToHkMacau => travel_permit::check(&number),
            DocumentKind::BirthRegistration => birth_registration::check(&number),
        }?;
        Ok(Self { kind, number })
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// Returns the normalised number.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Returns the part that stays the same when the document is renewed: what persons are matched by.
    #[must_use]
    pub fn key(&self) -> DocumentKey {
        let stem = match self.kind {
            DocumentKind::HomeReturnPermit | DocumentKind::HomeReturnPermitNonChinese => {
                home_return::stem(&self.number)
            }
            DocumentKind::MainlandId
            | DocumentKind::ResidencePermit
            | DocumentKind::MacauBir
            | DocumentKind::TravelPermitToHkMacau
            | DocumentKind::BirthRegistration => &self.number,
        };
        DocumentKey { kind: self.kind, stem: stem.to_owned() }
    }

    /// Returns the birth date that the number holds; none when its kind holds none.
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        match self.kind {
            DocumentKind::MainlandId | DocumentKind::ResidencePermit => mainland::birth_date(&self.number),
            DocumentKind::MacauBir
            | DocumentKind::HomeReturnPermit
            | DocumentKind::HomeReturnPermitNonChinese
            | DocumentKind::TravelPermitToHkMacau
            | DocumentKind::BirthRegistration => None,
        }
    }

    /// Checks that the birth date in the number, if there is one, does not lie after `today`.
    ///
    /// # Errors
    /// [`DocumentError::BornInFuture`].
    pub fn check_birth(&self, today: Date) -> Result<(), DocumentError> {
        if self.birth_date().is_some_and(|born| born > today) { Err(DocumentError::BornInFuture) } else { Ok(()) }
    }

    /// Says what is odd about the number though it is valid; empty when nothing is.
    #[must_use]
    pub fn warnings(&self) -> Vec<DocumentWarning> {
        let warning = match self.kind {
            DocumentKind::MainlandId => mainland::warning(&self.number),
            DocumentKind::MacauBir => macau_bir::warning(&self.number),
            DocumentKind::ResidencePermit
            | DocumentKind::HomeReturnPermit
            | DocumentKind::HomeReturnPermitNonChinese
            | DocumentKind::TravelPermitToHkMacau
            | DocumentKind::BirthRegistration => None,
        };
        warning.into_iter().collect()
    }
}

/// What two documents of one person have in common across renewals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentKey {
    kind: DocumentKind,
    stem: String,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn document(kind: DocumentKind, number: &str) -> Document {
        Document::parse(kind, number).unwrap()
    }

    #[test]
    fn numbers_are_normalised_by_kind() {
        use DocumentKind::{BirthRegistration, HomeReturnPermit, MacauBir, MainlandId, TravelPermitToHkMacau};
        for (kind, typed, number) in [
            (MainlandId, " 44040219000101003x\n", "44040219000101003X"),
            (MainlandId, "４４０４０２１９０００１０１００３ｘ", "44040219000101003X"),
            (MacauBir, "9000001(a)", "9000001A"),
            (HomeReturnPermit, "m0000000100", "M0000000100"),
            (TravelPermitToHkMacau, "cz9999999", "CZ9999999"),
            (BirthRegistration, " 珠海 ０００１a ", "珠海 0001a"),
        ] {
            assert_eq!(document(kind, typed).number(), number);
        }
    }

    #[test]
    fn a_renewed_home_return_permit_is_the_same_person() {
        let key = |kind, number| document(kind, number).key();
        let permit = DocumentKind::HomeReturnPermit;
        assert_eq!(key(permit, "M0000000100"), key(permit, "M0000000101"));
        assert_ne!(key(permit, "M0000000100"), key(permit, "M0000000200"));
        assert_ne!(key(permit, "M0000000100"), key(DocumentKind::HomeReturnPermitNonChinese, "M0000000100"));
        let travel = DocumentKind::TravelPermitToHkMacau;
        assert_ne!(key(travel, "C00000001"), key(travel, "C00000002"));
    }

    #[test]
    fn birth_dates_are_read_from_the_kinds_that_hold_one() {
        let card = document(DocumentKind::MainlandId, "999999202206010014");
        assert_eq!(card.birth_date(), Some(date(2022, 6, 1)));
        assert_eq!(document(DocumentKind::ResidencePermit, "82000019000101001X").birth_date(), Some(date(1900, 1, 1)));
        assert_eq!(document(DocumentKind::MacauBir, "9000001(0)").birth_date(), None);
        assert_eq!(card.check_birth(date(2022, 6, 1)), Ok(()));
        assert_eq!(card.check_birth(date(2022, 5, 31)), Err(DocumentError::BornInFuture));
    }

    #[test]
    fn warnings_are_given_for_odd_but_valid_numbers_only() {
        let warnings = |kind, number| document(kind, number).warnings();
        assert_eq!(warnings(DocumentKind::MainlandId, "999999198506010033"), [DocumentWarning::UnknownArea]);
        assert_eq!(warnings(DocumentKind::MacauBir, "9000001(0)"), [DocumentWarning::UnobservedFirstDigit]);
        assert_eq!(warnings(DocumentKind::MainlandId, "440402190001010013"), []);
        assert_eq!(warnings(DocumentKind::ResidencePermit, "830000190001010011"), []);
    }

    #[test]
    fn serialised_documents_are_checked_when_read() {
        let bad = serde_json::json!({ "kind": "mainland_id", "number": "440402190001010014" });
        let error = serde_json::from_value::<Document>(bad).unwrap_err().to_string();
        assert!(error.contains("check character") && !error.contains("4404"), "{error}");
        let raw = RawDocument { kind: DocumentKind::MacauBir, number: "900".to_owned() };
        assert!(postcard::from_bytes::<Document>(&postcard::to_stdvec(&raw).unwrap()).is_err());
    }

    fn valid_numbers() -> impl Strategy<Value = (DocumentKind, String)> {
        let eighteen = |area: &'static str| {
            (area, 1900..2026i16, 1..=12i8, 1..=28i8, 0..1000u16).prop_map(|(area, year, month, day, sequence)| {
                let first = format!("{area}{year:04}{month:02}{day:02}{sequence:03}");
                let check = mainland::check_character(&first).unwrap();
                format!("{first}{check}")
            })
        };
        prop_oneof![
            eighteen("[1-6][0-9]{5}").prop_map(|number| (DocumentKind::MainlandId, number)),
            eighteen("8[123]0000").prop_map(|number| (DocumentKind::ResidencePermit, number)),
            "[0-9]{7}\\(?[0-9A-Za-z]\\)?".prop_map(|number| (DocumentKind::MacauBir, number)),
            "[MHmh][0-9]{8}([0-9]{2})?".prop_map(|number| (DocumentKind::HomeReturnPermit, number)),
            "C[0-9A-HJ-NP-Z][0-9]{7}".prop_map(|number| (DocumentKind::TravelPermitToHkMacau, number)),
            "[ 0-9a-zＡ-Ｚ出生證（）]{0,62}[珠澳]".prop_map(|number| (DocumentKind::BirthRegistration, number)),
        ]
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing_more((kind, number) in valid_numbers()) {
            let once = Document::parse(kind, &number).unwrap();
            prop_assert_eq!(&Document::parse(kind, once.number()).unwrap(), &once);
        }

        #[test]
        fn documents_survive_both_encodings((kind, number) in valid_numbers()) {
            let document = Document::parse(kind, &number).unwrap();
            let bytes = postcard::to_stdvec(&document).unwrap();
            prop_assert_eq!(&postcard::from_bytes::<Document>(&bytes).unwrap(), &document);
            let json = serde_json::to_string(&document).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Document>(&json).unwrap(), &document);
        }

        #[test]
        fn any_text_is_refused_or_becomes_a_fixed_point(number in "\\PC{0,70}", place in 0..DocumentKind::ALL.len()) {
            let kind = DocumentKind::ALL[place];
            if let Ok(document) = Document::parse(kind, &number) {
                prop_assert_eq!(Document::parse(kind, document.number()).unwrap(), document);
            }
        }
    }
}
