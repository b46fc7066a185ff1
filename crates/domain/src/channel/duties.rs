//! What the service does by itself about channels: it warns before the first clearance lapses, and records the lapse.

use crate::agenda::{Case, Duty, Outlook};
use crate::channel::{ChannelFacts, ChannelWay, RecordChannelLapse, WARNING_DAYS, WarnChannelExpiring};
use crate::event::Event;
use crate::id::PartyId;
use crate::time::DAY_US;
use crate::view::ViewError;

/// Returns the cases whose duties an event can change.
pub(crate) fn touched(event: &Event) -> Vec<Case> {
    let to = if let Event::ChannelOpened(e) = event {
        e.to
    } else if let Event::ChannelExpiring(e) = event {
        e.to
    } else if let Event::ChannelLapsed(e) = event {
        e.to
    } else {
        return Vec::new();
    };
    vec![Case::Channel(to)]
}

/// Returns every case there is.
pub(crate) fn every_case(outlook: &Outlook<'_>) -> Result<Vec<Case>, ViewError> {
    let channels = outlook.rows.all::<ChannelFacts>()?;
    let own = channels.into_iter().map(|(way, _)| way).filter(|way| way.from == outlook.me);
    Ok(own.map(|way| Case::Channel(way.to)).collect())
}

/// Returns the next duty of a case.
pub(crate) fn next_duty(outlook: &Outlook<'_>, to: PartyId) -> Result<Option<Duty>, ViewError> {
    let way = ChannelWay { from: outlook.me, to };
    let Some(facts) = outlook.rows.side::<ChannelFacts>(&way, outlook.me)? else { return Ok(None) };
    let Some((_, expires_at)) = facts.first_to_lapse().filter(|_| facts.lapsed.is_none()) else { return Ok(None) };
    let lapse = Duty { at: expires_at, command: RecordChannelLapse { to }.into() };
    if facts.expiring.is_some() {
        return Ok(Some(lapse));
    }
    let warning = expires_at.plus_us(-WARNING_DAYS * DAY_US);
    Ok(Some(Duty { at: warning, command: WarnChannelExpiring { to }.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::sample::open_channel;
    use crate::party::rules_of;
    use crate::testing::{NOON, Scene, party};
    use crate::time::Instant;

    const END: Instant = Instant(NOON.0 + 365 * DAY_US);

    fn next(scene: &Scene, me: &str) -> Option<Duty> {
        let me = party(me);
        let outlook = Outlook { me, rules: rules_of(me).unwrap(), rows: scene.rows() };
        let cases = every_case(&outlook).unwrap();
        cases.first().and_then(|case| crate::agenda::next_duty(&outlook, *case).unwrap())
    }

    #[test]
    fn the_warning_comes_first_then_the_lapse_then_nothing() {
        let (to, scene) = (party("macau"), open_channel());
        let warning = END.plus_us(-30 * DAY_US);
        let warn = WarnChannelExpiring { to };
        assert_eq!(next(&scene, "zhuhai"), Some(Duty { at: warning, command: warn.clone().into() }));
        assert_eq!(next(&scene, "macau"), None, "it is the sender's");
        let scene = scene.at(warning).when("node.zhuhai", warn).then_done();
        let lapse = RecordChannelLapse { to };
        assert_eq!(next(&scene, "zhuhai"), Some(Duty { at: END, command: lapse.clone().into() }));
        let scene = scene.at(END).when("node.zhuhai", lapse).then_done();
        assert_eq!(next(&scene, "zhuhai"), None);
        let renewed = scene.and("dp.zhuhai", crate::channel::sample::opened("macau"));
        assert!(next(&renewed, "zhuhai").is_some(), "a renewed channel has an end again");
    }
}
