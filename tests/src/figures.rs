//! Figures, measured through the API as an officer would feel them; each with the number of tries behind it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::cluster::DELIVERY_MAX;
use crate::load::Load;
use crate::parties::{HENGQIN, MACAU, Side};
use crate::story::cast::CHAN;
use crate::story::s2_urgent::notice;
use crate::story::s3_verification::{LOOKUPS, Letter, lookup};
use crate::story::{Stage, array};

/// Most uses of one consent; more lookups take more consents.
const USES: u32 = 24;

/// A distribution of times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Times {
    /// Measurements.
    pub tries: usize,
    /// Half took at most this, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 took at most this.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Times {
    /// Sums up measurements, by nearest rank.
    ///
    /// # Errors
    /// When there are none.
    pub fn of(mut measured: Vec<Duration>) -> Result<Self> {
        measured.sort();
        let tries = measured.len();
        let rank = |percent: usize| {
            let position = (tries * percent).div_ceil(100).max(1) - 1;
            measured.get(position).map(|time| time.as_secs_f64() * 1e3).context("nothing was measured")
        };
        Ok(Self { tries, p50_ms: rank(50)?, p99_ms: rank(99)?, max_ms: rank(100)? })
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tries, p50_ms, p99_ms, max_ms } = self;
        write!(f, "p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms, longest {max_ms:.1} ms ({tries} tries)")
    }
}

/// Durable commands a second.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Throughput {
    /// Commands accepted, each on disk before its answer.
    pub accepted: usize,
    /// Callers at the same time.
    pub callers: usize,
    /// For how long.
    pub seconds: f64,
    /// Accepted a second.
    pub per_second: f64,
    /// From a command to its answer.
    pub answers: Times,
}

/// Measures durable commands: `callers` at once for a time, on a party that does nothing else.
///
/// # Errors
/// When a command is refused or not answered.
pub async fn throughput(stage: &Stage<'_>, side: Side, callers: usize, time: Duration) -> Result<Throughput> {
    let desk = stage.desk(&format!("{}.cw", side.prefix))?;
    let to = side.others().next().context("there are others")?.name;
    let load = Load::start(desk, to, callers);
    tokio::time::sleep(time).await; // the measured time itself
    let outcome = load.stop().await?;
    if let Some(lost) = outcome.unanswered.first() {
        bail!("{} commands got no answer, such as {}", outcome.unanswered.len(), lost.key);
    }
    let (accepted, seconds) = (outcome.accepted.len(), outcome.took.as_secs_f64());
    let answers = Times::of(outcome.accepted.into_iter().map(|(_, took)| took).collect())?;
    #[allow(clippy::cast_precision_loss)] // a count of commands
    let per_second = accepted as f64 / seconds;
    Ok(Throughput { accepted, callers, seconds, per_second, answers })
}

/// Measures from the receipt of an urgent notice to its projection at the peer, one notice at a time, as the peer's API
/// shows it. The polling request is part of the time.
///
/// # Errors
/// When one does not arrive.
pub async fn delivery(stage: &Stage<'_>, tries: usize) -> Result<Times> {
    let (from, body) = (stage.desk("hq.ho")?, notice(&["macau"])?);
    let mut measured = Vec::with_capacity(tries);
    for _ in 0..tries {
        let receipt = from.command("/v1/urgent", &body).await?;
        let accepted = Instant::now();
        while stage.cluster.count(MACAU, HENGQIN.name).await? <= receipt.seq {
            if accepted.elapsed() > DELIVERY_MAX {
                bail!("an urgent notice did not arrive within {DELIVERY_MAX:?}");
            }
        }
        measured.push(accepted.elapsed());
    }
    Times::of(measured)
}

/// Measures live lookups, one after the other: asked, judged, spent on disk, answered, closed on disk.
///
/// # Errors
/// When one is refused.
pub async fn lookups(stage: &Stage<'_>, tries: usize) -> Result<Times> {
    let desk = stage.desk("zh.cw")?;
    let mut measured = Vec::with_capacity(tries);
    while measured.len() < tries {
        let consent = Letter { uses: USES, ..Letter::of(CHAN) }.grant(stage).await?;
        stage.delivered(&consent.receipt, MACAU).await?;
        let body = lookup("macau", Some(&consent.token), CHAN, &["ast.property"])?;
        for _ in 0..USES.min(u32::try_from(tries - measured.len()).unwrap_or(USES)) {
            let asked = Instant::now();
            let answer = desk.ask(LOOKUPS, &body).await?;
            measured.push(asked.elapsed());
            stage.teller.expect_eq("answers", &array(&answer, "answers")?.len(), &1)?;
        }
    }
    Times::of(measured)
}

/// Reads the sum of a metric's samples, such as of `tongcha_quarantined_total` over all labels that hold `label`.
#[must_use]
pub fn metric(text: &str, name: &str, label: &str) -> f64 {
    let samples = text.lines().filter_map(|line| {
        let (sample, value) = line.rsplit_once(' ')?;
        let found = sample.split('{').next() == Some(name) && sample.contains(label);
        found.then(|| value.parse::<f64>().ok()).flatten()
    });
    samples.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let times = Times::of((1..=200).rev().map(Duration::from_millis).collect()).unwrap();
        assert_eq!((times.p50_ms, times.p99_ms, times.max_ms, times.tries), (100.0, 198.0, 200.0, 200));
        assert_eq!(Times::of(vec![Duration::from_millis(7)]).unwrap().p50_ms, 7.0);
        assert!(Times::of(Vec::new()).is_err());
    }

    #[test]
    fn samples_are_summed_by_name_and_label() {
        let text = "# TYPE a counter\na_total{party=\"macau\",reason=\"chain\"} 2\na_total{party=\"macau\",reason=\"clock\"} 1\n\
                    a_total_more{party=\"macau\"} 9\nb 4\n";
        assert_eq!(metric(text, "a_total", "party=\"macau\""), 3.0);
        assert_eq!(metric(text, "a_total", "chain"), 2.0);
        assert_eq!(metric(text, "b", ""), 4.0);
        assert_eq!(metric(text, "c", ""), 0.0);
    }
}
