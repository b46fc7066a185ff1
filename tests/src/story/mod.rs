//! The scenarios S1 to S5 and S7 (`domain.md` §7) and the faults, told step by step as each role sees them.
//!
//! In scope: who does what over HTTP, what they see and what they don't, every expectation checked. The demo tells the
//! stories aloud, the end-to-end tests silently; nothing is checked by one that is not checked by the other.

#![expect(
    clippy::indexing_slicing,
    reason = "only of JSON: reading what is not there gives null, and what is changed is ours"
)]

pub mod audit;
pub mod authority;
pub mod cast;
pub mod faults;
pub mod governance;
pub mod recorded_in_error;
pub mod recovery;
pub mod register;
pub mod s1_notice;
pub mod s2_urgent;
pub mod s3_mirror;
pub mod s3_verification;
pub mod s4_refusals;
pub mod s4_requests;
pub mod s5_overlap;
pub mod s7_minor;
pub mod s7_suspected;

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::client::{Desk, Receipt};
use crate::cluster::Cluster;
use crate::parties::Side;
use crate::teller::Teller;
use crate::wait;

/// How long a state may take to show at the other side.
const SEEN_MAX: Duration = Duration::from_secs(60);

/// Where a story is played: the parties and who tells it.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    /// The parties.
    pub cluster: &'a Cluster,
    /// The teller.
    pub teller: &'a Teller,
}

impl<'a> Stage<'a> {
    /// Returns an officer's desk, such as `zh.cw`.
    ///
    /// # Errors
    /// When nobody of that name is enrolled.
    pub fn desk(&self, officer: &str) -> Result<&'a Desk> {
        self.cluster.desk(officer)
    }

    /// An officer gives a command, which must be accepted; it is told in words.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn does(&self, officer: &str, what: &str, path: &str, body: &Value) -> Result<Receipt> {
        let receipt = self.desk(officer)?.command(path, body).await?;
        let on_record = format!("[{} {}, {}]", receipt.party, receipt.seq, receipt.kind);
        self.teller.does(officer, format!("{what} {on_record}"));
        Ok(receipt)
    }

    /// An officer gives a command, which must be refused with a code; told in the words the officer is given.
    ///
    /// # Errors
    /// When it is accepted, or refused for another reason.
    pub async fn is_refused(&self, officer: &str, path: &str, body: &Value, code: &str) -> Result<()> {
        let problem = self.desk(officer)?.refused(path, body, code).await?;
        self.teller.refusal(officer, &problem);
        self.check_words(&problem)
    }

    /// Checks that a refusal says in both scripts what to do next.
    ///
    /// # Errors
    /// When it does not.
    pub fn check_words(&self, problem: &crate::client::Problem) -> Result<()> {
        let code = &problem.code;
        let (hans, hant) = (problem.text.get("zh-Hans"), problem.text.get("zh-Hant"));
        let said = |text: Option<&crate::client::ProblemText>| text.is_some_and(|t| !t.next_step.is_empty());
        self.teller.expect(&format!("{code} says in both scripts what to do next"), said(hans) && said(hant))?;
        self.teller.expect(&format!("{code} names its rule"), !problem.rule.is_empty())
    }

    /// Waits until an item of a list shows what is looked for; returns the item.
    ///
    /// # Errors
    /// When it never does.
    pub async fn listed(
        &self,
        officer: &str,
        list: &str,
        id: &str,
        what: &str,
        shows: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let desk = self.desk(officer)?;
        wait::until(&format!("{officer} sees in {list} that {what}"), SEEN_MAX, async || {
            Ok(find(&desk.read(list).await?, id).filter(|item| shows(item)))
        })
        .await
    }

    /// Checks that a list does not name an item.
    ///
    /// # Errors
    /// When it does.
    pub async fn not_listed(&self, officer: &str, list: &str, id: &str) -> Result<()> {
        let shown = find(&self.desk(officer)?.read(list).await?, id).is_some();
        self.teller.expect(&format!("{officer} does not see {id} in {list}"), !shown)
    }

    /// Waits until a party has the entry of a receipt.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn delivered(&self, receipt: &Receipt, to: Side) -> Result<()> {
        self.cluster.delivered(receipt, to).await
    }
}

/// Finds an item of a list by its id.
#[must_use]
pub fn find(list: &Value, id: &str) -> Option<Value> {
    list.as_array()?.iter().find(|item| item["id"] == id).cloned()
}

/// Returns an array of an answer.
///
/// # Errors
/// When there is none of that name.
pub fn array<'v>(value: &'v Value, name: &str) -> Result<&'v Vec<Value>> {
    value[name].as_array().with_context(|| format!("no list called {name} in {value}"))
}
