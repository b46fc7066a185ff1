//! Whose signatures a letter needs: one adult, the minors signed for, parents, guardians, institutions.
//!
//! In scope: what can't be recorded at all ([`check_signatures`]), what a recorded letter still lacks before it can be
//! in force ([`lacking`]), and when a guardian's signature lapses ([`lapses_at`]). The rules are the issuer's and the
//! holder's together: what either asks for is needed. Ages are those on the first day the consent holds.
//!
//! Out of scope: whether a guardian acts for or against the ward. Where the guardian is the suspected abuser no consent
//! by the guardian is asked for: the way is the urgent notice on vital interest, reviewed by a data-protection officer,
//! and no receipt is handed out (`domain.md` §7, S7, variants).

use std::collections::BTreeSet;

use crate::consent::age::{age_on, born, reaches};
use crate::consent::{Capacity, ConsentClaims, SIGNERS_MAX, Signatory, SignedBy, Signer};
use crate::identity::{DocumentKey, Subject};
use crate::item::Item;
use crate::party::{BOTH_PARENTS_BELOW, ConsentRules, rules_of};
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;

/// The rules of issuer and holder.
struct Needed([Option<&'static ConsentRules>; 2]);

impl Needed {
    fn of(claims: &ConsentClaims) -> Self {
        Self([claims.issuer, claims.holder].map(|party| rules_of(party).map(|rules| &rules.consent)))
    }

    fn each(&self) -> impl Iterator<Item = &'static ConsentRules> {
        self.0.iter().flatten().copied()
    }

    fn majority(&self) -> i16 {
        self.each().map(|rules| rules.majority).max().unwrap_or(18)
    }

    fn own_agreement(&self, age: i16) -> bool {
        self.each().any(|rules| rules.own_agreement_from.is_some_and(|from| age >= from))
    }

    fn sensitive(&self, item: Item, youngest: Option<i16>) -> bool {
        let child = |rules: &ConsentRules| rules.child_below.zip(youngest).is_some_and(|(below, age)| age < below);
        self.each().any(|rules| rules.sensitive.contains(&item) || child(rules))
    }

    fn both_parents(&self, claims: &ConsentClaims, age: i16) -> bool {
        let asked = |rules: &ConsentRules| rules.both_parents.iter().any(|item| claims.items.contains_key(item));
        age < BOTH_PARENTS_BELOW && self.each().any(asked)
    }
}

/// Names a subject in a refusal: by position from 1, never by person.
pub(super) fn subject_no(position: usize) -> String {
    format!("subject#{}", position + 1)
}

fn refuse(code: RefusalCode, part: String) -> Result<(), Refusal> {
    Err(Refusal::new(code).offending([part]))
}

/// The age of a subject on the first day; none when the birth date is not known.
fn age(claims: &ConsentClaims, subject: &Subject) -> Option<i16> {
    Some(age_on(born(subject)?, claims.not_before.local_date()))
}

fn signers_of(claims: &ConsentClaims, position: usize) -> impl Iterator<Item = &Signer> {
    claims.signers.iter().filter(move |signer| usize::from(signer.subject) == position)
}

/// Whether the letter covers an adult: a person whose age is not known and who signs alone is taken for one (A).
fn is_adult(claims: &ConsentClaims, majority: i16, position: usize, subject: &Subject) -> bool {
    let alone = || signers_of(claims, position).all(|signer| signer.capacity == Capacity::Own);
    age(claims, subject).map_or_else(alone, |age| age >= majority)
}

/// Checks what can't be put right by a later letter.
///
/// # Errors
/// `BAD_LIST` with `signer#n` or `others`, `BAD_DATE`, `BIRTH_DATE_MISSING` and `SIGNATURE_MISSING` with `subject#n`
/// or `signer#n:appointment`, `ADULT_NEEDS_OWN_LETTER` with every adult after the first; the first that applies.
pub(super) fn check_signatures(claims: &ConsentClaims, now: Instant) -> Result<(), Refusal> {
    if claims.signers.len() > SIGNERS_MAX {
        return refuse(RefusalCode::BadList, "signers".to_owned());
    }
    let latest = now.local_date().min(claims.not_before.local_date());
    for (no, signer) in (1..).zip(&claims.signers) {
        check_signer(claims, signer, no)?;
        if signer.signed_on > latest {
            return refuse(RefusalCode::BadDate, format!("signer#{no}"));
        }
    }
    let signed = |position| claims.signers.iter().any(|signer| signer.by == SignedBy::Other(position));
    if !(0..claims.others.len()).all(|position| u8::try_from(position).is_ok_and(signed)) {
        return refuse(RefusalCode::BadList, "others".to_owned());
    }
    let majority = Needed::of(claims).majority();
    let mut unsigned = Vec::new();
    let mut adults = Vec::new();
    for (position, subject) in claims.subjects.iter().enumerate() {
        let signers = || signers_of(claims, position);
        if signers().any(|signer| signer.capacity != Capacity::Own) && born(subject).is_none() {
            return refuse(RefusalCode::BirthDateMissing, subject_no(position));
        }
        let adult = is_adult(claims, majority, position, subject);
        // Parental authority ends with majority: over an adult it signs nothing.
        let counts = |signer: &Signer| !adult || signer.capacity != Capacity::ParentalAuthority;
        if !signers().any(counts) {
            unsigned.push(subject_no(position));
        }
        if adult {
            adults.push(subject_no(position));
        }
    }
    if !unsigned.is_empty() {
        return Err(Refusal::new(RefusalCode::SignatureMissing).offending(unsigned));
    }
    if adults.len() > 1 {
        return Err(Refusal::new(RefusalCode::AdultNeedsOwnLetter).offending(adults.into_iter().skip(1)));
    }
    Ok(())
}

fn check_signer(claims: &ConsentClaims, signer: &Signer, no: usize) -> Result<(), Refusal> {
    let bad = || refuse(RefusalCode::BadList, format!("signer#{no}"));
    if usize::from(signer.subject) >= claims.subjects.len() {
        return bad();
    }
    let by_subject = match signer.by {
        SignedBy::Subject(position) => claims.subjects.get(usize::from(position)),
        SignedBy::Other(_) => None,
    };
    let by_other = match signer.by {
        SignedBy::Subject(_) => None,
        SignedBy::Other(position) => claims.others.get(usize::from(position)),
    };
    let own = signer.by == SignedBy::Subject(signer.subject);
    let minor = |person: &Subject| age(claims, person).is_some_and(|age| age < Needed::of(claims).majority());
    let (grown, institution) = match (by_subject, by_other) {
        (Some(person), _) | (None, Some(Signatory::Person(person))) => (!minor(person), false),
        (None, Some(Signatory::Institution(_))) => (true, true),
        (None, None) => return bad(),
    };
    let fits = match signer.capacity {
        Capacity::Own => own,
        Capacity::ParentalAuthority | Capacity::Guardian => !own && grown && !institution,
        Capacity::Institution => institution,
    };
    if !fits {
        return bad();
    }
    match (signer.capacity, signer.appointment) {
        (Capacity::Guardian | Capacity::Institution, None) => {
            refuse(RefusalCode::SignatureMissing, format!("signer#{no}:appointment"))
        }
        (Capacity::Own | Capacity::ParentalAuthority, Some(_)) => bad(),
        (Capacity::Guardian | Capacity::Institution, Some(_)) | (Capacity::Own | Capacity::ParentalAuthority, None) => {
            Ok(())
        }
    }
}

/// Lists what a letter lacks before it can be in force, as parts of a refusal: `exp.medical:separate`,
/// `subject#2:guardian`, `subject#2:second parent`, `subject#3:own agreement`. Empty when it is complete.
#[must_use]
pub fn lacking(claims: &ConsentClaims) -> Vec<String> {
    let needed = Needed::of(claims);
    let youngest = claims.subjects.iter().filter_map(|subject| age(claims, subject)).min();
    let separately = |item: &&Item| needed.sensitive(**item, youngest) && !claims.separate.contains(*item);
    let items = claims.items.keys().filter(separately);
    let mut lacking: Vec<String> = items.map(|item| format!("{}:separate", item.code())).collect();
    for (position, subject) in claims.subjects.iter().enumerate() {
        let Some(age) = age(claims, subject).filter(|age| *age < needed.majority()) else { continue };
        let by = |capacity| signers_of(claims, position).filter(move |signer| signer.capacity == capacity);
        let parents: BTreeSet<DocumentKey> =
            by(Capacity::ParentalAuthority).filter_map(|signer| signatory(claims, signer)).collect();
        // An appointed guardian or institution stands in place of both parents.
        let appointed = by(Capacity::Guardian).chain(by(Capacity::Institution)).next().is_some();
        if !appointed && parents.is_empty() {
            lacking.push(format!("{}:guardian", subject_no(position)));
        } else if !appointed && parents.len() < 2 && needed.both_parents(claims, age) {
            lacking.push(format!("{}:second parent", subject_no(position)));
        }
        if needed.own_agreement(age) && by(Capacity::Own).next().is_none() {
            lacking.push(format!("{}:own agreement", subject_no(position)));
        }
    }
    lacking
}

/// The person who signed, by what stays the same when a document is renewed.
fn signatory(claims: &ConsentClaims, signer: &Signer) -> Option<DocumentKey> {
    let person = match signer.by {
        SignedBy::Subject(position) => claims.subjects.get(usize::from(position))?,
        SignedBy::Other(position) => match claims.others.get(usize::from(position))? {
            Signatory::Person(person) => person,
            Signatory::Institution(_) => return None,
        },
    };
    Some(person.document.key())
}

/// Returns the instant from which what a parent, guardian or institution signed for a minor no longer holds: the first
/// of the day the person comes of age. None for who signed as an adult, and where the birth date is not known.
#[must_use]
pub fn lapses_at(claims: &ConsentClaims, position: usize) -> Option<Instant> {
    let subject = claims.subjects.get(position)?;
    let majority = Needed::of(claims).majority();
    let minor = age(claims, subject)? < majority;
    let signed_for = signers_of(claims, position).any(|signer| signer.capacity != Capacity::Own);
    (minor && signed_for).then(|| reaches(born(subject)?, majority)).flatten()
}
