//! Names of streams and subjects.
//!
//! ```text
//! stream  TONGCHA_<ORIGIN>_TO_<RECIPIENT>                       at the origin's broker
//! subject tongcha.v1.<origin>.to.<recipient>.g<generation>      one message an entry
//! subject tongcha.v1.<holder>.ask.<asker>.<topic>               requests, at the holder's broker
//! ```

use tongcha_domain::id::PartyId;

/// Begins the name of every stream of the exchange.
pub const STREAM_PREFIX: &str = "TONGCHA_";

/// What a peer can ask of a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// How long is your log, and what is its entry before mine?
    Tip,
    /// Send me entries from here on.
    Repair,
    /// A lookup.
    Lookup,
    /// Cosign this checkpoint of my log.
    Witness,
    /// A message of a matching run.
    Match,
    /// What do you hold of my log? Give it back from here on.
    Return,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 6] = [Self::Tip, Self::Repair, Self::Lookup, Self::Witness, Self::Match, Self::Return];

    fn as_str(self) -> &'static str {
        match self {
            Self::Tip => "tip",
            Self::Repair => "repair",
            Self::Lookup => "lookup",
            Self::Witness => "witness",
            Self::Match => "match",
            Self::Return => "return",
        }
    }
}

/// Makes and reads names.
pub struct Names;

impl Names {
    /// The stream for a recipient.
    #[must_use]
    pub fn stream(origin: PartyId, to: PartyId) -> String {
        format!("{STREAM_PREFIX}{origin}_TO_{to}").to_ascii_uppercase()
    }

    /// All subjects of the stream.
    #[must_use]
    pub fn entries(origin: PartyId, to: PartyId) -> String {
        format!("tongcha.v1.{origin}.to.{to}.*")
    }

    /// The subject of one generation.
    #[must_use]
    pub fn entry(origin: PartyId, to: PartyId, generation: u64) -> String {
        format!("tongcha.v1.{origin}.to.{to}.g{generation}")
    }

    /// The subject of a request.
    #[must_use]
    pub fn ask(holder: PartyId, asker: PartyId, topic: Topic) -> String {
        format!("tongcha.v1.{holder}.ask.{asker}.{}", topic.as_str())
    }

    /// All requests to a party.
    #[must_use]
    pub fn asks(holder: PartyId) -> String {
        format!("tongcha.v1.{holder}.ask.*.*")
    }

    /// All requests of one asker.
    #[must_use]
    pub fn asks_of(holder: PartyId, asker: PartyId) -> String {
        format!("tongcha.v1.{holder}.ask.{asker}.*")
    }

    /// Reads the subject of a request: who asks what.
    #[must_use]
    pub fn read_ask(holder: PartyId, subject: &str) -> Option<(PartyId, Topic)> {
        let rest = subject.strip_prefix(&format!("tongcha.v1.{holder}.ask."))?;
        let (asker, topic) = rest.split_once('.')?;
        Some((asker.parse().ok()?, Topic::ALL.into_iter().find(|known| known.as_str() == topic)?))
    }

    /// Prefix of a party's reply inboxes, so that its broker user can be held to them.
    #[must_use]
    pub fn inbox(party: PartyId) -> String {
        format!("_INBOX_{party}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_exactly() {
        let (macau, zhuhai): (PartyId, PartyId) = ("macau".parse().unwrap(), "zhuhai".parse().unwrap());
        for topic in Topic::ALL {
            assert_eq!(Names::read_ask(macau, &Names::ask(macau, zhuhai, topic)), Some((zhuhai, topic)));
        }
        for other in
            ["tongcha.v1.zhuhai.ask.macau.tip", "tongcha.v1.macau.ask.zhuhai", "tongcha.v1.macau.ask.zhuhai.tip.x", "x"]
        {
            assert_eq!(Names::read_ask(macau, other), None, "{other}");
        }
        assert_eq!(Names::stream(macau, zhuhai), "TONGCHA_MACAU_TO_ZHUHAI");
    }
}
