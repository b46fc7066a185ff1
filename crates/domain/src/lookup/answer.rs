//! What a permitted lookup is answered, and what any answer may say.
//!
//! An answer says no more than the question asks: the verdict on its predicate, a range or the amount only when that
//! was asked. It never turns missing knowledge into a "no", and never converts a currency.

use crate::identity::Document;
use crate::item::{Answer, Granularity, Item, Predicate, Question, Verdict};
use crate::lookup::Permit;
use crate::money::{Currency, Money};
use crate::refusal::{Refusal, RefusalCode};
use crate::register::{Assistance, RegisterMatch, RegisterRead};
use crate::text::Short;
use crate::time::Date;

/// What the register says on one item; none inside is "not searched or not recorded".
enum Finding<'a> {
    Flag(Option<bool>),
    Count(Option<u32>),
    Amount(Option<Money>),
    Programme(Option<&'a Assistance>),
}

/// Answers a permit's questions in their order, from what the register says of the one person. `today` dates what rests
/// on no household.
///
/// - An item the register does not hold: `CANNOT_DETERMINE`, whether or not the person is known.
/// - There is no register yet: `CANNOT_DETERMINE`, with the source named as not searched.
/// - The person is not found: `NO_RECORD_FOUND`, with the source searched.
/// - The field is not recorded: `CANNOT_DETERMINE`, with the source named as not searched.
/// - The predicate does not fit the item, or names another currency than the record: `CANNOT_DETERMINE`.
/// - Otherwise `MEETS` or `DOES_NOT_MEET`, with a range only for a question of granularity `band` or `exact`, and the
///   amount only for `exact`.
#[must_use]
pub fn answers(permit: &Permit, read: &RegisterRead, today: Date) -> Vec<Answer> {
    let searched = *read != RegisterRead::NoRegister;
    let found = match read {
        // A caller who passes another person's rows gets none of them out.
        RegisterRead::Found(found) => Some(found.as_ref()).filter(|found| is_about(found, permit.subject())),
        RegisterRead::NoRecord | RegisterRead::NoRegister => None,
    };
    permit.questions().iter().map(|question| answer(question, found, searched, today)).collect()
}

fn is_about(found: &RegisterMatch, subject: &Document) -> bool {
    let mut documents = std::iter::once(&found.member.subject.document).chain(&found.member.other_documents);
    documents.any(|document| document.key() == subject.key())
}

fn answer(question: &Question, found: Option<&RegisterMatch>, searched: bool, today: Date) -> Answer {
    let Question { item, predicate, granularity } = *question;
    let source: Vec<Short> = source(item).parse().ok().into_iter().collect();
    let plain = |verdict, as_of, searched, not_searched| Answer {
        item,
        predicate,
        verdict,
        as_of,
        band: None,
        value: None,
        sources_searched: searched,
        sources_not_searched: not_searched,
        visit: None, // a visit is made for a request, not for a lookup
    };
    let unsearched = |source| plain(Verdict::CannotDetermine, today, Vec::new(), source);
    let Some(read) = reader(item).filter(|_| searched) else { return unsearched(source) };
    let Some(found) = found else { return plain(Verdict::NoRecordFound, today, source, Vec::new()) };
    let (finding, as_of) = (read(found), found.household.as_of);
    if finding.is_missing() {
        return plain(Verdict::CannotDetermine, as_of, Vec::new(), source);
    }
    let Some(met) = finding.meets(predicate) else {
        return plain(Verdict::CannotDetermine, as_of, source, Vec::new());
    };
    Answer {
        band: (granularity >= Granularity::Band).then(|| finding.band(item)).flatten(),
        value: (granularity == Granularity::Exact).then(|| finding.amount()).flatten(),
        ..plain(if met { Verdict::Meets } else { Verdict::DoesNotMeet }, as_of, source, Vec::new())
    }
}

impl Finding<'_> {
    fn is_missing(&self) -> bool {
        match self {
            Self::Flag(flag) => flag.is_none(),
            Self::Count(count) => count.is_none(),
            Self::Amount(amount) => amount.is_none(),
            Self::Programme(programme) => programme.is_none(),
        }
    }

    /// Whether the predicate is met; none when it does not fit.
    fn meets(&self, predicate: Predicate) -> Option<bool> {
        match (predicate, self) {
            (Predicate::Holds, Self::Flag(flag)) => *flag,
            (Predicate::Holds, Self::Count(count)) => count.map(|count| count > 0),
            (Predicate::Holds, Self::Amount(amount)) => amount.map(|amount| amount.minor > 0),
            (Predicate::Holds, Self::Programme(programme)) => programme.map(|p| *p != Assistance::None),
            (Predicate::AmountAtMost(limit), Self::Amount(amount)) => {
                amount.filter(|amount| amount.currency == limit.currency).map(|amount| amount.minor <= limit.minor)
            }
            (Predicate::CountAtMost(limit), Self::Count(count)) => count.map(|count| count <= limit),
            (Predicate::AmountAtMost(_), Self::Flag(_) | Self::Count(_) | Self::Programme(_))
            | (Predicate::CountAtMost(_), Self::Flag(_) | Self::Amount(_) | Self::Programme(_))
            // The register holds no history.
            | (Predicate::MonthlyAverageAtMost { .. } | Predicate::DaysAtLeast { .. }, _) => None,
        }
    }

    /// The range as §3.2 of `domain.md` has it: persons by number, holdings as 0, 1 or 2+, a programme by its class.
    fn band(&self, item: Item) -> Option<Short> {
        match self {
            Self::Flag(_) => None,
            Self::Count(count) => {
                let count = (*count)?;
                let by_number = item == Item::HouseholdMembers || count < 2;
                if by_number { count.to_string() } else { "2+".to_owned() }.parse().ok()
            }
            Self::Amount(amount) => amount.and_then(|amount| amount_band(amount).parse().ok()),
            Self::Programme(Some(Assistance::Programme(class))) => Some(class.clone()),
            Self::Programme(Some(Assistance::None) | None) => None,
        }
    }

    fn amount(&self) -> Option<Money> {
        match self {
            Self::Amount(amount) => *amount,
            Self::Flag(_) | Self::Count(_) | Self::Programme(_) => None,
        }
    }
}

/// The range an amount lies in, in whole units: the edges are 1, 2 and 5 times the powers of ten from 1,000, so that a
/// range is never narrower than half of its upper edge. The upper edge belongs to the range, the lower does not.
fn amount_band(amount: Money) -> String {
    let code = match amount.currency {
        Currency::Mop => "MOP",
        Currency::Cny => "CNY",
    };
    if amount.minor <= 0 {
        return format!("0 {code}");
    }
    let mut lower = 0;
    for edge in (5..=18).flat_map(|power| [1, 2, 5].map(|factor| factor * 10_i64.pow(power))) {
        if amount.minor <= edge {
            return format!("{}-{} {code}", lower / 100, edge / 100);
        }
        lower = edge;
    }
    format!("{}+ {code}", lower / 100)
}

/// Tells whether a band is one of the ranges that an item is answered in, so that nobody tells an amount as a range of
/// its own making: see [`amount_band`] and [`Finding::band`]. The class of a programme is free.
fn is_range(question: &Question, band: &Short) -> bool {
    let text = band.as_str();
    match question.item {
        Item::IncomeWage
        | Item::IncomePension
        | Item::AssetDeposit
        | Item::AssetSecurities
        | Item::AssetInsurance
        | Item::ExpenseMedical => [Currency::Mop, Currency::Cny].into_iter().any(|currency| {
            let steps = (5..=18).flat_map(|power| [1, 2, 5].map(|factor| factor * 10_i64.pow(power)));
            let mut amounts = [0, i64::MAX].into_iter().chain(steps);
            amounts.any(|minor| amount_band(Money { minor, currency }) == text)
        }),
        Item::AssetProperty | Item::AssetVehicle | Item::IncomeBusiness => ["0", "1", "2+"].contains(&text),
        Item::HouseholdMembers => text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()),
        Item::IncomeAssistance => true,
        Item::IdExists
        | Item::IdAlive
        | Item::MaritalStatus
        | Item::PublicHousing
        | Item::ExpenseEducation
        | Item::ExpenseHousing
        | Item::LivingVisit
        | Item::LivingResidence
        | Item::SupporterCapacity => false,
    }
}

type Reader = for<'a> fn(&'a RegisterMatch) -> Finding<'a>;

/// How the register tells an item; none for an item it does not hold.
fn reader(item: Item) -> Option<Reader> {
    let reader: Reader = match item {
        Item::IdExists => |_| Finding::Flag(Some(true)),
        Item::IdAlive => |found| Finding::Flag(found.member.alive),
        Item::HouseholdMembers => |found| Finding::Count(u32::try_from(found.household.members.len()).ok()),
        Item::MaritalStatus => |found| Finding::Flag(found.member.married),
        Item::IncomeWage => |found| Finding::Amount(found.member.wage),
        Item::IncomeBusiness => |found| Finding::Count(found.member.businesses),
        Item::IncomePension => |found| Finding::Amount(found.member.pension),
        Item::IncomeAssistance => |found| Finding::Programme(found.member.assistance.as_ref()),
        Item::AssetDeposit => |found| Finding::Amount(found.member.deposits),
        Item::AssetProperty => |found| Finding::Count(found.member.properties),
        Item::AssetVehicle => |found| Finding::Count(found.member.vehicles),
        Item::PublicHousing => |found| Finding::Flag(found.member.public_housing),
        Item::LivingResidence => |found| Finding::Flag(found.member.resident),
        Item::AssetSecurities
        | Item::AssetInsurance
        | Item::ExpenseMedical
        | Item::ExpenseEducation
        | Item::ExpenseHousing
        | Item::LivingVisit
        | Item::SupporterCapacity => return None,
    };
    Some(reader)
}

/// The source an item belongs to, as an answer names it.
fn source(item: Item) -> &'static str {
    match item {
        Item::IdExists | Item::IdAlive | Item::HouseholdMembers => "household register",
        Item::MaritalStatus => "household register: marriage",
        Item::IncomeWage => "household register: wages",
        Item::IncomeBusiness => "household register: business registrations",
        Item::IncomePension => "household register: pensions and benefits",
        Item::IncomeAssistance => "household register: social assistance",
        Item::AssetDeposit => "household register: deposits",
        Item::AssetProperty => "household register: real property",
        Item::AssetVehicle => "household register: vehicles and boats",
        Item::PublicHousing => "household register: public housing",
        Item::LivingResidence => "household register: residence",
        Item::AssetSecurities => "securities records",
        Item::AssetInsurance => "insurance records",
        Item::ExpenseMedical => "medical records",
        Item::ExpenseEducation => "education records",
        Item::ExpenseHousing => "rent and utility records",
        Item::LivingVisit => "home visits",
        Item::SupporterCapacity => "supporters' own checks",
    }
}

/// Checks that an answer is one to this question and says no more than it asks (`domain.md` §3.3).
///
/// # Errors
/// `BAD_ANSWER` naming the first field at fault.
pub(crate) fn check_answer(question: &Question, answer: &Answer) -> Result<(), Refusal> {
    let told = match answer.verdict {
        Verdict::Meets | Verdict::DoesNotMeet | Verdict::Partial => true,
        Verdict::CannotDetermine | Verdict::NoRecordFound | Verdict::Refused => false,
    };
    let at_fault = if answer.item != question.item {
        "item"
    } else if answer.predicate != question.predicate {
        "predicate"
    } else if answer.band.is_some() && !(told && question.granularity >= Granularity::Band) {
        "band"
    } else if answer.value.is_some() && !(told && question.granularity == Granularity::Exact) {
        "value"
    } else if answer.verdict == Verdict::NoRecordFound && answer.sources_searched.is_empty() {
        "sources_searched"
    } else if answer.visit.is_some() != (told && question.item == Item::LivingVisit) {
        "visit"
    } else if answer.band.as_ref().is_some_and(|band| !is_range(question, band)) {
        "band"
    } else {
        return Ok(());
    };
    Err(Refusal::new(RefusalCode::BadAnswer).offending([at_fault]))
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
