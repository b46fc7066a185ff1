//! Asking peers for a log that was lost: for the own one, and for the peers' own, of which the replicas here are old too.

use async_nats::jetstream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tongcha_domain::id::PartyId;
use tongcha_ledger::parcel::{OpenedParcel, ParcelError, ParcelOpener};

use crate::nats::ask::{AskPeerError, ask};
use crate::nats::names::{Names, Topic};
use crate::nats::wire::{RepairReply, RepairRequest, ReturnReply, ReturnRequest};
use crate::recovery::HeldEntry;

/// Why a peer can't be recovered from.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The peer or its broker is away.
    #[error("{peer} does not answer: {why}")]
    Silent {
        /// Who.
        peer: PartyId,
        /// Why.
        why: String,
    },
    /// What it gave is no entry of the log.
    #[error("{peer} gave what is no entry of the log asked for")]
    Parcel {
        /// Who.
        peer: PartyId,
        /// The cause.
        #[source]
        source: ParcelError,
    },
    /// Entries out of order.
    #[error("{peer} gave entry {found} where {wanted} was to come")]
    Order {
        /// Who.
        peer: PartyId,
        /// The position wanted.
        wanted: u64,
        /// The one given.
        found: u64,
    },
}

/// What a peer gave.
#[derive(Debug, Default)]
pub struct LogGiven {
    /// Entries, in order.
    pub entries: Vec<HeldEntry>,
    /// The last checkpoint of our log that the peer cosigned; empty when there is none.
    pub cosigned: Vec<u8>,
    /// The newest checkpoint of the peer's own log; empty when there is none.
    pub published: Vec<u8>,
}

/// Fetches what a peer holds of our log, from a position on.
///
/// # Errors
/// When the peer is silent, or gives what is no entry of ours.
pub async fn fetch_own(
    client: &async_nats::Client,
    me: PartyId,
    peer: PartyId,
    opener: &ParcelOpener,
    from: u64,
) -> Result<LogGiven, RecoverError> {
    let mut given = LogGiven::default();
    loop {
        let request = ReturnRequest { from: from + given.entries.len() as u64 };
        let reply: ReturnReply = asked(client, me, peer, Topic::Return, &request).await?;
        (given.cosigned, given.published) = (reply.cosigned, reply.published);
        let opened = reply.parcels.iter().map(|bytes| opener.open_returned(peer, bytes));
        if !take(&mut given, peer, from, opened)? {
            return Ok(given);
        }
    }
}

/// Fetches a peer's own log, from a position on.
///
/// # Errors
/// As [`fetch_own`].
pub async fn fetch_log(
    client: &async_nats::Client,
    me: PartyId,
    peer: PartyId,
    opener: &ParcelOpener,
    from: u64,
) -> Result<LogGiven, RecoverError> {
    let mut given = LogGiven::default();
    loop {
        let request = RepairRequest { from: from + given.entries.len() as u64 };
        let reply: RepairReply = asked(client, me, peer, Topic::Repair, &request).await?;
        let opened = reply.parcels.iter().map(|bytes| opener.open(peer, bytes));
        if !take(&mut given, peer, from, opened)? {
            return Ok(given);
        }
    }
}

async fn asked<Q: Serialize, A: Serialize + DeserializeOwned>(
    client: &async_nats::Client,
    me: PartyId,
    peer: PartyId,
    topic: Topic,
    request: &Q,
) -> Result<A, RecoverError> {
    let silent = |error: AskPeerError| RecoverError::Silent { peer, why: error.to_string() };
    ask(client, me, peer, topic, request).await.map_err(silent)
}

/// Takes opened parcels over; tells whether there were any.
fn take(
    given: &mut LogGiven,
    peer: PartyId,
    from: u64,
    opened: impl Iterator<Item = Result<OpenedParcel, ParcelError>>,
) -> Result<bool, RecoverError> {
    let before = given.entries.len();
    for parcel in opened {
        let held = HeldEntry::from(parcel.map_err(|source| RecoverError::Parcel { peer, source })?);
        let (wanted, found) = (from + given.entries.len() as u64, held.entry.header().seq);
        if found != wanted {
            return Err(RecoverError::Order { peer, wanted, found });
        }
        given.entries.push(held);
    }
    Ok(given.entries.len() > before)
}

/// Returns how many entries the own broker holds for a recipient; none when the broker or the stream is away. A recipient
/// may still read them, so a log that is shorter must not be written on.
pub async fn streamed(client: &async_nats::Client, me: PartyId, to: PartyId) -> Option<u64> {
    let stream = jetstream::new(client.clone()).get_stream(Names::stream(me, to)).await.ok()?;
    Some(stream.cached_info().state.last_sequence)
}
