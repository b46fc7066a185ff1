//! What rests on a consent, and how many different predicates it bears.
//!
//! A threshold answered again and again with other amounts tells the amount itself. So one consent bears at most
//! [`PREDICATES_MAX`] different predicates on one item of one person, over all requests and lookups (`domain.md` §3.3).
//! The same predicate asked again does not count: it tells nothing new.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{ConsentId, LookupId, PartyId, RequestId};
use crate::identity::{Document, DocumentKey};
use crate::item::{Item, Predicate, Question};
use crate::lookup::{LookupFacts, LookupPermitted};
use crate::refusal::{Refusal, RefusalCode};
use crate::verification::guards::{numbered, question_no};
use crate::verification::{RequestFacts, VerificationRequest};
use crate::view::{Facts, Overlay, Rows, Sides, Table, ViewError};

/// Most different predicates on one item of one person that a consent bears. (A): `domain.md` §3.3 leaves k open; three
/// thresholds (eligible, marginal, far above) are of use, and leave an amount within a quarter of its range at best.
pub const PREDICATES_MAX: usize = 3;

/// What one party's log rests on a consent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasisFacts {
    /// Requests submitted from here.
    pub requests: BTreeSet<RequestId>,
    /// Lookups permitted here.
    pub lookups: BTreeSet<LookupId>,
}

impl Facts for BasisFacts {
    type Id = ConsentId;
    const TABLE: Table = Table::Basis;
}

impl BasisFacts {
    pub(crate) fn permitted(&mut self, event: &LookupPermitted) {
        self.lookups.insert(event.lookup);
    }
}

/// Notes a request under every consent it names.
pub(crate) fn project_basis(
    rows: &mut Overlay<'_>,
    origin: PartyId,
    request: &VerificationRequest,
) -> Result<(), ViewError> {
    let consents: BTreeSet<ConsentId> = request.questions.iter().map(|asked| asked.consent).collect();
    consents.iter().try_for_each(|consent| {
        rows.fold::<BasisFacts>(consent, origin, |facts| {
            facts.requests.insert(request.id);
        })
    })
}

/// Returns the requests that name a consent, by whoever's log.
pub(super) fn requests_on(rows: &Rows<'_>, consent: ConsentId) -> Result<BTreeSet<RequestId>, ViewError> {
    let sides: Sides<BasisFacts> = rows.sides(&consent)?;
    Ok(sides.iter().flat_map(|(_, facts)| facts.requests.iter().copied()).collect())
}

type OnItem = (ConsentId, DocumentKey, Item);

/// What was asked on consents before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedBefore {
    requests: BTreeMap<RequestId, Sides<RequestFacts>>,
    lookups: BTreeMap<LookupId, Sides<LookupFacts>>,
}

impl AskedBefore {
    /// Loads all that rests on some consents.
    pub(crate) fn load(rows: &Rows<'_>, consents: impl IntoIterator<Item = ConsentId>) -> Result<Self, ViewError> {
        let mut before = Self::default();
        for consent in consents.into_iter().collect::<BTreeSet<_>>() {
            let basis: Sides<BasisFacts> = rows.sides(&consent)?;
            for (_, facts) in basis.iter() {
                for id in &facts.requests {
                    before.requests.insert(*id, rows.sides(id)?);
                }
                for id in &facts.lookups {
                    before.lookups.insert(*id, rows.sides(id)?);
                }
            }
        }
        Ok(before)
    }

    /// The predicates that count: of the lookups the holder permitted, and of the requests that the holder accepted or,
    /// seen from the asker, that were submitted and not refused.
    fn counted(&self, me: PartyId, holder: PartyId, except: Option<RequestId>) -> BTreeMap<OnItem, Vec<Predicate>> {
        let mut counted = BTreeMap::new();
        for (_, sides) in self.requests.iter().filter(|(id, _)| Some(**id) != except) {
            let Some((asker, request)) = sides.submitted() else { continue };
            let at_holder = sides.of(request.holder);
            let counts = if me == holder {
                at_holder.is_some_and(|facts| facts.accepted.is_some())
            } else {
                asker == me && at_holder.is_none_or(|facts| facts.refused.is_none())
            };
            if request.holder == holder && counts {
                for asked in &request.questions {
                    add(
                        &mut counted,
                        (asked.consent, asked.subject.key(), asked.question.item),
                        asked.question.predicate,
                    );
                }
            }
        }
        for sides in self.lookups.values() {
            let Some((permitted, _)) = sides.of(holder).and_then(|facts| facts.permitted.as_ref()) else { continue };
            for question in &permitted.questions {
                add(&mut counted, (permitted.consent, permitted.subject.key(), question.item), question.predicate);
            }
        }
        counted
    }

    /// Checks a request against what was asked before, without itself.
    ///
    /// # Errors
    /// `TOO_MANY_PREDICATES` with the questions that are too many.
    pub(super) fn check_request(&self, me: PartyId, request: &VerificationRequest) -> Result<(), Refusal> {
        let mut counted = self.counted(me, request.holder, Some(request.id));
        let too_many = numbered(request).filter(|(_, asked)| {
            let on = (asked.consent, asked.subject.key(), asked.question.item);
            add(&mut counted, on, asked.question.predicate) > PREDICATES_MAX
        });
        refuse(too_many.map(|(no, _)| question_no(no)).collect())
    }

    /// Checks the questions of a lookup at its holder.
    ///
    /// # Errors
    /// `TOO_MANY_PREDICATES` with the items asked too often.
    pub(crate) fn check_lookup(
        &self,
        holder: PartyId,
        consent: ConsentId,
        subject: &Document,
        questions: &[Question],
    ) -> Result<(), Refusal> {
        let mut counted = self.counted(holder, holder, None);
        let too_many = questions.iter().filter(|question| {
            add(&mut counted, (consent, subject.key(), question.item), question.predicate) > PREDICATES_MAX
        });
        let items: BTreeSet<&str> = too_many.map(|question| question.item.code()).collect();
        refuse(items.into_iter().map(str::to_owned).collect())
    }
}

/// Adds a predicate unless it is there; returns how many different ones there are now.
fn add(counted: &mut BTreeMap<OnItem, Vec<Predicate>>, on: OnItem, predicate: Predicate) -> usize {
    let predicates = counted.entry(on).or_default();
    if !predicates.contains(&predicate) {
        predicates.push(predicate);
    }
    predicates.len()
}

fn refuse(offending: Vec<String>) -> Result<(), Refusal> {
    if offending.is_empty() { Ok(()) } else { Err(Refusal::new(RefusalCode::TooManyPredicates).offending(offending)) }
}
