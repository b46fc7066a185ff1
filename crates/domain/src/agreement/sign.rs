//! `SignAgreement`: the secretariat of another party signs a version that was proposed.

use serde::{Deserialize, Serialize};

use crate::agreement::{AgreementFacts, AgreementSigned};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::AgreementId;
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Signs a version; the signature is the entry's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignAgreement {
    /// The version.
    pub agreement: AgreementId,
    /// SHA-256 of the paper the secretariat read and signed.
    pub text_digest: [u8; 32],
}

impl Decide for SignAgreement {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = Sides<AgreementFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.agreement)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let (_, terms) = state.proposal().ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        if !terms.between.contains(&context.me) {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        if state.of(context.me).is_some_and(|facts| facts.proposed.is_some() || facts.signed.is_some()) {
            return Err(Refusal::new(RefusalCode::WrongState));
        }
        if self.text_digest != terms.text_digest {
            return Err(Refusal::new(RefusalCode::BadSignature).offending(["text_digest"]));
        }
        let others = terms.between.iter().copied().filter(|party| *party != context.me).collect();
        Ok(AgreementSigned { agreement: self.agreement, text_digest: self.text_digest, others }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::AgreementProposed;
    use crate::agreement::sample::{id, proposed, signed};
    use crate::testing::{Scene, given_nothing, party};

    fn sign() -> SignAgreement {
        SignAgreement { agreement: id(1), text_digest: [5; 32] }
    }

    fn proposal() -> Scene {
        given_nothing().and("sec.zhuhai", proposed(1))
    }

    #[test]
    fn another_party_signs_once() {
        let scene = proposal().when("sec.macau", sign()).then(signed(1));
        scene.when("sec.macau", sign()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn the_proposer_has_signed_already() {
        proposal().when("sec.zhuhai", sign()).then_refused(RefusalCode::WrongState);
    }

    #[test]
    fn only_the_paper_that_was_proposed_is_signed() {
        let other = SignAgreement { text_digest: [6; 32], ..sign() };
        proposal().when("sec.macau", other).then_refused(RefusalCode::BadSignature);
    }

    #[test]
    fn only_a_proposal_to_the_own_party_is_signed() {
        given_nothing().when("sec.macau", sign()).then_refused(RefusalCode::NotFound);
        let mut without = proposed(1);
        without.terms.between.remove(&party("macau"));
        let scene = given_nothing().and("sec.zhuhai", AgreementProposed { ..without });
        scene.when("sec.macau", sign()).then_refused(RefusalCode::NotYours);
    }

    #[test]
    fn a_liaison_officer_signs_nothing() {
        proposal().when("lo.macau", sign()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
