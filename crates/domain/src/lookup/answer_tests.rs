//! Tests of [`super::answers`] and [`super::check_answer`].

use super::*;
use crate::testing::{NOON, answer as sample, given_nothing, household, lookup, party, permitted, question};

const ALL: [Item; 20] = [
    Item::IdExists,
    Item::IdAlive,
    Item::HouseholdMembers,
    Item::MaritalStatus,
    Item::IncomeWage,
    Item::IncomeBusiness,
    Item::IncomePension,
    Item::IncomeAssistance,
    Item::AssetDeposit,
    Item::AssetSecurities,
    Item::AssetInsurance,
    Item::AssetProperty,
    Item::AssetVehicle,
    Item::PublicHousing,
    Item::ExpenseMedical,
    Item::ExpenseEducation,
    Item::ExpenseHousing,
    Item::LivingVisit,
    Item::LivingResidence,
    Item::SupporterCapacity,
];

fn permit(questions: Vec<Question>) -> Permit {
    let scene = given_nothing().and("node.macau", permitted(1, questions));
    Permit::open(&scene.rows(), party("macau"), lookup(1)).unwrap().unwrap()
}

/// A person of whom everything the register can hold is recorded.
fn known() -> RegisterMatch {
    let mut household = household("R1", &[crate::testing::document()]);
    household.as_of = "2026-05-31".parse().unwrap();
    let member = &mut household.members[0];
    let mop = |minor| Some(Money { minor, currency: Currency::Mop });
    member.alive = Some(true);
    member.married = Some(false);
    member.wage = mop(150_000);
    member.businesses = Some(0);
    member.pension = mop(0);
    member.assistance = Some(Assistance::Programme("regular subsidy".parse().unwrap()));
    member.deposits = mop(1_000_000);
    member.properties = Some(3);
    member.vehicles = Some(1);
    member.public_housing = Some(true);
    member.resident = Some(false);
    RegisterMatch { member: member.clone(), household }
}

fn today() -> Date {
    NOON.local_date()
}

fn ask(question: Question, found: Option<&RegisterMatch>) -> Answer {
    let read = found.map_or(RegisterRead::NoRecord, |found| RegisterRead::Found(Box::new(found.clone())));
    let mut answers = answers(&permit(vec![question]), &read, today());
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

#[test]
fn without_a_register_nothing_was_searched() {
    let answers = answers(&permit(vec![question(Item::IdAlive)]), &RegisterRead::NoRegister, today());
    assert_eq!(answers[0].verdict, Verdict::CannotDetermine);
    assert!(answers[0].sources_searched.is_empty() && !answers[0].sources_not_searched.is_empty());
}

fn about(item: Item, predicate: Predicate, granularity: Granularity) -> Question {
    Question { item, predicate, granularity }
}

fn at_most(minor: i64, currency: Currency) -> Predicate {
    Predicate::AmountAtMost(Money { minor, currency })
}

fn texts(list: &[Short]) -> Vec<&str> {
    list.iter().map(Short::as_str).collect()
}

#[test]
fn each_item_and_predicate_has_its_verdict() {
    use Predicate::{CountAtMost, Holds};
    use Verdict::{CannotDetermine, DoesNotMeet, Meets};
    let mop = |minor| at_most(minor, Currency::Mop);
    let table = [
        (Item::IdExists, Holds, Meets),
        (Item::IdAlive, Holds, Meets),
        (Item::HouseholdMembers, Holds, Meets),
        (Item::HouseholdMembers, CountAtMost(0), DoesNotMeet),
        (Item::HouseholdMembers, CountAtMost(1), Meets),
        (Item::MaritalStatus, Holds, DoesNotMeet),
        (Item::IncomeWage, Holds, Meets),
        (Item::IncomeWage, mop(149_999), DoesNotMeet),
        (Item::IncomeWage, mop(150_000), Meets),
        (Item::IncomeBusiness, Holds, DoesNotMeet),
        (Item::IncomeBusiness, CountAtMost(0), Meets),
        (Item::IncomePension, Holds, DoesNotMeet),
        (Item::IncomePension, mop(0), Meets),
        (Item::IncomeAssistance, Holds, Meets),
        (Item::AssetDeposit, mop(1_000_000), Meets),
        (Item::AssetDeposit, mop(999_999), DoesNotMeet),
        (Item::AssetDeposit, mop(-1), DoesNotMeet),
        (Item::AssetProperty, CountAtMost(2), DoesNotMeet),
        (Item::AssetProperty, CountAtMost(3), Meets),
        (Item::AssetVehicle, Holds, Meets),
        (Item::PublicHousing, Holds, Meets),
        (Item::LivingResidence, Holds, DoesNotMeet),
        // Predicates that do not fit the item.
        (Item::IdAlive, CountAtMost(1), CannotDetermine),
        (Item::IdAlive, mop(1), CannotDetermine),
        (Item::AssetProperty, mop(1), CannotDetermine),
        (Item::AssetDeposit, CountAtMost(1), CannotDetermine),
        (Item::IncomeAssistance, mop(1), CannotDetermine),
        (Item::IncomeAssistance, CountAtMost(1), CannotDetermine),
    ];
    let known = known();
    for (item, predicate, verdict) in table {
        let answer = ask(about(item, predicate, Granularity::Threshold), Some(&known));
        assert_eq!(answer.verdict, verdict, "{item:?} {predicate:?}");
        assert_eq!((answer.item, answer.predicate), (item, predicate));
        assert_eq!((answer.band, answer.value), (None, None), "{item:?} {predicate:?}");
        assert_eq!(answer.as_of, known.household.as_of);
        assert_eq!(texts(&answer.sources_searched), [source(item)]);
        assert!(answer.sources_not_searched.is_empty());
    }
}

#[test]
fn receiving_nothing_is_told_from_not_knowing() {
    let mut found = known();
    found.member.assistance = Some(Assistance::None);
    let answer = ask(question(Item::IncomeAssistance), Some(&found));
    assert_eq!((answer.verdict, answer.band), (Verdict::DoesNotMeet, None));
    found.member.assistance = None;
    assert_eq!(ask(question(Item::IncomeAssistance), Some(&found)).verdict, Verdict::CannotDetermine);
}

#[test]
fn amounts_are_never_converted() {
    let question = about(Item::AssetDeposit, at_most(99_000_000, Currency::Cny), Granularity::Exact);
    let answer = ask(question, Some(&known()));
    assert_eq!((answer.verdict, answer.band, answer.value), (Verdict::CannotDetermine, None, None));
}

#[test]
fn a_field_that_was_not_recorded_is_not_a_no() {
    let mut found = known();
    let unknown = household("R1", &[crate::testing::document()]).members.remove(0);
    found.member = unknown;
    let always_known = [Item::IdExists, Item::HouseholdMembers];
    for item in ALL.into_iter().filter(|item| reader(*item).is_some() && !always_known.contains(item)) {
        let answer = ask(question(item), Some(&found));
        assert_eq!(answer.verdict, Verdict::CannotDetermine, "{item:?}");
        assert!(answer.sources_searched.is_empty(), "{item:?}");
        assert_eq!(texts(&answer.sources_not_searched), [source(item)]);
        assert_eq!(answer.as_of, found.household.as_of);
    }
}

#[test]
fn no_record_found_names_what_was_searched() {
    for item in ALL.into_iter().filter(|item| reader(*item).is_some()) {
        let answer = ask(about(item, Predicate::Holds, Granularity::Exact), None);
        assert_eq!(answer.verdict, Verdict::NoRecordFound, "{item:?}");
        assert_eq!(texts(&answer.sources_searched), [source(item)]);
        assert_eq!((answer.as_of, answer.band, answer.value), (today(), None, None));
    }
}

#[test]
fn what_the_register_does_not_hold_is_answered_alike_for_everyone() {
    let outside = ALL.into_iter().filter(|item| reader(*item).is_none());
    for item in outside {
        let answer = ask(question(item), Some(&known()));
        assert_eq!(answer.verdict, Verdict::CannotDetermine, "{item:?}");
        assert!(answer.sources_searched.is_empty());
        assert_eq!(texts(&answer.sources_not_searched), [source(item)]);
        assert_eq!(answer, ask(question(item), None), "{item:?}");
    }
}

#[test]
fn an_answer_is_no_finer_than_its_question() {
    let deposit = |granularity| ask(about(Item::AssetDeposit, Predicate::Holds, granularity), Some(&known()));
    let money = Money { minor: 1_000_000, currency: Currency::Mop };
    assert_eq!((deposit(Granularity::Threshold).band, deposit(Granularity::Threshold).value), (None, None));
    let band = deposit(Granularity::Band);
    assert_eq!((band.band.as_ref().map(Short::as_str), band.value), (Some("5000-10000 MOP"), None));
    let exact = deposit(Granularity::Exact);
    assert_eq!((exact.band.as_ref().map(Short::as_str), exact.value), (Some("5000-10000 MOP"), Some(money)));
}

#[test]
fn bands_of_counts_flags_and_programmes() {
    let band = |item, found: &RegisterMatch| {
        let answer = ask(about(item, Predicate::Holds, Granularity::Exact), Some(found));
        assert_eq!(answer.value, None, "only money has a value");
        answer.band.map(String::from)
    };
    let mut known = known();
    known.household.members = vec![known.member.clone(); 5];
    assert_eq!(band(Item::HouseholdMembers, &known).as_deref(), Some("5"));
    assert_eq!(band(Item::IncomeBusiness, &known).as_deref(), Some("0"));
    assert_eq!(band(Item::AssetVehicle, &known).as_deref(), Some("1"));
    assert_eq!(band(Item::AssetProperty, &known).as_deref(), Some("2+"));
    assert_eq!(band(Item::IdAlive, &known), None);
    assert_eq!(band(Item::IncomeAssistance, &known).as_deref(), Some("regular subsidy"));
}

#[test]
fn amount_bands_meet_at_their_edges() {
    let band = |minor| amount_band(Money { minor, currency: Currency::Cny });
    assert_eq!(band(-5), "0 CNY");
    assert_eq!(band(0), "0 CNY");
    assert_eq!(band(1), "0-1000 CNY");
    assert_eq!(band(100_000), "0-1000 CNY");
    assert_eq!(band(100_001), "1000-2000 CNY");
    assert_eq!(band(500_000), "2000-5000 CNY");
    assert_eq!(band(500_001), "5000-10000 CNY");
    assert_eq!(band(i64::MAX), "50000000000000000+ CNY");
}

#[test]
fn the_answers_keep_the_order_of_the_questions() {
    let questions = vec![question(Item::AssetVehicle), question(Item::IdExists), question(Item::ExpenseMedical)];
    let items: Vec<Item> =
        answers(&permit(questions), &RegisterRead::NoRecord, today()).iter().map(|answer| answer.item).collect();
    assert_eq!(items, [Item::AssetVehicle, Item::IdExists, Item::ExpenseMedical]);
}

#[test]
fn another_persons_rows_do_not_come_out() {
    let mut found = known();
    found.member.subject.document = crate::testing::stranger();
    assert_eq!(ask(question(Item::IdAlive), Some(&found)).verdict, Verdict::NoRecordFound);
    found.member.other_documents.push(crate::testing::document());
    assert_eq!(ask(question(Item::IdAlive), Some(&found)).verdict, Verdict::Meets);
}

#[test]
fn whatever_is_answered_passes_the_check_of_answers() {
    let known = known();
    for item in ALL {
        for granularity in [Granularity::Threshold, Granularity::Band, Granularity::Exact] {
            for predicate in [Predicate::Holds, Predicate::CountAtMost(1), at_most(1, Currency::Mop)] {
                let question = about(item, predicate, granularity);
                for found in [None, Some(&known)] {
                    assert_eq!(check_answer(&question, &ask(question.clone(), found)), Ok(()));
                }
            }
        }
    }
}

#[test]
fn each_single_fault_of_an_answer_is_named() {
    type Change = fn(&mut Answer);
    let set_band: Change = |a| a.band = Some("2+".parse().unwrap());
    let set_value: Change = |a| a.value = Some(Money { minor: 1, currency: Currency::Mop });
    let faults: &[(Granularity, Verdict, Change, Option<&str>)] = &[
        (Granularity::Threshold, Verdict::Meets, |_| (), None),
        (Granularity::Threshold, Verdict::Meets, |a| a.item = Item::AssetVehicle, Some("item")),
        (Granularity::Threshold, Verdict::Meets, |a| a.predicate = Predicate::CountAtMost(9), Some("predicate")),
        (Granularity::Threshold, Verdict::Meets, set_band, Some("band")),
        (Granularity::Band, Verdict::Meets, set_band, None),
        (Granularity::Band, Verdict::Partial, set_band, None),
        (Granularity::Band, Verdict::Refused, set_band, Some("band")),
        (Granularity::Band, Verdict::CannotDetermine, set_band, Some("band")),
        (Granularity::Band, Verdict::Meets, set_value, Some("value")),
        (Granularity::Exact, Verdict::DoesNotMeet, set_value, None),
        (Granularity::Exact, Verdict::NoRecordFound, set_value, Some("value")),
        (Granularity::Threshold, Verdict::NoRecordFound, |_| (), None),
        (Granularity::Threshold, Verdict::NoRecordFound, |a| a.sources_searched.clear(), Some("sources_searched")),
        (Granularity::Threshold, Verdict::Meets, |a| a.sources_searched.clear(), None),
    ];
    for (row, (granularity, verdict, change, at_fault)) in faults.iter().enumerate() {
        let question = about(Item::AssetProperty, Predicate::Holds, *granularity);
        let mut answer = sample(&question, *verdict);
        change(&mut answer);
        let refusal = at_fault.map(|part| Refusal::new(RefusalCode::BadAnswer).offending([part]));
        assert_eq!(check_answer(&question, &answer).err(), refusal, "row {row}");
    }
}
