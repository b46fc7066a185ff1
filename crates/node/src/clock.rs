//! The wall clock, and the clock of a drill.
//!
//! In scope: the only place of the service that reads the time. A drill moves it by what a file says, so that weeks of
//! deadlines can be rehearsed with real services in minutes. A service in a drill says so in its log, in `/health/ready`
//! and on every answer: its entries must never be taken for real ones. Out of scope: keeping the system's clock right.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tongcha_domain::time::{Instant, SECOND_US};

/// How often a drill's file is read: short beside the seconds that people wait, long beside a read.
const DRILL_INTERVAL: Duration = Duration::from_millis(50);

static OFFSET_US: AtomicI64 = AtomicI64::new(0);
static DRILL: AtomicBool = AtomicBool::new(false);

/// Returns the time of the wall clock; in a drill, moved by its offset.
#[must_use]
pub fn wall_clock() -> Instant {
    Instant(jiff::Timestamp::now().as_microsecond()).plus_us(OFFSET_US.load(Ordering::Relaxed))
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
    read_offset(file);
}

/// Follows a drill's file until `stop`.
pub async fn follow_drill(file: PathBuf, stop: CancellationToken) {
    let mut interval = tokio::time::interval(DRILL_INTERVAL);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        read_offset(&file);
    }
}

fn read_offset(file: &Path) {
    let seconds = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse::<i64>().ok());
    if let Some(seconds) = seconds {
        OFFSET_US.store(seconds.saturating_mul(SECOND_US), Ordering::Relaxed);
    }
}
