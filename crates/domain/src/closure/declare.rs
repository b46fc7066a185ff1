//! `DeclareClosure`: a day that was to be worked is not, for everybody who goes by the calendar.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::calendar::{CalendarId, Closures};
use crate::closure::{ClosureDeclared, ClosureFacts, Declared, declared};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::{ClosureId, PartyId};
use crate::officer::Role;
use crate::party;
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Short;
use crate::time::Date;
use crate::view::{Rows, Sides, ViewError};

/// Most days after which a closure may still be declared (A): the first day back at work after the longest closure of
/// the public services is within it, and a later declaration would rewrite what was long overdue.
pub const CLOSURE_LATE_DAYS_MAX: i16 = 7;

/// Declares a day closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclareClosure {
    /// The declaration: a fresh id.
    pub closure: ClosureId,
    /// The calendar; the party must go by it.
    pub calendar: CalendarId,
    /// The day: a working day of a loaded year, at most [`CLOSURE_LATE_DAYS_MAX`] days ago.
    pub date: Date,
    /// Why, such as "typhoon signal 8".
    pub reason: Short,
}

impl Decide for DeclareClosure {
    const ROLES: &'static [Role] = &[Role::Liaison, Role::Secretariat];
    type State = (Sides<ClosureFacts>, Vec<Declared>);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        Ok((rows.sides(&self.closure)?, declared(rows)?))
    }

    fn decide(&self, (same_id, all): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if context.rules.calendar != self.calendar {
            return Err(Refusal::new(RefusalCode::NotYours).offending(["calendar"]));
        }
        let again = all.iter().any(|one| (one.calendar, one.date) == (self.calendar, self.date));
        if again || !same_id.is_empty() {
            return Err(Refusal::new(RefusalCode::AlreadyExists).offending(["date"]));
        }
        let first = jiff::Span::new().try_days(CLOSURE_LATE_DAYS_MAX).ok();
        let first = first.and_then(|span| context.now.local_date().checked_sub(span).ok());
        let works = self.calendar.is_working_day(self.date, &Closures::default()) == Some(true);
        if !works || first.is_none_or(|first| self.date < first) {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["date"]));
        }
        let parties = party::ALL.iter().filter_map(|rules| rules.party.parse::<PartyId>().ok());
        let others: BTreeSet<_> = parties.filter(|party| *party != context.me).collect();
        let Self { closure, calendar, date, reason } = self.clone();
        Ok(ClosureDeclared { closure, calendar, date, reason, others }.into())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::agreement::closures;
    use crate::testing::{given_nothing, party};

    fn declare(number: u128, day: Date) -> DeclareClosure {
        let reason = "typhoon signal 8".parse().unwrap();
        let closure = ClosureId(uuid::Uuid::from_u128(number));
        DeclareClosure { closure, calendar: CalendarId::Macau, date: day, reason }
    }

    #[test]
    fn a_party_closes_days_of_its_own_calendar_once_for_all_to_know() {
        let scene = given_nothing().when("lo.macau", declare(1, date(2026, 7, 2))).then_done();
        let expected: Closures = [(CalendarId::Macau, date(2026, 7, 2))].into_iter().collect();
        assert_eq!(closures(&scene.rows()).unwrap(), expected);
        for again in [declare(2, date(2026, 7, 2)), declare(1, date(2026, 7, 3))] {
            scene.clone().when("sec.macau", again).then_refused(RefusalCode::AlreadyExists);
        }
        let event = scene.when("sec.macau", declare(2, date(2026, 7, 3))).result.unwrap();
        assert_eq!(event.readers(), [party("hengqin"), party("zhuhai")].into());
    }

    #[test]
    fn not_of_anothers_calendar_and_if_a_peer_says_so_it_does_not_count() {
        let refusal = given_nothing().when("lo.zhuhai", declare(1, date(2026, 7, 2)));
        refusal.then_refused(RefusalCode::NotYours);
        let Ok(Event::ClosureDeclared(said)) = given_nothing().when("lo.macau", declare(1, date(2026, 7, 2))).result
        else {
            panic!()
        };
        let scene = given_nothing().and("lo.zhuhai", said);
        assert_eq!(closures(&scene.rows()).unwrap(), Closures::default());
    }

    #[test]
    fn only_working_days_and_not_long_afterwards() {
        // Noon of the scene is 2026-07-01; the 24th of June is a week ago, the 4th of July a Saturday.
        given_nothing().when("lo.macau", declare(1, date(2026, 6, 24))).then_done();
        for day in [date(2026, 6, 23), date(2026, 7, 4), date(2031, 7, 1)] {
            let refusal = given_nothing().when("lo.macau", declare(1, day)).then_refused(RefusalCode::BadDate);
            assert_eq!(refusal.offending, ["date"]);
        }
    }

    #[test]
    fn not_by_a_caseworker() {
        given_nothing().when("cw.macau", declare(1, date(2026, 7, 2))).then_refused(RefusalCode::RoleNotAllowed);
    }
}
