//! What an officer may see of cases about minors: nothing without the clearance `minor` of the own appointment.
//!
//! In scope: the one judgement of it, used before every command ([`crate::authority::check`]), for lists and for an
//! officer's work. A case about a minor is left out of lists, as a conference is for who does not need to know it.
//!
//! A minor is who is below the party's age of majority on the day, by the birth date in the document's number or in a
//! letter known here; whose age is not known counts as the party's rules say. A request or a lookup is about the
//! persons it asks about, a letter about everybody it covers. The clearance is a person's: who acts as a deputy needs
//! their own, and an officer of whom the log says nothing has none.

use std::collections::BTreeSet;

use crate::authority::{AppointmentFacts, OfficerClearance};
use crate::case::CaseRef;
use crate::consent::{ConsentClaims, ConsentFacts, is_minor};
use crate::id::{ConsentId, LookupId, OfficerId, PartyId, RequestId};
use crate::identity::{Document, Subject};
use crate::lookup::LookupFacts;
use crate::party::{ConsentRules, rules_of};
use crate::time::{Date, Instant};
use crate::verification::{RequestFacts, RequestQuestion};
use crate::view::{Rows, Sides, ViewError};

/// Whom something is about, as far as it matters for the clearance.
#[derive(Clone, Copy, Debug)]
pub enum Concerned<'a> {
    /// Nobody, or many.
    Nobody,
    /// Whom a letter covers.
    Claims(&'a ConsentClaims),
    /// Whom a consent covers.
    Consent(ConsentId),
    /// Whom a request asks about.
    Request(RequestId),
    /// Whom questions ask about.
    Questions(&'a [RequestQuestion]),
    /// Whom a lookup asks about.
    Lookup(LookupId),
    /// A person, and the letter that names the person.
    Person(&'a Document, Option<&'a ConsentClaims>),
    /// These persons.
    Persons(&'a [Document]),
}

/// What one officer may see.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    rows: Rows<'a>,
    rules: Option<&'static ConsentRules>,
    day: Date,
    cleared: bool,
}

impl<'a> Sight<'a> {
    /// Makes it for an officer of a party at an instant.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn of(rows: Rows<'a>, me: PartyId, officer: &OfficerId, now: Instant) -> Result<Self, ViewError> {
        let facts = rows.side::<AppointmentFacts>(officer, me)?;
        let cleared = facts.is_some_and(|facts| facts.is_cleared(OfficerClearance::Minor, now));
        Ok(Self { cleared, ..Self::without_clearance(rows, me, now) })
    }

    /// Makes that of an officer who is not cleared.
    #[must_use]
    pub fn without_clearance(rows: Rows<'a>, me: PartyId, now: Instant) -> Self {
        Self { rows, rules: rules_of(me).map(|rules| &rules.consent), day: now.local_date(), cleared: false }
    }

    /// Tells whether the officer may see what is about these.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn may_see(&self, about: &Concerned<'_>) -> Result<bool, ViewError> {
        if self.cleared {
            return Ok(true);
        }
        Ok(!match *about {
            Concerned::Nobody => false,
            Concerned::Claims(claims) => self.covers_minor(claims),
            Concerned::Consent(consent) => letters(&self.rows.sides(&consent)?).any(|claims| self.covers_minor(claims)),
            Concerned::Request(request) => self.asks_about_minor(&self.rows.sides(&request)?)?,
            Concerned::Questions(questions) => self.any_minor(questions)?,
            Concerned::Lookup(lookup) => self.looks_up_minor(&self.rows.sides(&lookup)?)?,
            Concerned::Person(person, claims) => {
                let named = claims.and_then(|claims| named(claims, person));
                self.is_minor(person, named.and_then(|subject| subject.birth_date))
            }
            Concerned::Persons(persons) => !self.minors(persons)?.is_empty(),
        })
    }

    /// Tells whether the officer may know of a case.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn may_know(&self, case: CaseRef) -> Result<bool, ViewError> {
        match case {
            CaseRef::Consent(consent) => self.may_see(&Concerned::Consent(consent)),
            CaseRef::Verification(request) => self.may_see(&Concerned::Request(request)),
            CaseRef::Batch(_)
            | CaseRef::Urgent(_)
            | CaseRef::Meeting(_)
            | CaseRef::Conference(_)
            | CaseRef::Erasure(_) => Ok(true),
        }
    }

    /// Returns which of some persons are minors: their positions in the list.
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn minors(&self, persons: &[Document]) -> Result<BTreeSet<usize>, ViewError> {
        let mut born: Vec<Option<Date>> = vec![None; persons.len()];
        for (_, sides) in self.rows.all::<ConsentFacts>()? {
            for (person, born) in persons.iter().zip(&mut born) {
                let stated = letters(&sides).filter_map(|claims| named(claims, person)?.birth_date).next();
                *born = born.or(stated);
            }
        }
        let minor = |(_, (person, born)): &(usize, (&Document, Option<Date>))| self.is_minor(person, *born);
        Ok(persons.iter().zip(born).enumerate().filter(minor).map(|(position, _)| position).collect())
    }

    /// Tells whether a letter covers a minor.
    pub(super) fn covers_minor(&self, claims: &ConsentClaims) -> bool {
        claims.subjects.iter().any(|subject| self.is_minor(&subject.document, subject.birth_date))
    }

    fn is_minor(&self, person: &Document, stated: Option<Date>) -> bool {
        self.rules.is_none_or(|rules| is_minor(person, stated, rules, self.day))
    }

    fn asks_about_minor(&self, sides: &Sides<RequestFacts>) -> Result<bool, ViewError> {
        for (_, facts) in sides.iter() {
            let drafted = facts.drafted.as_ref().map(|(drafted, _)| &drafted.request);
            let submitted = facts.submitted.as_ref().map(|(submitted, _)| &submitted.request);
            for request in drafted.into_iter().chain(submitted) {
                if self.any_minor(&request.questions)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn any_minor(&self, questions: &[RequestQuestion]) -> Result<bool, ViewError> {
        for asked in questions {
            if self.is_asked_minor(&asked.subject, asked.consent)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn looks_up_minor(&self, sides: &Sides<LookupFacts>) -> Result<bool, ViewError> {
        for (_, facts) in sides.iter() {
            let asked = facts.asked.as_ref().map(|(asked, _)| (&asked.subject, asked.consent));
            let permitted = facts.permitted.as_ref().map(|(permitted, _)| (&permitted.subject, permitted.consent));
            for (subject, consent) in asked.into_iter().chain(permitted) {
                if self.is_asked_minor(subject, consent)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn is_asked_minor(&self, person: &Document, consent: ConsentId) -> Result<bool, ViewError> {
        let sides = self.rows.sides(&consent)?;
        let stated = letters(&sides).filter_map(|claims| named(claims, person)?.birth_date).next();
        Ok(self.is_minor(person, stated))
    }
}

/// What the letters of a consent say, as far as they are known here.
pub(super) fn letters(sides: &Sides<ConsentFacts>) -> impl Iterator<Item = &ConsentClaims> {
    sides.iter().flat_map(|(_, facts)| {
        let granted = facts.granted.as_ref().map(|(granted, _)| &granted.claims);
        facts.letter().into_iter().chain(granted)
    })
}

fn named<'c>(claims: &'c ConsentClaims, person: &Document) -> Option<&'c Subject> {
    claims.subjects.iter().find(|subject| subject.document.key() == person.key())
}
