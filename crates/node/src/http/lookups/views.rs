//! What is shown of lookups.

use serde::Serialize;
use tongcha_domain::access::{Concerned, Sight};
use tongcha_domain::event::EventKind;
use tongcha_domain::id::{ConsentId, LookupId, PartyId};
use tongcha_domain::identity::Document;
use tongcha_domain::item::{Answer, Question};
use tongcha_domain::lookup::{LookupFacts, LookupOutcome};
use tongcha_domain::officer::Actor;
use tongcha_domain::purpose::Purpose;
use tongcha_domain::time::Instant;
use tongcha_domain::view::{Rows, Sides, ViewError};
use utoipa::ToSchema;

use crate::http::paging::{Key, Page, Paging};
use crate::http::wire::{Iso, RefusalBody, Step, at, said, steps};
use crate::http::worded::{Stated, code};
use crate::node::Witnesses;

/// What became of a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum LookupState {
    /// Asked; nothing is known of an answer.
    Asked,
    /// Permitted by the holder's gate; a use is spent.
    Permitted,
    /// Answered.
    Answered,
    /// Denied by the holder's gate.
    Denied,
    /// No answer came before the deadline.
    Unreachable,
}

/// A lookup without its person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct LookupSummary {
    id: LookupId,
    /// Who asked.
    asker: PartyId,
    /// Who was asked.
    holder: PartyId,
    /// The consent named; none when the token could not be read.
    consent: Option<ConsentId>,
    /// What for; the holder doesn't know it of a lookup it denied.
    purpose: Option<Purpose>,
    state: LookupState,
    /// Why it was denied.
    refusal: Option<RefusalBody>,
    /// Which use of the consent it spent.
    use_no: Option<u32>,
    asked_at: Option<Iso>,
    judged_at: Option<Iso>,
}

impl Stated for LookupSummary {
    const CASE: &'static str = "Lookup";

    fn state(&self) -> String {
        code(&self.state)
    }
}

/// A lookup in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Lookup {
    #[serde(flatten)]
    summary: LookupSummary,
    /// Whom it is about; the holder doesn't know it of a lookup it denied.
    subject: Option<Document>,
    /// What was asked.
    questions: Vec<Question>,
    /// The answers, in the order of the questions.
    answers: Option<Vec<Answer>>,
    /// What happened to it.
    steps: Vec<Step>,
}

/// A lookup as this party sees it: as asker, holder, or issuer of the consent.
struct Seen<'a> {
    asker: PartyId,
    holder: PartyId,
    asked: Option<&'a LookupFacts>,
    judged: Option<&'a LookupFacts>,
}

impl<'a> Seen<'a> {
    fn new(sides: &'a Sides<LookupFacts>, me: PartyId) -> Option<Self> {
        if let Some(own) = sides.of(me)
            && let Some((asked, _)) = &own.asked
        {
            return Some(Self { asker: me, holder: asked.holder, asked: Some(own), judged: sides.of(asked.holder) });
        }
        sides.iter().find_map(|(holder, facts)| {
            let permitted = facts.permitted.as_ref().map(|(permitted, _)| permitted.requester.party);
            let denied = facts.denied.as_ref().map(|(denied, _)| denied.asker);
            Some(Self { asker: permitted.or(denied)?, holder, asked: None, judged: Some(facts) })
        })
    }

    fn outcome(&self) -> Option<&'a LookupOutcome> {
        Some(&self.asked?.closed.as_ref()?.0.outcome)
    }

    fn state(&self) -> LookupState {
        let judged = |said: fn(&LookupFacts) -> bool| self.judged.is_some_and(said);
        match self.outcome() {
            Some(LookupOutcome::Answered(_)) => LookupState::Answered,
            Some(LookupOutcome::Denied(_)) => LookupState::Denied,
            Some(LookupOutcome::Unreachable) => LookupState::Unreachable,
            None if judged(|facts| facts.answered.is_some()) => LookupState::Answered,
            None if judged(|facts| facts.denied.is_some()) => LookupState::Denied,
            None if judged(|facts| facts.permitted.is_some()) => LookupState::Permitted,
            None => LookupState::Asked,
        }
    }

    fn summary(&self, id: LookupId) -> LookupSummary {
        let asked = self.asked.and_then(|facts| facts.asked.as_ref()).map(|(asked, _)| asked);
        let permitted = self.judged.and_then(|facts| facts.permitted.as_ref()).map(|(permitted, _)| permitted);
        let denied = self.judged.and_then(|facts| facts.denied.as_ref()).map(|(denied, _)| denied);
        let refusal = match self.outcome() {
            Some(LookupOutcome::Denied(refusal)) => Some(refusal),
            Some(LookupOutcome::Answered(_) | LookupOutcome::Unreachable) | None => {
                denied.map(|denied| &denied.refusal)
            }
        };
        let consent = asked.map(|asked| asked.consent).or(permitted.map(|permitted| permitted.consent));
        let judged = self.judged.and_then(|facts| at(facts.permitted.as_ref()).or(at(facts.denied.as_ref())));
        LookupSummary {
            id,
            asker: self.asker,
            holder: self.holder,
            consent: consent.or(denied.and_then(|denied| denied.consent)),
            purpose: asked.map(|asked| asked.purpose).or(permitted.map(|permitted| permitted.purpose)),
            state: self.state(),
            refusal: refusal.map(RefusalBody::from),
            use_no: permitted.map(|permitted| permitted.use_no),
            asked_at: self.asked.and_then(|facts| at(facts.asked.as_ref())),
            judged_at: judged,
        }
    }

    fn full(&self, id: LookupId, witnesses: &Witnesses) -> Lookup {
        let asked =
            self.asked.and_then(|facts| facts.asked.as_ref()).map(|(asked, _)| (&asked.subject, &asked.questions));
        let permitted = self.judged.and_then(|facts| facts.permitted.as_ref());
        let known = asked.or(permitted.map(|(permitted, _)| (&permitted.subject, &permitted.questions)));
        // At the asker what the officer was handed counts; at the holder what was sent.
        let handed_out = self.outcome().and_then(|outcome| match outcome {
            LookupOutcome::Answered(answers) => Some(answers),
            LookupOutcome::Denied(_) | LookupOutcome::Unreachable => None,
        });
        let sent = self.judged.and_then(|facts| facts.answered.as_ref()).map(|(answered, _)| &answered.answers);
        let (asker, holder) = (self.asker, self.holder);
        Lookup {
            summary: self.summary(id),
            subject: known.map(|(subject, _)| subject.clone()),
            questions: known.map(|(_, questions)| questions.clone()).unwrap_or_default(),
            answers: handed_out.or(sent).cloned(),
            steps: steps(
                witnesses,
                [
                    (EventKind::LookupAsked, asker, self.asked.and_then(|facts| said(facts.asked.as_ref()))),
                    (EventKind::LookupPermitted, holder, self.judged.and_then(|facts| said(facts.permitted.as_ref()))),
                    (EventKind::LookupDenied, holder, self.judged.and_then(|facts| said(facts.denied.as_ref()))),
                    (EventKind::LookupAnswered, holder, self.judged.and_then(|facts| said(facts.answered.as_ref()))),
                    (EventKind::LookupClosed, asker, self.asked.and_then(|facts| said(facts.closed.as_ref()))),
                ],
            ),
        }
    }
}

/// Lists the lookups this party knows and the officer may see, the newest first: by when each was asked here, or judged
/// here.
pub(super) fn list(
    rows: &Rows<'_>,
    me: PartyId,
    actor: &Actor,
    now: Instant,
    paging: &Paging,
) -> Result<Page<LookupSummary>, ViewError> {
    let sight = Sight::of(*rows, me, &actor.officer, now)?;
    let mut known = Vec::new();
    for (id, sides) in rows.all::<LookupFacts>()? {
        if let Some(seen) = Seen::new(&sides, me)
            && sight.may_see(&Concerned::Lookup(id))?
        {
            let summary = seen.summary(id);
            let since = summary.asked_at.or(summary.judged_at).map(|Iso(at)| at);
            known.push((Key::newest_first(since).id(id.0), summary));
        }
    }
    Ok(paging.cut(known))
}

/// Finds a lookup this party knows.
pub(super) fn find(
    rows: &Rows<'_>,
    me: PartyId,
    id: LookupId,
    witnesses: &Witnesses,
) -> Result<Option<Lookup>, ViewError> {
    Ok(Seen::new(&rows.sides(&id)?, me).map(|seen| seen.full(id, witnesses)))
}
