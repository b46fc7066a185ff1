//! Forms that several answers and requests share.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tongcha_domain::clock::Due;
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{OfficerId, PartyId};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::text::Note;
use tongcha_domain::time::Instant;
use tongcha_domain::view::Said;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::core::Receipt;
use crate::node::{NodeHandle, Witnesses};

/// An instant as text: ISO 8601 with an offset; written in UTC, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Iso(pub Instant);

/// What a text that is no instant is told. Does not repeat the text.
const ISO_FORM: &str = "must be an instant such as 2026-07-01T04:00:00Z";

impl Serialize for Iso {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Iso {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let stamp: jiff::Timestamp = text.parse().map_err(|_| D::Error::custom(ISO_FORM))?;
        Ok(Self(Instant(stamp.as_microsecond())))
    }
}

impl PartialSchema for Iso {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        let text = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
        text.examples(["2026-07-01T04:00:00Z"]).into()
    }
}

impl ToSchema for Iso {
    fn name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }
}

/// 32 bytes as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digest(pub [u8; 32]);

/// What a text that is no digest is told. Does not repeat the text.
const DIGEST_FORM: &str = "must be 64 hexadecimal digits";

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| D::Error::custom(DIGEST_FORM))?;
        Ok(Self(bytes))
    }
}

impl PartialSchema for Digest {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9a-f]{64}$")).into()
    }
}

impl ToSchema for Digest {}

/// What an object that names one key twice is told.
const REPEATED_KEY: &str = "names one key twice";

/// Beginnings of the sentences above, which may be shown to callers.
pub(super) const OWN_SENTENCES: [&str; 3] = [ISO_FORM, DIGEST_FORM, REPEATED_KEY];

/// Reads an object whose keys are data, and refuses one that names a key twice: which value holds must not depend on
/// the reader.
pub(super) fn distinct_keys<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
{
    struct Distinct<K, V>(PhantomData<(K, V)>);

    impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for Distinct<K, V> {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = from.next_entry()? {
                if map.insert(key, value).is_some() {
                    return Err(A::Error::custom(REPEATED_KEY));
                }
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(Distinct(PhantomData))
}

/// A body that says nothing: the path says it all.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(super) struct Empty {}

/// Why a draft is given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "prepared for the wrong month" }))]
pub(super) struct Discard {
    /// In words. No personal data.
    pub reason: Note,
}

/// The durable fact that a command made a log entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Receipt, example = json!({
    "id": "01980e2c-7b00-7000-8000-000000000001", "party": "macau", "seq": 12,
    "leaf": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
    "recorded_at": "2026-07-01T04:00:00.000123Z", "kind": "batch-sent", "replayed": false, "state": "accepted",
    "witnessed_by": [],
}))]
pub(super) struct ReceiptBody {
    /// The thing: a batch, a notice, a consent, a request, a lookup, an import.
    pub id: Uuid,
    /// Whose log.
    pub party: PartyId,
    /// Position in the log, from 0.
    pub seq: u64,
    /// Leaf hash of the entry.
    pub leaf: Digest,
    /// When it was recorded.
    pub recorded_at: Iso,
    /// The event's class.
    pub kind: EventKind,
    /// Whether this is the first result of a command that was repeated with its `Idempotency-Key`.
    pub replayed: bool,
    /// Whether a peer has witnessed the entry already. A fresh one is accepted: on this party's disk, and on its way.
    pub state: EntryState,
    /// The peers that have witnessed it.
    pub witnessed_by: Vec<PartyId>,
}

/// How far the evidence for an entry goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum EntryState {
    /// Durable on this party's disk.
    Accepted,
    /// And in a checkpoint that a party other than its writer has cosigned: it can't vanish or change unnoticed.
    Witnessed,
}

impl EntryState {
    /// Returns the state of an entry that these parties have witnessed.
    pub(super) fn of(witnessed_by: &[PartyId]) -> Self {
        if witnessed_by.is_empty() { Self::Accepted } else { Self::Witnessed }
    }
}

impl ReceiptBody {
    /// Makes the receipt of a thing.
    pub(super) fn new(id: Uuid, node: &NodeHandle, receipt: &Receipt) -> Self {
        let Receipt { seq, leaf, recorded_at, kind, replayed } = *receipt;
        let witnessed_by = node.witnesses().of(node.me(), seq);
        let state = EntryState::of(&witnessed_by);
        let (party, leaf, recorded_at) = (node.me(), Digest(leaf), Iso(recorded_at));
        Self { id, party, seq, leaf, recorded_at, kind, replayed, state, witnessed_by }
    }
}

/// One thing that happened, and who did it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Step {
    /// What happened.
    pub kind: EventKind,
    /// In whose log.
    pub party: PartyId,
    /// The officer, or `node` for the service itself.
    pub by: OfficerId,
    /// When, by that party's clock.
    pub at: Iso,
    /// Position in that log.
    pub seq: u64,
    /// Whether it is witnessed already.
    pub state: EntryState,
    /// Who has witnessed it, as far as this party knows: of the own log the peers, of a peer's log this party.
    pub witnessed_by: Vec<PartyId>,
}

/// Lists the steps that were taken, in the order of their instants.
pub(super) fn steps<'a>(
    witnesses: &Witnesses,
    taken: impl IntoIterator<Item = (EventKind, PartyId, Option<&'a Said>)>,
) -> Vec<Step> {
    let step = |(kind, party, said): (EventKind, PartyId, Option<&Said>)| {
        let Said { by, at, seq, .. } = said?.clone();
        let witnessed_by = witnesses.of(party, seq);
        Some(Step { kind, party, by, at: Iso(at), seq, state: EntryState::of(&witnessed_by), witnessed_by })
    };
    let mut steps: Vec<Step> = taken.into_iter().filter_map(step).collect();
    steps.sort_by_key(|step| step.at);
    steps
}

/// Returns who said something, and when.
pub(super) fn said<T>(fact: Option<&(T, Said)>) -> Option<&Said> {
    fact.map(|(_, said)| said)
}

/// Returns when something was said.
pub(super) fn at<T>(fact: Option<&(T, Said)>) -> Option<Iso> {
    said(fact).map(|said| Iso(said.at))
}

/// When something is due: the last instant at which it is on time, or `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadline(pub Due);

impl Serialize for Deadline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Due::At(last) => Iso(last).serialize(serializer),
            Due::Unknown => serializer.serialize_str("unknown"),
        }
    }
}

impl PartialSchema for Deadline {
    fn schema() -> RefOr<Schema> {
        let text = "The last instant at which it is on time; `unknown` when a calendar that is not loaded decides.";
        let schema = ObjectBuilder::new().schema_type(Type::String).description(Some(text));
        schema.examples(["2026-07-06T15:59:59.999999Z", "unknown"]).into()
    }
}

impl ToSchema for Deadline {}

/// Why something was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RefusalBody {
    /// The stable code.
    pub code: RefusalCode,
    /// The parts that offend.
    pub offending: Vec<String>,
    /// The instant the refusal turns on.
    pub effective_at: Option<Iso>,
}

impl From<&Refusal> for RefusalBody {
    fn from(refusal: &Refusal) -> Self {
        let Refusal { code, offending, effective_at } = refusal.clone();
        Self { code, offending, effective_at: effective_at.map(Iso) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_any_offset_and_written_in_utc() {
        let noon: Iso = serde_json::from_str("\"2026-07-01T12:00:00+08:00\"").unwrap();
        assert_eq!(serde_json::to_string(&noon).unwrap(), "\"2026-07-01T04:00:00Z\"");
        for bad in ["2026-07-01", "2026-02-30T00:00:00Z", "noon", ""] {
            let error = serde_json::from_value::<Iso>(bad.into()).unwrap_err().to_string();
            assert_eq!(error, ISO_FORM, "{bad}");
        }
    }

    #[test]
    fn a_deadline_is_an_instant_or_unknown() {
        let text = |due| serde_json::to_string(&Deadline(due)).unwrap();
        assert_eq!(text(Due::At(Instant(0))), "\"1970-01-01T00:00:00Z\"");
        assert_eq!(text(Due::Unknown), "\"unknown\"");
    }

    #[test]
    fn digests_are_exactly_32_bytes() {
        let digits = "ab".repeat(32);
        assert_eq!(serde_json::from_value::<Digest>(digits.clone().into()).unwrap(), Digest([0xab; 32]));
        for bad in [&digits[2..], "zz", ""] {
            assert_eq!(serde_json::from_value::<Digest>(bad.into()).unwrap_err().to_string(), DIGEST_FORM);
        }
    }

    #[test]
    fn a_key_stands_in_an_object_once() {
        let read = |text: &str| distinct_keys::<_, String, u8>(&mut serde_json::Deserializer::from_str(text));
        assert_eq!(read("{\"a\":1,\"b\":2}").unwrap().len(), 2);
        assert!(read("{\"a\":1,\"a\":2}").unwrap_err().to_string().starts_with(REPEATED_KEY));
    }
}
