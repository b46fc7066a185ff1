//! What the service does by itself about routine notices.

use crate::agenda::{Case, Duty, Outlook};
use crate::event::Event;
use crate::id::BatchId;
use crate::view::ViewError;

/// Returns the cases whose duties an event can change.
pub(crate) fn touched(_event: &Event) -> Vec<Case> {
    Vec::new()
}

/// Returns every case there is.
pub(crate) fn every_case(_outlook: &Outlook<'_>) -> Result<Vec<Case>, ViewError> {
    Ok(Vec::new())
}

/// Returns the next duty of a case.
pub(crate) fn next_duty(_outlook: &Outlook<'_>, _id: BatchId) -> Result<Option<Duty>, ViewError> {
    Ok(None)
}
