//! "Who looked at this person, when, why, on which consent": answered from one party's own log and from the gate
//! verdicts it was told of.
//!
//! In scope: reads of cases that name the person, live questions about the person, earlier reports of this kind. Out of
//! scope: reads at the other parties, which are in their logs; the answer says so wherever it is shown. All cases are
//! gone through, since there is no index by person: the volumes are small (`domain.md` §5) and the question is rare.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{AccessFacts, AccessId, AccessTarget, Looked};
use crate::consent::{ConsentClaims, ConsentFacts, Signatory};
use crate::id::{ConsentId, OfficerId, PartyId, UnitId};
use crate::identity::{Document, DocumentKey, Subject};
use crate::lookup::LookupFacts;
use crate::notice::{BatchFacts, NoticeEntry};
use crate::officer::Role;
use crate::text::Short;
use crate::time::Instant;
use crate::urgent::UrgentFacts;
use crate::verification::RequestFacts;
use crate::view::{Rows, ViewError};

/// Most looks one answer lists, the newest: a thousand are a look every working day for four years.
pub const LOOKS_MAX: usize = 1000;

/// One look at a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When, by the clock of the log's writer.
    pub at: Instant,
    /// Whose log says so.
    pub log: PartyId,
    /// Position in that log.
    pub seq: u64,
    /// The party of the one who looked.
    pub party: PartyId,
    /// Who looked; of another party's officer only the unit is known.
    pub officer: Option<(OfficerId, Role)>,
    /// For which unit.
    pub unit: UnitId,
    /// What was looked at.
    pub target: AccessTarget,
    /// What for, in the officer's words; none for a live question, whose purpose is the consent's.
    pub reason: Option<Short>,
    /// On which consents.
    pub consents: BTreeSet<ConsentId>,
}

/// Cases that name one of the persons, each with the consents it rests on.
type Cases = BTreeMap<Vec<u8>, (AccessTarget, BTreeSet<ConsentId>)>;

/// Lists the looks at any of the persons, the newest first, at most [`LOOKS_MAX`].
///
/// # Errors
/// When a row can't be read.
pub fn who_looked(rows: &Rows<'_>, me: PartyId, persons: &[Document]) -> Result<Vec<Look>, ViewError> {
    let keys: BTreeSet<DocumentKey> = persons.iter().map(Document::key).collect();
    let mut cases = Cases::new();
    let mut add = |target: AccessTarget, consents: BTreeSet<ConsentId>| {
        cases.entry(AccessId::prefix(&target)).or_insert_with(|| (target, BTreeSet::new())).1.extend(consents);
    };
    consents(rows, &keys, &mut add)?;
    requests(rows, &keys, &mut add)?;
    notices(rows, &keys, &mut add)?;
    let mut looks = questions(rows, me, &keys, &mut add)?;
    for (prefix, (target, consents)) in &cases {
        for (id, sides) in rows.starting::<AccessFacts>(prefix)? {
            let own = sides.of(me).and_then(|facts| facts.0.as_ref());
            looks.extend(own.map(|looked| look(me, id, looked, target.clone(), consents.clone())));
        }
    }
    for (id, sides) in rows.starting::<AccessFacts>(&AccessId::prefix(&AccessTarget::Persons(Vec::new())))? {
        let Some(looked) = sides.of(me).and_then(|facts| facts.0.as_ref()) else { continue };
        if looked.persons.iter().any(|person| keys.contains(&person.key())) {
            looks.push(look(me, id, looked, AccessTarget::Persons(looked.persons.clone()), BTreeSet::new()));
        }
    }
    looks.sort_by_key(|look| std::cmp::Reverse((look.at, look.log, look.seq)));
    looks.truncate(LOOKS_MAX);
    Ok(looks)
}

fn look(me: PartyId, id: AccessId, looked: &Looked, target: AccessTarget, consents: BTreeSet<ConsentId>) -> Look {
    let Looked { officer, role, unit, at, reason, persons: _ } = looked.clone();
    Look { at, log: me, seq: id.seq, party: me, officer: Some((officer, role)), unit, target, reason, consents }
}

fn names(keys: &BTreeSet<DocumentKey>, person: &Subject) -> bool {
    keys.contains(&person.document.key())
}

fn covers(keys: &BTreeSet<DocumentKey>, claims: &ConsentClaims) -> bool {
    let other = |signatory: &Signatory| match signatory {
        Signatory::Person(person) => names(keys, person),
        Signatory::Institution(_) => false,
    };
    claims.subjects.iter().any(|subject| names(keys, subject)) || claims.others.iter().any(other)
}

fn consents(
    rows: &Rows<'_>,
    keys: &BTreeSet<DocumentKey>,
    add: &mut impl FnMut(AccessTarget, BTreeSet<ConsentId>),
) -> Result<(), ViewError> {
    for (id, sides) in rows.all::<ConsentFacts>()? {
        let said = |facts: &ConsentFacts| {
            let granted = facts.granted.as_ref().map(|(granted, _)| &granted.claims);
            facts.letter().into_iter().chain(granted).any(|claims| covers(keys, claims))
        };
        if sides.iter().any(|(_, facts)| said(facts)) {
            add(AccessTarget::Consent(id), [id].into());
        }
    }
    Ok(())
}

fn requests(
    rows: &Rows<'_>,
    keys: &BTreeSet<DocumentKey>,
    add: &mut impl FnMut(AccessTarget, BTreeSet<ConsentId>),
) -> Result<(), ViewError> {
    for (id, sides) in rows.all::<RequestFacts>()? {
        for (_, facts) in sides.iter() {
            let drafted = facts.drafted.as_ref().map(|(drafted, _)| &drafted.request);
            let submitted = facts.submitted.as_ref().map(|(submitted, _)| &submitted.request);
            let questions = drafted.into_iter().chain(submitted).flat_map(|request| &request.questions);
            let about = questions.filter(|question| keys.contains(&question.subject.key()));
            let consents: BTreeSet<ConsentId> = about.map(|question| question.consent).collect();
            if !consents.is_empty() {
                add(AccessTarget::Request(id), consents);
            }
        }
    }
    Ok(())
}

fn notices(
    rows: &Rows<'_>,
    keys: &BTreeSet<DocumentKey>,
    add: &mut impl FnMut(AccessTarget, BTreeSet<ConsentId>),
) -> Result<(), ViewError> {
    let about = |entry: &NoticeEntry| names(keys, &entry.subject);
    for (id, sides) in rows.all::<BatchFacts>()? {
        let named = sides.iter().any(|(_, facts)| {
            let prepared = facts.prepared.as_ref().is_some_and(|(prepared, _)| prepared.entries.iter().any(about));
            let sent = facts.sent.as_ref().is_some_and(|(sent, _)| sent.entries.iter().any(|(_, entry)| about(entry)));
            prepared || sent || facts.corrected.values().any(|corrected| about(&corrected.last.replacement))
        });
        if named {
            add(AccessTarget::Batch(id), BTreeSet::new());
        }
    }
    for (id, sides) in rows.all::<UrgentFacts>()? {
        let raised = |facts: &UrgentFacts| facts.raised.as_ref()?.0.emergency.subject.clone();
        if sides.iter().any(|(_, facts)| raised(facts).is_some_and(|subject| names(keys, &subject))) {
            add(AccessTarget::Urgent(id), BTreeSet::new());
        }
    }
    Ok(())
}

/// Live questions: the own ones are looks recorded with their officer, found like any other; of the others' the gate's
/// verdict tells the unit.
fn questions(
    rows: &Rows<'_>,
    me: PartyId,
    keys: &BTreeSet<DocumentKey>,
    add: &mut impl FnMut(AccessTarget, BTreeSet<ConsentId>),
) -> Result<Vec<Look>, ViewError> {
    let mut looks = Vec::new();
    for (id, sides) in rows.all::<LookupFacts>()? {
        for (log, facts) in sides.iter() {
            if let Some((asked, _)) = facts.asked.as_ref().filter(|(asked, _)| keys.contains(&asked.subject.key())) {
                add(AccessTarget::Lookup(id), [asked.consent].into());
            }
            let permitted = facts.permitted.as_ref().filter(|(permitted, _)| keys.contains(&permitted.subject.key()));
            let Some((permitted, said)) = permitted else { continue };
            add(AccessTarget::Lookup(id), [permitted.consent].into());
            if permitted.requester.party != me {
                looks.push(Look {
                    at: said.at,
                    log,
                    seq: said.seq,
                    party: permitted.requester.party,
                    officer: None,
                    unit: permitted.requester.unit.clone(),
                    target: AccessTarget::Lookup(id),
                    reason: None,
                    consents: [permitted.consent].into(),
                });
            }
        }
    }
    Ok(looks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::AccessRecorded;
    use crate::item::Item;
    use crate::lookup::LookupAsked;
    use crate::testing::{
        Scene, claims, document, given_nothing, granted, lookup, party, permitted, question, stranger,
    };

    fn read(target: AccessTarget) -> AccessRecorded {
        AccessRecorded { target, reason: "deciding".parse().unwrap() }
    }

    fn looks(scene: &Scene, me: &str, person: &Document) -> Vec<Look> {
        who_looked(&scene.rows(), party(me), std::slice::from_ref(person)).unwrap()
    }

    #[test]
    fn reads_of_a_consent_are_looks_at_whom_it_covers_and_at_nobody_else() {
        let consent = AccessTarget::Consent(claims().id);
        let scene = granted(claims()).and("cw.zhuhai", read(consent.clone()));
        let found = looks(&scene, "zhuhai", &document());
        assert_eq!(found.len(), 1);
        let (officer, role) = found[0].officer.clone().unwrap();
        assert_eq!((officer.as_str(), role), ("cw.zhuhai", Role::Caseworker));
        assert_eq!((found[0].unit.as_str(), &found[0].target), ("reception", &consent));
        assert_eq!(found[0].reason.as_ref().unwrap().as_str(), "deciding");
        assert_eq!(found[0].consents, [claims().id].into());
        assert!(looks(&scene, "zhuhai", &stranger()).is_empty());
        assert!(looks(&scene, "macau", &document()).is_empty(), "a peer's reads are in the peer's log");
    }

    #[test]
    fn live_questions_are_looks_at_the_asker_with_the_officer_and_at_the_holder_with_the_unit() {
        let questions = vec![question(Item::AssetDeposit)];
        let asked = LookupAsked {
            lookup: lookup(1),
            holder: party("macau"),
            consent: claims().id,
            subject: document(),
            questions: questions.clone(),
            purpose: claims().purpose,
        };
        let scene = given_nothing().and("do.zhuhai", asked).and("node.macau", permitted(1, questions));
        let at_asker = looks(&scene, "zhuhai", &document());
        assert_eq!(at_asker.len(), 1);
        assert_eq!(at_asker[0].officer.as_ref().unwrap().1, Role::District);
        assert_eq!(at_asker[0].consents, [claims().id].into());
        let at_holder = looks(&scene, "macau", &document());
        assert_eq!(at_holder.len(), 1);
        assert_eq!((at_holder[0].party, &at_holder[0].officer), (party("zhuhai"), &None));
        assert!(looks(&scene, "macau", &stranger()).is_empty());
    }

    #[test]
    fn reports_are_looks_too_the_newest_first() {
        let persons = AccessTarget::Persons(vec![stranger(), document()]);
        let scene = granted(claims()).and("cw.zhuhai", read(AccessTarget::Consent(claims().id)));
        let scene = scene.and("au.zhuhai", read(persons.clone()));
        let found = looks(&scene, "zhuhai", &document());
        assert_eq!(
            found.iter().map(|look| look.target.clone()).collect::<Vec<_>>(),
            [persons.clone(), AccessTarget::Consent(claims().id)]
        );
        assert_eq!(looks(&scene, "zhuhai", &stranger()).len(), 1);
    }
}
