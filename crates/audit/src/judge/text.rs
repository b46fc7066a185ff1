//! The judgement for people. What machines read is the same as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use crate::judge::{JudgeReport, Judged, NotJudged, Skipped, Wrong};

impl Display for Wrong {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { origin, seq, kind, recorded_at, breach } = self;
        let (code, rule) = (breach.code(), breach.rule());
        write!(f, "{code}: log of {origin}, entry {seq} ({kind}, {recorded_at}): {breach} [{rule}]")
    }
}

impl Display for Skipped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingHappened => "a command was refused, so nothing happened",
            Self::QuestionNotKept => "denied for what the log does not keep",
            Self::Erased => "the body was erased",
            Self::Lost => "the body was lost with a disk",
        })
    }
}

impl Display for Judged {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let judged: u64 = self.judged.values().sum();
        writeln!(f, "\n{}: log of {}: {} entries, {judged} judged", self.bundle.display(), self.party, self.entries)?;
        for (reason, kinds) in &self.skipped {
            writeln!(f, "  not judged ({reason}): {}", counts(kinds))?;
        }
        if self.erased > 0 {
            writeln!(f, "  {} erased bodies: what rests on them can't be judged", self.erased)?;
        }
        if self.lost > 0 {
            writeln!(f, "  {} bodies lost with a disk: what rests on them can't be judged", self.lost)?;
        }
        if self.not_reached > 0 {
            writeln!(f, "  NOT REACHED: {} entries lie behind a fault", self.not_reached)?;
        }
        for fault in &self.faults {
            writeln!(f, "  {fault}")?;
        }
        first_of_each(f, "findings", &self.findings)?;
        if self.undecided.is_empty() {
            return Ok(());
        }
        first_of_each(f, "undecided: wrong if nothing had been erased or lost before", &self.undecided)
    }
}

fn counts(kinds: &BTreeMap<&'static str, u64>) -> String {
    kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}

// Of each rule the first entry that breaks it; all of them are in the JSON.
fn first_of_each(f: &mut Formatter<'_>, what: &str, list: &[Wrong]) -> fmt::Result {
    writeln!(f, "  {what}: {}", list.len())?;
    let mut told = BTreeSet::new();
    list.iter().filter(|wrong| told.insert(wrong.breach.code())).try_for_each(|wrong| writeln!(f, "    {wrong}"))
}

impl Display for NotJudged {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "NOT JUDGED: the log of {}: {}", self.party, self.reason)
    }
}

impl Display for JudgeReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Public keys: {}", self.keys)?;
        self.parties.iter().try_for_each(|judged| write!(f, "{judged}"))?;
        writeln!(f)?;
        self.not_judged.iter().try_for_each(|party| writeln!(f, "{party}"))
    }
}
