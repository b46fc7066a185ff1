//! `ConcludeTopic`: the party that tabled a topic says what came of it.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::TopicId;
use crate::meeting::events::TopicConcluded;
use crate::meeting::facts::TopicFacts;
use crate::meeting::guards::refuse_unless;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Note;
use crate::view::{Rows, Sides, ViewError};

/// Concludes a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcludeTopic {
    /// The topic.
    pub topic: TopicId,
    /// What came of it; no person data.
    pub conclusion: Note,
}

impl Decide for ConcludeTopic {
    const ROLES: &'static [Role] = &[Role::Secretariat, Role::Liaison];
    type State = Sides<TopicFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.topic)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let found = state.tabled(context.me).and_then(|(by, facts)| Some((by, facts, facts.tabled.as_ref()?)));
        let (by, facts, (tabled, _)) = found.ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        refuse_unless(by == context.me, RefusalCode::NotYours)?;
        refuse_unless(facts.concluded.is_none(), RefusalCode::WrongState)?;
        let (others, conclusion) = (tabled.others.clone(), self.conclusion.clone());
        Ok(TopicConcluded { topic: self.topic, others, conclusion }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::sample::{TOPIC, given_tabled, note, others};
    use crate::testing::given_nothing;

    fn conclude() -> ConcludeTopic {
        ConcludeTopic { topic: TOPIC, conclusion: note() }
    }

    #[test]
    fn the_party_that_tabled_it_concludes_it_once() {
        let event = TopicConcluded { topic: TOPIC, others: others("macau"), conclusion: note() };
        let scene = given_tabled().when("sec.macau", conclude()).then(event);
        scene.when("sec.macau", conclude()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn nobody_else_does() {
        given_tabled().when("sec.zhuhai", conclude()).then_refused(RefusalCode::NotYours);
        given_tabled().when("cw.macau", conclude()).then_refused(RefusalCode::RoleNotAllowed);
        given_nothing().when("sec.macau", conclude()).then_refused(RefusalCode::NotFound);
    }
}
