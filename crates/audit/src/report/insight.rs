//! What was known, who saw, what changed, and the indicators, for people.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use super::{findings, hex};
use crate::as_of::AsOfReport;
use crate::diff::DiffReport;
use crate::indicators::{Indicators, Times};
use crate::who_saw::{EntryReport, LooksReport, Mark, Seen};

impl Display for AsOfReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (party, as_of) = (self.replay.party, &self.as_of);
        match &self.proved_by {
            None => writeln!(f, "{party} had written nothing by {as_of}.")?,
            Some(proof) => {
                let (seq, at) = (proof.seq, &proof.recorded_at);
                writeln!(f, "What {party} knew by {as_of}, proved by its own entry {seq} of {at}:")?;
            }
        }
        for known in &self.known {
            let (origin, certain) = (known.origin, known.certain);
            write!(f, "  {certain} entries of {origin}")?;
            let more = known.possible - certain;
            if more > 0 {
                write!(f, ", and possibly {more} more (")?;
                let kinds: Vec<_> = known.between.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
                write!(f, "{})", kinds.join(", "))?;
            }
            writeln!(f)?;
        }
        if let Some(steps) = &self.case {
            writeln!(f, "Of the case it knew {} steps:", steps.len())?;
            for step in steps {
                writeln!(f, "  {}  {} (entry {} of {})", step.at, step.kind, step.seq, step.origin)?;
            }
        }
        let (rows, root) = (self.replay.rows, hex(&self.replay.state_root));
        writeln!(f, "Its view then: {rows} rows, state root {root}")?;
        findings(f, &self.replay.findings)
    }
}

impl Display for Mark {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} (its entry {})", self.recorded_at, self.seq)
    }
}

impl Display for EntryReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { origin, seq, kind, recorded_at, .. } = self;
        writeln!(f, "Entry {seq} of {origin}: {kind}, recorded at {recorded_at}")?;
        for holder in &self.others {
            let what = if holder.reader { "header and body" } else { "the header only" };
            write!(f, "  {} gets {what}; ", holder.party)?;
            match (&holder.not_yet, &holder.had) {
                (None, None) => writeln!(f, "its log is not here")?,
                (Some(mark), None) => writeln!(f, "its log does not say that it came, last at {mark}")?,
                (None, Some(had)) => writeln!(f, "had it by {had}")?,
                (Some(mark), Some(had)) => writeln!(f, "not yet at {mark}, had it by {had}")?,
            }
        }
        findings(f, &self.findings)
    }
}

impl Display for Seen {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (who, unit) = (self.officer.as_deref().unwrap_or("an officer"), &self.unit);
        write!(f, "{}  {who} of {unit}, {}: {}", self.at, self.party, self.what)?;
        if let Some(reason) = &self.reason {
            write!(f, "; reason: {reason}")?;
        }
        if !self.consents.is_empty() {
            write!(f, "; on consent {}", self.consents.join(", "))?;
        }
        write!(f, " (entry {} of {})", self.seq, self.log)
    }
}

impl Display for LooksReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let names = |parties: &[_]| {
            let names: Vec<_> = parties.iter().map(|party: &tongcha_domain::id::PartyId| party.to_string()).collect();
            names.join(", ")
        };
        writeln!(f, "{} looks, by the logs of {}.", self.looks.len(), names(&self.asked))?;
        if !self.not_asked.is_empty() {
            let names = names(&self.not_asked);
            writeln!(f, "Looks at {names} are in their own logs, whose body keys are not here.")?;
        }
        self.looks.iter().try_for_each(|look| writeln!(f, "  {look}"))?;
        findings(f, &self.findings)
    }
}

impl Display for DiffReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for log in &self.logs {
            let (origin, then, now) = (log.origin, log.then, log.now);
            write!(f, "log of {origin}: {then} entries then, {now} now")?;
            writeln!(f, "{}", if now < then { ": ENTRIES ARE GONE" } else { "" })?;
        }
        match (&self.live_root, &self.folded_root) {
            (Some(live), Some(folded)) if live == folded => {
                writeln!(f, "The view of {} is what its logs say: state root {}", self.party, hex(live))?;
            }
            (Some(live), Some(folded)) => {
                writeln!(f, "THE VIEW DIFFERS from the logs: {} live, {} folded here", hex(live), hex(folded))?;
            }
            (None, Some(_)) => writeln!(f, "THE SERVICE GIVES NO STATE ROOT.")?,
            (_, None) => writeln!(f, "Without body keys the view can't be compared.")?,
        }
        findings(f, &self.findings)
    }
}

impl Display for Times {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { count, median_s, p90_s, max_s } = self;
        write!(f, "{count} measured, median {median_s} s, p90 {p90_s} s, longest {max_s} s")
    }
}

impl Display for Indicators {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let counts = |f: &mut Formatter<'_>, title: &str, counts: &BTreeMap<&'static str, u64>| {
            writeln!(f, "{title}: {}", counts.values().sum::<u64>())?;
            counts.iter().try_for_each(|(name, count)| writeln!(f, "  {name:<28}{count:>12}"))
        };
        counts(f, "Events", &self.kinds)?;
        counts(f, "Late", &self.overdue)?;
        counts(f, "Refusals by reason", &self.refusals)?;
        for (party, officers) in &self.refused_officers {
            writeln!(f, "Refused commands at {party}, by officer:")?;
            officers.iter().try_for_each(|(officer, count)| writeln!(f, "  {:<28}{count:>12}", officer.as_str()))?;
        }
        counts(f, "Corrected, recalled or withdrawn", &self.corrections)?;
        let (sent, withheld) = (self.entries_sent, self.entries_withheld);
        writeln!(f, "Entries of routine batches: {sent} told, {withheld} withheld for want of a legal basis")?;
        let times = [
            ("Batch sent to acknowledged", &self.batch_acknowledged),
            ("Urgent notice to acknowledged", &self.urgent_acknowledged),
            ("Request submitted to first reply", &self.first_reply),
            ("Request submitted to complete reply", &self.complete_reply),
            ("Lookup asked to closed", &self.lookup_closed),
        ];
        for (title, by_party) in times {
            writeln!(f, "{title}:{}", if by_party.is_empty() { " none" } else { "" })?;
            by_party.iter().try_for_each(|(party, times)| writeln!(f, "  {:<12}{times}", party.to_string()))?;
        }
        let read: Vec<_> = self.read.iter().map(ToString::to_string).collect();
        writeln!(f, "Read from the logs of: {}", if read.is_empty() { "nobody".to_owned() } else { read.join(", ") })
    }
}
