//! The test bed: real brokers and services as processes, links that can be cut, and the stories told on them.
//!
//! In scope: starting, breaking and healing three parties on one machine; a client of their HTTP API; the scenarios that
//! the demo tells and the end-to-end tests check; figures. Out of scope: what the product does; nothing in it depends
//! on this crate.

pub mod binaries;
pub mod brokers;
pub mod ceremony;
pub mod client;
pub mod cluster;
mod drill;
pub mod figures;
pub mod hostile;
pub mod install;
pub mod link;
pub mod load;
pub mod parties;
pub mod ports;
pub mod process;
pub mod search;
pub mod setup;
pub mod sim;
pub mod story;
pub mod synthetic;
pub mod teller;
pub mod wait;
