//! `PublishStandard`: the secretariat publishes a version of its party's standard (`domain.md` row 002-07).

use serde::{Deserialize, Serialize};

use crate::command::{Context, Decide};
use crate::event::Event;
use crate::officer::Role;
use crate::party::ALL;
use crate::refusal::{Refusal, RefusalCode};
use crate::standard::{
    FIGURE_MULTIPLES_MAX, HOUSEHOLD_SIZE_MAX, PolicyStandard, PolicyStandardPublished, StandardFacts,
};
use crate::view::{Rows, Sides, ViewError};

/// Publishes a version. It can't be changed; another figure is another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishStandard {
    /// The version.
    pub standard: PolicyStandard,
}

impl Decide for PublishStandard {
    const ROLES: &'static [Role] = &[Role::Secretariat];
    type State = Sides<StandardFacts>;

    fn load(&self, rows: &Rows<'_>) -> Result<Self::State, ViewError> {
        rows.sides(&self.standard.key())
    }

    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Event, Refusal> {
        let PolicyStandard { currency, amounts, multiples, from, to, .. } = &self.standard;
        if state.published_by(context.me).is_some() {
            return Err(Refusal::new(RefusalCode::AlreadyExists));
        }
        let bad = |part: &str| Err(Refusal::new(RefusalCode::BadList).offending([part]));
        let sizes = amounts.keys().all(|size| (1..=HOUSEHOLD_SIZE_MAX).contains(size));
        if amounts.is_empty() || !sizes || amounts.values().any(|minor| *minor <= 0) {
            return bad("amounts");
        }
        if multiples.len() > FIGURE_MULTIPLES_MAX || multiples.contains(&0) {
            return bad("multiples");
        }
        if *currency != context.rules.currency {
            return bad("currency");
        }
        if to.is_some_and(|to| to < *from) {
            return Err(Refusal::new(RefusalCode::BadDate).offending(["to"]));
        }
        let others = ALL.iter().filter_map(|rules| rules.party.parse().ok()).filter(|party| *party != context.me);
        Ok(PolicyStandardPublished { standard: self.standard.clone(), others: others.collect() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Money};
    use crate::testing::{given_nothing, party, standard};

    fn publish(change: fn(&mut PolicyStandard)) -> PublishStandard {
        let mut standard = standard();
        change(&mut standard);
        PublishStandard { standard }
    }

    #[test]
    fn a_version_is_published_to_all_parties_once() {
        let published =
            PolicyStandardPublished { standard: standard(), others: [party("hengqin"), party("macau")].into() };
        let scene = given_nothing().when("sec.zhuhai", publish(|_| ())).then(published.clone());
        scene.clone().when("sec.zhuhai", publish(|s| s.to = None)).then_refused(RefusalCode::AlreadyExists);
        let sides: Sides<StandardFacts> = scene.rows().sides(&standard().key()).unwrap();
        assert_eq!(sides.published_by(party("zhuhai")), Some(&standard()));
        assert_eq!(sides.published_by(party("macau")), None);
        assert_eq!(Event::from(published).readers().len(), 2);
    }

    #[test]
    fn each_single_fault_is_refused() {
        type Change = fn(&mut PolicyStandard);
        let faults: &[(&str, Change, RefusalCode)] = &[
            ("amounts", |s| s.amounts.clear(), RefusalCode::BadList),
            ("amounts", |s| s.amounts = [(0, 1)].into(), RefusalCode::BadList),
            ("amounts", |s| s.amounts = [(HOUSEHOLD_SIZE_MAX + 1, 1)].into(), RefusalCode::BadList),
            ("amounts", |s| s.amounts = [(1, 0)].into(), RefusalCode::BadList),
            ("multiples", |s| s.multiples = [0].into(), RefusalCode::BadList),
            ("multiples", |s| s.multiples = (1..=13).collect(), RefusalCode::BadList),
            ("currency", |s| s.currency = Currency::Mop, RefusalCode::BadList),
            ("to", |s| s.to = s.from.yesterday().ok(), RefusalCode::BadDate),
        ];
        for (part, change, code) in faults {
            let refusal = given_nothing().when("sec.zhuhai", publish(*change)).then_refused(*code);
            assert_eq!(refusal.offending, [*part]);
        }
        given_nothing().when("lo.zhuhai", publish(|_| ())).then_refused(RefusalCode::RoleNotAllowed);
    }

    #[test]
    fn it_gives_its_figures_and_their_listed_multiples_only() {
        let gives = |minor, currency| standard().gives(Money { minor, currency });
        for (minor, given) in [(100_000, true), (180_000, true), (2_400_000, true), (100_001, false), (200_000, false)]
        {
            assert_eq!(gives(minor, Currency::Cny), given, "{minor}");
        }
        assert!(!gives(100_000, Currency::Mop));
        let mut large = standard();
        large.amounts.insert(3, i64::MAX);
        assert!(!large.gives(Money { minor: i64::MAX - 1, currency: Currency::Cny }));
    }

    #[test]
    fn it_is_in_force_from_its_first_day_to_its_last() {
        let standard = standard();
        let (before, last) = (standard.from.yesterday().unwrap(), standard.to.unwrap());
        let days = [before, standard.from, last, last.tomorrow().unwrap()];
        assert_eq!(days.map(|day| standard.is_in_force(day)), [false, true, true, false]);
        let open = PolicyStandard { to: None, ..standard };
        assert!(open.is_in_force(last.tomorrow().unwrap()));
    }
}
