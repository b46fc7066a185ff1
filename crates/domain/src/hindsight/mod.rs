//! Hindsight: an event of a log judged again, with the state its writer had seen.
//!
//! In scope: the command that made an event, worked out from the event ([`table`]), and its judgement: the very guards
//! that let it happen ([`Command::judge`]) must let it happen again, and make the same event. What an event does not
//! tell of its command is judged as far as it goes:
//! - a lookup's token: in its place stands the consent that the issuer's log grants, so that a permission is judged by
//!   everything but the token's signature;
//! - a denied lookup's question, which the holder does not keep: only a denial that turns on the consent or on a channel
//!   can be judged;
//! - who witnessed a later letter;
//! - what an erasure lists, which stands in headers: the auditor supplies them, with the cases as far as bodies can be read.
//!
//! Out of scope: whence the rows come, who signed what, what the header says (`tongcha-audit`).

mod denied;
mod table;

use crate::command::{Command, Context};
use crate::consent::{CompleteConsent, ConsentClaims, ConsentCompleted, ConsentFacts, SignedBy, Signer};
use crate::erasure::{ErasureProposed, ErasureRequested, ListedEntry, ProposeErasure, RequestErasure};
use crate::event::Event;
use crate::hindsight::table::{Made, made};
use std::collections::BTreeSet;

use crate::id::{ConsentId, OfficerId, PartyId};
use crate::lookup::{AskLookup, JudgeLookup, LookupAsked, LookupDenied, LookupPermitted, TokenStanding};
use crate::refusal::Refusal;
use crate::view::{Rows, ViewError};

/// What hindsight says of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindsight {
    /// It had to happen just so.
    Right,
    /// It decided nothing, or does not tell enough to be judged.
    Silent,
    /// It had to be refused.
    Refused(Refusal),
    /// Something else had to happen.
    Otherwise(Box<Event>),
    /// A lookup was denied for a reason that there was not.
    Unfounded,
}

/// An event whose command had a consent token.
pub(crate) enum OnToken {
    Asked(LookupAsked),
    Permitted(LookupPermitted),
    Denied(LookupDenied),
}

/// An event whose command listed entries, of which the event tells the positions alone.
pub(crate) enum OnEntries {
    Proposed(ErasureProposed),
    Requested(ErasureRequested),
}

/// What [`look_back`] needs to judge an event, besides the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// The claims of a consent, as its issuer granted it.
    Consent(ConsentId),
    /// Entries of a party's log, as their headers say; none: of the log that the event is in.
    Entries(Option<PartyId>, BTreeSet<u64>),
}

/// What is known besides the rows: what the event [`needs`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The consent; none when its issuer never granted it.
    pub granted: Option<ConsentClaims>,
    /// The entries, as far as there are.
    pub entries: Vec<ListedEntry>,
}

/// Returns what is needed to judge an event.
#[must_use]
pub fn needs(event: &Event) -> Needs {
    match made(event.clone()) {
        Made::OnToken(OnToken::Asked(asked)) => Needs::Consent(asked.consent),
        Made::OnToken(OnToken::Permitted(permitted)) => Needs::Consent(permitted.consent),
        Made::OnToken(OnToken::Denied(denied)) => denied.consent.map_or(Needs::Nothing, Needs::Consent),
        Made::OnEntries(OnEntries::Proposed(proposed)) => Needs::Entries(None, proposed.entries),
        Made::OnEntries(OnEntries::Requested(requested)) => Needs::Entries(Some(requested.to), requested.entries),
        Made::By(_) | Made::Completed(_) | Made::Nothing => Needs::Nothing,
    }
}

/// Judges an event again. `rows` and `context` are those its writer had when it decided.
///
/// # Errors
/// When a row can't be read.
pub fn look_back(rows: &Rows<'_>, context: &Context<'_>, event: &Event, known: &Known) -> Result<Hindsight, ViewError> {
    let granted = known.granted.as_ref();
    let token = granted.map_or(TokenStanding::Absent, |claims| TokenStanding::Good(claims.clone()));
    let command: Command = match made(event.clone()) {
        Made::By(command) => command,
        Made::OnToken(OnToken::Asked(asked)) => {
            let LookupAsked { lookup, holder, subject, questions, purpose, .. } = asked;
            AskLookup { lookup, holder, token, subject, questions, purpose }.into()
        }
        Made::OnToken(OnToken::Permitted(permitted)) => {
            let LookupPermitted { lookup, requester: asker, subject, questions, purpose, .. } = permitted;
            let (asked_at, issuer_log_in_doubt) = (context.now, false);
            JudgeLookup { lookup, asker, asked_at, token, subject, questions, purpose, issuer_log_in_doubt }.into()
        }
        Made::OnToken(OnToken::Denied(denied)) => return denied::look_back(rows, context, &denied, granted),
        Made::OnEntries(OnEntries::Proposed(ErasureProposed { erasure, ground, asker, .. })) => {
            ProposeErasure { erasure, entries: known.entries.clone(), ground, asker }.into()
        }
        Made::OnEntries(OnEntries::Requested(ErasureRequested { erasure, to, ground, reason, .. })) => {
            RequestErasure { erasure, to, entries: known.entries.clone(), ground, reason }.into()
        }
        Made::Completed(completed) => completing(rows, context, completed)?.into(),
        Made::Nothing => return Ok(Hindsight::Silent),
    };
    Ok(match command.judge(rows, context)? {
        Ok(again) if again == *event => Hindsight::Right,
        // The gate never refuses: what it would have denied may not have been permitted.
        Ok(Event::LookupDenied(denied)) => Hindsight::Refused(denied.refusal),
        Ok(again) => Hindsight::Otherwise(Box::new(again)),
        Err(refusal) => Hindsight::Refused(refusal),
    })
}

/// Takes the later letter out of what both say together.
fn completing(
    rows: &Rows<'_>,
    context: &Context<'_>,
    ConsentCompleted { claims: both }: ConsentCompleted,
) -> Result<CompleteConsent, ViewError> {
    let facts = rows.side::<ConsentFacts>(&both.id, context.me)?.unwrap_or_default();
    let (signers, others) = facts.letter().map_or((0, 0), |first| (first.signers.len(), first.others.len()));
    let shift = u8::try_from(others).unwrap_or(u8::MAX);
    let later = |signer: &Signer| {
        let by = match signer.by {
            SignedBy::Subject(position) => SignedBy::Subject(position),
            SignedBy::Other(position) => SignedBy::Other(position.saturating_sub(shift)),
        };
        Signer { by, ..signer.clone() }
    };
    Ok(CompleteConsent {
        consent: both.id,
        signers: both.signers.iter().skip(signers).map(later).collect(),
        others: both.others.iter().skip(others).cloned().collect(),
        separate: both.separate,
        letter_digest: both.supplements.last().copied().unwrap_or_default(),
        witness: somebody_else(&context.actor.officer),
    })
}

/// The event does not tell who witnessed the later letter, so that it can't be held against who recorded it.
fn somebody_else(officer: &OfficerId) -> OfficerId {
    let names = ["witness", "witness-2"].into_iter().filter_map(|name| name.parse().ok());
    names.into_iter().find(|name| name != officer).unwrap_or_else(|| officer.clone())
}

#[cfg(test)]
mod tests;
