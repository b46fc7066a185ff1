//! What is shown of consents.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tongcha_domain::access::{Concerned, Sight};
use tongcha_domain::consent::{
    Capacity, ConsentClaims, ConsentFacts, ConsentRevoked, OrgUnit, RevocationForm, Signatory, SignedBy, Signer,
    lacking,
};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{ConsentId, OfficerId, PartyId};
use tongcha_domain::identity::Subject;
use tongcha_domain::item::{Granularity, Item};
use tongcha_domain::officer::Actor;
use tongcha_domain::purpose::{Language, LegalBasis, Purpose};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::suppression::{SuppressedCase, SuppressionFacts};
use tongcha_domain::time::{Date, Instant};
use tongcha_domain::view::{Rows, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::paging::{Key, Page, Paging};
use crate::http::wire::{Digest, Iso, Step, at, said, steps};
use crate::http::worded::{Stated, code};
use crate::node::Witnesses;

/// How a consent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConsentState {
    /// Recorded, and lacks a signature or a separate consent.
    Incomplete,
    /// Recorded, not countersigned.
    Recorded,
    /// Countersigned; usable from its first instant on.
    Granted,
    /// Revoked by a party of it.
    Revoked,
    /// Revoked about some of its persons; it holds about the others.
    PartlyRevoked,
    /// Its term is over.
    Expired,
    /// Closed before its term ended.
    Closed,
    /// All uses are spent.
    UsedUp,
    /// Given up before it was countersigned.
    Discarded,
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

impl Stated for ConsentSummary {
    const CASE: &'static str = "Consent";

    fn state(&self) -> String {
        code(&self.state)
    }
}

impl Stated for Consent {
    const CASE: &'static str = "Consent";

    fn state(&self) -> String {
        self.summary.state()
    }
}

/// A signature as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SignerSeen {
    /// Whom it covers: position in the list of subjects, from 0.
    subject: u8,
    capacity: Capacity,
    #[schema(value_type = String, format = "date")]
    signed_on: Date,
    by: SignedBy,
    /// SHA-256 of the document that appoints a guardian or an institution.
    appointment_sha256: Option<Digest>,
}

/// That somebody withdrew what they had signed.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct WithdrawalSeen {
    /// Where it was recorded.
    party: PartyId,
    /// Whose signature was withdrawn.
    by: SignedBy,
    /// About whom: positions in the list of subjects, from 0; empty for the whole consent.
    subjects: BTreeSet<u8>,
    form: RevocationForm,
    /// When the person withdrew.
    effective_at: Iso,
}

/// An age that a minor has reached.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ReviewSeen {
    subject: u8,
    age: u8,
    at: Iso,
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
    signers: Vec<SignerSeen>,
    /// Who signed without being covered.
    others: Vec<Signatory>,
    /// Items consented to separately.
    #[schema(value_type = Vec<String>)]
    separate: BTreeSet<Item>,
    /// SHA-256 of each later letter that added signatures.
    supplements: Vec<Digest>,
    /// What it lacks before it can be in force, such as `subject#2:second parent`.
    lacking: Vec<String>,
    /// About whom only it was revoked: positions in the list of subjects, from 0.
    revoked_subjects: BTreeSet<u8>,
    /// Who withdrew what.
    withdrawals: Vec<WithdrawalSeen>,
    /// Signers to whom nothing of it may be handed out: positions in the list of signers, from 0.
    suppressed_signers: Vec<usize>,
    /// Ages that were reached: position of the person, from 0, and age.
    reviews_due: Vec<ReviewSeen>,
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
    let recorded = || sides.of(me)?.letter();
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
    let parties = || claims.parties().into_iter().filter_map(|party| sides.of(party));
    let state = if revoked_from(sides, claims).is_some() {
        ConsentState::Revoked
    } else if parties().any(|facts| facts.closed.is_some()) {
        ConsentState::Closed
    } else if claims.not_after <= now {
        ConsentState::Expired
    } else if sides.granted().is_none() {
        if issuer.is_some_and(|facts| facts.discarded.is_some()) {
            ConsentState::Discarded
        } else if lacking(claims).is_empty() {
            ConsentState::Recorded
        } else {
            ConsentState::Incomplete
        }
    } else if uses_spent >= claims.uses {
        ConsentState::UsedUp
    } else if parties().any(|facts| !facts.revoked_for.is_empty()) {
        ConsentState::PartlyRevoked
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

fn full(sides: &Sides<ConsentFacts>, claims: &ConsentClaims, now: Instant, witnesses: &Witnesses) -> Consent {
    let parties = claims.parties();
    let taken = parties.iter().filter_map(|party| Some((*party, sides.of(*party)?))).flat_map(|(party, facts)| {
        [
            (EventKind::ConsentRecorded, party, said(facts.recorded.as_ref())),
            (EventKind::ConsentGranted, party, said(facts.granted.as_ref())),
            (EventKind::ConsentCompleted, party, said(facts.completed.last())),
            (EventKind::ConsentClosed, party, said(facts.closed.as_ref())),
            (EventKind::ConsentDiscarded, party, said(facts.discarded.as_ref())),
            (EventKind::ConsentExpired, party, facts.expired.as_ref()),
            (EventKind::LookupPermitted, party, facts.last_use.as_ref()),
        ]
    });
    let withdrawn = withdrawn(sides, claims);
    let taken = taken.chain(withdrawn.iter().map(|(party, (_, said))| (EventKind::ConsentRevoked, *party, Some(said))));
    Consent {
        steps: steps(witnesses, taken),
        summary: summary(sides, claims, now),
        legal_basis: claims.legal_basis.clone(),
        letter_sha256: Digest(claims.letter_digest),
        signers: claims.signers.iter().map(signer).collect(),
        others: claims.others.clone(),
        separate: claims.separate.clone(),
        supplements: claims.supplements.iter().map(|digest| Digest(*digest)).collect(),
        lacking: lacking(claims),
        revoked_subjects: parties
            .iter()
            .filter_map(|party| sides.of(*party))
            .flat_map(|facts| facts.revoked_for.iter().flat_map(|(revoked, _)| revoked.subjects.clone()))
            .collect(),
        withdrawals: withdrawn.iter().map(|(party, (revoked, _))| withdrawal(*party, revoked)).collect(),
        suppressed_signers: Vec::new(),
        reviews_due: sides.of(claims.issuer).map_or_else(Vec::new, |facts| {
            let reviews = facts.reviews.iter();
            reviews
                .map(|((subject, age), said)| ReviewSeen { subject: *subject, age: *age, at: Iso(said.at) })
                .collect()
        }),
        witness: claims.witness.clone(),
        language: claims.language,
        subjects: claims.subjects.clone(),
        revoked_from: revoked_from(sides, claims).map(Iso),
    }
}

/// Who withdrew what, by the parties of the consent.
fn withdrawn<'a>(
    sides: &'a Sides<ConsentFacts>,
    claims: &ConsentClaims,
) -> Vec<(PartyId, &'a (ConsentRevoked, tongcha_domain::view::Said))> {
    let parties = claims.parties();
    let theirs = sides.iter().filter(|(party, _)| parties.contains(party));
    theirs.flat_map(|(party, facts)| facts.withdrawals().map(move |one| (party, one))).collect()
}

fn withdrawal(party: PartyId, revoked: &ConsentRevoked) -> WithdrawalSeen {
    let ConsentRevoked { by, subjects, form, effective_at, .. } = revoked.clone();
    WithdrawalSeen { party, by, subjects, form, effective_at: Iso(effective_at) }
}

/// Signers from whom the consent is kept.
fn suppressed_signers(rows: &Rows<'_>, claims: &ConsentClaims) -> Result<Vec<usize>, ViewError> {
    let sides: Sides<SuppressionFacts> = rows.sides(&SuppressedCase::Consent(claims.id))?;
    let kept = |signer: &Signer| {
        let person = claims.signatory(signer.by).map(tongcha_domain::identity::Document::key);
        person.is_some_and(|person| sides.iter().any(|(_, facts)| facts.towards(&person).is_some()))
    };
    Ok(claims.signers.iter().enumerate().filter(|(_, signer)| kept(signer)).map(|(position, _)| position).collect())
}

fn signer(signer: &Signer) -> SignerSeen {
    let Signer { subject, capacity, signed_on, by, appointment } = signer.clone();
    SignerSeen { subject, capacity, signed_on, by, appointment_sha256: appointment.map(Digest) }
}

/// What the receipt of a consent is printed from.
pub(in crate::http) struct Printed {
    /// What the letters say.
    pub claims: ConsentClaims,
    /// What was withdrawn.
    pub withdrawn: Vec<ConsentRevoked>,
    /// Code of its status.
    pub state: String,
    /// Whether its token can be printed.
    pub usable: bool,
    /// The entries it rests on: log and position.
    pub entries: Vec<(PartyId, u64)>,
}

/// Finds what the receipt of a consent says; refused when this party did not issue it.
pub(in crate::http) fn printed(
    rows: &Rows<'_>,
    me: PartyId,
    id: ConsentId,
    now: Instant,
) -> Result<Result<Printed, Refusal>, ViewError> {
    let sides: Sides<ConsentFacts> = rows.sides(&id)?;
    let Some(claims) = claims_of(&sides, me) else { return Ok(Err(Refusal::new(RefusalCode::NotFound))) };
    if claims.issuer != me {
        return Ok(Err(Refusal::new(RefusalCode::NotYours)));
    }
    let state = summary(&sides, claims, now).state();
    let usable = printable(rows, me, id, now)?.is_ok();
    let withdrawn = withdrawn(&sides, claims);
    let granted = sides.of(me).and_then(|facts| said(facts.granted.as_ref())).map(|said| (me, said.seq));
    let entries = granted.into_iter().chain(withdrawn.iter().map(|(party, (_, said))| (*party, said.seq))).collect();
    let withdrawn = withdrawn.into_iter().map(|(_, (revoked, _))| revoked.clone()).collect();
    Ok(Ok(Printed { claims: claims.clone(), withdrawn, state, usable, entries }))
}

/// Lists the consents this party knows and the officer may see, the newest first: by when each was recorded here, or came
/// into force.
pub(super) fn list(
    rows: &Rows<'_>,
    me: PartyId,
    actor: &Actor,
    now: Instant,
    paging: &Paging,
) -> Result<Page<ConsentSummary>, ViewError> {
    let sight = Sight::of(*rows, me, &actor.officer, now)?;
    let mut known = Vec::new();
    for (id, sides) in rows.all::<ConsentFacts>()? {
        let Some(claims) = claims_of(&sides, me) else { continue };
        if !sight.may_see(&Concerned::Claims(claims))? {
            continue;
        }
        let issuer = sides.of(claims.issuer);
        let granted = || issuer.and_then(|facts| said(facts.granted.as_ref()));
        let since = issuer.and_then(|facts| said(facts.recorded.as_ref())).or_else(granted).map(|said| said.at);
        known.push((Key::newest_first(since).id(id.0), sides));
    }
    let page = paging.cut(known);
    page.show(|sides| Ok(claims_of(&sides, me).map(|claims| summary(&sides, claims, now))))
}

/// Finds a consent this party knows.
pub(super) fn find(
    rows: &Rows<'_>,
    me: PartyId,
    id: ConsentId,
    now: Instant,
    witnesses: &Witnesses,
) -> Result<Option<Consent>, ViewError> {
    let sides = rows.sides(&id)?;
    let Some(claims) = claims_of(&sides, me) else { return Ok(None) };
    let suppressed_signers = suppressed_signers(rows, claims)?;
    Ok(Some(Consent { suppressed_signers, ..full(&sides, claims, now, witnesses) }))
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
    let closed =
        [claims.issuer, claims.requester.party].into_iter().filter_map(|party| sides.of(party)?.closed.as_ref());
    if let Some(at) = closed.map(|(_, said)| said.at).min() {
        return Ok(Err(Refusal::new(RefusalCode::ConsentExpired).effective_at(at)));
    }
    if claims.not_after <= now {
        return Ok(Err(Refusal::new(RefusalCode::ConsentExpired).effective_at(claims.not_after)));
    }
    Ok(Ok(claims.clone()))
}
