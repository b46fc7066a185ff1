//! What the service does by itself about runs and candidates: it ends a run that hangs, and seals what was dismissed.

use crate::agenda::{Case, Duty, Outlook};
use crate::event::Event;
use crate::id::{CandidateId, MatchRunId};
use crate::overlap::{
    CandidateFacts, CandidateState, FailMatchRun, FailureReason, MatchRunFacts, RUN_DEADLINE_US, SEAL_AFTER_US,
    SealCandidate,
};
use crate::view::ViewError;

/// Returns the cases whose duties an event can change.
pub(crate) fn touched(event: &Event) -> Vec<Case> {
    if let Event::MatchRunBegun(e) = event {
        return vec![Case::MatchRun(e.run)];
    }
    if let Event::MatchRunExecuted(e) = event {
        return vec![Case::MatchRun(e.run)];
    }
    if let Event::MatchRunFailed(e) = event {
        return vec![Case::MatchRun(e.run)];
    }
    if let Event::OverlapDismissed(e) = event {
        return vec![Case::Candidate(e.candidate)];
    }
    if let Event::CandidateSealed(e) = event {
        return vec![Case::Candidate(e.candidate)];
    }
    Vec::new()
}

/// Returns every case there is.
pub(crate) fn every_case(outlook: &Outlook<'_>) -> Result<Vec<Case>, ViewError> {
    let runs = outlook.rows.all::<MatchRunFacts>()?.into_iter().map(|(id, _)| Case::MatchRun(id));
    let candidates = outlook.rows.all::<CandidateFacts>()?.into_iter().map(|(id, _)| Case::Candidate(id));
    Ok(runs.chain(candidates).collect())
}

/// Returns the next duty of a run: to end it when it hangs.
pub(crate) fn run_duty(outlook: &Outlook<'_>, run: MatchRunId) -> Result<Option<Duty>, ViewError> {
    let facts = outlook.rows.side::<MatchRunFacts>(&run, outlook.me)?.filter(MatchRunFacts::is_running);
    Ok(facts.and_then(|facts| facts.begun).map(|(_, said)| Duty {
        at: said.at.plus_us(RUN_DEADLINE_US),
        command: FailMatchRun { run, reason: FailureReason::Interrupted }.into(),
    }))
}

/// Returns the next duty of a candidate: to seal it when it was dismissed long enough ago.
pub(crate) fn candidate_duty(outlook: &Outlook<'_>, candidate: CandidateId) -> Result<Option<Duty>, ViewError> {
    let facts = outlook.rows.side::<CandidateFacts>(&candidate, outlook.me)?;
    let facts = facts.filter(|facts| facts.state() == Some(CandidateState::Dismissed));
    Ok(facts
        .and_then(|facts| facts.dismissed)
        .map(|(_, said)| Duty { at: said.at.plus_us(SEAL_AFTER_US), command: SealCandidate { candidate }.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::sample::{RUN, executed, given_authorised, given_begun};
    use crate::testing::{Scene, party};

    fn duty(scene: &Scene, name: &str) -> Option<Duty> {
        let me = party(name);
        let outlook = Outlook { me, rules: crate::party::rules_of(me).unwrap(), rows: scene.rows() };
        crate::agenda::next_duty(&outlook, Case::MatchRun(RUN)).unwrap()
    }

    #[test]
    fn a_run_that_hangs_is_ended_by_the_side_on_which_it_hangs() {
        let before = given_authorised();
        let at = before.now.plus_us(RUN_DEADLINE_US);
        assert_eq!(duty(&before, "macau"), None);
        let scene = given_begun();
        let fail = FailMatchRun { run: RUN, reason: FailureReason::Interrupted };
        assert_eq!(duty(&scene, "macau"), Some(Duty { at, command: fail.clone().into() }));
        assert_eq!(duty(&scene, "zhuhai"), None);
        assert_eq!(duty(&scene.clone().and("node.macau", executed("macau")), "macau"), None);
        let failed = scene.at(at).when("node.macau", fail).then_done();
        assert_eq!(duty(&failed, "macau"), None);
    }
}
