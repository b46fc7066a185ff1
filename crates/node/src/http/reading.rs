//! Reading personal data: the access is an event on disk before the content is handed out (design §4-10).

use tongcha_domain::access::{AccessTarget, RecordAccess};
use tongcha_domain::id::PartyId;
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::text::Short;
use tongcha_domain::view::{Rows, ViewError};

use crate::core::Core;
use crate::http::api::Api;
use crate::http::auth::Caller;
use crate::http::problem::Answer;

/// Records that the caller reads a thing, then reads it.
pub(super) async fn read<T: Send + 'static>(
    api: &Api,
    caller: Caller,
    target: AccessTarget,
    reason: Short,
    find: impl Fn(&Rows<'_>, PartyId) -> Result<Option<T>, ViewError> + Clone + Send + 'static,
) -> Answer<T> {
    let find = move |rows: &Rows<'_>, me| Ok(find(rows, me)?.ok_or(Refusal::new(RefusalCode::NotFound)));
    read_unless(api, caller, target, reason, find).await
}

/// As [`read`], where there are more reasons not to hand a thing out than that it does not exist.
///
/// What is not handed out is not recorded as read. That a thing exists may be told to everyone: the lists do.
pub(super) async fn read_unless<T: Send + 'static>(
    api: &Api,
    caller: Caller,
    target: AccessTarget,
    reason: Short,
    find: impl Fn(&Rows<'_>, PartyId) -> Result<Result<T, Refusal>, ViewError> + Clone + Send + 'static,
) -> Answer<T> {
    let found = move |core: &mut Core| find(&core.rows(), core.me());
    api.rows(found.clone()).await??;
    api.node.submit(caller.0, None, RecordAccess { target, reason }).await??;
    Ok(api.rows(found).await??)
}
