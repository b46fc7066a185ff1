//! The deterministic simulator: three parties' cores, driven by one thread and one seed, over simulated disks, views,
//! clocks and a simulated network, all of which fail; and the design's invariants, checked after every step.
//!
//! In scope: the logic and the files of a party (`tongcha_node::core`), which is the code that runs in the service.
//! Out of scope: NATS, HTTP, threads, the services' own loops around the core; the end-to-end tests run those. What the
//! services do around the core (publish, read, repair, ask, answer) is done here in its simplest form.
//!
//! Nothing in a run depends on anything but the seed and the options: a failure is repeated by its seed. To show that
//! the checks can fail there are broken variants ([`Broken`]), each caught by the check of the invariant it breaks.

mod asker;
mod book;
mod disk;
mod erasures;
mod failure;
mod holder;
mod invariant;
mod main_loop;
mod network;
mod officers;
mod party;
mod people;
mod report;
mod rollback;
mod settle;
mod steps;
mod transport;
mod view;
mod witness;
mod world;

pub use failure::{Failure, Invariant};
pub use main_loop::main_loop;
pub use report::Report;

use crate::sim::world::World;

/// How a run is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Steps before the exchange comes to rest: one officer's command, one message, one fault, … each.
    pub steps: u64,
    /// What is broken on purpose.
    pub broken: Option<Broken>,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: 300, broken: None }
    }
}

/// What can be broken on purpose, outside the product's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The disk says that it synced a journal, and sometimes has not.
    NoSync,
    /// A holder reads the register before the permit is on disk.
    AnswerFirst,
    /// A holder answers from a copy of its files, and the use is not spent in its log.
    UseNotSpent,
    /// A view keeps the first of two foreign sides of a case and drops the second.
    OrderDependent,
    /// A reader passes over a refused message without a word.
    SkipRefused,
    /// A witness forgets at a restart what it cosigned.
    WitnessForgets,
    /// A party writes before it has asked its peers whether its disk is the newest.
    WritesOn,
    /// A recovery takes not everything that the peers give back, and compares no checkpoint.
    DropsTail,
    /// A disk does not overwrite the keys that an order covers.
    ForgetsToErase,
    /// The keys are gone for who reads, and so from the view; the disk still has them.
    ErasesInView,
    /// A view keeps rows of what was erased.
    ViewRemembers,
    /// A key that no order covers goes with the others.
    ErasesTooMuch,
    /// An addressee refuses an entry whose body is lost.
    RefusesLost,
}

impl Broken {
    /// Every variant.
    pub const ALL: [Self; 13] = [
        Self::NoSync,
        Self::AnswerFirst,
        Self::UseNotSpent,
        Self::OrderDependent,
        Self::SkipRefused,
        Self::WitnessForgets,
        Self::WritesOn,
        Self::DropsTail,
        Self::ForgetsToErase,
        Self::ErasesInView,
        Self::ViewRemembers,
        Self::ErasesTooMuch,
        Self::RefusesLost,
    ];

    /// Returns the name, as in `--break`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoSync => "no-sync",
            Self::AnswerFirst => "answer-first",
            Self::UseNotSpent => "use-not-spent",
            Self::OrderDependent => "order-dependent",
            Self::SkipRefused => "skip-refused",
            Self::WitnessForgets => "witness-forgets",
            Self::WritesOn => "writes-on",
            Self::DropsTail => "drops-tail",
            Self::ForgetsToErase => "forgets-to-erase",
            Self::ErasesInView => "erases-in-view",
            Self::ViewRemembers => "view-remembers",
            Self::ErasesTooMuch => "erases-too-much",
            Self::RefusesLost => "refuses-lost",
        }
    }

    /// Returns the variant of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|broken| broken.name() == name)
    }

    /// Returns the invariant that the variant breaks.
    #[must_use]
    pub fn invariant(self) -> Invariant {
        match self {
            Self::NoSync => Invariant::ToldWhenDurable,
            Self::AnswerFirst => Invariant::PermitBeforeRead,
            Self::UseNotSpent => Invariant::UseSpentBeforeAnswer,
            Self::OrderDependent | Self::ViewRemembers => Invariant::OneRoot,
            Self::SkipRefused | Self::RefusesLost => Invariant::NothingSkipped,
            Self::WitnessForgets => Invariant::WitnessNeverBack,
            Self::WritesOn => Invariant::OldDiskNotWritten,
            Self::DropsTail => Invariant::AcceptedNotLost,
            Self::ForgetsToErase | Self::ErasesInView => Invariant::ErasedStaysErased,
            Self::ErasesTooMuch => Invariant::NothingElseGoes,
        }
    }
}

/// Runs one seed: steps with faults, then peace until the exchange comes to rest, with all checks.
///
/// # Errors
/// The first thing found, with what repeats it.
pub fn run(seed: u64, options: &Options) -> Result<Report, Box<Failure>> {
    let mut step = 0;
    let fail = |step, trouble| Box::new(Failure::new(seed, step, options, trouble));
    let mut world = World::new(seed, *options).map_err(|trouble| fail(0, trouble))?;
    world.begin().map_err(|trouble| fail(0, trouble))?;
    while step < options.steps {
        step += 1;
        world.step(step).map_err(|trouble| fail(step, trouble))?;
    }
    world.settle().map_err(|trouble| fail(step, trouble))?;
    Ok(world.into_report(step))
}
