//! What receipts of questions say, and to whom: a child's questions only to who signed for the child, answers only on
//! request, nothing of what is suppressed towards the person.

use std::collections::BTreeSet;

use tongcha_domain::access::{Concerned, Sight, Told, answered, told_of};
use tongcha_domain::consent::{ConsentClaims, ConsentFacts};
use tongcha_domain::id::{ConsentId, LookupId, PartyId, RequestId};
use tongcha_domain::identity::Document;
use tongcha_domain::item::Question;
use tongcha_domain::lookup::{LookupFacts, LookupOutcome};
use tongcha_domain::phrases::Label;
use tongcha_domain::purpose::Language;
use tongcha_domain::receipt::{AskedLine, QuestionReceipt};
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_domain::suppression::{SuppressedCase, is_suppressed};
use tongcha_domain::time::Instant;
use tongcha_domain::verification::RequestFacts;
use tongcha_domain::view::{Rows, Said, Sides, ViewError};

use crate::http::wire::said;
use crate::http::worded::words;

/// For whom a receipt of questions is made.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// Only the questions on this consent.
    pub(super) consent: Option<ConsentId>,
    /// To which of its signers.
    pub(super) signer: Option<u8>,
    /// Whether the own answers are asked for.
    pub(super) answers: bool,
    /// Whether the officer sees the whole of what the own party holds.
    pub(super) whole: bool,
}

/// Why a case must not be handed out to a signer of a letter; none when it may.
pub(super) fn kept(
    rows: &Rows<'_>,
    case: SuppressedCase,
    claims: Option<&ConsentClaims>,
    signer: Option<u8>,
) -> Result<Option<Refusal>, ViewError> {
    let consents = claims.map(|claims| claims.id).into_iter().collect();
    let no_such = || Some(Refusal::new(RefusalCode::BadList).offending(["signer"]));
    let to = match signer {
        None => None,
        Some(position) => {
            let signer = claims.and_then(|claims| Some((claims, claims.signers.get(usize::from(position))?)));
            let Some((claims, signer)) = signer else { return Ok(no_such()) };
            // Nothing is kept from an institution: it is a person who is suspected.
            let Some(person) = claims.signatory(signer.by) else { return Ok(None) };
            Some(person.key())
        }
    };
    let suppressed = is_suppressed(rows, Some(case), &consents, to.as_ref())?;
    let refusal = Refusal::new(RefusalCode::Suppressed);
    Ok(suppressed.then(|| if signer.is_none() { refusal.offending(["signer"]) } else { refusal }))
}

/// Why a question may not stand on a receipt; none when it may: an adult's on the household's, and for a signer what is about
/// whom they signed for.
fn not_for(
    sight: &Sight<'_>,
    wanted: Wanted,
    claims: Option<&ConsentClaims>,
    subject: &Document,
) -> Result<bool, ViewError> {
    match wanted.signer {
        Some(position) => Ok(!claims.is_some_and(|claims| {
            let signer = claims.signers.get(usize::from(position));
            signer.is_some_and(|signer| claims.signed_for(signer.by, subject))
        })),
        None => Ok(wanted.answers || !sight.may_see(&Concerned::Person(subject, claims))?),
    }
}

fn granted(rows: &Rows<'_>, consent: ConsentId) -> Result<Option<ConsentClaims>, ViewError> {
    let sides: Sides<ConsentFacts> = rows.sides(&consent)?;
    Ok(sides.granted().map(|granted| granted.claims.clone()))
}

/// Finds what the receipt of a verification says, for whom it is wanted.
pub(super) fn verification(
    rows: &Rows<'_>,
    me: PartyId,
    request: RequestId,
    wanted: Wanted,
    language: Language,
    now: Instant,
) -> Result<Result<QuestionReceipt, Refusal>, ViewError> {
    let refuse = |code, part| Ok(Err(Refusal::new(code).offending([part])));
    let sides: Sides<RequestFacts> = rows.sides(&request)?;
    let Some((asker, submitted)) = sides.submitted() else { return Ok(Err(Refusal::new(RefusalCode::NotFound))) };
    if wanted.answers && me != asker && !wanted.whole {
        return Ok(Err(Refusal::new(RefusalCode::RoleNotAllowed)));
    }
    if wanted.signer.is_some() && wanted.consent.is_none() {
        return refuse(RefusalCode::BadList, "consent");
    }
    let sight = Sight::without_clearance(*rows, me, now);
    let holder = sides.of(submitted.holder);
    let (mut asked, mut hidden) = (Vec::new(), false);
    for (no, question) in (1..).zip(&submitted.questions) {
        if wanted.consent.is_some_and(|only| question.consent != only) {
            continue;
        }
        let claims = granted(rows, question.consent)?;
        if let Some(refusal) = kept(rows, SuppressedCase::Verification(request), claims.as_ref(), wanted.signer)? {
            return Ok(Err(refusal));
        }
        if not_for(&sight, wanted, claims.as_ref(), &question.subject)? {
            hidden = true;
            continue;
        }
        let (item, consent) = (question.question.item, question.consent);
        let told = wanted.answers.then(|| told_of(holder, no));
        asked.push(AskedLine { item, consent, letter: claims.map(|claims| claims.letter_digest), told });
    }
    if asked.is_empty() {
        let code = Refusal::new(if hidden { RefusalCode::BadList } else { RefusalCode::NotFound });
        return Ok(Err(if hidden { code.offending(["signer"]) } else { code }));
    }
    let refused = holder.and_then(|facts| facts.refused.as_ref());
    let replied = holder.map_or(0, |facts| facts.replied.len());
    let accepted = holder.is_some_and(|facts| facts.accepted.is_some());
    let state = match (replied, refused) {
        (0, Some(_)) => "refused",
        (0, None) if accepted => "accepted",
        (0, None) => "submitted",
        (some, _) if some < submitted.questions.len() => "partly_replied",
        (_, _) => "replied",
    };
    let last_reply = holder.and_then(|facts| facts.replied.values().map(|(_, said)| said.at).max());
    let of_asker = sides.of(asker).and_then(|facts| facts.submitted.as_ref()).map(|(_, said)| (asker, said.seq));
    let of_holder = holder.into_iter().flat_map(|facts| facts.replied.values().map(|(_, said)| said));
    let of_holder = of_holder.chain(refused.map(|(_, said)| said)).map(|said| (submitted.holder, said.seq));
    let entries: BTreeSet<(PartyId, u64)> = of_asker.into_iter().chain(of_holder).collect();
    Ok(Ok(QuestionReceipt {
        title: Label::VerificationReceipt,
        number: request.to_string(),
        status: words("Verification", state, language).to_owned(),
        asker,
        holder: submitted.holder,
        purpose: Some(submitted.purpose),
        asked,
        asked_at: sides.of(asker).and_then(|facts| at(facts.submitted.as_ref())),
        answered_at: last_reply,
        refused: refused.map(|(refused, _)| refused.refusal.code),
        entries: entries.into_iter().collect(),
    }))
}

fn at<T>(fact: Option<&(T, Said)>) -> Option<Instant> {
    fact.map(|(_, said)| said.at)
}

/// Finds what the receipt of a lookup says, for whom it is wanted.
pub(super) fn looked_up(
    rows: &Rows<'_>,
    me: PartyId,
    lookup: LookupId,
    wanted: Wanted,
    language: Language,
    now: Instant,
) -> Result<Result<QuestionReceipt, Refusal>, ViewError> {
    let sides: Sides<LookupFacts> = rows.sides(&lookup)?;
    let asked = sides.of(me).and_then(|facts| facts.asked.as_ref());
    let permitted = sides.iter().find_map(|(holder, facts)| Some((holder, facts.permitted.as_ref()?)));
    let known =
        asked.map(|(asked, _)| (me, asked.holder, asked.consent, asked.purpose, &asked.questions, &asked.subject));
    let told =
        permitted.map(|(holder, (p, _))| (p.requester.party, holder, p.consent, p.purpose, &p.questions, &p.subject));
    let Some((asker, holder, consent, purpose, questions, subject)) = known.or(told) else {
        return Ok(Err(Refusal::new(RefusalCode::NotFound)));
    };
    if wanted.answers && me != asker && !wanted.whole {
        return Ok(Err(Refusal::new(RefusalCode::RoleNotAllowed)));
    }
    let claims = granted(rows, consent)?;
    if let Some(refusal) = kept(rows, SuppressedCase::Lookup(lookup), claims.as_ref(), wanted.signer)? {
        return Ok(Err(refusal));
    }
    if not_for(&Sight::without_clearance(*rows, me, now), wanted, claims.as_ref(), subject)? {
        return Ok(Err(Refusal::new(RefusalCode::BadList).offending(["signer"])));
    }
    let judged = sides.of(holder);
    let outcome = sides.of(me).and_then(|facts| facts.closed.as_ref()).map(|(closed, _)| &closed.outcome);
    let (state, refused) = state_of(outcome, judged, permitted.is_some());
    let letter = claims.map(|claims| claims.letter_digest);
    let given = match outcome {
        Some(LookupOutcome::Answered(answers)) => Some(answers),
        Some(LookupOutcome::Denied(_) | LookupOutcome::Unreachable) => None,
        None => judged.and_then(|facts| facts.answered.as_ref()).map(|(answered, _)| &answered.answers),
    };
    let told = |place: usize| match given.and_then(|answers| answers.get(place)) {
        Some(answer) => answered(answer),
        None if refused.is_some() => Told::Refused,
        None => Told::NotAnswered,
    };
    let line = |(place, question): (usize, &Question)| AskedLine {
        item: question.item,
        consent,
        letter,
        told: wanted.answers.then(|| told(place)),
    };
    let lines = questions.iter().enumerate().map(line);
    let of_holder = judged
        .into_iter()
        .flat_map(|facts| [said(facts.permitted.as_ref()), said(facts.denied.as_ref()), said(facts.answered.as_ref())]);
    let of_holder = of_holder.flatten().map(|said| (holder, said.seq));
    let entries = said(asked).map(|said| (me, said.seq)).into_iter().chain(of_holder);
    Ok(Ok(QuestionReceipt {
        title: Label::LookupReceipt,
        number: lookup.to_string(),
        status: words("Lookup", state, language).to_owned(),
        asker,
        holder,
        purpose: Some(purpose),
        asked: lines.collect(),
        asked_at: at(asked).or(permitted.map(|(_, (_, said))| said.at)),
        answered_at: judged.and_then(|facts| at(facts.answered.as_ref())),
        refused,
        entries: entries.collect(),
    }))
}

/// Code of a lookup's status, and why it was refused.
fn state_of(
    outcome: Option<&LookupOutcome>,
    judged: Option<&LookupFacts>,
    permitted: bool,
) -> (&'static str, Option<RefusalCode>) {
    let denied = judged.and_then(|facts| facts.denied.as_ref()).map(|(denied, _)| denied.refusal.code);
    match outcome {
        Some(LookupOutcome::Answered(_)) => ("answered", None),
        Some(LookupOutcome::Denied(refusal)) => ("denied", Some(refusal.code)),
        Some(LookupOutcome::Unreachable) => ("unreachable", None),
        None if judged.is_some_and(|facts| facts.answered.is_some()) => ("answered", None),
        None if denied.is_some() => ("denied", denied),
        None if permitted => ("permitted", None),
        None => ("asked", None),
    }
}
