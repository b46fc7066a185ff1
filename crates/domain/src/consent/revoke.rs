//! `RevokeConsent`: the person withdraws a consent, at whichever party of it they turn to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::{ConsentClaims, ConsentFacts, ConsentRevoked, RevocationForm, SignedBy};
use crate::event::Event;
use crate::id::ConsentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::view::{Rows, Sides, ViewError};

/// Records that a consent was withdrawn by one of those who signed it, or by a person it covers. A withdrawal is never
/// turned away for its form or because the consent has ended; only the date can be wrong, or who it is that withdraws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeConsent {
    /// The consent.
    pub consent: ConsentId,
    /// How it was withdrawn.
    pub form: RevocationForm,
    /// When the person withdrew it; not in the future.
    pub effective_at: Instant,
    /// About whom: positions in the list of subjects, from 0. Empty: everybody the person signed for.
    pub subjects: BTreeSet<u8>,
    /// Who withdraws; needed where more than one person signed for those it is about.
    pub by: Option<SignedBy>,
}

impl Decide for RevokeConsent {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer, Role::Liaison];
    type State = Sides<ConsentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.consent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let me = context.me;
        let own = state.of(me);
        let granted = state.granted().map(|granted| &granted.claims);
        let recorded = own.and_then(ConsentFacts::letter);
        let Some(claims) = granted.or(recorded) else { return Err(Refusal::new(RefusalCode::NotFound)) };
        if !claims.parties().contains(&me) {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        if self.subjects.iter().any(|position| usize::from(*position) >= claims.subjects.len()) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["subjects"]));
        }
        let by = self.withdraws(claims)?;
        let subjects = self.about(claims, by)?;
        if own.is_some_and(|facts| is_said(facts, &subjects, by) || facts.discarded.is_some()) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if self.effective_at > context.now {
            return Err(Refusal::new(RefusalCode::BadDate));
        }
        // The others have heard nothing of a consent that was not countersigned.
        let mut others = if granted.is_some() { claims.parties() } else { BTreeSet::new() };
        others.remove(&me);
        let (consent, form, effective_at) = (self.consent, self.form, self.effective_at);
        Ok(ConsentRevoked { consent, others, form, effective_at, subjects, by }.into())
    }
}

impl RevokeConsent {
    /// Who withdraws: as said, or the only person whose signature it can be.
    fn withdraws(&self, claims: &ConsentClaims) -> Result<SignedBy, Refusal> {
        if let Some(by) = self.by {
            return Ok(by);
        }
        let about = |subject: u8| self.subjects.is_empty() || self.subjects.contains(&subject);
        let hands: BTreeSet<SignedBy> =
            claims.signers.iter().filter(|signer| about(signer.subject)).map(|signer| signer.by).collect();
        match hands.first() {
            Some(only) if hands.len() == 1 => Ok(*only),
            Some(_) | None => Err(Refusal::new(RefusalCode::BadList).offending(["by"])),
        }
    }

    /// About whom a person's withdrawal is; empty when that is everybody the letter covers. Nobody withdraws for whom they
    /// did not sign, but everybody for themselves.
    fn about(&self, claims: &ConsentClaims, by: SignedBy) -> Result<BTreeSet<u8>, Refusal> {
        let signed = claims.signers.iter().filter(|signer| signer.by == by).map(|signer| signer.subject);
        let own = match by {
            SignedBy::Subject(position) => Some(position),
            SignedBy::Other(_) => None,
        };
        let may: BTreeSet<u8> =
            signed.chain(own).filter(|position| usize::from(*position) < claims.subjects.len()).collect();
        if may.is_empty() || !self.subjects.is_subset(&may) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["by"]));
        }
        let about = if self.subjects.is_empty() { may } else { self.subjects.clone() };
        Ok(if about.len() == claims.subjects.len() { BTreeSet::new() } else { about })
    }
}

/// Whether this party has said it all before, of the same person.
fn is_said(facts: &ConsentFacts, subjects: &BTreeSet<u8>, by: SignedBy) -> bool {
    let same = facts.revoked_for.iter().filter(|(revoked, _)| revoked.by == by);
    let said: BTreeSet<u8> = same.flat_map(|(revoked, _)| revoked.subjects.clone()).collect();
    facts.revoked.is_some() || (!subjects.is_empty() && subjects.is_subset(&said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::ConsentRecorded;
    use crate::testing::{claims, given, given_nothing, granted, party};
    use crate::time::MINUTE_US;

    fn revoke(effective_at: Instant) -> RevokeConsent {
        let subjects = BTreeSet::new();
        RevokeConsent { consent: claims().id, form: RevocationForm::Letter, effective_at, subjects, by: None }
    }

    fn revoked(others: &[&str], effective_at: Instant) -> ConsentRevoked {
        let others = others.iter().map(|other| party(other)).collect();
        let (form, subjects, by) = (RevocationForm::Letter, BTreeSet::new(), SignedBy::Subject(0));
        ConsentRevoked { consent: claims().id, others, form, effective_at, subjects, by }
    }

    #[test]
    fn each_party_of_the_consent_revokes_and_tells_the_others() {
        let mut claims = claims();
        claims.requester.party = party("hengqin"); // issuer zhuhai, holder macau
        for (who, others) in [
            ("cw.zhuhai", ["hengqin", "macau"]),
            ("rv.macau", ["hengqin", "zhuhai"]),
            ("lo.hengqin", ["macau", "zhuhai"]),
        ] {
            let scene = granted(claims.clone());
            let now = scene.now;
            scene.when(who, revoke(now)).then(revoked(&others, now));
        }
    }

    #[test]
    fn a_record_that_was_not_countersigned_is_revoked_silently() {
        let scene = given([("cw.zhuhai", ConsentRecorded { claims: claims() })]);
        let now = scene.now;
        scene.when("cw.zhuhai", revoke(now)).then(revoked(&[], now));
    }

    #[test]
    fn an_ended_consent_may_be_revoked_still() {
        let over = claims().not_after;
        granted(claims()).at(over).when("cw.macau", revoke(over)).then_done();
    }

    #[test]
    fn an_unknown_consent_is_not_found() {
        let scene = given_nothing();
        let now = scene.now;
        scene.when("cw.zhuhai", revoke(now)).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn a_party_outside_the_consent_does_not_revoke() {
        let scene = granted(claims());
        let now = scene.now;
        scene.when("cw.hengqin", revoke(now)).then_refused(RefusalCode::NotYours);
    }

    #[test]
    fn a_party_revokes_once() {
        let scene = granted(claims());
        let now = scene.now;
        let scene = scene.when("cw.zhuhai", revoke(now)).then_done();
        scene.clone().when("rv.zhuhai", revoke(now)).then_refused(RefusalCode::WrongState);
        scene.when("cw.macau", revoke(now)).then_done(); // the person may go to both
    }

    #[test]
    fn nobody_revokes_from_tomorrow() {
        let scene = granted(claims());
        let now = scene.now;
        scene.clone().when("cw.zhuhai", revoke(now.plus_us(1))).then_refused(RefusalCode::BadDate);
        scene.when("cw.zhuhai", revoke(now.plus_us(-MINUTE_US))).then_done();
    }

    #[test]
    fn a_duty_officer_does_not_revoke() {
        let scene = granted(claims());
        let now = scene.now;
        scene.when("ho.zhuhai", revoke(now)).then_refused(RefusalCode::RoleNotAllowed);
    }
}
