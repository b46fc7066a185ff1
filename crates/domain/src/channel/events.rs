//! Events of channels.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::channel::{ClearanceKind, Clearances};
use crate::event::Readers;
use crate::id::PartyId;
use crate::time::Instant;

/// The secretariat proposed a channel to a peer, or its renewal. Own log only, until it is confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelProposed {
    /// The peer that may be told.
    pub to: PartyId,
    /// The clearances.
    pub clearances: Clearances,
}

/// A data-protection officer compared the clearances with the papers and confirmed: the channel is open. For the peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelOpened {
    /// The peer that may be told.
    pub to: PartyId,
    /// The clearances.
    pub clearances: Clearances,
}

/// One side suspended a channel. For the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSuspended {
    /// Who tells by the channel.
    pub from: PartyId,
    /// Who is told.
    pub to: PartyId,
    /// The side that did not suspend it.
    pub other: PartyId,
}

/// The side that suspended a channel lifted that. For the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelResumed {
    /// Who tells by the channel.
    pub from: PartyId,
    /// Who is told.
    pub to: PartyId,
    /// The other side.
    pub other: PartyId,
}

/// A channel's first clearance will lapse soon. Own log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelExpiring {
    /// The peer.
    pub to: PartyId,
    /// What lapses first.
    pub clearance: ClearanceKind,
    /// When.
    pub expires_at: Instant,
}

/// A channel's clearance lapsed: nothing more is told by it. For the peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelLapsed {
    /// The peer.
    pub to: PartyId,
    /// What lapsed first.
    pub clearance: ClearanceKind,
    /// When.
    pub expires_at: Instant,
}

impl Readers for ChannelProposed {}
impl Readers for ChannelExpiring {}

macro_rules! read_by {
    ($($name:ident.$field:ident)*) => {$(
        impl Readers for $name {
            fn readers(&self) -> BTreeSet<PartyId> { BTreeSet::from([self.$field]) }
        }
    )*};
}
read_by!(ChannelOpened.to ChannelSuspended.other ChannelResumed.other ChannelLapsed.to);
