//! Rules of zhuhai.

use crate::identity::DocumentKind;
use crate::item::{Granularity, Item};
use crate::money::Currency;
use crate::party::Rules;
use crate::purpose::Language;

pub(super) const RULES: Rules = Rules {
    party: "zhuhai",
    titles: ["", "", "", ""],
    documents: &[DocumentKind::MainlandId, DocumentKind::MacauBir],
    currency: Currency::Cny,
    languages: &[Language::ZhHans, Language::ZhHant, Language::Pt],
    disclosable: &[(Item::AssetDeposit, Granularity::Threshold)],
};
