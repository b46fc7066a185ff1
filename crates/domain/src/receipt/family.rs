//! The report for the family: who looked, when, why, on which consent. Officers are shown by unit and role, not by name.

use super::{Receipt, consent_number, local, party};
use crate::access::{AccessTarget, Look};
use crate::phrases::{Label, Phrase};
use crate::purpose::Language;

/// Makes the report.
#[must_use]
pub fn family_report(looks: &[Look], language: Language) -> Receipt {
    let mut lines: Vec<(String, String)> = looks.iter().map(|look| line(look, language)).collect();
    if lines.is_empty() {
        lines.push((Label::Status.text(language).to_owned(), Label::NobodyLooked.text(language).to_owned()));
    }
    let notes = vec![Label::OwnLogOnly.text(language)];
    Receipt { language, title: Label::WhoLookedReport.text(language), lines, notes }
}

/// What was read, in words.
pub(super) fn look_text(target: &AccessTarget, language: Language) -> &'static str {
    let what = match target {
        AccessTarget::Batch(_) => Label::LookedAtNotice,
        AccessTarget::Urgent(_) | AccessTarget::SealedUrgent(_) => Label::LookedAtUrgent,
        AccessTarget::Consent(_) => Label::LookedAtConsent,
        AccessTarget::Request(_) => Label::LookedAtRequest,
        AccessTarget::Lookup(_) => Label::LookedAtLookup,
        AccessTarget::Mandate(_) => Label::LookedAtMandate,
        AccessTarget::Persons { .. } => Label::LookedAtReport,
        AccessTarget::MatchRun(_) => Label::LookedAtMatchRun,
        AccessTarget::Conference(_) => Label::LookedAtConference,
    };
    what.text(language)
}

fn line(look: &Look, language: Language) -> (String, String) {
    let mut parts = vec![party(look.party, language), look.unit.to_string()];
    parts.extend(look.officer.as_ref().map(|(_, role)| role.text(language).to_owned()));
    parts.push(look_text(&look.target, language).to_owned());
    parts.extend(look.reason.as_ref().map(|reason| format!("{}: {}", Label::Reason.text(language), reason.as_str())));
    let on = Label::OnConsent.text(language);
    parts.extend(look.consents.iter().map(|consent| format!("{on} {}", consent_number(*consent))));
    (local(look.at), parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::officer::Role;
    use crate::testing::{NOON, claims, party};

    #[test]
    fn officers_are_shown_by_unit_and_role_and_never_by_name() {
        let look = Look {
            at: NOON,
            log: party("zhuhai"),
            seq: 4,
            party: party("zhuhai"),
            officer: Some(("zh.cw.secret".parse().unwrap(), Role::Caseworker)),
            unit: "xiangzhou".parse().unwrap(),
            target: AccessTarget::Consent(claims().id),
            reason: Some("核對".parse().unwrap()),
            consents: [claims().id].into(),
            about: [0].into(),
        };
        let text = family_report(&[look], Language::ZhHant).to_text();
        for word in [
            "誰查閱過資料",
            "2026-07-01 12:00",
            "xiangzhou",
            "經辦人員",
            "查閱同意書",
            "核對",
            &claims().id.to_string(),
        ] {
            assert!(text.contains(word), "{word} in {text}");
        }
        assert!(!text.contains("secret"), "{text}");
        assert!(family_report(&[], Language::Pt).to_text().contains("Ninguém consultou."));
    }
}
