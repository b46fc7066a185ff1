//! Reports for people. What machines read is the same reports as JSON.

mod insight;

use std::fmt::{self, Display, Formatter};

use serde::Serialize;
use tongcha_ledger::key::Hex;

use crate::bundle::Manifest;
use crate::export::Excess;
use crate::finding::{Finding, explain};
use crate::indicators::Indicators;
use crate::keys::KeySource;
use crate::replay::ReplayReport;
use crate::verify::VerifyReport;

/// Most entries that are named in one line.
const LOST_NAMED_MAX: usize = 20;

/// Writes 32 bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &Hex) -> String {
    ::hex::encode(bytes.0)
}

impl Display for KeySource {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bundle => "the bundles' own cards (they show that a bundle is of one piece, not who made it)",
            Self::Trusted => "the cards given with --cards",
        })
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { bundle, origin, seq, offset, reason } = self;
        let (code, bundle) = (reason.code(), bundle.display());
        write!(f, "{code}: {bundle}: log of {origin}, entry {seq}, at byte {offset}: {}", explain(reason))
    }
}

fn findings(f: &mut Formatter<'_>, findings: &[Finding]) -> fmt::Result {
    match findings.len() {
        0 => return writeln!(f, "No findings."),
        1 => writeln!(f, "1 finding:")?,
        more => writeln!(f, "{more} findings:")?,
    }
    findings.iter().try_for_each(|finding| writeln!(f, "  {finding}"))
}

impl Display for VerifyReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Public keys: {}", self.keys)?;
        for log in &self.logs {
            writeln!(f, "\n{}: log of {}", log.bundle.display(), log.origin)?;
            writeln!(f, "  entries   {} ({} bodies checked)", log.entries, log.bodies)?;
            if let (Some(first), Some(last)) = (&log.first_recorded_at, &log.last_recorded_at) {
                writeln!(f, "  recorded  {first} to {last}")?;
            }
            writeln!(f, "  head      {}", hex(&log.head))?;
            match &log.checkpoint {
                None => writeln!(f, "  checkpoint none in the bundle")?,
                Some(checkpoint) => {
                    let by: Vec<_> = checkpoint.witnessed_by.iter().map(ToString::to_string).collect();
                    let by = if by.is_empty() { "nobody yet".to_owned() } else { by.join(" and ") };
                    writeln!(f, "  checkpoint over {} entries, witnessed by {by}", checkpoint.size)?;
                }
            }
            tell_lost(f, &log.lost)?;
            writeln!(f, "  speed     {:.0} entries/s", log.entries_per_second)?;
        }
        let speed = &self.speed;
        writeln!(f, "\n{} entries in {:.2} s: {:.0}/s", speed.entries, speed.seconds, speed.entries_per_second)?;
        if let (Some(single), Some(ratio)) = (speed.single_core_verifications_per_second, speed.ratio) {
            let cores = speed.cores;
            writeln!(
                f,
                "One core verifies {single:.0} signatures/s here; {ratio:.2} of {cores} such cores was reached."
            )?;
        }
        writeln!(f)?;
        findings(f, &self.findings)
    }
}

// Which entries have lost their body; of many the first are named, all of them are in the JSON.
fn tell_lost(f: &mut Formatter<'_>, lost: &[u64]) -> fmt::Result {
    if lost.is_empty() {
        return Ok(());
    }
    let first: Vec<_> = lost.iter().take(LOST_NAMED_MAX).map(ToString::to_string).collect();
    let more = if lost.len() > LOST_NAMED_MAX { ", …" } else { "" };
    writeln!(f, "  lost      {} bodies, with a disk: entries {}{more}", lost.len(), first.join(", "))
}

impl Display for ReplayReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Public keys: {}", self.keys)?;
        for log in &self.logs {
            let (bundle, origin) = (log.bundle.display(), log.origin);
            let (entries, opened, erased, lost) = (log.entries, log.opened, log.erased, log.lost);
            writeln!(
                f,
                "{bundle}: log of {origin}: {entries} entries, {opened} bodies opened, {erased} erased, {lost} lost"
            )?;
        }
        writeln!(f, "\nView of {}: {} entries, {} rows", self.party, self.entries, self.rows)?;
        self.kinds.iter().try_for_each(|(kind, count)| writeln!(f, "  {kind:<28}{count:>12}"))?;
        for erasure in &self.erasures {
            let (origin, seq, basis) = (erasure.origin, erasure.seq, erasure.basis.code());
            let (reference, entries) = (&erasure.reference, erasure.entries.len());
            let by: Vec<String> = erasure.confirmed.iter().map(|(party, keys)| format!("{party} ({keys})")).collect();
            writeln!(f, "Erasure ordered by entry {seq} of {origin}: {basis} {reference}, {entries} entries")?;
            writeln!(f, "  confirmed by {}", if by.is_empty() { "nobody yet".to_owned() } else { by.join(", ") })?;
            if !erasure.missing.is_empty() {
                let missing: Vec<_> = erasure.missing.iter().map(ToString::to_string).collect();
                writeln!(f, "  NOT CONFIRMED by {}", missing.join(", "))?;
            }
        }
        writeln!(f, "State root {}", hex(&self.state_root))?;
        match &self.expected_state_root {
            None => writeln!(f, "The bundle gives none to compare with.")?,
            Some(expected) if *expected == self.state_root => writeln!(f, "It is the one the party gave.")?,
            Some(expected) => writeln!(f, "IT DIFFERS from the one the party gave: {}", hex(expected))?,
        }
        findings(f, &self.findings)
    }
}

/// The pilot report of bundles.
#[derive(Serialize)]
pub struct Stats {
    /// The indicators.
    #[serde(flatten)]
    pub indicators: Indicators,
    /// What is wrong with the logs read.
    pub findings: Vec<Finding>,
}

impl Display for Stats {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.indicators.fmt(f)?;
        findings(f, &self.findings)
    }
}

/// What was exported.
pub struct Exported<'a> {
    /// The bundle's list.
    pub manifest: &'a Manifest,
    /// What belongs to no log.
    pub excesses: &'a [Excess],
}

impl Display for Exported<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for log in &self.manifest.logs {
            writeln!(f, "log of {}: {} entries, head {}", log.origin, log.count, hex(&log.head))?;
        }
        if let Some(root) = &self.manifest.state_root {
            writeln!(f, "state root of {}: {}", self.manifest.party, hex(root))?;
        }
        for Excess { origin, offset, torn } in self.excesses {
            writeln!(
                f,
                "log of {origin}: {} at byte {offset}",
                match torn {
                    true => "an interrupted write, left out,",
                    false => "DAMAGE, copied as it is,",
                }
            )?;
        }
        Ok(())
    }
}
