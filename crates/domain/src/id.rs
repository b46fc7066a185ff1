//! Identifiers. Each kind is its own type, so that a batch can't be named where a consent is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text is not an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty, or longer than the kind allows.
    #[error("must have 1 to {max} characters, has {len}")]
    Length {
        /// Characters found.
        len: usize,
        /// The most that are allowed.
        max: usize,
    },
    /// A character outside the alphabet.
    #[error("may hold only lower-case letters, digits, '.' and '-'")]
    Character,
}

/// Longest party name, in bytes: names appear in NATS subjects, stream names and file names.
pub const PARTY_NAME_MAX: usize = 16;

/// Longest officer or unit name, in bytes; the longest in use (`zh.xiangzhou.reception`) has 22.
pub const NAME_MAX: usize = 48;

/// A party to the exchange, such as `zhuhai`: 1 to 16 lower-case letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartyId {
    bytes: [u8; PARTY_NAME_MAX], // padded with zeros, so that the derived order is the order of the names
}

impl PartyId {
    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let len = self.bytes.iter().position(|&b| b == 0).unwrap_or(PARTY_NAME_MAX);
        self.bytes.get(..len).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
    }
}

impl FromStr for PartyId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.is_empty() || text.len() > PARTY_NAME_MAX {
            return Err(IdError::Length { len: text.len(), max: PARTY_NAME_MAX });
        }
        if !text.bytes().all(|b| b.is_ascii_lowercase()) {
            return Err(IdError::Character);
        }
        let mut bytes = [0; PARTY_NAME_MAX];
        bytes.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Ok(Self { bytes })
    }
}

impl TryFrom<String> for PartyId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<PartyId> for String {
    fn from(id: PartyId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! name_id {
    ($(#[$doc:meta])* $name:ident, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = $example, pattern = "^[a-z0-9.-]{1,48}$"))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Returns the name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if text.is_empty() || text.len() > NAME_MAX {
                    return Err(IdError::Length { len: text.len(), max: NAME_MAX });
                }
                let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
                if !text.bytes().all(plain) {
                    return Err(IdError::Character);
                }
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name_id!(
    /// An officer's name within a party, such as `zh.cw.test`. Not a person's name: it may appear in logs.
    OfficerId,
    "zh.cw.test"
);
name_id!(
    /// An org unit of a party: a district, a bureau, an NGO service point, such as `xiangzhou`.
    UnitId,
    "xiangzhou"
);

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "schema", schema(value_type = String, format = "uuid"))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    };
}

// One alphabetical list: a new kind goes in its place.
uuid_id!(
    /// A version of the agreement between the parties.
    AgreementId
);
uuid_id!(
    /// A routine notice batch (定期通报).
    BatchId
);
uuid_id!(
    /// A day declared closed after the calendar was published.
    ClosureId
);
uuid_id!(
    /// A case conference (重点个案研判).
    ConferenceId
);
uuid_id!(
    /// A recorded consent (授权书) and the token made from it.
    ConsentId
);
uuid_id!(
    /// One import of a party's household register.
    ImportId
);
uuid_id!(
    /// A live, consent-gated question to a holder.
    LookupId
);
uuid_id!(
    /// A mandate: a person lets a unit act for them. Never a consent.
    MandateId
);
uuid_id!(
    /// An erasure.
    ErasureId
);
uuid_id!(
    /// A double-benefit matching run between two parties.
    MatchRunId
);
uuid_id!(
    /// A joint meeting (联席会议).
    MeetingId
);
uuid_id!(
    /// A verification request (协查).
    RequestId
);
uuid_id!(
    /// A resolution of a joint meeting.
    ResolutionId
);
uuid_id!(
    /// A topic of a meeting, or of the liaison officers (专题讨论).
    TopicId
);
uuid_id!(
    /// An urgent notice (紧急通报).
    UrgentId
);

/// Position of an entry in its batch, of a question in its request, or of a candidate in its run, from 1.
pub type LineNo = u16;

/// A candidate overlap of a matching run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CandidateId {
    /// The run.
    pub run: MatchRunId,
    /// Position among the run's candidates of one side, from 1.
    pub no: LineNo,
}

/// Names a command for ever: a digest of the caller and the caller's `Idempotency-Key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CommandKey(pub [u8; 32]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn party_names_are_short_lower_case_words() {
        assert_eq!("macau".parse::<PartyId>().unwrap().as_str(), "macau");
        assert_eq!("".parse::<PartyId>(), Err(IdError::Length { len: 0, max: 16 }));
        assert_eq!("abcdefghijklmnopq".parse::<PartyId>(), Err(IdError::Length { len: 17, max: 16 }));
        assert_eq!("Macau".parse::<PartyId>(), Err(IdError::Character));
        assert_eq!("ma.au".parse::<PartyId>(), Err(IdError::Character));
    }

    #[test]
    fn party_order_is_the_order_of_the_names() {
        let mut ids: Vec<PartyId> = ["zhuhai", "macau", "mac", "hengqin"].map(|p| p.parse().unwrap()).into();
        ids.sort();
        assert_eq!(ids.iter().map(PartyId::as_str).collect::<Vec<_>>(), ["hengqin", "mac", "macau", "zhuhai"]);
    }

    #[test]
    fn officer_names_refuse_path_and_subject_characters() {
        for bad in ["zh/cw", "zh cw", "zh*", "zh>", "", "Zh.cw"] {
            assert!(bad.parse::<OfficerId>().is_err(), "{bad}");
        }
    }
}
