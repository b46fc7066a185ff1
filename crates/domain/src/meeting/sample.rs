//! A sample meeting: Zhuhai convenes all three parties.

use std::collections::BTreeSet;

use crate::id::{MeetingId, PartyId, ResolutionId, TopicId};
use crate::meeting::{
    Action, ActionDue, ConveneMeeting, GroupMember, MeetingConvened, MeetingFacts, MemberAppointed, ProposeResolution,
    ResolutionProposed, ResolutionSigned, Series, Setting, TableTopic, TopicTabled,
};
use crate::testing::{NOON, Scene, given, party};
use crate::text::Note;
use crate::time::{DAY_US, Period};

pub(crate) const MEETING: MeetingId = MeetingId(uuid::Uuid::from_u128(0x3E));
pub(crate) const RESOLUTION: ResolutionId = ResolutionId(uuid::Uuid::from_u128(0x4E));
pub(crate) const TOPIC: TopicId = TopicId(uuid::Uuid::from_u128(0x5E));

pub(crate) fn note() -> Note {
    "as spoken of at the meeting".parse().unwrap()
}

/// All parties but one.
pub(crate) fn others(me: &str) -> BTreeSet<PartyId> {
    ["hengqin", "macau", "zhuhai"].into_iter().filter(|name| *name != me).map(party).collect()
}

pub(crate) fn convene() -> ConveneMeeting {
    let MeetingConvened { meeting, series, title, at, to, agenda } = convened();
    ConveneMeeting { meeting, series, title, at, to, agenda }
}

pub(crate) fn convened() -> MeetingConvened {
    MeetingConvened {
        meeting: MEETING,
        series: Series::JointMeeting,
        title: "珠澳社会救助协作第一次联席会议".parse().unwrap(),
        at: NOON.plus_us(7 * DAY_US),
        to: others("zhuhai"),
        agenda: vec!["定期通报的时限".parse().unwrap()],
    }
}

pub(crate) fn table() -> TableTopic {
    TableTopic { topic: TOPIC, setting: Setting::Meeting(MEETING), title: "資訊通報的期限".parse().unwrap() }
}

/// The member of the leading group that a party sends.
pub(crate) fn member(of: &str) -> GroupMember {
    GroupMember { party: party(of), member: format!("leader.{of}").parse().unwrap() }
}

pub(crate) fn member_appointed(of: &str) -> MemberAppointed {
    let (member, name) = (member(of).member, "副局长".parse().unwrap());
    MemberAppointed { member, name, others: others(of) }
}

pub(crate) fn tabled() -> TopicTabled {
    let TableTopic { topic, setting, title } = table();
    TopicTabled { topic, setting, others: others("macau"), title }
}

pub(crate) fn propose() -> ProposeResolution {
    let ResolutionProposed { meeting, resolution, text, actions, .. } = proposed("zhuhai");
    ProposeResolution { meeting, resolution, text, actions }
}

pub(crate) fn proposed(by: &str) -> ResolutionProposed {
    let month = ActionDue::Month(Period::try_from("2026-09".to_owned()).unwrap());
    let action = |owner, due| Action { what: "name the duty desk".parse().unwrap(), owner: party(owner), due };
    let day = ActionDue::Date("2026-08-31".parse().unwrap());
    ResolutionProposed {
        meeting: MEETING,
        resolution: RESOLUTION,
        others: others(by),
        text: "每月第五个共同工作日前通报".parse().unwrap(),
        actions: vec![action("zhuhai", month), action("macau", day), action("hengqin", ActionDue::LongTerm)],
    }
}

pub(crate) fn signed(by: &str) -> ResolutionSigned {
    ResolutionSigned { meeting: MEETING, resolution: RESOLUTION, others: others(by), digest: digest() }
}

/// Digest of the resolution as Zhuhai proposed it.
pub(crate) fn digest() -> [u8; 32] {
    let scene = given_proposed();
    let sides = scene.rows().sides::<MeetingFacts>(&MEETING).unwrap();
    let meeting = sides.meeting(party("zhuhai")).unwrap();
    meeting.resolution(RESOLUTION).unwrap().digest(&meeting)
}

pub(crate) fn given_convened() -> Scene {
    given([("sec.zhuhai", convened())])
}

pub(crate) fn given_tabled() -> Scene {
    given_convened().and("lo.macau", tabled())
}

pub(crate) fn given_proposed() -> Scene {
    given_convened().and("lo.zhuhai", proposed("zhuhai"))
}

/// Signed by these parties.
pub(crate) fn given_signed(parties: &[&str]) -> Scene {
    parties.iter().fold(given_proposed(), |scene, name| scene.and(&format!("sec.{name}"), signed(name)))
}
