//! `RecordKeyStatement`: the service writes down what the party's root key says of its signing keys.
//!
//! Whether the root signed it, and whether it fits the place where it would stand, is checked before it is commanded:
//! here no signature can be verified. What is kept here is that the log says each thing once, and of the own keys only.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::keys::{KeyFacts, SignedStatement};
use crate::officer::Role;
use crate::party;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Records a statement of the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordKeyStatement {
    /// What the root says, with its signature.
    pub signed: SignedStatement,
}

impl Decide for RecordKeyStatement {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<KeyFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&())
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if self.signed.statement.party != context.me {
            return Err(Refusal::new(RefusalCode::NotYours).offending(["party"]));
        }
        if state.of(context.me).is_some_and(|facts| facts.said.contains_key(&self.signed.statement.serial)) {
            return Err(Refusal::new(RefusalCode::AlreadyExists).offending(["serial"]));
        }
        Ok((self.signed.clone(), party::others(context.me)).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventKind;
    use crate::keys::{KeyStatement, KeyWord};
    use crate::testing::{given_nothing, party};

    fn record(name: &str, serial: u32) -> RecordKeyStatement {
        let statement = KeyStatement { party: party(name), serial, word: KeyWord::Retired { key: [7; 8] } };
        RecordKeyStatement { signed: SignedStatement { statement, signature: [[1; 32]; 2] } }
    }

    #[test]
    fn a_statement_is_said_once_and_to_all() {
        let scene = given_nothing().when("node.zhuhai", record("zhuhai", 2));
        let event = scene.result.clone().unwrap();
        assert_eq!(event.kind(), EventKind::KeyRetired);
        assert_eq!(event.readers(), [party("hengqin"), party("macau")].into());
        let scene = scene.then_done();
        scene.clone().when("node.zhuhai", record("zhuhai", 2)).then_refused(RefusalCode::AlreadyExists);
        scene.when("node.zhuhai", record("zhuhai", 3)).then_done();
    }

    #[test]
    fn of_the_own_keys_and_by_the_service_only() {
        given_nothing().when("node.macau", record("zhuhai", 2)).then_refused(RefusalCode::NotYours);
        given_nothing().when("sa.zhuhai", record("zhuhai", 2)).then_refused(RefusalCode::RoleNotAllowed);
    }
}
