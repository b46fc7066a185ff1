//! The subject report in words: everything that concerned a household, with the place of each line in a log.

use super::{Receipt, consent_number, list, local, party, told_text};
use crate::access::{ItemTold, Line, SubjectReport, Told};
use crate::event::EventKind;
use crate::phrases::{Label, Phrase, happened_text};
use crate::purpose::Language;
use crate::receipt::family::look_text;

/// Makes the report, the oldest first. Officers are shown by unit and role, not by name.
#[must_use]
pub fn subject_receipt(report: &SubjectReport, language: Language) -> Receipt {
    let mut lines: Vec<(String, String)> =
        report.lines.iter().map(|line| (local(line.at), line_text(line, &report.names, language))).collect();
    if lines.is_empty() {
        lines.push((Label::Status.text(language).to_owned(), Label::NothingHappened.text(language).to_owned()));
    }
    let notes = [Label::KnownHereOnly, Label::ChildrenApart, Label::ProofOfLine].map(|note| note.text(language)).into();
    Receipt { language, title: Label::SubjectReport.text(language), lines, notes }
}

fn line_text(line: &Line, names: &[String], language: Language) -> String {
    let labelled = |label: Label, text: &str| format!("{}: {text}", label.text(language));
    let mut parts = vec![party(line.log, language)];
    parts.extend(line.unit.as_ref().map(ToString::to_string));
    parts.extend(line.by.as_ref().map(|(_, role)| role.text(language).to_owned()));
    parts.push(what(line, language).to_owned());
    if names.len() > 1 {
        let about: Vec<&str> =
            line.about.iter().filter_map(|position| names.get(*position)).map(String::as_str).collect();
        parts.push(labelled(Label::About, &about.join(", ")));
    }
    if let Some([asker, holder]) = line.between {
        parts.push(format!("{} → {}", party(asker, language), party(holder, language)));
    }
    parts.extend(items(&line.items, language));
    parts.extend(line.refused.map(|code| labelled(Label::RefusedFor, code.title(language))));
    parts.extend(line.withheld.map(|_| Label::NotNamed.text(language).to_owned()));
    parts.extend(line.reason.as_ref().map(|reason| labelled(Label::Reason, reason.as_str())));
    let on = Label::OnConsent.text(language);
    parts.extend(line.consents.iter().map(|consent| format!("{on} {}", consent_number(*consent))));
    parts.push(labelled(Label::LogEntry, &format!("{} {}", line.log, line.seq)));
    parts.join(" · ")
}

fn what(line: &Line, language: Language) -> &'static str {
    if line.kind == EventKind::AccessRecorded {
        return look_text(&line.target, language);
    }
    happened_text(line.kind, language).unwrap_or_default() // not reached: a test asks for every kind that has lines
}

/// Items of which nothing more is to be said in one list, each of the others with what became of it.
fn items(items: &[ItemTold], language: Language) -> Vec<String> {
    let only_named = items.iter().filter(|item| matches!(item.told, Told::Allowed | Told::Asked));
    let named = list(only_named.map(|item| item.item), language);
    let mut texts = Vec::new();
    if !named.is_empty() {
        texts.push(format!("{}: {named}", Label::Items.text(language)));
    }
    let told = |item: &ItemTold| Some(format!("{}: {}", item.item.text(language), told_text(&item.told, language)?));
    texts.extend(items.iter().filter_map(told));
    texts
}
