//! `CompleteConsent`: a later letter adds the signatures that a recorded one lacks. Not in force yet.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::signatures::check_signatures;
use crate::consent::{
    ConsentClaims, ConsentCompleted, ConsentFacts, SIGNERS_MAX, SUPPLEMENTS_MAX, Signatory, SignedBy, Signer,
};
use crate::event::Event;
use crate::id::{ConsentId, OfficerId};
use crate::item::Item;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Adds what a later letter says to a recorded consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteConsent {
    /// The consent.
    pub consent: ConsentId,
    /// The signatures on the later letter; `Other` counts in the list of this command.
    pub signers: Vec<Signer>,
    /// Who signed it without being covered.
    pub others: Vec<Signatory>,
    /// Items to which it consents separately.
    pub separate: BTreeSet<Item>,
    /// SHA-256 of the later letter.
    pub letter_digest: [u8; 32],
    /// The officer who witnessed the signatures; not who records them.
    pub witness: OfficerId,
}

impl CompleteConsent {
    /// What both letters say together.
    fn completed(&self, claims: &ConsentClaims) -> Result<ConsentClaims, Refusal> {
        let bad = |part: &str| Refusal::new(RefusalCode::BadList).offending([part]);
        let before = u8::try_from(claims.others.len()).map_err(|_| bad("others"))?;
        let mut claims = claims.clone();
        for signer in &self.signers {
            let by = match signer.by {
                SignedBy::Subject(position) => SignedBy::Subject(position),
                SignedBy::Other(position) => {
                    SignedBy::Other(before.checked_add(position).ok_or_else(|| bad("signers"))?)
                }
            };
            claims.signers.push(Signer { by, ..signer.clone() });
        }
        claims.others.extend(self.others.iter().cloned());
        claims.separate.extend(&self.separate);
        claims.supplements.push(self.letter_digest);
        if claims.supplements.len() > SUPPLEMENTS_MAX {
            return Err(bad("supplements"));
        }
        if claims.others.len() > SIGNERS_MAX {
            return Err(bad("others"));
        }
        if claims.separate.iter().any(|item| !claims.items.contains_key(item)) {
            return Err(bad("separate"));
        }
        Ok(claims)
    }
}

impl Decide for CompleteConsent {
    const ROLES: &'static [Role] = &[Role::Caseworker];
    type State = Sides<ConsentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.consent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let Some((facts, letter)) = state.of(context.me).and_then(|facts| Some((facts, facts.letter()?))) else {
            return Err(Refusal::new(RefusalCode::NotFound));
        };
        if facts.granted.is_some() || facts.closed.is_some() || facts.discarded.is_some() {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if let Some(at) = facts.revoked_first() {
            return Err(Refusal::new(RefusalCode::ConsentRevoked).effective_at(at));
        }
        if self.signers.is_empty() && self.separate.is_empty() {
            return Err(Refusal::new(RefusalCode::BadList).offending(["signers"]));
        }
        let claims = self.completed(letter)?;
        check_signatures(&claims, context.now)?;
        if self.witness == context.actor.officer {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        Ok(ConsentCompleted { claims }.into())
    }
}
