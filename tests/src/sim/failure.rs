//! What a run can find: a broken invariant, or something the simulation has no name for.

use std::fmt;

use crate::sim::Options;

/// The invariants that are checked after every step, by their numbers in the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// 2: nothing is told or published before it is on disk, and what was told stays there.
    ToldWhenDurable,
    /// 5: the register is read under a permit, and the permit's entry is on disk by then.
    PermitBeforeRead,
    /// 6: a use is spent on disk before the answer leaves; no more uses than allowed; none after a revocation.
    UseSpentBeforeAnswer,
    /// 7: the same entries give the same root, in whatever order they arrived.
    OneRoot,
    /// 9: what is refused is kept and counted; no position is skipped; nothing is lost.
    NothingSkipped,
    /// 13: a witness cosigns no smaller tree than before, and none of another history, whatever became of it meanwhile.
    WitnessNeverBack,
    /// 14: a party whose disk is an old one writes nothing.
    OldDiskNotWritten,
    /// 15: after a recovery every entry that was accepted is there, and every body that somebody still had.
    AcceptedNotLost,
    /// 19: what an order of erasure covers is gone at every holder, and stays gone.
    ErasedStaysErased,
    /// 20: nothing else is erased: neither without an order nor below a floor.
    NothingElseGoes,
    /// 21: what came without its body is named as lost in its log, and no lookup is permitted that it may forbid.
    LossDoubted,
}

impl Invariant {
    /// Returns the number in the design.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::ToldWhenDurable => 2,
            Self::PermitBeforeRead => 5,
            Self::UseSpentBeforeAnswer => 6,
            Self::OneRoot => 7,
            Self::NothingSkipped => 9,
            Self::WitnessNeverBack => 13,
            Self::OldDiskNotWritten => 14,
            Self::AcceptedNotLost => 15,
            Self::ErasedStaysErased => 19,
            Self::NothingElseGoes => 20,
            Self::LossDoubted => 21,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::ToldWhenDurable => "nothing is told before it is on disk",
            Self::PermitBeforeRead => "the register is read only under a permit that is on disk",
            Self::UseSpentBeforeAnswer => "a use is spent on disk before the answer leaves",
            Self::OneRoot => "the same entries give the same root",
            Self::NothingSkipped => "nothing refused is forgotten, nothing is skipped, nothing is lost",
            Self::WitnessNeverBack => "a witness cosigns nothing smaller and no other history",
            Self::OldDiskNotWritten => "an old disk is not written on",
            Self::AcceptedNotLost => "after a recovery every accepted entry is there",
            Self::ErasedStaysErased => "what an order covers is gone at every holder and stays gone",
            Self::NothingElseGoes => "nothing is erased without an order, or below a floor",
            Self::LossDoubted => "a lost body is named, and no lookup is permitted that it may forbid",
        }
    }
}

/// Why a run stopped.
#[derive(Debug)]
pub(super) enum Trouble {
    /// An invariant does not hold.
    Broken(Invariant, String),
    /// Something happened that should not, and that no invariant names.
    Unexpected(String),
}

/// The result of a part of a step.
pub(super) type Step<T> = Result<T, Trouble>;

/// Says that an invariant does not hold.
pub(super) fn broken<T>(invariant: Invariant, what: impl Into<String>) -> Step<T> {
    Err(Trouble::Broken(invariant, what.into()))
}

/// Makes of an error something the simulation did not expect.
pub(super) fn unexpected(error: impl fmt::Display) -> Trouble {
    Trouble::Unexpected(error.to_string())
}

/// A run that found something.
#[derive(Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// The step in which it was found; the number of steps when it was found after them.
    pub step: u64,
    /// How the run was made.
    pub options: Options,
    /// The invariant; none when the simulation has no name for what happened.
    pub invariant: Option<Invariant>,
    /// What was found.
    pub message: String,
}

impl Failure {
    pub(super) fn new(seed: u64, step: u64, options: &Options, trouble: Trouble) -> Self {
        let (invariant, message) = match trouble {
            Trouble::Broken(invariant, message) => (Some(invariant), message),
            Trouble::Unexpected(message) => (None, message),
        };
        Self { seed, step, options: *options, invariant, message }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, step, options, invariant, message } = self;
        match invariant {
            Some(invariant) => write!(f, "invariant {} ({}): {message}", invariant.number(), invariant.text())?,
            None => write!(f, "unexpected: {message}")?,
        }
        write!(f, " [step {step}]\nreproduce: cargo xtask simulate --seed {seed} --steps {}", options.steps)?;
        options.broken.map_or(Ok(()), |broken| write!(f, " --break {}", broken.name()))
    }
}

impl std::error::Error for Failure {}
