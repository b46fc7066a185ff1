//! The one way a log is read: every entry is checked on all cores, then followed along the chain, in order.
//!
//! Keys change in time: a signature is verified anywhere, and that its key was valid at the entry's place is judged in order. An
//! entry whose key is not known yet waits for the one before it that adds the key.
//!
//! While the workers check one chunk, this thread follows the chain of the chunk before and reads the one after, so
//! memory is flat in the log's length and the cores stay busy.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;

use tongcha_ledger::body::SealedBody;
use tongcha_ledger::entry::{EntryError, Tip, VerifiedEntry};
use tongcha_ledger::frame::{FrameRead, Record, read_frame};
use tongcha_ledger::key::{Directory, KeyId};
use tongcha_ledger::trail::{KeyTrail, says_of_keys};

use crate::bundle::LogClaim;
use crate::finding::{Fault, Reason};
use crate::frames::{Chunk, Frames, Span};

/// Frames a worker takes at once: few, because one frame with a long body costs as much as fifty without, and because the
/// others wait at the end of a chunk for whoever takes the last.
const GROUP_FRAMES: usize = 4;

/// So few frames are checked on the reading thread: starting others takes as long as checking them.
const ALONE_FRAMES: usize = 8;

/// An entry that passed its checks.
#[derive(Debug)]
pub struct Checked<T> {
    /// Where its frame begins in the file, in bytes.
    pub offset: u64,
    /// Where the next frame begins.
    pub end: u64,
    /// The entry: form and signature are checked; once it is handed on, its place in the chain is too.
    pub entry: VerifiedEntry,
    /// What the caller's check made of the body.
    pub value: T,
}

/// How far a log is good.
#[derive(Debug, Default)]
pub struct ScanEnd {
    /// The end of the good part; a fault of the caller's own can lie a little before it.
    pub tip: Tip,
    /// Where the good part ends in the file, in bytes.
    pub offset: u64,
    /// The first thing that is wrong; none when the log is good to its end, and ends where it should.
    pub fault: Option<Fault>,
    /// Which keys are valid where, as far as the log is good.
    pub keys: Option<KeyTrail>,
    last_offset: u64,
}

/// How a log is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    /// Whose log it must be, and where it must end.
    pub claim: &'a LogClaim,
    /// The keys.
    pub directory: &'a Directory,
    /// How many threads check entries.
    pub workers: NonZeroUsize,
}

// An entry whose form and signature are good, with what became of its body. The body's verdict comes after the chain's: of a
// misplaced entry the place is to be told.
struct Signed<T> {
    checked: Checked<Result<T, Reason>>,
    /// The body, when it is for everybody: what it says of keys is read in order.
    published: Option<SealedBody>,
}

enum Verdict<T> {
    Signed(Signed<T>),
    /// Its key is not known, yet.
    Waiting(Waiting),
    /// Where and why it is wrong.
    Wrong(u64, Reason),
}

struct Waiting {
    offset: u64,
    end: u64,
    record: Record,
}

// Verdicts of some frames, with the position of the first in the chunk.
type Group<T> = (usize, Vec<Verdict<T>>);

impl Scan<'_> {
    /// Reads a log to its end or its first fault.
    ///
    /// `check` judges an entry's body, on any thread; `take` gets the good entries in order, on this one, and can end
    /// the scan with a fault of its own.
    ///
    /// # Errors
    /// When the file can't be read. What is wrong in it is a fault.
    pub fn run<T: Send>(
        &self,
        file: impl Read,
        check: &(impl Fn(&VerifiedEntry, Option<SealedBody>) -> Result<T, Reason> + Sync),
        take: &mut impl FnMut(Vec<Checked<T>>) -> Result<(), Fault>,
    ) -> io::Result<ScanEnd> {
        let (mut frames, mut end) = (Frames::new(file), ScanEnd::default());
        let mut keys = Keys { trail: KeyTrail::new(self.directory, self.claim.origin), used: BTreeMap::new() };
        let (mut chunk, mut checked) = (frames.next_chunk()?, Vec::new());
        while end.fault.is_none() && !(chunk.is_empty() && checked.is_empty()) {
            let next_group = AtomicUsize::new(0);
            let (next_chunk, next_checked) = std::thread::scope(|scope| {
                let work = || self.work(&chunk, &next_group, check);
                let alone = chunk.len() <= ALONE_FRAMES;
                let workers: Vec<_> =
                    (0..if alone { 0 } else { self.workers.get() }).map(|_| scope.spawn(work)).collect();
                self.follow((&mut end, &mut keys), std::mem::take(&mut checked), check, take);
                let next_chunk = frames.next_chunk();
                (next_chunk, in_order(if alone { work() } else { Vec::new() }, workers))
            });
            (chunk, checked) = (next_chunk?, next_checked);
        }
        end.keys = Some(keys.trail);
        end.fault = end.fault.take().or_else(|| self.check_end(&end));
        Ok(end)
    }

    fn work<T>(
        &self,
        chunk: &Chunk,
        next_group: &AtomicUsize,
        check: &impl Fn(&VerifiedEntry, Option<SealedBody>) -> Result<T, Reason>,
    ) -> Vec<Group<T>> {
        let mut done = Vec::new();
        loop {
            let from = next_group.fetch_add(1, Ordering::Relaxed) * GROUP_FRAMES;
            if from >= chunk.len() {
                return done;
            }
            let verdicts = chunk.spans(from).take(GROUP_FRAMES).map(|span| self.judge(span, check));
            done.push((from, verdicts.collect()));
        }
    }

    fn judge<T>(
        &self,
        span: Span<'_>,
        check: &impl Fn(&VerifiedEntry, Option<SealedBody>) -> Result<T, Reason>,
    ) -> Verdict<T> {
        let record = match read_frame(span.bytes) {
            FrameRead::Whole(record, _) => record,
            FrameRead::Torn => return Verdict::Wrong(span.offset, Reason::Torn),
            FrameRead::Damaged => return Verdict::Wrong(span.offset, Reason::Damaged),
        };
        let (offset, end) = (span.offset, span.end());
        match VerifiedEntry::verify(&record.entry, self.directory) {
            Ok(entry) => self.signed((offset, end), entry, record.body, check),
            Err(EntryError::UnknownKey { .. }) => Verdict::Waiting(Waiting { offset, end, record }),
            Err(error) => Verdict::Wrong(offset, Reason::Entry(error)),
        }
    }

    fn signed<T>(
        &self,
        (offset, end): (u64, u64),
        entry: VerifiedEntry,
        body: Option<SealedBody>,
        check: &impl Fn(&VerifiedEntry, Option<SealedBody>) -> Result<T, Reason>,
    ) -> Verdict<T> {
        let found = entry.header().origin;
        if found != self.claim.origin {
            return Verdict::Wrong(offset, Reason::Origin { found });
        }
        let published = body.as_ref().filter(|_| says_of_keys(entry.header().kind)).cloned();
        let value = check(&entry, body);
        Verdict::Signed(Signed { checked: Checked { offset, end, entry, value }, published })
    }

    fn follow<T>(
        &self,
        (end, keys): (&mut ScanEnd, &mut Keys),
        verdicts: Vec<Verdict<T>>,
        check: &impl Fn(&VerifiedEntry, Option<SealedBody>) -> Result<T, Reason>,
        take: &mut impl FnMut(Vec<Checked<T>>) -> Result<(), Fault>,
    ) {
        let mut good = Vec::with_capacity(verdicts.len());
        for verdict in verdicts {
            let verdict = match verdict {
                Verdict::Waiting(waiting) => self.judge_again(waiting, check),
                known @ (Verdict::Signed(_) | Verdict::Wrong(..)) => known,
            };
            let chained = match verdict {
                Verdict::Signed(signed) => self.chained(&end.tip, keys, signed),
                Verdict::Waiting(Waiting { offset, .. }) => {
                    let origin = self.claim.origin;
                    Err((offset, Reason::Entry(EntryError::UnknownKey { origin })))
                }
                Verdict::Wrong(offset, reason) => Err((offset, reason)),
            };
            match chained {
                Ok(checked) => {
                    end.tip = Tip::after(&checked.entry);
                    (end.offset, end.last_offset) = (checked.end, checked.offset);
                    good.push(checked);
                }
                Err((offset, reason)) => {
                    end.fault = Some(Fault { seq: end.tip.count, offset, reason });
                    break;
                }
            }
        }
        // A fault of the caller's lies in the good part, before one of ours.
        if let Err(fault) = take(good) {
            end.fault = Some(fault);
        }
    }

    // In its turn: what the entries before it say of keys is known now.
    fn judge_again<T>(
        &self,
        waiting: Waiting,
        check: &impl Fn(&VerifiedEntry, Option<SealedBody>) -> Result<T, Reason>,
    ) -> Verdict<T> {
        let Waiting { offset, end, record: Record { entry, body } } = waiting;
        match VerifiedEntry::verify_adding(&entry, body.as_ref(), self.directory) {
            Ok(entry) => self.signed((offset, end), entry, body, check),
            Err(error) => Verdict::Wrong(offset, Reason::Entry(error)),
        }
    }

    fn chained<T>(&self, tip: &Tip, keys: &mut Keys, signed: Signed<T>) -> Result<Checked<T>, (u64, Reason)> {
        let Signed { checked: Checked { offset, end, entry, value }, published } = signed;
        let refused = |error| (offset, Reason::Entry(error));
        tip.check(&entry).map_err(refused)?;
        let last_use = |key| keys.used.get(&key).copied();
        if let Some(next) = keys.trail.after(&entry, published.as_ref(), self.directory, last_use).map_err(refused)? {
            keys.trail = next;
        }
        keys.used.insert(entry.header().key_id, entry.header().seq);
        let value = value.map_err(|reason| (offset, reason))?;
        if entry.header().seq >= self.claim.count {
            return Err((offset, Reason::Unlisted { listed: self.claim.count }));
        }
        Ok(Checked { offset, end, entry, value })
    }

    fn check_end(&self, end: &ScanEnd) -> Option<Fault> {
        let (count, listed) = (end.tip.count, self.claim.count);
        if count < listed {
            return Some(Fault { seq: count, offset: end.offset, reason: Reason::Missing { listed } });
        }
        let last = Fault { seq: count.saturating_sub(1), offset: end.last_offset, reason: Reason::Head };
        (end.tip.head != self.claim.head.0).then_some(last)
    }
}

/// Which keys are valid at the next place, and the last entry that each has signed.
struct Keys {
    trail: KeyTrail,
    used: BTreeMap<KeyId, u64>,
}

fn in_order<T>(mut groups: Vec<Group<T>>, workers: Vec<ScopedJoinHandle<'_, Vec<Group<T>>>>) -> Vec<Verdict<T>> {
    for worker in workers {
        match worker.join() {
            Ok(done) => groups.extend(done),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    groups.sort_by_key(|(from, _)| *from);
    groups.into_iter().flat_map(|(_, verdicts)| verdicts).collect()
}
