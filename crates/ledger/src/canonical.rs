//! Strict postcard. The format itself is not canonical (over-long varints, trailing bytes, unsorted maps and sets
//! decode), so a decoded value is encoded again and must give the bytes received.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why bytes are not the canonical encoding of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Longer than the format allows; checked before decoding.
    #[error("{len} bytes, at most {max} are allowed")]
    TooLong {
        /// Bytes found.
        len: usize,
        /// The most that are allowed.
        max: usize,
    },
    /// They don't decode.
    #[error("the bytes do not decode")]
    Malformed,
    /// They decode, and more bytes follow.
    #[error("{0} bytes follow the value")]
    Trailing(usize),
    /// They decode, but are not the one encoding of the value.
    #[error("the bytes are not the canonical encoding of their value")]
    NotCanonical,
    /// The value can't be encoded; no type of ours is so.
    #[error("the value can't be encoded")]
    Unencodable,
}

/// Encodes a value.
///
/// # Errors
/// [`CodecError::Unencodable`] for types that postcard can't encode.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, CodecError> {
    postcard::to_stdvec(value).map_err(|_| CodecError::Unencodable)
}

/// Decodes the canonical encoding of a value of at most `max` bytes.
///
/// # Errors
/// Says in which way the bytes are not that.
pub fn decode<T: Serialize + DeserializeOwned>(bytes: &[u8], max: usize) -> Result<T, CodecError> {
    if bytes.len() > max {
        return Err(CodecError::TooLong { len: bytes.len(), max });
    }
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(|_| CodecError::Malformed)?;
    if !rest.is_empty() {
        return Err(CodecError::Trailing(rest.len()));
    }
    match postcard::serialize_with_flavor(&value, Same(bytes)) {
        Ok(true) => Ok(value),
        Ok(false) | Err(postcard::Error::SerializeBufferFull) => Err(CodecError::NotCanonical),
        Err(_) => Err(CodecError::Unencodable),
    }
}

/// Compares the encoding of a value with bytes while it is made, instead of writing it down first: this is done for every
/// entry that is read.
struct Same<'a>(&'a [u8]);

impl postcard::ser_flavors::Flavor for Same<'_> {
    type Output = bool;

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0 = self.0.strip_prefix(bytes).ok_or(postcard::Error::SerializeBufferFull)?;
        Ok(())
    }

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn finalize(self) -> postcard::Result<bool> {
        Ok(self.0.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn over_long_varints_are_refused() {
        assert_eq!(decode::<u32>(&[0x80, 0x00], 16), Err(CodecError::NotCanonical));
        assert_eq!(decode::<Vec<u8>>(&[0x81, 0x00, 7], 16), Err(CodecError::NotCanonical), "as a length");
        assert_eq!(decode::<Option<u8>>(&[1, 7], 16), Ok(Some(7)));
    }

    #[test]
    fn trailing_bytes_are_refused() {
        assert_eq!(decode::<u8>(&[1, 2, 3], 16), Err(CodecError::Trailing(2)));
    }

    #[test]
    fn unsorted_or_repeated_members_are_refused() {
        assert_eq!(decode::<BTreeSet<u8>>(&[2, 5, 4], 16), Err(CodecError::NotCanonical));
        assert_eq!(decode::<BTreeSet<u8>>(&[2, 4, 4], 16), Err(CodecError::NotCanonical));
        assert_eq!(decode::<BTreeMap<u8, u8>>(&[2, 4, 0, 4, 1], 16), Err(CodecError::NotCanonical));
    }

    #[test]
    fn length_is_checked_first() {
        assert_eq!(decode::<Vec<u8>>(&[0xFF; 32], 16), Err(CodecError::TooLong { len: 32, max: 16 }));
        assert_eq!(decode::<Vec<u8>>(&[0xFF; 4], 16), Err(CodecError::Malformed));
    }

    proptest::proptest! {
        #[test]
        fn what_decodes_is_what_was_encoded(bytes in proptest::collection::vec(0u8.., 0..24)) {
            type Value = (u64, Option<bool>, Vec<i16>, BTreeMap<u8, String>);
            if let Ok(value) = decode::<Value>(&bytes, 64) {
                proptest::prop_assert_eq!(encode(&value).unwrap(), bytes);
            }
        }
    }
}
