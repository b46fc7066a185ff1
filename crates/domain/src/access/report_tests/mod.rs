//! The subject report: complete over a generated history of many cases about many persons, against a count over the events
//! that shares nothing with it; and what it leaves out for whom.

mod history;
mod naive;

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::access::cases::{SOURCES, Scope};
use crate::access::report::report_of;
use crate::access::{AccessRecorded, AccessTarget, SubjectReport, Told, subject_report, who_looked};
use crate::case::CaseRef;
use crate::conference::CaseNominated;
use crate::conference::sample::nominated;
use crate::consent::{ConsentGranted, Signatory, SignedBy, Signer};
use crate::event::EventKind;
use crate::id::{ConsentId, PartyId, UrgentId};
use crate::identity::Document;
use crate::item::Verdict;
use crate::notice::WithheldReason;
use crate::phrases::happened_text;
use crate::purpose::Language;
use crate::refusal::RefusalCode;
use crate::suppression::{DisclosureSuppressed, SuppressedCase};
use crate::testing::{Scene, party};

use history::{Choice, PERSONS, Saying, history, letter, lookup, person, subject, tell, text, urgent, uuid};
use naive::Naive;

fn places(report: &SubjectReport) -> BTreeSet<(PartyId, u64, EventKind)> {
    report.lines.iter().map(|line| (line.log, line.seq, line.kind)).collect()
}

fn report(scene: &Scene, asked: &[Document], to: Option<&Document>) -> SubjectReport {
    subject_report(&scene.rows(), party("zhuhai"), asked, to, scene.now).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever happened to whom: the report about a household lists exactly the entries that concerned it, each once, and
    /// says every kind in words.
    #[test]
    fn the_report_lists_every_entry_that_concerned_the_household_and_no_other(
        choices in proptest::collection::vec((0_u8..8, 0_usize..PERSONS, 0_usize..PERSONS, 0_u8..60), 1..40),
        asked in proptest::collection::btree_set(0_usize..PERSONS, 1..4),
    ) {
        let (scene, told) = tell(&history(&choices));
        let asked: Vec<Document> = asked.into_iter().map(person).collect();
        let report = report(&scene, &asked, None);
        prop_assert_eq!(places(&report), Naive(&told).places(&asked));
        prop_assert_eq!(report.lines.len(), places(&report).len(), "each entry is one line");
        for line in &report.lines {
            prop_assert!(!line.about.is_empty() && line.about.iter().all(|position| *position < asked.len()));
            for language in [Language::ZhHans, Language::ZhHant, Language::Pt, Language::En] {
                prop_assert!(happened_text(line.kind, language).is_some(), "{:?}", line.kind);
            }
        }
    }
}

/// Every kind of case in every way about everybody, so that no source can be missing unnoticed.
fn everything() -> Vec<Choice> {
    let ways = |kind: u8| (0..12_u8).map(move |way| (kind, usize::from(way), usize::from(way) + 1, way));
    (0..8).flat_map(ways).collect()
}

#[test]
fn without_any_one_of_its_sources_the_report_is_not_complete() {
    let (scene, told) = tell(&history(&everything()));
    let asked = [person(0), person(3)];
    let naive = Naive(&told).places(&asked);
    assert_eq!(places(&report(&scene, &asked, None)), naive);
    let scope = Scope::new(scene.rows(), party("zhuhai"), &asked, None, scene.now).unwrap();
    for missing in 0..SOURCES.len() {
        let sources: Vec<_> =
            SOURCES.iter().enumerate().filter(|(no, _)| *no != missing).map(|(_, source)| *source).collect();
        let partial = report_of(&scope, &scope.cases_of(&sources).unwrap()).unwrap();
        let partial = places(&partial);
        assert!(partial.is_subset(&naive) && partial != naive, "source {missing} is not missed");
    }
    let looks = |place: &(PartyId, u64, EventKind)| place.2 == EventKind::AccessRecorded;
    assert!(naive.iter().any(looks) && naive.iter().filter(|place| !looks(place)).count() > 100);
}

#[test]
fn it_says_what_was_told_what_was_refused_and_what_was_not_answered() {
    let lines = |way| {
        let (scene, _) = tell(&history(&[(1, 0, 1, way)]));
        report(&scene, &[person(0), person(1)], None).lines
    };
    let of = |lines: &[crate::access::Line], kind| {
        let line = lines.iter().find(|line| line.kind == kind).unwrap();
        (line.items.iter().map(|item| (item.about, item.told.clone())).collect::<Vec<_>>(), line.refused)
    };
    let refused = lines(0);
    let (items, code) = of(&refused, EventKind::RequestRefused);
    assert_eq!(code, Some(RefusalCode::OverScope));
    assert_eq!(items, [(Some(0), Told::Refused), (Some(1), Told::Refused)]);
    let withdrawn = lines(1);
    assert_eq!(of(&withdrawn, EventKind::RequestSubmitted).0[0], (Some(0), Told::NotAnswered));
    assert_eq!(of(&withdrawn, EventKind::ReplySent).0, [(Some(1), Told::Refused)], "the holder would not say");
    let used = lines(4);
    let replies: Vec<_> = used.iter().filter(|line| line.kind == EventKind::ReplySent).collect();
    let told = &replies[1].items[0].told;
    assert!(matches!(told, Told::Answered(answer) if answer.verdict == Verdict::Meets));
    assert_eq!(told.told_as(), Some(crate::item::Granularity::Threshold), "neither a range nor a value was told");
    assert_eq!(replies[1].between, Some([party("zhuhai"), party("macau")]));
    let (scene, _) = tell(&history(&[(3, 0, 1, 0)]));
    let lines = report(&scene, &[person(1)], None).lines;
    let withheld = lines.iter().find(|line| line.kind == EventKind::BatchApproved).unwrap();
    assert_eq!(withheld.withheld, Some(WithheldReason::NoBasis));
    assert!(!lines.iter().any(|line| line.kind == EventKind::BatchSent), "the person was not named");
}

/// The child's own letter, which the mother (0) and the father (1) signed; a notice about the child; a lookup about the mother.
fn family() -> Scene {
    const CHILD: usize = PERSONS - 1;
    let mut letter = letter(1, CHILD, 0);
    letter.others.push(Signatory::Person(subject(1)));
    letter.signers.remove(0);
    letter.signers.push(Signer { by: SignedBy::Other(1), ..letter.signers[0].clone() });
    let mut told: Vec<Saying> = vec![("rv.zhuhai", ConsentGranted { claims: letter }.into())];
    let read = AccessRecorded { target: AccessTarget::Consent(ConsentId(uuid(1))), reason: text() };
    told.push(("cw.zhuhai", read.into()));
    told.extend(urgent(2, CHILD, 0));
    told.extend(lookup(3, 0, 0));
    tell(&told).0
}

fn kinds(report: &SubjectReport) -> BTreeSet<EventKind> {
    report.lines.iter().map(|line| line.kind).collect()
}

#[test]
fn a_childs_file_is_not_in_what_is_shown_of_another_member_of_the_household() {
    let (scene, mother, child) = (family(), person(0), person(PERSONS - 1));
    let about_mother = report(&scene, std::slice::from_ref(&mother), None);
    let childs = [EventKind::ConsentGranted, EventKind::UrgentRaised, EventKind::AccessRecorded];
    assert!(childs.iter().all(|kind| !kinds(&about_mother).contains(kind)), "{:?}", kinds(&about_mother));
    assert!(kinds(&about_mother).contains(&EventKind::LookupAnswered));
    let looks = |persons: &[Document], to: Option<&Document>| {
        who_looked(&scene.rows(), party("zhuhai"), persons, to, scene.now).unwrap()
    };
    let at_consent = |look: &crate::access::Look| matches!(look.target, AccessTarget::Consent(_));
    assert!(!looks(std::slice::from_ref(&mother), None).iter().any(at_consent));
    let both = [mother.clone(), child.clone()];
    assert!(childs.iter().all(|kind| kinds(&report(&scene, &both, None)).contains(kind)));
    assert!(looks(&both, None).iter().any(at_consent));
    // Handed out, it is for the child and for who signed for the child: for nobody else of the household, and of the
    // household's members only their wards are for who is not one of them.
    for (to, shown) in [(&mother, true), (&child, true), (&person(1), true), (&person(2), false)] {
        let with_neighbour = [mother.clone(), child.clone(), person(2)];
        let handed = report(&scene, &with_neighbour, Some(to));
        assert_eq!(childs.iter().any(|kind| kinds(&handed).contains(kind)), shown, "{to:?}");
        assert_eq!(looks(&with_neighbour, Some(to)).iter().any(at_consent), shown);
    }
    assert!(!kinds(&report(&scene, &both, Some(&person(1)))).contains(&EventKind::LookupAnswered), "hers is not his");
}

#[test]
fn what_is_kept_from_the_father_is_in_no_report_for_him_and_an_auditor_sees_why() {
    let (father, child) = (person(1), person(PERSONS - 1));
    let suppress = |scene: Scene, case| {
        let (others, reason) = (BTreeSet::from([party("macau")]), "suspected of harm".parse().unwrap());
        scene.and("dp.zhuhai", DisclosureSuppressed { case, others, towards: father.clone(), reason })
    };
    let scene = family();
    let asked = [child, father.clone()];
    let handed = |scene: &Scene, to: &Document| kinds(&report(scene, &asked, Some(to)));
    assert!(handed(&scene, &father).contains(&EventKind::UrgentRaised));
    let scene = suppress(scene, SuppressedCase::Urgent(UrgentId(uuid(2))));
    assert!(!handed(&scene, &father).contains(&EventKind::UrgentRaised));
    assert!(handed(&scene, &father).contains(&EventKind::ConsentGranted), "only the notice is kept from him");
    let scene = suppress(scene, SuppressedCase::Consent(ConsentId(uuid(1))));
    assert!(handed(&scene, &father).is_empty());
    let looks = who_looked(&scene.rows(), party("zhuhai"), &asked, Some(&father), scene.now).unwrap();
    assert!(looks.is_empty(), "not even that somebody looked");
    let read = |persons: &[Document]| {
        let target = AccessTarget::Persons { persons: persons.to_vec(), handed_to: None };
        AccessRecorded { target, reason: text() }
    };
    let audited = scene.clone().and("au.zhuhai", read(&asked)).and("au.zhuhai", read(&asked[..1]));
    let looks = who_looked(&audited.rows(), party("zhuhai"), &asked, Some(&father), audited.now).unwrap();
    let told: Vec<_> = looks.iter().map(|look| (look.about.clone(), look.reason.clone())).collect();
    assert_eq!(told.len(), 1, "of the report about the child nothing");
    assert_eq!(told[0].0, BTreeSet::from([1]), "of a report about both that it was about him");
    assert!(told[0].1.is_none(), "and not in whose words");
    assert!(handed(&scene, &person(0)).contains(&EventKind::UrgentRaised), "the mother is told");
    let audited = report(&scene, &asked, None);
    assert!(kinds(&audited).contains(&EventKind::UrgentRaised));
    let by: Vec<_> = audited.suppressed.iter().map(|(log, one)| (*log, one.said.by.as_str())).collect();
    assert_eq!(by, [(party("zhuhai"), "dp.zhuhai"); 2]);
    assert!(audited.suppressed.iter().all(|(_, one)| one.event.reason.as_str() == "suspected of harm"));
    assert!(report(&scene, &asked, Some(&person(0))).suppressed.is_empty(), "nor is it told that something is kept");
}

#[test]
fn a_conference_is_kept_from_whom_its_case_is_kept() {
    let (father, child) = (person(1), person(PERSONS - 1));
    let case = CaseRef::Urgent(UrgentId(uuid(2)));
    let nominated = CaseNominated { case, ..nominated() };
    let scene = family().and("cw.zhuhai", nominated);
    let told = |scene: &Scene, to| kinds(&report(scene, &[child.clone(), father.clone()], to));
    assert!(told(&scene, Some(&father)).contains(&EventKind::CaseNominated));
    let (others, reason) = (BTreeSet::from([party("macau")]), text());
    let case = SuppressedCase::Urgent(UrgentId(uuid(2)));
    let scene = scene.and("dp.zhuhai", DisclosureSuppressed { case, others, towards: father.clone(), reason });
    assert!(!told(&scene, Some(&father)).contains(&EventKind::CaseNominated));
    assert!(told(&scene, None).contains(&EventKind::CaseNominated));
}

#[test]
fn an_answer_is_handed_to_whom_it_is_about_and_to_nobody_else_of_the_household() {
    let (scene, _) = tell(&history(&[(2, 0, 0, 0)]));
    let asked = [person(0), person(1)];
    let told = |to: Option<&Document>| {
        let lines = report(&scene, &asked, to).lines;
        let answers = lines.iter().filter(|line| line.kind == EventKind::LookupAnswered);
        answers.flat_map(|line| line.items.iter().map(|item| item.told.clone())).collect::<Vec<_>>()
    };
    assert!(matches!(told(None)[..], [Told::Answered(_)]));
    assert!(matches!(told(Some(&person(0)))[..], [Told::Answered(_)]));
    assert_eq!(told(Some(&person(1))), [Told::OwnOnly], "that it was answered, not what");
}
