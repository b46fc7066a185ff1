//! `RecordMandate`: an officer records the letter by which a person lets the party's unit act for them.

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::consent::repeats;
use crate::event::Event;
use crate::mandate::{Mandate, MandateFacts, MandateRecorded, SERVICES_MAX};
use crate::officer::Role;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, Sides, ViewError};

/// Records a mandate from a signed letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordMandate {
    /// What the letter says.
    pub mandate: Mandate,
}

impl Decide for RecordMandate {
    const ROLES: &'static [Role] = &[Role::Caseworker, Role::SocialWorker];
    type State = Sides<MandateFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.mandate.id)
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let mandate = &self.mandate;
        if mandate.attorney.party != context.me {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        if !state.is_empty() {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        if !(1..=SERVICES_MAX).contains(&mandate.services.len()) || repeats(&mandate.services) {
            return Err(Refusal::new(RefusalCode::BadList).offending(["services"]));
        }
        if mandate.to < mandate.from || mandate.to < context.now.local_date() {
            return Err(Refusal::new(RefusalCode::BadTerm));
        }
        if mandate.witness == context.actor.officer {
            return Err(Refusal::new(RefusalCode::SamePerson));
        }
        Ok(MandateRecorded { mandate: mandate.clone() }.into())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::consent::{ConsentFacts, CountersignConsent, OrgUnit};
    use crate::id::{ConsentId, MandateId};
    use crate::testing::{given, given_nothing, party, subject};

    pub(in crate::mandate) fn mandate() -> Mandate {
        Mandate {
            id: MandateId(uuid::Uuid::from_u128(0x3A)),
            principal: subject("440402190001010013"),
            attorney: OrgUnit { party: party("macau"), unit: "ngo.gongbei".parse().unwrap() },
            services: vec!["社會保險申報".parse().unwrap()],
            letter_digest: [9; 32],
            witness: "witness.macau".parse().unwrap(),
            from: "2026-07-01".parse().unwrap(),
            to: "2027-06-30".parse().unwrap(),
        }
    }

    #[test]
    fn a_letter_is_recorded_in_the_own_log_only() {
        let event = MandateRecorded { mandate: mandate() };
        assert!(Event::from(event.clone()).readers().is_empty());
        for who in ["cw.macau", "sw.macau"] {
            given_nothing().when(who, RecordMandate { mandate: mandate() }).then(event.clone());
        }
    }

    #[test]
    fn each_single_mistake_is_refused() {
        type Change = fn(&mut Mandate);
        let mistakes: &[(&str, Change, RefusalCode)] = &[
            ("another's unit", |m| m.attorney.party = party("zhuhai"), RefusalCode::NotYours),
            ("no services", |m| m.services.clear(), RefusalCode::BadList),
            ("a service twice", |m| m.services.push(m.services[0].clone()), RefusalCode::BadList),
            ("backward", |m| m.from = "2027-07-01".parse().unwrap(), RefusalCode::BadTerm),
            (
                "over",
                |m| (m.from, m.to) = ("2026-01-01".parse().unwrap(), "2026-06-30".parse().unwrap()),
                RefusalCode::BadTerm,
            ),
            ("by the witness", |m| m.witness = "cw.macau".parse().unwrap(), RefusalCode::SamePerson),
        ];
        for (name, change, code) in mistakes {
            let mut mandate = mandate();
            change(&mut mandate);
            let refusal = given_nothing().when("cw.macau", RecordMandate { mandate }).result.expect_err(name);
            assert_eq!(refusal.code, *code, "{name}");
        }
        given_nothing()
            .when("lo.macau", RecordMandate { mandate: mandate() })
            .then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn a_mandate_is_no_consent_whatever_its_number() {
        let scene = given([("cw.macau", MandateRecorded { mandate: mandate() })]);
        scene.clone().when("cw2.macau", RecordMandate { mandate: mandate() }).then_refused(RefusalCode::AlreadyExists);
        let consent = ConsentId(mandate().id.0);
        assert!(scene.rows().sides::<ConsentFacts>(&consent).unwrap().is_empty());
        scene.when("rv.macau", CountersignConsent { consent }).then_refused(RefusalCode::NotFound);
    }
}
