//! A command judged for good: authority, decision, agreement, channels, in this order.

use crate::agreement::sample::{proposed, signed};
use crate::authority::sample::{enrolled, revoked};
use crate::channel::sample::opened;
use crate::command::{Command, Context};
use crate::consent::CountersignConsent;
use crate::event::Event;
use crate::item::Item;
use crate::lookup::{JudgeLookup, LookupDenied, TokenStanding};
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::testing::{Scene, actor, claims, document, given, granted, lookup, permitted, question};
use crate::time::DAY_US;

fn judge(scene: &Scene, who: &str, command: impl Into<Command>) -> Result<Event, Refusal> {
    let (me, actor) = actor(who);
    let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: scene.now };
    command.into().judge(&scene.rows(), &context).unwrap()
}

fn code(result: Result<Event, Refusal>) -> RefusalCode {
    result.unwrap_err().code
}

fn recorded() -> Scene {
    given([("cw.zhuhai", crate::consent::ConsentRecorded { claims: claims() })])
}

fn countersign() -> CountersignConsent {
    CountersignConsent { consent: claims().id }
}

fn gate(scene: &Scene) -> JudgeLookup {
    JudgeLookup {
        lookup: lookup(1),
        asker: claims().requester,
        asked_at: scene.now,
        token: TokenStanding::Good(claims()),
        subject: document(),
        questions: vec![question(Item::AssetDeposit)],
        purpose: claims().purpose,
        issuer_log_in_doubt: false,
    }
}

#[test]
fn a_consent_is_granted_by_an_open_channel_only() {
    assert_eq!(code(judge(&recorded(), "rv.zhuhai", countersign())), RefusalCode::NoChannel);
    let open = recorded().and("dp.zhuhai", opened("macau"));
    assert!(judge(&open, "rv.zhuhai", countersign()).is_ok());
    let late = open.at(crate::testing::NOON.plus_us(365 * DAY_US));
    let refused = code(judge(&late, "rv.zhuhai", countersign()));
    assert_eq!(refused, RefusalCode::ConsentExpired, "the command's own guards come first");
}

#[test]
fn authority_comes_before_everything_else() {
    let scene = recorded().and("node.zhuhai", enrolled("rv.zhuhai")).and("sec.zhuhai", revoked("rv.zhuhai"));
    assert_eq!(code(judge(&scene, "rv.zhuhai", countersign())), RefusalCode::AppointmentEnded);
}

#[test]
fn a_permission_without_a_channel_is_a_denial_on_record() {
    let scene = granted(claims());
    let denied = LookupDenied {
        lookup: lookup(1),
        asker: claims().requester.party,
        consent: Some(claims().id),
        refusal: Refusal::new(RefusalCode::NoChannel).offending(["zhuhai"]),
    };
    assert_eq!(judge(&scene, "node.macau", gate(&scene)), Ok(denied.into()));
    let open = scene.and("dp.macau", opened("zhuhai"));
    let permission = permitted(1, vec![question(Item::AssetDeposit)]);
    assert_eq!(judge(&open, "node.macau", gate(&open)), Ok(permission.into()));
}

#[test]
fn a_permission_beyond_the_agreement_is_a_denial_on_record() {
    let mut proposal = proposed(1);
    proposal.terms.allowed.clear();
    let scene = granted(claims()).and("dp.macau", opened("zhuhai"));
    let scene = scene.and("sec.zhuhai", proposal).and("sec.macau", signed(1));
    let scene = scene.at(crate::testing::NOON.plus_us(DAY_US));
    let Ok(Event::LookupDenied(denied)) = judge(&scene, "node.macau", gate(&scene)) else { panic!("permitted") };
    assert_eq!(denied.refusal.code, RefusalCode::OverAgreement);
}
