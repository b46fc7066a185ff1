//! Which monthly batches were sent, are due or are missing: `/v1/routine`. No persons.

use axum::extract::State;
use serde::Serialize;
use tongcha_domain::id::PartyId;
use tongcha_domain::notice::clocks::{Month, Routine, routine};
use tongcha_domain::party;
use tongcha_domain::time::{Instant, Period};
use tongcha_domain::view::{Rows, ViewError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::Caller;
use crate::http::openapi::{ListProblems, tags::NOTICES};
use crate::http::paging::{Key, Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::{Deadline, Iso};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(list_routine))
}

/// How a month's batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MonthState {
    /// A batch was sent, on time or not; an empty one counts.
    Sent,
    /// Not sent, and there is time.
    Due,
    /// Not sent by its limit.
    Missing,
    /// Not sent, and whether it is late needs a calendar that is not loaded.
    Unknown,
}

/// The batch of a month from one party to another, this party being one of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RoutineMonth {
    /// The sender.
    from: PartyId,
    /// The addressee.
    to: PartyId,
    /// The month.
    period: Period,
    state: MonthState,
    due: Deadline,
    /// When the first batch of the month was sent.
    sent_at: Option<Iso>,
    /// When the sender's service said that it was missed. A month is missing also while a silent sender says nothing.
    missed_at: Option<Iso>,
    /// How many months in a row the sender missed by then.
    misses_in_a_row: Option<u16>,
    /// Whether the secretariat is told as well.
    tell_secretariat: bool,
}

fn month(routine: &Routine, month: &Month, now: Instant) -> RoutineMonth {
    let sent = routine.facts.sent.get(&month.period);
    let missed = routine.facts.missed.get(&month.period);
    let state = match (sent, month.due.is_overdue(now)) {
        (Some(_), _) => MonthState::Sent,
        (None, Some(true)) => MonthState::Missing,
        (None, Some(false)) => MonthState::Due,
        (None, None) => MonthState::Unknown,
    };
    RoutineMonth {
        from: routine.from,
        to: routine.to,
        period: month.period,
        state,
        due: Deadline(month.due),
        sent_at: sent.map(|said| Iso(said.at)),
        missed_at: missed.map(|(_, said)| Iso(said.at)),
        misses_in_a_row: missed.map(|(missed, _)| missed.misses_in_a_row),
        tell_secretariat: missed.is_some_and(|(missed, _)| missed.tell_secretariat),
    }
}

fn months(routine: &Routine, now: Instant) -> Vec<RoutineMonth> {
    // To the current month, or to the first one that is owed when it is still to come.
    let last = Period::of(now.local_date()).max(routine.first_owed());
    let owed = routine.unsent().take_while(|month| Some(month.period) <= last);
    let sent = routine.facts.sent.keys().filter_map(|period| routine.month(*period));
    sent.chain(owed).map(|one| month(routine, &one, now)).collect()
}

fn list(rows: &Rows<'_>, me: PartyId, now: Instant, paging: &Paging) -> Result<Page<RoutineMonth>, ViewError> {
    let others: Vec<PartyId> =
        party::ALL.iter().filter_map(|rules| rules.party.parse().ok()).filter(|party| *party != me).collect();
    let mut list = Vec::new();
    for (from, to) in others.iter().flat_map(|other| [(me, *other), (*other, me)]) {
        list.extend(routine(rows, from, to)?.map(|routine| months(&routine, now)).unwrap_or_default());
    }
    let known = list.into_iter().map(|month: RoutineMonth| {
        let key = Key::default().name_last_first(&month.period.to_string());
        (key.name(month.from.as_str()).name(month.to.as_str()), month)
    });
    Ok(paging.cut(known))
}

/// Lists the monthly batches from and to this party: sent, due, missing. The newest month first.
///
/// For every role. A party owes each other a batch for every month that begins while an agreement holds between them, also
/// one that has never sent any.
#[utoipa::path(get, path = "/v1/routine", tag = NOTICES, params(PageQuery),
    responses((status = 200, body = Vec<RoutineMonth>), ListProblems))]
async fn list_routine(State(api): State<Api>, _: Caller, paging: Paging) -> Answer<Page<RoutineMonth>> {
    let now = wall_clock();
    api.rows(move |core| list(&core.rows(), core.me(), now, &paging)).await
}
