//! `AskLookup`: an officer asks a holder. Checked here first, so that a question that can't be answered never leaves.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::{ConsentFacts, OrgUnit, check_scope, check_standing};
use crate::event::Event;
use crate::id::{LookupId, PartyId};
use crate::identity::Document;
use crate::item::Question;
use crate::lookup::judge::check_questions;
use crate::lookup::{LookupAsked, LookupFacts, TokenStanding};
use crate::officer::Role;
use crate::party::rules_of;
use crate::purpose::Purpose;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Asks a lookup for the officer's own unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskLookup {
    /// The lookup.
    pub lookup: LookupId,
    /// The party asked.
    pub holder: PartyId,
    /// The consent token.
    pub token: TokenStanding,
    /// Whom it is about.
    pub subject: Document,
    /// What is asked; at most [`crate::lookup::LOOKUP_QUESTIONS_MAX`].
    pub questions: Vec<Question>,
    /// What for.
    pub purpose: Purpose,
}

impl Decide for AskLookup {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::Reviewer, Role::Liaison, Role::District];
    /// What the parties said about the token's consent, and about the lookup.
    type State = (Sides<ConsentFacts>, Sides<LookupFacts>);

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        let consent = match self.token.claims() {
            Ok(claims) => rows.sides(&claims.id)?,
            Err(_) => Sides::default(),
        };
        Ok((consent, rows.sides(&self.lookup)?))
    }

    fn decide(&self, (consent, lookup): &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        if !lookup.is_empty() {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        if self.holder == context.me || rules_of(self.holder).is_none() {
            return Err(Refusal::new(RefusalCode::WrongAddressee));
        }
        let claims = self.token.claims()?;
        check_questions(&self.questions)?;
        check_standing(claims, consent, &self.subject, context.now)?;
        let requester = OrgUnit { party: context.me, unit: context.actor.unit.clone() };
        check_scope(claims, &self.subject, &self.questions, self.purpose, self.holder, &requester)?;
        Ok(LookupAsked {
            lookup: self.lookup,
            holder: self.holder,
            consent: claims.id,
            subject: self.subject.clone(),
            questions: self.questions.clone(),
            purpose: self.purpose,
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentRevoked, RevocationForm, SignedBy};
    use crate::item::{Granularity, Item};
    use crate::testing::{NOON, claims, document, granted, lookup, party, question, stranger};

    fn ask() -> AskLookup {
        AskLookup {
            lookup: lookup(1),
            holder: party("macau"),
            token: TokenStanding::Good(claims()),
            subject: document(),
            questions: vec![question(Item::AssetDeposit)],
            purpose: claims().purpose,
        }
    }

    fn asked() -> LookupAsked {
        LookupAsked {
            lookup: lookup(1),
            holder: party("macau"),
            consent: claims().id,
            subject: document(),
            questions: vec![question(Item::AssetDeposit)],
            purpose: claims().purpose,
        }
    }

    #[test]
    fn a_question_within_the_consent_is_asked() {
        for who in ["cw.zhuhai", "rv.zhuhai", "lo.zhuhai", "do.zhuhai"] {
            granted(claims()).when(who, ask()).then(asked());
        }
    }

    #[test]
    fn each_single_fault_is_refused_before_anything_leaves() {
        type Change = fn(&mut AskLookup);
        let faults: &[(&str, Change, RefusalCode, &[&str])] = &[
            ("asks itself", |a| a.holder = party("zhuhai"), RefusalCode::WrongAddressee, &[]),
            ("asks a stranger", |a| a.holder = party("elsewhere"), RefusalCode::WrongAddressee, &[]),
            ("no token", |a| a.token = TokenStanding::Absent, RefusalCode::NoConsent, &[]),
            ("unreadable", |a| a.token = TokenStanding::Unreadable, RefusalCode::BadToken, &[]),
            ("unknown key", |a| a.token = TokenStanding::UnknownKey, RefusalCode::UnknownKey, &[]),
            ("stolen key", |a| a.token = TokenStanding::KeyCompromised, RefusalCode::KeyCompromised, &[]),
            ("bad signature", |a| a.token = TokenStanding::BadSignature, RefusalCode::BadSignature, &[]),
            ("nothing asked", |a| a.questions.clear(), RefusalCode::BadList, &["questions"]),
            ("asked twice", |a| a.questions.push(a.questions[0].clone()), RefusalCode::BadList, &["questions"]),
            ("wrong recipient", |a| a.holder = party("hengqin"), RefusalCode::WrongHolder, &[]),
            ("purpose", |a| a.purpose = Purpose::DibaoRecheck, RefusalCode::PurposeMismatch, &[]),
            ("subject", |a| a.subject = stranger(), RefusalCode::OverScope, &["subject"]),
            ("item", |a| a.questions.push(question(Item::ExpenseMedical)), RefusalCode::OverScope, &["exp.medical"]),
            (
                "granularity",
                |a| a.questions[0].granularity = Granularity::Exact,
                RefusalCode::OverScope,
                &["granularity:ast.deposit"],
            ),
        ];
        for (name, change, code, offending) in faults {
            let mut ask = ask();
            change(&mut ask);
            let refusal = granted(claims()).when("cw.zhuhai", ask).result.expect_err(name);
            assert_eq!(refusal.code, *code, "{name}");
            assert_eq!(refusal.offending, *offending, "{name}");
        }
    }

    #[test]
    fn an_officer_asks_only_for_the_own_unit() {
        let mut elsewhere = claims();
        elsewhere.requester.unit = "gongbei".parse().unwrap();
        let ask_with = |token| AskLookup { token, ..ask() };
        let refused = |decided: crate::testing::Decided| decided.then_refused(RefusalCode::WrongRequester).offending;
        assert_eq!(refused(granted(claims()).when("cw.zhuhai", ask_with(TokenStanding::Good(elsewhere)))), ["unit"]);
        assert_eq!(refused(granted(claims()).when("cw.hengqin", ask())), ["party"]);
    }

    #[test]
    fn nothing_is_asked_on_a_consent_that_does_not_stand() {
        let (consent, form) = (claims().id, RevocationForm::Letter);
        let revoked = ConsentRevoked {
            consent,
            others: [].into(),
            form,
            effective_at: NOON,
            subjects: [].into(),
            by: SignedBy::Subject(0),
        };
        let scene = granted(claims()).and("cw.macau", revoked);
        scene.when("cw.zhuhai", ask()).then_refused(RefusalCode::ConsentRevoked);
        let at = |now| granted(claims()).at(now).when("cw.zhuhai", ask());
        at(claims().not_after).then_refused(RefusalCode::ConsentExpired);
        at(claims().not_before.plus_us(-1)).then_refused(RefusalCode::NotYetValid);
    }

    #[test]
    fn a_lookup_is_asked_once() {
        let scene = granted(claims()).and("cw.zhuhai", asked());
        scene.when("cw.zhuhai", ask()).then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn a_social_worker_does_not_ask() {
        granted(claims()).when("sw.zhuhai", ask()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
