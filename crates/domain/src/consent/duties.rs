//! What the service does by itself about consents it issued: records that one has ended, and that a minor has reached an
//! age. Nothing waits for these events: a question is judged by the clock.

use crate::agenda::{Case, Duty, Outlook};
use crate::consent::age::{born, reaches};
use crate::consent::expire::in_force;
use crate::consent::{Capacity, ConsentFacts, ExpireConsent, REVIEW_AGES, RaiseConsentReview};
use crate::event::Event;
use crate::id::ConsentId;
use crate::view::ViewError;

/// Returns the cases whose duties an event can change.
pub(crate) fn touched(event: &Event) -> Vec<Case> {
    let consent = if let Event::ConsentGranted(event) = event {
        event.claims.id
    } else if let Event::ConsentRevoked(event) = event {
        event.consent
    } else if let Event::ConsentClosed(event) = event {
        event.consent
    } else if let Event::ConsentExpired(event) = event {
        event.consent
    } else if let Event::ConsentReviewDue(event) = event {
        event.consent
    } else {
        return Vec::new();
    };
    vec![Case::Consent(consent)]
}

/// Returns every case there is.
pub(crate) fn every_case(outlook: &Outlook<'_>) -> Result<Vec<Case>, ViewError> {
    Ok(outlook.rows.all::<ConsentFacts>()?.into_iter().map(|(id, _)| Case::Consent(id)).collect())
}

/// Returns the next duty of a case: of its issuer only.
pub(crate) fn next_duty(outlook: &Outlook<'_>, id: ConsentId) -> Result<Option<Duty>, ViewError> {
    let own = outlook.rows.side::<ConsentFacts>(&id, outlook.me)?.filter(in_force);
    let Some((granted, _)) = own.as_ref().and_then(|facts| facts.granted.as_ref()) else { return Ok(None) };
    let (claims, facts) = (&granted.claims, own.as_ref());
    if claims.issuer != outlook.me {
        return Ok(None);
    }
    let mut duties = vec![Duty { at: claims.not_after, command: ExpireConsent { consent: id }.into() }];
    for (subject, person) in (0_u8..).zip(&claims.subjects) {
        let signed_for =
            |signer: &&crate::consent::Signer| signer.subject == subject && signer.capacity != Capacity::Own;
        if !claims.signers.iter().any(|signer| signed_for(&signer)) {
            continue;
        }
        for age in REVIEW_AGES {
            let Some(at) = born(person).and_then(|born| reaches(born, age.into())) else { continue };
            let known = facts.is_some_and(|facts| facts.reviews.contains_key(&(subject, age)));
            if !known && (claims.not_before..claims.not_after).contains(&at) {
                duties.push(Duty { at, command: RaiseConsentReview { consent: id, subject, age }.into() });
            }
        }
    }
    Ok(duties.into_iter().min_by_key(|duty| duty.at))
}
