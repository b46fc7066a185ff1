//! A sample conference: Zhuhai puts an urgent case before Macau. The person is made up.

use std::collections::BTreeSet;

use crate::case::CaseRef;
use crate::conference::{
    Basis, CaseConcluded, CaseNominated, FollowUpAssigned, NominateCase, OpinionSubmitted, ParticipantsNamed,
};
use crate::id::{ConferenceId, LineNo, OfficerId, PartyId, UrgentId};
use crate::testing::{Scene, claims, given, granted, party};
use crate::text::Note;

pub(crate) const CONFERENCE: ConferenceId = ConferenceId(uuid::Uuid::from_u128(0xCF));

pub(crate) fn note() -> Note {
    "continue the visits, review in a month".parse().unwrap()
}

pub(crate) fn officers(names: &[&str]) -> BTreeSet<OfficerId> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn other(me: &str) -> BTreeSet<PartyId> {
    [party(if me == "zhuhai" { "macau" } else { "zhuhai" })].into()
}

/// On vital interest; who nominates it is `cw.zhuhai`.
pub(crate) fn nominate() -> NominateCase {
    NominateCase {
        conference: CONFERENCE,
        to: [party("macau")].into(),
        case: CaseRef::Urgent(UrgentId(uuid::Uuid::from_u128(0x2))),
        summary: "76, alone, three collapses in a month".parse().unwrap(),
        basis: Basis::VitalInterest("found unconscious three times".parse().unwrap()),
        need_to_know: officers(&["rv.zhuhai"]),
    }
}

/// The same on the sample consent.
pub(crate) fn on_consent() -> NominateCase {
    NominateCase { basis: Basis::Consent(claims().id), ..nominate() }
}

pub(crate) fn nominated() -> CaseNominated {
    let NominateCase { conference, to, case, summary, basis, .. } = nominate();
    CaseNominated { conference, to, case, summary, basis, need_to_know: officers(&["cw.zhuhai", "rv.zhuhai"]) }
}

pub(crate) fn named() -> ParticipantsNamed {
    let officers = officers(&["cw.macau", "sw.macau"]);
    ParticipantsNamed { conference: CONFERENCE, others: other("macau"), officers }
}

pub(crate) fn opinion(from: &str) -> OpinionSubmitted {
    OpinionSubmitted { conference: CONFERENCE, others: other(from), opinion: note() }
}

pub(crate) fn concluded() -> CaseConcluded {
    let (decision, follow_up) = (note(), note());
    CaseConcluded { conference: CONFERENCE, others: other("zhuhai"), decision, owner: party("macau"), follow_up }
}

pub(crate) fn assigned(no: LineNo) -> FollowUpAssigned {
    FollowUpAssigned {
        conference: CONFERENCE,
        others: other("zhuhai"),
        no,
        what: "a visit every week".parse().unwrap(),
        owner: party("macau"),
        due: Some("2026-07-31".parse().unwrap()),
    }
}

pub(crate) fn given_nominated() -> Scene {
    given([("cw.zhuhai", nominated())])
}

pub(crate) fn given_named() -> Scene {
    given_nominated().and("lo.macau", named())
}

pub(crate) fn given_named_on_consent() -> Scene {
    let nomination = CaseNominated { basis: on_consent().basis, ..nominated() };
    granted(claims()).and("cw.zhuhai", nomination).and("lo.macau", named())
}

pub(crate) fn given_concluded() -> Scene {
    given_named().and("cw.macau", opinion("macau")).and("rv.zhuhai", concluded())
}
