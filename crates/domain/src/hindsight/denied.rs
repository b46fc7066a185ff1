//! Whether a lookup was denied for a reason that there was.
//!
//! The holder keeps nothing of a denied question, so only what turns on the consent itself, on the lookup's id or on a
//! channel can be judged.

use crate::channel;
use crate::command::Context;
use crate::consent::{ConsentClaims, ConsentFacts, OrgUnit, check_standing};
use crate::event::Event;
use crate::hindsight::Hindsight;
use crate::lookup::{LookupDenied, LookupFacts, LookupPermitted};
use crate::refusal::RefusalCode as Code;
use crate::view::{Rows, ViewError};

/// What [`check_standing`] refuses.
const STANDING: [Code; 4] = [Code::ConsentRevoked, Code::ConsentExpired, Code::NotYetValid, Code::ConsentLapsed];

/// Judges a denial.
pub(super) fn look_back(
    rows: &Rows<'_>,
    context: &Context<'_>,
    denied: &LookupDenied,
    granted: Option<&ConsentClaims>,
) -> Result<Hindsight, ViewError> {
    if denied.refusal.code == Code::AlreadyExists {
        let known = rows.side::<LookupFacts>(&denied.lookup, context.me)?.is_some();
        return Ok(founded(known));
    }
    let Some(claims) = granted else { return Ok(Hindsight::Silent) };
    let (code, sides) = (denied.refusal.code, rows.sides::<ConsentFacts>(&claims.id)?);
    if STANDING.contains(&code) {
        let mut subjects = claims.subjects.iter();
        return Ok(founded(subjects.any(|subject| {
            let standing = check_standing(claims, &sides, &subject.document, context.now);
            standing.is_err_and(|refusal| refusal.code == code)
        })));
    }
    if code == Code::ConsentUsedUp {
        return Ok(founded(sides.of(context.me).map_or(0, |facts| facts.uses_spent) >= claims.uses));
    }
    if matches!(code, Code::NoChannel | Code::ChannelLapsed)
        && let Some(event) = permission(denied, claims)
    {
        let told = channel::check(rows, context, &event)?;
        return Ok(founded(told.is_err_and(|refusal| refusal.code == code)));
    }
    Ok(Hindsight::Silent) // turns on the token or on the question, which is not told
}

fn founded(yes: bool) -> Hindsight {
    if yes { Hindsight::Right } else { Hindsight::Unfounded }
}

/// The permission that would have been told instead; of its questions none is needed.
fn permission(denied: &LookupDenied, claims: &ConsentClaims) -> Option<Event> {
    let subject = claims.subjects.first()?.document.clone();
    let requester = OrgUnit { party: denied.asker, unit: claims.requester.unit.clone() };
    let (lookup, consent, issuer, purpose) = (denied.lookup, claims.id, claims.issuer, claims.purpose);
    let questions = Vec::new();
    Some(LookupPermitted { lookup, requester, consent, issuer, use_no: 0, subject, questions, purpose }.into())
}
