//! What one party's log says about a verification request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{LineNo, PartyId, RequestId};
use crate::verification::events::{
    ItemAnswered, ReplySent, ReplyUsed, RequestAccepted, RequestDrafted, RequestRefused, RequestSubmitted,
    VerificationRequest,
};
use crate::view::{Facts, Said, Sides, Table};

/// One party's side of a request. Each field is set by the event it is named for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestFacts {
    /// Drafted here.
    pub drafted: Option<(RequestDrafted, Said)>,
    /// Submitted from here.
    pub submitted: Option<(RequestSubmitted, Said)>,
    /// Accepted here.
    pub accepted: Option<(RequestAccepted, Said)>,
    /// Refused here.
    pub refused: Option<(RequestRefused, Said)>,
    /// Answered here; the last answer to each question.
    pub answered: BTreeMap<LineNo, (ItemAnswered, Said)>,
    /// Replied from here.
    pub replied: Option<(ReplySent, Said)>,
    /// Used here.
    pub used: Option<(ReplyUsed, Said)>,
}

impl Facts for RequestFacts {
    type Id = RequestId;
    const TABLE: Table = Table::Request;
}

impl RequestFacts {
    pub(crate) fn drafted(&mut self, event: &RequestDrafted, said: Said) {
        self.drafted = Some((event.clone(), said));
    }
    pub(crate) fn submitted(&mut self, event: &RequestSubmitted, said: Said) {
        self.submitted = Some((event.clone(), said));
    }
    pub(crate) fn accepted(&mut self, event: &RequestAccepted, said: Said) {
        self.accepted = Some((event.clone(), said));
    }
    pub(crate) fn refused(&mut self, event: &RequestRefused, said: Said) {
        self.refused = Some((event.clone(), said));
    }
    pub(crate) fn answered(&mut self, event: &ItemAnswered, said: Said) {
        self.answered.insert(event.question, (event.clone(), said));
    }
    pub(crate) fn replied(&mut self, event: &ReplySent, said: Said) {
        self.replied = Some((event.clone(), said));
    }
    pub(crate) fn used(&mut self, event: &ReplyUsed, said: Said) {
        self.used = Some((event.clone(), said));
    }
}

impl Sides<RequestFacts> {
    /// Returns the request as submitted, from its asker's log.
    #[must_use]
    pub fn submitted(&self) -> Option<(PartyId, &VerificationRequest)> {
        self.iter().find_map(|(party, facts)| {
            let (submitted, _) = facts.submitted.as_ref()?;
            (submitted.request.asker == party).then_some((party, &submitted.request))
        })
    }
}
