//! What is shown of consents.

use std::collections::BTreeMap;

use serde::Serialize;
use tongcha_domain::consent::{ConsentClaims, ConsentFacts, OrgUnit, Signer};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{ConsentId, OfficerId, PartyId};
use tongcha_domain::identity::Subject;
use tongcha_domain::item::{Granularity, Item};
use tongcha_domain::purpose::{Language, LegalBasis, Purpose};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::time::Instant;
use tongcha_domain::view::{Rows, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::api::LIST_MAX;
use crate::http::wire::{Digest, Iso, Step, at, said, steps};

/// How a consent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConsentState {
    /// Recorded, not countersigned.
    Recorded,
    /// Countersigned; usable from its first instant on.
    Granted,
    /// Revoked by a party of it.
    Revoked,
    /// Its term is over.
    Expired,
    /// All uses are spent.
    UsedUp,
}

/// A consent without its persons.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ConsentSummary {
    id: ConsentId,
    /// The party where the letter was signed.
    issuer: PartyId,
    /// The party that may answer.
    holder: PartyId,
    /// The unit that may ask.
    requester: OrgUnit,
    /// What for.
    purpose: Purpose,
    /// What may be asked, and how finely.
    #[schema(value_type = BTreeMap<String, Granularity>)]
    items: BTreeMap<Item, Granularity>,
    /// First instant it holds.
    not_before: Iso,
    /// First instant it no longer holds.
    not_after: Iso,
    /// How often it may be used.
    uses: u32,
    /// How often the holder was heard to have used it.
    uses_spent: u32,
    state: ConsentState,
    recorded_at: Option<Iso>,
    granted_at: Option<Iso>,
}

/// A consent in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Consent {
    #[serde(flatten)]
    summary: ConsentSummary,
    /// The legal basis of the exchange itself.
    legal_basis: LegalBasis,
    /// SHA-256 of the signed letter.
    letter_sha256: Digest,
    /// Who signed.
    signers: Vec<Signer>,
    /// The officer who witnessed the signature.
    witness: OfficerId,
    /// Language of the letter.
    language: Language,
    /// Whom it covers.
    subjects: Vec<Subject>,
    /// When the person withdrew it.
    revoked_from: Option<Iso>,
    /// What happened to it.
    steps: Vec<Step>,
}

/// The consent in force, or the one only recorded here.
fn claims_of(sides: &Sides<ConsentFacts>, me: PartyId) -> Option<&ConsentClaims> {
    let recorded = || Some(&sides.of(me)?.recorded.as_ref()?.0.claims);
    sides.granted().map(|granted| &granted.claims).or_else(recorded)
}

/// The earliest instant from which a party of the consent says it is revoked.
fn revoked_from(sides: &Sides<ConsentFacts>, claims: &ConsentClaims) -> Option<Instant> {
    let revoked = claims.parties().into_iter().filter_map(|party| sides.of(party)?.revoked.as_ref());
    revoked.map(|(revoked, _)| revoked.effective_at).min()
}

fn summary(sides: &Sides<ConsentFacts>, claims: &ConsentClaims, now: Instant) -> ConsentSummary {
    let uses_spent = sides.of(claims.holder).map_or(0, |facts| facts.uses_spent);
    let issuer = sides.of(claims.issuer);
    let state = if revoked_from(sides, claims).is_some() {
        ConsentState::Revoked
    } else if claims.not_after <= now {
        ConsentState::Expired
    } else if sides.granted().is_none() {
        ConsentState::Recorded
    } else if uses_spent >= claims.uses {
        ConsentState::UsedUp
    } else {
        ConsentState::Granted
    };
    ConsentSummary {
        id: claims.id,
        issuer: claims.issuer,
        holder: claims.holder,
        requester: claims.requester.clone(),
        purpose: claims.purpose,
        items: claims.items.clone(),
        not_before: Iso(claims.not_before),
        not_after: Iso(claims.not_after),
        uses: claims.uses,
        uses_spent,
        state,
        recorded_at: issuer.and_then(|facts| at(facts.recorded.as_ref())),
        granted_at: issuer.and_then(|facts| at(facts.granted.as_ref())),
    }
}

fn full(sides: &Sides<ConsentFacts>, claims: &ConsentClaims, now: Instant) -> Consent {
    let parties = claims.parties();
    let taken = parties.iter().filter_map(|party| Some((*party, sides.of(*party)?))).flat_map(|(party, facts)| {
        [
            (EventKind::ConsentRecorded, party, said(facts.recorded.as_ref())),
            (EventKind::ConsentGranted, party, said(facts.granted.as_ref())),
            (EventKind::ConsentRevoked, party, said(facts.revoked.as_ref())),
            (EventKind::LookupPermitted, party, facts.last_use.as_ref()),
        ]
    });
    Consent {
        steps: steps(taken),
        summary: summary(sides, claims, now),
        legal_basis: claims.legal_basis.clone(),
        letter_sha256: Digest(claims.letter_digest),
        signers: claims.signers.clone(),
        witness: claims.witness.clone(),
        language: claims.language,
        subjects: claims.subjects.clone(),
        revoked_from: revoked_from(sides, claims).map(Iso),
    }
}

/// Lists the consents this party knows, the newest first.
pub(super) fn list(rows: &Rows<'_>, me: PartyId, now: Instant) -> Result<Vec<ConsentSummary>, ViewError> {
    let all = rows.all::<ConsentFacts>()?;
    let known = all.iter().filter_map(|(_, sides)| Some(summary(sides, claims_of(sides, me)?, now)));
    let mut list: Vec<_> = known.collect();
    list.sort_by_key(|consent| std::cmp::Reverse(consent.recorded_at.max(consent.granted_at)));
    list.truncate(LIST_MAX);
    Ok(list)
}

/// Finds a consent this party knows.
pub(super) fn find(rows: &Rows<'_>, me: PartyId, id: ConsentId, now: Instant) -> Result<Option<Consent>, ViewError> {
    let sides = rows.sides(&id)?;
    Ok(claims_of(&sides, me).map(|claims| full(&sides, claims, now)))
}

/// Finds what the token of a consent says; refused when this party did not issue it or it can't be used any more.
pub(super) fn printable(
    rows: &Rows<'_>,
    me: PartyId,
    id: ConsentId,
    now: Instant,
) -> Result<Result<ConsentClaims, Refusal>, ViewError> {
    let sides: Sides<ConsentFacts> = rows.sides(&id)?;
    let refuse = |code| Ok(Err(Refusal::new(code)));
    let Some(claims) = claims_of(&sides, me) else { return refuse(RefusalCode::NotFound) };
    if claims.issuer != me {
        return refuse(RefusalCode::NotYours);
    }
    if sides.granted().is_none() {
        return refuse(RefusalCode::WrongState);
    }
    if let Some(at) = revoked_from(&sides, claims) {
        return Ok(Err(Refusal::new(RefusalCode::ConsentRevoked).effective_at(at)));
    }
    if claims.not_after <= now {
        return Ok(Err(Refusal::new(RefusalCode::ConsentExpired).effective_at(claims.not_after)));
    }
    Ok(Ok(claims.clone()))
}
