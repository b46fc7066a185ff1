//! `EscalateUrgent`: an addressee's service takes a notice that nobody acknowledges one step up.

use serde::{Deserialize, Serialize};

use crate::agreement::Agreement;
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{PartyId, UrgentId};
use crate::officer::Role;
use crate::party;
use crate::refusal::{Refusal, RefusalCode};
use crate::urgent::clocks::{escalation_at, figures_of};
use crate::urgent::events::EscalationStep;
use crate::urgent::guards::{received, refuse_unless};
use crate::urgent::{UrgentEscalated, UrgentFacts};
use crate::view::{Rows, Sides, ViewError};

/// Takes an urgent notice one step up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscalateUrgent {
    /// The notice.
    pub urgent: UrgentId,
    /// The step.
    pub step: EscalationStep,
}

/// By addressee, the figures it goes by with the sender.
pub(super) type Figures = Vec<(PartyId, Agreement)>;

/// Loads the figures of every party with the sender of the notice that concerns it.
pub(super) fn load_figures(rows: &Rows<'_>, sides: &Sides<UrgentFacts>) -> Result<Figures, ViewError> {
    let parties = party::ALL.iter().filter_map(|rules| rules.party.parse().ok());
    let cases = parties.filter_map(|party: PartyId| Some((party, sides.concerning(party)?)));
    cases.map(|(party, case)| Ok((party, figures_of(rows, &case, party)?))).collect()
}

/// Picks one party's figures.
pub(super) fn of(figures: &Figures, me: PartyId) -> Option<&Agreement> {
    figures.iter().find(|(party, _)| *party == me).map(|(_, figures)| figures)
}

impl Decide for EscalateUrgent {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = (Sides<UrgentFacts>, Figures);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let sides = rows.sides(&self.urgent)?;
        let figures = load_figures(rows, &sides)?;
        Ok((sides, figures))
    }

    fn decide(&self, (sides, figures): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let case = received(sides, context.me)?;
        let next = case.next_step(context.me);
        refuse_unless(next == Some(self.step), RefusalCode::WrongState)?;
        let at = of(figures, context.me).and_then(|figures| escalation_at(&case, context.me, self.step, figures));
        refuse_unless(at.is_some_and(|at| context.now >= at), RefusalCode::WrongState)?;
        Ok(UrgentEscalated { urgent: self.urgent, others: case.others(context.me), step: self.step }.into())
    }
}
