//! Guards that several decisions on a request share: where the request stands, and whether its consents bear it.

use std::collections::{BTreeMap, BTreeSet};

use crate::consent::{ConsentClaims, ConsentFacts, OrgUnit, check_scope, check_standing};
use crate::id::{ConsentId, LineNo, PartyId, RequestId};
use crate::refusal::{Refusal, RefusalCode};
use crate::time::Instant;
use crate::verification::{RequestFacts, RequestQuestion, VerificationRequest};
use crate::view::{Rows, Sides, ViewError};

/// Names a question in a refusal: by its number from 1.
pub(super) fn question_no(no: LineNo) -> String {
    format!("question#{no}")
}

/// The questions with their numbers.
pub(super) fn numbered(request: &VerificationRequest) -> impl Iterator<Item = (LineNo, &RequestQuestion)> {
    (1..).zip(&request.questions)
}

/// What the parties said about a request and about the consents it rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestState {
    pub(super) sides: Sides<RequestFacts>,
    pub(super) consents: Consents,
}

impl RequestState {
    /// Loads a request with the consents that any version of it names.
    pub(super) fn load(rows: &Rows<'_>, id: RequestId) -> Result<Self, ViewError> {
        let sides: Sides<RequestFacts> = rows.sides(&id)?;
        let drafted = sides.iter().filter_map(|(_, facts)| Some(&facts.drafted.as_ref()?.0.request));
        let submitted = sides.iter().filter_map(|(_, facts)| Some(&facts.submitted.as_ref()?.0.request));
        let consents = Consents::load(rows, drafted.chain(submitted))?;
        Ok(Self { sides, consents })
    }

    /// The request as submitted, with what `me` did with it as its holder.
    pub(super) fn received(&self, me: PartyId) -> Result<Received<'_>, Refusal> {
        let (_, request) = self.sides.submitted().ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        if request.holder != me {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        Ok(Received { request, own: self.sides.of(me) })
    }
}

/// A request at its holder.
pub(super) struct Received<'a> {
    pub request: &'a VerificationRequest,
    own: Option<&'a RequestFacts>,
}

impl<'a> Received<'a> {
    /// Neither refused nor replied to.
    pub(super) fn open(self) -> Result<Self, Refusal> {
        let ended = self.own.is_some_and(|own| own.refused.is_some() || own.replied.is_some());
        if ended { Err(Refusal::new(RefusalCode::WrongState)) } else { Ok(self) }
    }

    /// Open, and not accepted yet.
    pub(super) fn undecided(self) -> Result<&'a VerificationRequest, Refusal> {
        let Self { request, own } = self.open()?;
        let accepted = own.is_some_and(|own| own.accepted.is_some());
        if accepted { Err(Refusal::new(RefusalCode::WrongState)) } else { Ok(request) }
    }

    /// Open and accepted: being answered.
    pub(super) fn accepted(self) -> Result<(&'a VerificationRequest, &'a RequestFacts), Refusal> {
        let Self { request, own } = self.open()?;
        let own = own.filter(|own| own.accepted.is_some());
        own.map(|own| (request, own)).ok_or_else(|| Refusal::new(RefusalCode::WrongState))
    }
}

/// What the parties said about consents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consents(BTreeMap<ConsentId, Sides<ConsentFacts>>);

impl Consents {
    /// Loads the consents that requests name.
    pub(super) fn load<'a>(
        rows: &Rows<'_>,
        requests: impl IntoIterator<Item = &'a VerificationRequest>,
    ) -> Result<Self, ViewError> {
        let named = requests.into_iter().flat_map(|request| &request.questions).map(|question| question.consent);
        let named: BTreeSet<ConsentId> = named.collect();
        named.into_iter().map(|id| Ok((id, rows.sides(&id)?))).collect::<Result<_, _>>().map(Self)
    }

    fn granted(&self, id: ConsentId) -> Option<(&ConsentClaims, &Sides<ConsentFacts>)> {
        let sides = self.0.get(&id)?;
        Some((&sides.granted()?.claims, sides))
    }

    /// Checks that every consent a request names was granted and stands.
    ///
    /// `NO_CONSENT` lists every question without one; else the first question whose consent does not stand is named.
    pub(super) fn check_standing(&self, request: &VerificationRequest, now: Instant) -> Result<(), Refusal> {
        let unknown = numbered(request).filter(|(_, question)| self.granted(question.consent).is_none());
        let unknown: Vec<String> = unknown.map(|(no, _)| question_no(no)).collect();
        if !unknown.is_empty() {
            return Err(Refusal::new(RefusalCode::NoConsent).offending(unknown));
        }
        numbered(request).try_for_each(|(no, question)| self.check_question_standing(no, question, now))
    }

    /// Checks that the consent of one question was granted and stands.
    pub(super) fn check_question_standing(
        &self,
        no: LineNo,
        question: &RequestQuestion,
        now: Instant,
    ) -> Result<(), Refusal> {
        let (claims, sides) = self
            .granted(question.consent)
            .ok_or_else(|| Refusal::new(RefusalCode::NoConsent).offending([question_no(no)]))?;
        check_standing(claims, sides, &question.subject, now).map_err(|refusal| refusal.offending([question_no(no)]))
    }

    /// Checks that every question lies within its consent. All that go too far are listed in one `OVER_SCOPE`; a
    /// question whose consent is for someone or something else altogether is named alone.
    pub(super) fn check_scope(&self, request: &VerificationRequest) -> Result<(), Refusal> {
        let requester = OrgUnit { party: request.asker, unit: request.unit.clone() };
        let mut too_far = Vec::new();
        for (no, asked) in numbered(request) {
            let Some((claims, _)) = self.granted(asked.consent) else {
                return Err(Refusal::new(RefusalCode::NoConsent).offending([question_no(no)]));
            };
            let one = std::slice::from_ref(&asked.question);
            match check_scope(claims, &asked.subject, one, request.purpose, request.holder, &requester) {
                Ok(()) => {}
                Err(refusal) if refusal.code == RefusalCode::OverScope => {
                    too_far.extend(refusal.offending.iter().map(|part| format!("{}:{part}", question_no(no))));
                }
                Err(refusal) => return Err(Refusal::new(refusal.code).offending([question_no(no)])),
            }
        }
        if too_far.is_empty() { Ok(()) } else { Err(Refusal::new(RefusalCode::OverScope).offending(too_far)) }
    }
}
