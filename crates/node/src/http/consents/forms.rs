//! What is sent about consents.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tongcha_domain::consent::{
    Capacity, CloseReason, CompleteConsent, ConsentClaims, OrgUnit, RevocationForm, Signatory, SignedBy, Signer,
};
use tongcha_domain::id::{ConsentId, OfficerId, PartyId, UnitId};
use tongcha_domain::identity::Subject;
use tongcha_domain::item::{Granularity, Item};
use tongcha_domain::purpose::{Language, LegalBasis, Purpose};
use tongcha_domain::time::Date;
use utoipa::ToSchema;

use crate::http::wire::{Digest, Iso, distinct_keys};

/// A signature on a letter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSigner {
    /// Whom it covers: position in the list of subjects, from 0.
    subject: u8,
    /// In which capacity.
    capacity: Capacity,
    /// When.
    #[schema(value_type = String, format = "date")]
    signed_on: Date,
    /// Whose it is; the subject's own when it is not said.
    #[serde(default)]
    by: Option<SignedBy>,
    /// SHA-256 of the document that appoints a guardian or an institution.
    #[serde(default)]
    appointment_sha256: Option<Digest>,
}

impl From<NewSigner> for Signer {
    fn from(new: NewSigner) -> Self {
        let NewSigner { subject, capacity, signed_on, by, appointment_sha256 } = new;
        let by = by.unwrap_or(SignedBy::Subject(subject));
        Self { subject, capacity, signed_on, by, appointment: appointment_sha256.map(|digest| digest.0) }
    }
}

/// A later letter that adds what the first one lacks.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "signers": [{ "subject": 1, "capacity": "parental_authority", "signed_on": "2026-07-02", "by": { "other": 0 } }],
    "others": [{ "person": {
        "document": { "kind": "mainland_id", "number": "999999198506010033" }, "name": { "as_on_document": "余假设" },
    } }],
    "letter_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9", "witness": "zh.lo.test",
}))]
pub(super) struct Completion {
    /// The signatures on it; `other` counts in the list of this letter.
    #[serde(default)]
    signers: Vec<NewSigner>,
    /// Who signed it without being covered.
    #[serde(default)]
    others: Vec<Signatory>,
    /// Items to which it consents separately.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    separate: BTreeSet<Item>,
    /// SHA-256 of the later letter.
    letter_sha256: Digest,
    /// The officer who witnessed the signatures; not who records them.
    witness: OfficerId,
}

impl Completion {
    /// Makes the command.
    pub(super) fn into_command(self, consent: ConsentId) -> CompleteConsent {
        CompleteConsent {
            consent,
            signers: self.signers.into_iter().map(Signer::from).collect(),
            others: self.others,
            separate: self.separate,
            letter_digest: self.letter_sha256.0,
            witness: self.witness,
        }
    }
}

/// Why a consent is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "decision_final" }))]
pub(super) struct ConsentClosure {
    /// The decision is made and the time to appeal over, or the application was withdrawn.
    pub reason: CloseReason,
}

/// What a signed letter says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "holder": "macau", "unit": "xiangzhou",
    "items": { "ast.property": "threshold", "ast.deposit": "threshold", "inc.assist": "threshold" },
    "purpose": "dibao_application", "legal_basis": { "agreement_article": "test agreement, article 3" },
    "not_before": "2026-07-01T00:00:00+08:00", "not_after": "2027-01-01T00:00:00+08:00", "uses": 3,
    "letter_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
    "signers": [{ "subject": 0, "capacity": "own", "signed_on": "2026-07-01" }],
    "witness": "zh.lo.test", "language": "zh-Hant",
    "subjects": [{
        "document": { "kind": "macau_bir", "number": "9000001(0)" }, "name": { "as_on_document": "陳樣本" },
    }],
    "separate": ["ast.deposit"],
}))]
pub(super) struct NewConsent {
    /// The party that may answer.
    holder: PartyId,
    /// The unit that may ask.
    unit: UnitId,
    /// The party of that unit; the own party when it is not said.
    #[serde(default)]
    requester_party: Option<PartyId>,
    /// What may be asked, and how finely.
    #[serde(deserialize_with = "distinct_keys")]
    #[schema(value_type = BTreeMap<String, Granularity>)]
    items: BTreeMap<Item, Granularity>,
    /// What for.
    purpose: Purpose,
    /// The legal basis of the exchange itself.
    legal_basis: LegalBasis,
    /// First instant it holds.
    not_before: Iso,
    /// First instant it no longer holds; at most 366 days later.
    not_after: Iso,
    /// How often it may be used, 1 to 24.
    uses: u32,
    /// SHA-256 of the signed letter.
    letter_sha256: Digest,
    /// Who signed.
    signers: Vec<NewSigner>,
    /// The officer who witnessed the signature; not who records it.
    witness: OfficerId,
    /// Language of the letter.
    language: Language,
    /// Whom it covers: 1 to 12 persons, at most one of them an adult.
    subjects: Vec<Subject>,
    /// Who signed without being covered: a parent, a guardian, an institution.
    #[serde(default)]
    others: Vec<Signatory>,
    /// Items to which the letter consents separately: sensitive ones need it.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    separate: BTreeSet<Item>,
}

impl NewConsent {
    /// Makes the claims.
    pub(super) fn into_claims(self, id: ConsentId, issuer: PartyId) -> ConsentClaims {
        ConsentClaims {
            id,
            issuer,
            holder: self.holder,
            requester: OrgUnit { party: self.requester_party.unwrap_or(issuer), unit: self.unit },
            items: self.items,
            purpose: self.purpose,
            legal_basis: self.legal_basis,
            not_before: self.not_before.0,
            not_after: self.not_after.0,
            uses: self.uses,
            letter_digest: self.letter_sha256.0,
            signers: self.signers.into_iter().map(Signer::from).collect(),
            witness: self.witness,
            language: self.language,
            subjects: self.subjects,
            others: self.others,
            separate: self.separate,
            supplements: Vec::new(),
        }
    }
}

/// That a person withdrew a consent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "form": "in_person" }))]
pub(super) struct Revocation {
    /// How.
    pub form: RevocationForm,
    /// When; now when it is not said.
    #[serde(default)]
    pub effective_at: Option<Iso>,
    /// About whom: positions in the list of subjects, from 0. Everybody the person signed for when it is empty or not said.
    #[serde(default)]
    pub subjects: BTreeSet<u8>,
    /// Who withdraws, as in the list of signers; needed where more than one person signed for those it is about.
    #[serde(default)]
    pub by: Option<SignedBy>,
}
