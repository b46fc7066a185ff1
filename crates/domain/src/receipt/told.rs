//! What became of a question, in words: the verdict, the sources, and what was not told.

use super::list;
use crate::access::Told;
use crate::item::{Answer, Granularity};
use crate::money::{Currency, Money};
use crate::phrases::{Label, Phrase};
use crate::purpose::Language;

/// Returns the words; none while there is nothing to say but that it was asked.
pub(super) fn told_text(told: &Told, language: Language) -> Option<String> {
    Some(match told {
        Told::Allowed | Told::Asked => return None,
        Told::Answered(answer) => answer_text(told, answer, language),
        Told::Refused => Label::NothingTold.text(language).to_owned(),
        Told::NotAnswered => Label::NotAnswered.text(language).to_owned(),
        Told::Recalled => Label::WasRecalled.text(language).to_owned(),
        Told::OwnOnly => Label::ForThemselves.text(language).to_owned(),
    })
}

fn answer_text(told: &Told, answer: &Answer, language: Language) -> String {
    let labelled = |label: Label, text: &str| format!("{}: {text}", label.text(language));
    let mut parts = vec![answer.verdict.text(language).to_owned()];
    parts.extend(answer.band.as_ref().map(|band| band.as_str().to_owned()));
    parts.extend(answer.value.map(amount));
    parts.push(labelled(Label::AsOf, &answer.as_of.to_string()));
    for (label, sources) in
        [(Label::Searched, &answer.sources_searched), (Label::NotSearched, &answer.sources_not_searched)]
    {
        let names: Vec<&str> = sources.iter().map(crate::text::Short::as_str).collect();
        parts.extend((!names.is_empty()).then(|| labelled(label, &names.join(", "))));
    }
    let finer: &[Label] = match told.told_as() {
        Some(Granularity::Threshold) => &[Label::RangeNotTold, Label::ExactNotTold],
        Some(Granularity::Band) => &[Label::ExactNotTold],
        Some(Granularity::Exact) | None => &[],
    };
    parts.extend((!finer.is_empty()).then(|| labelled(Label::NotShared, &list(finer.iter().copied(), language))));
    parts.join("; ")
}

/// An amount as people write it, with the code of its currency.
fn amount(Money { minor, currency }: Money) -> String {
    let code = match currency {
        Currency::Mop => "MOP",
        Currency::Cny => "CNY",
    };
    let (sign, minor) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    format!("{sign}{}.{:02} {code}", minor / 100, minor % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Item, Verdict};
    use crate::testing::{answer, question};

    #[test]
    fn an_answer_says_what_was_told_and_what_was_not() {
        let mut given = answer(&question(Item::AssetDeposit), Verdict::Meets);
        given.sources_not_searched = vec!["securities".parse().unwrap()];
        let text = |answer: &Answer| told_text(&Told::Answered(answer.clone()), Language::En).unwrap();
        let threshold = text(&given);
        for words in ["meets", "land registry", "securities", "not shared: the range; the exact value", "2026-07-01"] {
            assert!(threshold.contains(words), "{words} in {threshold}");
        }
        given.band = Some("0-50000".parse().unwrap());
        let band = text(&given);
        assert!(band.contains("0-50000") && band.contains("not shared: the exact value"), "{band}");
        given.value = Some(Money { minor: -4_350_007, currency: Currency::Mop });
        let exact = text(&given);
        assert!(exact.contains("-43500.07 MOP") && !exact.contains("not shared"), "{exact}");
        assert_eq!(told_text(&Told::Asked, Language::En), None);
        for told in [Told::Refused, Told::NotAnswered, Told::Recalled, Told::OwnOnly] {
            let words: std::collections::BTreeSet<_> =
                [Language::ZhHans, Language::ZhHant, Language::Pt, Language::En].map(|l| told_text(&told, l)).into();
            assert!(words.len() >= 3, "{told:?}");
        }
    }
}
