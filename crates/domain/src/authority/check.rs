//! The check before every command of an officer: does the appointment hold, may the unit do this.

use crate::access::{Concerned, Sight};
use crate::authority::concerned::concerned;
use crate::authority::{AppointmentFacts, UnitFacts, capability};
use crate::command::{Command, Context};
use crate::id::PartyId;
use crate::officer::{Actor, Role};
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::view::{Rows, ViewError};

/// Checks an officer's authority for a command. The service itself (`NODE`) needs none: it holds no office.
///
/// # Errors
/// [`ViewError`] when a row can't be read. The inner refusals are those of [`check_officer`]; `UNIT_NOT_CAPABLE`
/// when the party has registered units and the actor's is not one of them or is not for such commands;
/// `MINOR_NOT_CLEARED` when the command works on, or reads, what concerns a minor and the officer is not cleared for it.
pub fn check(rows: &Rows<'_>, context: &Context<'_>, command: &Command) -> Result<Result<(), Refusal>, ViewError> {
    if context.actor.role == Role::Node {
        return Ok(Ok(()));
    }
    if let Err(refusal) = check_officer(rows, context.me, context.actor, context.now)? {
        return Ok(Err(refusal));
    }
    if let Err(refusal) = check_unit(rows, context, command)? {
        return Ok(Err(refusal));
    }
    let about = concerned(command);
    let may = matches!(about, Concerned::Nobody)
        || Sight::of(*rows, context.me, &context.actor.officer, context.now)?.may_see(&about)?;
    Ok(if may { Ok(()) } else { Err(Refusal::new(RefusalCode::MinorNotCleared)) })
}

fn check_unit(rows: &Rows<'_>, context: &Context<'_>, command: &Command) -> Result<Result<(), Refusal>, ViewError> {
    let Some(needed) = capability(command) else { return Ok(Ok(())) };
    let Some(UnitFacts { units }) = rows.side(&(), context.me)? else { return Ok(Ok(())) }; // no map was drawn yet
    let capable = units.get(&context.actor.unit).is_some_and(|(unit, _)| unit.capabilities.contains(&needed));
    Ok(if capable { Ok(()) } else { Err(Refusal::new(RefusalCode::UnitNotCapable).offending(["unit"])) })
}

/// Checks that an officer may act in the role and for the unit they act in, at `now`: by an own appointment or, when
/// the role is another, as deputy of an officer who still holds it.
///
/// An officer of whom the log says nothing passes: the service writes every enrolment into the log before it takes
/// the officer's first command, so this is only whoever drives the core without tokens.
///
/// # Errors
/// [`ViewError`] when a row can't be read. Inner: `APPOINTMENT_ENDED`, with the instant; `NOT_APPOINTED`, with `role`
/// or `unit`.
pub fn check_officer(
    rows: &Rows<'_>,
    me: PartyId,
    actor: &Actor,
    now: Instant,
) -> Result<Result<(), Refusal>, ViewError> {
    let Some(facts) = rows.side::<AppointmentFacts>(&actor.officer, me)? else { return Ok(Ok(())) };
    if let Err(refusal) = facts.check_standing(now) {
        return Ok(Err(refusal));
    }
    if facts.unit() != Some(&actor.unit) {
        return Ok(Err(Refusal::new(RefusalCode::NotAppointed).offending(["unit"])));
    }
    let own = facts.check_holds(actor.role, now);
    let (Err(refusal), Some((duty, _))) = (&own, facts.duties.get(&actor.role)) else { return Ok(own) };
    if duty.until <= now {
        return Ok(Err(Refusal::new(RefusalCode::AppointmentEnded).effective_at(duty.until)));
    }
    // A deputy has no more than the officer whose duty it is.
    let principal = rows.side::<AppointmentFacts>(&duty.from, me)?;
    Ok(principal.map_or_else(|| Err(refusal.clone()), |principal| principal.check_holds(actor.role, now)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Capability;
    use crate::authority::sample::{appointed, delegated, enrolled, registered, revoked};
    use crate::notice::RecordBatchDelivery;
    use crate::testing::{NOON, Scene, actor, given_nothing, party};
    use crate::time::DAY_US;
    use crate::urgent::AckUrgent;

    fn as_role(who: &str, role: Role) -> Actor {
        Actor { role, ..actor(who).1 }
    }

    fn officer(scene: &Scene, actor: &Actor, now: Instant) -> Result<(), Refusal> {
        check_officer(&scene.rows(), party("zhuhai"), actor, now).unwrap()
    }

    fn code(result: Result<(), Refusal>) -> RefusalCode {
        result.unwrap_err().code
    }

    #[test]
    fn an_enrolled_officer_acts_in_the_role_and_unit_enrolled_for() {
        let scene = given_nothing().and("node.zhuhai", enrolled("cw.zhuhai"));
        assert_eq!(officer(&scene, &actor("cw.zhuhai").1, NOON), Ok(()));
        let other_role = as_role("cw.zhuhai", Role::Liaison);
        assert_eq!(officer(&scene, &other_role, NOON).unwrap_err().offending, ["role"]);
        let other_unit = Actor { unit: "gongbei".parse().unwrap(), ..actor("cw.zhuhai").1 };
        assert_eq!(officer(&scene, &other_unit, NOON).unwrap_err().offending, ["unit"]);
        assert_eq!(officer(&scene, &actor("rv.zhuhai").1, NOON), Ok(()), "nothing is said of this officer");
    }

    #[test]
    fn an_appointment_outweighs_the_enrolment_and_holds_from_its_first_instant_to_before_its_last() {
        let mut appointment = appointed("cw.zhuhai", Role::Reviewer);
        (appointment.from, appointment.to) = (NOON, Some(NOON.plus_us(DAY_US)));
        let scene = given_nothing().and("node.zhuhai", enrolled("cw.zhuhai")).and("sec.zhuhai", appointment);
        let reviewer = as_role("cw.zhuhai", Role::Reviewer);
        assert_eq!(code(officer(&scene, &actor("cw.zhuhai").1, NOON)), RefusalCode::NotAppointed);
        assert_eq!(code(officer(&scene, &reviewer, NOON.plus_us(-1))), RefusalCode::AppointmentEnded);
        assert_eq!(officer(&scene, &reviewer, NOON), Ok(()));
        assert_eq!(officer(&scene, &reviewer, NOON.plus_us(DAY_US - 1)), Ok(()));
        let over = officer(&scene, &reviewer, NOON.plus_us(DAY_US)).unwrap_err();
        assert_eq!((over.code, over.effective_at), (RefusalCode::AppointmentEnded, Some(NOON.plus_us(DAY_US))));
    }

    #[test]
    fn a_revoked_officer_is_stopped_until_appointed_anew_and_not_by_a_new_enrolment() {
        let scene = given_nothing().and("node.zhuhai", enrolled("lo.zhuhai")).and("sec.zhuhai", revoked("lo.zhuhai"));
        let liaison = actor("lo.zhuhai").1;
        let refusal = officer(&scene, &liaison, scene.now).unwrap_err();
        assert_eq!(refusal, Refusal::new(RefusalCode::AppointmentEnded).effective_at(NOON.plus_us(60_000_000)));
        let again = scene.clone().and("node.zhuhai", enrolled("lo.zhuhai"));
        assert_eq!(code(officer(&again, &liaison, again.now)), RefusalCode::AppointmentEnded);
        let anew = scene.and("sec.zhuhai", appointed("lo.zhuhai", Role::Liaison));
        assert_eq!(officer(&anew, &liaison, anew.now), Ok(()));
    }

    #[test]
    fn another_partys_word_about_an_officer_counts_for_nothing() {
        let scene = given_nothing().and("node.zhuhai", enrolled("lo.zhuhai")).and("sec.macau", revoked("lo.zhuhai"));
        assert_eq!(officer(&scene, &actor("lo.zhuhai").1, scene.now), Ok(()));
    }

    #[test]
    fn a_deputy_acts_in_the_delegated_role_while_it_lasts_and_its_principal_holds_it() {
        let until = NOON.plus_us(DAY_US);
        let scene = given_nothing()
            .and("node.zhuhai", enrolled("lo.zhuhai"))
            .and("node.zhuhai", enrolled("cw.zhuhai"))
            .and("sec.zhuhai", delegated("lo.zhuhai", "cw.zhuhai", until));
        let deputy = as_role("cw.zhuhai", Role::Liaison);
        assert_eq!(officer(&scene, &deputy, scene.now), Ok(()));
        assert_eq!(officer(&scene, &actor("cw.zhuhai").1, scene.now), Ok(()), "the own role stays");
        assert_eq!(code(officer(&scene, &as_role("cw.zhuhai", Role::Reviewer), scene.now)), RefusalCode::NotAppointed);
        let over = officer(&scene, &deputy, until).unwrap_err();
        assert_eq!((over.code, over.effective_at), (RefusalCode::AppointmentEnded, Some(until)));
        let orphaned = scene.clone().and("sec.zhuhai", revoked("lo.zhuhai"));
        assert_eq!(code(officer(&orphaned, &deputy, orphaned.now)), RefusalCode::AppointmentEnded);
        let revoked = scene.and("sec.zhuhai", revoked("cw.zhuhai"));
        assert_eq!(code(officer(&revoked, &deputy, revoked.now)), RefusalCode::AppointmentEnded);
    }

    #[test]
    fn once_a_unit_is_registered_only_capable_units_act() {
        let command: Command = AckUrgent { urgent: crate::id::UrgentId(uuid::Uuid::nil()) }.into();
        let judge = |scene: &Scene, who: &str, command: &Command| {
            let (me, actor) = actor(who);
            let rules = crate::party::rules_of(me).unwrap();
            check(&scene.rows(), &Context { me, rules, actor: &actor, now: scene.now }, command).unwrap()
        };
        assert_eq!(judge(&given_nothing(), "ho.zhuhai", &command), Ok(()), "no map was drawn");
        let capable = given_nothing().and("sec.zhuhai", registered("reception", [Capability::Urgent]));
        assert_eq!(judge(&capable, "ho.zhuhai", &command), Ok(()));
        let lacking = given_nothing().and("sec.zhuhai", registered("reception", [Capability::Notices]));
        assert_eq!(code(judge(&lacking, "ho.zhuhai", &command)), RefusalCode::UnitNotCapable);
        let unknown = given_nothing().and("sec.zhuhai", registered("gongbei", [Capability::Urgent]));
        assert_eq!(code(judge(&unknown, "ho.zhuhai", &command)), RefusalCode::UnitNotCapable);
        assert_eq!(judge(&unknown, "ho.macau", &command), Ok(()), "another party's map");
        let receipt = RecordBatchDelivery { batch: crate::id::BatchId(uuid::Uuid::nil()) }.into();
        assert_eq!(judge(&unknown, "node.zhuhai", &receipt), Ok(()), "the service holds no office");
    }
}
