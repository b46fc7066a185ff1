//! Waiting for something to become true, with a deadline. Nothing in the test bed sleeps for a fixed time.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Asks again and again until there is an answer; returns it.
///
/// # Errors
/// What the probe fails with, or that `what` did not happen within the time.
pub async fn until<T>(what: &str, within: Duration, probe: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_with(what, within, LONGEST_PAUSE, probe).await
}

/// Like [`until`], with the pause between two probes growing to at most `longest`.
///
/// # Errors
/// As [`until`].
pub async fn until_with<T>(
    what: &str,
    within: Duration,
    longest: Duration,
    mut probe: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let started = Instant::now();
    let mut pause = FIRST_PAUSE.min(longest);
    loop {
        if let Some(found) = probe().await? {
            return Ok(found);
        }
        if started.elapsed() > within {
            bail!("not within {within:?}: {what}");
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_errors_and_deadlines_end_the_wait() {
        let mut left = 3;
        let counted = until("", Duration::from_secs(5), async || {
            left -= 1;
            Ok((left == 0).then_some("done"))
        });
        assert_eq!(counted.await.unwrap(), "done");
        let failed = until::<()>("", Duration::from_secs(5), async || bail!("broken")).await;
        assert_eq!(failed.unwrap_err().to_string(), "broken");
        let late = until::<()>("the batch arrives", Duration::ZERO, async || Ok(None)).await;
        assert!(late.unwrap_err().to_string().contains("the batch arrives"));
    }
}
