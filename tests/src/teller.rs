//! The teller: says what happens in plain language and checks every expectation on the way.
//!
//! The demo prints what the teller says; the end-to-end tests run the same stories with a silent one. A story never
//! goes on after an expectation that does not hold.

use std::fmt::{Debug, Display};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::client::Problem;

type Sink = Box<dyn Fn(&str) + Send + Sync>;

/// Says lines and counts the expectations that held.
pub struct Teller {
    sink: Sink,
    held: AtomicU64,
}

impl Teller {
    /// Makes a teller that hands every line to `sink`.
    #[must_use]
    pub fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { sink: Box::new(sink), held: AtomicU64::new(0) }
    }

    /// Makes one that prints every line with the seconds since the beginning; test runners show it when a test fails.
    #[must_use]
    pub fn timed() -> Self {
        let began = Instant::now();
        Self::new(move |line| println!("{:7.3} {line}", began.elapsed().as_secs_f64()))
    }

    /// Makes a silent one.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(|_| ())
    }

    /// Returns how many expectations held.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// Begins a chapter.
    pub fn chapter(&self, title: &str) {
        (self.sink)("");
        (self.sink)(&format!("== {title}"));
    }

    /// Somebody does something.
    pub fn does(&self, who: &str, what: impl Display) {
        (self.sink)(&format!("  {who:<10} {what}"));
    }

    /// Somebody sees something.
    pub fn sees(&self, who: &str, what: impl Display) {
        (self.sink)(&format!("  {who:<10} sees: {what}"));
    }

    /// Somebody does not see something.
    pub fn does_not_see(&self, who: &str, what: impl Display) {
        (self.sink)(&format!("  {who:<10} does not see: {what}"));
    }

    /// A remark.
    pub fn note(&self, text: impl Display) {
        (self.sink)(&format!("             {text}"));
    }

    /// A refusal, in the words the officer is given, in both scripts.
    pub fn refusal(&self, who: &str, problem: &Problem) {
        let since = problem.effective_at.as_deref().map(|at| format!(", as of {at}")).unwrap_or_default();
        let parts =
            if problem.offending.is_empty() { String::new() } else { format!(" [{}]", problem.offending.join(", ")) };
        self.does(who, format!("is refused: {} ({}){parts}{since}", problem.code, problem.status));
        self.note(&problem.detail);
        for script in ["zh-Hans", "zh-Hant"] {
            if let Some(text) = problem.text.get(script) {
                self.note(format!("{script}: {}。{}", text.title, text.next_step));
            }
        }
    }

    /// Goes on only when something holds.
    ///
    /// # Errors
    /// Says what was expected.
    pub fn expect(&self, what: &str, holds: bool) -> Result<()> {
        if !holds {
            bail!("expected, but not so: {what}");
        }
        self.held.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Goes on only when two things are equal.
    ///
    /// # Errors
    /// Says what was expected and what was found.
    pub fn expect_eq<T: PartialEq + Debug>(&self, what: &str, found: &T, expected: &T) -> Result<()> {
        if found != expected {
            bail!("{what}: expected {expected:?}, found {found:?}");
        }
        self.held.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_are_counted_and_a_failed_one_stops() {
        let teller = Teller::silent();
        teller.expect("water is wet", true).unwrap();
        teller.expect_eq("sum", &(1 + 1), &2).unwrap();
        assert!(teller.expect("water is dry", false).unwrap_err().to_string().contains("water is dry"));
        assert_eq!(teller.expect_eq("sum", &3, &2).unwrap_err().to_string(), "sum: expected 2, found 3");
        assert_eq!(teller.held(), 2);
    }
}
