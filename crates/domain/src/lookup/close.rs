//! `CloseLookup`: what came back for a lookup, recorded before the officer sees it.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::LookupId;
use crate::lookup::{LookupClosed, LookupFacts, LookupOutcome};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Records what came back for a lookup asked here. The service commands it for the officer who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseLookup {
    /// The lookup.
    pub lookup: LookupId,
    /// What came of it.
    pub outcome: LookupOutcome,
}

impl Decide for CloseLookup {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer, Role::Liaison, Role::District, Role::Node];
    type State = Sides<LookupFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.lookup)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let Some(facts) = state.of(context.me).filter(|facts| facts.asked.is_some()) else {
            return Err(Refusal::new(RefusalCode::NotFound));
        };
        if facts.closed.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(LookupClosed { lookup: self.lookup, outcome: self.outcome.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Item;
    use crate::lookup::LookupAsked;
    use crate::testing::{Scene, claims, document, given, given_nothing, lookup, party, permitted, question};

    fn close() -> CloseLookup {
        CloseLookup { lookup: lookup(1), outcome: LookupOutcome::Unreachable }
    }

    fn asked() -> Scene {
        let asked = LookupAsked {
            lookup: lookup(1),
            holder: party("macau"),
            consent: claims().id,
            subject: document(),
            questions: vec![question(Item::AssetDeposit)],
            purpose: claims().purpose,
        };
        given([("cw.zhuhai", asked)])
    }

    #[test]
    fn an_asked_lookup_is_closed() {
        for who in ["cw.zhuhai", "rv.zhuhai", "lo.zhuhai", "do.zhuhai", "node.zhuhai"] {
            let closed = LookupClosed { lookup: lookup(1), outcome: LookupOutcome::Unreachable };
            asked().when(who, close()).then(closed);
        }
    }

    #[test]
    fn only_what_was_asked_here_is_closed() {
        given_nothing().when("cw.zhuhai", close()).then_refused(RefusalCode::NotFound);
        let scene = asked().and("node.macau", permitted(1, vec![question(Item::AssetDeposit)]));
        scene.when("node.macau", close()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn a_lookup_is_closed_once() {
        let scene = asked().when("cw.zhuhai", close()).then_done();
        scene.when("cw.zhuhai", close()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn an_administrator_closes_nothing() {
        asked().when("sa.zhuhai", close()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
