//! What one party's log says about a channel.

use serde::{Deserialize, Serialize};

use crate::channel::{
    ChannelExpiring, ChannelLapsed, ChannelOpened, ChannelProposed, ChannelResumed, ChannelSuspended, Clearance,
    ClearanceKind, Clearances,
};
use crate::id::PartyId;
use crate::time::Instant;
use crate::view::{Facts, Said, Table};

/// A channel: who tells whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelWay {
    /// Who tells.
    pub from: PartyId,
    /// Who is told.
    pub to: PartyId,
}

/// One party's side of a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelFacts {
    /// Proposed here and not confirmed yet.
    pub proposed: Option<(ChannelProposed, Said)>,
    /// Opened here; the last one.
    pub opened: Option<(ChannelOpened, Said)>,
    /// Suspended here and not resumed.
    pub suspended: Option<(ChannelSuspended, Said)>,
    /// Warned of the opened one's end.
    pub expiring: Option<(ChannelExpiring, Said)>,
    /// The opened one's end was recorded.
    pub lapsed: Option<(ChannelLapsed, Said)>,
}

impl Facts for ChannelFacts {
    type Id = ChannelWay;
    const TABLE: Table = Table::Channel;
}

impl ChannelFacts {
    pub(crate) fn proposed(&mut self, event: &ChannelProposed, said: Said) {
        self.proposed = Some((event.clone(), said));
    }
    pub(crate) fn opened(&mut self, event: &ChannelOpened, said: Said) {
        self.proposed = None;
        self.opened = Some((event.clone(), said));
        (self.expiring, self.lapsed) = (None, None); // they were about the one before
    }
    pub(crate) fn suspended(&mut self, event: &ChannelSuspended, said: Said) {
        self.suspended.get_or_insert((event.clone(), said));
    }
    pub(crate) fn resumed(&mut self, _: &ChannelResumed) {
        self.suspended = None;
    }
    pub(crate) fn expiring(&mut self, event: &ChannelExpiring, said: Said) {
        self.expiring = Some((event.clone(), said));
    }
    pub(crate) fn lapsed(&mut self, event: &ChannelLapsed, said: Said) {
        self.lapsed = Some((event.clone(), said));
    }

    /// Returns the clearances of the channel opened here.
    #[must_use]
    pub fn clearances(&self) -> Option<&Clearances> {
        self.opened.as_ref().map(|(opened, _)| &opened.clearances)
    }

    /// Returns the clearance of the opened channel that lapses first, with its instant.
    #[must_use]
    pub fn first_to_lapse(&self) -> Option<(ClearanceKind, Instant)> {
        let end = |(kind, clearance): (&ClearanceKind, &Clearance)| (*kind, clearance.expires_at);
        self.clearances()?.iter().map(end).min_by_key(|(_, at)| *at)
    }
}
