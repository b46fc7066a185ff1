//! The published types with a sample of each, and the schema traced from them. A new event is here by its sample in
//! `testing/events.rs`.

use std::sync::OnceLock;

use tongcha_domain::consent::OrgUnit;
use tongcha_domain::event::{Body, Event, EventKind};
use tongcha_domain::refusal::{Refusal, RefusalCode};

use super::schema::Schema;
use super::trace::Trace;
use super::{ExportedContent, ExportedEntry};
use crate::ask::{self, LookupReply, LookupRequest};
use crate::channel::WrappedKey;
use crate::frame::Record;
use crate::key::KeyId;
use crate::matching::{self, MatchMessage, MatchReply, MatchStep};
use crate::parcel::{Parcel, ParcelBody};
use crate::sealed::Ask;
use crate::testing::{NOON, body, claims, event, events, party, sealed_entry};
use crate::token::{self, TokenContent};

/// A body of every kind of event.
pub(crate) fn bodies() -> Vec<Body> {
    events().into_iter().map(body).collect()
}

/// The schema of all published types.
pub(crate) fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| traced().unwrap())
}

/// A question and a reply, as plain values.
pub(crate) fn lookup(token: Vec<u8>, key_id: KeyId) -> (LookupRequest, LookupReply) {
    let Event::LookupPermitted(permitted) = event(EventKind::LookupPermitted) else { panic!("another event") };
    let request = LookupRequest {
        version: ask::VERSION,
        lookup: permitted.lookup,
        asker: OrgUnit { party: party("zhuhai"), unit: "xiangzhou".parse().unwrap() },
        holder: party("macau"),
        asked_at: NOON,
        key_id,
        token,
        subject: permitted.subject,
        questions: permitted.questions,
        purpose: permitted.purpose,
    };
    let result = Err(Refusal::new(RefusalCode::ConsentExpired).effective_at(NOON));
    (request, LookupReply { lookup: permitted.lookup, seq: 12, result })
}

fn traced() -> Result<Schema, String> {
    let key_id = KeyId([1; 8]);
    let key = WrappedKey { epoch: [1; 32], sealed: [2; 32], tag: [3; 16] };
    let (body, sealed, _, entry) = sealed_entry(event(EventKind::UrgentDelivered));
    let content = ExportedContent::Body(body);
    let exported = ExportedEntry { header: entry.header().clone(), leaf: entry.leaf(), content };
    let (request, reply) = lookup(vec![7], key_id);
    let run = "0197f000-0000-7000-8000-000000003a01".parse().unwrap();
    let message = MatchMessage {
        version: matching::VERSION,
        run,
        from: party("zhuhai"),
        to: party("macau"),
        key_id,
        session: [5; 16],
        no: 0,
        step: MatchStep::Ready,
    };
    let token = TokenContent {
        version: token::VERSION,
        key_id,
        claims: claims(),
        key_hash: [1; 32],
        subjects: vec![2],
        keys: [(party("macau"), key)].into(),
    };

    let mut trace = Trace::default();
    trace.samples(&bodies());
    trace.samples(&[exported]);
    trace.samples(&[token]);
    trace.samples(&[Ask { from: party("zhuhai"), key, sealed: vec![4] }]);
    trace.samples(&[request]);
    trace.samples(&[reply]);
    trace.samples(&[Parcel { entry: vec![1], body: ParcelBody::Sealed(sealed.clone(), key) }]);
    trace.samples(&[Record { entry: vec![1], body: Some(sealed) }]);
    trace.samples(&[message]);
    trace.samples(&[MatchReply { run, no: 0, result: Err(Refusal::new(RefusalCode::ConsentExpired)) }]);
    trace.finish()
}
