//! The phrase catalogue: what is shown of statuses, items, purposes, verdicts, roles and on receipts, in the four
//! languages of the exchange. Refusals have their own (`crate::refusal`).
//!
//! Every phrase is an arm of an exhaustive match with one text for each language, so a missing one does not compile;
//! statuses are found by their published code, and the service's tests ask for every code its API can show. The terms
//! are those of `domain.md` §2; zh-Hant is Macau usage; the Portuguese has yet to be checked by a reading officer.

mod happened;
mod label;
mod status;
mod value;

pub use happened::{HAPPENED, happened_text};
pub use label::Label;
pub use status::{STATUS_CODES, status_text};

use crate::purpose::Language;

/// One text for each language: zh-Hans, zh-Hant, pt, en.
pub type Texts = [&'static str; 4];

/// Something that is shown to people in their language.
pub trait Phrase {
    /// Returns the texts.
    fn texts(&self) -> Texts;

    /// Returns the text in a language.
    fn text(&self, language: Language) -> &'static str {
        in_language(self.texts(), language)
    }
}

/// Picks the text of a language.
#[must_use]
pub fn in_language([hans, hant, pt, en]: Texts, language: Language) -> &'static str {
    match language {
        Language::ZhHans => hans,
        Language::ZhHant => hant,
        Language::Pt => pt,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Capacity;
    use crate::item::{Item, Verdict};
    use crate::officer::Role;
    use crate::purpose::Purpose;

    fn all() -> Vec<(String, Texts)> {
        fn read<T: serde::de::DeserializeOwned + Phrase + std::fmt::Debug>(codes: &[&str]) -> Vec<(String, Texts)> {
            let parse = |code: &&str| serde_json::from_value::<T>((*code).into()).unwrap();
            codes.iter().map(parse).map(|value| (format!("{value:?}"), value.texts())).collect()
        }
        let items = [
            "id.exists",
            "id.alive",
            "hh.members",
            "hh.marital",
            "inc.wage",
            "inc.business",
            "inc.pension",
            "inc.assist",
            "ast.deposit",
            "ast.securities",
            "ast.insurance",
            "ast.property",
            "ast.vehicle",
            "ast.publicHousing",
            "exp.medical",
            "exp.education",
            "exp.housing",
            "liv.visit",
            "liv.residence",
            "rel.support",
        ];
        let roles = ["LO", "CW", "RV", "DO", "SW", "GR", "HO", "BK", "FN", "SEC", "AU", "DP", "SU", "SA", "NODE"];
        let purposes = [
            "dibao_application",
            "dibao_recheck",
            "temporary_assistance",
            "macau_regular_subsidy",
            "macau_eventual_subsidy",
            "routine_notice",
        ];
        let verdicts = ["MEETS", "DOES_NOT_MEET", "PARTIAL", "CANNOT_DETERMINE", "NO_RECORD_FOUND", "REFUSED"];
        [
            read::<Item>(&items),
            read::<Role>(&roles),
            read::<Purpose>(&purposes),
            read::<Verdict>(&verdicts),
            read::<Capacity>(&["own", "parental_authority", "guardian", "institution"]),
            crate::erasure::RefusalGround::ALL
                .iter()
                .map(|ground| (ground.code().to_owned(), ground.texts()))
                .collect(),
            Label::ALL.iter().map(|label| (format!("{label:?}"), label.texts())).collect(),
            HAPPENED.iter().map(|(kind, texts)| (kind.code().to_owned(), *texts)).collect(),
            STATUS_CODES.iter().map(|(case, code, texts)| (format!("{case} {code}"), *texts)).collect(),
        ]
        .concat()
    }

    #[test]
    fn every_phrase_is_there_in_every_language_and_script() {
        for (name, texts) in all() {
            assert!(texts.iter().all(|text| !text.trim().is_empty()), "{name}");
            let [_, _, pt, en] = texts;
            for text in [pt, en] {
                assert!(!text.contains(|c| ('\u{2E80}'..='\u{FFFF}').contains(&c)), "{name}: {text}");
            }
        }
    }

    #[test]
    fn traditional_chinese_is_macau_usage() {
        // Mainland words, and simplified characters, that must not stand in Macau's texts.
        for (name, [_, hant, ..]) in all() {
            for word in
                ["信息", "授權書", "聯繫", "工作日", "記錄", "网", "书", "据", "问", "过", "对", "员", "时", "单", "权"]
            {
                assert!(!hant.contains(word), "{name}: {hant}");
            }
        }
    }

    #[test]
    fn texts_are_picked_by_language() {
        let languages = [Language::ZhHans, Language::ZhHant, Language::Pt, Language::En];
        assert_eq!(languages.map(|language| in_language(["a", "b", "c", "d"], language)), ["a", "b", "c", "d"]);
    }
}
