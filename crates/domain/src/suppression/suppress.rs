//! `SuppressDisclosure`: a data-protection officer keeps a case from a person suspected of harming who it is about.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::ConsentFacts;
use crate::event::Event;
use crate::id::PartyId;
use crate::identity::Document;
use crate::lookup::LookupFacts;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::suppression::{DisclosureSuppressed, SUPPRESSIONS_MAX, SuppressedCase, SuppressionFacts};
use crate::text::Note;
use crate::urgent::UrgentFacts;
use crate::verification::RequestFacts;
use crate::view::{Rows, Sides, ViewError};

/// Suppresses a case towards a person: a guardian who signed, or one who might come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressDisclosure {
    /// The case; one that is known here.
    pub case: SuppressedCase,
    /// Who is told nothing of it.
    pub towards: Document,
    /// Why; an auditor reads it.
    pub reason: Note,
}

/// What is said of a case's suppression, and the parties of the case; none when no such case is known here.
pub(super) type State = (Sides<SuppressionFacts>, Option<BTreeSet<PartyId>>);

pub(super) fn load(rows: &Rows<'_>, case: SuppressedCase) -> Result<State, ViewError> {
    Ok((rows.sides(&case)?, parties_of(rows, case)?))
}

impl Decide for SuppressDisclosure {
    const ROLES: &'static [Role] = &[Role::DataProtection];
    type State = State;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        load(rows, self.case)
    }

    fn decide(&self, (sides, parties): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let parties = parties.as_ref().ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        if let Some(own) = sides.of(context.me) {
            if own.towards(&self.towards.key()).is_some() {
                return Err(Refusal::new(RefusalCode::WrongState));
            }
            if own.all.len() >= SUPPRESSIONS_MAX {
                return Err(Refusal::new(RefusalCode::BadList).offending(["towards"]));
            }
        }
        let others = parties.iter().copied().filter(|party| *party != context.me).collect();
        let Self { case, towards, reason } = self.clone();
        Ok(DisclosureSuppressed { case, others, towards, reason }.into())
    }
}

/// The parties of a case, as far as they know of it: a letter that is not in force and a draft are known to nobody else.
fn parties_of(rows: &Rows<'_>, case: SuppressedCase) -> Result<Option<BTreeSet<PartyId>>, ViewError> {
    Ok(match case {
        SuppressedCase::Urgent(id) => {
            let sides: Sides<UrgentFacts> = rows.sides(&id)?;
            sides.raised().map(|(from, raised)| raised.to.iter().copied().chain([from]).collect())
        }
        SuppressedCase::Consent(id) => {
            let sides: Sides<ConsentFacts> = rows.sides(&id)?;
            let granted = sides.granted().map(|granted| granted.claims.parties());
            granted.or_else(|| sides.iter().next().map(|_| BTreeSet::new()))
        }
        SuppressedCase::Verification(id) => {
            let sides: Sides<RequestFacts> = rows.sides(&id)?;
            let submitted = sides.submitted().map(|(asker, request)| BTreeSet::from([asker, request.holder]));
            submitted.or_else(|| sides.iter().next().map(|_| BTreeSet::new()))
        }
        SuppressedCase::Lookup(id) => {
            let sides: Sides<LookupFacts> = rows.sides(&id)?;
            let parties = sides.iter().flat_map(|(party, facts)| {
                let asked = facts.asked.as_ref().map(|(asked, _)| asked.holder);
                let permitted = facts.permitted.as_ref().map(|(permitted, _)| permitted.requester.party);
                [Some(party), asked, permitted].into_iter().flatten()
            });
            Some(parties.collect::<BTreeSet<_>>()).filter(|parties| !parties.is_empty())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suppression::is_suppressed;
    use crate::testing::{Scene, claims, document, given, given_nothing, granted, party, stranger};
    use crate::urgent::sample::{URGENT, given_raised};

    fn suppress(case: SuppressedCase) -> SuppressDisclosure {
        SuppressDisclosure { case, towards: stranger(), reason: "suspected of harm".parse().unwrap() }
    }

    fn consent() -> SuppressedCase {
        SuppressedCase::Consent(claims().id)
    }

    fn kept_from(scene: &Scene, case: SuppressedCase, person: Option<&Document>) -> bool {
        is_suppressed(&scene.rows(), Some(case), &BTreeSet::new(), person.map(Document::key).as_ref()).unwrap()
    }

    #[test]
    fn a_case_is_kept_from_one_person_once_and_the_other_parties_are_told() {
        let scene = granted(claims());
        let case = consent();
        let event = DisclosureSuppressed {
            case,
            others: [party("macau")].into(),
            towards: stranger(),
            reason: "suspected of harm".parse().unwrap(),
        };
        assert!(!kept_from(&scene, case, None));
        let scene = scene.when("dp.zhuhai", suppress(case)).then(event.clone());
        assert_eq!(Event::from(event).readers(), [party("macau")].into());
        scene.clone().when("dp.zhuhai", suppress(case)).then_refused(RefusalCode::WrongState);
        assert!(kept_from(&scene, case, Some(&stranger())) && kept_from(&scene, case, None));
        assert!(!kept_from(&scene, case, Some(&document())));
        // What rests on the consent is kept with it.
        let key = stranger().key();
        assert!(is_suppressed(&scene.rows(), None, &[claims().id].into(), Some(&key)).unwrap());
        scene.when("dp.macau", suppress(case)).then_done(); // each party decides for its counters
    }

    #[test]
    fn an_urgent_notice_and_a_letter_that_is_not_in_force_can_be_kept_too() {
        let raised = given_raised().when("dp.hengqin", suppress(SuppressedCase::Urgent(URGENT)));
        let Event::DisclosureSuppressed(event) = raised.result.unwrap() else { panic!("another event") };
        assert_eq!(event.others, ["macau", "zhuhai"].map(party).into());
        let recorded = given([("cw.zhuhai", crate::consent::ConsentRecorded { claims: claims() })]);
        let Event::DisclosureSuppressed(event) = recorded.when("dp.zhuhai", suppress(consent())).result.unwrap() else {
            panic!("another event")
        };
        assert_eq!(event.others, [].into(), "nobody else knows of it");
    }

    #[test]
    fn only_a_data_protection_officer_and_only_what_is_known() {
        granted(claims()).when("cw.zhuhai", suppress(consent())).then_refused(RefusalCode::RoleNotAllowed);
        granted(claims()).when("au.zhuhai", suppress(consent())).then_refused(RefusalCode::RoleNotAllowed);
        given_nothing().when("dp.zhuhai", suppress(consent())).then_refused(RefusalCode::NotFound);
        given_nothing().when("dp.zhuhai", suppress(SuppressedCase::Urgent(URGENT))).then_refused(RefusalCode::NotFound);
        let lookup = SuppressedCase::Lookup(crate::testing::lookup(1));
        given_nothing().when("dp.zhuhai", suppress(lookup)).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn there_are_so_many_at_most() {
        let of =
            |n: usize| Document::parse(crate::identity::DocumentKind::MacauBir, &format!("90001{n:02}(0)")).unwrap();
        let one = |n| SuppressDisclosure { towards: of(n), ..suppress(consent()) };
        let full =
            (0..SUPPRESSIONS_MAX).fold(granted(claims()), |scene, n| scene.when("dp.zhuhai", one(n)).then_done());
        full.when("dp.zhuhai", one(SUPPRESSIONS_MAX)).then_refused(RefusalCode::BadList);
    }
}
