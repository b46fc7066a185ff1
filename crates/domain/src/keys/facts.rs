//! What a party's log says of the party's keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::keys::KeyStatement;
use crate::view::{Facts, Said, Table};

/// The root's statements that stand in a log, by serial.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    /// Each with its entry.
    pub said: BTreeMap<u32, (KeyStatement, Said)>,
}

impl Facts for KeyFacts {
    type Id = ();
    const TABLE: Table = Table::Key;
}

impl KeyFacts {
    pub(crate) fn said(&mut self, statement: &KeyStatement, said: Said) {
        self.said.entry(statement.serial).or_insert((statement.clone(), said)); // the first stands
    }
}
