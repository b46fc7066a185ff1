//! Events of the tests.

use crate::agreement::{Agreement, AgreementProposed, AgreementSigned, AgreementTerms, Allowed, DEFAULTS};
use crate::id::AgreementId;
use crate::item::{Granularity, Item};
use crate::purpose::Purpose;
use crate::testing::{NOON, party};
use crate::time::DAY_US;

pub(crate) fn id(number: u128) -> AgreementId {
    AgreementId(uuid::Uuid::from_u128(number))
}

/// Terms of all three parties from the next day on: deposits by threshold, property by band, for applications.
pub(crate) fn terms() -> AgreementTerms {
    let items = [(Item::AssetDeposit, Granularity::Threshold), (Item::AssetProperty, Granularity::Band)];
    let allowed = Allowed { items: items.into(), purposes: [Purpose::DibaoApplication].into() };
    let parties = ["zhuhai", "macau", "hengqin"].map(party);
    AgreementTerms {
        between: parties.into(),
        effective_from: NOON.plus_us(DAY_US),
        text_digest: [5; 32],
        articles: vec!["目的".parse().unwrap(), "信息通报".parse().unwrap()],
        figures: Agreement { version: "2026-1".parse().unwrap(), urgent_ack_minutes: 20, ..DEFAULTS },
        allowed: parties.map(|party| (party, allowed.clone())).into(),
    }
}

/// Proposed by Zhuhai.
pub(crate) fn proposed(number: u128) -> AgreementProposed {
    AgreementProposed { agreement: id(number), by: party("zhuhai"), terms: terms() }
}

/// Signed by one of the others.
pub(crate) fn signed(number: u128) -> AgreementSigned {
    let others = ["zhuhai", "hengqin"].map(party).into();
    AgreementSigned { agreement: id(number), text_digest: [5; 32], others }
}
