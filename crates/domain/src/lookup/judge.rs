//! `JudgeLookup`: the holder's gate.
//!
//! The gate decides on the token, the question and the own log, and **never on the register**: a denial can't tell
//! whether the person is known. It always makes an event, because a denial must be on record too.
//!
//! The order of the ladder is part of the contract. The signature comes first, so that nobody learns from a forged
//! token; scope comes before standing, so that only the rightful asker learns that a consent was revoked.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::{ConsentClaims, ConsentFacts, OrgUnit, check_disclosable, check_scope, check_standing, repeats};
use crate::event::Event;
use crate::id::LookupId;
use crate::identity::Document;
use crate::item::Question;
use crate::lookup::{LOOKUP_QUESTIONS_MAX, LookupDenied, LookupFacts, LookupPermitted};
use crate::officer::Role;
use crate::purpose::Purpose;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::{Instant, MINUTE_US};
use crate::verification::AskedBefore;
use crate::view::{Rows, Sides, ViewError};

/// Most that the asker's clock may differ from the holder's, either way. Beyond it "asked before the revocation"
/// means nothing. Both sides keep time by NTP, to milliseconds; a repeat after a network fault is in minutes.
pub const CLOCK_SKEW_MAX_US: i64 = 5 * MINUTE_US;

/// What became of the consent token that came with a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenStanding {
    /// None was given.
    Absent,
    /// It can't be read.
    Unreadable,
    /// It was signed with a key that is not the issuer's.
    UnknownKey,
    /// Its signature does not verify.
    BadSignature,
    /// Its signature verifies, strictly, under the issuer's registered key.
    Good(ConsentClaims),
    /// It was signed with a key of the issuer that was reported stolen.
    KeyCompromised,
}

impl TokenStanding {
    /// Returns what a genuine token says.
    ///
    /// # Errors
    /// `NO_CONSENT`, `BAD_TOKEN`, `UNKNOWN_KEY` or `BAD_SIGNATURE`.
    pub fn claims(&self) -> Result<&ConsentClaims, Refusal> {
        Err(Refusal::new(match self {
            Self::Good(claims) => return Ok(claims),
            Self::Absent => RefusalCode::NoConsent,
            Self::Unreadable => RefusalCode::BadToken,
            Self::UnknownKey => RefusalCode::UnknownKey,
            Self::BadSignature => RefusalCode::BadSignature,
            Self::KeyCompromised => RefusalCode::KeyCompromised,
        }))
    }
}

/// Puts a peer's lookup through the gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgeLookup {
    /// The lookup.
    pub lookup: LookupId,
    /// Who asks; the party is the one whose channel the question came by.
    pub asker: OrgUnit,
    /// When, by the asker's clock.
    pub asked_at: Instant,
    /// The consent token.
    pub token: TokenStanding,
    /// Whom it is about.
    pub subject: Document,
    /// What is asked; at most [`LOOKUP_QUESTIONS_MAX`].
    pub questions: Vec<Question>,
    /// What for.
    pub purpose: Purpose,
    /// Whether the log of a party that may have revoked the consent is behind or in doubt here. What the holder knows of
    /// itself, not what was asked: a question sent again is the same question, so this is not in the command's digest.
    #[serde(skip)]
    pub issuer_log_in_doubt: bool,
}

impl Decide for JudgeLookup {
    const ROLES: &'static [Role] = &[Role::Node];
    /// What the parties said about the token's consent, and about the lookup; what was asked on the consent before.
    type State = (Sides<ConsentFacts>, Sides<LookupFacts>, AskedBefore);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let (consent, before) = match self.token.claims() {
            Ok(claims) => (rows.sides(&claims.id)?, AskedBefore::load(rows, [claims.id])?),
            Err(_) => (Sides::default(), AskedBefore::default()),
        };
        Ok((consent, rows.sides(&self.lookup)?, before))
    }

    /// Never refuses: a denial is an event.
    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        Ok(self.judge(state, context).map_or_else(|refusal| self.denied(refusal).into(), Event::from))
    }
}

impl JudgeLookup {
    fn judge(&self, state: &<Self as Decide>::State, context: &Context<'_>) -> Result<LookupPermitted, Refusal> {
        let (consent, lookup, before) = state;
        let claims = self.token.claims()?;
        if context.now.0.abs_diff(self.asked_at.0) > CLOCK_SKEW_MAX_US.unsigned_abs() {
            return Err(Refusal::new(RefusalCode::ClockSkew).effective_at(context.now));
        }
        if lookup.of(context.me).is_some() {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        check_questions(&self.questions)?;
        check_scope(claims, &self.subject, &self.questions, self.purpose, context.me, &self.asker)?;
        check_disclosable(context.rules, self.questions.iter().map(|q| (q.item, q.granularity)))?;
        check_standing(claims, consent, &self.subject, context.now)?;
        if self.issuer_log_in_doubt {
            return Err(Refusal::new(RefusalCode::LogInDoubt));
        }
        let spent = consent.of(context.me).map_or(0, |facts| facts.uses_spent);
        if spent >= claims.uses {
            return Err(Refusal::new(RefusalCode::ConsentUsedUp));
        }
        before.check_lookup(context.me, claims.id, &self.subject, &self.questions)?;
        Ok(LookupPermitted {
            lookup: self.lookup,
            requester: self.asker.clone(),
            consent: claims.id,
            issuer: claims.issuer,
            use_no: spent.saturating_add(1),
            subject: self.subject.clone(),
            questions: self.questions.clone(),
            purpose: self.purpose,
        })
    }

    fn denied(&self, refusal: Refusal) -> LookupDenied {
        let consent = self.token.claims().ok().map(|claims| claims.id);
        LookupDenied { lookup: self.lookup, asker: self.asker.party, consent, refusal }
    }
}

/// What happens when an event may not be told. A permission that may not be given is a denial, before the register is
/// opened; anything else does not happen.
///
/// # Errors
/// The refusal itself, for every event but a permission.
pub(crate) fn denied_instead(event: &Event, refusal: Refusal) -> Result<Event, Refusal> {
    let Event::LookupPermitted(permitted) = event else { return Err(refusal) };
    let LookupPermitted { lookup, requester, consent, .. } = permitted;
    Ok(LookupDenied { lookup: *lookup, asker: requester.party, consent: Some(*consent), refusal }.into())
}

/// Checks the length of a lookup's list of questions, and that none is asked twice.
pub(super) fn check_questions(questions: &[Question]) -> Result<(), Refusal> {
    let fits = (1..=LOOKUP_QUESTIONS_MAX).contains(&questions.len()) && !repeats(questions);
    if fits { Ok(()) } else { Err(Refusal::new(RefusalCode::BadList).offending(["questions"])) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentRevoked, RevocationForm, SignedBy};
    use crate::id::PartyId;
    use crate::item::{Granularity, Item, Predicate};
    use crate::testing::{NOON, Scene, claims, document, given_nothing, granted, lookup, party, question, stranger};

    fn judge() -> JudgeLookup {
        JudgeLookup {
            lookup: lookup(1),
            asker: claims().requester,
            asked_at: NOON,
            token: TokenStanding::Good(claims()),
            subject: document(),
            questions: vec![question(Item::AssetDeposit), question(Item::AssetProperty)],
            purpose: claims().purpose,
            issuer_log_in_doubt: false,
        }
    }

    fn permitted(judge: &JudgeLookup, use_no: u32) -> LookupPermitted {
        LookupPermitted {
            lookup: judge.lookup,
            requester: claims().requester,
            consent: claims().id,
            issuer: party("zhuhai"),
            use_no,
            subject: document(),
            questions: judge.questions.clone(),
            purpose: claims().purpose,
        }
    }

    #[track_caller]
    fn denial(scene: Scene, judge: JudgeLookup) -> Refusal {
        let now = scene.now;
        match scene.at(NOON).when("node.macau", judge).result {
            Ok(Event::LookupDenied(denied)) => denied.refusal,
            other => panic!("{now}: not denied: {other:?}"),
        }
    }

    fn revocation() -> ConsentRevoked {
        let (consent, form) = (claims().id, RevocationForm::Letter);
        ConsentRevoked {
            consent,
            others: [].into(),
            form,
            effective_at: NOON,
            subjects: [].into(),
            by: SignedBy::Subject(0),
        }
    }

    #[test]
    fn a_question_within_the_consent_is_permitted() {
        let scene = granted(claims()).at(NOON);
        scene.when("node.macau", judge()).then(permitted(&judge(), 1));
    }

    #[test]
    fn the_token_alone_is_enough() {
        given_nothing().when("node.macau", judge()).then(permitted(&judge(), 1));
    }

    #[test]
    fn each_single_fault_is_denied() {
        type Change = fn(&mut JudgeLookup);
        let faults: &[(&str, Change, RefusalCode, &[&str])] = &[
            ("no token", |j| j.token = TokenStanding::Absent, RefusalCode::NoConsent, &[]),
            ("unreadable", |j| j.token = TokenStanding::Unreadable, RefusalCode::BadToken, &[]),
            ("unknown key", |j| j.token = TokenStanding::UnknownKey, RefusalCode::UnknownKey, &[]),
            ("stolen key", |j| j.token = TokenStanding::KeyCompromised, RefusalCode::KeyCompromised, &[]),
            ("bad signature", |j| j.token = TokenStanding::BadSignature, RefusalCode::BadSignature, &[]),
            ("slow", |j| j.asked_at = NOON.plus_us(-CLOCK_SKEW_MAX_US - 1), RefusalCode::ClockSkew, &[]),
            ("fast", |j| j.asked_at = NOON.plus_us(CLOCK_SKEW_MAX_US + 1), RefusalCode::ClockSkew, &[]),
            ("clock at the end", |j| j.asked_at = Instant(i64::MIN), RefusalCode::ClockSkew, &[]),
            ("nothing asked", |j| j.questions.clear(), RefusalCode::BadList, &["questions"]),
            ("asked twice", |j| j.questions.push(j.questions[0].clone()), RefusalCode::BadList, &["questions"]),
            ("unit", |j| j.asker.unit = "gongbei".parse().unwrap(), RefusalCode::WrongRequester, &["unit"]),
            ("party", |j| j.asker.party = party("hengqin"), RefusalCode::WrongRequester, &["party"]),
            ("purpose", |j| j.purpose = Purpose::DibaoRecheck, RefusalCode::PurposeMismatch, &[]),
            ("subject", |j| j.subject = stranger(), RefusalCode::OverScope, &["subject"]),
            ("item", |j| j.questions.push(question(Item::ExpenseMedical)), RefusalCode::OverScope, &["exp.medical"]),
            (
                "granularity",
                |j| j.questions[0].granularity = Granularity::Exact,
                RefusalCode::OverScope,
                &["granularity:ast.deposit"],
            ),
            ("log in doubt", |j| j.issuer_log_in_doubt = true, RefusalCode::LogInDoubt, &[]),
        ];
        for (name, change, code, offending) in faults {
            let mut judge = judge();
            change(&mut judge);
            let refusal = denial(granted(claims()), judge);
            assert_eq!(refusal.code, *code, "{name}");
            assert_eq!(refusal.offending, *offending, "{name}");
        }
    }

    #[test]
    fn a_denial_names_the_consent_but_not_the_question() {
        let mut judge = judge();
        judge.purpose = Purpose::DibaoRecheck;
        let refusal = Refusal::new(RefusalCode::PurposeMismatch);
        let asker = party("zhuhai");
        let denied = LookupDenied { lookup: lookup(1), asker, consent: Some(claims().id), refusal };
        given_nothing().when("node.macau", judge.clone()).then(denied.clone());
        judge.token = TokenStanding::BadSignature;
        let refusal = Refusal::new(RefusalCode::BadSignature);
        given_nothing().when("node.macau", judge).then(LookupDenied { consent: None, refusal, ..denied });
    }

    #[test]
    fn a_clock_five_minutes_off_is_let_pass() {
        for skew in [-CLOCK_SKEW_MAX_US, CLOCK_SKEW_MAX_US] {
            let judge = JudgeLookup { asked_at: NOON.plus_us(skew), ..judge() };
            given_nothing().when("node.macau", judge.clone()).then(permitted(&judge, 1));
        }
    }

    #[test]
    fn a_token_for_another_holder_is_denied() {
        let scene = granted(claims()).at(NOON).when("node.hengqin", judge());
        match scene.result {
            Ok(Event::LookupDenied(denied)) => assert_eq!(denied.refusal.code, RefusalCode::WrongHolder),
            other => panic!("not denied: {other:?}"),
        }
    }

    #[test]
    fn a_consent_wider_than_the_holders_own_rules_does_not_widen_them() {
        let wage = Question { granularity: Granularity::Exact, ..question(Item::IncomeWage) };
        let mut claims = claims();
        claims
            .items
            .extend([(Item::IncomeWage, Granularity::Exact), (Item::SupporterCapacity, Granularity::Threshold)]);
        let questions = vec![wage, question(Item::SupporterCapacity)];
        let refusal = denial(given_nothing(), JudgeLookup { token: TokenStanding::Good(claims), questions, ..judge() });
        assert_eq!(refusal, Refusal::new(RefusalCode::OverScope).offending(["granularity:inc.wage", "rel.support"]));
    }

    #[test]
    fn nothing_is_permitted_on_a_revoked_or_ended_consent() {
        let refusal = denial(granted(claims()).and("cw.zhuhai", revocation()), judge());
        assert_eq!(refusal, Refusal::new(RefusalCode::ConsentRevoked).effective_at(NOON));
        let mut ended = claims();
        ended.not_after = NOON;
        let refusal = denial(given_nothing(), JudgeLookup { token: TokenStanding::Good(ended), ..judge() });
        assert_eq!(refusal, Refusal::new(RefusalCode::ConsentExpired).effective_at(NOON));
        let mut later = claims();
        later.not_before = NOON.plus_us(1);
        let refusal = denial(given_nothing(), JudgeLookup { token: TokenStanding::Good(later), ..judge() });
        assert_eq!(refusal, Refusal::new(RefusalCode::NotYetValid).effective_at(NOON.plus_us(1)));
    }

    #[test]
    fn exactly_as_many_lookups_as_the_consent_has_uses() {
        let mut scene = granted(claims()).at(NOON);
        for use_no in 1..=claims().uses {
            let judge = JudgeLookup { lookup: lookup(use_no.into()), asked_at: scene.now, ..judge() };
            scene = scene.when("node.macau", judge.clone()).then(permitted(&judge, use_no));
        }
        let refusal = denial(scene, JudgeLookup { lookup: lookup(99), ..judge() });
        assert_eq!(refusal, Refusal::new(RefusalCode::ConsentUsedUp));
    }

    #[test]
    fn uses_are_those_in_the_holders_own_log() {
        let elsewhere = permitted(&judge(), 1);
        let scene = (0..4).fold(given_nothing(), |scene, _| scene.and("node.hengqin", elsewhere.clone()));
        let judge = JudgeLookup { lookup: lookup(2), ..judge() };
        scene.at(NOON).when("node.macau", judge.clone()).then(permitted(&judge, 1));
    }

    #[test]
    fn a_lookup_is_judged_once_even_when_it_was_denied() {
        let scene = granted(claims()).at(NOON).when("node.macau", judge()).then_done();
        assert_eq!(denial(scene, judge()).code, RefusalCode::AlreadyExists);
        let no_token = JudgeLookup { token: TokenStanding::Absent, ..judge() };
        let scene = granted(claims()).when("node.macau", no_token).then_done();
        assert_eq!(denial(scene, judge()).code, RefusalCode::AlreadyExists);
    }

    #[test]
    fn signature_comes_before_scope_before_standing_before_uses() {
        let mut uses_up = claims();
        uses_up.uses = 0;
        let revoked = || given_nothing().and("cw.zhuhai", revocation());
        let mut all_wrong = JudgeLookup { token: TokenStanding::BadSignature, issuer_log_in_doubt: true, ..judge() };
        all_wrong.purpose = Purpose::DibaoRecheck;
        assert_eq!(denial(revoked(), all_wrong.clone()).code, RefusalCode::BadSignature);
        all_wrong.token = TokenStanding::Good(uses_up);
        assert_eq!(denial(revoked(), all_wrong.clone()).code, RefusalCode::PurposeMismatch);
        all_wrong.purpose = claims().purpose;
        assert_eq!(denial(revoked(), all_wrong.clone()).code, RefusalCode::ConsentRevoked);
        assert_eq!(denial(given_nothing(), all_wrong.clone()).code, RefusalCode::LogInDoubt);
        all_wrong.issuer_log_in_doubt = false;
        assert_eq!(denial(given_nothing(), all_wrong).code, RefusalCode::ConsentUsedUp);
    }

    #[test]
    fn the_register_makes_no_difference_to_the_gate() {
        let with = crate::testing::register(granted(claims()), "macau", &[document()]);
        let without = crate::testing::register(granted(claims()), "macau", &[stranger()]);
        for judge in [judge(), JudgeLookup { subject: stranger(), ..judge() }] {
            let (with, without) = (with.clone().at(NOON), without.clone().at(NOON));
            assert_eq!(with.when("node.macau", judge.clone()).result, without.when("node.macau", judge).result);
        }
    }

    #[test]
    fn the_list_of_questions_has_a_longest_length() {
        let ask = |n| {
            let mut claims = claims();
            claims.items = Item::ALL.map(|item| (item, Granularity::Threshold)).into();
            let questions = Item::ALL.into_iter().take(n).map(question).collect();
            JudgeLookup { token: TokenStanding::Good(claims), questions, ..judge() }
        };
        let max = LOOKUP_QUESTIONS_MAX;
        given_nothing().when("node.macau", ask(max)).then(permitted(&ask(max), 1));
        assert_eq!(denial(given_nothing(), ask(max + 1)).code, RefusalCode::BadList);
    }

    #[test]
    fn a_consent_bears_so_many_different_predicates_on_an_item() {
        let limit = |n| Question { predicate: Predicate::CountAtMost(n), ..question(Item::AssetProperty) };
        let ask = |no: u128, limits: &[u32]| {
            let questions = limits.iter().map(|n| limit(*n)).collect();
            JudgeLookup { lookup: lookup(no), questions, ..judge() }
        };
        let refusal = denial(given_nothing(), ask(1, &[1, 2, 3, 4]));
        assert_eq!(refusal, Refusal::new(RefusalCode::TooManyPredicates).offending(["ast.property"]));
        let scene = given_nothing().at(NOON).when("node.macau", ask(1, &[1, 2])).then_done();
        let refusal = denial(scene.clone(), ask(2, &[3, 4]));
        assert_eq!(refusal.code, RefusalCode::TooManyPredicates);
        let scene = scene.at(NOON).when("node.macau", ask(2, &[1, 3])).then_done(); // asked before: nothing new
        assert_eq!(denial(scene.clone(), ask(3, &[4])).code, RefusalCode::TooManyPredicates);
        scene.at(NOON).when("node.macau", ask(3, &[1, 2, 3])).then_done();
    }

    #[test]
    fn no_officer_judges() {
        let me: PartyId = party("macau");
        for role in ["cw", "lo", "sa"] {
            let who = format!("{role}.{me}");
            given_nothing().when(&who, judge()).then_refused(RefusalCode::RoleNotAllowed);
        }
    }

    #[test]
    fn what_the_holder_knows_of_itself_is_not_part_of_the_question() {
        let asked_again = JudgeLookup { issuer_log_in_doubt: true, ..judge() };
        assert_eq!(postcard::to_stdvec(&asked_again), postcard::to_stdvec(&judge()));
    }
}
