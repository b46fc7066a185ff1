//! Guards that several decisions on a conference share: who needs to know, and what the conference rests on.

use std::collections::BTreeSet;

use crate::command::Context;
use crate::conference::events::Basis;
use crate::conference::facts::{Conference, ConferenceFacts};
use crate::consent::{ConsentFacts, check_standing};
use crate::id::{ConferenceId, PartyId};
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::view::{Rows, Sides, ViewError};

/// What the parties said about a conference, and about the consent it rests on.
#[derive(Clone, Debug, Default)]
pub struct ConferenceState {
    pub(super) sides: Sides<ConferenceFacts>,
    consent: Sides<ConsentFacts>,
}

impl ConferenceState {
    /// Loads a conference, with the consent that it rests on; `basis` is that of a conference to come.
    pub(super) fn load(rows: &Rows<'_>, id: ConferenceId, basis: Option<&Basis>) -> Result<Self, ViewError> {
        let sides: Sides<ConferenceFacts> = rows.sides(&id)?;
        // Should two parties have used one id, each decision is on the one that concerns it: all consents are loaded by
        // the first that names one, and a consent that is not the one named is none (see `check_basis`).
        let named = sides.iter().filter_map(|(_, facts)| Some(&facts.nominated.as_ref()?.0.basis));
        let consent = basis.into_iter().chain(named).find_map(|basis| match basis {
            Basis::Consent(id) => Some(*id),
            Basis::VitalInterest(_) => None,
        });
        let consent = consent.map_or_else(|| Ok(Sides::default()), |id| rows.sides(&id))?;
        Ok(Self { sides, consent })
    }

    /// The conference, if it concerns this party and its officer needs to know. To everybody else there is none.
    pub(super) fn open_to(&self, context: &Context<'_>) -> Result<Conference<'_>, Refusal> {
        let found = self.sides.conference(context.me);
        let found = found.filter(|conference| conference.is_open_to(context.me, &context.actor.officer));
        let conference = found.ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        self.check_basis(&conference.nomination.basis, &conference.parties(), context.now)?;
        Ok(conference)
    }

    /// Checks that what a conference rests on bears it now, for these parties.
    pub(super) fn check_basis(&self, basis: &Basis, parties: &BTreeSet<PartyId>, now: Instant) -> Result<(), Refusal> {
        let Basis::Consent(id) = basis else { return Ok(()) };
        let granted = self.consent.granted().filter(|granted| granted.claims.id == *id);
        let granted = granted.ok_or_else(|| Refusal::new(RefusalCode::NoConsent))?;
        // Who was withdrawn from the letter is withdrawn from the conference: it must stand for all it covers.
        let mut covered = granted.claims.subjects.iter();
        covered.try_for_each(|subject| check_standing(&granted.claims, &self.consent, &subject.document, now))?;
        let covered = granted.claims.parties();
        let beyond: Vec<String> = parties.difference(&covered).map(PartyId::to_string).collect();
        if beyond.is_empty() { Ok(()) } else { Err(Refusal::new(RefusalCode::OverScope).offending(beyond)) }
    }
}

/// Refuses a list of officers that is empty or too long.
pub(super) fn check_officers(officers: usize) -> Result<(), Refusal> {
    let fine = (1..=super::PARTICIPANTS_MAX).contains(&officers);
    if fine { Ok(()) } else { Err(Refusal::new(RefusalCode::BadList).offending(["need_to_know"])) }
}
