//! The one way a log is read: every entry is checked on all cores, then followed along the chain, in order.
//!
//! While the workers check one chunk, this thread follows the chain of the chunk before and reads the one after, so
//! memory is flat in the log's length and the cores stay busy.

use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;

use tongcha_ledger::body::SealedBody;
use tongcha_ledger::entry::{Tip, VerifiedEntry};
use tongcha_ledger::frame::{FrameRead, read_frame};
use tongcha_ledger::key::Directory;

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

// An entry whose form and signature are good, with what became of its body; or where and why not. The body's verdict
// comes after the chain's: of a misplaced entry the place is to be told.
type Verdict<T> = Result<Checked<Result<T, Reason>>, (u64, Reason)>;

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
        let (mut chunk, mut checked) = (frames.next_chunk()?, Vec::new());
        while end.fault.is_none() && !(chunk.is_empty() && checked.is_empty()) {
            let next_group = AtomicUsize::new(0);
            let (next_chunk, next_checked) = std::thread::scope(|scope| {
                let work = || self.work(&chunk, &next_group, check);
                let alone = chunk.len() <= ALONE_FRAMES;
                let workers: Vec<_> =
                    (0..if alone { 0 } else { self.workers.get() }).map(|_| scope.spawn(work)).collect();
                self.follow(&mut end, std::mem::take(&mut checked), take);
                let next_chunk = frames.next_chunk();
                (next_chunk, in_order(if alone { work() } else { Vec::new() }, workers))
            });
            (chunk, checked) = (next_chunk?, next_checked);
        }
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
        let fault = |reason| (span.offset, reason);
        let record = match read_frame(span.bytes) {
            FrameRead::Whole(record, _) => record,
            FrameRead::Torn => return Err(fault(Reason::Torn)),
            FrameRead::Damaged => return Err(fault(Reason::Damaged)),
        };
        let entry =
            VerifiedEntry::verify(&record.entry, self.directory).map_err(|error| fault(Reason::Entry(error)))?;
        let found = entry.header().origin;
        if found != self.claim.origin {
            return Err(fault(Reason::Origin { found }));
        }
        let value = check(&entry, record.body);
        Ok(Checked { offset: span.offset, end: span.end(), entry, value })
    }

    fn follow<T>(
        &self,
        end: &mut ScanEnd,
        verdicts: Vec<Verdict<T>>,
        take: &mut impl FnMut(Vec<Checked<T>>) -> Result<(), Fault>,
    ) {
        let mut good = Vec::with_capacity(verdicts.len());
        for verdict in verdicts {
            match verdict.and_then(|checked| self.chained(&end.tip, checked)) {
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

    fn chained<T>(&self, tip: &Tip, checked: Checked<Result<T, Reason>>) -> Result<Checked<T>, (u64, Reason)> {
        let Checked { offset, end, entry, value } = checked;
        tip.check(&entry).map_err(|error| (offset, Reason::Entry(error)))?;
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
