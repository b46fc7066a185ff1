//! The operator's command: asks the peers, puts the logs together, writes them, and says what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint};
use tongcha_ledger::key::Directory;
use tongcha_ledger::parcel::ParcelOpener;

use crate::cards::read_cards;
use crate::config::Config;
use crate::core::note_file::NoteFile;
use crate::disk::FileDisk;
use crate::key_file::KeyFile;
use crate::metrics::Metrics;
use crate::nats::{LogGiven, fetch_log, fetch_own, streamed};
use crate::recovery::{Holding, KnownTree, Missing, Plan, Source, held_copy, held_here, plan, raise_floor, restore};

/// What to recover from.
#[derive(Clone, Debug)]
pub struct RecoverOptions {
    /// Whether the peers are asked.
    pub from_peers: bool,
    /// Copies of the data directory, or exports.
    pub copies: Vec<PathBuf>,
    /// Peers that are not asked.
    pub without: BTreeSet<PartyId>,
}

/// What to do again for entries whose body is lost, by kind; the first line that names the kind holds.
const AGAIN: &[(&[EventKind], &str)] = &[
    (
        &[EventKind::RegisterImportStarted, EventKind::RegisterChunkImported, EventKind::RegisterImportCompleted],
        "import the register again, before lookups are answered",
    ),
    (&[EventKind::CommandRefused], "nothing: a refused command changed nothing"),
    (&[EventKind::AccessRecorded, EventKind::LookupClosed], "nothing: that somebody looked is known, not who and why"),
    (&[EventKind::OfficerEnrolled], "nothing: the service enrols the officers again"),
    (
        &[EventKind::ConsentRevoked, EventKind::ConsentClosed],
        "at once: revoke or close the consents again. Lookups on consents granted before are refused on every side",
    ),
    (
        &[EventKind::LookupPermitted],
        "nothing: lookups on consents granted before are refused; who needs one has a new letter signed",
    ),
    (&[EventKind::MandateRecorded, EventKind::MandateRevoked], "record the mandates again, and the revocations first"),
    (&[EventKind::ConsentRecorded, EventKind::ConsentCompleted], "record the letters again"),
    (&[EventKind::BatchPrepared, EventKind::BatchApproved], "prepare what was not sent again"),
    (
        &[EventKind::RequestDrafted, EventKind::ItemAnswered, EventKind::ItemAssigned],
        "draft, answer and assign what was not sent again",
    ),
    (
        &[EventKind::ErasureOrdered],
        "order the erasure again: what it covered may be readable, since an older disk brings its keys back",
    ),
    (EventKind::ALL, "look the case up and do the step again"),
];

/// A party that recovers.
struct Recovery<'a> {
    me: PartyId,
    directory: Arc<Directory>,
    opener: ParcelOpener,
    copies: &'a [PathBuf],
    peers: BTreeMap<PartyId, async_nats::Client>,
}

/// Restores a party's logs. The service must be stopped.
///
/// # Errors
/// Says why nothing was restored; what was there is unchanged then.
pub async fn recover(config_file: &Path, party: PartyId, options: &RecoverOptions) -> anyhow::Result<()> {
    let config = Config::read(config_file, party)?;
    let keys = KeyFile::read(&config.key_file, party)?;
    let (_, directory) = read_cards(&config.cards_dir)?;
    crate::disk::private_dir(&config.data_dir)?;
    let _lock = crate::run::lock(&config.data_dir)?;
    let (directory, metrics) = (Arc::new(directory), Arc::new(Metrics::default()));
    let seed = keys.broker_seed.as_str();
    let mut peers = BTreeMap::new();
    let asked = config.peers.iter().filter(|(peer, _)| options.from_peers && !options.without.contains(peer));
    for (peer, broker) in asked {
        peers.insert(*peer, crate::nats::connect(party, *peer, broker, seed, &metrics).await?);
    }
    let opener = ParcelOpener::new(Arc::new(keys.secrets), directory.clone());
    let recovery = Recovery { me: party, directory, opener, copies: &options.copies, peers };
    let mut disk = FileDisk::new(&config.data_dir);
    let (own, newest) = recovery.own_log(&disk).await?;
    if options.from_peers {
        let broker = crate::nats::connect(party, party, &config.broker, seed, &metrics).await?;
        recovery.check_streams(&own, &broker).await?;
    }
    let mut replicas = Vec::new();
    for peer in config.peers.keys() {
        let published = newest.iter().find(|(origin, _)| origin == peer).map(|(_, note)| note.as_slice());
        replicas.push(recovery.replica(&disk, *peer, &own, published.unwrap_or_default()).await?);
    }
    // Nothing has been written so far; from here on everything is there to be written.
    drop_view(&config.data_dir.join("view"))?;
    let mut changed = false;
    for replica in &replicas {
        changed |= restore(&mut disk, replica, false)?;
    }
    for (origin, note) in newest.iter().filter(|(_, note)| !note.is_empty()) {
        raise_floor(&mut disk, party, *origin, note, &recovery.directory)?;
    }
    changed |= restore(&mut disk, &own, true)?;
    tell(&own, &replicas, changed);
    Ok(())
}

/// The view is folded again, from what the logs will say.
fn drop_view(view: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(view) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).context("the view can't be dropped"),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A checkpoint of somebody's log, as a note; empty when there is none.
type Checkpoint = (PartyId, Vec<u8>);

impl Recovery<'_> {
    /// Puts the own log together; returns with it the checkpoints that peers gave: of our log what each has cosigned, of its own
    /// the newest.
    async fn own_log(&self, disk: &FileDisk) -> anyhow::Result<(Plan, Vec<Checkpoint>)> {
        let (here, mut trees) = self.here(disk, self.me, "evidence/own.note")?;
        let from = here.ask_from(self.me);
        let mut holdings = self.with_copies(here, self.me)?;
        let mut newest = Vec::new();
        for (peer, client) in &self.peers {
            let given = fetch_own(client, self.me, *peer, &self.opener, from).await?;
            let LogGiven { entries, cosigned, published } = given;
            println!("{peer} gave back {} entries from entry {from} on", entries.len());
            holdings.push(Holding { source: Source::Peer(*peer), entries });
            trees.extend(self.tree(Source::Peer(*peer), self.me, &cosigned)?);
            newest.extend([(self.me, cosigned), (*peer, published)]);
        }
        Ok((plan(self.me, self.me, holdings, &trees)?, newest))
    }

    /// Puts the replica of a peer's log together: it reaches at least as far as our own log says we had seen.
    async fn replica(&self, disk: &FileDisk, peer: PartyId, own: &Plan, published: &[u8]) -> anyhow::Result<Plan> {
        let (here, mut trees) = self.here(disk, peer, &format!("evidence/{peer}.note"))?;
        let from = here.ask_from(self.me);
        let mut holdings = self.with_copies(here, peer)?;
        if let Some(client) = self.peers.get(&peer) {
            let entries = fetch_log(client, self.me, peer, &self.opener, from).await?.entries;
            holdings.push(Holding { source: Source::Peer(peer), entries });
            trees.extend(self.tree(Source::Peer(peer), peer, published)?);
        }
        let replica = plan(peer, self.me, holdings, &trees)?;
        let seen = own.entries.last().and_then(|last| last.entry.header().seen.get(&peer).copied()).unwrap_or(0);
        let have = replica.tip.count;
        ensure!(have >= seen, "our log says that we had {seen} entries of {peer}, there are {have}: ask {peer} too");
        if let Some(Missing { seq, .. }) = replica.missing.first() {
            bail!("nobody gave the body of entry {seq} of {peer}");
        }
        Ok(replica)
    }

    /// Reads what this disk holds of a log, and the last checkpoint of it that was signed or cosigned here.
    fn here(&self, disk: &FileDisk, origin: PartyId, note: &str) -> anyhow::Result<(Holding, Vec<KnownTree>)> {
        let (here, bad) = held_here(disk, origin, &self.directory)?;
        for bad in bad {
            println!("{}: {} bytes from byte {} on are no entries of {origin}", bad.file, bad.bytes, bad.offset);
        }
        println!("this disk has {} entries of {origin}", here.entries.len());
        let trees = match NoteFile::open(disk, note.to_owned()) {
            Ok((_, Some(note))) => self.tree(Source::Disk, origin, &note)?,
            Ok((_, None)) => None,
            Err(error) => {
                println!("{error}; it is passed over");
                None
            }
        };
        Ok((here, trees.into_iter().collect()))
    }

    fn with_copies(&self, here: Holding, origin: PartyId) -> anyhow::Result<Vec<Holding>> {
        let mut holdings = vec![here];
        for copy in self.copies {
            let name = copy.display().to_string();
            ensure!(copy.is_dir(), "{name} is no directory");
            let held = held_copy(&FileDisk::new(copy), &name, origin, &self.directory)?;
            println!("{name} has {} entries of {origin}", held.entries.len());
            holdings.push(held);
        }
        Ok(holdings)
    }

    fn key(&self, origin: PartyId) -> anyhow::Result<LogKey> {
        LogKey::of(&self.directory, origin)?.with_context(|| format!("there is no card of {origin}"))
    }

    /// Reads a checkpoint that a source shows; none when it shows none.
    fn tree(&self, source: Source, origin: PartyId, note: &[u8]) -> anyhow::Result<Option<KnownTree>> {
        if note.is_empty() {
            return Ok(None);
        }
        let checkpoint = SignedCheckpoint::verify(note, &self.key(origin)?, &[])
            .with_context(|| format!("{source} shows as a checkpoint of {origin} what {origin} did not sign"))?;
        Ok(Some(KnownTree { source, head: checkpoint.head() }))
    }

    /// The own broker may hold entries that a peer has not read yet: written again, they would be a fork.
    async fn check_streams(&self, own: &Plan, broker: &async_nats::Client) -> anyhow::Result<()> {
        for peer in self.peers.keys() {
            match streamed(broker, self.me, *peer).await {
                Some(entries) if entries > own.tip.count => bail!(
                    "our broker holds {entries} entries for {peer}, {} were found: let {peer} read them, then try again",
                    own.tip.count
                ),
                Some(_) => {}
                None => println!("our broker's stream for {peer} is away: what {peer} had not read of it is not known"),
            }
        }
        Ok(())
    }
}

fn tell(own: &Plan, replicas: &[Plan], changed: bool) {
    let Plan { origin, tip, recovery, missing, .. } = own;
    println!("{origin}: {} entries, one history", tip.count);
    println!("  {} from this disk, {} from copies", recovery.kept, recovery.copied);
    recovery.returned.iter().for_each(|(peer, count)| println!("  {count} from {peer}"));
    for replica in replicas {
        println!("{}: {} entries, one history", replica.origin, replica.tip.count);
    }
    let mut kinds: BTreeMap<(EventKind, String), Vec<u64>> = BTreeMap::new();
    for Missing { seq, kind, told } in missing {
        let told = told.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
        kinds.entry((*kind, told)).or_default().push(*seq);
    }
    if !kinds.is_empty() {
        println!("{} entries are there without their content, which nobody who was asked has:", missing.len());
        println!("look for an older copy of the data directory and run this again with --from, or:");
    }
    for ((kind, told), seqs) in &kinds {
        let again = AGAIN.iter().find(|(kinds, _)| kinds.contains(kind)).map_or("", |(_, again)| again);
        let seqs = seqs.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
        println!("  {}: {again}\n    entries {seqs}", kind.code());
        if !told.is_empty() {
            println!("    it was on its way to {told}, which is told that it is lost: give it there again");
        }
    }
    if changed {
        println!("restored; start the service. It records the recovery first, and tells the other parties.");
    } else {
        println!("nothing was missing");
    }
}
