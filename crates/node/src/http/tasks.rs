//! The tasks of the plan 珠民〔2021〕156号: `/v1/tasks`. No personal data.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tongcha_domain::id::PartyId;
use tongcha_domain::task::{CompleteTask, PLAN, PlanRow, ReportProgress, TaskFacts, TaskNo};
use tongcha_domain::text::Note;
use tongcha_domain::time::{Date, Period};
use tongcha_domain::view::{Rows, Sides, ViewError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::clock::wall_clock;
use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{Payload, Task};
use crate::http::openapi::{CommandProblems, KeyHeader, LinePath, ListProblems, tags::GOVERNANCE};
use crate::http::problem::Answer;
use crate::http::wire::{Iso, ReceiptBody, at};

/// Returns the operations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(list_tasks)).routes(routes!(report_progress)).routes(routes!(complete_task))
}

/// How far a task has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TaskState {
    /// Nobody reported on it.
    Open,
    /// Somebody reported progress.
    InProgress,
    /// The lead completed it.
    Completed,
}

/// A row of the plan's table, and how far it has come.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct TaskView {
    /// Its number, from 1 to 17.
    no: u8,
    /// The work point, in short.
    work: &'static str,
    /// The unit in the lead 牵头单位.
    lead: &'static str,
    /// The party that the lead belongs to.
    lead_party: &'static str,
    /// The co-operating units 配合单位.
    co_operating: Vec<&'static str>,
    /// The month in which it is due; none when it is long-term 长期推进.
    due_month: Option<Period>,
    /// What it becomes in the exchange.
    becomes: &'static str,
    /// Where it stands.
    source: &'static str,
    /// Where sources disagree about it.
    discrepancies: Vec<&'static str>,
    state: TaskState,
    /// Whether its month is over and it is not completed.
    overdue: bool,
    completed_at: Option<Iso>,
    /// What came of it.
    outcome: Option<Note>,
    /// What the parties reported, in the order of the instants.
    progress: Vec<ProgressView>,
}

/// A report.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ProgressView {
    /// Whose.
    party: PartyId,
    at: Iso,
    note: Note,
}

/// What is said of a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "各区已试行" }))]
struct TaskNote {
    /// In words. No personal data.
    note: Note,
}

fn view(row: &PlanRow, sides: &Sides<TaskFacts>, today: Date) -> TaskView {
    let reports = |(party, facts): (PartyId, &TaskFacts)| {
        let report = |(report, said): &(tongcha_domain::task::ProgressReported, tongcha_domain::view::Said)| {
            ProgressView { party, at: Iso(said.at), note: report.note.clone() }
        };
        facts.progress.iter().map(report).collect::<Vec<_>>()
    };
    let mut progress: Vec<_> = sides.iter().flat_map(reports).collect();
    progress.sort_by_key(|report| report.at);
    let completed = sides.completed(row).map(|(_, completed)| completed);
    let state = match completed {
        Some(_) => TaskState::Completed,
        None if progress.is_empty() => TaskState::Open,
        None => TaskState::InProgress,
    };
    TaskView {
        no: row.no,
        work: row.work,
        lead: row.lead,
        lead_party: row.lead_party,
        co_operating: row.co_operating.to_vec(),
        due_month: row.due.month(),
        becomes: row.becomes,
        source: row.source,
        discrepancies: row.discrepancies.to_vec(),
        state,
        overdue: completed.is_none() && row.due.is_overdue(today),
        completed_at: at(completed),
        outcome: completed.map(|(completed, _)| completed.note.clone()),
        progress,
    }
}

fn views(rows: &Rows<'_>, today: Date) -> Result<Vec<TaskView>, ViewError> {
    let of = |row: &PlanRow| {
        let sides = match TaskNo::try_from(row.no) {
            Ok(task) => rows.sides(&task)?,
            Err(_) => Sides::default(), // not reached: rows are numbered from 1 to 17
        };
        Ok(view(row, &sides, today))
    };
    PLAN.iter().map(of).collect()
}

/// Names a task in a receipt: the number of its row as a UUID.
fn id(task: TaskNo) -> Uuid {
    Uuid::from_u128(u128::from(u8::from(task)))
}

/// Lists the 17 rows of the plan and how far each has come.
#[utoipa::path(get, path = "/v1/tasks", tag = GOVERNANCE,
    responses((status = 200, body = Vec<TaskView>), ListProblems))]
async fn list_tasks(State(api): State<Api>, _: Caller) -> Answer<Json<Vec<TaskView>>> {
    let today = wall_clock().local_date();
    api.rows(move |core| views(&core.rows(), today)).await.map(Json)
}

/// Reports progress on a task.
///
/// By a district, a liaison officer or the secretariat of any party.
#[utoipa::path(post, path = "/v1/tasks/{no}/progress", tag = GOVERNANCE, params(LinePath, KeyHeader),
    request_body = TaskNote, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn report_progress(
    State(api): State<Api>,
    by: Commander,
    Task(task): Task,
    Payload(TaskNote { note }): Payload<TaskNote>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, id(task), ReportProgress { task, note }).await.map(Json)
}

/// Completes a task.
///
/// By the secretariat of the lead's party.
#[utoipa::path(post, path = "/v1/tasks/{no}/completion", tag = GOVERNANCE, params(LinePath, KeyHeader),
    request_body = TaskNote, responses((status = 200, body = ReceiptBody), CommandProblems))]
async fn complete_task(
    State(api): State<Api>,
    by: Commander,
    Task(task): Task,
    Payload(TaskNote { note }): Payload<TaskNote>,
) -> Answer<Json<ReceiptBody>> {
    api.command(&by, id(task), CompleteTask { task, note }).await.map(Json)
}
