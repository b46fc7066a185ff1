//! Signed notes: text with signature lines below it, as in C2SP `signed-note` v1.0.0 (c2sp.org/signed-note).
//!
//! In scope: the form of a note, of its signature lines and of verifier keys; signing and verifying with a party's key.
//! Out of scope: what the text means ([`crate::checkpoint`]).
//!
//! ```text
//! note         = text ‖ "\n" ‖ one or more of: "— " ‖ key name ‖ " " ‖ base64( key ID ‖ signature ) ‖ "\n"
//! key ID       = first 4 bytes of SHA-256( key name ‖ "\n" ‖ type ‖ public key )
//! verifier key = key name ‖ "+" ‖ hex( key ID ) ‖ "+" ‖ base64( type ‖ public key )
//! ```
//!
//! The text ends in a newline. A note is valid if at least one signature of a known key verifies and none of a known key
//! fails; signatures of unknown keys are passed over. A key is known by its name and key ID together.
//!
//! A note has no prefix of its own under the signature: its text is signed as it is. It can't pass as another message of
//! ours, nor the reverse: we sign only notes that open with the key's own name ([`NoteError::Opening`]), and a party's log
//! key is named `tongcha.example/…`, while all else we sign opens with `tongcha/…` (entries, cards, tokens) or with
//! `cosignature/v1` (cosignatures). No message can open with two of these.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::key::{PartyKeys, PartySecrets};
use crate::sha256;

/// The most signatures of a note that is read. Readers must take 16 (signed-note, section Format); a log and its witnesses
/// need one for each party.
pub const SIGNATURES_MAX: usize = 32;

/// The longest note that is read, in bytes: room for [`SIGNATURES_MAX`] signatures of the largest kind in sight (nearly
/// 5 kB, post-quantum) in base64, and 32 KiB of text.
pub const NOTE_MAX: usize = 256 * 1024;

/// The longest text of a note, in bytes. A checkpoint has about 100.
pub const TEXT_MAX: usize = 32 * 1024;

const DASH: &str = "\u{2014} ";

/// What a key signs, and with which algorithm: the byte that goes into its key ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureType {
    /// `0x01`: Ed25519 over the note's text.
    Ed25519,
    /// `0x04`: Ed25519 cosignature with a timestamp, over a checkpoint (c2sp.org/tlog-cosignature).
    Cosignature,
}

impl SignatureType {
    /// Returns the assigned byte.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    fn of_byte(byte: u8) -> Option<Self> {
        [Self::Ed25519, Self::Cosignature].into_iter().find(|known| known.byte() == byte)
    }
}

/// Why text is no verifier key, or a party's card gives none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifierKeyError {
    /// Not three parts separated by `+`.
    #[error("a verifier key is a name, a key ID and a key, separated by +")]
    Parts,
    /// The name is empty or has a space, a `+` or a control character.
    #[error("a key name has at least one character and no space, + or control character")]
    Name,
    /// Not a key ID of 8 lower-case hexadecimal digits.
    #[error("a key ID is 8 lower-case hexadecimal digits")]
    Id,
    /// The key is not canonical base64 of a type and a key.
    #[error("the key is not base64 of a type and a public key")]
    Base64,
    /// A type this code does not read.
    #[error("signature type {0:#04x} is not known")]
    Type(u8),
    /// Not the length of an Ed25519 public key.
    #[error("{0} bytes are no Ed25519 public key")]
    Length(usize),
    /// The key ID is not the one that name, type and key give.
    #[error("the key ID does not belong to this name and key")]
    Mismatch,
}

/// A public key as notes name it. This is what is published for third-party tools; by itself it verifies nothing here,
/// because a party's key counts only with the checks of its card ([`crate::key::PartyKeys::register`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: SignatureType,
    public: [u8; 32],
}

impl VerifierKey {
    /// Names a public key.
    ///
    /// # Errors
    /// When the name is not one.
    pub fn new(name: &str, kind: SignatureType, public: [u8; 32]) -> Result<Self, VerifierKeyError> {
        if !is_key_name(name) {
            return Err(VerifierKeyError::Name);
        }
        Ok(Self { name: name.to_owned(), kind, public })
    }

    /// Returns the key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what the key signs.
    #[must_use]
    pub fn kind(&self) -> SignatureType {
        self.kind
    }

    /// Returns the Ed25519 public key.
    #[must_use]
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Returns the key ID: not a hash to rely on, only a way to find the key.
    #[must_use]
    pub fn key_id(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = sha256(self.name.as_bytes(), &[b"\n", &[self.kind.byte()], &self.public]);
        [a, b, c, d]
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind.byte()], self.public.as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.key_id()), BASE64.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<Self, VerifierKeyError> {
        // Base64 can hold a +, a name and a key ID can't.
        let (name, rest) = text.split_once('+').ok_or(VerifierKeyError::Parts)?;
        let (id, key) = rest.split_once('+').ok_or(VerifierKeyError::Parts)?;
        let mut key_id = [0; 4];
        hex::decode_to_slice(id, &mut key_id).map_err(|_| VerifierKeyError::Id)?;
        if hex::encode(key_id) != id {
            return Err(VerifierKeyError::Id);
        }
        let key = BASE64.decode(key).map_err(|_| VerifierKeyError::Base64)?;
        let (kind, public) = key.split_first().ok_or(VerifierKeyError::Base64)?;
        let kind = SignatureType::of_byte(*kind).ok_or(VerifierKeyError::Type(*kind))?;
        let public = public.try_into().map_err(|_| VerifierKeyError::Length(public.len()))?;
        let key = Self::new(name, kind, public)?;
        if key.key_id() == key_id { Ok(key) } else { Err(VerifierKeyError::Mismatch) }
    }
}

/// Tells whether text can be a key name: not empty, no Unicode space, no `+`, no control character.
fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+' || c < ' ')
}

/// Why a note or a signature line is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`NOTE_MAX`], or its text than [`TEXT_MAX`]; checked before anything else is read.
    #[error("{len} bytes, at most {max} are allowed")]
    TooLong {
        /// Bytes found.
        len: usize,
        /// The most that are allowed.
        max: usize,
    },
    /// Not UTF-8, or with a control character other than newline.
    #[error("a note is UTF-8 without control characters other than newline")]
    Characters,
    /// No empty line between text and signatures, no newline at the end, or no signature.
    #[error("a note is a text, an empty line and signature lines, each ending in a newline")]
    Form,
    /// Not a signature line.
    #[error("not a signature line: a dash, a key name and base64 of key ID and signature")]
    Line,
    /// More signatures than [`SIGNATURES_MAX`].
    #[error("{0} signatures are more than are read")]
    TooMany(usize),
    /// No signature of the key the note must have one of.
    #[error("the note has no signature of {0}")]
    Unsigned(String),
    /// A signature under the name and key ID of a known key does not verify: the whole note is refused.
    #[error("a signature of {0} does not verify")]
    Signature(String),
    /// The text to sign does not open with the key's name.
    #[error("we sign only notes that open with the name of the key, {0}")]
    Opening(String),
    /// The secrets are not those of the key, or our own signature failed its check.
    #[error("the note could not be signed for {0}")]
    Signing(String),
}

/// A signature line, without the newline at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

impl NoteSignature {
    /// Returns the name of the key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the key ID.
    #[must_use]
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// Returns the signature: what it holds depends on the key's type.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    fn is_of(&self, key: &VerifierKey) -> bool {
        self.name == key.name && self.key_id == key.key_id()
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.key_id.as_slice(), &self.signature].concat();
        write!(f, "{DASH}{} {}", self.name, BASE64.encode(bytes))
    }
}

impl FromStr for NoteSignature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, NoteError> {
        if line.len() > NOTE_MAX {
            return Err(NoteError::TooLong { len: line.len(), max: NOTE_MAX });
        }
        let (name, bytes) = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or(NoteError::Line)?;
        let bytes = BASE64.decode(bytes).map_err(|_| NoteError::Line)?;
        match bytes.split_first_chunk() {
            Some((key_id, signature)) if is_key_name(name) && !signature.is_empty() => {
                Ok(Self { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() })
            }
            Some(_) | None => Err(NoteError::Line),
        }
    }
}

/// A note of the right form. Nothing in it counts before a signature is verified.
///
/// The form is unique: a note that parses is written again byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// Makes a note with its first signature.
    pub(crate) fn new(text: String, signature: NoteSignature) -> Self {
        Self { text, signatures: vec![signature] }
    }

    /// Reads a note.
    ///
    /// # Errors
    /// When it is too long, has more signatures than are read, or has not the form of a note.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_MAX {
            return Err(NoteError::TooLong { len: bytes.len(), max: NOTE_MAX });
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?;
        if note.contains(|c: char| c < ' ' && c != '\n') {
            return Err(NoteError::Characters);
        }
        // The last empty line separates; the text keeps its own newline, and may hold empty lines itself.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        let text = format!("{text}\n");
        if text.len() > TEXT_MAX {
            return Err(NoteError::TooLong { len: text.len(), max: TEXT_MAX });
        }
        let lines: Vec<_> = lines.strip_suffix('\n').ok_or(NoteError::Form)?.split('\n').collect();
        if lines.len() > SIGNATURES_MAX {
            return Err(NoteError::TooMany(lines.len()));
        }
        let signatures = lines.into_iter().map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { text, signatures })
    }

    /// Returns the text, with the newline at its end.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the signatures, known or not, in their order.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Puts a signature in, at the end or in the place of one under the same name and key ID.
    ///
    /// # Errors
    /// When there is no room for another.
    pub(crate) fn put(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        let same = |other: &&mut NoteSignature| (&other.name, other.key_id) == (&signature.name, signature.key_id);
        if let Some(place) = self.signatures.iter_mut().find(same) {
            *place = signature;
            return Ok(());
        }
        if self.signatures.len() >= SIGNATURES_MAX {
            return Err(NoteError::TooMany(self.signatures.len() + 1));
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Verifies all signatures under a key's name and key ID, and returns what each says; nothing when there is none.
    ///
    /// # Errors
    /// When one of them does not verify.
    pub(crate) fn read_signatures<T>(
        &self,
        key: &NoteKey,
        read: impl Fn(&NoteSignature) -> Option<T>,
    ) -> Result<Vec<T>, NoteError> {
        let of_key = self.signatures.iter().filter(|signature| signature.is_of(&key.verifier));
        of_key.map(|signature| read(signature).ok_or_else(|| NoteError::Signature(key.name()))).collect()
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

/// A party's registered key under a name of signed notes.
#[derive(Clone, Debug)]
pub(crate) struct NoteKey {
    verifier: VerifierKey,
    keys: PartyKeys,
}

impl NoteKey {
    /// Puts a party's registered key under a name.
    pub(crate) fn new(keys: &PartyKeys, name: &str, kind: SignatureType) -> Result<Self, VerifierKeyError> {
        Ok(Self { verifier: VerifierKey::new(name, kind, *keys.signing())?, keys: keys.clone() })
    }

    pub(crate) fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn keys(&self) -> &PartyKeys {
        &self.keys
    }

    fn name(&self) -> String {
        self.verifier.name.clone()
    }

    /// Signs a note's text. Only one that opens with the key's name: see the module's head.
    pub(crate) fn sign_text(&self, text: &str, secrets: &PartySecrets) -> Result<NoteSignature, NoteError> {
        let (opening, _) = text.split_once('\n').unwrap_or_default();
        if opening != self.verifier.name || !text.ends_with('\n') {
            return Err(NoteError::Opening(self.name()));
        }
        self.sign(b"", text, secrets, &[])
    }

    /// Signs prefix and text; the line holds `stamp` before the signature.
    pub(crate) fn sign(
        &self,
        prefix: &[u8],
        text: &str,
        secrets: &PartySecrets,
        stamp: &[u8],
    ) -> Result<NoteSignature, NoteError> {
        // A line under the key ID of another key would make every reader refuse the whole note.
        let own = secrets.party() == self.keys.party() && secrets.key_id() == self.keys.key_id();
        let signature = if own { secrets.sign(prefix, text.as_bytes()) } else { None };
        let signature = signature.ok_or_else(|| NoteError::Signing(self.name()))?;
        let signature = [stamp, &signature].concat();
        Ok(NoteSignature { name: self.name(), key_id: self.verifier.key_id(), signature })
    }

    /// Verifies that the note has a signature of this key over its text, and that all it has verify.
    pub(crate) fn verify_text(&self, note: &Note) -> Result<(), NoteError> {
        let verified = note.read_signatures(self, |signature| {
            let signature: &[u8; 64] = signature.signature.as_slice().try_into().ok()?;
            self.keys.verify(b"", note.text.as_bytes(), signature).then_some(())
        })?;
        if verified.is_empty() { Err(NoteError::Unsigned(self.name())) } else { Ok(()) }
    }
}

#[cfg(test)]
#[path = "note_tests.rs"]
mod tests;
