//! What is properly signed and wrong is found: every judged rule has a forgery that breaks exactly that rule. What is
//! honest is not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
mod court;
mod erasures;
mod rules;
mod samples;
mod seen;
