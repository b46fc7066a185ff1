//! Whether the agreement in force lets one party tell the other.

use std::collections::BTreeSet;

use crate::agreement::{AgreementTerms, in_force};
use crate::command::Context;
use crate::event::Event;
use crate::id::PartyId;
use crate::item::{Granularity, Item};
use crate::purpose::Purpose;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Rows, ViewError};

/// Checks that an agreement lets `from` tell the others these items, as finely as wanted, for a purpose.
///
/// # Errors
/// `OVER_AGREEMENT` listing all that is too much: `purpose`, items that are not agreed, `granularity:` with items asked
/// too finely.
pub fn allows(
    terms: &AgreementTerms,
    from: PartyId,
    wanted: impl IntoIterator<Item = (Item, Granularity)>,
    purpose: Purpose,
) -> Result<(), Refusal> {
    let allowed = terms.allowed.get(&from);
    let purposes = allowed.is_some_and(|allowed| allowed.purposes.contains(&purpose));
    let mut offending = BTreeSet::from_iter((!purposes).then(|| "purpose".to_owned()));
    for (item, wanted) in wanted {
        match allowed.and_then(|allowed| allowed.items.get(&item)) {
            None => drop(offending.insert(item.code().to_owned())),
            Some(most) if wanted > *most => drop(offending.insert(format!("granularity:{}", item.code()))),
            Some(_) => {}
        }
    }
    if offending.is_empty() { Ok(()) } else { Err(Refusal::new(RefusalCode::OverAgreement).offending(offending)) }
}

/// What an event would have one party tell another.
struct Telling {
    from: PartyId,
    to: PartyId,
    items: Vec<(Item, Granularity)>,
    purpose: Purpose,
}

/// Returns what an event asks or tells; none for events that start nothing of the kind.
fn telling(event: &Event, me: PartyId) -> Option<Telling> {
    Some(if let Event::ConsentRecorded(e) = event {
        let items = e.claims.items.iter().map(|(item, granularity)| (*item, *granularity)).collect();
        Telling { from: e.claims.holder, to: e.claims.requester.party, items, purpose: e.claims.purpose }
    } else if let Event::RequestDrafted(e) = event {
        request(&e.request)
    } else if let Event::RequestSubmitted(e) = event {
        request(&e.request)
    } else if let Event::LookupAsked(e) = event {
        let items = e.questions.iter().map(|q| (q.item, q.granularity)).collect();
        Telling { from: e.holder, to: me, items, purpose: e.purpose }
    } else if let Event::LookupPermitted(e) = event {
        let items = e.questions.iter().map(|q| (q.item, q.granularity)).collect();
        Telling { from: me, to: e.requester.party, items, purpose: e.purpose }
    } else if let Event::BatchSent(e) = event {
        if e.entries.is_empty() {
            return None; // counts, no person
        }
        Telling { from: me, to: e.to, items: Vec::new(), purpose: Purpose::RoutineNotice }
    } else {
        return None;
    })
}

fn request(request: &crate::verification::VerificationRequest) -> Telling {
    let items = request.questions.iter().map(|asked| (asked.question.item, asked.question.granularity)).collect();
    Telling { from: request.holder, to: request.asker, items, purpose: request.purpose }
}

/// Checks an event against the agreement in force between the two parties it concerns. While none is, their rules and
/// the consents alone say what may be told.
///
/// # Errors
/// [`ViewError`] when a row can't be read. The inner refusals are those of [`allows`].
pub fn check(rows: &Rows<'_>, context: &Context<'_>, event: &Event) -> Result<Result<(), Refusal>, ViewError> {
    let Some(Telling { from, to, items, purpose }) = telling(event, context.me) else { return Ok(Ok(())) };
    Ok(match in_force(rows, [from, to], context.now)? {
        Some(terms) => allows(&terms, from, items, purpose),
        None => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::sample::{proposed, signed, terms};
    use crate::consent::ConsentRecorded;
    use crate::party::rules_of;
    use crate::testing::{NOON, Scene, actor, claims, given_nothing, party};
    use crate::time::DAY_US;

    #[test]
    fn items_forms_and_purposes_are_those_agreed() {
        let judge = |from: &str, item, granularity, purpose| {
            allows(&terms(), party(from), [(item, granularity)], purpose).map_err(|refusal| refusal.offending)
        };
        let (band, application) = (Granularity::Band, Purpose::DibaoApplication);
        assert_eq!(judge("macau", Item::AssetProperty, band, application), Ok(()));
        assert_eq!(
            judge("macau", Item::AssetDeposit, band, application),
            Err(vec!["granularity:ast.deposit".to_owned()])
        );
        assert_eq!(judge("macau", Item::ExpenseMedical, band, application), Err(vec!["exp.medical".to_owned()]));
        assert_eq!(judge("macau", Item::AssetProperty, band, Purpose::DibaoRecheck), Err(vec!["purpose".to_owned()]));
        assert!(judge("elsewhere", Item::AssetProperty, band, application).is_err(), "not named in the agreement");
    }

    fn recorded(scene: &Scene, now_in_days: i64) -> Result<(), Refusal> {
        let (me, actor) = actor("cw.zhuhai");
        let now = NOON.plus_us(now_in_days * DAY_US);
        let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now };
        check(&scene.rows(), &context, &ConsentRecorded { claims: claims() }.into()).unwrap()
    }

    #[test]
    fn the_agreement_in_force_limits_what_a_letter_may_name() {
        let scene = given_nothing().and("sec.zhuhai", proposed(1)).and("sec.macau", signed(1));
        assert_eq!(recorded(&scene, 0), Ok(()), "not in force yet");
        let refusal = recorded(&scene, 1).unwrap_err();
        assert_eq!((refusal.code, refusal.offending), (RefusalCode::OverAgreement, vec!["inc.assist".to_owned()]));
        assert_eq!(recorded(&given_nothing(), 1), Ok(()), "no agreement");
    }
}
