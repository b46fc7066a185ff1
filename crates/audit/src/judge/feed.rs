//! A log, read ahead of the judge on a thread of its own: entries come one by one, in order, when they are asked for.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

use indicatif::ProgressBar;
use tongcha_domain::id::PartyId;
use tongcha_ledger::body::SealedBody;
use tongcha_ledger::entry::VerifiedEntry;
use tongcha_ledger::key::Directory;

use crate::bundle::Bundle;
use crate::finding::{Fault, Reason};
use crate::input::InputError;
use crate::keys::BodyKeys;
use crate::losses::Losses;
use crate::reading::{Content, content, note_loss};
use crate::scan::{Checked, Scan};

/// Chunks that wait for the judge: one to take and one that is being checked keep the cores busy.
const CHUNKS_WAITING: usize = 2;

type Item = Checked<Content>;

/// Why a log is not read further.
enum End {
    Fault(Fault),
    Input(InputError),
}

/// A log that is read.
pub(super) struct Feed {
    chunks: Receiver<Result<Vec<Item>, End>>,
    ready: VecDeque<Item>,
    over: bool,
    /// The first thing that is wrong with the log, once it is reached.
    pub(super) fault: Option<Fault>,
}

/// How logs are read for one party.
pub(super) struct Source<'a> {
    /// The party's bundle: it holds all logs as the party has them.
    pub(super) bundle: &'a Bundle,
    /// The parties' public keys.
    pub(super) directory: &'a Directory,
    /// Where the party's body keys are.
    pub(super) body_keys: &'a Path,
    /// Under whose judgement.
    pub(super) party: PartyId,
    /// Shows the bytes read.
    pub(super) progress: &'a ProgressBar,
}

impl Feed {
    /// Starts to read a log on a thread of `scope`.
    ///
    /// # Errors
    /// When its keys can't be opened.
    pub(super) fn start<'s>(
        scope: &'s Scope<'s, '_>,
        source: &'s Source<'s>,
        origin: PartyId,
        workers: NonZeroUsize,
    ) -> Result<Self, InputError> {
        let keys = BodyKeys::open(source.body_keys, origin)?;
        let (sender, chunks) = sync_channel(CHUNKS_WAITING);
        scope.spawn(move || read(source, origin, &keys, workers, &sender));
        Ok(Self { chunks, ready: VecDeque::new(), over: false, fault: None })
    }

    /// Takes the next entry; none at the end of the log or of its good part.
    ///
    /// # Errors
    /// When the log can't be read.
    pub(super) fn next(&mut self) -> Result<Option<Item>, InputError> {
        while self.ready.is_empty() && self.more()? {}
        Ok(self.ready.pop_front())
    }

    /// Looks through the entries that come next, without taking them, until `find` returns something or an entry ends
    /// the search.
    ///
    /// # Errors
    /// When the log can't be read.
    pub(super) fn look_ahead<T>(
        &mut self,
        ends: impl Fn(&VerifiedEntry) -> bool,
        find: impl Fn(&VerifiedEntry, &Content) -> Option<T>,
    ) -> Result<Option<T>, InputError> {
        let mut at = 0;
        loop {
            while let Some(item) = self.ready.get(at) {
                if ends(&item.entry) {
                    return Ok(None);
                }
                if let Some(found) = find(&item.entry, &item.value) {
                    return Ok(Some(found));
                }
                at += 1;
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    // Waits for one more chunk; tells whether there was one.
    fn more(&mut self) -> Result<bool, InputError> {
        if self.over {
            return Ok(false);
        }
        match self.chunks.recv() {
            Ok(Ok(items)) => {
                self.ready.extend(items);
                return Ok(true);
            }
            Ok(Err(End::Fault(fault))) => self.fault = Some(fault),
            Ok(Err(End::Input(error))) => return Err(error),
            Err(_) => {} // read to its end
        }
        self.over = true;
        Ok(false)
    }
}

fn read(
    source: &Source<'_>,
    origin: PartyId,
    keys: &BodyKeys,
    workers: NonZeroUsize,
    chunks: &SyncSender<Result<Vec<Item>, End>>,
) {
    // A body of the log under judgement is judged also when its header says something else of it; one that was accepted from a
    // peer had to agree.
    let unseal = if origin == source.party { SealedBody::unseal } else { SealedBody::open };
    let check = |entry: &VerifiedEntry, body: Option<SealedBody>| content(source.party, keys, entry, body, unseal);
    let mut losses = Losses::new(source.party, origin);
    let mut take = |good: Vec<Item>| {
        good.iter().for_each(|item| note_loss(&mut losses, item));
        let place = good.last().map(|last| (last.entry.header().seq, last.offset));
        source.progress.inc(good.iter().map(|item| item.end - item.offset).sum());
        // The judge has gone: whatever ends the scan here is heard by nobody.
        let gone = |(seq, offset)| Fault { seq, offset, reason: Reason::Torn };
        match (chunks.send(Ok(good)), place) {
            (Err(_), Some(place)) => Err(gone(place)),
            (Err(_) | Ok(()), _) => Ok(()),
        }
    };
    let claim = source.bundle.manifest.log(origin);
    let scan = Scan { claim: &claim, directory: source.directory, workers };
    let end = source
        .bundle
        .open_log(origin)
        .and_then(|file| scan.run(file, &check, &mut take).map_err(InputError::io(&source.bundle.log_path(origin))));
    let end = match end {
        Ok(end) => end.fault.or_else(|| losses.fault()).map(End::Fault),
        Err(error) => Some(End::Input(error)),
    };
    if let Some(end) = end {
        let _ = chunks.send(Err(end)); // nobody waits for it when the judge has gone
    }
}
