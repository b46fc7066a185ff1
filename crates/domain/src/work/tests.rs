//! Given events, what waits for whom.

use super::*;
use crate::conference::sample as conference;
use crate::consent::ConsentRecorded;
use crate::meeting::sample as meeting;
use crate::testing::{NOON, Scene, actor, claims, given, given_nothing, party};
use crate::time::{DAY_US, MINUTE_US};
use crate::urgent::sample as urgent;
use crate::verification::sample as verification;

fn outlook<'a>(scene: &'a Scene, name: &str) -> Outlook<'a> {
    let me = party(name);
    Outlook { me, rules: rules_of(me).unwrap(), rows: scene.rows() }
}

/// The steps in an officer's inbox.
fn steps(scene: &Scene, who: &str) -> Vec<&'static str> {
    let (me, actor) = actor(who);
    let found = inbox(&outlook(scene, me.as_str()), &actor, scene.now).unwrap();
    found.iter().map(|waiting| waiting.step.name()).collect()
}

fn approvals(scene: &Scene, who: &str) -> usize {
    let (me, actor) = actor(who);
    pending_approvals(&outlook(scene, me.as_str()), &actor, scene.now).unwrap().len()
}

#[test]
fn a_batch_waits_for_a_second_person_then_for_the_liaison_officer_then_for_the_addressee() {
    use crate::notice::sample::{approved, delivered, given_prepared, matched, sent};
    let scene = given_prepared();
    assert_eq!(steps(&scene, "rv.macau"), ["ApproveBatch"]);
    assert_eq!((approvals(&scene, "rv.macau"), approvals(&scene, "cw.macau")), (1, 0));
    assert_eq!(steps(&scene, "lo.zhuhai"), [""; 0]);
    let scene = scene.and("rv.macau", approved());
    assert_eq!((steps(&scene, "rv.macau"), steps(&scene, "lo.macau")), (vec![], vec!["SendBatch"]));
    let scene = scene.and("lo.macau", sent()).and("node.zhuhai", delivered());
    assert_eq!(steps(&scene, "cw.zhuhai"), ["MatchEntry"]);
    assert_eq!(steps(&scene, "lo.zhuhai"), [""; 0]);
    let scene = scene.and("cw.zhuhai", matched(1, 0)).and("cw.zhuhai", matched(3, 0));
    assert_eq!((steps(&scene, "cw.zhuhai"), steps(&scene, "lo.zhuhai")), (vec![], vec!["AcknowledgeBatch"]));
    let late = |days: i64| {
        let (_, actor) = actor("cw.macau");
        overdue(&outlook(&scene, "macau"), &actor, NOON.plus_us(days * DAY_US)).unwrap()
    };
    // Delivered on Wednesday 1 July: three mainland working days end on Monday the 6th, and the sender sees it too.
    assert_eq!(late(5), []);
    assert_eq!((late(6).len(), late(6)[0].whose), (1, party("zhuhai")));
}

#[test]
fn who_did_the_first_step_does_not_find_the_second_in_the_inbox() {
    let scene = given([("cw.zhuhai", ConsentRecorded { claims: claims() })]);
    assert_eq!(steps(&scene, "cw.zhuhai"), [""; 0]);
    assert_eq!(steps(&scene, "cw2.zhuhai"), ["CountersignConsent"]);
    assert_eq!(steps(&scene.at(claims().not_after), "cw2.zhuhai"), [""; 0]);
}

#[test]
fn an_urgent_notice_is_due_in_minutes_on_both_sides() {
    let scene = urgent::given_raised();
    assert_eq!(steps(&scene, "ho.macau"), ["AckUrgent"]);
    assert_eq!(steps(&scene, "cw.macau"), [""; 0]);
    for (minutes, late) in [(30, 0), (31, 2)] {
        let (_, actor) = actor("cw.hengqin");
        let found = overdue(&outlook(&scene, "hengqin"), &actor, NOON.plus_us(minutes * MINUTE_US)).unwrap();
        assert_eq!(found.len(), late, "{minutes}");
    }
    let scene = urgent::given_acked();
    assert_eq!((steps(&scene, "ho.macau"), steps(&scene, "ho.zhuhai")), (vec!["TakeOver"], vec!["AckUrgent"]));
    let scene = scene.and("ho.macau", urgent::taken_over(&["hengqin", "zhuhai"]));
    assert_eq!(steps(&scene, "cw.macau"), ["ReportAction"]);
    let scene = scene.and("ho.macau", urgent::reported(&["hengqin", "zhuhai"]));
    assert_eq!((steps(&scene, "cw.macau"), steps(&scene, "ho.hengqin")), (vec![], vec!["StandDown"]));
    let scene = urgent::given_closed();
    assert_eq!((steps(&scene, "lo.hengqin"), steps(&scene, "ho.macau")), (vec!["FileJustification"], vec![]));
    let scene = scene.and("lo.hengqin", urgent::justified());
    assert_eq!((steps(&scene, "dp.hengqin"), approvals(&scene, "dp.hengqin")), (vec!["ReviewJustification"], 1));
    assert_eq!(steps(&scene.and("dp.hengqin", urgent::reviewed(true)), "dp2.hengqin"), [""; 0]);
}

#[test]
fn a_request_waits_on_one_side_at_a_time() {
    let scene = verification::drafted();
    assert_eq!((steps(&scene, "rv.zhuhai"), approvals(&scene, "rv.zhuhai")), (vec!["SubmitRequest"], 1));
    let scene = verification::submitted();
    assert_eq!((steps(&scene, "lo.macau"), steps(&scene, "lo.hengqin")), (vec!["AcceptRequest"], vec![]));
    assert_eq!(steps(&verification::accepted(), "cw.macau"), ["AnswerItem"]);
    let scene = verification::answered();
    assert_eq!((steps(&scene, "rv.macau"), steps(&scene, "cw1.macau")), (vec!["SendReply"], vec![]));
    let scene = verification::replied();
    assert_eq!((steps(&scene, "cw.zhuhai"), steps(&scene, "rv.macau")), (vec!["RecordReplyUse"], vec![]));
}

#[test]
fn a_resolution_waits_for_those_who_have_not_signed_and_its_actions_for_their_owners() {
    let scene = meeting::given_signed(&["macau"]);
    assert_eq!((steps(&scene, "sec.zhuhai"), steps(&scene, "sec.macau")), (vec!["SignResolution"], vec![]));
    let scene = meeting::given_signed(&["hengqin", "macau", "zhuhai"]);
    assert_eq!(steps(&scene, "lo.macau"), ["CloseAction"]);
    let (me, actor) = actor("lo.zhuhai");
    let at = |text: &str| Instant(text.parse::<jiff::Timestamp>().unwrap().as_microsecond());
    let owners = |text| {
        let late = overdue(&outlook(&scene, me.as_str()), &actor, at(text)).unwrap();
        late.iter().map(|waiting| waiting.whose.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(owners("2026-08-31T15:59:59Z"), [""; 0]);
    assert_eq!(owners("2026-08-31T16:00:00Z"), ["macau"]);
    assert_eq!(owners("2026-09-30T15:59:59Z"), ["macau"]);
    assert_eq!(owners("2026-09-30T16:00:00Z"), ["macau", "zhuhai"], "a month is over when the month is");
}

#[test]
fn a_conference_is_in_no_inbox_but_of_those_who_need_to_know() {
    let scene = conference::given_nominated();
    assert_eq!(steps(&scene, "lo.macau"), ["NameParticipants"]);
    assert_eq!((steps(&scene, "cw.macau"), steps(&scene, "lo.zhuhai")), (vec![], vec![]));
    assert_eq!(steps(&scene, "rv.zhuhai"), ["SubmitOpinion"]);
    let scene = conference::given_named();
    assert_eq!(steps(&scene, "lo.macau"), [""; 0]);
    assert_eq!(steps(&scene, "sw.macau"), ["SubmitOpinion"]);
    let scene = scene.and("sw.macau", conference::opinion("macau")).and("cw.zhuhai", conference::opinion("zhuhai"));
    assert_eq!((steps(&scene, "rv.zhuhai"), steps(&scene, "lo.zhuhai")), (vec!["ConcludeCase"], vec![]));
    let scene = scene.and("rv.zhuhai", conference::concluded()).and("rv.zhuhai", conference::assigned(1));
    assert_eq!((steps(&scene, "cw.macau"), steps(&scene, "rv.macau")), (vec!["CloseFollowUp"], vec![]));
}

#[test]
fn a_case_file_tells_both_sides_in_order_of_time() {
    let scene = conference::given_concluded();
    let file = |who: &str, case| {
        let (me, actor) = actor(who);
        let file = timeline(&scene.rows(), me, &actor, case, scene.now).unwrap()?;
        Some(file.iter().map(|step| (step.party.to_string(), step.kind.code())).collect::<Vec<_>>())
    };
    let case = CaseRef::Conference(conference::CONFERENCE);
    let expected = [
        ("zhuhai", "case-nominated"),
        ("macau", "participants-named"),
        ("macau", "opinion-submitted"),
        ("zhuhai", "case-concluded"),
    ];
    let expected = expected.map(|(party, kind)| (party.to_owned(), kind));
    assert_eq!(file("cw.zhuhai", case).unwrap(), expected);
    assert_eq!(file("lo.zhuhai", case), None);
    assert_eq!(file("cw.hengqin", case), None);
    let scene = urgent::given_closed();
    let (me, actor) = actor("cw.zhuhai");
    let file = timeline(&scene.rows(), me, &actor, CaseRef::Urgent(urgent::URGENT), scene.now).unwrap().unwrap();
    assert_eq!(file.first().unwrap().kind, EventKind::UrgentRaised);
    assert_eq!(file.first().unwrap().said.role, crate::officer::Role::Duty);
    assert_eq!(file.last().unwrap().kind, EventKind::UrgentClosed);
    let strange = CaseRef::Urgent(crate::id::UrgentId(uuid::Uuid::from_u128(0x999)));
    assert_eq!(timeline(&scene.rows(), me, &actor, strange, scene.now).unwrap(), None);
}

#[test]
fn what_the_leading_group_decided_is_in_the_file_of_the_case() {
    use crate::meeting::{EscalationDecided, MeetingConvened, Series};
    let case = CaseRef::Verification(verification::request().id);
    let convened = MeetingConvened { series: Series::LeadingGroup, ..meeting::convened() };
    let others = meeting::others("zhuhai");
    let decided = EscalationDecided { meeting: meeting::MEETING, others, case, decision: meeting::note() };
    let scene = verification::submitted().and("sec.zhuhai", convened).and("sec.zhuhai", decided);
    let (me, actor) = actor("lo.macau");
    let file = timeline(&scene.rows(), me, &actor, case, scene.now).unwrap().unwrap();
    assert_eq!(file.last().unwrap().kind, EventKind::EscalationDecided);
}

#[test]
fn officers_find_what_they_opened_and_where_it_stands() {
    let scene = verification::submitted();
    let of = |who: &str| {
        let (me, actor) = actor(who);
        opened_by(&outlook(&scene, me.as_str()), &actor, scene.now).unwrap()
    };
    let mine = of("cw.zhuhai");
    let request = mine.iter().find(|opened| opened.kind == EventKind::RequestDrafted).unwrap();
    assert_eq!(request.last, EventKind::RequestSubmitted);
    assert_eq!((request.waiting[0].step.name(), request.waiting[0].whose), ("AcceptRequest", party("macau")));
    assert_eq!(mine.len(), 2, "the request and the consent it rests on");
    assert_eq!(of("rv.zhuhai"), [], "a second person opened nothing");
    assert_eq!(of("lo.macau"), []);
    assert_eq!(given_nothing().now, NOON);
}
