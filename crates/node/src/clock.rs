//! The wall clock, and the clock of a drill.
//!
//! In scope: the only place of the service that reads the time. A drill moves it by what a file says, so that weeks of
//! deadlines can be rehearsed with real services in minutes. The file holds the seconds by which the clock is moved and,
//! if need be, the real instant (milliseconds since 1970) from which they count: so all parties' clocks move at once, and
//! no entry is dated before one that its writer had seen. A service in a drill says so in its log, in `/health/ready`
//! and on every answer: its entries must never be taken for real ones. Out of scope: keeping the system's clock right.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tongcha_domain::time::{Instant, SECOND_US};

/// How often a drill's file is read: short beside the seconds that people wait, long beside a read.
const DRILL_INTERVAL: Duration = Duration::from_millis(50);

static DRILL: AtomicBool = AtomicBool::new(false);
static MOVED: RwLock<Moved> = RwLock::new(Moved { before_us: 0, next: Move { offset_us: 0, from: Instant(0) } });

/// How a drill moves the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moved {
    before_us: i64,
    next: Move,
}

/// An offset, and the real instant from which it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Move {
    offset_us: i64,
    from: Instant,
}

impl Moved {
    fn offset_us(&self, real: Instant) -> i64 {
        if real >= self.next.from { self.next.offset_us } else { self.before_us }
    }

    fn by(&self, next: Move, real: Instant) -> Self {
        if next == self.next { *self } else { Self { before_us: self.offset_us(real), next } }
    }
}

fn real_clock() -> Instant {
    Instant(jiff::Timestamp::now().as_microsecond())
}

/// Returns the time of the wall clock; in a drill, moved by its offset.
#[must_use]
pub fn wall_clock() -> Instant {
    let real = real_clock();
    if !is_drill() {
        return real;
    }
    real.plus_us(MOVED.read().unwrap_or_else(PoisonError::into_inner).offset_us(real))
}

/// Tells whether this service is in a drill.
#[must_use]
pub fn is_drill() -> bool {
    DRILL.load(Ordering::Relaxed)
}

/// Begins a drill: from now on the clock is moved by the seconds that `file` says. A file that can't be read leaves the
/// clock where it was.
pub fn begin_drill(file: &Path) {
    tracing::warn!(file = %file.display(), "THIS IS A DRILL: the clock is moved; nothing recorded here is real");
    DRILL.store(true, Ordering::Relaxed);
    if let Some(next) = std::fs::read_to_string(file).ok().and_then(|text| read_move(&text)) {
        // A service that starts goes by the file at once.
        *MOVED.write().unwrap_or_else(PoisonError::into_inner) = Moved { before_us: next.offset_us, next };
    }
}

/// Follows a drill's file until `stop`.
pub async fn follow_drill(file: PathBuf, stop: CancellationToken) {
    let mut interval = tokio::time::interval(DRILL_INTERVAL);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        read_offset(&file);
    }
}

fn read_offset(file: &Path) {
    let Some(next) = std::fs::read_to_string(file).ok().and_then(|text| read_move(&text)) else { return };
    let mut moved = MOVED.write().unwrap_or_else(PoisonError::into_inner);
    *moved = moved.by(next, real_clock());
}

fn read_move(text: &str) -> Option<Move> {
    let mut words = text.split_whitespace().map(str::parse::<i64>);
    let offset_us = words.next()?.ok()?.saturating_mul(SECOND_US);
    let from = words.next().transpose().ok()?.unwrap_or(0);
    Some(Move { offset_us, from: Instant(from.saturating_mul(1000)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_by_how_much_and_from_when() {
        assert_eq!(read_move("-5\n"), Some(Move { offset_us: -5 * SECOND_US, from: Instant(0) }));
        assert_eq!(read_move("7 1000"), Some(Move { offset_us: 7 * SECOND_US, from: Instant(SECOND_US) }));
        for text in ["", "x", "7 x"] {
            assert_eq!(read_move(text), None, "{text}");
        }
    }

    #[test]
    fn the_clock_moves_at_its_instant_and_not_before() {
        let still = Moved { before_us: 0, next: Move { offset_us: 1, from: Instant(0) } };
        let next = Move { offset_us: 9, from: Instant(100) };
        let moved = still.by(next, Instant(50));
        assert_eq!([99, 100].map(|real| moved.offset_us(Instant(real))), [1, 9]);
        assert_eq!(moved.by(next, Instant(200)), moved, "the same file read again");
        let then = moved.by(Move { offset_us: 20, from: Instant(300) }, Instant(200));
        assert_eq!([299, 300].map(|real| then.offset_us(Instant(real))), [9, 20]);
    }
}
