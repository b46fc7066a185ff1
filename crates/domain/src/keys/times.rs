//! The rule: from where to where in its log each key of a party is valid.

use crate::keys::{KeyName, KeyStatement, KeyWord};

/// Why a key is not valid at a place, or a statement does not stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// The log has not added the key so far.
    #[error("signed with a key that this log has not added")]
    NotAdded,
    /// The key has ended.
    #[error("signed with a key that was {how} and is not valid from entry {until} on")]
    Ended {
        /// How it ended.
        how: KeyEnd,
        /// The first place at which it is not valid.
        until: u64,
    },
    /// The certificate begins later.
    #[error("the key's certificate begins at entry {from_seq}")]
    Early {
        /// Where it begins.
        from_seq: u64,
    },
    /// A key is added twice, or comes back after its end.
    #[error("the key was added before")]
    AddedBefore,
    /// A certificate that is older than the last one taken.
    #[error("statement {serial} is older than number {last}, which was taken before")]
    Old {
        /// Its number.
        serial: u32,
        /// The number of the one taken before.
        last: u32,
    },
    /// The entry that adds a key is signed with another.
    #[error("an entry that adds a key must be signed with it")]
    NotItsOwn,
    /// The statement is about a key that the log has not added, or that has ended.
    #[error("the statement is about a key that is not valid here")]
    NoSuchKey,
    /// The party would be left without a key.
    #[error("the party would be left without a key")]
    OnlyKey,
    /// The cut lies after the entry that says so.
    #[error("the cut, {cut}, lies after this entry")]
    Ahead {
        /// The cut.
        cut: u64,
    },
    /// The cut would take back entries that were taken.
    #[error("the cut, {cut}, lies before entry {used}, which was taken with this key: it can't be taken back")]
    TakesBack {
        /// The cut.
        cut: u64,
        /// The last entry taken that is signed with the key.
        used: u64,
    },
}

/// How a key ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEnd {
    /// Another took its place.
    Replaced,
    /// It was retired.
    Retired,
    /// Somebody else has it.
    Compromised,
}

impl std::fmt::Display for KeyEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Replaced => "replaced",
            Self::Retired => "retired",
            Self::Compromised => "compromised",
        })
    }
}

/// Where a key is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpan {
    /// The key.
    pub key: KeyName,
    /// The first place.
    pub from: u64,
    /// How it ended, and the first place at which it is not valid.
    pub end: Option<(KeyEnd, u64)>,
}

impl KeySpan {
    fn holds(&self, seq: u64) -> bool {
        self.from <= seq && self.end.is_none_or(|(_, until)| seq < until)
    }
}

/// The keys of one log, as far as it was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTimes {
    spans: Vec<KeySpan>,
    /// Number of the last certificate taken.
    certified: u32,
}

impl KeyTimes {
    /// Begins with the key of the party's card.
    #[must_use]
    pub fn new(first: KeyName, serial: u32) -> Self {
        Self { spans: vec![KeySpan { key: first, from: 0, end: None }], certified: serial }
    }

    /// Returns every key that the log has had, the newest last.
    #[must_use]
    pub fn spans(&self) -> &[KeySpan] {
        &self.spans
    }

    /// Checks that a key is valid at a place.
    ///
    /// # Errors
    /// When it was not added before, or has ended.
    pub fn check(&self, key: KeyName, seq: u64) -> Result<(), KeyFault> {
        // The newest last: almost always it is the one asked for.
        let Some(span) = self.spans.iter().rev().find(|span| span.key == key) else { return Err(KeyFault::NotAdded) };
        match span.end {
            _ if span.holds(seq) => Ok(()),
            Some((how, until)) if seq >= until => Err(KeyFault::Ended { how, until }),
            Some(_) | None => Err(KeyFault::NotAdded),
        }
    }

    /// Takes what the root says in entry `seq`, signed with `signer`. `last_use` tells the last entry before it that is
    /// signed with a key.
    ///
    /// # Errors
    /// When it does not stand here; nothing is changed then.
    pub fn take(
        &mut self,
        seq: u64,
        signer: KeyName,
        statement: &KeyStatement,
        last_use: impl Fn(KeyName) -> Option<u64>,
    ) -> Result<(), KeyFault> {
        match &statement.word {
            KeyWord::Certified(certificate) => {
                let (serial, last) = (statement.serial, self.certified);
                if signer != certificate.key {
                    return Err(KeyFault::NotItsOwn);
                }
                if self.spans.iter().any(|span| span.key == certificate.key) {
                    return Err(KeyFault::AddedBefore);
                }
                if serial <= last {
                    return Err(KeyFault::Old { serial, last });
                }
                if seq < certificate.from_seq {
                    return Err(KeyFault::Early { from_seq: certificate.from_seq });
                }
                if let Some(replaced) = certificate.replaces {
                    self.end(replaced, seq, KeyEnd::Replaced)?;
                }
                self.spans.push(KeySpan { key: certificate.key, from: seq, end: None });
                self.certified = serial;
                Ok(())
            }
            KeyWord::Retired { key } => {
                if !self.spans.iter().any(|span| span.key != *key && span.holds(seq)) {
                    return Err(KeyFault::OnlyKey);
                }
                self.end(*key, seq, KeyEnd::Retired)
            }
            KeyWord::Compromised { key, cut } => {
                if *cut > seq {
                    return Err(KeyFault::Ahead { cut: *cut });
                }
                if let Some(used) = last_use(*key).filter(|used| used >= cut) {
                    return Err(KeyFault::TakesBack { cut: *cut, used });
                }
                if !self.spans.iter().any(|span| span.key != *key && span.holds(seq)) {
                    return Err(KeyFault::OnlyKey);
                }
                // A key that was replaced or retired before can still be found to be in other hands.
                let span = self.spans.iter_mut().find(|span| span.key == *key).ok_or(KeyFault::NoSuchKey)?;
                let until = span.end.map_or(*cut, |(_, until)| until.min(*cut));
                span.end = Some((KeyEnd::Compromised, until));
                Ok(())
            }
        }
    }

    fn end(&mut self, key: KeyName, seq: u64, how: KeyEnd) -> Result<(), KeyFault> {
        let span = self.spans.iter_mut().find(|span| span.key == key && span.holds(seq)).ok_or(KeyFault::NoSuchKey)?;
        span.end = Some((how, seq));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::keys::KeyCertificate;
    use crate::testing::party;

    const A: KeyName = [0xA; 8];
    const B: KeyName = [0xB; 8];
    const C: KeyName = [0xC; 8];

    fn statement(serial: u32, word: KeyWord) -> KeyStatement {
        KeyStatement { party: party("zhuhai"), serial, word }
    }

    fn certified(serial: u32, key: KeyName, from_seq: u64, replaces: Option<KeyName>) -> KeyStatement {
        let not_after = date(2028, 6, 30);
        let certificate = KeyCertificate { key, signing: [1; 32], sealing: [2; 32], from_seq, not_after, replaces };
        statement(serial, KeyWord::Certified(certificate))
    }

    fn compromised(serial: u32, key: KeyName, cut: u64) -> KeyStatement {
        statement(serial, KeyWord::Compromised { key, cut })
    }

    fn unused(_: KeyName) -> Option<u64> {
        None
    }

    /// Key A, then B in its place from entry 10 on.
    fn rotated() -> KeyTimes {
        let mut times = KeyTimes::new(A, 1);
        times.take(10, B, &certified(2, B, 8, Some(A)), |key| (key == A).then_some(9)).unwrap();
        times
    }

    #[test]
    fn a_rotation_is_one_entry() {
        let times = rotated();
        assert_eq!(times.check(A, 9), Ok(()));
        assert_eq!(times.check(A, 10), Err(KeyFault::Ended { how: KeyEnd::Replaced, until: 10 }));
        assert_eq!(times.check(B, 10), Ok(()));
        assert_eq!(times.check(B, 9), Err(KeyFault::NotAdded));
        assert_eq!(times.check(C, 10), Err(KeyFault::NotAdded));
    }

    #[test]
    fn a_spare_key_is_added_beside_and_retired() {
        let mut times = KeyTimes::new(A, 1);
        times.take(3, B, &certified(2, B, 0, None), unused).unwrap();
        assert_eq!((times.check(A, 3), times.check(B, 3)), (Ok(()), Ok(())));
        times.take(7, A, &statement(3, KeyWord::Retired { key: B }), unused).unwrap();
        assert_eq!(times.check(B, 6), Ok(()));
        assert_eq!(times.check(B, 7), Err(KeyFault::Ended { how: KeyEnd::Retired, until: 7 }));
        assert_eq!(times.check(A, 7), Ok(()));
    }

    #[test]
    fn every_certificate_that_does_not_stand_there_is_refused() {
        let refused = |seq, signer, statement: &KeyStatement| {
            let (before, mut times) = (rotated(), rotated());
            let fault = times.take(seq, signer, statement, unused).unwrap_err();
            assert_eq!(times, before, "a refusal changes nothing");
            fault
        };
        assert_eq!(refused(20, B, &certified(3, C, 0, Some(B))), KeyFault::NotItsOwn);
        assert_eq!(
            refused(20, A, &certified(3, A, 0, Some(B))),
            KeyFault::AddedBefore,
            "an ended key never comes back"
        );
        assert_eq!(refused(20, B, &certified(3, B, 0, None)), KeyFault::AddedBefore);
        assert_eq!(refused(20, C, &certified(2, C, 0, Some(B))), KeyFault::Old { serial: 2, last: 2 });
        assert_eq!(refused(20, C, &certified(1, C, 0, Some(B))), KeyFault::Old { serial: 1, last: 2 });
        assert_eq!(refused(20, C, &certified(3, C, 21, Some(B))), KeyFault::Early { from_seq: 21 });
        assert_eq!(refused(20, C, &certified(3, C, 0, Some(A))), KeyFault::NoSuchKey, "it has ended");
    }

    #[test]
    fn a_stolen_key_ends_at_the_cut_and_not_before_what_was_taken() {
        let mut times = rotated();
        let used_to_nine = |key: KeyName| (key == A).then_some(9);
        let back = times.take(11, B, &compromised(3, A, 9), used_to_nine).unwrap_err();
        assert_eq!(back, KeyFault::TakesBack { cut: 9, used: 9 });
        assert_eq!(times.take(11, B, &compromised(3, A, 12), used_to_nine), Err(KeyFault::Ahead { cut: 12 }));
        assert_eq!(times.take(11, B, &compromised(3, C, 11), used_to_nine), Err(KeyFault::NoSuchKey));
        times.take(11, B, &compromised(3, A, 10), used_to_nine).unwrap();
        assert_eq!(times.check(A, 9), Ok(()), "earlier entries still stand");
        assert_eq!(times.check(A, 10), Err(KeyFault::Ended { how: KeyEnd::Compromised, until: 10 }));
        // A later cut does not bring back what a rotation had ended.
        let mut times = rotated();
        times.take(15, B, &compromised(3, A, 14), used_to_nine).unwrap();
        assert_eq!(times.check(A, 12), Err(KeyFault::Ended { how: KeyEnd::Compromised, until: 10 }));
    }

    #[test]
    fn a_party_is_never_left_without_a_key() {
        let mut times = KeyTimes::new(A, 1);
        assert_eq!(times.take(5, A, &statement(2, KeyWord::Retired { key: A }), unused), Err(KeyFault::OnlyKey));
        assert_eq!(times.take(5, A, &compromised(2, A, 5), unused), Err(KeyFault::OnlyKey));
        assert_eq!(times.check(A, 5), Ok(()));
    }
}
