//! `ResumeChannel`: the side that suspended a channel lifts that.

use serde::{Deserialize, Serialize};

use crate::channel::suspend::other_side;
use crate::channel::{ChannelFacts, ChannelResumed, ChannelWay};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::PartyId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Lifts the own side's suspension. The other side's stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeChannel {
    /// Who tells.
    pub from: PartyId,
    /// Who is told.
    pub to: PartyId,
}

impl Decide for ResumeChannel {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = Sides<ChannelFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&ChannelWay { from: self.from, to: self.to })
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let other = other_side(self.from, self.to, context.me)?;
        if state.of(context.me).is_none_or(|facts| facts.suspended.is_none()) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        Ok(ChannelResumed { from: self.from, to: self.to, other }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::SuspendChannel;
    use crate::channel::sample::open_channel;
    use crate::testing::{Scene, party};

    fn resume() -> ResumeChannel {
        ResumeChannel { from: party("zhuhai"), to: party("macau") }
    }

    fn suspended(who: &str) -> Scene {
        let ResumeChannel { from, to } = resume();
        open_channel().when(who, SuspendChannel { from, to }).then_done()
    }

    #[test]
    fn the_side_that_suspended_resumes() {
        let ResumeChannel { from, to } = resume();
        let resumed = ChannelResumed { from, to, other: party("zhuhai") };
        let scene = suspended("dp.macau").when("sec.macau", resume()).then(resumed);
        scene.when("sec.macau", resume()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn nobody_lifts_the_other_sides_suspension() {
        suspended("dp.macau").when("sec.zhuhai", resume()).then_refused(RefusalCode::WrongState);
        suspended("dp.macau").when("sec.hengqin", resume()).then_refused(RefusalCode::NotYours);
    }

    #[test]
    fn a_data_protection_officer_does_not_resume() {
        suspended("dp.macau").when("dp.macau", resume()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
