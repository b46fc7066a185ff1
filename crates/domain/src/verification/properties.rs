//! What holds on every path of requests: random commands of both sides, whose logs reach each other late. The asker may
//! also send what its own service would have refused: the holder trusts no check of the asker.
//!
//! The cases are the same in every run, so it can be asserted that they reach the end of the life of a request.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::command::{Command, Context};
use crate::event::Event;
use crate::id::{LineNo, LookupId, RequestId};
use crate::item::{Answer, Granularity, Item, Predicate, Question, Verdict};
use crate::lookup::{JudgeLookup, LookupFacts, TokenStanding};
use crate::money::{Currency, Money};
use crate::officer::Actor;
use crate::party::rules_of;
use crate::testing::{Scene, actor, answer, claims, document, party};
use crate::verification::sample::{based, request, revoked};
use crate::verification::{
    AcceptRequest, AnswerItem, AssignItem, CloseRequest, CorrectReply, DiscardDraft, DraftRequest, PREDICATES_MAX,
    RecordReplyUse, RequestFacts, RequestQuestion, RequestSubmitted, SendReply, SubmitRequest, VerificationRequest,
    WithdrawRequest,
};
use crate::view::Sides;

const CASES: u32 = 96;
const STEPS: usize = 120;
const REQUESTS: u128 = 2;
const PARTIES: [&str; 2] = ["zhuhai", "macau"]; // asker and holder

#[derive(Clone, Debug)]
enum Step {
    /// An officer of a side commands, in whatever role of theirs the command asks for.
    Command { side: usize, officer: &'static str, command: Command },
    /// A caseworker of the holder answers what was asked.
    Answer { request: RequestId, no: LineNo, verdict: Verdict, officer: &'static str },
    /// The asker's service sends a request that nobody checked.
    SendUnchecked(Box<VerificationRequest>),
    /// The asker asks live.
    Lookup(LookupId, Question),
    /// The person withdraws the consent, at the asker.
    Revoke,
    /// A side hears the next entries of the other.
    Hear { side: usize, entries: usize },
}

fn id(no: u128) -> RequestId {
    RequestId(uuid::Uuid::from_u128(no))
}

fn question() -> impl Strategy<Value = Question> {
    let figures = [100_000, 180_000, 2_400_000, 4_320_000, 1];
    let amount = prop::sample::select(figures.to_vec());
    let amount = amount.prop_map(|minor| {
        let predicate = Predicate::AmountAtMost(Money { minor, currency: Currency::Cny });
        (Item::AssetDeposit, predicate)
    });
    let counted = (0..5_u32).prop_map(|limit| (Item::AssetProperty, Predicate::CountAtMost(limit)));
    let other =
        prop::sample::select(vec![(Item::IncomeAssistance, Predicate::Holds), (Item::IdAlive, Predicate::Holds)]);
    let too_fine = prop::bool::weighted(0.05);
    (prop_oneof![4 => amount, 4 => counted, 1 => other], too_fine).prop_map(|((item, predicate), too_fine)| {
        let granularity = if too_fine { Granularity::Exact } else { Granularity::Threshold };
        Question { item, predicate, granularity }
    })
}

fn asked() -> impl Strategy<Value = VerificationRequest> {
    (0..REQUESTS, prop::collection::vec(question(), 1..=2)).prop_map(|(no, questions)| {
        let ask = |question| RequestQuestion { subject: document(), consent: claims().id, question };
        VerificationRequest { id: id(no), questions: questions.into_iter().map(ask).collect(), ..request() }
    })
}

fn command() -> impl Strategy<Value = (usize, Command)> {
    let no = || (0..REQUESTS).prop_map(id);
    let line = || 1..=2 as LineNo;
    let text = || "as found".parse().unwrap();
    let verdict = prop::sample::select(vec![Verdict::Meets, Verdict::DoesNotMeet]);
    prop_oneof![
        3 => asked().prop_map(|request| (0, DraftRequest { request }.into())),
        3 => no().prop_map(|request| (0, SubmitRequest { request }.into())),
        4 => no().prop_map(|request| (1, AcceptRequest { request }.into())),
        1 => (no(), line(), prop::sample::select(vec!["cw.macau", "rv.macau"])).prop_map(|(request, question, who)| {
            (1, AssignItem { request, question, officer: who.parse().unwrap() }.into())
        }),
        2 => (no(), line(), question(), verdict, prop::bool::weighted(0.1)).prop_map(|(request, no, q, verdict, band)| {
            let band = band.then(|| "0-1000 CNY".parse().unwrap());
            (1, AnswerItem { request, question: no, answer: Answer { band, ..answer(&q, verdict) } }.into())
        }),
        4 => (no(), any::<bool>()).prop_map(|(request, partial)| (1, SendReply { request, partial }.into())),
        2 => (no(), line()).prop_map(move |(request, question)| (1, CorrectReply { request, question, reason: text() }.into())),
        1 => no().prop_map(move |request| (0, RecordReplyUse { request, decision: text() }.into())),
        1 => no().prop_map(|request| (0, CloseRequest { request }.into())),
        1 => no().prop_map(|request| (0, WithdrawRequest { request }.into())),
        1 => no().prop_map(move |request| (0, DiscardDraft { request, reason: text() }.into())),
    ]
}

fn officers() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["cw", "rv", "lo"])
}

fn step() -> impl Strategy<Value = Step> {
    let officer = officers();
    prop_oneof![
        200 => (command(), officer, prop::bool::weighted(0.05)).prop_map(|((side, command), officer, other)| {
            Step::Command { side: if other { 1 - side } else { side }, officer, command }
        }),
        80 => (0..REQUESTS, 1..=2 as LineNo, any::<bool>(), officers()).prop_map(|(request, no, met, officer)| {
            let verdict = if met { Verdict::Meets } else { Verdict::DoesNotMeet };
            Step::Answer { request: id(request), no, verdict, officer }
        }),
        8 => asked().prop_map(|request| Step::SendUnchecked(Box::new(request))),
        8 => (0..6_u128, question()).prop_map(|(no, question)| Step::Lookup(crate::testing::lookup(no), question)),
        1 => Just(Step::Revoke),
        80 => (0..2_usize, 1..4_usize).prop_map(|(side, entries)| Step::Hear { side, entries }),
    ]
}

/// Two views, each with its own log at once and the other's late. Both know the consent and the standard.
struct Exchange {
    views: [Scene; 2],
    logs: [Vec<(String, Event)>; 2],
    heard: [usize; 2],
}

impl Exchange {
    fn new() -> Self {
        Self { views: [based(claims()), based(claims())], logs: [vec![], vec![]], heard: [0, 0] }
    }

    fn sides(&self, side: usize, request: RequestId) -> Sides<RequestFacts> {
        self.views[side].rows().sides(&request).unwrap()
    }

    fn say(&mut self, side: usize, who: &str, event: Event) {
        self.views[side] = self.views[side].clone().and(who, event.clone());
        self.logs[side].push((who.to_owned(), event));
    }

    fn hear(&mut self, side: usize, entries: usize) {
        let from = self.heard[side];
        let news: Vec<_> = self.logs[1 - side].iter().skip(from).take(entries).cloned().collect();
        self.heard[side] += news.len();
        for (who, event) in news {
            if event.readers().contains(&party(PARTIES[side])) {
                self.views[side] = self.views[side].clone().and(&who, event);
            }
        }
    }

    /// Decides, checks the event against the state it was decided on, and records it.
    fn command(&mut self, side: usize, officer: &str, command: &Command) -> Result<(), TestCaseError> {
        let who = format!("{officer}.{}", PARTIES[side]);
        let (me, officer) = actor(&who);
        for role in command.roles() {
            let actor = Actor { role: *role, ..officer.clone() };
            let view = &self.views[side];
            let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: view.now };
            if let Ok(event) = command.decide(&view.rows(), &context).unwrap() {
                self.check(side, &actor, &event)?;
                self.say(side, &who, event);
            }
        }
        Ok(())
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Command { side, officer, command } => self.command(side, officer, &command)?,
            Step::Answer { request, no, verdict, officer } => {
                let sides = self.sides(1, request);
                let questions = sides.submitted().map(|(_, request)| request.questions.clone()).unwrap_or_default();
                if let Some(asked) = questions.get(usize::from(no) - 1) {
                    let answer = answer(&asked.question, verdict);
                    self.command(1, officer, &AnswerItem { request, question: no, answer }.into())?;
                }
            }
            Step::SendUnchecked(request) => {
                if self.sides(0, request.id).submitted().is_none() {
                    self.say(0, "rv.zhuhai", RequestSubmitted { request: *request }.into());
                }
            }
            Step::Lookup(lookup, question) => {
                let judge = JudgeLookup {
                    lookup,
                    asker: claims().requester,
                    asked_at: self.views[1].now,
                    token: TokenStanding::Good(claims()),
                    subject: document(),
                    questions: vec![question],
                    purpose: claims().purpose,
                    issuer_log_in_doubt: false,
                };
                self.command(1, "node", &judge.into())?;
            }
            Step::Revoke => self.say(0, "cw.zhuhai", revoked().into()),
            Step::Hear { side, entries } => self.hear(side, entries),
        }
        self.check_predicates()
    }

    /// Consent ⊇ request ⊇ answer, two persons, and the order of a request's life.
    fn check(&self, side: usize, actor: &Actor, event: &Event) -> Result<(), TestCaseError> {
        let covered = |question: &Question| {
            claims().items.get(&question.item).is_some_and(|granted| question.granularity <= *granted)
        };
        if let Event::RequestSubmitted(submitted) = event {
            let sides = self.sides(side, submitted.request.id);
            let (_, drafted) = sides.of(party("zhuhai")).unwrap().drafted.clone().unwrap();
            prop_assert_ne!(&drafted.by, &actor.officer);
            prop_assert!(sides.of(party("zhuhai")).unwrap().discarded.is_none(), "it was given up");
        }
        if let Event::DraftDiscarded(discarded) = event {
            let sides = self.sides(side, discarded.request);
            let own = sides.of(party(PARTIES[side])).unwrap();
            prop_assert!(own.submitted.is_none() && own.discarded.is_none());
            let (_, drafted) = own.drafted.as_ref().unwrap();
            prop_assert!(actor.role == crate::officer::Role::Reviewer || drafted.by == actor.officer);
        }
        if let Event::RequestAccepted(accepted) = event {
            let sides = self.sides(side, accepted.request);
            let (_, request) = sides.submitted().unwrap();
            prop_assert!(request.questions.iter().all(|asked| covered(&asked.question)));
        }
        let (request, answers) = if let Event::ItemAnswered(e) = event {
            (e.request, vec![(e.question, e.answer.clone())])
        } else if let Event::ReplySent(e) = event {
            (e.request, e.answers.clone())
        } else if let Event::ReplyCorrected(e) = event {
            (e.request, vec![(e.question, e.answer.clone())])
        } else {
            return Ok(());
        };
        prop_assert_eq!(side, 1, "only the holder answers");
        let sides = self.sides(side, request);
        let (_, asked) = sides.submitted().unwrap();
        let own = sides.of(party("macau")).unwrap();
        prop_assert!(own.accepted.is_some() && own.refused.is_none());
        for (no, answer) in answers {
            let question = &asked.questions[usize::from(no) - 1].question;
            prop_assert_eq!((answer.item, answer.predicate), (question.item, question.predicate));
            prop_assert!(answer.band.is_none() && answer.value.is_none(), "the consent grants thresholds only");
            if !matches!(event, Event::ItemAnswered(_)) {
                prop_assert_ne!(&own.answered[&no].1.by, &actor.officer);
                let consent: Sides<crate::consent::ConsentFacts> = self.views[side].rows().sides(&claims().id).unwrap();
                let withdrawn = consent.iter().any(|(_, facts)| facts.revoked.is_some());
                prop_assert!(!withdrawn, "nothing is sent once the withdrawal is known");
            } else if let Some((assigned, _)) = own.assigned.get(&no) {
                prop_assert_eq!(&assigned.officer, &actor.officer);
            }
            if matches!(event, Event::ReplySent(_)) {
                prop_assert!(!own.replied.contains_key(&no), "a question is replied to once");
                let ended = sides.of(party("zhuhai")).unwrap();
                prop_assert!(ended.withdrawn.is_none() && ended.closed.is_none());
            }
        }
        Ok(())
    }

    /// Halving fails: however the questions come, so many different ones on an item are let in and no more.
    fn check_predicates(&self) -> Result<(), TestCaseError> {
        let mut asked = BTreeMap::<Item, Vec<Predicate>>::new();
        let rows = self.views[1].rows();
        let requests = rows.all::<RequestFacts>().unwrap();
        let accepted =
            requests.iter().filter(|(_, sides)| sides.of(party("macau")).is_some_and(|f| f.accepted.is_some()));
        let accepted = accepted.flat_map(|(_, sides)| sides.submitted().unwrap().1.questions.iter());
        let mut questions: Vec<Question> = accepted.map(|asked| asked.question.clone()).collect();
        for (_, sides) in rows.all::<LookupFacts>().unwrap() {
            let permitted = sides.of(party("macau")).and_then(|facts| facts.permitted.clone());
            questions.extend(permitted.into_iter().flat_map(|(permitted, _)| permitted.questions));
        }
        for question in questions {
            let predicates = asked.entry(question.item).or_default();
            if !predicates.contains(&question.predicate) {
                predicates.push(question.predicate);
            }
        }
        prop_assert!(asked.values().all(|predicates| predicates.len() <= PREDICATES_MAX), "{asked:?}");
        Ok(())
    }
}

#[test]
fn no_path_answers_beyond_the_consent_or_by_one_person_or_by_halving() {
    let (replied, corrected, closed, at_most) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0));
    let discarded = Cell::new(0);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let steps = prop::collection::vec(step(), STEPS);
    let run = runner.run(&steps, |steps| {
        let mut exchange = Exchange::new();
        steps.into_iter().try_for_each(|step| exchange.take(step))?;
        for no in 0..REQUESTS {
            let sides = exchange.sides(1, id(no));
            let count = |cell: &Cell<u32>, reached: bool| cell.set(cell.get() + u32::from(reached));
            let holder = sides.of(party("macau"));
            count(&replied, holder.is_some_and(|facts| !facts.replied.is_empty()));
            count(&corrected, holder.is_some_and(|facts| !facts.corrected.is_empty()));
            count(&closed, sides.of(party("zhuhai")).is_some_and(|facts| facts.closed.is_some()));
            let asker = exchange.sides(0, id(no));
            let given_up = asker.of(party("zhuhai")).is_some_and(|facts| facts.discarded.is_some());
            count(&discarded, given_up);
            let sent_unchecked = asker.submitted().is_some(); // by a service that goes by no rules
            prop_assert!(!given_up || sent_unchecked || sides.is_empty(), "nothing of it left the asker");
        }
        let denied = exchange.logs[1].iter().filter(|(_, event)| matches!(event, Event::LookupDenied(_))).count();
        at_most.set(at_most.get() + denied);
        Ok(())
    });
    run.unwrap();
    let reached = [replied.get(), corrected.get(), closed.get(), discarded.get()];
    assert!(reached.iter().all(|count| *count > 0), "not reached: replied, corrected, closed, discarded {reached:?}");
    assert!(at_most.get() > 0, "no lookup was ever denied");
}
