//! What a party could know at a moment: its own log, and of the others' what it had accepted by then.
//!
//! A party says in each of its entries how many entries of the others it had (`seen`). So its last entry up to the moment
//! proves what it knew *for certain*; what it accepted between that entry and the next it *may* have known: the log can't
//! tell when in between. Its own clock decides what was up to the moment; the others' clocks only where it wrote nothing
//! later, and then with the skew that a lookup may have.

use std::collections::BTreeMap;

use serde::Serialize;
use tongcha_domain::case::CaseRef;
use tongcha_domain::id::PartyId;
use tongcha_domain::lookup::CLOCK_SKEW_MAX_US;
use tongcha_domain::officer::Actor;
use tongcha_domain::time::Instant;
use tongcha_domain::view::Rows;
use tongcha_domain::work::timeline;

use crate::input::InputError;
use crate::keys::KeySource;
use crate::reading::Reading;
use crate::replay::{ReplayReport, View, fold};

/// What was known of one log.
#[derive(Clone, Debug, Serialize)]
pub struct Known {
    /// Whose log.
    pub origin: PartyId,
    /// So many entries for certain.
    pub certain: u64,
    /// So many at most.
    pub possible: u64,
    /// The entries between the two, by kind.
    pub between: BTreeMap<&'static str, u64>,
}

/// What a party knew at a moment.
#[derive(Debug, Serialize)]
pub struct AsOfReport {
    /// The moment.
    pub as_of: String,
    /// The entry of the party that proves what was certain, and when it was recorded; none when it had written nothing.
    pub proved_by: Option<Proof>,
    /// Each log.
    pub known: Vec<Known>,
    /// The view of what was certain.
    pub replay: ReplayReport,
    /// What was certain of a case, oldest first; none when no case was asked for, empty when nothing was known of it.
    pub case: Option<Vec<Step>>,
}

/// An own entry.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// Its position.
    pub seq: u64,
    /// When it was recorded.
    pub recorded_at: String,
}

/// One step of a case.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// When, by the clock of the log's writer.
    pub at: String,
    /// Whose log.
    pub origin: PartyId,
    /// Position in it.
    pub seq: u64,
    /// What.
    pub kind: &'static str,
}

/// What the own log says about a moment.
#[derive(Default)]
struct Bounds {
    own: u64,
    last: Option<Proof>,
    certain: BTreeMap<PartyId, u64>,
    // What had been accepted when the next entry was written; none when there is no later entry.
    next: Option<BTreeMap<PartyId, u64>>,
}

/// Works out what a party knew at a moment, also of a case, read as an officer of the party may.
///
/// # Errors
/// When something can't be read.
pub fn as_of(
    reading: &Reading<'_>,
    party: PartyId,
    keys: KeySource,
    at: Instant,
    case: Option<(CaseRef, &Actor)>,
) -> Result<AsOfReport, InputError> {
    let bounds = bounds(reading, party, at)?;
    let limit = |origin| if origin == party { bounds.own } else { bounds.certain.get(&origin).copied().unwrap_or(0) };
    let mut known = Vec::new();
    for origin in reading.origins() {
        let certain = limit(origin);
        let most = match &bounds.next {
            _ if origin == party => certain,
            Some(next) => next.get(&origin).copied().unwrap_or(certain),
            None => u64::MAX,
        };
        known.push(between(reading, origin, certain, most, at.plus_us(CLOCK_SKEW_MAX_US))?);
    }
    let (replay, view) = fold(reading, party, keys, limit)?;
    let case = case.map(|(case, reader)| steps(&view, party, case, reader, at)).transpose()?;
    Ok(AsOfReport { as_of: at.to_string(), proved_by: bounds.last, known, replay, case })
}

fn bounds(reading: &Reading<'_>, party: PartyId, at: Instant) -> Result<Bounds, InputError> {
    let mut bounds = Bounds::default();
    reading.log(party, u64::MAX, &mut |good| {
        for header in good.iter().map(|checked| checked.entry.header()) {
            if header.recorded_at > at {
                bounds.next.get_or_insert_with(|| header.seen.clone());
            } else {
                bounds.own = header.seq + 1;
                bounds.certain.clone_from(&header.seen);
                bounds.last = Some(Proof { seq: header.seq, recorded_at: header.recorded_at.to_string() });
            }
        }
        Ok(())
    })?;
    Ok(bounds)
}

// What lies between certain and possible. Entries of a later time than `until` are not counted where only the others'
// clocks can tell.
fn between(
    reading: &Reading<'_>,
    origin: PartyId,
    certain: u64,
    most: u64,
    until: Instant,
) -> Result<Known, InputError> {
    let mut known = Known { origin, certain, possible: certain, between: BTreeMap::new() };
    reading.log(origin, most, &mut |good| {
        let later = good.iter().map(|checked| checked.entry.header()).skip_while(|header| header.seq < certain);
        for header in later.take_while(|header| most < u64::MAX || header.recorded_at <= until) {
            known.possible = header.seq + 1;
            *known.between.entry(header.kind.code()).or_default() += 1;
        }
        Ok(())
    })?;
    Ok(known)
}

fn steps(view: &View, party: PartyId, case: CaseRef, reader: &Actor, at: Instant) -> Result<Vec<Step>, InputError> {
    let happened = timeline(&Rows::new(view.rows()), party, reader, case, at).map_err(InputError::View)?;
    let step = |happened: tongcha_domain::work::Happened| Step {
        at: happened.said.at.to_string(),
        origin: happened.party,
        seq: happened.said.seq,
        kind: happened.kind.code(),
    };
    Ok(happened.unwrap_or_default().into_iter().map(step).collect())
}
