//! Rules of macau.

use crate::identity::DocumentKind;
use crate::item::{Granularity, Item};
use crate::money::Currency;
use crate::party::Rules;
use crate::purpose::Language;

pub(super) const RULES: Rules = Rules {
    party: "macau",
    titles: ["", "", "", ""],
    documents: &[DocumentKind::MainlandId, DocumentKind::MacauBir],
    currency: Currency::Mop,
    languages: &[Language::ZhHans, Language::ZhHant, Language::Pt],
    disclosable: &[(Item::AssetDeposit, Granularity::Threshold)],
};
