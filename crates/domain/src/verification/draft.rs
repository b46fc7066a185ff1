//! `DraftRequest`: a caseworker drafts a request. Its scope is checked before a second person sees it.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::repeats;
use crate::event::Event;
use crate::officer::Role;
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::verification::guards::{Consents, Grounds, RequestState, numbered, question_no};
use crate::verification::{QUESTIONS_MAX, RequestDrafted, RequestFacts, VerificationRequest};
use crate::view::{Rows, Sides, ViewError};

/// Drafts a request for the officer's own unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftRequest {
    /// The request.
    pub request: VerificationRequest,
}

impl Decide for DraftRequest {
    const ROLES: &'static [Role] = &[Role::Caseworker];
    /// The request, its grounds, and the request it follows.
    type State = (RequestState, Grounds, Sides<RequestFacts>);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let sides = rows.sides(&self.request.id)?;
        let consents = Consents::load(rows, [&self.request])?;
        let before = self.request.follows.map(|id| rows.sides(&id)).transpose()?.unwrap_or_default();
        Ok((RequestState { sides, consents }, Grounds::load(rows, Some(&self.request))?, before))
    }

    fn decide(&self, (state, grounds, before): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let request = &self.request;
        if request.asker != context.me || request.unit != context.actor.unit {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        if !state.sides.is_empty() {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        if request.holder == context.me || rules_of(request.holder).is_none() {
            return Err(Refusal::new(RefusalCode::WrongAddressee));
        }
        // A chain from refusal to refusal that an auditor can follow: it leads to something that was refused, or nowhere.
        if request.follows.is_some() && !before.is_refused(context.me) {
            let code = if before.of(context.me).is_none() { RefusalCode::NotFound } else { RefusalCode::WrongState };
            return Err(Refusal::new(code).offending(["follows"]));
        }
        check_form(request, context.now)?;
        state.consents.check_standing(request, context.now)?;
        state.consents.check_scope(request)?;
        grounds.check_standard(request)?;
        grounds.check_predicates(context.me, request)?;
        Ok(RequestDrafted { request: request.clone() }.into())
    }
}

/// Checks what can be told from a request alone: the number of questions, that none is asked twice, that each predicate
/// is one for its item, the as-of date.
pub(super) fn check_form(request: &VerificationRequest, now: Instant) -> Result<(), Refusal> {
    if !(1..=QUESTIONS_MAX).contains(&request.questions.len()) || repeats(&request.questions) {
        return Err(Refusal::new(RefusalCode::BadList).offending(["questions"]));
    }
    let misfits = numbered(request).filter(|(_, asked)| !asked.question.item.takes(asked.question.predicate));
    let misfits: Vec<String> = misfits.map(|(no, _)| format!("{}:predicate", question_no(no))).collect();
    if !misfits.is_empty() {
        return Err(Refusal::new(RefusalCode::BadList).offending(misfits));
    }
    if request.as_of > now.local_date() {
        return Err(Refusal::new(RefusalCode::BadDate).offending(["as_of"]));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentClaims, ConsentRevoked, RevocationForm, SignedBy};
    use crate::id::ConsentId;
    use crate::item::{Granularity, Item, Predicate};
    use crate::money::{Currency, Money};
    use crate::purpose::Purpose;
    use crate::testing::{NOON, Scene, claims, party, question, stranger};
    use crate::time::DAY_US;
    use crate::verification::RequestQuestion;
    use crate::verification::sample::{based, drafted, request};

    type Change = fn(&mut VerificationRequest);

    fn draft(scene: Scene, change: Change) -> Result<Event, Refusal> {
        let mut request = request();
        change(&mut request);
        scene.when("cw.zhuhai", DraftRequest { request }).result
    }

    /// A second person's consent, of whom nothing but the property may be asked.
    fn second() -> ConsentClaims {
        let mut claims = claims();
        claims.id = ConsentId(uuid::Uuid::from_u128(0xC1));
        claims.subjects[0].document = stranger();
        claims.items.retain(|item, _| *item == Item::AssetProperty);
        claims
    }

    fn with_second(change: fn(&mut ConsentClaims)) -> Scene {
        let mut claims = second();
        change(&mut claims);
        let granted_second = crate::consent::ConsentGranted { claims };
        based(self::claims()).and("rv.zhuhai", granted_second)
    }

    fn ask_second(request: &mut VerificationRequest) {
        let question = question(Item::AssetProperty);
        request.questions.push(RequestQuestion { subject: stranger(), consent: second().id, question });
    }

    #[test]
    fn a_request_within_its_consents_is_drafted() {
        let scene = based(claims()).when("cw.zhuhai", DraftRequest { request: request() });
        scene.then(RequestDrafted { request: request() });
        assert!(draft(with_second(|_| ()), ask_second).is_ok());
    }

    #[test]
    fn each_single_fault_of_a_request_is_refused() {
        let faults: &[(&str, Change, RefusalCode, &[&str])] = &[
            ("asker", |r| r.asker = party("hengqin"), RefusalCode::NotYours, &[]),
            ("unit", |r| r.unit = "gongbei".parse().unwrap(), RefusalCode::NotYours, &[]),
            ("itself", |r| r.holder = party("zhuhai"), RefusalCode::WrongAddressee, &[]),
            ("unknown holder", |r| r.holder = party("elsewhere"), RefusalCode::WrongAddressee, &[]),
            ("no questions", |r| r.questions.clear(), RefusalCode::BadList, &["questions"]),
            ("asked twice", |r| r.questions.push(r.questions[0].clone()), RefusalCode::BadList, &["questions"]),
            ("tomorrow", |r| r.as_of = NOON.plus_us(DAY_US).local_date(), RefusalCode::BadDate, &["as_of"]),
            ("wrong recipient", |r| r.holder = party("hengqin"), RefusalCode::WrongHolder, &["question#1"]),
            ("purpose", |r| r.purpose = Purpose::DibaoRecheck, RefusalCode::PurposeMismatch, &["question#1"]),
            ("subject", |r| r.questions[1].subject = stranger(), RefusalCode::OverScope, &["question#2:subject"]),
            (
                "item",
                |r| r.questions[1].question.item = Item::ExpenseMedical,
                RefusalCode::OverScope,
                &["question#2:exp.medical"],
            ),
            (
                "granularity",
                |r| r.questions[0].question.granularity = Granularity::Exact,
                RefusalCode::OverScope,
                &["question#1:granularity:ast.property"],
            ),
            (
                "consent",
                |r| r.questions[1].consent = ConsentId(uuid::Uuid::from_u128(0xBAD)),
                RefusalCode::NoConsent,
                &["question#2"],
            ),
        ];
        for (name, change, code, offending) in faults {
            let refusal = draft(based(claims()), *change).expect_err(name);
            assert_eq!(refusal.code, *code, "{name}");
            assert_eq!(refusal.offending, *offending, "{name}");
        }
    }

    #[test]
    fn all_that_goes_too_far_is_listed_at_once() {
        let change: Change = |r| {
            ask_second(r);
            r.questions[0].question.granularity = Granularity::Band;
            r.questions[2].question.item = Item::ExpenseMedical;
            r.questions[2].subject = crate::testing::document();
        };
        let refusal = draft(with_second(|_| ()), change).unwrap_err();
        let listed = ["question#1:granularity:ast.property", "question#3:exp.medical", "question#3:subject"];
        assert_eq!(refusal, Refusal::new(RefusalCode::OverScope).offending(listed));
    }

    #[test]
    fn a_consent_for_another_unit_is_no_consent_of_this_unit() {
        let scene = with_second(|c| c.requester.unit = "gongbei".parse().unwrap());
        let refusal = draft(scene, ask_second).unwrap_err();
        assert_eq!(refusal, Refusal::new(RefusalCode::WrongRequester).offending(["question#3"]));
    }

    #[test]
    fn without_a_consent_nothing_is_drafted() {
        let none = crate::testing::given_nothing();
        let refusal = draft(none, |_| ()).unwrap_err();
        assert_eq!(refusal, Refusal::new(RefusalCode::NoConsent).offending(["question#1", "question#2"]));
        let recorded = crate::consent::ConsentRecorded { claims: claims() };
        let not_granted = crate::testing::given([("cw.zhuhai", recorded)]);
        assert_eq!(draft(not_granted, |_| ()).unwrap_err().code, RefusalCode::NoConsent);
    }

    #[test]
    fn every_consent_must_stand() {
        let ended = with_second(|c| c.not_after = NOON);
        let refusal = draft(ended, ask_second).unwrap_err();
        let expected = Refusal::new(RefusalCode::ConsentExpired).offending(["question#3"]).effective_at(NOON);
        assert_eq!(refusal, expected);
        let form = RevocationForm::Letter;
        let revoked = ConsentRevoked {
            consent: second().id,
            others: [].into(),
            form,
            effective_at: NOON,
            subjects: [].into(),
            by: SignedBy::Subject(0),
        };
        let scene = with_second(|_| ()).and("cw.macau", revoked);
        assert_eq!(draft(scene, ask_second).unwrap_err().code, RefusalCode::ConsentRevoked);
        let later = with_second(|c| c.not_before = NOON.plus_us(DAY_US));
        assert_eq!(draft(later, ask_second).unwrap_err().code, RefusalCode::NotYetValid);
    }

    #[test]
    fn a_request_is_drafted_once() {
        let again = drafted().when("cw.zhuhai", DraftRequest { request: request() });
        again.then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn a_request_has_a_largest_number_of_questions() {
        let of = |count: usize| {
            let mut request = request();
            let one = request.questions[0].clone();
            request.questions = vec![one; count];
            let mut scene = based(claims());
            for (no, asked) in (0_u32..).zip(&mut request.questions) {
                asked.question.predicate = Predicate::CountAtMost(no % 3);
                asked.consent = ConsentId(uuid::Uuid::from_u128(0x1000 + u128::from(no / 3)));
                let claims = ConsentClaims { id: asked.consent, ..claims() };
                scene = scene.and("rv.zhuhai", crate::consent::ConsentGranted { claims });
            }
            scene.when("cw.zhuhai", DraftRequest { request })
        };
        of(QUESTIONS_MAX).then_done();
        of(QUESTIONS_MAX + 1).then_refused(RefusalCode::BadList);
    }

    #[test]
    fn a_predicate_fits_its_item() {
        let refusal = draft(based(claims()), |r| r.questions[1].question.predicate = Predicate::CountAtMost(1));
        let expected = Refusal::new(RefusalCode::BadList).offending(["question#2:predicate"]);
        assert_eq!(refusal.unwrap_err(), expected);
    }

    fn ask_deposit(request: &mut VerificationRequest, minor: i64, currency: Currency) {
        let predicate = Predicate::AmountAtMost(Money { minor, currency });
        request.questions[0].question = crate::item::Question { predicate, ..question(Item::AssetDeposit) };
    }

    #[test]
    fn the_standard_is_the_askers_in_force_and_gives_the_amount() {
        let faults: &[(&str, Change, &str)] = &[
            ("version", |r| r.standard = "ZH-2027-v1".parse().unwrap(), "standard"),
            ("date", |r| r.as_of = "2025-12-31".parse().unwrap(), "standard"),
            ("amount", |r| ask_deposit(r, 180_001, Currency::Cny), "question#1:amount"),
            ("multiple", |r| ask_deposit(r, 360_000, Currency::Cny), "question#1:amount"),
            ("currency", |r| ask_deposit(r, 180_000, Currency::Mop), "question#1:amount"),
        ];
        for (name, change, offending) in faults {
            let refusal = draft(based(claims()), *change).expect_err(name);
            assert_eq!(refusal, Refusal::new(RefusalCode::UnknownStandard).offending([*offending]), "{name}");
        }
        for minor in [180_000, 4_320_000] {
            let mut request = request();
            ask_deposit(&mut request, minor, Currency::Cny);
            based(claims()).when("cw.zhuhai", DraftRequest { request }).then_done();
        }
        let others = [party("zhuhai")].into();
        let published = crate::standard::PolicyStandardPublished { standard: crate::testing::standard(), others };
        let anothers = crate::testing::granted(claims()).and("sec.macau", published);
        assert_eq!(draft(anothers, |_| ()).unwrap_err().code, RefusalCode::UnknownStandard);
    }

    #[test]
    fn predicates_are_counted_over_all_requests_but_the_refused() {
        let of = |id: u128, limits: [u32; 2]| {
            let mut request = request();
            request.id = crate::id::RequestId(uuid::Uuid::from_u128(id));
            request.questions[1] = request.questions[0].clone();
            for (asked, limit) in request.questions.iter_mut().zip(limits) {
                asked.question.predicate = Predicate::CountAtMost(limit);
            }
            request
        };
        let submitted = |request| crate::verification::RequestSubmitted { request };
        let scene = based(claims()).and("rv.zhuhai", submitted(of(1, [1, 2])));
        let refusal = scene.clone().when("cw.zhuhai", DraftRequest { request: of(2, [3, 4]) });
        let refusal = refusal.then_refused(RefusalCode::TooManyPredicates);
        assert_eq!(refusal.offending, ["question#2"]);
        let drafted = scene.clone().when("cw.zhuhai", DraftRequest { request: of(2, [3, 1]) }).then_done();
        // Another request was submitted between draft and approval.
        let late = drafted.and("rv.zhuhai", submitted(of(3, [5, 1])));
        let submit = crate::verification::SubmitRequest { request: of(2, [0, 0]).id };
        late.when("rv2.zhuhai", submit).then_refused(RefusalCode::TooManyPredicates);
        let (request, refusal) = (of(1, [0, 0]).id, Refusal::new(RefusalCode::OverScope));
        let refused =
            crate::verification::RequestRefused { request, asker: party("zhuhai"), refusal, consents: [].into() };
        scene.and("lo.macau", refused).when("cw.zhuhai", DraftRequest { request: of(2, [3, 4]) }).then_done();
    }

    #[test]
    fn only_a_caseworker_drafts() {
        let by = |who| based(claims()).when(who, DraftRequest { request: request() });
        by("rv.zhuhai").then_refused(RefusalCode::RoleNotAllowed);
        by("lo.zhuhai").then_refused(RefusalCode::RoleNotAllowed);
    }
}
