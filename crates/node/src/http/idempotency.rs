//! Idempotency keys: a command that is sent again with its key is answered with its first result.
//!
//! The key is bound to the officer, and the log ties it to a digest of the command, so neither another officer nor
//! another command can be answered with a result that isn't theirs.

use axum::http::{HeaderMap, HeaderName};
use tongcha_domain::id::{CommandKey, OfficerId, PartyId};
use tongcha_ledger::sha256;
use uuid::Uuid;

use crate::http::problem::{Answer, Problem};

/// The header.
pub(super) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Longest key, in characters: a UUID has 36, a digest in hexadecimal 64.
pub(super) const KEY_MAX: usize = 128;

/// Reads the key of a request, bound to its officer.
pub(super) fn command_key(headers: &HeaderMap, officer: &OfficerId) -> Answer<Option<CommandKey>> {
    let mut sent = headers.get_all(HEADER).iter();
    let Some(key) = sent.next() else { return Ok(None) };
    let key = key.as_bytes();
    if sent.next().is_some() || !(1..=KEY_MAX).contains(&key.len()) || !key.iter().all(u8::is_ascii_graphic) {
        let form = format!("header Idempotency-Key: one key of 1 to {KEY_MAX} visible ASCII characters");
        return Err(Problem::bad_request(form));
    }
    let digest = sha256(b"tongcha/idempotency/v1\0", &[officer.as_str().as_bytes(), &[0], key]);
    Ok(Some(CommandKey(digest)))
}

/// Makes the id of what a keyed command creates: the same for the same key, so that the command is the same.
pub(super) fn id_of(party: PartyId, key: CommandKey) -> Uuid {
    let digest = sha256(b"tongcha/idempotent-id/v1\0", &[party.as_str().as_bytes(), &[0], &key.0]);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Makes the key of a further step that a keyed request takes.
pub(super) fn next_key(key: CommandKey, step: &str) -> CommandKey {
    CommandKey(sha256(b"tongcha/idempotency-step/v1\0", &[step.as_bytes(), &[0], &key.0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(keys: &[&str]) -> HeaderMap {
        keys.iter().map(|key| (HEADER, key.parse().unwrap())).collect()
    }

    #[test]
    fn a_key_belongs_to_its_officer() {
        let of = |officer: &str| command_key(&headers(&["k"]), &officer.parse().unwrap()).unwrap().unwrap();
        assert_eq!(of("zh.cw.test"), of("zh.cw.test"));
        assert_ne!(of("zh.cw.test"), of("zh.rv.test"));
        assert!(command_key(&headers(&[]), &"zh.cw.test".parse().unwrap()).unwrap().is_none());
    }

    #[test]
    fn a_key_is_one_visible_text_of_bounded_length() {
        let officer = "zh.cw.test".parse().unwrap();
        let longest = "x".repeat(KEY_MAX);
        assert!(command_key(&headers(&[&longest]), &officer).is_ok());
        for bad in [&["a", "b"] as &[&str], &["a b"], &[""], &[&format!("{longest}x")]] {
            assert!(command_key(&headers(bad), &officer).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn ids_differ_by_party_and_key_and_are_of_version_8() {
        let (macau, zhuhai) = ("macau".parse().unwrap(), "zhuhai".parse().unwrap());
        let id = id_of(macau, CommandKey([1; 32]));
        assert_eq!(id, id_of(macau, CommandKey([1; 32])));
        assert_ne!(id, id_of(zhuhai, CommandKey([1; 32])));
        assert_ne!(id, id_of(macau, CommandKey([2; 32])));
        assert_eq!(id.get_version_num(), 8);
    }
}
