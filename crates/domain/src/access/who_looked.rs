//! "Who looked at this person, when, why, on which consent": answered from one party's own log and from the gate
//! verdicts it was told of.
//!
//! In scope: reads of cases that name the person, live questions about the person, earlier reports about the person. Out of
//! scope: reads at the other parties, which are in their logs; the answer says so wherever it is shown.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::cases::{Case, CaseId, Scope};
use crate::access::{AccessFacts, AccessTarget, Looked, thing};
use crate::id::{ConsentId, LookupId, OfficerId, PartyId, UnitId};
use crate::identity::Document;
use crate::lookup::LookupFacts;
use crate::officer::Role;
use crate::text::Short;
use crate::time::Instant;
use crate::view::{EntryId, Rows, Sides, ViewError};

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
    /// Whom it was at: positions in the list of persons asked for.
    pub about: BTreeSet<usize>,
}

/// Lists the looks at any of the persons, the newest first, at most [`LOOKS_MAX`]; when it is handed out, only what is for
/// whom it is handed out to.
///
/// # Errors
/// When a row can't be read.
pub fn who_looked(
    rows: &Rows<'_>,
    me: PartyId,
    persons: &[Document],
    handed_to: Option<&Document>,
    now: Instant,
) -> Result<Vec<Look>, ViewError> {
    let scope = Scope::new(*rows, me, persons, handed_to, now)?;
    let mut looks = looks(&scope, &scope.cases()?)?;
    looks.truncate(LOOKS_MAX);
    Ok(looks)
}

/// All looks at the persons, the newest first.
pub(super) fn looks(scope: &Scope<'_>, cases: &[Case]) -> Result<Vec<Look>, ViewError> {
    let mut looks = Vec::new();
    // Candidates of one run share what is read.
    let mut read = BTreeMap::<Vec<u8>, (AccessTarget, BTreeSet<usize>, BTreeSet<ConsentId>)>::new();
    for case in cases {
        let target = case.id.target();
        let (_, about, consents) =
            read.entry(EntryId::prefix(thing(&target))).or_insert_with(|| (target, BTreeSet::new(), BTreeSet::new()));
        about.extend(case.about());
        consents.extend(case.consents());
        if let CaseId::Lookup(lookup) = case.id {
            looks.extend(questions(scope, case, lookup)?);
        }
    }
    for (prefix, (target, about, consents)) in &read {
        for (id, sides) in scope.rows.starting::<AccessFacts>(prefix)? {
            let own = sides.of(scope.me).and_then(|facts| facts.0.as_ref());
            looks.extend(own.map(|looked| look(scope.me, id, looked, target.clone(), about.clone(), consents.clone())));
        }
    }
    let kept = scope.kept()?;
    let reports = AccessTarget::Persons { persons: Vec::new(), handed_to: None };
    for (id, sides) in scope.rows.starting::<AccessFacts>(&EntryId::prefix(thing(&reports)))? {
        let Some(looked) = sides.of(scope.me).and_then(|facts| facts.0.as_ref()) else { continue };
        let named: BTreeSet<usize> = looked.persons.iter().filter_map(|person| scope.position(person)).collect();
        let about: BTreeSet<usize> = named.difference(&kept).copied().collect();
        if !about.is_empty() {
            let unsaid = about != named; // the officer's words may be about whom it is kept of
            let target = AccessTarget::Persons { persons: looked.persons.clone(), handed_to: None };
            let look = look(scope.me, id, looked, target, about, BTreeSet::new());
            looks.push(if unsaid { Look { reason: None, ..look } } else { look });
        }
    }
    looks.sort_by_key(|look| std::cmp::Reverse((look.at, look.log, look.seq)));
    Ok(looks)
}

fn look(
    me: PartyId,
    id: EntryId,
    looked: &Looked,
    target: AccessTarget,
    about: BTreeSet<usize>,
    consents: BTreeSet<ConsentId>,
) -> Look {
    let Looked { officer, role, unit, at, reason, persons: _ } = looked.clone();
    Look { at, log: me, seq: id.seq, party: me, officer: Some((officer, role)), unit, target, reason, consents, about }
}

/// Live questions of other parties: of the own ones the officer is known, they are found like any other look.
fn questions(scope: &Scope<'_>, case: &Case, lookup: LookupId) -> Result<Vec<Look>, ViewError> {
    let sides: Sides<LookupFacts> = scope.rows.sides(&lookup)?;
    let permitted = sides.iter().filter_map(|(log, facts)| Some((log, facts.permitted.as_ref()?)));
    let others = permitted.filter(|(_, (permitted, _))| permitted.requester.party != scope.me);
    let looks = others.map(|(log, (permitted, said))| Look {
        at: said.at,
        log,
        seq: said.seq,
        party: permitted.requester.party,
        officer: None,
        unit: permitted.requester.unit.clone(),
        target: case.id.target(),
        reason: None,
        consents: case.consents(),
        about: case.about(),
    });
    Ok(looks.collect())
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
        who_looked(&scene.rows(), party(me), std::slice::from_ref(person), None, scene.now).unwrap()
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
        let persons = AccessTarget::Persons { persons: vec![stranger(), document()], handed_to: None };
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
