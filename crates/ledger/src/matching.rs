//! Messages of a matching run, as they cross between the services of its two parties.
//!
//! Each is signed, sealed for the other party alone, numbered within its session and bound to its run; a reply opens
//! with its message's key only. So a message that is replayed, passed on or taken from another run is refused. What the
//! blinded elements mean is not known here.

use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tongcha_domain::id::{MatchRunId, PartyId};
use tongcha_domain::refusal::Refusal;

use crate::ask::AskError;
use crate::body::BodyKey;
use crate::key::{Directory, KeyId, PartySecrets};
use crate::{canonical, sealed};

/// Version of the format.
pub const VERSION: u8 = 1;
/// Most elements in one message: 32 KiB of them, evaluated in a tenth of a second.
pub const ELEMENTS_IN_MESSAGE_MAX: usize = 1000;
/// Longest message or reply in bytes.
pub const MESSAGE_MAX: usize = 48 * 1024;

const PREFIX: &[u8] = b"tongcha/match/v1\0";

/// A group element, or the first 32 bytes of a PRF output.
pub type Element = [u8; 32];

/// What the starting side says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MatchStep {
    /// Could you begin? Nothing is spent by asking.
    Ready,
    /// The run begins: the size of my set, my key for this run.
    Open {
        /// Elements of the set.
        elements: u32,
        /// The public key.
        key: Element,
    },
    /// Evaluate my blinded elements under your key.
    Evaluate(Vec<Element>),
    /// Give me the next outputs of your own set under your key.
    Outputs,
    /// Give me your next blinded elements.
    Blinded,
    /// Here they are, evaluated under my key, with the proof.
    Evaluated(Evaluation),
    /// Outputs of my own set under my key.
    MyOutputs(Vec<Element>),
    /// That was all.
    Done,
}

/// Evaluated elements, in the order of the blinded ones, and the proof that one key evaluated them all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The elements.
    pub elements: Vec<Element>,
    /// The proof: two scalars.
    pub proof: [[u8; 32]; 2],
}

/// What the other side answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MatchAnswer {
    /// To `Ready`: yes.
    Ready,
    /// To `Open`: begun.
    Opened {
        /// Elements of the set.
        elements: u32,
        /// The public key.
        key: Element,
    },
    /// To `Evaluate`.
    Evaluated(Evaluation),
    /// To `Outputs` and `Blinded`: the next ones.
    Elements(Vec<Element>),
    /// To `Evaluated` and `MyOutputs`: taken.
    Taken,
    /// To `Done`: the result is on record there as well.
    Done,
}

/// A message as its sender signs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchMessage {
    /// [`VERSION`].
    pub version: u8,
    /// The run.
    pub run: MatchRunId,
    /// Who says it.
    pub from: PartyId,
    /// To whom.
    pub to: PartyId,
    /// The sender's signing key.
    pub key_id: KeyId,
    /// The session, chosen at random by the starting side.
    pub session: [u8; 16],
    /// Position in the session, from 0.
    pub no: u32,
    /// What is said.
    pub step: MatchStep,
}

/// A reply to one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchReply {
    /// The run.
    pub run: MatchRunId,
    /// Position of the message it answers.
    pub no: u32,
    /// The answer, or why not.
    pub result: Result<MatchAnswer, Refusal>,
}

/// The key of one message, kept until its reply.
pub struct MatchKey {
    key: BodyKey,
    run: MatchRunId,
    no: u32,
}

/// Signs and seals a message.
///
/// # Errors
/// When the other party has no key or the message is too long.
pub fn seal_message<R: CryptoRng + RngCore>(
    message: &MatchMessage,
    secrets: &PartySecrets,
    directory: &Directory,
    rng: &mut R,
) -> Result<(Vec<u8>, MatchKey), AskError> {
    let plain = canonical::encode(message).map_err(AskError::Codec)?;
    let (bytes, key) = sealed::seal(plain, (PREFIX, MESSAGE_MAX), message.to, secrets, directory, rng)?;
    Ok((bytes, MatchKey { key, run: message.run, no: message.no }))
}

/// Opens and verifies a message that came on a party's subject.
///
/// # Errors
/// Says which check fails first.
pub fn open_message(
    bytes: &[u8],
    from: PartyId,
    secrets: &PartySecrets,
    directory: &Directory,
) -> Result<(MatchMessage, MatchKey), AskError> {
    let (head, signature, key) = sealed::open(bytes, from, MESSAGE_MAX, secrets)?;
    let message: MatchMessage = canonical::decode(&head, MESSAGE_MAX).map_err(AskError::Codec)?;
    if message.version != VERSION {
        return Err(AskError::Version(message.version));
    }
    sealed::verify((&head, &signature), PREFIX, (from, message.from), message.key_id, directory)?;
    if message.to != secrets.party() {
        return Err(AskError::Holder(message.to));
    }
    let key = MatchKey { key, run: message.run, no: message.no };
    Ok((message, key))
}

/// Seals the reply to a message.
///
/// # Errors
/// When it can't be encoded or is too long.
pub fn seal_reply<R: CryptoRng + RngCore>(
    result: Result<MatchAnswer, Refusal>,
    key: &MatchKey,
    rng: &mut R,
) -> Result<Vec<u8>, AskError> {
    let reply = MatchReply { run: key.run, no: key.no, result };
    let plain = canonical::encode(&reply).map_err(AskError::Codec)?;
    sealed::seal_reply(&plain, &key.key, MESSAGE_MAX, rng)
}

/// Opens the reply to a message.
///
/// # Errors
/// When it is not the other party's reply to this message.
pub fn open_reply(bytes: &[u8], key: &MatchKey) -> Result<Result<MatchAnswer, Refusal>, AskError> {
    let plain = sealed::open_reply(bytes, &key.key, MESSAGE_MAX)?;
    let reply: MatchReply = canonical::decode(&plain, MESSAGE_MAX).map_err(AskError::Codec)?;
    if reply.run != key.run || reply.no != key.no {
        return Err(AskError::Lookup);
    }
    Ok(reply.result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{directory, flips, party, rng, secrets};

    fn message(no: u32) -> MatchMessage {
        MatchMessage {
            version: VERSION,
            run: "0197f000-0000-7000-8000-000000003001".parse().unwrap(),
            from: party("zhuhai"),
            to: party("macau"),
            key_id: secrets("zhuhai").key_id(),
            session: [5; 16],
            no,
            step: MatchStep::Evaluate(vec![[1; 32]; 2]),
        }
    }

    fn seal(message: &MatchMessage) -> (Vec<u8>, MatchKey) {
        seal_message(message, &secrets("zhuhai"), &directory(), &mut rng(1)).unwrap()
    }

    fn open(bytes: &[u8], from: &str, at: &str) -> Result<MatchMessage, AskError> {
        open_message(bytes, party(from), &secrets(at), &directory()).map(|(message, _)| message)
    }

    #[test]
    fn a_message_and_its_reply_cross() {
        let (bytes, asked) = seal(&message(3));
        let (received, key) = open_message(&bytes, party("zhuhai"), &secrets("macau"), &directory()).unwrap();
        assert_eq!(received, message(3));
        let answer = MatchAnswer::Elements(vec![[2; 32]]);
        let reply = seal_reply(Ok(answer.clone()), &key, &mut rng(2)).unwrap();
        assert_eq!(open_reply(&reply, &asked), Ok(Ok(answer)));
        let (_, another) = seal_message(&message(3), &secrets("zhuhai"), &directory(), &mut rng(9)).unwrap();
        assert_eq!(open_reply(&reply, &another), Err(AskError::Open));
    }

    #[test]
    fn a_message_is_taken_from_its_sender_by_its_addressee_only() {
        let (bytes, _) = seal(&message(0));
        let taken = AskError::Asker { from: party("hengqin"), found: party("zhuhai") };
        assert_eq!(open(&bytes, "hengqin", "macau"), Err(taken));
        assert!(matches!(open(&bytes, "zhuhai", "hengqin"), Err(AskError::Key(_))));
        let version = MatchMessage { version: 2, ..message(0) };
        assert_eq!(open(&seal(&version).0, "zhuhai", "macau"), Err(AskError::Version(2)));
        let named = MatchMessage { from: party("hengqin"), ..message(0) };
        let found = AskError::Asker { from: party("zhuhai"), found: party("hengqin") };
        assert_eq!(open(&seal(&named).0, "zhuhai", "macau"), Err(found));
    }

    #[test]
    fn a_signed_question_of_a_lookup_is_no_message() {
        let plain = canonical::encode(&message(0)).unwrap();
        let (secrets, to) = (secrets("zhuhai"), party("macau"));
        let as_lookup = (b"tongcha/lookup/v1\0".as_slice(), MESSAGE_MAX);
        let (bytes, _) = sealed::seal(plain, as_lookup, to, &secrets, &directory(), &mut rng(1)).unwrap();
        assert_eq!(open(&bytes, "zhuhai", "macau"), Err(AskError::Signature(party("zhuhai"))));
    }

    #[test]
    fn every_single_bit_flip_is_refused() {
        let (bytes, _) = seal(&message(0));
        for flipped in flips(&bytes) {
            assert!(open(&flipped, "zhuhai", "macau").is_err());
        }
    }

    #[test]
    fn the_longest_message_fits() {
        let full = vec![[7; 32]; ELEMENTS_IN_MESSAGE_MAX];
        let evaluation = Evaluation { elements: full, proof: [[8; 32]; 2] };
        let (bytes, key) = seal(&MatchMessage { step: MatchStep::Evaluated(evaluation.clone()), ..message(0) });
        assert!(open(&bytes, "zhuhai", "macau").is_ok());
        assert!(seal_reply(Ok(MatchAnswer::Evaluated(evaluation)), &key, &mut rng(1)).is_ok());
    }
}
