//! What holds for every kind of case at once: random commands of all parties over few ids, whose logs reach each other
//! late. No state machine accepts an event out of its lifecycle, and the same logs make the same rows in whatever order
//! they are folded.
//!
//! The lifecycles are written here a second time, as predicates over what an officer's own log and the logs heard so
//! far hold, and not over the facts that the decisions go by.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::command::{Command, Context};
use crate::event::{Event, EventKind};
use crate::id::OfficerId;
use crate::officer::Actor;
use crate::party::rules_of;
use crate::testing::{NOON, Scene, actor, claims, given_nothing, party};
use crate::time::Instant;
use crate::view::SetDigest;
use crate::{conference, consent, meeting, notice, task, urgent, verification};

const CASES: u32 = 48;
const STEPS: usize = 160;
const PARTIES: [&str; 3] = ["hengqin", "macau", "zhuhai"];

/// One command of every kind that an officer gives in a case with two sides, all about the same few ids.
fn commands() -> Vec<Command> {
    let (batch, urgent) = (notice::sample::BATCH, urgent::sample::URGENT);
    let (note, request) = (urgent::sample::note(), verification::sample::request());
    let [first, second] = verification::sample::answers();
    let (id, consent) = (request.id, claims().id);
    let answer = |question, answer| verification::AnswerItem { request: id, question, answer };
    let (conference, officers) = (conference::sample::CONFERENCE, |names: &[&str]| conference::sample::officers(names));
    let list = officers(&["a.macau", "b.macau", "c.macau", "a.zhuhai", "b.zhuhai"]);
    let (held, resolution) = (meeting::sample::MEETING, meeting::sample::RESOLUTION);
    let close = |action| meeting::CloseAction { meeting: held, resolution, action, note: note.clone() };
    let task = task::sample::task(6);
    vec![
        notice::sample::prepare().into(),
        notice::ApproveBatch { batch }.into(),
        notice::SendBatch { batch }.into(),
        notice::RecordBatchDelivery { batch }.into(),
        notice::MatchEntry { batch, entry: 1 }.into(),
        notice::MatchEntry { batch, entry: 3 }.into(),
        notice::AcknowledgeBatch { batch }.into(),
        urgent::sample::raise().into(),
        urgent::AckUrgent { urgent }.into(),
        urgent::TakeOver { urgent }.into(),
        urgent::ReportAction { urgent, family_contacted: true, action: note.clone() }.into(),
        urgent::StandDown { urgent, outcome: note.clone() }.into(),
        urgent::FileJustification { urgent, text: note.clone() }.into(),
        urgent::ReviewJustification { urgent, accepted: true, note: note.clone() }.into(),
        consent::RecordConsent { claims: claims() }.into(),
        consent::CountersignConsent { consent }.into(),
        verification::DraftRequest { request }.into(),
        verification::SubmitRequest { request: id }.into(),
        verification::AcceptRequest { request: id }.into(),
        answer(1, first).into(),
        answer(2, second).into(),
        verification::SendReply { request: id }.into(),
        verification::RecordReplyUse { request: id, decision: note.clone() }.into(),
        meeting::sample::convene().into(),
        meeting::sample::propose().into(),
        meeting::SignResolution { meeting: held, resolution, digest: meeting::sample::digest() }.into(),
        close(1).into(),
        close(2).into(),
        meeting::sample::table().into(),
        meeting::ConcludeTopic { topic: meeting::sample::TOPIC, conclusion: note.clone() }.into(),
        task::ReportProgress { task, note: note.clone() }.into(),
        task::CompleteTask { task, note: note.clone() }.into(),
        conference::sample::nominate().into(),
        conference::NameParticipants { conference, officers: list }.into(),
        conference::SubmitOpinion { conference, opinion: note.clone() }.into(),
        conference::ConcludeCase { conference, decision: note.clone(), owner: party("macau"), follow_up: note.clone() }
            .into(),
        conference::AssignFollowUp { conference, what: "visit".parse().unwrap(), owner: party("macau"), due: None }
            .into(),
        conference::CloseFollowUp { conference, no: 1, outcome: note }.into(),
    ]
}

/// Commands that end a case are given less often, so that cases come far.
const RARE: [&str; 3] = ["StandDown", "CompleteTask", "ConcludeCase"];

#[derive(Clone, Debug)]
enum Step {
    /// An officer of a side commands, in whatever role of his the command asks for.
    Command { side: usize, officer: &'static str, command: Command },
    /// A side hears the next entries of another.
    Hear { side: usize, of: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let all = commands();
    let often = all.iter().filter(|command| !RARE.contains(&command.kind().name())).cloned();
    let weighted: Vec<Command> = often.flat_map(|command| vec![command; 4]).chain(all.iter().cloned()).collect();
    let command = (prop::sample::select(weighted), prop::sample::select(vec!["a", "b", "c"]), 0..3_usize);
    prop_oneof![
        3 => command.prop_map(|(command, officer, side)| Step::Command { side, officer, command }),
        1 => (0..3_usize, 0..3_usize).prop_map(|(side, of)| Step::Hear { side, of }),
    ]
}

/// What was said: by whom, when.
#[derive(Clone)]
struct Entry {
    who: String,
    at: Instant,
    event: Event,
}

/// Three views, each with its own log at once and the others' late.
struct Exchange {
    views: [Scene; 3],
    logs: [Vec<Entry>; 3],
    heard: [[usize; 3]; 3],
    now: Instant,
}

/// What a party knows when it says something: its own log, and of the others' what it heard and may read.
struct Known<'a> {
    own: &'a [Entry],
    heard: Vec<&'a Entry>,
}

impl Known<'_> {
    fn own(&self, kind: EventKind) -> usize {
        self.own.iter().filter(|entry| entry.event.kind() == kind).count()
    }

    fn heard(&self, kind: EventKind) -> usize {
        self.heard.iter().filter(|entry| entry.event.kind() == kind).count()
    }

    fn by(&self, kind: EventKind, officer: &OfficerId) -> bool {
        let mut said = self.own.iter().filter(|entry| entry.event.kind() == kind);
        said.any(|entry| entry.who == officer.as_str())
    }

    /// The lifecycles: whether an event may follow on what is known.
    fn allows(&self, officer: &OfficerId, event: &Event) -> bool {
        use EventKind as K;
        let kind = event.kind();
        let own = |kind| self.own(kind) > 0;
        let heard = |kind| self.heard(kind) > 0;
        let second = |first| own(first) && !self.by(first, officer);
        let once = self.own(kind) == 0;
        match kind {
            K::BatchPrepared | K::UrgentRaised | K::ConsentRecorded | K::RequestDrafted => once,
            K::MeetingConvened | K::TopicTabled | K::CaseNominated => once && !heard(kind),
            K::BatchApproved => once && second(K::BatchPrepared),
            K::BatchSent => once && own(K::BatchApproved),
            K::BatchDelivered => once && heard(K::BatchSent),
            K::EntryMatched => own(K::BatchDelivered),
            K::BatchAcknowledged => once && self.own(K::EntryMatched) >= 2,
            K::UrgentAcked => once && heard(K::UrgentRaised) && !heard(K::UrgentClosed),
            K::UrgentTakenOver => once && own(K::UrgentAcked) && !heard(K::UrgentTakenOver) && !heard(K::UrgentClosed),
            K::ActionReported => !own(K::UrgentClosed) && !heard(K::UrgentClosed),
            K::UrgentClosed => once && own(K::UrgentRaised),
            K::JustificationFiled => once && own(K::UrgentClosed),
            K::JustificationReviewed => once && second(K::JustificationFiled) && !self.by(K::UrgentRaised, officer),
            K::ConsentGranted => once && second(K::ConsentRecorded),
            K::RequestSubmitted => once && second(K::RequestDrafted) && own(K::ConsentGranted),
            K::RequestAccepted => once && heard(K::RequestSubmitted) && heard(K::ConsentGranted),
            K::ItemAnswered => own(K::RequestAccepted) && !own(K::ReplySent),
            K::ReplySent => once && self.own(K::ItemAnswered) >= 2 && self.answerers_are_others(officer),
            K::ReplyUsed => once && heard(K::ReplySent),
            K::ResolutionProposed => once && (own(K::MeetingConvened) || heard(K::MeetingConvened)),
            K::ResolutionSigned => once && (own(K::ResolutionProposed) || heard(K::ResolutionProposed)),
            K::ActionClosed => self.own(kind) < 2 && own(K::ResolutionSigned) && self.heard(K::ResolutionSigned) == 2,
            K::TopicConcluded => once && own(K::TopicTabled),
            K::ProgressReported => !own(K::TaskCompleted) && !heard(K::TaskCompleted),
            K::TaskCompleted => once && officer.as_str().ends_with(".zhuhai"),
            K::ParticipantsNamed => own(K::CaseNominated) || heard(K::CaseNominated),
            K::OpinionSubmitted => {
                (own(K::CaseNominated) || own(K::ParticipantsNamed))
                    && !own(K::CaseConcluded)
                    && !heard(K::CaseConcluded)
            }
            K::CaseConcluded => once && own(K::CaseNominated),
            K::FollowUpAssigned => own(K::CaseConcluded),
            K::FollowUpClosed => once && (own(K::FollowUpAssigned) || heard(K::FollowUpAssigned)),
            other => panic!("{other:?} is made by no command here"),
        }
    }

    /// The last answer to each question is another officer's.
    fn answerers_are_others(&self, officer: &OfficerId) -> bool {
        let mut last = BTreeMap::new();
        for entry in self.own {
            if let Event::ItemAnswered(answered) = &entry.event {
                last.insert(answered.question, &entry.who);
            }
        }
        last.values().all(|who| who.as_str() != officer.as_str())
    }
}

impl Exchange {
    fn new() -> Self {
        let views = [(); 3].map(|()| given_nothing());
        Self { views, logs: [(); 3].map(|()| vec![]), heard: [[0; 3]; 3], now: NOON }
    }

    fn known(&self, side: usize) -> Known<'_> {
        let me = party(PARTIES[side]);
        let others = (0..3).filter(|of| *of != side);
        let heard = others.flat_map(|of| &self.logs[of][..self.heard[side][of]]);
        let heard = heard.filter(|entry| entry.event.readers().contains(&me)).collect();
        Known { own: &self.logs[side], heard }
    }

    fn hear(&mut self, side: usize, of: usize) {
        if side == of {
            return;
        }
        let news: Vec<Entry> = self.logs[of][self.heard[side][of]..].to_vec();
        self.heard[side][of] = self.logs[of].len();
        for Entry { who, at, event } in news {
            if event.readers().contains(&party(PARTIES[side])) {
                let (origin, like) = actor(&format!("cw.{}", PARTIES[of]));
                let speaker = Actor { officer: who.parse().unwrap(), ..like };
                self.views[side] = self.views[side].clone().at(at).said(&speaker, origin, event);
            }
        }
    }

    /// Decides, checks the event against what is known, and records it.
    fn command(&mut self, side: usize, officer: &str, command: &Command) -> Result<(), TestCaseError> {
        self.now = self.now.plus_us(1);
        let who = format!("{officer}.{}", PARTIES[side]);
        for role in command.roles() {
            let (me, like) = actor(&format!("cw.{}", PARTIES[side]));
            let actor = Actor { officer: who.parse().unwrap(), role: *role, ..like };
            let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: self.now };
            if let Ok(event) = command.decide(&self.views[side].rows(), &context).unwrap() {
                let allowed = self.known(side).allows(&actor.officer, &event);
                prop_assert!(allowed, "{who} as {role:?} said {event:?} out of its lifecycle");
                self.views[side] = self.views[side].clone().at(self.now).said(&actor, me, event.clone());
                self.logs[side].push(Entry { who: who.clone(), at: self.now, event });
                break;
            }
        }
        Ok(())
    }

    /// The digest over all rows when the three logs are folded by turns: `turns` says whose entry is next.
    fn folded(&self, turns: &[usize]) -> Vec<u8> {
        let mut next = [0; 3];
        let mut scene = given_nothing();
        let order = turns.iter().copied().chain((0..3).flat_map(|side| vec![side; self.logs[side].len()]));
        for side in order {
            let Some(Entry { who, at, event }) = self.logs[side].get(next[side]).cloned() else { continue };
            next[side] += 1;
            let (me, like) = actor(&format!("cw.{}", PARTIES[side]));
            scene = scene.at(at).said(&Actor { officer: who.parse().unwrap(), ..like }, me, event);
        }
        let mut digest = SetDigest::default();
        scene.store().iter().for_each(|(key, value)| digest.add(key, value));
        digest.to_bytes()
    }
}

#[test]
fn no_event_is_out_of_its_lifecycle_and_any_order_of_logs_makes_the_same_rows() {
    let reached = RefCell::new(BTreeMap::<EventKind, usize>::new());
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let run = |(steps, turns): (Vec<Step>, Vec<usize>)| {
        let mut exchange = Exchange::new();
        for step in steps {
            match step {
                Step::Command { side, officer, command } => exchange.command(side, officer, &command)?,
                Step::Hear { side, of } => exchange.hear(side, of),
            }
        }
        for entry in exchange.logs.iter().flatten() {
            *reached.borrow_mut().entry(entry.event.kind()).or_default() += 1;
        }
        prop_assert_eq!(exchange.folded(&turns), exchange.folded(&[]));
        Ok(())
    };
    let steps = prop::collection::vec(step(), STEPS..STEPS * 4);
    let turns = prop::collection::vec(0..3_usize, STEPS);
    TestRunner::new_with_rng(config, rng).run(&(steps, turns), run).unwrap();
    // The cases are the same in every run, so it can be asserted that they come far.
    for kind in
        [EventKind::BatchSent, EventKind::UrgentClosed, EventKind::RequestSubmitted, EventKind::ResolutionSigned]
    {
        assert!(reached.borrow().contains_key(&kind), "{kind:?} was never reached: {reached:?}");
    }
    assert!(reached.borrow().contains_key(&EventKind::CaseConcluded), "{reached:?}");
}
