//! How fast entries are checked, beside how fast this machine can verify signatures at all.

use std::time::{Duration, Instant};

use serde::Serialize;
use tongcha_ledger::entry::{PREFIX, SIGNATURE_LEN, VerifiedEntry};
use tongcha_ledger::key::PartyKeys;

/// Signatures in the comparison: some 80 ms of work.
pub const SAMPLE_ENTRIES: usize = 2_000;

/// Speed of an audit.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Speed {
    /// Threads that checked.
    pub cores: usize,
    /// Entries checked.
    pub entries: u64,
    /// Seconds it took to read and check them all.
    pub seconds: f64,
    /// Entries a second.
    pub entries_per_second: f64,
    /// Strict verifications a second of a plain loop on one core, over entries of these logs, in this run; none when
    /// there are no entries, or it was not measured.
    pub single_core_verifications_per_second: Option<f64>,
    /// Entries a second over cores times the single-core rate: 1 would be nothing but signatures.
    pub ratio: Option<f64>,
}

/// Some entries of the logs, with the keys they verify under.
#[derive(Debug, Default)]
pub struct Samples(Vec<(VerifiedEntry, PartyKeys)>);

impl Samples {
    /// Keeps an entry, while there are fewer than [`SAMPLE_ENTRIES`].
    pub fn keep(&mut self, entry: &VerifiedEntry, keys: Option<&PartyKeys>) {
        if self.0.len() < SAMPLE_ENTRIES {
            self.0.extend(keys.map(|keys| (entry.clone(), keys.clone())));
        }
    }

    /// Verifies [`SAMPLE_ENTRIES`] signatures one after the other on this thread, going round when there are fewer
    /// samples, and returns how many a second that is.
    #[must_use]
    pub fn single_core_rate(&self) -> Option<f64> {
        let signed = |(entry, keys): &'_ (VerifiedEntry, PartyKeys)| {
            entry.bytes().split_last_chunk::<SIGNATURE_LEN>().map(|(head, sig)| (head.to_vec(), *sig, keys.clone()))
        };
        let signed: Vec<_> = self.0.iter().filter_map(signed).collect();
        let began = Instant::now();
        let mut good: u32 = 0;
        for (head, signature, keys) in signed.iter().cycle().take(SAMPLE_ENTRIES) {
            good += u32::from(keys.verify(PREFIX, head, signature));
        }
        (good > 0).then(|| f64::from(good) / began.elapsed().as_secs_f64().max(f64::EPSILON))
    }
}

impl Speed {
    /// Puts the figures of an audit on `cores` threads together.
    #[must_use]
    pub fn of(cores: usize, entries: u64, took: Duration) -> Self {
        Self {
            cores,
            entries,
            seconds: took.as_secs_f64(),
            entries_per_second: rate(entries, took),
            single_core_verifications_per_second: None,
            ratio: None,
        }
    }

    /// Measures what one core can do here, and compares.
    pub fn measure(&mut self, samples: &Samples) {
        let single = samples.single_core_rate();
        #[allow(clippy::cast_precision_loss)] // a count of cores
        let ratio = single.map(|single| self.entries_per_second / (self.cores as f64 * single));
        (self.single_core_verifications_per_second, self.ratio) = (single, ratio);
    }
}

/// Returns entries a second.
#[must_use]
pub fn rate(entries: u64, took: Duration) -> f64 {
    #[allow(clippy::cast_precision_loss)] // exact below 2^53 entries
    let entries = entries as f64;
    entries / took.as_secs_f64().max(f64::EPSILON)
}
