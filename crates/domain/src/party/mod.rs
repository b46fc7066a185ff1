//! What differs between the parties is data: one rule set per party, each field with its source.

mod hengqin;
mod macau;
mod zhuhai;

use std::collections::BTreeSet;

use crate::calendar::CalendarId;
use crate::erasure::RetentionRules;
use crate::id::PartyId;
use crate::identity::DocumentKind;
use crate::item::{Granularity, Item};
use crate::money::Currency;
use crate::purpose::Language;

/// A party's rules. All services and the auditor carry all rule sets, because an event is judged by its issuer's.
#[derive(Debug)]
pub struct Rules {
    /// The party's name.
    pub party: &'static str,
    /// Its name as people write it: zh-Hans, zh-Hant, pt, en.
    pub titles: [&'static str; 4],
    /// Documents it accepts.
    pub documents: &'static [DocumentKind],
    /// The currency of its amounts.
    pub currency: Currency,
    /// The calendar of its working days.
    pub calendar: CalendarId,
    /// Languages of its letters.
    pub languages: &'static [Language],
    /// Items it may disclose, and how finely at most.
    pub disclosable: &'static [(Item, Granularity)],
    /// What a letter of consent needs.
    pub consent: ConsentRules,
    /// How long it keeps what, at least.
    pub retention: RetentionRules,
}

/// What a letter of consent needs, by one party's law. Where the issuer's and the holder's rules differ, both are kept.
#[derive(Clone, Copy, Debug)]
pub struct ConsentRules {
    /// The age in full years from which a person signs alone.
    pub majority: i16,
    /// The age from which a minor's own agreement is recorded besides the guardian's; none when it is not asked for.
    pub own_agreement_from: Option<i16>,
    /// Whether a person whose birth date is known neither from the document nor from a letter counts as a minor.
    pub unknown_age_is_minor: bool,
    /// Below this age everything about a person is sensitive; none when age alone makes nothing sensitive.
    pub child_below: Option<i16>,
    /// Items that are sensitive of everybody: each needs a separate consent.
    pub sensitive: &'static [Item],
    /// Items for which both parents sign for a person below [`BOTH_PARENTS_BELOW`].
    pub both_parents: &'static [Item],
}

/// Below this age both parents sign for the items that ask for it (`domain.md` §7 S7: a health item of a child under 14).
pub const BOTH_PARENTS_BELOW: i16 = 14;

impl Rules {
    /// Returns how finely an item may be disclosed at most; none when not at all.
    #[must_use]
    pub fn disclosable(&self, item: Item) -> Option<Granularity> {
        self.disclosable.iter().find(|(allowed, _)| *allowed == item).map(|(_, granularity)| *granularity)
    }
}

/// Every rule set there is.
pub const ALL: &[&Rules] = &[&hengqin::RULES, &macau::RULES, &zhuhai::RULES];

/// Returns a party's rules; none when it is no party to the exchange.
#[must_use]
pub fn rules_of(party: PartyId) -> Option<&'static Rules> {
    ALL.iter().find(|rules| rules.party == party.as_str()).copied()
}

/// Returns every party but one.
#[must_use]
pub fn others(me: PartyId) -> BTreeSet<PartyId> {
    ALL.iter().filter_map(|rules| rules.party.parse().ok()).filter(|party| *party != me).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_set_is_found_by_its_party() {
        let parties: BTreeSet<PartyId> = ALL.iter().map(|rules| rules.party.parse().unwrap()).collect();
        assert_eq!(parties.len(), ALL.len());
        for party in parties {
            assert_eq!(rules_of(party).unwrap().party, party.as_str());
        }
        assert!(rules_of("elsewhere".parse().unwrap()).is_none());
    }

    #[test]
    fn every_rule_set_is_complete() {
        for rules in ALL {
            assert!(rules.titles.iter().all(|title| !title.trim().is_empty()), "{}", rules.party);
            assert!(!rules.documents.is_empty(), "{}", rules.party);
            assert!(!rules.languages.is_empty(), "{}", rules.party);
            assert!(!rules.disclosable.is_empty(), "{}", rules.party);
            assert_eq!(rules.consent.majority, 18, "{}", rules.party);
        }
    }

    #[test]
    fn parties_are_told_apart_by_every_title() {
        for place in 0..4 {
            let titles: BTreeSet<&str> = ALL.iter().map(|rules| rules.titles[place]).collect();
            assert_eq!(titles.len(), ALL.len());
        }
    }

    #[test]
    fn lists_name_nothing_twice() {
        fn distinct<T: Eq + std::hash::Hash>(list: impl ExactSizeIterator<Item = T>) -> bool {
            let len = list.len();
            list.collect::<std::collections::HashSet<T>>().len() == len
        }
        for rules in ALL {
            assert!(distinct(rules.disclosable.iter().map(|(item, _)| *item)), "{}", rules.party);
            assert!(distinct(rules.documents.iter()), "{}", rules.party);
            assert!(distinct(rules.languages.iter()), "{}", rules.party);
        }
    }

    #[test]
    fn only_deposits_may_be_exact_and_what_is_not_listed_may_not_be_told() {
        for rules in ALL {
            for (item, granularity) in rules.disclosable {
                assert_eq!(*granularity == Granularity::Exact, *item == Item::AssetDeposit, "{}", rules.party);
                assert_eq!(rules.disclosable(*item), Some(*granularity));
            }
        }
        let macau = rules_of("macau".parse().unwrap()).unwrap();
        assert_eq!(macau.disclosable(Item::SupporterCapacity), None);
    }
}
