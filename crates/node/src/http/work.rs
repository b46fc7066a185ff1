//! Officers' work: inbox, pending approvals, own cases, what is overdue, case files. `/v1/work`. No personal data.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use tongcha_domain::agenda::Outlook;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{ConsentId, OfficerId, PartyId};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::party::rules_of;
use tongcha_domain::refusal::RefusalCode;
use tongcha_domain::time::{Instant, Period};
use tongcha_domain::view::{Said, ViewError};
use tongcha_domain::work::{self, Happened, Opened, Refused, Waiting, WorkDue};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::Caller;
use crate::http::extract::Case;
use crate::http::openapi::{IdPath, KindPath, ListProblems, ReadProblems, tags::WORK};
use crate::http::paging::{Key, Page, PageQuery, Paging};
use crate::http::problem::Answer;
use crate::http::wire::{EntryState, Iso};
use crate::node::Witnesses;

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(get_inbox))
        .routes(routes!(get_pending_approvals))
        .routes(routes!(get_mine))
        .routes(routes!(get_overdue))
        .routes(routes!(get_case_file))
}

/// A step that waits to be taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkItem)]
struct Item {
    /// Kind of the case: batch, urgent, consent, verification, meeting, conference, erasure.
    #[schema(example = "batch")]
    kind: &'static str,
    /// The case.
    id: Uuid,
    /// The step, by the command that takes it.
    #[schema(example = "ApproveBatch")]
    step: &'static str,
    /// The party that takes it.
    party: PartyId,
    /// The roles that may take it.
    roles: Vec<Role>,
    /// Since when it waits.
    since: Iso,
    /// The last instant at which it is on time.
    due: Option<Iso>,
    /// The month in which it is due: it is late when the month is over.
    due_month: Option<Period>,
    /// Whether a calendar is missing to say when it is due: an officer has to look.
    due_unknown: bool,
    /// Whether it is late.
    overdue: bool,
}

impl Item {
    fn new(waiting: &Waiting, now: Instant) -> Self {
        let (due, due_month) = match waiting.due {
            Some(WorkDue::At(last)) => (Some(Iso(last)), None),
            Some(WorkDue::Month(month)) => (None, Some(month)),
            Some(WorkDue::Unknown) | None => (None, None),
        };
        Self {
            kind: waiting.case.kind(),
            id: waiting.case.id(),
            step: waiting.step.name(),
            party: waiting.whose,
            roles: waiting.step.roles().to_vec(),
            since: Iso(waiting.since),
            due,
            due_month,
            due_unknown: waiting.due == Some(WorkDue::Unknown),
            overdue: waiting.due.is_some_and(|due| due.is_overdue(now)),
        }
    }
}

/// A case that the officer opened, and where it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct OwnCase {
    /// Kind of the case.
    #[schema(example = "verification")]
    kind: &'static str,
    /// The case.
    id: Uuid,
    /// How it was opened.
    opened: EventKind,
    opened_at: Iso,
    /// The last thing that happened, on either side.
    last: EventKind,
    /// What waits, on either side; nothing when the case is at its end.
    waiting: Vec<Item>,
}

impl OwnCase {
    fn new(opened: &Opened, now: Instant) -> Self {
        Self {
            kind: opened.case.kind(),
            id: opened.case.id(),
            opened: opened.kind,
            opened_at: Iso(opened.at),
            last: opened.last,
            waiting: opened.waiting.iter().map(|waiting| Item::new(waiting, now)).collect(),
        }
    }
}

/// Something that happened to a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct FileEntry {
    /// What.
    kind: EventKind,
    /// In whose log.
    party: PartyId,
    /// Who did it.
    by: OfficerId,
    /// In which role.
    role: Role,
    /// When, by that party's clock.
    at: Iso,
    /// Position in that log.
    seq: u64,
    /// Whether it is witnessed already.
    state: EntryState,
    /// Who has witnessed it, as far as this party knows: of the own log the peers, of a peer's log this party.
    witnessed_by: Vec<PartyId>,
    /// Of a refusal: the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<RefusalCode>,
    /// Of a refusal: the consents it was judged by, each in its version: 1 as first signed, one more for each later letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, u16>>)]
    consents: Option<BTreeMap<ConsentId, u16>>,
}

impl FileEntry {
    fn new(happened: Happened, witnesses: &Witnesses) -> Self {
        let Happened { kind, party, said: Said { by, role, at, seq, .. }, refused } = happened;
        let (code, consents) = refused.map(|Refused { code, consents }| (code, consents)).unzip();
        let witnessed_by = witnesses.of(party, seq);
        let state = EntryState::of(&witnessed_by);
        Self { kind, party, by, role, at: Iso(at), seq, state, witnessed_by, code, consents }
    }
}

type Listing<T> = fn(&Outlook<'_>, &Actor, Instant) -> Result<Vec<T>, ViewError>;

/// By due time: instants, then months, then what is unknown, then what has no limit; then by how long it waits.
fn key_of_step(waiting: &Waiting) -> Key {
    let due = match waiting.due {
        Some(WorkDue::At(last)) => Key::default().number(0).oldest_first(last),
        Some(WorkDue::Month(month)) => Key::default().number(1).name(&month.to_string()),
        Some(WorkDue::Unknown) => Key::default().number(2),
        None => Key::default().number(3),
    };
    let case = due.oldest_first(waiting.since).name(waiting.case.kind()).id(waiting.case.id());
    case.name(waiting.step.name()).name(waiting.whose.as_str())
}

fn key_of_opened(opened: &Opened) -> Key {
    Key::newest_first(Some(opened.at)).name(opened.case.kind()).id(opened.case.id())
}

/// How a list of work is made, in which order, and how each thing of it is shown.
type Shown<T, V> = (Listing<T>, fn(&T) -> Key, fn(&T, Instant) -> V);

/// Makes a page of an officer's work.
async fn list<T: 'static, V: Send + 'static>(
    api: &Api,
    actor: Actor,
    paging: Paging,
    (make, key, view): Shown<T, V>,
) -> Answer<Page<V>> {
    let now = wall_clock();
    let listed = api.rows(move |core| {
        let me = core.me();
        // Without rules there is nothing to do; not reached: a service has rules.
        let rules = rules_of(me);
        let outlook = rules.map(|rules| Outlook { me, rules, rows: core.rows() });
        let all = outlook.map(|outlook| make(&outlook, &actor, now)).transpose()?.unwrap_or_default();
        Ok(paging.cut(all.into_iter().map(|item| (key(&item), item))).map(|item| view(&item, now)))
    });
    listed.await
}

/// Lists what waits for the officer, by due time and then by how long it waits.
///
/// For every role: the steps that the role may take, without those that the officer may not take as a second person.
#[utoipa::path(get, path = "/v1/work/inbox", tag = WORK, params(PageQuery),
    responses((status = 200, body = Vec<Item>), ListProblems))]
async fn get_inbox(State(api): State<Api>, Caller(actor): Caller, paging: Paging) -> Answer<Page<Item>> {
    list(&api, actor, paging, (work::inbox, key_of_step, Item::new)).await
}

/// Lists what waits for the officer as a second person.
///
/// For every role that approves: the own work is not there.
#[utoipa::path(get, path = "/v1/work/pending-approvals", tag = WORK, params(PageQuery),
    responses((status = 200, body = Vec<Item>), ListProblems))]
async fn get_pending_approvals(State(api): State<Api>, Caller(actor): Caller, paging: Paging) -> Answer<Page<Item>> {
    list(&api, actor, paging, (work::pending_approvals, key_of_step, Item::new)).await
}

/// Lists what the officer prepared, drafted, recorded, raised or nominated, and where it stands, the newest first.
///
/// For every role.
#[utoipa::path(get, path = "/v1/work/mine", tag = WORK, params(PageQuery),
    responses((status = 200, body = Vec<OwnCase>), ListProblems))]
async fn get_mine(State(api): State<Api>, Caller(actor): Caller, paging: Paging) -> Answer<Page<OwnCase>> {
    list(&api, actor, paging, (work::opened_by, key_of_opened, OwnCase::new)).await
}

/// Lists what is overdue, on the own side and on the others'.
///
/// For every role.
#[utoipa::path(get, path = "/v1/work/overdue", tag = WORK, params(PageQuery),
    responses((status = 200, body = Vec<Item>), ListProblems))]
async fn get_overdue(State(api): State<Api>, Caller(actor): Caller, paging: Paging) -> Answer<Page<Item>> {
    list(&api, actor, paging, (work::overdue, key_of_step, Item::new)).await
}

/// Reads the file of a case: every step on both sides, each repetition too, oldest first. No personal data, no content.
///
/// For every role; of a conference only for officers on the own party's list, of an erasure only for those who are shown
/// erasures, of what concerns a minor only for officers cleared for that.
#[utoipa::path(get, path = "/v1/work/cases/{kind}/{id}", tag = WORK, params(KindPath, IdPath, PageQuery),
    responses((status = 200, body = Vec<FileEntry>), ReadProblems))]
async fn get_case_file(
    State(api): State<Api>,
    Caller(actor): Caller,
    Case(case): Case,
    paging: Paging,
) -> Answer<Page<FileEntry>> {
    let now = wall_clock();
    let file = api.rows(move |core| work::timeline(&core.rows(), core.me(), &actor, case, now)).await?;
    let file = file.ok_or(RefusalCode::NotFound)?.into_iter();
    let key =
        |step: &Happened| Key::default().oldest_first(step.said.at).name(step.party.as_str()).number(step.said.seq);
    let witnesses = api.node.witnesses();
    Ok(paging.cut(file.map(|step| (key(&step), step))).map(|step| FileEntry::new(step, &witnesses)))
}
