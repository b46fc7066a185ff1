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
fn a_draft_that_was_given_up_is_in_no_inbox() {
    use crate::consent::DiscardConsent;
    use crate::notice::DiscardBatch;
    use crate::notice::sample::{BATCH, approved, given_prepared};
    use crate::verification::DiscardDraft;
    let reason = || "by mistake".parse().unwrap();
    let recorded = given([("cw.zhuhai", ConsentRecorded { claims: claims() })]);
    let cases: [(Scene, &str, &str, crate::command::Command); 4] = [
        (given_prepared(), "cw.macau", "rv.macau", DiscardBatch { batch: BATCH, reason: reason() }.into()),
        (
            given_prepared().and("rv.macau", approved()),
            "rv.macau",
            "lo.macau",
            DiscardBatch { batch: BATCH, reason: reason() }.into(),
        ),
        (
            verification::drafted(),
            "cw.zhuhai",
            "rv.zhuhai",
            DiscardDraft { request: verification::request().id, reason: reason() }.into(),
        ),
        (recorded, "cw.zhuhai", "cw2.zhuhai", DiscardConsent { consent: claims().id, reason: reason() }.into()),
    ];
    for (scene, who, waits_for, discard) in cases {
        let kind = discard.kind();
        assert_eq!(steps(&scene, waits_for).len(), 1, "{kind:?}");
        let scene = scene.when(who, discard).then_done();
        assert_eq!(steps(&scene, waits_for), [""; 0], "{kind:?}");
        let (me, actor) = actor(who);
        let mine = opened_by(&outlook(&scene, me.as_str()), &actor, scene.now).unwrap();
        assert!(mine.iter().filter(|opened| opened.last.code().ends_with("-discarded")).all(|o| o.waiting.is_empty()));
    }
}

#[test]
fn a_letter_that_lacks_something_waits_to_be_completed_and_a_withdrawn_one_for_nobody() {
    let mut lacking = claims();
    lacking.separate.clear();
    let scene = given([("cw.zhuhai", ConsentRecorded { claims: lacking })]);
    assert_eq!((steps(&scene, "cw.zhuhai"), approvals(&scene, "rv.zhuhai")), (vec!["CompleteConsent"], 0));
    let (consent, form, effective_at) = (claims().id, crate::consent::RevocationForm::Letter, NOON);
    let about_one = crate::consent::ConsentRevoked {
        consent,
        others: [].into(),
        form,
        effective_at,
        subjects: [0].into(),
        by: crate::consent::SignedBy::Subject(0),
    };
    let scene = given([("cw.zhuhai", ConsentRecorded { claims: claims() })]).and("cw.zhuhai", about_one);
    assert_eq!(steps(&scene, "cw2.zhuhai"), [""; 0]);
}

#[test]
fn what_a_clarification_is_about_waits_for_the_asker_and_is_not_late_at_the_holder() {
    use crate::verification::{ClarificationAnswered, RequestClarification};
    let (request, text) = (verification::request().id, || "which one?".parse().unwrap());
    let day = |days: i64| NOON.plus_us(days * DAY_US);
    let late = |scene: &Scene, now| {
        let (me, actor) = actor("lo.macau");
        let found = overdue(&outlook(scene, me.as_str()), &actor, now).unwrap();
        found.iter().map(|waiting| (waiting.step.name(), waiting.whose.to_string())).collect::<Vec<_>>()
    };
    let of = |step, whose: &str| (step, whose.to_owned());
    // Accepted on Wednesday 1 July: ten working days of Macau end on the 15th, the asker's five on the 8th.
    let scene = verification::clarifying();
    assert_eq!((steps(&scene, "cw.macau"), steps(&scene, "cw.zhuhai")), (vec![], vec!["AnswerClarification"]));
    assert_eq!(late(&scene, day(7)), []);
    assert_eq!(late(&scene, day(8)), [of("AnswerClarification", "zhuhai")]);
    assert_eq!(late(&scene, day(15)), [of("AnswerClarification", "zhuhai")], "not the holder's");
    let (me, liaison) = actor("lo.macau");
    let waits = waiting(&outlook(&scene, me.as_str()), &liaison, scene.now).unwrap();
    let until = Instant::local_midnight(jiff::civil::date(2026, 7, 9)).unwrap().plus_us(-1);
    assert_eq!((waits.len(), waits[0].due), (1, Some(WorkDue::At(until))));
    // About one of two: the other goes on, and is late in its own time.
    let ask = RequestClarification { request, text: text(), questions: [1].into() };
    let scene = verification::accepted().when("cw.macau", ask).then_done();
    assert_eq!(
        (steps(&scene, "cw.macau"), steps(&scene, "cw.zhuhai")),
        (vec!["AnswerItem"], vec!["AnswerClarification"])
    );
    assert_eq!(late(&scene, day(15)), [of("AnswerClarification", "zhuhai"), of("AnswerItem", "macau")]);
    // Answered after five days: the holder's day has moved by as much.
    let holder = party("macau");
    let answer = ClarificationAnswered { request, holder, clarification: 1, answer: text() };
    let scene = verification::clarifying().at(day(6)).and("cw.zhuhai", answer);
    assert_eq!((steps(&scene, "cw.macau"), steps(&scene, "cw.zhuhai")), (vec!["AnswerItem"], vec![]));
    assert_eq!((late(&scene, day(15)), late(&scene, day(22)).len()), (vec![], 1));
    // Before the acceptance the whole request waits.
    let ask = RequestClarification { request, text: text(), questions: [1].into() };
    let scene = verification::submitted().when("cw.macau", ask).then_done();
    assert_eq!((steps(&scene, "lo.macau"), late(&scene, day(7))), (vec![], vec![]));
}

#[test]
fn who_a_question_is_assigned_to_finds_it_and_nobody_else() {
    use crate::verification::AssignItem;
    let assign = |question, who: &str| AssignItem {
        request: verification::request().id,
        question,
        officer: who.parse().unwrap(),
    };
    let scene = verification::accepted().when("lo.macau", assign(1, "cw1.macau")).then_done();
    assert_eq!(steps(&scene, "cw2.macau"), ["AnswerItem"], "the second question is anybody's");
    let scene = scene.when("lo.macau", assign(2, "cw1.macau")).then_done();
    assert_eq!((steps(&scene, "cw1.macau"), steps(&scene, "cw2.macau")), (vec!["AnswerItem"], vec![]));
}

#[test]
fn a_correction_waits_for_a_second_person_and_then_for_who_used_the_answer() {
    let scene = verification::proposed(verification::used(verification::replied()));
    assert_eq!((steps(&scene, "rv.macau"), approvals(&scene, "rv.macau")), (vec!["CorrectReply"], 1));
    assert_eq!(steps(&scene, "cw.zhuhai"), [""; 0]);
    let scene = verification::used(verification::corrected());
    assert_eq!((steps(&scene, "rv.macau"), steps(&scene, "cw.zhuhai")), (vec![], vec!["AcknowledgeCorrection"]));
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
    let decided =
        EscalationDecided { meeting: meeting::MEETING, others, case, decision: meeting::note(), members: vec![] };
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

/// How often each kind stands in a file.
fn repeats(scene: &Scene, who: &str, case: CaseRef, kind: EventKind) -> usize {
    let (me, actor) = actor(who);
    let file = timeline(&scene.rows(), me, &actor, case, scene.now).unwrap().unwrap();
    file.iter().filter(|step| step.kind == kind).count()
}

#[test]
fn every_repetition_of_a_step_is_in_the_file() {
    use crate::verification::{ClarificationAnswered, CorrectReply, ItemAnswered, RequestClarification, SendReply};
    let (request, text) = (verification::request().id, || "which one?".parse().unwrap());
    let answered =
        |clarification| ClarificationAnswered { request, holder: party("macau"), clarification, answer: text() };
    let ask = RequestClarification { request, text: text(), questions: [1].into() };
    let mut scene = verification::clarifying().and("cw.zhuhai", answered(1));
    scene = scene.when("cw.macau", ask).then_done().and("cw.zhuhai", answered(2));
    for (question, answer) in (1..).zip(verification::answers()) {
        scene = scene.and("cw1.macau", ItemAnswered { request, question, answer });
        scene = scene.when("rv.macau", SendReply { request, partial: true }).then_done();
    }
    for _ in 0..2 {
        let correct = CorrectReply { request, question: 1, reason: text() };
        scene = verification::proposed(scene).when("rv.macau", correct).then_done();
    }
    let case = CaseRef::Verification(request);
    for (kind, holder, asker) in [
        (EventKind::ClarificationRequested, 2, 2),
        (EventKind::ClarificationAnswered, 2, 2),
        (EventKind::ItemAnswered, 4, 4), // one view holds both logs here; the asker's service is told of none
        (EventKind::ReplySent, 2, 2),
        (EventKind::ReplyCorrected, 2, 2),
    ] {
        let found = [repeats(&scene, "lo.macau", case, kind), repeats(&scene, "cw.zhuhai", case, kind)];
        assert_eq!(found, [holder, asker], "{kind:?}");
    }
    let parties = ["hengqin", "zhuhai"];
    let scene = urgent::given_acked().and("ho.macau", urgent::taken_over(&parties));
    let scene = scene.and("ho.macau", urgent::reported(&parties)).and("cw.macau", urgent::reported(&parties));
    assert_eq!(repeats(&scene, "ho.hengqin", CaseRef::Urgent(urgent::URGENT), EventKind::ActionReported), 2);
}

#[test]
fn every_match_and_correction_of_an_entry_is_in_the_file_and_no_strangers_word() {
    use crate::notice::sample::{BATCH, corrected, given_arrived, matched};
    let mut scene = given_arrived();
    for no in 0..3 {
        scene = scene.and("cw.zhuhai", matched(1, no)).and("cw.macau", corrected(1, 4));
    }
    let case = CaseRef::Batch(BATCH);
    let scene = scene.and("cw.hengqin", matched(1, 0));
    for who in ["lo.macau", "lo.zhuhai"] {
        assert_eq!(repeats(&scene, who, case, EventKind::EntryMatched), 3, "{who}");
        assert_eq!(repeats(&scene, who, case, EventKind::EntryCorrected), 3, "{who}");
    }
}

#[test]
fn a_draft_that_was_turned_away_is_in_the_file_of_its_request() {
    use crate::refusal::{CommandRefused, Refusal, RefusalCode};
    let request = verification::request();
    let command = crate::verification::DraftRequest { request: request.clone() }.into();
    let scene = given_nothing();
    let refused = CommandRefused::new(&scene.rows(), &command, Refusal::new(RefusalCode::NoConsent)).unwrap();
    let scene = scene.and("cw.zhuhai", refused);
    let case = CaseRef::Verification(request.id);
    assert_eq!(repeats(&scene, "lo.zhuhai", case, EventKind::CommandRefused), 1);
    let (me, liaison) = actor("lo.zhuhai");
    let file = timeline(&scene.rows(), me, &liaison, case, scene.now).unwrap().unwrap();
    assert_eq!(file[0].refused.as_ref().unwrap().code, RefusalCode::NoConsent);
    assert_eq!(steps(&scene, "rv.zhuhai"), [""; 0]);
    let (me, liaison) = actor("lo.macau");
    assert_eq!(timeline(&scene.rows(), me, &liaison, case, scene.now).unwrap(), None);
}

#[test]
fn an_erasure_waits_for_an_answer_then_for_a_second_person_then_for_the_holders() {
    use crate::case::CaseRef;
    use crate::erasure::sample::{ERASURE, answer, given_requested, refuse_it};
    use crate::erasure::{CONFIRM_WITHIN_US, OrderErasure};
    let late = |scene: &Scene, who: &str, at: Instant| -> Vec<(&'static str, PartyId)> {
        let (me, actor) = actor(who);
        let found = overdue(&outlook(scene, me.as_str()), &actor, at).unwrap();
        found.iter().map(|waiting| (waiting.step.name(), waiting.whose)).collect()
    };
    let (zhuhai, macau) = (party("zhuhai"), party("macau"));
    let asked = given_requested(&[3]);
    assert_eq!((steps(&asked, "dp.zhuhai"), steps(&asked, "dp.macau")), (vec!["ProposeErasure"], vec![]));
    assert_eq!(steps(&asked, "cw.zhuhai"), [""; 0]);
    // Fifteen mainland days from Wednesday 1 July end on Wednesday the 22nd.
    let day = |text: &str| Instant::local_midnight(text.parse().unwrap()).unwrap();
    assert_eq!(late(&asked, "dp.macau", day("2026-07-23").plus_us(-1)), []);
    for who in ["dp.macau", "au.macau", "dp.zhuhai", "sec.zhuhai"] {
        assert_eq!(late(&asked, who, day("2026-07-23")), [("ProposeErasure", zhuhai)], "{who}");
    }
    for who in ["cw.zhuhai", "dp.hengqin"] {
        assert_eq!(late(&asked, who, day("2026-07-23")), [], "{who}");
    }
    let refused = asked.clone().when("dp.zhuhai", refuse_it()).then_done();
    assert_eq!((steps(&refused, "dp.zhuhai"), late(&refused, "dp.macau", day("2026-08-23"))), (vec![], vec![]));

    let proposed = asked.when("dp.zhuhai", answer(&[3])).then_done();
    assert_eq!((steps(&proposed, "dp.zhuhai"), steps(&proposed, "dp2.zhuhai")), (vec![], vec!["OrderErasure"]));
    assert_eq!((approvals(&proposed, "sec.zhuhai"), approvals(&proposed, "dp.zhuhai")), (1, 0));
    assert_eq!(late(&proposed, "dp.zhuhai", day("2026-07-23")), [("OrderErasure", zhuhai)]);

    let ordered = proposed.when("sec.zhuhai", OrderErasure { erasure: ERASURE }).then_done();
    assert_eq!(steps(&ordered, "dp2.zhuhai"), [""; 0]);
    let after = ordered.now.plus_us(CONFIRM_WITHIN_US);
    let both = late(&ordered, "dp.macau", after);
    assert_eq!(both, [("ConfirmErasure", macau), ("ConfirmErasure", zhuhai)]);
    let file = timeline(&ordered.rows(), macau, &actor("dp.macau").1, CaseRef::Erasure(ERASURE), ordered.now).unwrap();
    assert_eq!(file.unwrap().len(), 3);
    let not_for_all = timeline(&ordered.rows(), macau, &actor("cw.macau").1, CaseRef::Erasure(ERASURE), ordered.now);
    assert_eq!(not_for_all.unwrap(), None);
}
