//! Consent tokens: a consent in a form that can be printed, carried and checked offline.
//!
//! ```text
//! token = postcard { version = 1, key_id, claims without subjects, key_hash, sealed subjects, key for each party }
//!         ‖ Ed25519( "tongcha/consent/v1\0" ‖ the above )                        at most 2 KiB
//! text  = "tc1." ‖ base64url( token )
//! ```
//!
//! The subjects are sealed for issuer and holder (and the requester), so that a lost receipt doesn't tell whose it
//! was. The token commits to the key of the subjects (`key_hash`, as in [`crate::body`]): the cipher alone does not,
//! and an issuer who gave each party another key could show each another person.
//! The prefix keeps a token from passing as an event and the reverse.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use tongcha_domain::consent::{ConsentClaims, SUBJECTS_MAX};
use tongcha_domain::id::{ConsentId, PartyId};
use tongcha_domain::identity::Subject;

use crate::body::BodyKey;
use crate::canonical::{self, CodecError};
use crate::channel::{ChannelError, ChannelReceiver, ChannelSender, WrappedKey};
use crate::entry::SIGNATURE_LEN;
use crate::key::{Directory, KeyId, PartySecrets};

/// Version of the format.
pub const VERSION: u8 = 1;
/// Longest token in bytes: a QR code of level L holds 2,953, and base64url makes 4 of 3.
pub const TOKEN_MAX: usize = 2048;

const PREFIX: &[u8] = b"tongcha/consent/v1\0";
const TEXT_PREFIX: &str = "tc1.";
// A token's key is wrapped under a channel that is set up for this token alone.
const PLACE: u64 = 0;

/// Why a token is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The text is not `tc1.` and base64url.
    #[error("not a token: it begins with tc1. and holds letters, digits, - and _")]
    Text,
    /// Longer than [`TOKEN_MAX`], or too short to hold a signature.
    #[error("{0} bytes is no length of a token")]
    Length(usize),
    /// The canonical form.
    #[error("the token is refused")]
    Codec(#[source] CodecError),
    /// A version this code doesn't know.
    #[error("version {0} is not known")]
    Version(u8),
    /// The issuer or its key is not in the directory.
    #[error("{0} has no key of this name")]
    UnknownKey(PartyId),
    /// The key was reported stolen. Tokens under a key that was only replaced stay good.
    #[error("signed with a key of {0} that was reported stolen: have the issuer print the token again")]
    Compromised(PartyId),
    /// The signature does not verify.
    #[error("the signature does not verify")]
    Signature,
    /// The token's subjects are not sealed for us.
    #[error("the token is not for {0}")]
    NotForUs(PartyId),
    /// The sealed subjects don't open, or the key is not the one the token commits to.
    #[error("the subjects do not open")]
    Subjects,
    /// The key of the subjects.
    #[error("the key of the subjects is refused")]
    Key(#[source] ChannelError),
    /// Our own signature failed its check.
    #[error("the token could not be signed")]
    Signing,
}

/// What a token's issuer signs.
#[derive(Serialize, Deserialize)]
pub(crate) struct TokenContent {
    pub(crate) version: u8,
    pub(crate) key_id: KeyId,
    pub(crate) claims: ConsentClaims, // with an empty list of subjects
    pub(crate) key_hash: [u8; 32],
    pub(crate) subjects: Vec<u8>,
    pub(crate) keys: BTreeMap<PartyId, WrappedKey>,
}

/// A token's text and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentToken(Vec<u8>);

impl ConsentToken {
    /// Makes the token of a granted consent.
    ///
    /// # Errors
    /// When it would be too long, or a party has no key.
    pub fn issue<R: CryptoRng + RngCore>(
        claims: &ConsentClaims,
        secrets: &PartySecrets,
        directory: &Directory,
        rng: &mut R,
    ) -> Result<Self, TokenError> {
        let mut key = BodyKey([0; 32]);
        rng.fill_bytes(&mut key.0);
        let plain = canonical::encode(&claims.subjects).map_err(TokenError::Codec)?;
        let subjects = XChaCha20Poly1305::new((&key.0).into())
            .encrypt(&XNonce::default(), plain.as_slice())
            .map_err(|_| TokenError::Subjects)?;
        let mut keys = BTreeMap::new();
        for party in [claims.issuer, claims.holder, claims.requester.party] {
            let to = directory.party(party).ok_or(TokenError::UnknownKey(party))?;
            let channel = ChannelSender::establish(secrets.party(), &to, rng).map_err(TokenError::Key)?;
            keys.insert(party, channel.wrap(PLACE, &key).map_err(TokenError::Key)?);
        }
        // Who signed without being covered is not the holder's to read off a token: the grant in the log says so.
        let claims = ConsentClaims { subjects: Vec::new(), others: Vec::new(), ..claims.clone() };
        let key_hash = key.hash();
        let signed = TokenContent { version: VERSION, key_id: secrets.key_id(), claims, key_hash, subjects, keys };
        let mut bytes = canonical::encode(&signed).map_err(TokenError::Codec)?;
        bytes.extend(secrets.sign(PREFIX, &bytes).ok_or(TokenError::Signing)?);
        if bytes.len() > TOKEN_MAX {
            return Err(TokenError::Length(bytes.len()));
        }
        Ok(Self(bytes))
    }

    /// Reads a token's text; nothing is verified.
    ///
    /// # Errors
    /// When it isn't one.
    pub fn from_text(text: &str) -> Result<Self, TokenError> {
        let encoded = text.trim().strip_prefix(TEXT_PREFIX).ok_or(TokenError::Text)?;
        if encoded.len() > TOKEN_MAX * 2 {
            return Err(TokenError::Length(encoded.len()));
        }
        URL_SAFE_NO_PAD.decode(encoded).map(Self).map_err(|_| TokenError::Text)
    }

    /// Returns the text to print.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{TEXT_PREFIX}{}", URL_SAFE_NO_PAD.encode(&self.0))
    }

    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes bytes as a token; nothing is verified.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Verifies everything that can be verified without secrets, and returns the claims without any person.
    ///
    /// # Errors
    /// Says which check fails first.
    pub fn verify(&self, directory: &Directory) -> Result<ConsentClaims, TokenError> {
        self.verified(directory).map(|signed| signed.claims)
    }

    fn verified(&self, directory: &Directory) -> Result<TokenContent, TokenError> {
        let length = TokenError::Length(self.0.len());
        if self.0.len() > TOKEN_MAX {
            return Err(length);
        }
        let (head, signature) = self.0.split_last_chunk::<SIGNATURE_LEN>().ok_or(length)?;
        let signed: TokenContent = canonical::decode(head, TOKEN_MAX).map_err(TokenError::Codec)?;
        if signed.version != VERSION {
            return Err(TokenError::Version(signed.version));
        }
        let issuer = signed.claims.issuer;
        let key = directory.key(issuer, signed.key_id).ok_or(TokenError::UnknownKey(issuer))?;
        if !key.keys.verify(PREFIX, head, signature) {
            return Err(TokenError::Signature);
        }
        // A token names no place in the log, and who stole a key writes any date: it is printed again under the new key.
        if key.cut.is_some() {
            return Err(TokenError::Compromised(issuer));
        }
        Ok(signed)
    }

    /// Verifies the token and opens its subjects.
    ///
    /// # Errors
    /// Says which check fails first.
    pub fn open(&self, directory: &Directory, secrets: &PartySecrets) -> Result<ConsentClaims, TokenError> {
        let TokenContent { mut claims, key_hash, subjects, keys, .. } = self.verified(directory)?;
        let me = secrets.party();
        let wrapped = keys.get(&me).ok_or(TokenError::NotForUs(me))?;
        let key = ChannelReceiver::default().unwrap(secrets, claims.issuer, PLACE, wrapped).map_err(TokenError::Key)?;
        if key.hash() != key_hash {
            return Err(TokenError::Subjects);
        }
        let plain = XChaCha20Poly1305::new((&key.0).into())
            .decrypt(&XNonce::default(), subjects.as_slice())
            .map_err(|_| TokenError::Subjects)?;
        let subjects: Vec<Subject> = canonical::decode(&plain, TOKEN_MAX).map_err(TokenError::Codec)?;
        if subjects.len() > SUBJECTS_MAX || !claims.subjects.is_empty() || !claims.others.is_empty() {
            return Err(TokenError::Subjects);
        }
        claims.subjects = subjects;
        Ok(claims)
    }

    /// Returns the id a token claims, unverified: to name it in a refusal.
    #[must_use]
    pub fn claimed_id(&self) -> Option<ConsentId> {
        let (head, _) = self.0.split_last_chunk::<SIGNATURE_LEN>()?;
        canonical::decode::<TokenContent>(head, TOKEN_MAX).ok().map(|signed| signed.claims.id)
    }
}

#[cfg(test)]
mod tests {
    use tongcha_domain::consent::Signatory;
    use tongcha_domain::event::EventKind;

    use super::*;
    use crate::entry::{EntryError, VerifiedEntry};
    use crate::testing::{claims, directory, event, flips, letter, party, rng, sealed_entry, secrets};

    /// Characters in a QR code of version 40, level L, in byte mode (ISO/IEC 18004).
    const QR_MAX: usize = 2953;

    fn issued() -> ConsentToken {
        ConsentToken::issue(&claims(), &secrets("zhuhai"), &directory(), &mut rng(21)).unwrap()
    }

    fn open(token: &ConsentToken, at: &str) -> Result<ConsentClaims, TokenError> {
        token.open(&directory(), &secrets(at))
    }

    fn decoded(token: &ConsentToken) -> TokenContent {
        canonical::decode(token.bytes().split_last_chunk::<SIGNATURE_LEN>().unwrap().0, TOKEN_MAX).unwrap()
    }

    // What a dishonest issuer can do: sign any bytes.
    fn sign_raw(head: &[u8], prefix: &[u8]) -> ConsentToken {
        ConsentToken([head, &secrets("zhuhai").sign(prefix, head).unwrap()].concat())
    }

    fn resigned(change: impl FnOnce(&mut TokenContent)) -> ConsentToken {
        let mut signed = decoded(&issued());
        change(&mut signed);
        sign_raw(&canonical::encode(&signed).unwrap(), PREFIX)
    }

    #[test]
    fn issuer_holder_and_requester_open_a_printed_token() {
        let with_three = ConsentClaims { requester: requester_of("hengqin"), ..claims() };
        let token = ConsentToken::issue(&with_three, &secrets("zhuhai"), &directory(), &mut rng(21)).unwrap();
        let read = ConsentToken::from_text(&format!("  {}\n", token.to_text())).unwrap();
        assert_eq!(read, token);
        for at in ["zhuhai", "macau", "hengqin"] {
            assert_eq!(open(&read, at), Ok(with_three.clone()), "{at}");
        }
        assert_eq!(read.claimed_id(), Some(with_three.id));
    }

    fn requester_of(name: &str) -> tongcha_domain::consent::OrgUnit {
        tongcha_domain::consent::OrgUnit { party: party(name), unit: "reception".parse().unwrap() }
    }

    #[test]
    fn a_stranger_verifies_a_token_but_learns_no_subject() {
        let token = issued(); // Zhuhai asks Macau
        assert_eq!(open(&token, "hengqin"), Err(TokenError::NotForUs(party("hengqin"))));
        let seen = token.verify(&directory()).unwrap();
        assert_eq!(seen, ConsentClaims { subjects: Vec::new(), ..claims() });
        let number = claims().subjects[0].document.number().to_owned();
        assert!(!token.bytes().windows(number.len()).any(|part| part == number.as_bytes()));
    }

    #[test]
    fn who_signed_without_being_covered_is_not_in_the_token() {
        let father = Signatory::Person(claims().subjects[1].clone());
        let with_father = ConsentClaims { others: vec![father], ..claims() };
        let token = ConsentToken::issue(&with_father, &secrets("zhuhai"), &directory(), &mut rng(21)).unwrap();
        assert_eq!(open(&token, "macau"), Ok(claims()));
        let in_the_open = resigned(|signed| signed.claims.others.clone_from(&with_father.others));
        assert_eq!(open(&in_the_open, "macau"), Err(TokenError::Subjects));
    }

    #[test]
    fn every_single_bit_flip_is_refused() {
        let directory = directory();
        for flipped in flips(issued().bytes()) {
            assert!(ConsentToken::from_bytes(flipped).verify(&directory).is_err());
        }
    }

    #[test]
    fn every_changed_character_of_the_text_is_refused() {
        let (directory, text) = (directory(), issued().to_text());
        for at in 0..text.len() {
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            let refused = ConsentToken::from_text(&changed).and_then(|token| token.verify(&directory));
            assert!(refused.is_err(), "character {at}");
        }
        // The last character of some lengths carries bits that encode nothing: they must be zero.
        let token = ConsentToken::from_bytes(vec![0; 100]);
        let mut text = token.to_text();
        assert_eq!(text.pop(), Some('A'));
        assert_eq!(ConsentToken::from_text(&format!("{text}B")), Err(TokenError::Text));
    }

    #[test]
    fn text_of_another_form_is_refused() {
        let text = issued().to_text();
        for bad in ["", "tc1", "tc2.AAAA", "tc1.AA=A", "tc1.AA A", "TC1.AAAA"] {
            assert_eq!(ConsentToken::from_text(bad), Err(TokenError::Text), "{bad}");
        }
        assert_eq!(ConsentToken::from_text(&text[4..]), Err(TokenError::Text), "without its beginning");
        let len = TOKEN_MAX * 2 + 1;
        assert_eq!(ConsentToken::from_text(&format!("tc1.{}", "A".repeat(len))), Err(TokenError::Length(len)));
    }

    #[test]
    fn a_token_is_no_event_and_an_event_no_token() {
        let token = issued();
        let head = &token.bytes()[..token.bytes().len() - SIGNATURE_LEN];
        let as_event = sign_raw(head, b"tongcha/event/v1\0");
        assert_eq!(as_event.verify(&directory()), Err(TokenError::Signature));
        let (_, _, _, entry) = sealed_entry(event(EventKind::ConsentGranted));
        let (head, _) = entry.bytes().split_last_chunk::<SIGNATURE_LEN>().unwrap();
        let as_token = sign_raw(head, PREFIX);
        let refused = VerifiedEntry::verify(as_token.bytes(), &directory());
        assert_eq!(refused, Err(EntryError::Signature { origin: party("zhuhai"), seq: 0 }));
        assert!(matches!(as_token.verify(&directory()), Err(TokenError::Codec(_))), "nor do its bytes decode");
        assert!(matches!(VerifiedEntry::verify(token.bytes(), &directory()), Err(EntryError::Header(_))));
    }

    #[test]
    fn form_version_and_key_are_checked() {
        let verify = |token: &ConsentToken| token.verify(&directory()).unwrap_err();
        assert_eq!(verify(&resigned(|signed| signed.version = 2)), TokenError::Version(2));
        assert_eq!(verify(&resigned(|signed| signed.key_id = KeyId([0; 8]))), TokenError::UnknownKey(party("zhuhai")));
        let stranger = resigned(|signed| signed.claims.issuer = party("elsewhere"));
        assert_eq!(verify(&stranger), TokenError::UnknownKey(party("elsewhere")));
        let of_macau = resigned(|signed| {
            (signed.claims.issuer, signed.key_id) = (party("macau"), secrets("macau").key_id());
        });
        assert_eq!(verify(&of_macau), TokenError::Signature, "signed by another party");
        let long = canonical::encode(&decoded(&issued())).unwrap();
        let trailing = sign_raw(&[long.as_slice(), &[0]].concat(), PREFIX);
        assert_eq!(verify(&trailing), TokenError::Codec(CodecError::Trailing(1)));
        assert_eq!(verify(&ConsentToken::from_bytes(vec![0; 63])), TokenError::Length(63));
        assert_eq!(verify(&ConsentToken::from_bytes(vec![0; TOKEN_MAX + 1])), TokenError::Length(TOKEN_MAX + 1));
    }

    #[test]
    fn the_subjects_are_those_that_the_token_commits_to() {
        let key = BodyKey([8; 32]);
        let seal = |plain: &[u8]| XChaCha20Poly1305::new((&key.0).into()).encrypt(&XNonce::default(), plain).unwrap();
        let wrap = || {
            let directory = directory();
            let macau = directory.party(party("macau")).unwrap();
            ChannelSender::establish(party("zhuhai"), &macau, &mut rng(3)).unwrap().wrap(PLACE, &key).unwrap()
        };
        let give = |subjects: Vec<u8>, key_hash: [u8; 32]| {
            let token = resigned(|signed| {
                (signed.subjects, signed.key_hash) = (subjects, key_hash);
                signed.keys.insert(party("macau"), wrap());
            });
            open(&token, "macau")
        };
        let none = canonical::encode(&Vec::<Subject>::new()).unwrap();
        assert_eq!(
            give(seal(&none), key.hash()).map(|claims| claims.subjects),
            Ok(Vec::new()),
            "what is refused below"
        );
        assert_eq!(give(seal(&none), BodyKey([9; 32]).hash()), Err(TokenError::Subjects), "another key for Macau");
        assert_eq!(give(vec![0; 40], key.hash()), Err(TokenError::Subjects), "no ciphertext of this key");
        assert_eq!(give(seal(&[0, 0]), key.hash()), Err(TokenError::Codec(CodecError::Trailing(1))));
        let crowd = vec![claims().subjects.remove(0); SUBJECTS_MAX + 1];
        assert_eq!(give(seal(&canonical::encode(&crowd).unwrap()), key.hash()), Err(TokenError::Subjects));
        let in_the_open = resigned(|signed| signed.claims.subjects = claims().subjects);
        assert_eq!(open(&in_the_open, "macau"), Err(TokenError::Subjects));
        let misdirected = resigned(|signed| signed.keys.values_mut().for_each(|key| key.tag[0] ^= 1));
        assert_eq!(open(&misdirected, "macau"), Err(TokenError::Key(ChannelError::Unwrap)));
    }

    #[test]
    fn a_party_without_a_key_gets_no_token() {
        let holder = party("elsewhere");
        let refused =
            ConsentToken::issue(&ConsentClaims { holder, ..claims() }, &secrets("zhuhai"), &directory(), &mut rng(1));
        assert_eq!(refused, Err(TokenError::UnknownKey(holder)));
    }

    #[test]
    fn tokens_fit_a_qr_code() {
        let issue =
            |claims: &ConsentClaims| ConsentToken::issue(claims, &secrets("zhuhai"), &directory(), &mut rng(21));
        // Every token that can be issued: base64url makes 4 characters of 3 bytes.
        assert!(TEXT_PREFIX.len() + (TOKEN_MAX * 4).div_ceil(3) <= QR_MAX);
        let persons = |count| claims().subjects.into_iter().cycle().take(count).collect();
        let three_parties = |claims| ConsentClaims { requester: requester_of("hengqin"), ..claims };
        let family = ConsentClaims { subjects: persons(SUBJECTS_MAX), ..letter() };
        let sizes = [
            ("2 adults, 6 items, 2 parties", claims(), 640),
            ("2 adults, 6 items, 3 parties", three_parties(claims()), 730),
            ("12 persons, 20 items, 3 parties", three_parties(family), 1_500),
        ];
        for (name, claims, at_most) in sizes {
            let token = issue(&claims).unwrap();
            println!("{name}: {} bytes, {} characters", token.bytes().len(), token.to_text().len());
            assert!(token.bytes().len() <= at_most && token.to_text().len() <= QR_MAX, "{name}");
        }
        let crowd = ConsentClaims { subjects: persons(40), ..letter() };
        assert!(matches!(issue(&crowd), Err(TokenError::Length(len)) if len > TOKEN_MAX));
    }
}
