//! The subject report: everything that concerned some persons, complete, each line with its place in a log.
//!
//! In scope: who asked what on which letter, what was answered, denied, withheld or not told so finely, notices that named
//! them, overlaps, mandates, who looked. A line is one entry of a log. What a party was not told is not in its report: it
//! is in the report of the party that was.
//!
//! Out of scope, besides what [`super::cases`] leaves out: steps among officers that share nothing (assignments, answers
//! that wait for a second person, reminders, receipts of machines). They are in the log and in the case file.

use std::collections::BTreeSet;

use crate::access::cases::{Case, Scope};
use crate::access::who_looked::looks;
use crate::access::{AccessTarget, Look, lines};
use crate::event::EventKind;
use crate::id::{ConsentId, OfficerId, PartyId, UnitId};
use crate::identity::Document;
use crate::item::{Answer, Granularity, Item};
use crate::notice::WithheldReason;
use crate::officer::Role;
use crate::refusal::RefusalCode;
use crate::suppression::{Suppressed, SuppressionFacts};
use crate::text::Short;
use crate::time::Instant;
use crate::view::{Rows, ViewError};

/// What became of a question about an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A letter allows it to be asked.
    Allowed,
    /// It was asked; what became of it stands in later lines.
    Asked,
    /// It was answered, with this.
    Answered(Answer),
    /// It was refused: nothing was told.
    Refused,
    /// It was asked and not answered so far.
    NotAnswered,
    /// It was answered, and recalled: not to be used.
    Recalled,
    /// It was answered; the answer is for whom it is about and who signed for them, not for whom the report is handed to.
    OwnOnly,
}

impl Told {
    /// Returns how finely it was told; none when nothing was.
    #[must_use]
    pub fn told_as(&self) -> Option<Granularity> {
        let Self::Answered(answer) = self else { return None };
        Some(match (&answer.value, &answer.band) {
            (Some(_), _) => Granularity::Exact,
            (None, Some(_)) => Granularity::Band,
            (None, None) => Granularity::Threshold,
        })
    }
}

/// One item of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemTold {
    /// About whom: position in the list of persons; none for an item of a letter, which is about all it covers.
    pub about: Option<usize>,
    /// The item.
    pub item: Item,
    /// How finely it was asked, or may be.
    pub granularity: Option<Granularity>,
    /// What became of it.
    pub told: Told,
}

/// One entry of a log that concerned the persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, by the clock of the log's writer.
    pub at: Instant,
    /// Whose log.
    pub log: PartyId,
    /// Position in it.
    pub seq: u64,
    /// What happened.
    pub kind: EventKind,
    /// Who did it; of another party's live question only the unit is known.
    pub by: Option<(OfficerId, Role)>,
    /// For which unit, where it is known.
    pub unit: Option<UnitId>,
    /// The case.
    pub target: AccessTarget,
    /// Whom it was about: positions in the list of persons asked for.
    pub about: BTreeSet<usize>,
    /// On which consents.
    pub consents: BTreeSet<ConsentId>,
    /// Who asked and who was asked, where it was a question.
    pub between: Option<[PartyId; 2]>,
    /// The items.
    pub items: Vec<ItemTold>,
    /// Why it was refused.
    pub refused: Option<RefusalCode>,
    /// Why the person was not named.
    pub withheld: Option<WithheldReason>,
    /// What for, in the officer's words.
    pub reason: Option<Short>,
}

/// To whom a report is handed out; none when an officer reads it.
pub type Handed<'d> = Option<&'d Document>;

/// Everything that concerned some persons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubjectReport {
    /// The oldest first.
    pub lines: Vec<Line>,
    /// The persons' names as on their documents, in the order asked for; `#1` where no letter known here says it.
    pub names: Vec<String>,
    /// Of the cases above, what is kept from whom, by whose log; never in a report that is handed out.
    pub suppressed: Vec<(PartyId, Suppressed)>,
}

/// Makes the report.
///
/// # Errors
/// When a row can't be read.
pub fn subject_report(
    rows: &Rows<'_>,
    me: PartyId,
    persons: &[Document],
    handed_to: Handed<'_>,
    now: Instant,
) -> Result<SubjectReport, ViewError> {
    let scope = Scope::new(*rows, me, persons, handed_to, now)?;
    let cases = scope.cases()?;
    report_of(&scope, &cases)
}

/// Makes the report of these cases.
pub(super) fn report_of(scope: &Scope<'_>, cases: &[Case]) -> Result<SubjectReport, ViewError> {
    let mut lines = Vec::new();
    for case in cases {
        lines.extend(lines::of_case(scope, case)?);
    }
    let known: BTreeSet<(PartyId, u64)> = lines.iter().map(|line| (line.log, line.seq)).collect();
    let looks = looks(scope, cases)?.into_iter().map(Line::from);
    lines.extend(looks.filter(|look| !known.contains(&(look.log, look.seq))));
    lines.sort_by_key(|line| (line.at, line.log, line.seq));
    let suppressed = if scope.is_handed_out() { Vec::new() } else { suppressed(scope, cases)? };
    Ok(SubjectReport { lines, names: scope.names()?, suppressed })
}

impl From<Look> for Line {
    fn from(look: Look) -> Self {
        let Look { at, log, seq, party: _, officer, unit, target, reason, consents, about } = look;
        Self {
            at,
            log,
            seq,
            kind: EventKind::AccessRecorded,
            by: officer,
            unit: Some(unit),
            target,
            about,
            consents,
            between: None,
            items: Vec::new(),
            refused: None,
            withheld: None,
            reason,
        }
    }
}

fn suppressed(scope: &Scope<'_>, cases: &[Case]) -> Result<Vec<(PartyId, Suppressed)>, ViewError> {
    let mut found = Vec::new();
    for case in cases.iter().filter_map(|case| case.id.suppressible()) {
        for (log, facts) in scope.rows.sides::<SuppressionFacts>(&case)?.iter() {
            found.extend(facts.all.iter().map(|one| (log, one.clone())));
        }
    }
    Ok(found)
}
