//! The auditor: proves from logs and public keys that nothing was changed, removed or added, and from a party's body
//! keys what its view must be.
//!
//! In scope: bundles (what is audited, in files), their export from a data directory or a running service, the checks
//! of every entry, the comparison of several copies of one log, the replay into a view and its state root, also as of a
//! moment; who had an entry and who looked at a person; the pilot report's indicators; a running service compared with
//! its logs; events for other languages.
//! its logs; every decision judged again, with the state its writer had seen.
//!
//! Out of scope: anything of the services. This crate links the domain and the ledger only, so that a fault of a
//! service can't hide itself; the bundle's layout is agreed in [`bundle`].

pub mod as_of;
pub mod bundle;
pub mod check_token;
pub mod checkpoints;
pub mod diff;
pub mod erasures;
pub mod events;
pub mod export;
pub mod finding;
pub mod forks;
pub mod frames;
pub mod indicators;
pub mod input;
pub mod judge;
pub mod keys;
mod losses;
pub mod reading;
pub mod receipt;
pub mod replay;
pub mod report;
pub mod scan;
pub mod speed;
pub mod tiles;
pub mod verify;
pub mod who_saw;

/// How many threads check entries: one for each core.
#[must_use]
pub fn cores() -> std::num::NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(std::num::NonZeroUsize::MIN)
}
