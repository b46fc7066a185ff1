//! What the issuer's service records of a consent when its time comes: that the term is over, and that a person it covers
//! has reached an age at which the letter has to be looked at again.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::age::{born, reaches};
use crate::consent::{ConsentExpired, ConsentFacts, ConsentReviewDue};
use crate::event::Event;
use crate::id::ConsentId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Ages at which a minor's consent is looked at again (`domain.md` §7, S7): 5, a Macau BIR is obligatory; 14, no longer
/// a child of PIPL art. 31; 16; 18, the guardian's signature lapses.
pub const REVIEW_AGES: [u8; 4] = [5, 14, 16, 18];

/// Records that the term of a consent is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpireConsent {
    /// The consent.
    pub consent: ConsentId,
}

/// Records that a minor has reached an age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaiseConsentReview {
    /// The consent.
    pub consent: ConsentId,
    /// The person: position in the list of subjects, from 0.
    pub subject: u8,
    /// The age, one of [`REVIEW_AGES`].
    pub age: u8,
}

/// The granted side of this party's own consent, while nothing has ended it.
pub(super) fn in_force(facts: &ConsentFacts) -> bool {
    facts.granted.is_some() && facts.revoked.is_none() && facts.closed.is_none() && facts.expired.is_none()
}

impl Decide for ExpireConsent {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<ConsentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.consent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let granted = state.of(context.me).filter(|facts| in_force(facts)).and_then(|facts| facts.granted.as_ref());
        match granted {
            Some((granted, _)) if granted.claims.not_after <= context.now => {
                let mut others = granted.claims.parties();
                others.remove(&context.me);
                Ok(ConsentExpired { consent: self.consent, others }.into())
            }
            Some(_) | None => Err(Refusal::new(RefusalCode::WrongState)),
        }
    }
}

impl Decide for RaiseConsentReview {
    const ROLES: &'static [Role] = &[Role::Node];
    type State = Sides<ConsentFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.consent)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let wrong = || Refusal::new(RefusalCode::WrongState);
        let facts = state.of(context.me).filter(|facts| in_force(facts)).ok_or_else(wrong)?;
        let (granted, _) = facts.granted.as_ref().ok_or_else(wrong)?;
        let subject = granted.claims.subjects.get(usize::from(self.subject)).ok_or_else(wrong)?;
        let at = born(subject).and_then(|born| reaches(born, self.age.into())).ok_or_else(wrong)?;
        let known = facts.reviews.contains_key(&(self.subject, self.age)) || !REVIEW_AGES.contains(&self.age);
        if known || at > context.now {
            return Err(wrong());
        }
        Ok(ConsentReviewDue { consent: self.consent, subject: self.subject, age: self.age }.into())
    }
}
