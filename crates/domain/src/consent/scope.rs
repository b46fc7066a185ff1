//! The checks of a question against a consent, the same for lookups and for verification.
//!
//! In scope: does the consent stand, and does it cover the question. Out of scope: whether the consent is genuine (a
//! token's signature, or the grant in its issuer's log) and how many uses are left.

use std::collections::BTreeSet;

use crate::consent::{ConsentClaims, ConsentFacts, OrgUnit, lapses_at};
use crate::id::PartyId;
use crate::identity::{Document, Subject};
use crate::item::{Granularity, Item, Question};
use crate::party::Rules;
use crate::purpose::Purpose;
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::view::Sides;

/// Checks that a consent is in force at `now` about a person: not revoked by a party of the consent, wholly or about that
/// person, not closed, begun, not ended, not lapsed by the person's coming of age.
///
/// A revocation counts from when it is known here, whatever instant it names: nothing more is answered on a consent
/// whose revocation the party has accepted.
///
/// # Errors
/// `CONSENT_REVOKED` with the earliest instant named, `CONSENT_EXPIRED` with the instant it was closed, `NOT_YET_VALID`
/// with the first instant it holds, `CONSENT_EXPIRED` with the first instant it no longer holds, `CONSENT_LAPSED` with
/// the first instant of the person's majority; the first of these that applies.
pub fn check_standing(
    claims: &ConsentClaims,
    sides: &Sides<ConsentFacts>,
    subject: &Document,
    now: Instant,
) -> Result<(), Refusal> {
    if let Some(at) = revocation_about(claims.parties(), Some(&claims.subjects), sides, subject) {
        return Err(Refusal::new(RefusalCode::ConsentRevoked).effective_at(at));
    }
    let closed =
        [claims.issuer, claims.requester.party].into_iter().filter_map(|party| sides.of(party)?.closed.as_ref());
    if let Some(at) = closed.map(|(_, said)| said.at).min() {
        return Err(Refusal::new(RefusalCode::ConsentExpired).effective_at(at));
    }
    if now < claims.not_before {
        return Err(Refusal::new(RefusalCode::NotYetValid).effective_at(claims.not_before));
    }
    if now >= claims.not_after {
        return Err(Refusal::new(RefusalCode::ConsentExpired).effective_at(claims.not_after));
    }
    let position = claims.subjects.iter().position(|covered| covered.document.key() == subject.key());
    match position.and_then(|position| lapses_at(claims, position)) {
        Some(at) if at <= now => Err(Refusal::new(RefusalCode::ConsentLapsed).effective_at(at)),
        Some(_) | None => Ok(()),
    }
}

/// Returns the earliest instant from which one of the parties says a consent is revoked, wholly or about a person.
///
/// Where it is not known whom the consent covers, a revocation about anybody counts: it can't be told about whom it is.
pub(crate) fn revocation_about(
    parties: impl IntoIterator<Item = PartyId>,
    covered: Option<&[Subject]>,
    sides: &Sides<ConsentFacts>,
    subject: &Document,
) -> Option<Instant> {
    let is_about = |position: &u8| match covered.and_then(|covered| covered.get(usize::from(*position))) {
        Some(person) => person.document.key() == subject.key(),
        None => true,
    };
    let said = parties.into_iter().filter_map(|party| sides.of(party));
    let revoked = said.flat_map(ConsentFacts::withdrawals);
    revoked
        .filter(|(revoked, _)| revoked.subjects.is_empty() || revoked.subjects.iter().any(is_about))
        .map(|(revoked, _)| revoked.effective_at)
        .min()
}

/// Checks that questions about `subject`, asked of `holder` by `requester` for `purpose`, lie within a consent.
/// Persons are compared by what stays the same when a document is renewed.
///
/// # Errors
/// The first that applies: `WRONG_HOLDER`, `WRONG_REQUESTER` (`party` or `unit`), `PURPOSE_MISMATCH`, `OVER_SCOPE`
/// listing all that is too much: `subject`, an item that is not covered, `granularity:` and an item asked too finely.
pub fn check_scope(
    claims: &ConsentClaims,
    subject: &Document,
    questions: &[Question],
    purpose: Purpose,
    holder: PartyId,
    requester: &OrgUnit,
) -> Result<(), Refusal> {
    if claims.holder != holder {
        return Err(Refusal::new(RefusalCode::WrongHolder));
    }
    if claims.requester.party != requester.party {
        return Err(Refusal::new(RefusalCode::WrongRequester).offending(["party"]));
    }
    if claims.requester.unit != requester.unit {
        return Err(Refusal::new(RefusalCode::WrongRequester).offending(["unit"]));
    }
    if claims.purpose != purpose {
        return Err(Refusal::new(RefusalCode::PurposeMismatch));
    }
    let covered = claims.subjects.iter().any(|covered| covered.document.key() == subject.key());
    let mut offending = BTreeSet::from_iter((!covered).then(|| "subject".to_owned()));
    offending
        .extend(questions.iter().filter_map(|q| excess(claims.items.get(&q.item).copied(), q.item, q.granularity)));
    over_scope(offending)
}

/// Checks that a party's rules let it disclose items as finely as wanted.
///
/// # Errors
/// `OVER_SCOPE` listing items it may not disclose, and `granularity:` with items it may disclose only more coarsely.
pub(crate) fn check_disclosable(
    rules: &Rules,
    wanted: impl IntoIterator<Item = (Item, Granularity)>,
) -> Result<(), Refusal> {
    over_scope(wanted.into_iter().filter_map(|(item, wanted)| excess(rules.disclosable(item), item, wanted)).collect())
}

/// Tells whether a list names something twice. The lists here are short (at most 64), so that comparing all pairs
/// costs less than an order on the elements.
pub(crate) fn repeats<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().any(|(position, one)| list.iter().take(position).any(|other| one == other))
}

fn excess(allowed: Option<Granularity>, item: Item, wanted: Granularity) -> Option<String> {
    match allowed {
        None => Some(item.code().to_owned()),
        Some(allowed) => (wanted > allowed).then(|| format!("granularity:{}", item.code())),
    }
}

fn over_scope(offending: BTreeSet<String>) -> Result<(), Refusal> {
    if offending.is_empty() { Ok(()) } else { Err(Refusal::new(RefusalCode::OverScope).offending(offending)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentRevoked, RevocationForm, SignedBy};
    use crate::item::Predicate;
    use crate::testing::{NOON, claims, document, given_nothing, party, stranger};
    use crate::time::{DAY_US, MINUTE_US};

    struct Asked {
        subject: Document,
        questions: Vec<Question>,
        purpose: Purpose,
        holder: PartyId,
        requester: OrgUnit,
    }

    fn asked() -> Asked {
        let question = |item| Question { item, predicate: Predicate::Holds, granularity: Granularity::Threshold };
        Asked {
            subject: document(),
            questions: [Item::AssetProperty, Item::IncomeAssistance].map(question).into(),
            purpose: claims().purpose,
            holder: party("macau"),
            requester: claims().requester,
        }
    }

    fn judge(asked: &Asked) -> Result<(), Refusal> {
        check_scope(&claims(), &asked.subject, &asked.questions, asked.purpose, asked.holder, &asked.requester)
    }

    #[test]
    fn each_single_field_out_of_scope_is_refused() {
        type Change = fn(&mut Asked);
        let changes: &[(&str, Change, RefusalCode, &[&str])] = &[
            ("holder", |a| a.holder = party("hengqin"), RefusalCode::WrongHolder, &[]),
            ("party", |a| a.requester.party = party("hengqin"), RefusalCode::WrongRequester, &["party"]),
            ("unit", |a| a.requester.unit = "gongbei".parse().unwrap(), RefusalCode::WrongRequester, &["unit"]),
            ("purpose", |a| a.purpose = Purpose::DibaoRecheck, RefusalCode::PurposeMismatch, &[]),
            ("subject", |a| a.subject = stranger(), RefusalCode::OverScope, &["subject"]),
            ("item", |a| a.questions[1].item = Item::ExpenseMedical, RefusalCode::OverScope, &["exp.medical"]),
            (
                "granularity",
                |a| a.questions[0].granularity = Granularity::Exact,
                RefusalCode::OverScope,
                &["granularity:ast.property"],
            ),
        ];
        assert_eq!(judge(&asked()), Ok(()));
        for (name, change, code, offending) in changes {
            let mut asked = asked();
            change(&mut asked);
            let refusal = judge(&asked).unwrap_err();
            assert_eq!(refusal.code, *code, "{name}");
            assert_eq!(refusal.offending, *offending, "{name}");
        }
    }

    #[test]
    fn over_scope_lists_all_that_is_too_much_once() {
        let mut asked = asked();
        asked.subject = stranger();
        asked.questions[0].granularity = Granularity::Band;
        asked.questions[1].item = Item::ExpenseMedical;
        asked.questions.push(Question { predicate: Predicate::CountAtMost(1), ..asked.questions[1].clone() });
        assert_eq!(judge(&asked).unwrap_err().offending, ["exp.medical", "granularity:ast.property", "subject"]);
    }

    #[test]
    fn a_consent_stands_from_its_first_instant_to_before_its_last() {
        let (claims, none) = (claims(), Sides::default());
        let at = |now| check_standing(&claims, &none, &document(), now);
        let not_yet = Refusal::new(RefusalCode::NotYetValid).effective_at(claims.not_before);
        let expired = Refusal::new(RefusalCode::ConsentExpired).effective_at(claims.not_after);
        assert_eq!(at(claims.not_before.plus_us(-1)), Err(not_yet));
        assert_eq!(at(claims.not_before), Ok(()));
        assert_eq!(at(claims.not_after.plus_us(-1)), Ok(()));
        assert_eq!(at(claims.not_after), Err(expired.clone()));
        assert_eq!(at(claims.not_after.plus_us(DAY_US)), Err(expired));
    }

    #[test]
    fn only_a_party_of_the_consent_revokes_it() {
        let mut claims = claims();
        claims.issuer = party("hengqin"); // three different parties
        let revoked_by = |who: &str, ago: i64| {
            let (consent, form, effective_at) = (claims.id, RevocationForm::Letter, NOON.plus_us(-ago));
            (
                who.to_owned(),
                ConsentRevoked {
                    consent,
                    others: [].into(),
                    form,
                    effective_at,
                    subjects: [].into(),
                    by: SignedBy::Subject(0),
                },
            )
        };
        let standing = |events: &[(String, ConsentRevoked)]| {
            let scene = events.iter().fold(given_nothing(), |scene, (who, event)| scene.and(who, event.clone()));
            check_standing(&claims, &scene.rows().sides(&claims.id).unwrap(), &document(), NOON)
        };
        for who in ["cw.hengqin", "cw.macau", "cw.zhuhai"] {
            let refusal = standing(&[revoked_by(who, MINUTE_US)]).unwrap_err();
            assert_eq!(refusal, Refusal::new(RefusalCode::ConsentRevoked).effective_at(NOON.plus_us(-MINUTE_US)));
        }
        assert_eq!(standing(&[revoked_by("cw.elsewhere", MINUTE_US)]), Ok(()));
        let earliest = standing(&[revoked_by("cw.macau", MINUTE_US), revoked_by("cw.zhuhai", DAY_US)]).unwrap_err();
        assert_eq!(earliest.effective_at, Some(NOON.plus_us(-DAY_US)));
    }

    #[test]
    fn a_revocation_outweighs_the_term() {
        let claims = claims();
        let (consent, form) = (claims.id, RevocationForm::InPerson);
        let revoked = ConsentRevoked {
            consent,
            others: [].into(),
            form,
            effective_at: NOON,
            subjects: [].into(),
            by: SignedBy::Subject(0),
        };
        let sides = given_nothing().and("cw.macau", revoked).rows().sides(&consent).unwrap();
        let refusal = check_standing(&claims, &sides, &document(), claims.not_after).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::ConsentRevoked);
    }

    #[test]
    fn repeats_finds_the_second_of_two_equals() {
        assert!(!repeats::<u8>(&[]));
        assert!(!repeats(&[1, 2, 3]));
        assert!(repeats(&[1, 2, 1]));
    }
}
