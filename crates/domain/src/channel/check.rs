//! The check of every event against the channels it would go by.

use crate::channel::basis::needs_channel;
use crate::channel::{ChannelFacts, ChannelWay, Clearance, ClearanceKind};
use crate::command::Context;
use crate::event::Event;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::view::{Rows, Sides, ViewError};

/// Checks that a channel is open at `now`. Only the sender opens it; both sides can suspend it.
///
/// # Errors
/// `NO_CHANNEL` with the peer, or with `suspended:` and the side that did, since when; `CHANNEL_LAPSED` with the
/// clearances that lapsed and the instant the first did.
pub fn check_open(way: ChannelWay, sides: &Sides<ChannelFacts>, now: Instant) -> Result<(), Refusal> {
    let Some(clearances) = sides.of(way.from).and_then(ChannelFacts::clearances) else {
        return Err(Refusal::new(RefusalCode::NoChannel).offending([way.to.as_str()]));
    };
    for side in [way.from, way.to] {
        if let Some((_, said)) = sides.of(side).and_then(|facts| facts.suspended.as_ref()) {
            return Err(Refusal::new(RefusalCode::NoChannel)
                .offending([format!("suspended:{side}")])
                .effective_at(said.at));
        }
    }
    let lapsed: Vec<(&ClearanceKind, &Clearance)> =
        clearances.iter().filter(|(_, clearance)| clearance.expires_at <= now).collect();
    let Some(first) = lapsed.iter().map(|(_, clearance)| clearance.expires_at).min() else { return Ok(()) };
    let kinds = lapsed.iter().map(|(kind, _)| kind.code());
    Err(Refusal::new(RefusalCode::ChannelLapsed).offending(kinds).effective_at(first))
}

/// Checks an event against the channels to all it would be told to. Urgent notices on vital interest, revocations,
/// refusals and corrections go without one; see [`crate::channel::Footing`].
///
/// # Errors
/// [`ViewError`] when a row can't be read. The inner refusals are those of [`check_open`].
pub fn check(rows: &Rows<'_>, context: &Context<'_>, event: &Event) -> Result<Result<(), Refusal>, ViewError> {
    for to in needs_channel(event).into_iter().filter(|to| *to != context.me) {
        let way = ChannelWay { from: context.me, to };
        if let Err(refusal) = check_open(way, &rows.sides(&way)?, context.now) {
            return Ok(Err(refusal));
        }
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::ChannelSuspended;
    use crate::channel::sample::{open_channel, opened};
    use crate::consent::{ConsentGranted, ConsentRevoked, RevocationForm, SignedBy};
    use crate::item::Item;
    use crate::lookup::{LookupAsked, LookupDenied};
    use crate::notice::BatchSent;
    use crate::party::rules_of;
    use crate::testing::{NOON, Scene, actor, claims, document, given_nothing, lookup, party, permitted, question};
    use crate::time::{DAY_US, Period};
    use crate::urgent::{Emergency, UrgentRaised};

    const END: Instant = Instant(NOON.0 + 365 * DAY_US);

    fn judge(scene: &Scene, who: &str, event: impl Into<Event>) -> Result<(), Refusal> {
        let (me, actor) = actor(who);
        let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: scene.now };
        check(&scene.rows(), &context, &event.into()).unwrap()
    }

    fn granted() -> ConsentGranted {
        ConsentGranted { claims: claims() } // from Zhuhai, for Macau
    }

    #[test]
    fn persons_data_goes_by_an_open_channel_only() {
        assert_eq!(judge(&open_channel(), "rv.zhuhai", granted()), Ok(()));
        let refusal = judge(&given_nothing(), "rv.zhuhai", granted()).unwrap_err();
        assert_eq!(refusal, Refusal::new(RefusalCode::NoChannel).offending(["macau"]));
        let elsewhere = given_nothing().and("dp.zhuhai", opened("hengqin"));
        assert_eq!(judge(&elsewhere, "rv.zhuhai", granted()).unwrap_err().code, RefusalCode::NoChannel);
        let back = given_nothing().and("dp.macau", opened("zhuhai"));
        assert_eq!(judge(&back, "rv.zhuhai", granted()).unwrap_err().code, RefusalCode::NoChannel, "the other way");
    }

    #[test]
    fn a_lapsed_clearance_stops_the_channel_and_is_named_with_its_instant() {
        assert_eq!(judge(&open_channel().at(END.plus_us(-1)), "rv.zhuhai", granted()), Ok(()));
        let refusal = judge(&open_channel().at(END), "rv.zhuhai", granted()).unwrap_err();
        assert_eq!(refusal, Refusal::new(RefusalCode::ChannelLapsed).offending(["authorisation"]).effective_at(END));
        let both = judge(&open_channel().at(NOON.plus_us(500 * DAY_US)), "rv.zhuhai", granted()).unwrap_err();
        assert_eq!((both.offending.len(), both.effective_at), (2, Some(END)));
    }

    #[test]
    fn either_side_suspends_it_and_a_third_does_not() {
        let [zhuhai, macau, hengqin] = ["zhuhai", "macau", "hengqin"].map(party);
        for (who, other, stopped) in
            [("sec.zhuhai", macau, true), ("sec.macau", zhuhai, true), ("sec.hengqin", hengqin, false)]
        {
            let suspended = ChannelSuspended { from: zhuhai, to: macau, other };
            let result = judge(&open_channel().and(who, suspended), "rv.zhuhai", granted());
            assert_eq!(result.err().map(|refusal| refusal.code), stopped.then_some(RefusalCode::NoChannel), "{who}");
        }
    }

    #[test]
    fn the_question_of_a_lookup_goes_to_its_holder_by_a_channel_and_the_permission_back_by_another() {
        let LookupAsked { lookup, .. } = asked();
        assert_eq!(judge(&open_channel(), "cw.zhuhai", asked()), Ok(()));
        assert_eq!(judge(&given_nothing(), "cw.zhuhai", asked()).unwrap_err().code, RefusalCode::NoChannel);
        let permission = permitted(1, vec![question(Item::AssetDeposit)]);
        assert_eq!(permission.lookup, lookup);
        assert_eq!(judge(&open_channel(), "node.macau", permission).unwrap_err().code, RefusalCode::NoChannel);
    }

    fn asked() -> LookupAsked {
        LookupAsked {
            lookup: lookup(1),
            holder: party("macau"),
            consent: claims().id,
            subject: document(),
            questions: vec![question(Item::AssetDeposit)],
            purpose: claims().purpose,
        }
    }

    #[test]
    fn what_protects_people_and_what_names_nobody_needs_no_channel() {
        let scene = given_nothing();
        let text = "test".parse::<crate::text::Note>().unwrap();
        let emergency = Emergency {
            subject: None,
            place: "test".parse().unwrap(),
            what: text.clone(),
            need: text.clone(),
            call_back: "test".parse().unwrap(),
        };
        let (urgent, to) = (crate::id::UrgentId(uuid::Uuid::nil()), [party("macau")].into());
        assert_eq!(
            judge(&scene, "ho.zhuhai", UrgentRaised { urgent, to, emergency, vital_interest: text, happened_at: None }),
            Ok(())
        );
        let (consent, form) = (claims().id, RevocationForm::Letter);
        let revoked = ConsentRevoked {
            consent,
            others: [party("macau")].into(),
            form,
            effective_at: NOON,
            subjects: [].into(),
            by: SignedBy::Subject(0),
        };
        assert_eq!(judge(&scene, "cw.zhuhai", revoked), Ok(()));
        let refusal = Refusal::new(RefusalCode::NoConsent);
        let denied = LookupDenied { lookup: lookup(1), asker: party("macau"), consent: None, refusal };
        assert_eq!(judge(&scene, "node.zhuhai", denied), Ok(()));
        let period = Period::try_from("2026-06".to_owned()).unwrap();
        let batch = crate::id::BatchId(uuid::Uuid::nil());
        let empty = BatchSent { batch, to: party("macau"), period, entries: Vec::new(), unchanged: 3, withheld: 0 };
        assert_eq!(judge(&scene, "lo.zhuhai", empty), Ok(()));
    }
}
