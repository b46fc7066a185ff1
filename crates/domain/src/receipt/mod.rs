//! Receipts for the applicant and the report for the family, as text in the person's language.
//!
//! In scope: which lines there are and what they say. Out of scope: paper, HTML and QR codes (`tongcha-node`). A receipt
//! names persons as on their documents and never a document number: it may get lost.

mod consent;
mod family;
mod question;
mod subject;
mod told;

pub use consent::consent_receipt;
pub use family::family_report;
pub use question::{AskedLine, QuestionReceipt, question_receipt};
pub use subject::subject_receipt;
use told::told_text;

use crate::id::{ConsentId, PartyId};
use crate::party::rules_of;
use crate::phrases::{Label, Phrase, in_language};
use crate::purpose::Language;
use crate::time::Instant;

/// A receipt, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The language of all of it.
    pub language: Language,
    /// The heading.
    pub title: &'static str,
    /// Label and value, in order.
    pub lines: Vec<(String, String)>,
    /// Sentences at the foot.
    pub notes: Vec<&'static str>,
}

/// An entry that a receipt rests on, and who has witnessed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Whose log.
    pub log: PartyId,
    /// Position in it.
    pub seq: u64,
    /// The parties that have witnessed it; none while it is accepted only.
    pub witnesses: Vec<PartyId>,
}

impl Receipt {
    /// Adds the entries that the receipt rests on, and how they are proven.
    #[must_use]
    pub fn resting_on(mut self, entries: &[Proven]) -> Self {
        let language = self.language;
        let line = |Proven { log, seq, witnesses }: &Proven| {
            let witnesses: Vec<String> = witnesses.iter().map(|witness| party(*witness, language)).collect();
            let state = if witnesses.is_empty() {
                Label::NotWitnessedYet.text(language).to_owned()
            } else {
                format!("{}: {}", Label::WitnessedBy.text(language), witnesses.join(", "))
            };
            (Label::LogEntry.text(language).to_owned(), format!("{log} {seq} · {state}"))
        };
        self.lines.extend(entries.iter().map(line));
        self.notes.extend((!entries.is_empty()).then(|| Label::ProofOfEntry.text(language)));
        self
    }

    /// Returns the receipt as plain text, a line each.
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines = self.lines.iter().map(|(label, value)| format!("{label}: {value}\n"));
        let notes = self.notes.iter().map(|note| format!("\n{note}\n"));
        [format!("{}\n\n", self.title)].into_iter().chain(lines).chain(notes).collect()
    }
}

/// A party as people write it.
fn party(party: PartyId, language: Language) -> String {
    rules_of(party).map_or_else(|| party.to_string(), |rules| in_language(rules.titles, language).to_owned())
}

/// Local date and time, to the minute: both sides are at UTC+8.
fn local(at: Instant) -> String {
    let minutes = at.0.div_euclid(crate::time::MINUTE_US) + 8 * 60;
    let of_day = minutes.rem_euclid(24 * 60);
    format!("{} {:02}:{:02}", at.local_date(), of_day / 60, of_day % 60)
}

fn hex(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A list as the language writes it.
fn list<P: Phrase>(phrases: impl IntoIterator<Item = P>, language: Language) -> String {
    let separator = match language {
        Language::ZhHans | Language::ZhHant => "；",
        Language::Pt | Language::En => "; ",
    };
    let texts: Vec<&str> = phrases.into_iter().map(|phrase| phrase.text(language)).collect();
    texts.join(separator)
}

/// A consent on a receipt.
fn consent_number(consent: ConsentId) -> String {
    consent.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOON;

    #[test]
    fn instants_are_local_to_the_minute() {
        assert_eq!(local(NOON), "2026-07-01 12:00");
        assert_eq!(local(NOON.plus_us(13 * 3600 * 1_000_000)), "2026-07-02 01:00");
    }

    #[test]
    fn plain_text_holds_every_line_and_note() {
        let lines = vec![("Number".to_owned(), "1".to_owned())];
        let receipt = Receipt { language: Language::En, title: "Receipt", lines, notes: vec!["Keep it."] };
        assert_eq!(receipt.to_text(), "Receipt\n\nNumber: 1\n\nKeep it.\n");
    }

    #[test]
    fn it_names_the_entries_it_rests_on_and_who_has_witnessed_each() {
        let receipt = |entries: &[Proven]| {
            let empty = Receipt { language: Language::En, title: "Receipt", lines: Vec::new(), notes: Vec::new() };
            empty.resting_on(entries).to_text()
        };
        let entry = |witnesses: &[&str]| Proven {
            log: crate::testing::party("zhuhai"),
            seq: 12,
            witnesses: witnesses.iter().map(|name| crate::testing::party(name)).collect(),
        };
        assert_eq!(receipt(&[]), "Receipt\n\n");
        let text = receipt(&[entry(&[])]);
        assert!(text.contains("Log entry: zhuhai 12 · recorded, not yet witnessed"), "{text}");
        let text = receipt(&[entry(&["macau"])]);
        assert!(text.contains("zhuhai 12 · Witnessed by: ") && text.contains("counter"), "{text}");
        assert!(!text.contains("not yet"), "{text}");
    }
}
