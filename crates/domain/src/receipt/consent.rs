//! The receipt of a consent: what may be asked, of whom, on what letter, until when, and how to withdraw.

use super::{Receipt, consent_number, hex, list, local, party};
use crate::consent::{ConsentClaims, ConsentRevoked, Signatory, SignedBy, Signer, lacking};
use crate::phrases::{Label, Phrase};
use crate::purpose::Language;

/// Makes the receipt; `status` is the text of the consent's status in the same language, `withdrawn` what was withdrawn so
/// far, by whichever party it was recorded.
#[must_use]
pub fn consent_receipt(
    claims: &ConsentClaims,
    withdrawn: &[ConsentRevoked],
    status: &str,
    language: Language,
) -> Receipt {
    let requester = format!("{} ({})", party(claims.requester.party, language), claims.requester.unit);
    let mut lines = vec![
        (Label::Number, consent_number(claims.id)),
        (Label::Status, status.to_owned()),
        (Label::SignedAt, party(claims.issuer, language)),
        (Label::AskedBy, requester),
        (Label::AskedOf, party(claims.holder, language)),
        (Label::PurposeOf, claims.purpose.text(language).to_owned()),
        (Label::Items, list(claims.items.keys().copied(), language)),
    ];
    if !claims.separate.is_empty() {
        lines.push((Label::Separate, list(claims.separate.iter().copied(), language)));
    }
    lines.extend(claims.signers.iter().map(|signer| (Label::SignedBy, signature(claims, signer, language))));
    lines.extend(withdrawn.iter().map(|one| (Label::WithdrawnBy, withdrawal(claims, one))));
    lines.push((Label::Letter, hex(&claims.letter_digest)));
    lines.extend(claims.supplements.iter().map(|digest| (Label::Letter, hex(digest))));
    lines.push((Label::From, local(claims.not_before)));
    lines.push((Label::Until, local(claims.not_after)));
    lines.push((Label::Uses, claims.uses.to_string()));
    let missing = lacking(claims);
    if !missing.is_empty() {
        lines.push((Label::Missing, missing.join("; ")));
    }
    let lines = lines.into_iter().map(|(label, value)| (label.text(language).to_owned(), value)).collect();
    let notes = [Label::HowToRevoke, Label::AboutQr].map(|note| note.text(language)).into();
    Receipt { language, title: Label::ConsentReceipt.text(language), lines, notes }
}

/// Who signed, for whom, in which capacity, when: `陳樣本 → 小樣本 (親權), 2026-06-30`.
fn signature(claims: &ConsentClaims, signer: &Signer, language: Language) -> String {
    let by = signatory(claims, signer.by);
    let capacity = signer.capacity.text(language);
    if signer.by == SignedBy::Subject(signer.subject) {
        format!("{by} ({capacity}), {}", signer.signed_on)
    } else {
        format!("{by} → {} ({capacity}), {}", name_of(claims, signer.subject), signer.signed_on)
    }
}

/// Who withdrew, about whom, when: `余假设 → 小樣本, 2026-07-02 10:02`.
fn withdrawal(claims: &ConsentClaims, revoked: &ConsentRevoked) -> String {
    let (by, at) = (signatory(claims, revoked.by), local(revoked.effective_at));
    let about: Vec<String> = revoked.subjects.iter().map(|position| name_of(claims, *position)).collect();
    if about.is_empty() { format!("{by}, {at}") } else { format!("{by} → {}, {at}", about.join(", ")) }
}

fn name_of(claims: &ConsentClaims, position: u8) -> String {
    let subject = claims.subjects.get(usize::from(position));
    subject.map_or_else(|| format!("#{}", position.saturating_add(1)), |s| s.name.as_on_document.as_str().to_owned())
}

fn signatory(claims: &ConsentClaims, by: SignedBy) -> String {
    match by {
        SignedBy::Subject(position) => name_of(claims, position),
        SignedBy::Other(position) => match claims.others.get(usize::from(position)) {
            Some(Signatory::Person(person)) => person.name.as_on_document.as_str().to_owned(),
            Some(Signatory::Institution(name)) => name.as_str().to_owned(),
            None => String::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::claims;

    #[test]
    fn it_says_which_of_the_signers_withdrew_about_whom_and_when() {
        let mut claims = claims();
        let child = crate::identity::Subject { name: crate::testing::name("小樣本"), ..claims.subjects[0].clone() };
        let father = crate::identity::Subject { name: crate::testing::name("余假设"), ..claims.subjects[0].clone() };
        claims.subjects.push(child);
        claims.others.push(Signatory::Person(father));
        let revoked = |by, subjects: &[u8]| ConsentRevoked {
            consent: claims.id,
            others: [].into(),
            form: crate::consent::RevocationForm::InPerson,
            effective_at: crate::testing::NOON,
            subjects: subjects.iter().copied().collect(),
            by,
        };
        let withdrawn = [revoked(SignedBy::Other(0), &[1]), revoked(SignedBy::Subject(0), &[])];
        let text = consent_receipt(&claims, &withdrawn, "…", Language::En).to_text();
        assert!(text.contains("Withdrawn by: 余假设 → 小樣本, 2026-07-01 12:00"), "{text}");
        assert!(text.contains("Withdrawn by: 陳樣本, 2026-07-01 12:00"), "{text}");
    }

    #[test]
    fn a_receipt_says_what_the_letter_says_in_each_language_and_no_document_number() {
        let status = "…";
        for (language, words) in [
            (Language::ZhHans, ["授权书回执", "存款", "申请最低生活保障", "澳门社会工作局", "随时撤回"]),
            (Language::ZhHant, ["同意書收據", "存款", "申請最低生活保障", "社會工作局", "隨時撤回"]),
            (
                Language::Pt,
                ["Recibo", "depósitos", "subsídio mínimo de subsistência", "Instituto de Acção Social", "revogar"],
            ),
            (Language::En, ["Receipt", "deposits", "subsistence allowance", "Social Welfare Bureau", "withdraw"]),
        ] {
            let text = consent_receipt(&claims(), &[], status, language).to_text();
            for word in words {
                assert!(text.contains(word), "{word} in {text}");
            }
            assert!(text.contains(&hex(&claims().letter_digest)) && text.contains("陳樣本"), "{text}");
            assert!(!text.contains(claims().subjects[0].document.number()), "{text}");
        }
    }
}
