//! A stable code for each way in which something is refused: what the vectors expect. A new way does not compile until it has
//! a code here, and then the vectors lack a case of it until there is one.

use tongcha_domain::keys::KeyFault;

use crate::ask::AskError;
use crate::body::BodyError;
use crate::canonical::CodecError;
use crate::channel::ChannelError;
use crate::checkpoint::CheckpointError;
use crate::directory::StatementError;
use crate::entry::EntryError;
use crate::key::KeyError;
use crate::merkle::ProofError;
use crate::note::{NoteError, VerifierKeyError};
use crate::parcel::ParcelError;
use crate::proof::ReceiptError;
use crate::root::StatementTextError;
use crate::token::TokenError;

/// What is not refused.
pub(super) const VALID: &str = "valid";

/// An error with stable codes.
pub(super) trait Verdict {
    /// Every code there can be.
    fn codes() -> Vec<String>;
    /// The code of this one.
    fn code(&self) -> String;
}

macro_rules! verdicts {
    ($error:ident: $($pattern:pat => $code:literal $(/ $inner:ident: $of:ident)?,)*) => {
        impl Verdict for $error {
            fn codes() -> Vec<String> {
                [$(verdicts!(@all $code $(, $of)?)),*].concat()
            }

            fn code(&self) -> String {
                match self {
                    $($pattern => verdicts!(@one $code $(, $inner)?),)*
                }
            }
        }
    };
    (@all $code:literal) => { vec![$code.to_owned()] };
    (@all $code:literal, $of:ident) => {
        $of::codes().iter().map(|inner| format!("{}/{inner}", $code)).collect::<Vec<_>>()
    };
    (@one $code:literal) => { $code.to_owned() };
    (@one $code:literal, $inner:ident) => { format!("{}/{}", $code, $inner.code()) };
}

verdicts! { CodecError:
    Self::TooLong { .. } => "too-long",
    Self::Malformed => "malformed",
    Self::Trailing(_) => "trailing",
    Self::NotCanonical => "not-canonical",
    Self::Unencodable => "unencodable",
}

verdicts! { KeyError:
    Self::NotCanonical => "not-canonical",
    Self::Weak => "weak",
    Self::Torsion => "torsion",
    Self::Sealing => "sealing",
    Self::Possession => "possession",
    Self::Duplicate(_) => "duplicate",
    Self::Codec(inner) => "codec" / inner: CodecError,
    Self::Statement(..) => "statement",
    Self::Uncertified(_) => "uncertified",
}

verdicts! { EntryError:
    Self::Length(_) => "length",
    Self::Header(inner) => "header" / inner: CodecError,
    Self::Version(_) => "version",
    Self::UnknownKey { .. } => "unknown-key",
    Self::Signature { .. } => "signature",
    Self::Audience => "audience",
    Self::Signing => "signing",
    Self::Sequence { .. } => "sequence",
    Self::Chain { .. } => "chain",
    Self::Clock { .. } => "clock",
    Self::Keys { source, .. } => "keys" / source: KeyFault,
    Self::Statement { source, .. } => "statement" / source: StatementError,
}

verdicts! { KeyFault:
    Self::NotAdded => "not-added",
    Self::Ended { .. } => "ended",
    Self::Early { .. } => "early",
    Self::AddedBefore => "added-before",
    Self::Old { .. } => "old",
    Self::NotItsOwn => "not-its-own",
    Self::NoSuchKey => "no-such-key",
    Self::OnlyKey => "only-key",
    Self::Ahead { .. } => "ahead",
    Self::TakesBack { .. } => "takes-back",
}

verdicts! { StatementError:
    Self::Text(inner) => "text" / inner: StatementTextError,
    Self::Body => "body",
    Self::Party(_) => "party",
    Self::OtherParty { .. } => "other-party",
    Self::NoRoot(_) => "no-root",
    Self::Root(_) => "root",
    Self::Key(inner) => "key" / inner: KeyError,
    Self::Name => "name",
    Self::UnknownKey(_) => "unknown-key",
    Self::Old { .. } => "old",
}

impl Verdict for StatementTextError {
    fn codes() -> Vec<String> {
        [vec!["form".to_owned()], CodecError::codes()].concat()
    }

    fn code(&self) -> String {
        match self {
            Self::Text => "form".to_owned(),
            Self::Codec(inner) => inner.code(),
        }
    }
}

verdicts! { BodyError:
    Self::TooLong(_) => "too-long",
    Self::Length => "length",
    Self::Digest => "digest",
    Self::Key => "key",
    Self::Open => "open",
    Self::Codec(inner) => "body" / inner: CodecError,
    Self::Kind => "kind",
    Self::Audience => "audience",
    Self::Unpublished => "unpublished",
}

verdicts! { ChannelError:
    Self::Setup => "setup",
    Self::Unwrap => "unwrap",
}

verdicts! { TokenError:
    Self::Text => "text",
    Self::Length(_) => "length",
    Self::Codec(inner) => "content" / inner: CodecError,
    Self::Version(_) => "version",
    Self::UnknownKey(_) => "unknown-key",
    Self::Signature => "signature",
    Self::NotForUs(_) => "not-for-us",
    Self::Compromised(_) => "compromised",
    Self::Subjects => "subjects",
    Self::Key(inner) => "key" / inner: ChannelError,
    Self::Signing => "signing",
}

verdicts! { AskError:
    Self::Codec(inner) => "message" / inner: CodecError,
    Self::Length(_) => "length",
    Self::Version(_) => "version",
    Self::Open => "open",
    Self::Key(inner) => "key" / inner: ChannelError,
    Self::UnknownKey(_) => "unknown-key",
    Self::Signature(_) => "signature",
    Self::Asker { .. } => "asker",
    Self::Holder(_) => "holder",
    Self::Lookup => "lookup",
    Self::Compromised(_) => "compromised",
    Self::Signing => "signing",
}

verdicts! { ParcelError:
    Self::Parcel(inner) => "parcel" / inner: CodecError,
    Self::Entry(inner) => "entry" / inner: EntryError,
    Self::Origin { .. } => "origin",
    Self::BodyMissing => "body-missing",
    Self::BodyUnasked => "body-unasked",
    Self::Key(inner) => "key" / inner: ChannelError,
    Self::Body(inner) => "body" / inner: BodyError,
}

verdicts! { NoteError:
    Self::TooLong { .. } => "too-long",
    Self::Characters => "characters",
    Self::Form => "form",
    Self::Line => "line",
    Self::TooMany(_) => "too-many",
    Self::Unsigned(_) => "unsigned",
    Self::Signature(_) => "signature",
    Self::Opening(_) => "opening",
    Self::Signing(_) => "signing",
}

verdicts! { ProofError:
    Self::Index { .. } => "index",
    Self::Shrunk { .. } => "shrunk",
    Self::Fork { .. } => "fork",
    Self::Length(_) => "length",
    Self::FirstRoot => "first-root",
    Self::Root => "root",
}

verdicts! { CheckpointError:
    Self::Keys(inner) => "keys" / inner: KeyFault,
    Self::Note(inner) => "note" / inner: NoteError,
    Self::Lines => "lines",
    Self::Size => "size",
    Self::Root => "root",
    Self::EmptyRoot => "empty-root",
    Self::Origin { .. } => "origin",
    Self::Consistency(inner) => "consistency" / inner: ProofError,
    Self::Time => "time",
}

verdicts! { VerifierKeyError:
    Self::Parts => "parts",
    Self::Name => "name",
    Self::Id => "id",
    Self::Base64 => "base64",
    Self::Type(_) => "type",
    Self::Length(_) => "length",
    Self::Mismatch => "mismatch",
}

verdicts! { ReceiptError:
    Self::TooLong(_) => "too-long",
    Self::Form => "form",
    Self::Note(inner) => "note" / inner: NoteError,
    Self::Entry(inner) => "entry" / inner: EntryError,
    Self::Party(_) => "party",
    Self::Key(inner) => "key" / inner: VerifierKeyError,
    Self::Checkpoint(inner) => "checkpoint" / inner: CheckpointError,
    Self::Position { .. } => "position",
    Self::Proof(inner) => "proof" / inner: ProofError,
}

/// The verdict on a result.
pub(super) fn verdict<T, E: Verdict>(result: Result<T, E>) -> String {
    result.map_or_else(|error| error.code(), |_| VALID.to_owned())
}
