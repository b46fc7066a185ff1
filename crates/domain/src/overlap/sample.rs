//! A run between Zhuhai and Macau, for tests.

use crate::id::{CandidateId, MatchRunId};
use crate::overlap::{
    CandidateFound, MatchBasis, MatchMethod, MatchReviewTaken, MatchRunAuthorised, MatchRunBegun, MatchRunExecuted,
    MatchRunProposed, OverlapConfirmed, OwnRecord, ProposeMatchRun,
};
use crate::testing::{Scene, document, given, party};
use crate::text::Note;

pub(super) const RUN: MatchRunId = MatchRunId(uuid::Uuid::from_u128(0x3A));

pub(super) fn note() -> Note {
    "as agreed".parse().unwrap()
}

pub(super) fn candidate(no: u16) -> CandidateId {
    CandidateId { run: RUN, no }
}

pub(super) fn proposed() -> MatchRunProposed {
    MatchRunProposed {
        run: RUN,
        with: party("macau"),
        purpose: "benefit integrity, clause 9".parse().unwrap(),
        basis: MatchBasis {
            agreement_clause: "clause 9".parse().unwrap(),
            interconnection_authorisation: "MO-TEST-1".parse().unwrap(),
            mainland_assessment: "CN-TEST-1".parse().unwrap(),
        },
        period: "2026-06".to_owned().try_into().unwrap(),
        method: MatchMethod::Voprf1,
        elements_max: 1000,
    }
}

pub(super) fn propose() -> ProposeMatchRun {
    let MatchRunProposed { run, with, purpose, basis, period, method, elements_max } = proposed();
    ProposeMatchRun { run, with, purpose, basis, period, method, elements_max }
}

/// What `dp.macau` says, or `dp.zhuhai`.
pub(super) fn authorised(who: &str) -> MatchRunAuthorised {
    let other = if who.ends_with("macau") { "zhuhai" } else { "macau" };
    MatchRunAuthorised { run: RUN, proposer: party("zhuhai"), other: party(other) }
}

pub(super) fn begun(name: &str) -> MatchRunBegun {
    MatchRunBegun { run: RUN, other: authorised(name).other, elements: 9, persons: 7 }
}

pub(super) fn record() -> OwnRecord {
    OwnRecord { reference: "R1".parse().unwrap(), document: document(), programme: "低保".parse().unwrap() }
}

pub(super) fn found(no: u16) -> CandidateFound {
    CandidateFound { candidate: candidate(no), record: record() }
}

pub(super) fn executed(name: &str) -> MatchRunExecuted {
    MatchRunExecuted {
        run: RUN,
        other: authorised(name).other,
        method: MatchMethod::Voprf1,
        own_elements: 9,
        peer_elements: 5,
        overlap: 2,
    }
}

pub(super) fn given_proposed() -> Scene {
    given([("lo.zhuhai", proposed())])
}

pub(super) fn given_authorised() -> Scene {
    given_proposed().and("dp.zhuhai", authorised("dp.zhuhai")).and("dp.macau", authorised("dp.macau"))
}

/// Macau's service has begun.
pub(super) fn given_begun() -> Scene {
    given_authorised().and("node.macau", begun("macau"))
}

/// Macau's side is complete, with two candidates; `rv.macau` has taken them.
pub(super) fn given_executed() -> Scene {
    let scene = given_begun().and("node.macau", found(1)).and("node.macau", found(2));
    let taken = MatchReviewTaken { run: RUN, reason: note() };
    scene.and("node.macau", executed("macau")).and("rv.macau", taken)
}

/// The first candidate is confirmed.
pub(super) fn given_confirmed() -> Scene {
    given_executed().and("rv.macau", OverlapConfirmed { candidate: candidate(1) })
}
