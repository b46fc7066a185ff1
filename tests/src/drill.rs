//! The clocks of a drill: all parties' at once, or all but one that is wrong.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::client::{ahead, set_ahead};
use crate::cluster::Cluster;
use crate::parties::{SIDES, Side};
use crate::wait;

/// Longest wait until a service goes by its drill's clock; it reads the file twenty times a second.
const FOLLOWS_MAX: Duration = Duration::from_secs(30);

/// How long after it is said a drill's clock counts, for all services at one instant: none is told of what happened at a
/// time it has not come to. Ten times as long as a service takes to read it.
const CHANGE_OVER_MS: i64 = 500;

impl Cluster {
    /// Moves the clocks of all parties on by so many seconds. Waits until every service goes by it.
    ///
    /// # Errors
    /// When the drill's file can't be written or a service does not follow.
    pub async fn advance(&self, seconds: i64) -> Result<()> {
        self.set_clock(ahead() + seconds).await
    }

    /// Moves the clocks of all parties on to an instant.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn go_to(&self, instant: &str) -> Result<()> {
        self.set_clock(seconds_before(instant)?).await
    }

    async fn set_clock(&self, ahead_s: i64) -> Result<()> {
        set_ahead(ahead_s);
        self.set_clocks(SIDES, ahead_s).await
    }

    /// Moves the clocks of all parties but one on by so many seconds: that one's is wrong from now on.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn advance_others(&self, behind: Side, seconds: i64) -> Result<()> {
        self.set_clocks(behind.others(), ahead() + seconds).await
    }

    async fn set_clocks(&self, sides: impl IntoIterator<Item = Side>, ahead_s: i64) -> Result<()> {
        let sides: Vec<Side> = sides.into_iter().collect();
        let from_ms = jiff::Timestamp::now().as_millisecond() + CHANGE_OVER_MS;
        for side in &sides {
            self.home(*side)?.write_clock(ahead_s, from_ms)?;
        }
        for side in sides {
            wait::until(&format!("{} goes by the drill's clock", side.name), FOLLOWS_MAX, async || {
                let status = self.status(side).await?;
                let now = status.get("now").and_then(Value::as_str).context("the status tells the time")?;
                let ahead = seconds_before(now)?;
                Ok((ahead.abs_diff(ahead_s) <= 2).then_some(()))
            })
            .await?;
        }
        Ok(())
    }
}

/// How many seconds an instant lies before, or after, the real now.
pub(crate) fn seconds_before(instant: &str) -> Result<i64> {
    let instant: jiff::Timestamp = instant.parse()?;
    Ok(instant.as_second() - jiff::Timestamp::now().as_second())
}
