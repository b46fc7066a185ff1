//! Export from a running service, over its audit interface. Body keys are never served.
//!
//! ```text
//! GET /v1/audit/logs                             {"party", "logs": [{"origin", "count", "head"}], "state_root"}
//! GET /v1/audit/logs/{origin}?from=SEQ&max=N     frames, one after the other, at most N
//! GET /v1/audit/checkpoints/{origin}             a signed note; 404 when there is none
//! GET /v1/audit/cards                            [card]
//! ```
//!
//! What is exported ends where the list says, though the logs grow meanwhile: the state root is for exactly that.

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Response, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tongcha_domain::id::PartyId;
use tongcha_ledger::frame::{FRAME_HEAD, FrameRead, read_frame};
use tongcha_ledger::key::{Hex, PartyCard};
use tongcha_ledger::note::NOTE_MAX;
use tongcha_ledger::parcel::PARCEL_MAX;

use super::Writer;
use crate::bundle::{FORMAT, LogClaim, Manifest};
use crate::input::InputError;

/// Entries asked for at once: even if each is as long as can be, an answer is 26 MB.
pub const PAGE_ENTRIES: u64 = 100;
/// Most bytes of a list or of the cards; both are a few hundred bytes for each party.
const LIST_MAX: usize = 1024 * 1024;
/// Longest one request may take; a page of the longest entries needs 0.4 MB/s.
const TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Logs {
    party: PartyId,
    logs: Vec<LogClaim>,
    #[serde(default)]
    state_root: Option<Hex>,
}

/// Exports from a service at a base address such as `http://127.0.0.1:8080`, with an auditor's token.
///
/// # Errors
/// When the service can't be reached, refuses, is another party's, or answers wrongly; or a file can't be written.
pub async fn from_service(url: &str, token: &str, party: PartyId, out: &Path) -> Result<Manifest, InputError> {
    // A redirect would carry the token to somebody else.
    let client = Client::builder().redirect(redirect::Policy::none()).timeout(TIMEOUT).build();
    let client = client.map_err(|source| InputError::Fetch { path: url.to_owned(), source })?;
    let service = Service { client, base: url.trim_end_matches('/').to_owned(), token: token.to_owned() };
    let Logs { party: found, logs, state_root } = service.json("/v1/audit/logs").await?;
    if found != party {
        return Err(InputError::OtherParty { expected: party, found });
    }
    let cards: Vec<PartyCard> = service.json("/v1/audit/cards").await?;
    let writer = Writer::create(out)?;
    for card in &cards {
        writer.card(card)?;
    }
    for claim in &logs {
        // Before the log: what a checkpoint covers is then in what is copied.
        service.checkpoint(claim, &writer).await?;
        service.log(claim, &writer).await?;
    }
    let manifest = Manifest { format: FORMAT, party, state_root, logs };
    writer.finish(&manifest)?;
    Ok(manifest)
}

struct Service {
    client: Client,
    base: String,
    token: String,
}

impl Service {
    async fn get(&self, path: &str, max: usize) -> Result<Vec<u8>, InputError> {
        let fetch = |source: reqwest::Error| InputError::Fetch { path: path.to_owned(), source: source.without_url() };
        let request = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let mut response: Response = request.send().await.map_err(fetch)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(InputError::Status { path: path.to_owned(), status: response.status().as_u16() });
        }
        let mut body = Vec::new();
        while let Some(bytes) = response.chunk().await.map_err(fetch)? {
            body.extend_from_slice(&bytes);
            if body.len() > max {
                return Err(answer(path, &format!("at most {max} bytes")));
            }
        }
        Ok(body)
    }

    async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, InputError> {
        let body = self.get(path, LIST_MAX).await?;
        serde_json::from_slice(&body).map_err(|error| answer(path, &error))
    }

    /// Fetches a checkpoint. One that is newer than the list is left: it covers entries that the bundle does not hold.
    async fn checkpoint(&self, claim: &LogClaim, writer: &Writer) -> Result<(), InputError> {
        let path = format!("/v1/audit/checkpoints/{}", claim.origin);
        let note = match self.get(&path, NOTE_MAX).await {
            Ok(note) => note,
            Err(InputError::Status { status: 404, .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let size = std::str::from_utf8(&note).ok().and_then(|note| note.lines().nth(1)?.parse::<u64>().ok());
        if size.is_some_and(|size| size > claim.count) {
            return Ok(());
        }
        writer.checkpoint(claim.origin, &note)
    }

    async fn log(&self, claim: &LogClaim, writer: &Writer) -> Result<(), InputError> {
        let (mut to, mut have) = (writer.log(claim.origin)?, 0);
        while have < claim.count {
            let max = PAGE_ENTRIES.min(claim.count - have);
            let path = format!("/v1/audit/logs/{}?from={have}&max={max}", claim.origin);
            let page_max = usize::try_from(max).unwrap_or(usize::MAX).saturating_mul(FRAME_HEAD + PARCEL_MAX);
            let page = self.get(&path, page_max).await?;
            let frames = count_frames(&page).ok_or_else(|| answer(&path, &"whole frames"))?;
            if frames == 0 || frames > max {
                return Err(answer(&path, &format!("1 to {max} frames, got {frames}")));
            }
            to.write(&page)?;
            have += frames;
        }
        Ok(())
    }
}

fn answer(path: &str, message: &dyn Display) -> InputError {
    InputError::Answer { path: path.to_owned(), message: message.to_string() }
}

// None when the bytes are not whole frames from beginning to end.
fn count_frames(mut bytes: &[u8]) -> Option<u64> {
    let mut count = 0;
    while !bytes.is_empty() {
        let FrameRead::Whole(_, length) = read_frame(bytes) else { return None };
        (bytes, count) = (bytes.get(length..)?, count + 1);
    }
    Some(count)
}
