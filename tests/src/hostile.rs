//! A broker user that means ill: a raw NATS client with a party's own user key, and the messages it forges.
//!
//! In scope: what somebody can send who took over a party's broker or its user key, but not its signing key; and a thief of a
//! signing key, who signs what follows in the log.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use async_nats::jetstream;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tongcha_domain::event::EventKind;
use tongcha_ledger::canonical;
use tongcha_ledger::entry::{Header, Tip, VerifiedEntry, read};
use tongcha_ledger::frame::{FrameRead, read_frame};
use tongcha_ledger::key::PartySecrets;
use tongcha_ledger::parcel::{PARCEL_MAX, Parcel, ParcelBody};
use tongcha_node::key_file::KeyFile;
use tongcha_node::nats::Names;

use crate::cluster::Cluster;
use crate::parties::Side;

/// What a broker is given to refuse a request; it answers at once or never.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// A raw client at a broker.
pub struct Intruder {
    client: async_nats::Client,
    jetstream: jetstream::Context,
}

impl Intruder {
    /// Connects with the user key of `user` to the broker of `at`.
    ///
    /// # Errors
    /// When the broker refuses the key.
    pub async fn connect(cluster: &Cluster, user: Side, at: Side) -> Result<Self> {
        let keys = KeyFile::read(&cluster.home(user)?.key_file(), user.party()?)?;
        let options = async_nats::ConnectOptions::with_nkey(keys.broker_seed.to_string())
            .custom_inbox_prefix(Names::inbox(user.party()?))
            .request_timeout(Some(ANSWER_MAX));
        let client = options.connect(format!("nats://{}", cluster.broker_address(at)?)).await?;
        let mut jetstream = jetstream::new(client.clone());
        jetstream.set_timeout(ANSWER_MAX);
        Ok(Self { client, jetstream })
    }

    /// Publishes bytes on a subject and waits until the broker has seen them.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn publish(&self, subject: &str, bytes: &[u8]) -> Result<()> {
        self.client.publish(subject.to_owned(), bytes.to_vec().into()).await?;
        Ok(self.client.flush().await?)
    }

    /// Asks on a subject; none when nobody answers, as when the broker forbids it.
    ///
    /// # Errors
    /// Never for a request that is only not answered.
    pub async fn ask(&self, subject: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>> {
        let reply = self.client.request(subject.to_owned(), bytes.to_vec().into()).await;
        Ok(reply.ok().map(|message| message.payload.to_vec()))
    }

    /// Reads the message at a position of a stream.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn message(&self, stream: &str, position: u64) -> Result<Vec<u8>> {
        let stream = self.jetstream.get_stream(stream).await.context("no such stream")?;
        Ok(stream.get_raw_message(position).await.context("no such message")?.payload.to_vec())
    }

    /// Returns how many messages a stream was ever given.
    ///
    /// # Errors
    /// When there is no such stream.
    pub async fn last_position(&self, stream: &str) -> Result<u64> {
        let stream = self.jetstream.get_stream(stream).await.context("no such stream")?;
        Ok(stream.cached_info().state.last_sequence)
    }

    /// Tries to have the broker deliver a stream's messages to a subject of our choice; tells whether it agreed.
    pub async fn has_delivered_to(&self, stream: &str, subject: &str) -> bool {
        let Ok(stream) = self.jetstream.get_stream(stream).await else { return false };
        let config = jetstream::consumer::push::Config {
            deliver_subject: subject.to_owned(),
            ..jetstream::consumer::push::Config::default()
        };
        stream.create_consumer(config).await.is_ok()
    }

    /// Tries to delete a stream; tells whether the broker did it.
    pub async fn deletes(&self, stream: &str) -> bool {
        self.jetstream.delete_stream(stream).await.is_ok_and(|deleted| deleted.success)
    }
}

/// A parcel whose entry's signature has one bit changed.
///
/// # Errors
/// When it is no parcel.
pub fn with_changed_signature(parcel: &[u8]) -> Result<Vec<u8>> {
    let mut parcel: Parcel = canonical::decode(parcel, PARCEL_MAX)?;
    *parcel.entry.last_mut().context("an entry is not empty")? ^= 1;
    Ok(parcel.encode()?)
}

/// A parcel whose entry is signed anew, with a key that nobody registered.
///
/// # Errors
/// When it is no parcel.
pub fn with_strange_key(parcel: &[u8]) -> Result<Vec<u8>> {
    let mut parcel: Parcel = canonical::decode(parcel, PARCEL_MAX)?;
    let (mut header, _) = read(&parcel.entry)?;
    let stranger = PartySecrets::generate(header.origin, &mut StdRng::seed_from_u64(1));
    if stranger.key_id() == header.key_id {
        bail!("the stranger's key is the party's own");
    }
    header.key_id = stranger.key_id();
    parcel.entry = VerifiedEntry::sign(header, &stranger)?.bytes().to_vec();
    Ok(parcel.encode()?)
}

/// What a thief makes of a party's key file and the file of its log: parcels with entries that follow the last one, properly
/// signed, for nobody but the party itself.
///
/// # Errors
/// When the key file or the log can't be read.
pub fn forged_after(key_file: &Path, journal: &Path, origin: Side, count: usize) -> Result<Vec<Vec<u8>>> {
    let secrets = KeyFile::read(key_file, origin.party()?)?.secrets;
    let bytes = std::fs::read(journal)?;
    let (mut rest, mut last) = (bytes.as_slice(), None);
    while let FrameRead::Whole(record, length) = read_frame(rest) {
        last = Some(read(&record.entry)?);
        rest = rest.get(length..).unwrap_or_default();
    }
    let (last, leaf) = last.context("a log with entries")?;
    let mut tip = Tip { count: last.seq + 1, head: leaf, recorded_at: last.recorded_at };
    (0..count)
        .map(|_| {
            let header = Header {
                seq: tip.count,
                prev: tip.head,
                key_id: secrets.key_id(),
                kind: EventKind::BatchPrepared,
                audience: [last.origin].into(),
                ..last.clone()
            };
            let entry = VerifiedEntry::sign(header, &secrets)?;
            tip = Tip::after(&entry);
            Ok(Parcel { entry: entry.bytes().to_vec(), body: ParcelBody::NotAddressed }.encode()?)
        })
        .collect()
}
