//! The receipt of a verification or a lookup: what was asked, of whom, on what letter, answered when. The answers only
//! where the applicant asks for their own.

use super::{Receipt, consent_number, hex, local, party, told_text};
use crate::access::Told;
use crate::id::{ConsentId, PartyId};
use crate::item::Item;
use crate::phrases::{Label, Phrase};
use crate::purpose::{Language, Purpose};
use crate::refusal::RefusalCode;
use crate::time::Instant;

/// One question, without the person's document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedLine {
    /// What was asked.
    pub item: Item,
    /// The consent it rests on.
    pub consent: ConsentId,
    /// The digest of the letter; none where the consent is not known here.
    pub letter: Option<[u8; 32]>,
    /// What became of it, where the applicant asked for it.
    pub told: Option<Told>,
}

/// What a receipt of questions is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionReceipt {
    /// [`Label::VerificationReceipt`] or [`Label::LookupReceipt`].
    pub title: Label,
    /// The case's number.
    pub number: String,
    /// Text of the status in the same language.
    pub status: String,
    /// Who asks.
    pub asker: PartyId,
    /// Who was asked.
    pub holder: PartyId,
    /// What for, where it is known.
    pub purpose: Option<Purpose>,
    /// The questions.
    pub asked: Vec<AskedLine>,
    /// When it was asked.
    pub asked_at: Option<Instant>,
    /// When it was answered.
    pub answered_at: Option<Instant>,
    /// Why it was refused.
    pub refused: Option<RefusalCode>,
    /// The entries it rests on: log and position.
    pub entries: Vec<(PartyId, u64)>,
}

/// Makes the receipt.
#[must_use]
pub fn question_receipt(of: &QuestionReceipt, language: Language) -> Receipt {
    let when = |at: Option<Instant>| at.map_or_else(|| Label::NotYet.text(language).to_owned(), local);
    let mut lines = vec![
        (Label::Number, of.number.clone()),
        (Label::Status, of.status.clone()),
        (Label::AskedBy, party(of.asker, language)),
        (Label::AskedOf, party(of.holder, language)),
    ];
    lines.extend(of.purpose.map(|purpose| (Label::PurposeOf, purpose.text(language).to_owned())));
    lines.push((Label::AskedAt, when(of.asked_at)));
    lines.push((Label::AnsweredAt, when(of.answered_at)));
    lines.extend(of.refused.map(|code| (Label::RefusedFor, code.title(language).to_owned())));
    let mut consents: Vec<&AskedLine> = Vec::new();
    for asked in &of.asked {
        let item = asked.item.text(language);
        let told = asked.told.as_ref().and_then(|told| told_text(told, language));
        lines.push((Label::Items, told.map_or_else(|| item.to_owned(), |told| format!("{item}: {told}"))));
        if !consents.iter().any(|seen| seen.consent == asked.consent) {
            consents.push(asked);
        }
    }
    for asked in consents {
        lines.push((Label::OnConsent, consent_number(asked.consent)));
        lines.extend(asked.letter.map(|letter| (Label::Letter, hex(&letter))));
    }
    let lines = lines.into_iter().map(|(label, value)| (label.text(language).to_owned(), value)).collect();
    let with_answers = of.asked.iter().any(|asked| asked.told.is_some());
    let answers = if with_answers { Label::OwnAnswers } else { Label::AnswersOnRequest };
    let notes = [answers, Label::HowToRevoke].map(|note| note.text(language)).into();
    Receipt { language, title: of.title.text(language), lines, notes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOON, claims, party};

    #[test]
    fn it_says_what_was_asked_of_whom_on_what_letter_and_when_answered() {
        let asked = |item| AskedLine { item, consent: claims().id, letter: Some([7; 32]), told: None };
        let mut of = QuestionReceipt {
            title: Label::VerificationReceipt,
            number: "R1".to_owned(),
            status: "respondido".to_owned(),
            asker: party("zhuhai"),
            holder: party("macau"),
            purpose: Some(Purpose::DibaoApplication),
            asked: vec![asked(Item::AssetDeposit), asked(Item::AssetProperty)],
            asked_at: Some(NOON),
            answered_at: None,
            refused: None,
            entries: Vec::new(),
        };
        let text = question_receipt(&of, Language::Pt).to_text();
        for word in ["depósitos", "imóveis", "Instituto de Acção Social", "Zhuhai", "2026-07-01 12:00", "ainda não"]
        {
            assert!(text.contains(word), "{word} in {text}");
        }
        assert_eq!(text.matches(&claims().id.to_string()).count(), 1, "one letter is named once");
        assert!(text.contains(&hex(&[7; 32])));
        assert!(text.contains("não contém as respostas"), "{text}");
        let answer = crate::testing::answer(&crate::testing::question(Item::AssetDeposit), crate::item::Verdict::Meets);
        of.asked[0].told = Some(Told::Answered(answer));
        let own = question_receipt(&of, Language::Pt).to_text();
        assert!(own.contains("depósitos: satisfaz") && own.contains("land registry"), "{own}");
        assert!(!own.contains("não contém as respostas"), "{own}");
        (of.answered_at, of.refused) = (Some(NOON), Some(RefusalCode::ConsentRevoked));
        let text = question_receipt(&of, Language::ZhHant).to_text();
        assert!(text.contains(RefusalCode::ConsentRevoked.title(Language::ZhHant)) && !text.contains("暫無"), "{text}");
    }
}
