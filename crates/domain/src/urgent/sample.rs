//! An urgent notice for tests: Hengqin to Macau and Zhuhai (`domain.md` §7, S2). The person is made up.

use std::collections::BTreeSet;

use crate::id::{PartyId, UrgentId};
use crate::identity::{Document, DocumentKind, Subject};
use crate::testing::{Scene, given, name, party};
use crate::text::Note;
use crate::urgent::{
    ActionReported, Emergency, JustificationFiled, JustificationReviewed, RaiseUrgent, UrgentAcked, UrgentClosed,
    UrgentDelivered, UrgentRaised, UrgentTakenOver,
};

pub(crate) const URGENT: UrgentId = UrgentId(uuid::Uuid::from_u128(0x2));

pub(crate) fn note() -> Note {
    "as agreed by telephone".parse().unwrap()
}

pub(crate) fn parties(names: &[&str]) -> BTreeSet<PartyId> {
    names.iter().copied().map(party).collect()
}

fn to() -> BTreeSet<PartyId> {
    parties(&["macau", "zhuhai"])
}

pub(crate) fn emergency() -> Emergency {
    let document = Document::parse(DocumentKind::MacauBir, "9000003(0)").unwrap();
    let birth_date = Some("1950-06-01".parse().unwrap());
    Emergency {
        subject: Some(Subject { document, name: name("梁虛擬"), birth_date }),
        place: "小横琴".parse().unwrap(),
        what: "collapsed at home, lives alone".parse().unwrap(),
        need: "find the family; medication unknown".parse().unwrap(),
        call_back: "duty desk".parse().unwrap(),
    }
}

pub(crate) fn raise() -> RaiseUrgent {
    let UrgentRaised { urgent, to, emergency, vital_interest, happened_at } = raised();
    RaiseUrgent { urgent, to, emergency, vital_interest, happened_at }
}

pub(crate) fn raised() -> UrgentRaised {
    UrgentRaised { urgent: URGENT, to: to(), emergency: emergency(), vital_interest: note(), happened_at: None }
}

pub(crate) fn delivered() -> UrgentDelivered {
    UrgentDelivered { urgent: URGENT, from: party("hengqin") }
}

pub(crate) fn acked(others: &[&str]) -> UrgentAcked {
    UrgentAcked { urgent: URGENT, others: parties(others) }
}

pub(crate) fn taken_over(others: &[&str]) -> UrgentTakenOver {
    UrgentTakenOver { urgent: URGENT, others: parties(others) }
}

pub(crate) fn reported(others: &[&str]) -> ActionReported {
    ActionReported { urgent: URGENT, others: parties(others), family_contacted: true, action: note() }
}

pub(crate) fn closed() -> UrgentClosed {
    UrgentClosed { urgent: URGENT, to: to(), outcome: note() }
}

pub(crate) fn justified() -> JustificationFiled {
    JustificationFiled { urgent: URGENT, to: to(), text: note() }
}

pub(crate) fn reviewed(accepted: bool) -> JustificationReviewed {
    JustificationReviewed { urgent: URGENT, to: to(), accepted, note: note() }
}

/// Raised, not yet arrived.
pub(crate) fn given_raised() -> Scene {
    given([("ho.hengqin", raised())])
}

/// Acknowledged by Macau.
pub(crate) fn given_acked() -> Scene {
    given_raised().and("node.macau", delivered()).and("ho.macau", acked(&["hengqin", "zhuhai"]))
}

/// Closed.
pub(crate) fn given_closed() -> Scene {
    given_acked().and("ho.hengqin", closed())
}
