//! A party's service: the effects around the pure core.
//!
//! In scope: files, the view's store, NATS, HTTP, configuration, the loop that joins them. Out of scope: what may be
//! done (`tongcha-domain`) and exact bytes (`tongcha-ledger`).

pub mod body_keys;
pub mod cards;
pub mod cli;
pub mod clock;
pub mod config;
pub mod core;
pub mod disk;
pub mod enrolment;
pub mod http;
pub mod journal;
mod key_cli;
pub mod key_file;
mod key_watch;
pub mod metrics;
pub mod nats;
pub mod node;
pub mod officers;
pub mod psi;
pub mod recovery;
pub mod register;
pub mod root_file;
pub mod run;
pub mod view;
