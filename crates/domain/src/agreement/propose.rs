//! `ProposeAgreement`: the secretariat proposes a version, signed by its own party from the start.

use serde::{Deserialize, Serialize};

use crate::agreement::{ARTICLES_MAX, AgreementFacts, AgreementProposed, AgreementTerms, VersionName};
use crate::command::{Context, Decide};
use crate::event::Event;
use crate::id::AgreementId;
use crate::officer::Role;
use crate::party::rules_of;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Proposes a version to its other parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeAgreement {
    /// The version.
    pub agreement: AgreementId,
    /// Its terms.
    pub terms: AgreementTerms,
}

impl Decide for ProposeAgreement {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = Sides<AgreementFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.agreement)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let terms = &self.terms;
        if !state.is_empty() {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        if !terms.between.contains(&context.me) {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        let known = |parties: usize| parties >= 2 && terms.between.iter().all(|party| rules_of(*party).is_some());
        if !known(terms.between.len()) {
            return Err(Refusal::new(RefusalCode::WrongAddressee));
        }
        if !(1..=ARTICLES_MAX).contains(&terms.articles.len()) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["articles"]));
        }
        if !terms.allowed.keys().all(|party| terms.between.contains(party)) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["allowed"]));
        }
        if terms.figures.version == VersionName::DEFAULTS {
            return Err(Refusal::new(RefusalCode::AlreadyExists).offending(["version"]));
        }
        // What was done before was done under the version before.
        if terms.effective_from < context.now {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["effective_from"]));
        }
        Ok(AgreementProposed { agreement: self.agreement, by: context.me, terms: terms.clone() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::Allowed;
    use crate::agreement::sample::{id, proposed, terms};
    use crate::testing::{given_nothing, party};

    fn propose() -> ProposeAgreement {
        ProposeAgreement { agreement: id(1), terms: terms() }
    }

    #[test]
    fn a_version_is_proposed_once() {
        let scene = given_nothing().when("sec.zhuhai", propose()).then(proposed(1));
        scene.when("sec.zhuhai", propose()).then_refused(RefusalCode::AlreadyExists);
    }

    #[test]
    fn each_single_fault_is_refused() {
        type Change = fn(&mut AgreementTerms);
        let faults: &[(Change, RefusalCode)] = &[
            (|t| t.between = ["macau", "hengqin"].map(party).into(), RefusalCode::NotYours),
            (|t| t.between = ["zhuhai"].map(party).into(), RefusalCode::WrongAddressee),
            (|t| t.between = ["zhuhai", "elsewhere"].map(party).into(), RefusalCode::WrongAddressee),
            (|t| t.articles.clear(), RefusalCode::BadList),
            (|t| t.articles = vec![t.articles[0].clone(); ARTICLES_MAX + 1], RefusalCode::BadList),
            (|t| drop(t.allowed.insert(party("elsewhere"), Allowed::default())), RefusalCode::BadList),
            (|t| t.figures.version = VersionName::DEFAULTS, RefusalCode::AlreadyExists),
            (|t| t.effective_from = crate::testing::NOON.plus_us(-1), RefusalCode::BadDate),
        ];
        for (no, (change, code)) in faults.iter().enumerate() {
            let mut propose = propose();
            change(&mut propose.terms);
            let refusal = given_nothing().when("sec.zhuhai", propose).result.unwrap_err();
            assert_eq!(refusal.code, *code, "fault {no}");
        }
    }

    #[test]
    fn a_liaison_officer_proposes_nothing() {
        given_nothing().when("lo.zhuhai", propose()).then_refused(RefusalCode::RoleNotAllowed);
    }
}
