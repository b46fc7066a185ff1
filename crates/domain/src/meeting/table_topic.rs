//! `TableTopic`: a party puts a topic before a meeting, or opens a discussion of the liaison officers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::TopicId;
use crate::meeting::events::{Setting, TopicTabled};
use crate::meeting::facts::{MeetingFacts, TopicFacts};
use crate::meeting::guards::{check_others, meeting, refuse_unless};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::view::{Rows, Sides, ViewError};

/// Tables a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableTopic {
    /// The topic: a fresh id.
    pub topic: TopicId,
    /// Where it is spoken of.
    pub setting: Setting,
    /// What it is about; no person data.
    pub title: Short,
}

/// What is known of a topic and of the meeting it is tabled at.
#[derive(Clone, Debug, Default)]
pub struct TopicState {
    topic: Sides<TopicFacts>,
    meeting: Sides<MeetingFacts>,
}

impl Decide for TableTopic {
    const ROLES: &'static [Role] = &[Role::Secretariat, Role::Liaison];
    type State = TopicState;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let meeting = match &self.setting {
            Setting::Meeting(meeting) => rows.sides(meeting)?,
            Setting::Discussion(_) => Sides::default(),
        };
        Ok(TopicState { topic: rows.sides(&self.topic)?, meeting })
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        refuse_unless(state.topic.tabled(context.me).is_none(), RefusalCode::AlreadyExists)?;
        let others: BTreeSet<_> = match &self.setting {
            Setting::Meeting(_) => meeting(&state.meeting, context.me)?.others(context.me),
            Setting::Discussion(others) if others.is_empty() => {
                return Err(Refusal::new(RefusalCode::BadList).offending(["discussion"]));
            }
            Setting::Discussion(others) => {
                check_others(others, context.me)?;
                others.clone()
            }
        };
        let Self { topic, setting, title } = self.clone();
        Ok(TopicTabled { topic, setting, others, title }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::sample::{MEETING, given_convened, others, table, tabled};
    use crate::testing::given_nothing;

    #[test]
    fn any_party_of_a_meeting_tables_a_topic() {
        let scene = given_convened().when("lo.macau", table()).then(tabled());
        assert_eq!(Event::from(tabled()).readers(), others("macau"));
        scene.when("lo.macau", table()).then_refused(RefusalCode::AlreadyExists);
        given_convened().when("rv.macau", table()).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn not_at_a_meeting_one_has_no_part_in() {
        given_nothing().when("lo.macau", table()).then_refused(RefusalCode::NotFound);
        let scene = crate::testing::given([(
            "sec.zhuhai",
            crate::meeting::MeetingConvened {
                to: ["hengqin".parse().unwrap()].into(),
                ..crate::meeting::sample::convened()
            },
        )]);
        scene.when("lo.macau", table()).then_refused(RefusalCode::NotFound);
    }

    #[test]
    fn liaison_officers_discuss_without_a_meeting() {
        let with = |names: &[&str]| TableTopic {
            setting: Setting::Discussion(names.iter().map(|name| name.parse().unwrap()).collect()),
            ..table()
        };
        let event = given_nothing().when("lo.macau", with(&["zhuhai"])).result.unwrap();
        assert_eq!(event.readers(), ["zhuhai".parse().unwrap()].into());
        given_nothing().when("lo.macau", with(&[])).then_refused(RefusalCode::BadList);
        given_nothing().when("lo.macau", with(&["macau"])).then_refused(RefusalCode::WrongAddressee);
        assert_ne!(with(&[]).setting, Setting::Meeting(MEETING));
    }
}
