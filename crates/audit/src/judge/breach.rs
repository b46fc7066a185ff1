//! What can be wrong with an entry although it is properly signed.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::PartyId;
use tongcha_domain::lookup::CLOCK_SKEW_MAX_US;
use tongcha_domain::purpose::Language;
use tongcha_domain::refusal::Refusal;
use tongcha_domain::time::{Instant, SECOND_US};

/// A rule that an entry breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// The state its writer had seen does not let it happen.
    #[error("{0}: {title}", title = .0.code.title(Language::En))]
    Refused(Refusal),
    /// The state its writer had seen makes something else happen.
    #[error("{}", otherwise(*.0))]
    Otherwise(Option<EventKind>),
    /// A lookup was denied for a reason that there was not.
    #[error("the reason of the denial is not one that this party had seen")]
    Unfounded,
    /// Who acts was never enrolled or appointed in this log, or acts as the service without being it.
    #[error("this log never named who acts here as {0}")]
    Unknown(&'static str),
    /// One command made two entries.
    #[error("the command that made this entry has made another before")]
    Repeated,
    /// Header and body tell different kinds.
    #[error("the header says {0}, the body {1}")]
    Kind(&'static str, &'static str),
    /// The header names other readers than the event has.
    #[error("the header is addressed to {}, the event is for {}", list(.header), list(.event))]
    Audience {
        /// Of the header.
        header: BTreeSet<PartyId>,
        /// Of the event, with its origin.
        event: BTreeSet<PartyId>,
    },
    /// It has seen less than an entry before it.
    #[error("it says that {now} entries of {party} were seen, an entry before it says {before}")]
    SeenLess {
        /// Whose entries.
        party: PartyId,
        /// Seen before.
        before: u64,
        /// Seen now.
        now: u64,
    },
    /// It has seen more than there is.
    #[error("it says that {seen} entries of {party} were seen, and there are {held}")]
    SeenBeyond {
        /// Whose entries.
        party: PartyId,
        /// Seen.
        seen: u64,
        /// There are.
        held: u64,
    },
    /// It has seen an entry that was made after it.
    #[error(
        "it says that entry {entry} of {party} was seen, whose writer had seen {theirs} entries of this log: a later one"
    )]
    SeenLater {
        /// Whose entry.
        party: PartyId,
        /// The entry.
        entry: u64,
        /// How many entries of the log under judgement that entry has seen.
        theirs: u64,
    },
    /// It is dated before something it has seen.
    #[error(
        "it is dated {} s before an entry of {party} that it has seen; {} s are allowed", .behind_us / SECOND_US, CLOCK_SKEW_MAX_US / SECOND_US
    )]
    Clock {
        /// Whose entry.
        party: PartyId,
        /// By how much, in microseconds.
        behind_us: i64,
    },
}

fn otherwise(kind: Option<EventKind>) -> String {
    match kind {
        Some(kind) => format!("what had to happen is {}", kind.code()),
        None => "it had to say something else".to_owned(),
    }
}

fn list(parties: &BTreeSet<PartyId>) -> String {
    parties.iter().map(PartyId::as_str).collect::<Vec<_>>().join(" and ")
}

impl Breach {
    /// Returns a short name that stays the same from version to version; of what had to be refused the refusal's code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code.as_str(),
            Self::Otherwise(_) => "OTHERWISE",
            Self::Unfounded => "DENIAL_UNFOUNDED",
            Self::Unknown(_) => "ACTOR_UNKNOWN",
            Self::Repeated => "COMMAND_REPEATED",
            Self::Kind(..) => "KIND",
            Self::Audience { .. } => "AUDIENCE",
            Self::SeenLess { .. } => "SEEN_LESS",
            Self::SeenBeyond { .. } => "SEEN_BEYOND",
            Self::SeenLater { .. } => "SEEN_LATER",
            Self::Clock { .. } => "CLOCK",
        }
    }

    /// Returns the rule that is broken, in words.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code.rule(),
            Self::Otherwise(_) => "an event says what follows from the command and the state it was decided on",
            Self::Unfounded => "a refusal names the rule it rests on",
            Self::Unknown(_) => "an officer is enrolled in the log before the first command",
            Self::Repeated => "a command that is repeated gets its first result",
            Self::Kind(..) | Self::Audience { .. } => "a header says of its body what the body says",
            Self::SeenLess { .. } => "what was seen once stays seen",
            Self::SeenBeyond { .. } | Self::SeenLater { .. } => "only what there is can be seen",
            Self::Clock { .. } => "an entry is not dated before what it has seen, beyond what clocks may differ",
        }
    }
}

impl Serialize for Breach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("Breach", 3)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("breach", &self.to_string())?;
        fields.serialize_field("rule", self.rule())?;
        fields.end()
    }
}

/// Tells how far an instant lies before another beyond the skew allowed; none when it does not.
pub(super) fn behind(mine: Instant, theirs: Instant) -> Option<i64> {
    let behind_us = theirs.0.saturating_sub(mine.0);
    (behind_us > CLOCK_SKEW_MAX_US).then_some(behind_us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_differ_by_the_skew_and_no_more() {
        let at = Instant(1_782_878_400_000_000);
        assert_eq!(behind(at, at), None);
        assert_eq!(behind(at.plus_us(1), at), None);
        assert_eq!(behind(at, at.plus_us(CLOCK_SKEW_MAX_US)), None);
        assert_eq!(behind(at, at.plus_us(CLOCK_SKEW_MAX_US + 1)), Some(CLOCK_SKEW_MAX_US + 1));
    }
}
