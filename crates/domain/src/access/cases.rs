//! Which cases concern some persons, and as far as may be shown: what "who looked" and the subject report have in common.
//!
//! All cases are gone through, since there is no index by person: the volumes are small (`domain.md` §5) and the question
//! is rare. A case conference concerns whom its case and its consent concern; what was said in it is for the officers on the
//! list, that it was held is told here. Out of scope: the register, which only a permit opens; a match that was sealed; commands
//! that were refused before they made a case, whose entries hold no person.
//!
//! Three rules keep a household's members from each other (`domain.md` §7, S3 and S7). A child's file is shown only where
//! the child is asked for, and handed out only to the child or to who signed for it; who is not of the household asked for
//! is handed nothing but what is about their wards. What is suppressed towards the person to whom it is handed out is left
//! out, without a trace; what is about that person themselves stays. Answers are handed to whom they are about and to who
//! signed for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::sight::letters;
use crate::access::{AccessTarget, Sight};
use crate::case::CaseRef;
use crate::conference::{Basis, ConferenceFacts};
use crate::consent::{Capacity, ConsentClaims, ConsentFacts, Signatory};
use crate::id::{BatchId, CandidateId, ConferenceId, ConsentId, LookupId, MandateId, PartyId, RequestId, UrgentId};
use crate::identity::{Document, DocumentKey};
use crate::lookup::LookupFacts;
use crate::mandate::MandateFacts;
use crate::notice::BatchFacts;
use crate::overlap::CandidateFacts;
use crate::suppression::{SuppressedCase, is_suppressed};
use crate::time::Instant;
use crate::urgent::UrgentFacts;
use crate::verification::RequestFacts;
use crate::view::{Rows, Sides, ViewError};

/// A kind of case that names persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CaseId {
    Batch(BatchId),
    Urgent(UrgentId),
    Consent(ConsentId),
    Request(RequestId),
    Lookup(LookupId),
    Mandate(MandateId),
    Candidate(CandidateId),
    /// And the case it is about.
    Conference(ConferenceId, CaseRef),
}

impl CaseId {
    /// What an officer reads who reads the case.
    pub(super) fn target(self) -> AccessTarget {
        match self {
            Self::Batch(id) => AccessTarget::Batch(id),
            Self::Urgent(id) => AccessTarget::Urgent(id),
            Self::Consent(id) => AccessTarget::Consent(id),
            Self::Request(id) => AccessTarget::Request(id),
            Self::Lookup(id) => AccessTarget::Lookup(id),
            Self::Mandate(id) => AccessTarget::Mandate(id),
            Self::Candidate(id) => AccessTarget::MatchRun(id.run),
            Self::Conference(id, _) => AccessTarget::Conference(id),
        }
    }

    /// How it is named where it is suppressed.
    pub(super) fn suppressible(self) -> Option<SuppressedCase> {
        match self {
            Self::Urgent(id) => Some(SuppressedCase::Urgent(id)),
            Self::Consent(id) => Some(SuppressedCase::Consent(id)),
            Self::Request(id) => Some(SuppressedCase::Verification(id)),
            Self::Lookup(id) => Some(SuppressedCase::Lookup(id)),
            Self::Conference(_, case) => match case {
                CaseRef::Urgent(id) => Some(SuppressedCase::Urgent(id)),
                CaseRef::Consent(id) => Some(SuppressedCase::Consent(id)),
                CaseRef::Verification(id) => Some(SuppressedCase::Verification(id)),
                CaseRef::Batch(_) | CaseRef::Meeting(_) | CaseRef::Conference(_) | CaseRef::Erasure(_) => None,
            },
            Self::Batch(_) | Self::Mandate(_) | Self::Candidate(_) => None,
        }
    }
}

/// A case that concerns persons asked for.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) id: CaseId,
    /// Of each person, by position in the list, the consents that the case rests on.
    pub(super) parts: BTreeMap<usize, BTreeSet<ConsentId>>,
}

impl Case {
    pub(super) fn about(&self) -> BTreeSet<usize> {
        self.parts.keys().copied().collect()
    }

    pub(super) fn consents(&self) -> BTreeSet<ConsentId> {
        self.parts.values().flatten().copied().collect()
    }
}

/// Whom is asked for, and what of them may be shown.
pub(super) struct Scope<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) me: PartyId,
    keys: Vec<DocumentKey>,
    /// Persons of the list whose file is not for whom it is handed out to.
    hidden: BTreeSet<usize>,
    /// Of whom answers are for whom it is handed out to: themselves and their wards.
    own: BTreeSet<usize>,
    to: Option<DocumentKey>,
    sight: Sight<'a>,
}

type Parts = BTreeMap<usize, BTreeSet<ConsentId>>;

impl<'a> Scope<'a> {
    pub(super) fn new(
        rows: Rows<'a>,
        me: PartyId,
        persons: &[Document],
        handed_to: Option<&Document>,
        now: Instant,
    ) -> Result<Self, ViewError> {
        // Who counts as a minor; that the officer is cleared for minors was checked with the command.
        let sight = Sight::without_clearance(rows, me, now);
        let keys: Vec<DocumentKey> = persons.iter().map(Document::key).collect();
        let to = handed_to.map(Document::key);
        let (mut hidden, mut own) = (BTreeSet::new(), BTreeSet::new());
        if let Some(to) = &to {
            let (wards, minors) = (Wards::of(&rows, to)?, sight.minors(persons)?);
            let of_household = keys.contains(to);
            for (position, key) in keys.iter().enumerate() {
                let minor = minors.contains(&position);
                // Parental authority ends with majority; a guardian's office does not.
                let ward = wards.guarded.contains(key) || (minor && wards.children.contains(key));
                if key == to || ward {
                    own.insert(position);
                } else if minor || !of_household {
                    hidden.insert(position);
                }
            }
        }
        Ok(Self { rows, me, keys, hidden, own, to, sight })
    }

    /// Tells whether it is handed out to somebody.
    pub(super) fn is_handed_out(&self) -> bool {
        self.to.is_some()
    }

    /// Tells whether answers about a person of the list may be shown.
    pub(super) fn is_own(&self, position: usize) -> bool {
        self.to.is_none() || self.own.contains(&position)
    }

    /// The place of a person in the list; none for whose file is not shown, and for everybody else.
    pub(super) fn position(&self, person: &Document) -> Option<usize> {
        let key = person.key();
        self.keys.iter().position(|asked| *asked == key).filter(|position| !self.hidden.contains(position))
    }

    /// Returns the cases that concern the persons, as far as may be shown.
    pub(super) fn cases(&self) -> Result<Vec<Case>, ViewError> {
        self.cases_of(&SOURCES)
    }

    pub(super) fn cases_of(&self, sources: &[Source]) -> Result<Vec<Case>, ViewError> {
        let mut cases = Vec::new();
        for source in sources {
            source(self, &mut |id, parts: Parts| {
                if !parts.is_empty() {
                    cases.push(Case { id, parts });
                }
            })?;
        }
        let Some(to) = &self.to else { return Ok(cases) };
        let mut shown = Vec::new();
        for mut case in cases {
            let own = self.keys.iter().position(|asked| asked == to);
            let mut kept = BTreeSet::new();
            for (position, consents) in &case.parts {
                if Some(*position) != own && is_suppressed(&self.rows, case.id.suppressible(), consents, Some(to))? {
                    kept.insert(*position);
                }
            }
            case.parts.retain(|position, _| !kept.contains(position));
            if !case.parts.is_empty() {
                shown.push(case);
            }
        }
        Ok(shown)
    }

    /// Returns of whom something is kept from the person to whom it is handed out: that officers read about them is, too.
    pub(super) fn kept(&self) -> Result<BTreeSet<usize>, ViewError> {
        let mut kept = BTreeSet::new();
        let Some(to) = &self.to else { return Ok(kept) };
        let mut all = Vec::new();
        for source in SOURCES {
            source(self, &mut |id, parts: Parts| all.push((id, parts)))?;
        }
        for (id, parts) in all {
            for (position, consents) in &parts {
                let own = self.keys.get(*position) == Some(to);
                if !own && is_suppressed(&self.rows, id.suppressible(), consents, Some(to))? {
                    kept.insert(*position);
                }
            }
        }
        Ok(kept)
    }

    /// The persons' names as on their documents, where a letter says them.
    pub(super) fn names(&self) -> Result<Vec<String>, ViewError> {
        let mut names: Vec<String> = (1..=self.keys.len()).map(|no| format!("#{no}")).collect();
        for (_, sides) in self.rows.all::<ConsentFacts>()? {
            for subject in letters(&sides).flat_map(|claims| &claims.subjects) {
                let position = self.position(&subject.document);
                if let Some(name) = position.and_then(|position| names.get_mut(position)) {
                    subject.name.as_on_document.as_str().clone_into(name);
                }
            }
        }
        Ok(names)
    }

    fn parts<'d>(&self, of: impl IntoIterator<Item = (&'d Document, Option<ConsentId>)>) -> Parts {
        let mut parts = Parts::new();
        for (person, consent) in of {
            if let Some(position) = self.position(person) {
                parts.entry(position).or_default().extend(consent);
            }
        }
        parts
    }

    /// Whom a letter is about: whom it covers. Who only signed it is concerned by it too, unless it is a child's.
    pub(super) fn of_letter(&self, claims: &ConsentClaims) -> BTreeSet<usize> {
        let covered = claims.subjects.iter().filter_map(|subject| self.position(&subject.document));
        let mut about: BTreeSet<usize> = covered.collect();
        if !self.sight.covers_minor(claims) {
            about.extend(claims.others.iter().filter_map(|signatory| match signatory {
                Signatory::Person(person) => self.position(&person.document),
                Signatory::Institution(_) => None,
            }));
        }
        about
    }
}

/// For whom a person signed: as parent, and as appointed guardian.
#[derive(Default)]
struct Wards {
    children: BTreeSet<DocumentKey>,
    guarded: BTreeSet<DocumentKey>,
}

impl Wards {
    /// Collects them from every letter known here.
    fn of(rows: &Rows<'_>, person: &DocumentKey) -> Result<Self, ViewError> {
        let mut wards = Self::default();
        for (_, sides) in rows.all::<ConsentFacts>()? {
            for claims in letters(&sides) {
                let is_theirs = |by| claims.signatory(by).is_some_and(|signatory| signatory.key() == *person);
                for signer in claims.signers.iter().filter(|signer| is_theirs(signer.by)) {
                    let Some(subject) = claims.subjects.get(usize::from(signer.subject)) else { continue };
                    match signer.capacity {
                        Capacity::ParentalAuthority => wards.children.insert(subject.document.key()),
                        Capacity::Guardian => wards.guarded.insert(subject.document.key()),
                        Capacity::Own | Capacity::Institution => false,
                    };
                }
            }
        }
        Ok(wards)
    }
}

pub(super) type Source = fn(&Scope<'_>, &mut dyn FnMut(CaseId, Parts)) -> Result<(), ViewError>;

/// Where persons are named.
pub(super) const SOURCES: [Source; 8] =
    [consents, requests, lookups, batches, urgents, mandates, candidates, conferences];

fn consents(scope: &Scope<'_>, found: &mut dyn FnMut(CaseId, Parts)) -> Result<(), ViewError> {
    for (id, sides) in scope.rows.all::<ConsentFacts>()? {
        found(CaseId::Consent(id), of_consent(scope, id, &sides));
    }
    Ok(())
}

fn of_consent(scope: &Scope<'_>, id: ConsentId, sides: &Sides<ConsentFacts>) -> Parts {
    let about = letters(sides).flat_map(|claims| scope.of_letter(claims));
    about.map(|position| (position, [id].into())).collect()
}

fn requests(scope: &Scope<'_>, found: &mut dyn FnMut(CaseId, Parts)) -> Result<(), ViewError> {
    for (id, sides) in scope.rows.all::<RequestFacts>()? {
        found(CaseId::Request(id), of_request(scope, &sides));
    }
    Ok(())
}

fn of_request(scope: &Scope<'_>, sides: &Sides<RequestFacts>) -> Parts {
    let questions = sides.iter().flat_map(|(_, facts)| {
        let drafted = facts.drafted.as_ref().map(|(drafted, _)| &drafted.request);
        let submitted = facts.submitted.as_ref().map(|(submitted, _)| &submitted.request);
        drafted.into_iter().chain(submitted).flat_map(|request| &request.questions)
    });
    scope.parts(questions.map(|asked| (&asked.subject, Some(asked.consent))))
}

fn lookups(scope: &Scope<'_>, found: &mut dyn FnMut(CaseId, Parts)) -> Result<(), ViewError> {
    for (id, sides) in scope.rows.all::<LookupFacts>()? {
        let named = sides.iter().flat_map(|(_, facts)| {
            let asked = facts.asked.as_ref().map(|(asked, _)| (&asked.subject, Some(asked.consent)));
            let permitted = facts.permitted.as_ref();
            asked.into_iter().chain(permitted.map(|(permitted, _)| (&permitted.subject, Some(permitted.consent))))
        });
        found(CaseId::Lookup(id), scope.parts(named));
    }
    Ok(())
}

fn batches(scope: &Scope<'_>, found: &mut dyn FnMut(CaseId, Parts)) -> Result<(), ViewError> {
    for (id, sides) in scope.rows.all::<BatchFacts>()? {
        found(CaseId::Batch(id), of_batch(scope, &sides));
    }
    Ok(())
}

fn of_batch(scope: &Scope<'_>, sides: &Sides<BatchFacts>) -> Parts {
    scope.parts(entries(sides).map(|(_, person)| (person, None)))
}

/// The persons that a batch names, with the numbers of their entries: as prepared, as sent, as corrected.
pub(super) fn entries(sides: &Sides<BatchFacts>) -> impl Iterator<Item = (crate::id::LineNo, &Document)> {
    sides.iter().flat_map(|(_, facts)| {
        let prepared = facts.prepared.iter().flat_map(|(prepared, _)| (1..).zip(&prepared.entries));
        let sent = facts.sent.iter().flat_map(|(sent, _)| sent.entries.iter().map(|(no, entry)| (*no, entry)));
        let named = prepared.chain(sent).map(|(no, entry)| (no, &entry.subject.document));
        let corrected = facts
            .steps
            .iter()
            .flat_map(|(no, steps)| steps.iter().filter_map(move |step| Some((*no, step.names.as_ref()?))));
        named.chain(corrected)
    })
}

fn urgents(scope: &Scope<'_>, found: &mut dyn FnMut(CaseId, Parts)) -> Result<(), ViewError> {
    for (id, sides) in scope.rows.all::<UrgentFacts>()? {
        found(CaseId::Urgent(id), of_urgent(scope, &sides));
    }
    Ok(())
}

fn of_urgent(scope: &Scope<'_>, sides: &Sides<UrgentFacts>) -> Parts {
    let named = sides.iter().filter_map(|(_, facts)| facts.raised.as_ref()?.0.emergency.subject.as_ref());
    scope.parts(named.map(|subject| (&subject.document, None)))
}

fn mandates(scope: &Scope<'_>, found: &mut dyn FnMut(CaseId, Parts)) -> Result<(), ViewError> {
    for (id, sides) in scope.rows.all::<MandateFacts>()? {
        let named = sides.iter().filter_map(|(_, facts)| Some(&facts.recorded.as_ref()?.0.mandate.principal.document));
        found(CaseId::Mandate(id), scope.parts(named.map(|person| (person, None))));
    }
    Ok(())
}

fn candidates(scope: &Scope<'_>, found: &mut dyn FnMut(CaseId, Parts)) -> Result<(), ViewError> {
    for (id, sides) in scope.rows.all::<CandidateFacts>()? {
        let named = sides.iter().filter_map(|(_, facts)| Some(&facts.record.as_ref()?.document));
        found(CaseId::Candidate(id), scope.parts(named.map(|person| (person, None))));
    }
    Ok(())
}

fn conferences(scope: &Scope<'_>, found: &mut dyn FnMut(CaseId, Parts)) -> Result<(), ViewError> {
    for (id, sides) in scope.rows.all::<ConferenceFacts>()? {
        let Some(nomination) = sides.conference(scope.me).map(|conference| conference.nomination) else { continue };
        let (rows, case) = (&scope.rows, nomination.case);
        let mut parts = match case {
            CaseRef::Batch(id) => of_batch(scope, &rows.sides(&id)?),
            CaseRef::Urgent(id) => of_urgent(scope, &rows.sides(&id)?),
            CaseRef::Consent(id) => of_consent(scope, id, &rows.sides(&id)?),
            CaseRef::Verification(id) => of_request(scope, &rows.sides(&id)?),
            CaseRef::Meeting(_) | CaseRef::Conference(_) | CaseRef::Erasure(_) => Parts::new(), // name nobody
        };
        if let Basis::Consent(consent) = nomination.basis {
            for (position, consents) in of_consent(scope, consent, &rows.sides(&consent)?) {
                parts.entry(position).or_default().extend(consents);
            }
        }
        found(CaseId::Conference(id, case), parts);
    }
    Ok(())
}
