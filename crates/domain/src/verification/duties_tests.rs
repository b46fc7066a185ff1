//! Tests of [`super`]: reminders, overdue notices, recalls and lapses, each once and not a microsecond early.

use super::*;
use crate::clock::Due;
use crate::consent::ConsentRevoked;
use crate::party::rules_of;
use crate::testing::{NOON, Scene, claims, party};
use crate::time::DAY_US;
use crate::verification::sample::{
    accepted, clarifying, closed, drafted, partly_replied, replied, request, revoked, submitted, withdrawn,
};
use crate::verification::{
    AnswerClarification, Deadlines, ReplyOverdue, ReplyReminded, ReplyStep, RequestState, RequestWithdrawn,
    WithdrawalReason,
};

/// The duty of a party's service.
fn duty(scene: &Scene, who: &str) -> Option<Duty> {
    let me = party(who);
    let outlook = Outlook { me, rules: rules_of(me).unwrap(), rows: scene.rows() };
    next_duty(&outlook, request().id).unwrap()
}

/// The first instant of a day of July 2026 in Zhuhai; the samples begin on Wednesday the first, at noon.
fn day(day: i64) -> Instant {
    NOON.plus_us(-DAY_US / 2 + (day - 1) * DAY_US)
}

fn remind(step: ReplyStep, on: i64) -> Option<Duty> {
    Some(Duty { at: day(on), command: RemindReply { request: request().id, step }.into() })
}

/// Does the duty when its time has come, and not a microsecond before.
fn fulfil(scene: Scene, who: &str) -> (Instant, Event, Scene) {
    let Duty { at, command } = duty(&scene, who).unwrap();
    let node = format!("node.{who}");
    let early = scene.clone().at(at.plus_us(-1)).when(&node, command.clone());
    early.then_refused(crate::refusal::RefusalCode::WrongState);
    let decided = scene.at(at).when(&node, command);
    let event = decided.result.clone().unwrap();
    (at, event, decided.then_done())
}

fn overdue(step: ReplyStep) -> Event {
    ReplyOverdue { request: request().id, asker: party("zhuhai"), step }.into()
}

fn reminded(step: ReplyStep) -> Event {
    ReplyReminded { request: request().id, step }.into()
}

#[test]
fn the_holder_reminds_on_the_last_day_and_reports_after_it_once() {
    assert_eq!(duty(&drafted(), "macau"), None);
    for (scene, step, last) in [(submitted(), ReplyStep::Decision, 6), (accepted(), ReplyStep::RegisterItems, 15)] {
        assert_eq!(duty(&scene, "macau"), remind(step, last));
        assert_eq!(duty(&scene, "zhuhai"), None, "each party watches its own clocks");
        assert_eq!(duty(&scene, "hengqin"), None);
        let (at, event, scene) = fulfil(scene, "macau");
        assert_eq!((at, event), (day(last), reminded(step)));
        let (at, event, scene) = fulfil(scene, "macau");
        assert_eq!((at, event), (day(last + 1), overdue(step)));
        assert_eq!(duty(&scene, "macau"), None);
        let again = ReportReplyOverdue { request: request().id, step };
        scene.when("node.macau", again).then_refused(crate::refusal::RefusalCode::WrongState);
    }
}

#[test]
fn what_is_done_or_ended_is_not_due() {
    for scene in [replied(), closed(), withdrawn()] {
        assert_eq!(duty(&scene, "macau"), None);
    }
    assert_eq!(duty(&partly_replied(), "macau"), remind(ReplyStep::RegisterItems, 15), "the rest keeps its clock");
    // Nothing more is answered on a consent withdrawn, so nothing more is due.
    let later = ConsentRevoked { effective_at: NOON.plus_us(DAY_US), ..revoked() };
    assert_eq!(duty(&partly_replied().and("cw.zhuhai", later), "macau"), None);
}

#[test]
fn what_was_sent_after_a_withdrawal_is_recalled_at_once() {
    let scene = replied().and("cw.zhuhai", revoked());
    let Some(Duty { at, command }) = duty(&scene, "macau") else { panic!("no duty") };
    assert!(at < NOON);
    assert_eq!(duty(&scene, "zhuhai"), None);
    let scene = scene.when("node.macau", command).then_done();
    assert_eq!(duty(&scene, "macau"), None);
    let outlook = Outlook { me: party("macau"), rules: rules_of(party("macau")).unwrap(), rows: scene.rows() };
    assert_eq!(touched(&revoked().into()), [Case::Basis(claims().id)]);
    assert_eq!(resting_on(&outlook, claims().id).unwrap(), [Case::Request(request().id)]);
    assert_eq!(every_case(&outlook).unwrap(), [Case::Request(request().id)]);
}

#[test]
fn a_clarification_not_answered_in_time_withdraws_the_request() {
    let scene = clarifying(); // asked back on 1 July: five mainland working days
    let (at, event, scene) = fulfil(scene, "zhuhai");
    let reason = WithdrawalReason::ClarificationNotAnswered;
    assert_eq!(
        (at, event),
        (day(9), RequestWithdrawn { request: request().id, holder: party("macau"), reason }.into())
    );
    assert_eq!(duty(&scene, "zhuhai"), None);
    assert_eq!(duty(&scene, "macau"), None);
}

#[test]
fn a_clarification_stops_the_holders_clock_until_it_is_answered() {
    assert_eq!(duty(&clarifying(), "macau"), remind(ReplyStep::RegisterItems, 21), "taken to run to its limit");
    let answer = AnswerClarification { request: request().id, clarification: 1, answer: "so".parse().unwrap() };
    let scene = clarifying().at(NOON.plus_us(2 * DAY_US)).when("cw.zhuhai", answer).then_done();
    assert_eq!(duty(&scene, "macau"), remind(ReplyStep::RegisterItems, 16));
    assert_eq!(duty(&scene, "zhuhai"), None);
}

#[test]
fn a_year_not_loaded_leaves_the_clock_unknown_and_gives_no_duty() {
    let late = NOON.plus_us(182 * DAY_US); // 30 December
    let scene = drafted().at(late).and("rv.zhuhai", crate::verification::RequestSubmitted { request: request() });
    assert_eq!(duty(&scene, "macau"), None);
    let state = RequestState::load(&scene.rows(), request().id).unwrap();
    let clocks = state.clocks(&Deadlines::load(&scene.rows(), &request()).unwrap());
    assert_eq!(
        clocks.iter().map(|clock| (clock.step, clock.due)).collect::<Vec<_>>(),
        [(ReplyStep::Decision, Due::Unknown)]
    );
}
