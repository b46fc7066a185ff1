//! `RecordConsent`: a caseworker records what a signed letter says. In force only when countersigned, and only a letter
//! that lacks nothing is: one that still lacks a second parent's signature may be recorded and completed later.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::scope::check_disclosable;
use crate::consent::signatures::{check_signatures, subject_no};
use crate::consent::{
    ConsentClaims, ConsentFacts, ConsentRecorded, SIGNERS_MAX, SUBJECTS_MAX, TERM_DAYS_MAX, USES_MAX,
};
use crate::event::Event;
use crate::identity::DocumentKind;
use crate::officer::Role;
use crate::party::{Rules, rules_of};
use crate::refusal::{Refusal, RefusalCode};
use crate::time::{DAY_US, Instant};
use crate::view::{Rows, Sides, ViewError};

/// Records a consent from a signed letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordConsent {
    /// What the letter says.
    pub claims: ConsentClaims,
}

impl Decide for RecordConsent {
    const ROLES: &'static [Role] = &[Role::Caseworker];
    type State = Sides<ConsentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.claims.id)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let claims = &self.claims;
        if claims.issuer != context.me {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        if !state.is_empty() {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        let holder = rules_of_holder(claims)?;
        if claims.items.is_empty() {
            return Err(Refusal::new(RefusalCode::BadList).offending(["items"]));
        }
        check_disclosable(holder, claims.items.iter().map(|(item, granularity)| (*item, *granularity)))?;
        check_subjects(claims, context.now, [context.rules.documents, holder.documents])?;
        check_term(claims, context.now)?;
        check_signatures(claims, context.now)?;
        if claims.separate.iter().any(|item| !claims.items.contains_key(item)) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["separate"]));
        }
        if !claims.supplements.is_empty() || claims.others.len() > SIGNERS_MAX {
            return Err(Refusal::new(RefusalCode::BadList).offending(["others"]));
        }
        if !context.rules.languages.contains(&claims.language) {
            return Err(Refusal::new(RefusalCode::LanguageNotAccepted).offending(["language"]));
        }
        // Whoever types the letter in is not who saw it signed: two people stand behind it from the start.
        if claims.witness == context.actor.officer {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        Ok(ConsentRecorded { claims: claims.clone() }.into())
    }
}

fn rules_of_holder(claims: &ConsentClaims) -> Result<&'static Rules, Refusal> {
    let refuse = |part| Refusal::new(RefusalCode::WrongAddressee).offending([part]);
    let holder = rules_of(claims.holder).ok_or_else(|| refuse("holder"))?;
    if claims.holder == claims.requester.party {
        return Err(refuse("holder")); // nobody asks itself
    }
    rules_of(claims.requester.party).ok_or_else(|| refuse("requester"))?;
    Ok(holder)
}

fn check_subjects(claims: &ConsentClaims, now: Instant, accepted: [&[DocumentKind]; 2]) -> Result<(), Refusal> {
    let distinct: BTreeSet<_> = claims.subjects.iter().map(|subject| subject.document.key()).collect();
    if !(1..=SUBJECTS_MAX).contains(&claims.subjects.len()) || distinct.len() < claims.subjects.len() {
        return Err(Refusal::new(RefusalCode::BadList).offending(["subjects"]));
    }
    for (position, subject) in claims.subjects.iter().enumerate() {
        if !accepted.iter().any(|kinds| kinds.contains(&subject.document.kind())) {
            return Err(Refusal::new(RefusalCode::DocumentNotAccepted).offending([subject_no(position)]));
        }
        if subject.birth_date.is_some_and(|born| born > now.local_date()) {
            return Err(Refusal::new(RefusalCode::BadDate).offending([subject_no(position)]));
        }
    }
    Ok(())
}

fn check_term(claims: &ConsentClaims, now: Instant) -> Result<(), Refusal> {
    let term = claims.not_after.0.saturating_sub(claims.not_before.0);
    let in_bounds = (1..=TERM_DAYS_MAX * DAY_US).contains(&term) && (1..=USES_MAX).contains(&claims.uses);
    if in_bounds && claims.not_after > now { Ok(()) } else { Err(Refusal::new(RefusalCode::BadTerm)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Signer;
    use crate::identity::Document;
    use crate::item::{Granularity, Item};
    use crate::purpose::Language;
    use crate::testing::{NOON, claims, given_nothing, granted, party, subject};

    type Change = fn(&mut ConsentClaims);

    fn record(change: Change) -> Result<Event, Refusal> {
        let mut claims = claims();
        change(&mut claims);
        given_nothing().when("cw.zhuhai", RecordConsent { claims }).result
    }

    #[test]
    fn a_letter_is_recorded() {
        let scene = given_nothing().when("cw.zhuhai", RecordConsent { claims: claims() });
        scene.then(ConsentRecorded { claims: claims() });
    }

    #[test]
    fn the_edges_of_every_range_are_allowed() {
        let edges: &[(&str, Change)] = &[
            ("one use", |c| c.uses = 1),
            ("most uses", |c| c.uses = USES_MAX),
            ("longest term", |c| c.not_after = c.not_before.plus_us(TERM_DAYS_MAX * DAY_US)),
            ("ends in a microsecond", |c| c.not_after = NOON.plus_us(1)),
            ("signed today", |c| {
                c.not_before = NOON;
                c.signers[0].signed_on = NOON.local_date();
            }),
            ("signed twice", |c| c.signers.push(c.signers[0].clone())),
            ("own party asks another", |c| c.requester.party = party("hengqin")),
        ];
        for (name, change) in edges {
            assert!(record(*change).is_ok(), "{name}: {:?}", record(*change));
        }
    }

    #[test]
    fn each_single_mistake_in_a_letter_is_refused() {
        use RefusalCode::{
            BadDate, BadList, BadTerm, LanguageNotAccepted, NotYours, OverScope, SamePerson, SignatureMissing,
            WrongAddressee,
        };
        let mistakes: &[(&str, Change, RefusalCode, &[&str])] = &[
            ("another's letter", |c| c.issuer = party("macau"), NotYours, &[]),
            ("unknown holder", |c| c.holder = party("elsewhere"), WrongAddressee, &["holder"]),
            ("asks itself", |c| c.requester.party = c.holder, WrongAddressee, &["holder"]),
            ("unknown requester", |c| c.requester.party = party("elsewhere"), WrongAddressee, &["requester"]),
            ("no items", |c| c.items.clear(), BadList, &["items"]),
            ("no subjects", |c| c.subjects.clear(), BadList, &["subjects"]),
            ("a subject twice", |c| c.subjects.push(c.subjects[0].clone()), BadList, &["subjects"]),
            ("no uses", |c| c.uses = 0, BadTerm, &[]),
            ("too many uses", |c| c.uses = USES_MAX + 1, BadTerm, &[]),
            ("no term", |c| c.not_before = c.not_after, BadTerm, &[]),
            ("backward term", |c| c.not_before = c.not_after.plus_us(1), BadTerm, &[]),
            ("too long", |c| c.not_after = c.not_before.plus_us(TERM_DAYS_MAX * DAY_US + 1), BadTerm, &[]),
            ("over already", |c| c.not_after = NOON, BadTerm, &[]),
            ("endless", |c| c.not_after = Instant(i64::MAX), BadTerm, &[]),
            ("nobody signed", |c| c.signers.clear(), SignatureMissing, &["subject#1"]),
            (
                "second did not sign",
                |c| c.subjects.push(subject("440402190001010021")),
                SignatureMissing,
                &["subject#2"],
            ),
            ("signed for nobody", |c| c.signers[0] = Signer::own(1, c.signers[0].signed_on), BadList, &["signer#1"]),
            ("too many signatures", |c| c.signers = vec![c.signers[0].clone(); SIGNERS_MAX + 1], BadList, &["signers"]),
            ("signed after it began", |c| c.signers[0].signed_on = NOON.local_date(), BadDate, &["signer#1"]),
            (
                "signed tomorrow",
                |c| {
                    c.not_before = NOON.plus_us(2 * DAY_US);
                    c.signers[0].signed_on = NOON.plus_us(DAY_US).local_date();
                },
                BadDate,
                &["signer#1"],
            ),
            (
                "born tomorrow",
                |c| c.subjects[0].birth_date = Some(NOON.plus_us(DAY_US).local_date()),
                BadDate,
                &["subject#1"],
            ),
            (
                "a language the issuer has no letters in",
                |c| c.language = Language::En,
                LanguageNotAccepted,
                &["language"],
            ),
            ("separately what is not asked", |c| c.separate = [Item::IdAlive].into(), BadList, &["separate"]),
            ("recorded by the witness", |c| c.witness = "cw.zhuhai".parse().unwrap(), SamePerson, &[]),
            (
                "not the holder's to tell",
                |c| c.items.extend([(Item::SupporterCapacity, Granularity::Threshold)]),
                OverScope,
                &["rel.support"],
            ),
        ];
        for (name, change, code, offending) in mistakes {
            let refusal = record(*change).expect_err(name);
            assert_eq!(refusal.code, *code, "{name}");
            assert_eq!(refusal.offending, *offending, "{name}");
        }
    }

    #[test]
    fn a_second_adult_needs_a_letter_of_their_own() {
        let two: Change = |c| {
            c.subjects.push(subject("440402190001010021"));
            c.signers.push(Signer::own(1, c.signers[0].signed_on));
        };
        let refusal = record(two).unwrap_err();
        assert_eq!(refusal, Refusal::new(RefusalCode::AdultNeedsOwnLetter).offending(["subject#2"]));
    }

    #[test]
    fn there_are_at_most_so_many_subjects() {
        let numbered = |n: usize| {
            let document = Document::parse(DocumentKind::MacauBir, &format!("90001{n:02}(0)")).unwrap();
            // One adult and eleven children of 16.
            let birth_date = (n > 0).then(|| "2010-06-01".parse().unwrap());
            crate::identity::Subject { document, birth_date, ..claims().subjects[0].clone() }
        };
        let with = |n: usize| {
            let mut claims = claims();
            claims.subjects = (0..n).map(numbered).collect();
            let signer = |n: usize| Signer::own(n.try_into().unwrap(), claims.signers[0].signed_on);
            claims.signers = (0..n).map(signer).collect();
            given_nothing().when("cw.zhuhai", RecordConsent { claims })
        };
        with(SUBJECTS_MAX).then_done();
        assert_eq!(with(SUBJECTS_MAX + 1).then_refused(RefusalCode::BadList).offending, ["subjects"]);
    }

    #[test]
    fn an_item_finer_than_the_holder_may_tell_is_refused() {
        let mut claims = claims();
        claims.items.insert(Item::IncomeWage, Granularity::Exact);
        let refusal = given_nothing().when("cw.zhuhai", RecordConsent { claims }).then_refused(RefusalCode::OverScope);
        assert_eq!(refusal.offending, ["granularity:inc.wage"]);
    }

    #[test]
    fn a_document_neither_side_accepts_is_refused() {
        let check =
            |issuer: &[DocumentKind], holder: &[DocumentKind]| check_subjects(&claims(), NOON, [issuer, holder]);
        let (bir, card) = ([DocumentKind::MacauBir], [DocumentKind::MainlandId]);
        assert_eq!(check(&bir, &card), Ok(()));
        assert_eq!(check(&card, &bir), Ok(()));
        let refusal = Refusal::new(RefusalCode::DocumentNotAccepted).offending(["subject#1"]);
        assert_eq!(check(&card, &card), Err(refusal));
    }

    #[test]
    fn a_consent_is_recorded_once() {
        let again = granted(claims()).when("cw2.zhuhai", RecordConsent { claims: claims() });
        again.then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn only_a_caseworker_records() {
        let by = |who| given_nothing().when(who, RecordConsent { claims: claims() });
        by("rv.zhuhai").then_refused(RefusalCode::RoleNotAllowed);
        by("sa.zhuhai").then_refused(RefusalCode::RoleNotAllowed);
    }
}
