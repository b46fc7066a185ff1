//! What differs between the parties is data: one rule set per party, each field with its source.

mod hengqin;
mod macau;
mod zhuhai;

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
    /// Languages of its letters.
    pub languages: &'static [Language],
    /// Items it may disclose, and how finely at most.
    pub disclosable: &'static [(Item, Granularity)],
}

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
