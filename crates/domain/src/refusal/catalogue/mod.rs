//! What a refusal tells an officer: the rule behind it, a title and the next step, in the languages of the exchange.
//!
//! A rule is a law, the plan 珠民〔2021〕156号, what the consent itself says, or a rule of the exchange in plain words.
//! "PIPL" is the mainland's Personal Information Protection Law.
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
            Self::RoleNotAllowed => "plan 珠民〔2021〕156号, division of labour; roles of the exchange",
            Self::SamePerson => "four-eyes rule: whoever prepares does not approve",
            Self::NotFound => "lifecycle of the case",
            Self::AlreadyExists => "an id names one thing for ever",
            Self::WrongState => "lifecycle of the case",
            Self::NotYours => "each party decides its own side",
            Self::WrongAddressee => "the parties of the exchange and their cards",
            Self::BadList => "limits of the exchange",
            Self::BadDate => "ISO 8601 dates; nothing holds for a day to come",
            Self::EntriesOpen => "plan 珠民〔2021〕156号, 二（二）: every entry ends matched, corrected or withdrawn",
            Self::NoConsent => {
                "plan 珠民〔2021〕156号, 二（二）(授权书); PIPL arts. 23, 39; Macau Law 8/2005 arts. 19, 20"
            }
            Self::ConsentExpired => "term written in the consent",
            Self::ConsentRevoked => "PIPL art. 15",
            Self::ConsentUsedUp => "number of uses written in the consent",
            Self::NotYetValid => "term written in the consent",
            Self::OverScope => {
                "PIPL arts. 23, 39: items and persons written in the consent; the holder's own rules of disclosure"
            }
            Self::PurposeMismatch => "PIPL arts. 23, 39; Macau Law 8/2005 art. 22",
            Self::WrongHolder => "holder written in the consent",
            Self::WrongRequester => "PIPL arts. 23, 39: requester written in the consent",
            Self::UnknownKey => "keys registered between the parties",
            Self::BadSignature => "strict Ed25519 verification",
            Self::KeyCompromised => "keys valid in time, as the party's root key says",
            Self::BadToken => "format of the consent token, version 1",
            Self::IdempotencyKeyReused => "one Idempotency-Key names one command",
            Self::LogInDoubt => "a revocation may be missing: lookups fail closed",
            Self::ClockSkew => "both parties' clocks agree within five minutes",
            Self::LookupInterrupted => "a use is spent before the answer leaves",
            Self::HolderUnreachable => "deadline of a lookup",
            Self::BadTerm => "consents last at most 12 months; uses are counted",
            Self::SignatureMissing => "plan 珠民〔2021〕156号, 二（二）(授权书); PIPL arts. 28 to 31",
            Self::BadAnswer => "an answer says what was asked, with the sources searched",
            Self::QuestionsOpen => "every question is answered before the reply",
            Self::ImportRunning => "one import of the register at a time",
            Self::NotUrgent => "vital interest is stated in every urgent notice",
            Self::DocumentNotAccepted => "documents accepted by the party's rules",
            Self::AppointmentEnded => "plan 珠民〔2021〕156号, 二（一）(联络员制度); term of the appointment",
            Self::NotAppointed => "plan 珠民〔2021〕156号, 二（一）(联络员制度); appointments by the secretariat",
            Self::UnitNotCapable => "plan 珠民〔2021〕156号, division of labour: capabilities of the org unit",
            Self::NoChannel => "PIPL arts. 36, 40; Macau Law 8/2005 arts. 19 to 22: cleared channels only",
            Self::ChannelLapsed => "PIPL arts. 36, 40; Macau Law 8/2005 arts. 19 to 22: term of the clearance",
            Self::OverAgreement => "agreement in force between the parties: items, forms and purposes",
            Self::ConsentIncomplete => "PIPL arts. 28 to 31; signatures that the rules of issuer and holder ask for",
            Self::ConsentLapsed => "majority at 18: what a parent or guardian signed ends with it",
            Self::BirthDateMissing => "whom a parent or guardian may sign for depends on age",
            Self::AdultNeedsOwnLetter => {
                "plan 珠民〔2021〕156号, 二（二）(授权书): every adult signs a letter of their own"
            }
            Self::LanguageNotAccepted => "languages of the party's letters",
            Self::HearingMissing => "no adverse decision unheard: the person is heard before a side decides",
            Self::MatchLimit => "limits of matching runs, so that numbers can't be tried out",
            Self::RunNotAuthorised => {
                "PIPL arts. 36, 55; Macau Law 8/2005 art. 22: authorised by the data-protection officers of both sides"
            }
            Self::RunFailed => "a run that began is spent, whatever came of it",
            Self::NotAssigned => "the holder's officers share the work of a request",
            Self::TooManyPredicates => {
                "at most 3 different questions on one item, so that no exact value is found by asking"
            }
            Self::MinorNotCleared => "PIPL arts. 28, 31: only officers whom the secretariat cleared for minors",
            Self::Suppressed => "protection of a person at risk, decided by a data-protection officer and on record",
            Self::UnknownStandard => "thresholds are quoted from a published policy standard, by version and date",
            Self::NotYourDraft => "a draft is given up by who prepared it, or by a reviewer",
            Self::MemberNotAppointed => {
                "plan 珠民〔2021〕156号, 二（一）(领导小组): members by appointment of their party"
            }
            Self::RetentionFloor => {
                "PIPL art. 56; Network Data Security Regulations art. 12: processing records are kept for at least three years"
            }
            Self::NotErasable => {
                "PIPL arts. 19, 47; Macau Law 8/2005 art. 11: personal data is erased, procedure stays"
            }
            Self::EarlierEntriesStand => {
                "what corrects or takes back is never erased under what it corrects or takes back"
            }
            Self::RequestedEntriesMissing => {
                "PIPL art. 50; Macau Law 8/2005 art. 11: a request is granted as it was made, or refused with reasons"
            }
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
    fn rules_cite_only_what_an_officer_can_look_up() {
        for &code in RefusalCode::ALL {
            for paper in ["domain", "design", "facts"] {
                assert!(!code.rule().contains(&format!("{paper} §")), "{code:?} cites a paper of the builders");
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
