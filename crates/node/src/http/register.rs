//! The party's own register: a file of its case system comes in; only counts go out. `/v1/register`.
//!
//! A file is taken as a whole or not at all. It becomes one log entry that starts the import, one for each chunk of
//! households, and one that makes the import the register.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tongcha_domain::command::Decide;
use tongcha_domain::id::ImportId;
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::register::{
    CHUNK_HOUSEHOLDS_MAX, CompleteRegisterImport, Household, ImportFacts, ImportRegisterChunk, StartRegisterImport,
};
use tongcha_ledger::sha256;
use tracing::Instrument;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::api::Api;
use crate::http::auth::{Caller, Commander};
use crate::http::extract::{collect, media_type};
use crate::http::fault::Fault;
use crate::http::idempotency::next_key;
use crate::http::openapi::{CommandProblems, KeyHeader, ListProblems, Octets, tags::REGISTER};
use crate::http::problem::{Answer, Problem};
use crate::http::wire::{Iso, ReceiptBody};
use crate::register::{FILE_BYTES_MAX, FileFormat, read_register};

/// Most bytes of households in one chunk: an event's body holds 256 KiB, and the rest of it needs far less than the
/// difference.
const CHUNK_BYTES_MAX: usize = 200 * 1024;

const _: () = assert!(FILE_BYTES_MAX == 128 << 20, "the document below says so");

const CSV: &str = "text/csv";
/// Media type of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Returns the operations that answer at once.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(get_register))
}

/// Returns the operation that may take minutes.
pub(super) fn import_routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(import_register))
}

/// An import that is now the register.
#[derive(Debug, Serialize, ToSchema)]
struct Imported {
    id: ImportId,
    /// Households taken.
    households: u64,
    /// Persons taken.
    persons: u64,
    /// The entry that completes the import.
    receipt: ReceiptBody,
}

/// What the register is.
#[derive(Debug, Default, Serialize, ToSchema)]
struct Register {
    /// The import that is the register; none before the first.
    import: Option<ImportId>,
    /// Households in it.
    households: u32,
    /// When it was completed.
    completed_at: Option<Iso>,
}

/// Tells which import is the register, and how many households it has.
#[utoipa::path(get, path = "/v1/register", tag = REGISTER,
    responses((status = 200, body = Register), ListProblems))]
async fn get_register(State(api): State<Api>, _: Caller) -> Answer<Json<Register>> {
    let register = api.rows(|core| {
        let imports = core.rows().all::<ImportFacts>()?;
        let own = imports.iter().filter_map(|(id, sides)| Some((*id, sides.of(core.me())?)));
        let completed = own.filter_map(|(id, facts)| Some((facts.completed.as_ref()?, id, facts.households)));
        let last = completed.max_by_key(|(said, _, _)| said.seq);
        Ok(last.map_or_else(Register::default, |(said, id, households)| Register {
            import: Some(id),
            households,
            completed_at: Some(Iso(said.at)),
        }))
    });
    register.await.map(Json)
}

/// Imports a register file, CSV or XLSX, up to 128 MiB.
///
/// By an administrator, a liaison officer or a caseworker. The file is taken as a whole or not at all; what is wrong
/// with it is told by row and column (`rows` of the problem), without the values. With an `Idempotency-Key` an import
/// that was interrupted goes on where it stopped.
#[utoipa::path(post, path = "/v1/register/imports", tag = REGISTER, params(KeyHeader),
    request_body(content(
        (Octets = "text/csv"),
        (Octets = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ), description = "One row per person; the columns are named in the first row."),
    responses((status = 201, body = Imported), CommandProblems))]
async fn import_register(
    State(api): State<Api>,
    by: Commander,
    request: Request,
) -> Answer<(StatusCode, Json<Imported>)> {
    let (parts, body) = request.into_parts();
    let format = format_of(&parts.headers)?;
    if !StartRegisterImport::ROLES.contains(&by.actor.role) {
        // Refused by the same decision as any other command, so that it is in the log, but before a long file is read.
        let start = StartRegisterImport { import: ImportId(uuid::Uuid::nil()), households: 0, file_digest: [0; 32] };
        api.command(&by, uuid::Uuid::nil(), start).await?;
    }
    let running = || Problem::from(RefusalCode::ImportRunning);
    let place = api.imports.clone().try_acquire_owned().map_err(|_| running())?;
    let bytes = collect(&parts.headers, body, FILE_BYTES_MAX).await?;
    let file = tokio::task::spawn_blocking(move || read(&bytes, format)).await.map_err(|e| Problem::internal(&e))??;
    let import = ImportId(api.new_id(&by));
    // A caller who hangs up must not leave half an import behind: it would keep others from starting.
    let task = tokio::spawn(take(api, by, import, file, place).in_current_span());
    let imported = task.await.map_err(|e| Problem::internal(&e))??;
    Ok((StatusCode::CREATED, Json(imported)))
}

/// Reads the format from the media type of the body.
pub(super) fn format_of(headers: &HeaderMap) -> Answer<FileFormat> {
    match media_type(headers) {
        Some(found) if found.eq_ignore_ascii_case(CSV) => Ok(FileFormat::Csv),
        Some(found) if found.eq_ignore_ascii_case(XLSX) => Ok(FileFormat::Xlsx),
        Some(_) | None => {
            Err(Problem::fault(Fault::UnsupportedMediaType, format!("this operation takes {CSV} or {XLSX}")))
        }
    }
}

/// A register file that has been read.
struct File {
    digest: [u8; 32],
    households: u32,
    persons: u64,
    chunks: Vec<Vec<Household>>,
}

fn read(bytes: &Bytes, format: FileFormat) -> Answer<File> {
    let households = read_register(bytes, format)?;
    let persons = households.iter().map(|household| household.members.len() as u64).sum();
    let count = u32::try_from(households.len()).unwrap_or(u32::MAX); // the start refuses far fewer
    let chunks = chunks(households, CHUNK_BYTES_MAX)?;
    Ok(File { digest: sha256(&[], &[bytes]), households: count, persons, chunks })
}

/// Splits households into chunks that each fit one event.
fn chunks(households: Vec<Household>, bytes_max: usize) -> Result<Vec<Vec<Household>>, Refusal> {
    let mut chunks = Vec::new();
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    for (no, household) in (1..).zip(households) {
        let no: u32 = no;
        let len = postcard::to_stdvec(&household).map_or(usize::MAX, |encoded| encoded.len());
        if len > bytes_max {
            return Err(Refusal::new(RefusalCode::BadList).offending([format!("household#{no}")]));
        }
        if chunk.len() == CHUNK_HOUSEHOLDS_MAX || bytes + len > bytes_max {
            chunks.push(std::mem::take(&mut chunk));
            bytes = 0;
        }
        bytes += len;
        chunk.push(household);
    }
    if !chunk.is_empty() {
        chunks.push(chunk);
    }
    Ok(chunks)
}

/// Takes a file in. Keeps its place until the end.
async fn take(api: Api, by: Commander, import: ImportId, file: File, _place: OwnedSemaphorePermit) -> Answer<Imported> {
    let File { digest, households, persons, chunks } = file;
    api.command(&by, import.0, StartRegisterImport { import, households, file_digest: digest }).await?;
    // A repeated request finds chunks that its first run has taken: the same file is cut in the same places.
    let facts = api.rows(move |core| core.rows().side::<ImportFacts>(&import, core.me())).await?;
    let taken = facts.map_or(0, |facts| facts.chunks);
    for (chunk, households) in (0..).zip(chunks) {
        if chunk >= taken {
            let command = ImportRegisterChunk { import, chunk, households };
            api.node.submit(by.actor.clone(), None, command).await??;
        }
    }
    let completed = Commander { actor: by.actor, key: by.key.map(|key| next_key(key, "register-import-completed")) };
    let receipt = api.command(&completed, import.0, CompleteRegisterImport { import }).await?;
    Ok(Imported { id: import, households: u64::from(households), persons, receipt })
}

#[cfg(test)]
mod tests {
    use tongcha_domain::identity::{Document, DocumentKind, Subject};
    use tongcha_domain::name::PersonName;
    use tongcha_domain::register::Member;

    use super::*;

    fn household(no: usize) -> Household {
        let document = Document::parse(DocumentKind::MacauBir, &format!("{:07}(0)", 9_000_000 + no)).unwrap();
        let name =
            PersonName { as_on_document: "陳樣本".parse().unwrap(), zh_hans: None, zh_hant: None, roman: None };
        let member = Member {
            subject: Subject { document, name, birth_date: None },
            other_documents: Vec::new(),
            alive: None,
            married: None,
            wage: None,
            businesses: None,
            pension: None,
            assistance: None,
            deposits: None,
            properties: None,
            vehicles: None,
            public_housing: None,
            resident: None,
            match_clause: None,
        };
        Household {
            reference: format!("R{no:04}").parse().unwrap(),
            district: "test district".parse().unwrap(),
            as_of: "2026-06-30".parse().unwrap(),
            members: vec![member],
        }
    }

    #[test]
    fn chunks_hold_every_household_in_order_and_fit() {
        let all: Vec<Household> = (0..2 * CHUNK_HOUSEHOLDS_MAX + 1).map(household).collect();
        let one = postcard::to_stdvec(&all[0]).unwrap().len();
        for (bytes_max, expected) in [(CHUNK_BYTES_MAX, 3), (one, all.len()), (one * 100, 5)] {
            let chunks = chunks(all.clone(), bytes_max).unwrap();
            assert_eq!(chunks.len(), expected);
            assert!(chunks.iter().all(|chunk| (1..=CHUNK_HOUSEHOLDS_MAX).contains(&chunk.len())));
            assert_eq!(chunks.concat(), all);
        }
    }

    #[test]
    fn a_household_that_fits_no_chunk_is_named() {
        let one = postcard::to_stdvec(&household(1)).unwrap().len();
        let mut long = household(2);
        long.members.push(long.members[0].clone());
        let refusal = chunks(vec![household(1), long], one).unwrap_err();
        assert_eq!(refusal, Refusal::new(RefusalCode::BadList).offending(["household#2"]));
    }
}
