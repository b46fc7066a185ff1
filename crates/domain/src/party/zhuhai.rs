//! Rules of Zhuhai: the municipal civil affairs bureau, with the districts as its units.

use crate::calendar::CalendarId;
use crate::erasure::RetentionRules;
use crate::identity::DocumentKind;
use crate::item::{Granularity, Item};
use crate::money::Currency;
use crate::party::{ConsentRules, Rules};
use crate::purpose::Language;

pub(super) const RULES: Rules = Rules {
    party: "zhuhai",
    // domain.md §2.4: the lead unit of the plan. The Portuguese name is unconfirmed.
    titles: ["珠海市民政局", "珠海市民政局", "Direcção dos Assuntos Civis de Zhuhai", "Zhuhai Civil Affairs Bureau"],
    // domain.md §4 and §0-7: its own residents' cards and household papers; of Macau residents any of the documents
    // they may hold. Not the exit permit of mainland residents: it changes on every issue, and they have a card.
    documents: &[
        DocumentKind::MainlandId,
        DocumentKind::ResidencePermit,
        DocumentKind::MacauBir,
        DocumentKind::HomeReturnPermit,
        DocumentKind::HomeReturnPermitNonChinese,
        DocumentKind::BirthRegistration,
    ],
    // domain.md §4, Money: amounts of mainland sources are in fen.
    currency: Currency::Cny,
    // domain.md §6.3, S35: the State Council's notice holds for every region.
    calendar: CalendarId::Mainland,
    // domain.md row 002-35 (both sides' policies in three languages); §7 S3: a letter signed in Zhuhai in zh-Hant.
    languages: &[Language::ZhHans, Language::ZhHant, Language::Pt],
    // domain.md §3.2, column "Default answer form", mainland sources of S14.
    disclosable: &[
        (Item::IdExists, Granularity::Threshold), // match / partial / no match; never the right value
        (Item::IdAlive, Granularity::Threshold),  // yes / no / unknown
        (Item::HouseholdMembers, Granularity::Band), // yes / no, count
        (Item::MaritalStatus, Granularity::Threshold), // yes / no
        (Item::IncomeWage, Granularity::Band),    // meets / not, band
        (Item::IncomeBusiness, Granularity::Threshold), // yes / no / none found
        (Item::IncomePension, Granularity::Band), // yes / no, band
        (Item::IncomeAssistance, Granularity::Band), // yes / no and the class of programme, no amount
        // "Never balances by default", yet a consent may name the exact value (§0-5, §3.3): the party's limit is the
        // letter's, so a threshold letter still gets a threshold.
        (Item::AssetDeposit, Granularity::Exact),
        (Item::AssetSecurities, Granularity::Threshold),   // meets / not
        (Item::AssetInsurance, Granularity::Threshold),    // yes / no
        (Item::AssetProperty, Granularity::Band),          // 0 / 1 / 2+
        (Item::AssetVehicle, Granularity::Band),           // 0 / 1 / 2+
        (Item::PublicHousing, Granularity::Threshold),     // yes / no
        (Item::ExpenseMedical, Granularity::Threshold),    // meets / not; health data
        (Item::ExpenseEducation, Granularity::Threshold),  // yes / no
        (Item::ExpenseHousing, Granularity::Threshold),    // a flag only: auxiliary, never decisive
        (Item::LivingVisit, Granularity::Band),            // findings cross, the narrative stays at home
        (Item::LivingResidence, Granularity::Threshold),   // meets / not
        (Item::SupporterCapacity, Granularity::Threshold), // on the supporter's own consent
    ],
    // Majority and limited capacity from eight: Civil Code arts. 17, 19 (domain.md §7 S7: 8 to 18). Sensitive: PIPL
    // art. 28, health, financial accounts and everything about a person under 14; which items those are is (A). Both
    // parents for a child's health: domain.md §7 S7, (A) in detail.
    consent: ConsentRules {
        majority: 18,
        // (A): a letter signed for a minor names the birth date, so who has none signed alone.
        unknown_age_is_minor: false,
        own_agreement_from: Some(8),
        child_below: Some(14),
        sensitive: &[Item::AssetDeposit, Item::AssetSecurities, Item::ExpenseMedical],
        both_parents: &[Item::ExpenseMedical],
    },
    // PIPL art. 56: reports and processing records for at least three years; Network Data Security Regulations art. 12:
    // records of providing data to others too. A consent is kept as long as the records that rest on it are, from its
    // own day on (A): it lasts at most 12 months, and no act that ends one can be erased while it could still hold.
    retention: RetentionRules { records_years: 3, evidence_years: 4 },
};
