//! Events of keys. All parties read them, and so does whoever has the log: their bodies are sealed under a published key.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Readers};
use crate::id::PartyId;
use crate::keys::{KeyWord, SignedStatement};

macro_rules! key_event {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// What the root says.
            pub signed: SignedStatement,
            /// The other parties.
            pub others: BTreeSet<PartyId>,
        }

        impl Readers for $name {
            fn readers(&self) -> BTreeSet<PartyId> {
                self.others.clone()
            }
        }
    };
}

key_event! {
    /// A key was added; the entry is signed with it. A key that it replaces ends here.
    KeyAdded
}
key_event! {
    /// A key was retired: it ends here.
    KeyRetired
}
key_event! {
    /// A key was found to be in other hands: it ends at the cut.
    KeyCompromised
}

impl From<(SignedStatement, BTreeSet<PartyId>)> for Event {
    fn from((signed, others): (SignedStatement, BTreeSet<PartyId>)) -> Self {
        match signed.statement.word {
            KeyWord::Certified(_) => KeyAdded { signed, others }.into(),
            KeyWord::Retired { .. } => KeyRetired { signed, others }.into(),
            KeyWord::Compromised { .. } => KeyCompromised { signed, others }.into(),
        }
    }
}

/// Returns what a root says in an event; none when it is not an event of keys, or says another thing than its kind.
#[must_use]
pub fn said_of_keys(event: &Event) -> Option<&SignedStatement> {
    let (signed, fits) = if let Event::KeyAdded(e) = event {
        (&e.signed, matches!(e.signed.statement.word, KeyWord::Certified(_)))
    } else if let Event::KeyRetired(e) = event {
        (&e.signed, matches!(e.signed.statement.word, KeyWord::Retired { .. }))
    } else if let Event::KeyCompromised(e) = event {
        (&e.signed, matches!(e.signed.statement.word, KeyWord::Compromised { .. }))
    } else {
        return None;
    };
    fits.then_some(signed)
}
