//! Asks: the question and answer of a live lookup, as they cross between two parties.
//!
//! ```text
//! ask   = postcard { from, epoch, sealed: XChaCha20-Poly1305( k, nonce = 1, request ‖ signature ) }
//! request signed as Ed25519( "tongcha/lookup/v1\0" ‖ postcard( LookupRequest ) )
//! reply = nonce ‖ XChaCha20-Poly1305( k, nonce, postcard( LookupReply ) )           the nonce is random
//! ```
//!
//! `k` is wrapped by HPKE for the holder alone, once for each ask, so a reply that opens can only be the holder's and
//! only to this ask; the lasting proof of the answer is the holder's log entry, not the reply. An ask that comes twice
//! may be replied to differently (answered, then refused as known), so replies need nonces of their own.

use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tongcha_domain::consent::OrgUnit;
use tongcha_domain::id::{LookupId, PartyId};
use tongcha_domain::identity::Document;
use tongcha_domain::item::{Answer, Question};
use tongcha_domain::purpose::Purpose;
use tongcha_domain::refusal::Refusal;
use tongcha_domain::time::Instant;

use crate::body::BodyKey;
use crate::canonical::{self, CodecError};
use crate::channel::ChannelError;
use crate::key::{Directory, KeyId, PartySecrets};
use crate::sealed;

/// Version of the format.
pub const VERSION: u8 = 1;
/// Longest ask in bytes: a token and sixteen questions take about 3 KiB.
pub const ASK_MAX: usize = 16 * 1024;
/// Longest reply in bytes.
pub const REPLY_MAX: usize = 64 * 1024;

const PREFIX: &[u8] = b"tongcha/lookup/v1\0";

/// A lookup as its asker signs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupRequest {
    /// [`VERSION`].
    pub version: u8,
    /// The lookup; a holder answers one only once.
    pub lookup: LookupId,
    /// Who asks.
    pub asker: OrgUnit,
    /// Who is asked.
    pub holder: PartyId,
    /// When, by the asker's clock.
    pub asked_at: Instant,
    /// The asker's signing key.
    pub key_id: KeyId,
    /// The consent token's bytes.
    pub token: Vec<u8>,
    /// Whom it is about.
    pub subject: Document,
    /// What is asked.
    pub questions: Vec<Question>,
    /// What for.
    pub purpose: Purpose,
}

/// What a holder replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupReply {
    /// The lookup.
    pub lookup: LookupId,
    /// Sequence number of the entry in the holder's log that says so.
    pub seq: u64,
    /// The answers, or why not.
    pub result: Result<Vec<Answer>, Refusal>,
}

/// Why an ask or a reply is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The form of the ask, the request or the reply.
    #[error("the message is refused")]
    Codec(#[source] CodecError),
    /// Too short to hold a signature.
    #[error("{0} bytes is no length of a request")]
    Length(usize),
    /// A version this code doesn't know.
    #[error("version {0} is not known")]
    Version(u8),
    /// The seal does not open.
    #[error("the message does not open")]
    Open,
    /// The wrapped key.
    #[error("the message key is refused")]
    Key(#[source] ChannelError),
    /// The asker is not in the directory, or this is not the key it signs with now.
    #[error("{0} has no key of this name")]
    UnknownKey(PartyId),
    /// The key was reported stolen.
    #[error("signed with a key of {0} that was reported stolen")]
    Compromised(PartyId),
    /// The signature does not verify.
    #[error("the signature of {0} does not verify")]
    Signature(PartyId),
    /// The request names another asker than the one it came from.
    #[error("a request of {found} came from {from}")]
    Asker {
        /// Whence it came.
        from: PartyId,
        /// Whom it names.
        found: PartyId,
    },
    /// The request names another holder.
    #[error("a request for {0}")]
    Holder(PartyId),
    /// The reply is to another lookup.
    #[error("a reply to another lookup")]
    Lookup,
    /// Our own signature failed its check.
    #[error("the request could not be signed")]
    Signing,
}

/// The key of one ask, kept until its reply.
pub struct AskKey {
    pub(crate) key: BodyKey,
    pub(crate) lookup: LookupId,
}

/// Signs and seals a request.
///
/// # Errors
/// When the holder has no key or the request is too long.
pub fn seal_request<R: CryptoRng + RngCore>(
    request: &LookupRequest,
    secrets: &PartySecrets,
    directory: &Directory,
    rng: &mut R,
) -> Result<(Vec<u8>, AskKey), AskError> {
    let plain = canonical::encode(request).map_err(AskError::Codec)?;
    let (bytes, key) = sealed::seal(plain, (PREFIX, ASK_MAX), request.holder, secrets, directory, rng)?;
    Ok((bytes, AskKey { key, lookup: request.lookup }))
}

/// Opens and verifies a request that came on a party's subject.
///
/// # Errors
/// Says which check fails first.
pub fn open_request(
    bytes: &[u8],
    from: PartyId,
    secrets: &PartySecrets,
    directory: &Directory,
) -> Result<(LookupRequest, AskKey), AskError> {
    let (head, signature, key) = sealed::open(bytes, from, ASK_MAX, secrets)?;
    let request: LookupRequest = canonical::decode(&head, ASK_MAX).map_err(AskError::Codec)?;
    if request.version != VERSION {
        return Err(AskError::Version(request.version));
    }
    sealed::verify((&head, &signature), PREFIX, (from, request.asker.party), request.key_id, directory)?;
    if request.holder != secrets.party() {
        return Err(AskError::Holder(request.holder));
    }
    let lookup = request.lookup;
    Ok((request, AskKey { key, lookup }))
}

/// Seals a reply.
///
/// # Errors
/// When it can't be encoded or is too long.
pub fn seal_reply<R: CryptoRng + RngCore>(reply: &LookupReply, key: &AskKey, rng: &mut R) -> Result<Vec<u8>, AskError> {
    let plain = canonical::encode(reply).map_err(AskError::Codec)?;
    sealed::seal_reply(&plain, &key.key, REPLY_MAX, rng)
}

/// Opens the reply to an ask.
///
/// # Errors
/// When it is not the holder's reply to this ask.
pub fn open_reply(bytes: &[u8], key: &AskKey) -> Result<LookupReply, AskError> {
    let plain = sealed::open_reply(bytes, &key.key, REPLY_MAX)?;
    let reply: LookupReply = canonical::decode(&plain, REPLY_MAX).map_err(AskError::Codec)?;
    if reply.lookup != key.lookup {
        return Err(AskError::Lookup);
    }
    Ok(reply)
}

#[cfg(test)]
mod tests {
    use chacha20poly1305::aead::Aead;
    use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
    use tongcha_domain::event::{Event, EventKind};
    use tongcha_domain::refusal::RefusalCode;
    use tongcha_domain::text::Short;

    use super::*;
    use crate::channel::ChannelSender;
    use crate::sealed::{Ask, NONCE_LEN, PLACE, request_nonce};
    use crate::testing::{NOON, directory, event, flips, party, rng, secrets};

    fn request(lookup: u8) -> LookupRequest {
        let Event::LookupPermitted(permitted) = event(EventKind::LookupPermitted) else { panic!("another event") };
        LookupRequest {
            version: VERSION,
            lookup: format!("0197f000-0000-7000-8000-0000000010{lookup:02x}").parse().unwrap(),
            asker: OrgUnit { party: party("zhuhai"), unit: "xiangzhou".parse().unwrap() },
            holder: party("macau"),
            asked_at: NOON,
            key_id: secrets("zhuhai").key_id(),
            token: vec![0x70; 700],
            subject: permitted.subject,
            questions: permitted.questions,
            purpose: permitted.purpose,
        }
    }

    fn answers() -> Vec<Answer> {
        let Event::LookupAnswered(answered) = event(EventKind::LookupAnswered) else { panic!("another event") };
        answered.answers
    }

    fn seal(request: &LookupRequest, seed: u64) -> (Vec<u8>, AskKey) {
        seal_request(request, &secrets("zhuhai"), &directory(), &mut rng(seed)).unwrap()
    }

    fn open(bytes: &[u8]) -> Result<(LookupRequest, AskKey), AskError> {
        open_request(bytes, party("zhuhai"), &secrets("macau"), &directory())
    }

    // An ask as a dishonest asker can make it: whatever it likes, sealed for Macau.
    fn seal_raw(from: &str, plain: &[u8]) -> Vec<u8> {
        let key = BodyKey([3; 32]);
        let sealed = XChaCha20Poly1305::new((&key.0).into()).encrypt(&request_nonce(), plain).unwrap();
        let macau = directory();
        let channel =
            ChannelSender::establish(party(from), &macau.party(party("macau")).unwrap(), &mut rng(5)).unwrap();
        canonical::encode(&Ask { from: party(from), key: channel.wrap(PLACE, &key).unwrap(), sealed }).unwrap()
    }

    fn signed(request: &LookupRequest, by: &str) -> Vec<u8> {
        let mut plain = canonical::encode(request).unwrap();
        plain.extend(secrets(by).sign(PREFIX, &plain).unwrap());
        plain
    }

    #[test]
    fn a_question_and_its_answer_cross() {
        let (bytes, at_asker) = seal(&request(1), 1);
        let (received, at_holder) = open(&bytes).unwrap();
        assert_eq!(received, request(1));
        for result in [Ok(answers()), Err(Refusal::new(RefusalCode::ConsentRevoked))] {
            let reply = LookupReply { lookup: received.lookup, seq: 9, result };
            let sealed = seal_reply(&reply, &at_holder, &mut rng(2)).unwrap();
            assert_eq!(open_reply(&sealed, &at_asker), Ok(reply));
        }
    }

    #[test]
    fn an_ask_is_taken_from_its_asker_only() {
        let (bytes, _) = seal(&request(1), 1);
        let refused = open_request(&bytes, party("hengqin"), &secrets("macau"), &directory()).err();
        assert_eq!(refused, Some(AskError::Asker { from: party("hengqin"), found: party("zhuhai") }));
        // Hengqin passes a request of Zhuhai's on as its own.
        let passed_on = seal_raw("hengqin", &signed(&request(1), "zhuhai"));
        let refused = open_request(&passed_on, party("hengqin"), &secrets("macau"), &directory()).err();
        assert_eq!(refused, Some(AskError::Asker { from: party("hengqin"), found: party("zhuhai") }));
        // Hengqin writes that it is Zhuhai: the channel is set up by name.
        let mut named: Ask = canonical::decode(&passed_on, ASK_MAX).unwrap();
        named.from = party("zhuhai");
        assert_eq!(open(&canonical::encode(&named).unwrap()).err(), Some(AskError::Key(ChannelError::Unwrap)));
    }

    #[test]
    fn an_ask_is_opened_by_its_holder_only() {
        let (bytes, _) = seal(&request(1), 1);
        let refused = open_request(&bytes, party("zhuhai"), &secrets("hengqin"), &directory()).err();
        assert_eq!(refused, Some(AskError::Key(ChannelError::Unwrap)));
        // Signed for Hengqin, sealed for Macau.
        let other = LookupRequest { holder: party("hengqin"), ..request(1) };
        assert_eq!(open(&seal_raw("zhuhai", &signed(&other, "zhuhai"))).err(), Some(AskError::Holder(other.holder)));
    }

    #[test]
    fn version_key_signature_and_form_are_checked() {
        let refused = |request: &LookupRequest, by| open(&seal_raw("zhuhai", &signed(request, by))).err().unwrap();
        assert_eq!(refused(&LookupRequest { version: 2, ..request(1) }, "zhuhai"), AskError::Version(2));
        let stranger = LookupRequest { key_id: KeyId([0; 8]), ..request(1) };
        assert_eq!(refused(&stranger, "zhuhai"), AskError::UnknownKey(party("zhuhai")));
        assert_eq!(refused(&request(1), "hengqin"), AskError::Signature(party("zhuhai")));
        assert_eq!(open(&seal_raw("zhuhai", &[0; 20])).err(), Some(AskError::Length(20)));
        let mut plain = canonical::encode(&request(1)).unwrap();
        plain.push(0);
        plain.extend(secrets("zhuhai").sign(PREFIX, &plain).unwrap());
        assert_eq!(open(&seal_raw("zhuhai", &plain)).err(), Some(AskError::Codec(CodecError::Trailing(1))));
        let mut as_event = canonical::encode(&request(1)).unwrap();
        as_event.extend(secrets("zhuhai").sign(b"tongcha/event/v1\0", &as_event).unwrap());
        assert_eq!(open(&seal_raw("zhuhai", &as_event)).err(), Some(AskError::Signature(party("zhuhai"))));
    }

    #[test]
    fn every_single_bit_flip_is_refused() {
        let small = LookupRequest { token: vec![0x70; 8], ..request(1) };
        let (bytes, at_asker) = seal(&small, 1);
        let (_, at_holder) = open(&bytes).unwrap();
        for flipped in flips(&bytes) {
            assert!(open(&flipped).is_err());
        }
        let reply = LookupReply { lookup: small.lookup, seq: 9, result: Ok(answers()) };
        let sealed = seal_reply(&reply, &at_holder, &mut rng(2)).unwrap();
        for flipped in flips(&sealed) {
            assert_eq!(open_reply(&flipped, &at_asker), Err(AskError::Open));
        }
    }

    #[test]
    fn a_reply_is_to_one_ask() {
        let (one, asked_one) = seal(&request(1), 1);
        let (_, at_holder) = open(&one).unwrap();
        let (_, asked_two) = seal(&request(2), 2);
        let reply = LookupReply { lookup: request(1).lookup, seq: 9, result: Ok(answers()) };
        let sealed = seal_reply(&reply, &at_holder, &mut rng(3)).unwrap();
        assert_eq!(open_reply(&sealed, &asked_two), Err(AskError::Open));
        let mistaken = LookupReply { lookup: request(2).lookup, ..reply };
        let sealed = seal_reply(&mistaken, &at_holder, &mut rng(4)).unwrap();
        assert_eq!(open_reply(&sealed, &asked_one), Err(AskError::Lookup));
    }

    #[test]
    fn a_repeated_reply_uses_another_nonce_and_never_the_requests() {
        let (bytes, at_asker) = seal(&request(1), 1);
        let (_, at_holder) = open(&bytes).unwrap();
        let (random, mut nonces) = (&mut rng(3), std::collections::BTreeSet::new());
        nonces.insert(request_nonce().to_vec());
        for result in [Ok(answers()), Ok(answers()), Err(Refusal::new(RefusalCode::LookupInterrupted))] {
            let reply = LookupReply { lookup: request(1).lookup, seq: 9, result };
            let sealed = seal_reply(&reply, &at_holder, random).unwrap();
            assert_eq!(open_reply(&sealed, &at_asker), Ok(reply));
            assert!(nonces.insert(sealed[..NONCE_LEN].to_vec()));
        }
    }

    #[test]
    fn what_is_too_long_is_neither_sealed_nor_opened() {
        let long = LookupRequest { token: vec![0; ASK_MAX], ..request(1) };
        let refused = seal_request(&long, &secrets("zhuhai"), &directory(), &mut rng(1)).err();
        assert!(matches!(refused, Some(AskError::Codec(CodecError::TooLong { max: ASK_MAX, .. }))));
        let too_long = |len, max| Some(AskError::Codec(CodecError::TooLong { len, max }));
        assert_eq!(open(&vec![0; ASK_MAX + 1]).err(), too_long(ASK_MAX + 1, ASK_MAX));
        let (bytes, at_asker) = seal(&request(1), 1);
        assert_eq!(open_reply(&vec![0; REPLY_MAX + 1], &at_asker).err(), too_long(REPLY_MAX + 1, REPLY_MAX));
        assert_eq!(open_reply(&[0; NONCE_LEN - 1], &at_asker), Err(AskError::Open));
        let (_, at_holder) = open(&bytes).unwrap();
        let source: Short = "財".repeat(200).parse().unwrap();
        let wordy = Answer { sources_searched: vec![source; 200], ..answers().remove(0) };
        let reply = LookupReply { lookup: request(1).lookup, seq: 9, result: Ok(vec![wordy]) };
        let refused = seal_reply(&reply, &at_holder, &mut rng(2)).err();
        assert!(matches!(refused, Some(AskError::Codec(CodecError::TooLong { max: REPLY_MAX, .. }))), "{refused:?}");
    }
}
