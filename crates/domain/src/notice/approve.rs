//! `ApproveBatch`: a second person approves a batch. What may not be named is withheld here, not by whoever sends.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{BatchId, LineNo};
use crate::notice::basis::Consents;
use crate::notice::guards::{own, prepared_entries};
use crate::notice::{BatchApproved, BatchFacts};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Approves a batch as a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveBatch {
    /// The batch.
    pub batch: BatchId,
}

impl Decide for ApproveBatch {
    const ROLES: &'static [Role] = &[Role::Reviewer];
    type State = (Sides<BatchFacts>, Consents);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let sides = rows.sides(&self.batch)?;
        let consents = Consents::load(rows, prepared_entries(&sides))?;
        Ok((sides, consents))
    }

    fn decide(&self, (state, consents): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let own = own(state, context.me)?;
        if own.facts.approved.is_some() || own.facts.is_past_draft() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        // An officer may hold both roles; the four eyes must still be of two persons.
        if context.actor.officer == own.said.by {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        let numbered = (1..=LineNo::MAX).zip(&own.prepared.entries);
        let withhold = |entry| consents.withhold(entry, own.prepared.to, context);
        let withheld = numbered.filter_map(|(no, entry)| Some((no, withhold(entry)?))).collect();
        Ok(BatchApproved { batch: self.batch, withheld }.into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::consent::{ConsentClaims, ConsentRevoked, RevocationForm, SignedBy};
    use crate::notice::sample::{BATCH, approved, entry, given_prepared, given_sent, prepared};
    use crate::notice::{BatchPrepared, NoticeEntry, SendBatch, WithheldReason};
    use crate::purpose::{LegalBasis, Purpose};
    use crate::testing::{Scene, claims, document, given, given_nothing, granted};
    use crate::time::DAY_US;

    fn routine_consent() -> ConsentClaims {
        ConsentClaims { purpose: Purpose::RoutineNotice, ..claims() }
    }

    /// A batch about the person of the sample consent, who is person 1, and about person 3, both on the consent.
    fn on_consent(scene: Scene) -> Scene {
        let basis = Some(LegalBasis::Consent(claims().id));
        let named = |n| NoticeEntry { basis: basis.clone(), ..entry(n) };
        assert_eq!(named(1).subject.document, document());
        scene.and("cw.macau", BatchPrepared { entries: vec![named(1), named(3)], ..prepared() })
    }

    fn withheld(scene: Scene) -> Vec<(u16, WithheldReason)> {
        let Ok(Event::BatchApproved(approved)) = scene.when("rv.macau", APPROVE).result else { panic!() };
        approved.withheld.into_iter().collect()
    }

    #[test]
    fn a_consent_must_be_in_force_for_this_and_about_the_person() {
        let scene = granted(routine_consent());
        assert_eq!(withheld(on_consent(scene.clone())), [(2, WithheldReason::ConsentOfAnother)]);
        let both = |reason| vec![(1, reason), (2, reason)];
        assert_eq!(withheld(on_consent(given_nothing())), both(WithheldReason::ConsentNotInForce));
        let late = on_consent(scene.clone());
        let end = routine_consent().not_after;
        assert_eq!(withheld(late.clone().at(end)), both(WithheldReason::ConsentNotInForce));
        assert_eq!(withheld(late.at(end.plus_us(-1))), [(2, WithheldReason::ConsentOfAnother)]);
        let begun = routine_consent().not_before;
        assert_eq!(withheld(on_consent(scene).at(begun.plus_us(-DAY_US))), both(WithheldReason::ConsentNotInForce));
        let reasons = [(1, WithheldReason::ConsentForOther), (2, WithheldReason::ConsentOfAnother)];
        assert_eq!(withheld(on_consent(granted(claims()))), reasons, "for an application for dibao");
        let elsewhere = ConsentClaims { issuer: crate::testing::party("macau"), ..routine_consent() };
        let unit = elsewhere.requester.unit.clone();
        let requester = crate::consent::OrgUnit { party: crate::testing::party("hengqin"), unit };
        assert_eq!(withheld(on_consent(granted(ConsentClaims { requester, ..elsewhere }))), reasons, "not to Zhuhai");
    }

    #[test]
    fn what_is_revoked_after_the_approval_does_not_go_out() {
        let scene = on_consent(granted(routine_consent())).when("rv.macau", APPROVE).then_done();
        let sent = |scene: Scene| {
            let Ok(Event::BatchSent(sent)) = scene.when("lo.macau", SendBatch { batch: BATCH }).result else {
                panic!()
            };
            (sent.entries.len(), sent.withheld)
        };
        assert_eq!(sent(scene.clone()), (1, 1));
        let form = RevocationForm::Letter;
        let effective_at = scene.now;
        let others = [crate::testing::party("macau")].into();
        let revoked = ConsentRevoked {
            consent: claims().id,
            others,
            form,
            effective_at,
            subjects: [].into(),
            by: SignedBy::Subject(0),
        };
        assert_eq!(sent(scene.and("cw.zhuhai", revoked)), (0, 2));
    }

    const APPROVE: ApproveBatch = ApproveBatch { batch: BATCH };

    #[test]
    fn a_second_person_approves_and_the_entry_without_basis_is_withheld() {
        let scene = given_prepared().when("rv.macau", APPROVE).then(approved());
        scene.when("rv2.macau", APPROVE).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn nothing_is_withheld_when_everything_has_a_basis() {
        let batch = BatchPrepared { entries: vec![entry(1)], ..prepared() };
        let scene = given([("cw.macau", batch)]);
        scene.when("rv.macau", APPROVE).then(BatchApproved { batch: BATCH, withheld: BTreeMap::new() });
    }

    #[test]
    fn not_by_the_person_who_prepared() {
        // Prepared in another role by the officer who now acts as reviewer.
        given([("rv.macau", prepared())]).when("rv.macau", APPROVE).then_refused(RefusalCode::SamePerson);
    }

    #[test]
    fn not_by_a_caseworker() {
        given_prepared().when("cw2.macau", APPROVE).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn not_by_the_addressee_or_of_nothing() {
        given_sent().when("rv.zhuhai", APPROVE).then_refused(RefusalCode::NotYours);
        given_nothing().when("rv.macau", APPROVE).then_refused(RefusalCode::NotFound);
    }
}
