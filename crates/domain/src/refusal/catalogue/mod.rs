//! What a refusal tells an officer: the rule behind it, a title and the next step, in the languages of the exchange.
//!
//! Citations: "plan" is 珠民〔2021〕156号 by the rows of `domain.md` §1.1; "domain", "design" and "facts" are the
//! documents of that name; "PIPL" is the mainland's Personal Information Protection Law as `facts.md` §6 reads it.
//!
//! Every text is an arm of an exhaustive match, so a new code does not compile until it has them all.

mod en;
mod pt;
mod zh_hans;
mod zh_hant;

use crate::purpose::Language;
use crate::refusal::RefusalCode;

/// What is said about one code in one language.
struct Text {
    title: &'static str,
    next_step: &'static str,
}

impl RefusalCode {
    /// Returns where the rule comes from. A citation, the same in every language.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::RoleNotAllowed => "plan 002-34; domain §0.1 (roles)",
            Self::SamePerson => "domain §0.1 (second-person reviewer); design §8",
            Self::NotFound => "design §8",
            Self::AlreadyExists => "facts T6",
            Self::WrongState => "design §8",
            Self::NotYours => "design §1",
            Self::WrongAddressee => "design §1, §8",
            Self::BadList => "design §4-11",
            Self::BadDate => "domain §4 (dates)",
            Self::EntriesOpen => "plan 002-11b",
            Self::NoConsent => "plan 002-13; PIPL arts. 23, 39; Macau Law 8/2005 arts. 19, 20; domain §7 S4(a)",
            Self::ConsentExpired => "domain §6.2, §7 S4(b); design §8",
            Self::ConsentRevoked => "PIPL art. 15; domain §7 S4(c); design §8",
            Self::ConsentUsedUp => "design §4-6; facts T10",
            Self::NotYetValid => "design §5 (consent token)",
            Self::OverScope => "PIPL arts. 23, 39; domain §3.3, §7 S4(d)",
            Self::PurposeMismatch => "PIPL arts. 23, 39; Macau Law 8/2005 art. 22; domain §7 S4(e)",
            Self::WrongHolder => "plan 002-13; domain §7 S4(f); facts T12",
            Self::WrongRequester => "PIPL arts. 23, 39; facts T12",
            Self::UnknownKey => "plan 002-09; design §4-4",
            Self::BadSignature => "design §4-3, §4-4",
            Self::BadToken => "design §4-3, §5 (consent token)",
            Self::IdempotencyKeyReused => "facts T6",
            Self::LogInDoubt => "design §6; facts T11",
            Self::ClockSkew => "facts T18; domain §7 S4(b)",
            Self::LookupInterrupted => "design §4-6; facts T10",
            Self::HolderUnreachable => "design §6, §8; facts T10",
            Self::BadTerm => "domain §6.2",
            Self::SignatureMissing => "plan 002-13; PIPL arts. 28 to 31; domain §7 S7",
            Self::BadAnswer => "domain §3.3",
            Self::QuestionsOpen => "design §8; domain §7 S3",
            Self::ImportRunning => "design §7",
            Self::NotUrgent => "plan 002-11; domain §0-3, §7 S2",
            Self::DocumentNotAccepted => "domain §4; design §2",
        }
    }

    /// Returns what is wrong, in one line without a full stop.
    #[must_use]
    pub fn title(self, language: Language) -> &'static str {
        self.text(language).title
    }

    /// Returns what the officer can do about it, in full sentences.
    #[must_use]
    pub fn next_step(self, language: Language) -> &'static str {
        self.text(language).next_step
    }

    fn text(self, language: Language) -> Text {
        match language {
            Language::ZhHans => zh_hans::text(self),
            Language::ZhHant => zh_hant::text(self),
            Language::Pt => pt::text(self),
            Language::En => en::text(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const LANGUAGES: [Language; 4] = [Language::ZhHans, Language::ZhHant, Language::Pt, Language::En];

    fn both(code: RefusalCode, language: Language) -> String {
        format!("{} {}", code.title(language), code.next_step(language))
    }

    #[test]
    fn every_code_has_a_rule_and_all_its_texts() {
        for &code in RefusalCode::ALL {
            assert!(!code.rule().trim().is_empty(), "{code:?}");
            for language in LANGUAGES {
                assert!(!code.title(language).trim().is_empty(), "{code:?} {language:?}");
                assert!(!code.next_step(language).trim().is_empty(), "{code:?} {language:?}");
                assert!(!code.title(language).ends_with(['.', '。']), "{code:?} {language:?}");
                assert!(code.next_step(language).ends_with(['.', '。']), "{code:?} {language:?}");
            }
        }
    }

    #[test]
    fn rules_cite_what_there_is() {
        for &code in RefusalCode::ALL {
            for source in code.rule().split("; ") {
                let known = ["plan 002-", "domain §", "design §", "facts T", "PIPL art", "Macau Law 8/2005 art"];
                assert!(known.iter().any(|known| source.starts_with(known)), "{code:?}: {source}");
            }
        }
    }

    #[test]
    fn no_two_codes_and_no_two_languages_say_the_same() {
        for language in LANGUAGES {
            let titles: BTreeSet<&str> = RefusalCode::ALL.iter().map(|code| code.title(language)).collect();
            assert_eq!(titles.len(), RefusalCode::ALL.len(), "{language:?}");
        }
        for &code in RefusalCode::ALL {
            let titles: BTreeSet<&str> = LANGUAGES.iter().map(|language| code.title(*language)).collect();
            assert_eq!(titles.len(), LANGUAGES.len(), "{code:?}");
            let steps: BTreeSet<&str> = LANGUAGES.iter().map(|language| code.next_step(*language)).collect();
            assert_eq!(steps.len(), LANGUAGES.len(), "{code:?}");
        }
    }

    /// Mainland terms, what Macau says instead, and the converted characters that must not stand there (`domain.md` §2).
    const TERMS: [(&str, &str, &str); 6] = [
        ("信息", "資料", "信息"),
        ("授权书", "同意書", "授權書"),
        ("联系", "聯絡", "聯繫"),
        ("导入", "匯入", "導入"),
        ("命令", "指令", "命令"),
        ("记录", "紀錄", "記錄"),
    ];

    #[test]
    fn traditional_chinese_is_macau_usage_and_not_a_conversion() {
        for (mainland, macau, converted) in TERMS {
            let mut used = false;
            for &code in RefusalCode::ALL {
                let (hans, hant) = (both(code, Language::ZhHans), both(code, Language::ZhHant));
                assert!(!hant.contains(converted), "{code:?}: {hant}");
                if hans.contains(mainland) {
                    used = true;
                    assert!(hant.contains(macau), "{code:?}: {hant}");
                }
            }
            assert!(used, "{mainland}: a term that is never used guards nothing");
        }
    }

    #[test]
    fn each_script_is_pure() {
        let simplified = "权执请员办调须这骤对联机过长复时间为将条没应书写当经会签询还范围详细与单样钥凭证读据发顺协议补齐负监护问题选册导紧报类";
        let traditional = "權執請員辦調須這驟對聯機過長複時間為將條沒應書寫當經會簽詢還範圍詳細與單樣鑰憑證讀據發順協議補齊負監護問題選冊導緊報類";
        for &code in RefusalCode::ALL {
            let (hans, hant) = (both(code, Language::ZhHans), both(code, Language::ZhHant));
            assert!(!hant.contains(|c| simplified.contains(c) && !traditional.contains(c)), "{code:?}: {hant}");
            assert!(!hans.contains(|c| traditional.contains(c) && !simplified.contains(c)), "{code:?}: {hans}");
        }
        for language in [Language::Pt, Language::En] {
            for &code in RefusalCode::ALL {
                assert!(!both(code, language).contains(|c| ('\u{2E80}'..='\u{FFFF}').contains(&c)), "{code:?}");
            }
        }
    }
}
