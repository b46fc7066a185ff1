//! Samples of the events of authority, channels, agreements, meetings and conferences.

use super::NOON;
use super::persons::{claims, note, party, short};
use std::collections::BTreeSet;
use tongcha_domain::agreement::{AgreementProposed, AgreementSigned, AgreementTerms, Allowed, DEFAULTS};
use tongcha_domain::authority::{
    AppointmentRevoked, Capability, DelegationEnded, DutyDelegated, OfficerAppointed, OfficerClearance,
    OfficerEnrolled, UnitKind, UnitNames, UnitRegistered,
};
use tongcha_domain::case::CaseRef;
use tongcha_domain::channel::{
    ChannelExpiring, ChannelLapsed, ChannelOpened, ChannelProposed, ChannelResumed, ChannelSuspended, Clearance,
    ClearanceKind, Clearances,
};
use tongcha_domain::conference::{
    Basis, CaseConcluded, CaseNominated, FollowUpAssigned, FollowUpClosed, OpinionSubmitted, ParticipantsNamed,
    PartyInvited,
};
use tongcha_domain::erasure::{
    ErasureBasis, ErasureConfirmed, ErasureGround, ErasureOrdered, ErasureOverdue, ErasureProposed, ErasureRefused,
    ErasureRequestOverdue, ErasureRequested, RefusalGround,
};
use tongcha_domain::event::Event;
use tongcha_domain::id::AgreementId;
use tongcha_domain::id::{ConferenceId, ErasureId, MeetingId, ResolutionId, TopicId};
use tongcha_domain::item::{Granularity, Item};
use tongcha_domain::meeting::{
    Action, ActionClosed, ActionDue, EscalationDecided, GroupMember, MeetingConvened, MemberAppointed, MemberDismissed,
    ResolutionProposed, ResolutionSigned, Series, Setting, TopicConcluded, TopicTabled,
};
use tongcha_domain::officer::Role;
use tongcha_domain::purpose::Purpose;
use tongcha_domain::task::{ProgressReported, TaskCompleted, TaskNo};
use tongcha_domain::time::Period;

use super::events::id;

pub(super) fn erasures() -> Vec<Event> {
    let erasure: ErasureId = id(0xE001);
    let (zhuhai, macau, hengqin) = (party("zhuhai"), party("macau"), party("hengqin"));
    // Positions that no log of a test reaches: the samples stand in many.
    let (entries, holders) = (BTreeSet::from([70_000, 70_300]), BTreeSet::from([macau, hengqin]));
    let ground = ErasureGround { basis: ErasureBasis::ConsentWithdrawn, reference: short("DP-2026-017") };
    let asker = Some(macau);
    let proposed =
        ErasureProposed { erasure, entries: entries.clone(), ground: ground.clone(), holders: holders.clone(), asker };
    let requested = ErasureRequested {
        erasure: id(0xE002),
        to: macau,
        entries: entries.clone(),
        ground: ErasureGround { basis: ErasureBasis::Unlawful, reference: short("ZH-DP-2026-9") },
        reason: short("recorded in error"),
    };
    let others = BTreeSet::from([macau, hengqin]);
    vec![
        proposed.into(),
        ErasureOrdered { erasure, entries, ground, holders, asker }.into(),
        ErasureConfirmed { erasure, ordered_by: zhuhai, destroyed: 2, kept: 1, others }.into(),
        ErasureOverdue { erasure, missing: [macau].into() }.into(),
        requested.into(),
        ErasureRefused {
            erasure: id(0xE003),
            asker: macau,
            because: RefusalGround::RightAndLawful,
            reference: short("DP-2026-018"),
        }
        .into(),
        ErasureRequestOverdue { erasure: id(0xE004), asker: macau }.into(),
    ]
}

pub(super) fn offices() -> Vec<Event> {
    let officer = |name: &str| name.parse().unwrap();
    let (role, unit, told) = (Role::Liaison, "xiangzhou".parse().unwrap(), BTreeSet::from([party("macau")]));
    let (lo, cw) = (officer("zh.lo.test"), officer("zh.cw.test"));
    let names = UnitNames {
        zh_hans: Some(short("香洲区民政局")),
        zh_hant: Some(short("香洲區民政局")),
        pt: Some(short("Xiangzhou")),
        en: Some(short("Xiangzhou")),
    };
    let registered = UnitRegistered {
        unit: "xiangzhou".parse().unwrap(),
        names,
        kind: UnitKind::District,
        capabilities: [Capability::Notices, Capability::Register].into(),
    };
    let appointed = OfficerAppointed {
        officer: officer("zh.lo.test"),
        role,
        unit: "xiangzhou".parse().unwrap(),
        name: short("联络员"),
        from: NOON,
        to: Some(NOON.plus_us(1)),
        told: told.clone(),
        clearances: [OfficerClearance::Minor].into(),
    };
    vec![
        OfficerEnrolled { officer: officer("zh.lo.test"), role, unit }.into(),
        appointed.into(),
        AppointmentRevoked { officer: officer("zh.lo.test"), role, told: told.clone() }.into(),
        DutyDelegated { from: lo, to: cw, role, until: NOON, told: told.clone() }.into(),
        DelegationEnded { to: officer("zh.cw.test"), role, told }.into(),
        registered.into(),
    ]
}

pub(super) fn channels() -> Vec<Event> {
    let (from, to) = (party("zhuhai"), party("macau"));
    let clearance = Clearance { number: short("CAC-TEST-1"), expires_at: NOON };
    let clearances = Clearances::from([(ClearanceKind::Assessment, clearance)]);
    let (clearance, expires_at) = (ClearanceKind::Authorisation, NOON);
    vec![
        ChannelProposed { to, clearances: clearances.clone() }.into(),
        ChannelOpened { to, clearances }.into(),
        ChannelSuspended { from, to, other: to }.into(),
        ChannelResumed { from, to, other: to }.into(),
        ChannelExpiring { to, clearance, expires_at }.into(),
        ChannelLapsed { to, clearance, expires_at }.into(),
    ]
}

pub(super) fn agreements() -> Vec<Event> {
    let (agreement, by, macau): (AgreementId, _, _) = (id(0xA001), party("zhuhai"), party("macau"));
    let allowed = Allowed {
        items: [(Item::AssetDeposit, Granularity::Threshold)].into(),
        purposes: [Purpose::DibaoApplication].into(),
    };
    let terms = AgreementTerms {
        between: [by, macau].into(),
        effective_from: NOON,
        text_digest: [0xA1; 32],
        articles: vec![short("总则")],
        figures: DEFAULTS,
        allowed: [(by, allowed)].into(),
    };
    vec![
        AgreementProposed { agreement, by, terms }.into(),
        AgreementSigned { agreement, text_digest: [0xA1; 32], others: [macau].into() }.into(),
    ]
}

/// The members of the leading group come and go.
pub(super) fn leading_group() -> Vec<Event> {
    let (others, member) = (BTreeSet::from([party("macau"), party("hengqin")]), "zh.leader1".parse().unwrap());
    vec![
        MemberAppointed { member, name: short("副局长"), others: others.clone() }.into(),
        MemberDismissed { member: "zh.leader2".parse().unwrap(), others }.into(),
    ]
}

pub(super) fn meetings() -> Vec<Event> {
    let (meeting, resolution, topic): (MeetingId, ResolutionId, TopicId) = (id(0x3001), id(0x3002), id(0x3003));
    let others = BTreeSet::from([party("macau"), party("hengqin")]);
    let task = TaskNo::try_from(6).unwrap();
    let due = [
        ActionDue::Month(Period::try_from("2026-09".to_owned()).unwrap()),
        ActionDue::Date("2026-08-31".parse().unwrap()),
        ActionDue::LongTerm,
    ];
    let action = |due| Action { what: short("指定值班台"), owner: party("macau"), due };
    let convened = MeetingConvened {
        meeting,
        series: Series::LeadingGroup,
        title: short("第一次联席会议"),
        at: NOON,
        to: others.clone(),
        agenda: vec![short("通报时限")],
    };
    let text = note("每月通报");
    vec![
        convened.into(),
        TopicTabled { topic, setting: Setting::Meeting(meeting), others: others.clone(), title: short("时限") }.into(),
        TopicConcluded { topic, others: others.clone(), conclusion: note("同意") }.into(),
        ResolutionProposed { meeting, resolution, others: others.clone(), text, actions: due.map(action).into() }
            .into(),
        ResolutionSigned { meeting, resolution, others: others.clone(), digest: [0xD5; 32] }.into(),
        ActionClosed { meeting, resolution, others: others.clone(), action: 2, note: note("已指定") }.into(),
        EscalationDecided {
            meeting,
            others: others.clone(),
            case: CaseRef::Verification(id(0xE001)),
            decision: note("限期答复"),
            members: vec![GroupMember { party: party("zhuhai"), member: "zh.leader1".parse().unwrap() }],
        }
        .into(),
        ProgressReported { task, others: others.clone(), note: note("各区已试行") }.into(),
        TaskCompleted { task, others, note: note("已建立") }.into(),
    ]
}

pub(super) fn conferences() -> Vec<Event> {
    let conference: ConferenceId = id(0x4001);
    let (macau, others) = (party("macau"), BTreeSet::from([party("macau")]));
    let officers = BTreeSet::from(["zh.cw.test".parse().unwrap()]);
    let nomination = CaseNominated {
        conference,
        to: others.clone(),
        case: CaseRef::Urgent(id(0x0A01)),
        summary: note("独居老人多次昏倒"),
        basis: Basis::Consent(claims().id),
        need_to_know: officers.clone(),
    };
    let due = Some("2026-08-31".parse().unwrap());
    let (decision, follow_up) = (note("继续探访"), note("每月复核"));
    vec![
        nomination.clone().into(),
        PartyInvited { party: party("hengqin"), others: others.clone(), nomination }.into(),
        ParticipantsNamed { conference, others: others.clone(), officers }.into(),
        OpinionSubmitted { conference, others: others.clone(), opinion: note("建议家访") }.into(),
        CaseConcluded { conference, others: others.clone(), decision, owner: macau, follow_up }.into(),
        FollowUpAssigned { conference, others: others.clone(), no: 1, what: short("家访"), owner: macau, due }.into(),
        FollowUpClosed { conference, others, no: 1, outcome: note("已完成") }.into(),
    ]
}
