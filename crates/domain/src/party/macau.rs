//! Rules of Macau: the Social Welfare Bureau (IAS).

use crate::calendar::CalendarId;
use crate::erasure::RetentionRules;
use crate::identity::DocumentKind;
use crate::item::{Granularity, Item};
use crate::money::Currency;
use crate::party::{ConsentRules, Rules};
use crate::purpose::Language;

pub(super) const RULES: Rules = Rules {
    party: "macau",
    // domain.md §2.4, names seen on the bureau's own pages (S3).
    titles: ["澳门社会工作局", "社會工作局", "Instituto de Acção Social", "Social Welfare Bureau"],
    // domain.md §4 and §0-7: one resident can hold several of these, and a child under five may hold no BIR (S24).
    // Mainland residents come with their card or with the permit they crossed the border on.
    documents: &[
        DocumentKind::MainlandId,
        DocumentKind::ResidencePermit,
        DocumentKind::MacauBir,
        DocumentKind::HomeReturnPermit,
        DocumentKind::HomeReturnPermitNonChinese,
        DocumentKind::TravelPermitToHkMacau,
        DocumentKind::BirthRegistration,
    ],
    // domain.md §4, Money: amounts of Macau sources are in avos.
    currency: Currency::Mop,
    // domain.md §6.3, S34: the bureau is public service.
    calendar: CalendarId::Macau,
    // domain.md row 002-35; §2: Macau has its own Chinese usage, and its law's terms are in Portuguese as well.
    languages: &[Language::ZhHant, Language::Pt, Language::ZhHans],
    // domain.md §3.2, column "Default answer form", Macau sources (from general knowledge where the table says so).
    // No rel.support: the table knows no Macau source for supporters' capacity.
    disclosable: &[
        (Item::IdExists, Granularity::Threshold), // match / partial / no match; never the right value
        (Item::IdAlive, Granularity::Threshold),  // yes / no / unknown: the proof of life 在生證明
        (Item::HouseholdMembers, Granularity::Band), // yes / no, count; the household here is the 家團
        (Item::MaritalStatus, Granularity::Threshold), // yes / no
        (Item::IncomeWage, Granularity::Band),    // meets / not, band
        (Item::IncomeBusiness, Granularity::Threshold), // yes / no / none found
        (Item::IncomePension, Granularity::Band), // yes / no, band
        (Item::IncomeAssistance, Granularity::Band), // yes / no and the class of programme, no amount
        // "Never balances by default"; banks here keep secrecy unless the holder consents, so only a letter that names
        // the exact value opens it (§0-5, §3.3).
        (Item::AssetDeposit, Granularity::Exact),
        (Item::AssetSecurities, Granularity::Threshold),  // meets / not
        (Item::AssetInsurance, Granularity::Threshold),   // yes / no
        (Item::AssetProperty, Granularity::Band),         // 0 / 1 / 2+
        (Item::AssetVehicle, Granularity::Band),          // 0 / 1 / 2+
        (Item::PublicHousing, Granularity::Threshold),    // yes / no
        (Item::ExpenseMedical, Granularity::Threshold),   // meets / not; health data
        (Item::ExpenseEducation, Granularity::Threshold), // yes / no
        (Item::ExpenseHousing, Granularity::Threshold),   // a flag only: auxiliary, never decisive
        (Item::LivingVisit, Granularity::Band),           // findings cross, the narrative stays at home
        (Item::LivingResidence, Granularity::Threshold),  // meets / not: months of residence (S18)
    ],
    // Minority to 18 under parental authority 親權 (domain.md §7 S7, from general knowledge; whether a minor's own
    // agreement counts is (A): not asked for). Sensitive: Law 8/2005 names health; which item that is, is (A).
    consent: ConsentRules {
        majority: 18,
        // (A): a letter signed for a minor names the birth date, so who has none signed alone.
        unknown_age_is_minor: false,
        own_agreement_from: None,
        child_below: None,
        sensitive: &[Item::ExpenseMedical],
        both_parents: &[Item::ExpenseMedical],
    },
    // Law 8/2005 art. 5(1)(5): no longer than needed, and no figure. What one side must keep for three years the other
    // must be able to answer for, so the floors are the mainland's (A).
    retention: RetentionRules { records_years: 3, evidence_years: 4 },
};
