//! Guards that several decisions on a request share: where the request stands, and whether its consents bear it.

use std::collections::{BTreeMap, BTreeSet};

use crate::consent::{ConsentClaims, ConsentFacts, OrgUnit, check_scope, check_standing};
use crate::id::{ConsentId, LineNo, PartyId, RequestId};
use crate::refusal::{Refusal, RefusalCode};
use crate::standard::{StandardFacts, StandardKey};
use crate::time::Instant;
use crate::verification::basis::AskedBefore;
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
    ///
    /// # Errors
    /// When a row can't be read.
    pub fn load(rows: &Rows<'_>, id: RequestId) -> Result<Self, ViewError> {
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
        Ok(Received { request, own: self.sides.of(me), asker: self.sides.of(request.asker) })
    }

    /// The request as submitted, with what `me` and its holder did with it, for its asker.
    pub(super) fn asked(&self, me: PartyId) -> Result<Asked<'_>, Refusal> {
        let (_, request) = self.sides.submitted().ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        if request.asker != me {
            return Err(Refusal::new(RefusalCode::NotYours));
        }
        let own = self.sides.of(me).ok_or_else(|| Refusal::new(RefusalCode::NotFound))?;
        Ok(Asked { request, own, holder: self.sides.of(request.holder) })
    }
}

/// A request at its asker.
pub(super) struct Asked<'a> {
    pub request: &'a VerificationRequest,
    pub own: &'a RequestFacts,
    pub holder: Option<&'a RequestFacts>,
}

impl Asked<'_> {
    /// Neither withdrawn nor closed here, nor refused by the holder.
    pub(super) fn open(self) -> Result<Self, Refusal> {
        let refused = self.holder.is_some_and(|holder| holder.refused.is_some());
        let ended = refused || self.own.withdrawn.is_some() || self.own.closed.is_some();
        if ended { Err(Refusal::new(RefusalCode::WrongState)) } else { Ok(self) }
    }
}

/// What a request is held against besides its consents: the standard it quotes, and what was asked before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grounds {
    standards: Sides<StandardFacts>,
    before: AskedBefore,
}

impl Grounds {
    /// Loads the grounds of a request; of none when there is none.
    pub(super) fn load(rows: &Rows<'_>, request: Option<&VerificationRequest>) -> Result<Self, ViewError> {
        let Some(request) = request else { return Ok(Self::default()) };
        let consents = request.questions.iter().map(|asked| asked.consent);
        let standards = rows.sides(&StandardKey::of(&request.standard))?;
        Ok(Self { standards, before: AskedBefore::load(rows, consents)? })
    }

    /// Checks that the standard was published by the asker (the thresholds are the asker's), is in force at the as-of
    /// date, and gives every amount asked about.
    ///
    /// # Errors
    /// `UNKNOWN_STANDARD`, with `standard` or the questions whose amount it does not give.
    pub(super) fn check_standard(&self, request: &VerificationRequest) -> Result<(), Refusal> {
        let refusal = Refusal::new(RefusalCode::UnknownStandard);
        let standard = self.standards.published_by(request.asker);
        let Some(standard) = standard.filter(|standard| standard.is_in_force(request.as_of)) else {
            return Err(refusal.offending(["standard"]));
        };
        let foreign = numbered(request)
            .filter(|(_, asked)| asked.question.predicate.amount().is_some_and(|amount| !standard.gives(amount)));
        let foreign: Vec<String> = foreign.map(|(no, _)| format!("{}:amount", question_no(no))).collect();
        if foreign.is_empty() { Ok(()) } else { Err(refusal.offending(foreign)) }
    }

    /// Checks that the consents bear so many different predicates.
    ///
    /// # Errors
    /// `TOO_MANY_PREDICATES`.
    pub(super) fn check_predicates(&self, me: PartyId, request: &VerificationRequest) -> Result<(), Refusal> {
        self.before.check_request(me, request)
    }
}

/// A request at its holder.
pub(super) struct Received<'a> {
    pub request: &'a VerificationRequest,
    pub own: Option<&'a RequestFacts>,
    pub asker: Option<&'a RequestFacts>,
}

impl<'a> Received<'a> {
    /// Neither refused here, nor withdrawn or closed by the asker. Some of it, or all, may have been replied to.
    pub(super) fn open(self) -> Result<Self, Refusal> {
        let refused = self.own.is_some_and(|own| own.refused.is_some());
        let gone = self.asker.is_some_and(|asker| asker.withdrawn.is_some() || asker.closed.is_some());
        if refused || gone { Err(Refusal::new(RefusalCode::WrongState)) } else { Ok(self) }
    }

    /// Open, and not accepted yet.
    pub(super) fn undecided(self) -> Result<&'a VerificationRequest, Refusal> {
        let Self { request, own, .. } = self.open()?;
        let accepted = own.is_some_and(|own| own.accepted.is_some());
        if accepted { Err(Refusal::new(RefusalCode::WrongState)) } else { Ok(request) }
    }

    /// Accepted, and perhaps withdrawn or closed since: an answer once sent may still be corrected.
    pub(super) fn taken_on(self) -> Result<(&'a VerificationRequest, &'a RequestFacts), Refusal> {
        let own = self.own.filter(|own| own.accepted.is_some() && own.refused.is_none());
        own.map(|own| (self.request, own)).ok_or_else(|| Refusal::new(RefusalCode::WrongState))
    }

    /// Open and accepted: being answered.
    pub(super) fn accepted(self) -> Result<(&'a VerificationRequest, &'a RequestFacts), Refusal> {
        let Self { request, own, .. } = self.open()?;
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

    /// The consents known here, each in the version that is judged by.
    pub(super) fn versions(&self) -> BTreeMap<ConsentId, u16> {
        let version = |(id, sides): (&ConsentId, &Sides<ConsentFacts>)| Some((*id, sides.granted()?.claims.version()));
        self.0.iter().filter_map(version).collect()
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

    /// Returns when the consent of a question was withdrawn for its subject, as far as it is known here; none when it was
    /// not.
    pub(super) fn revoked_at(&self, asked: &RequestQuestion) -> Option<Instant> {
        let (claims, sides) = self.granted(asked.consent)?;
        let refusal = check_standing(claims, sides, &asked.subject, claims.not_before).err()?;
        refusal.effective_at.filter(|_| refusal.code == RefusalCode::ConsentRevoked)
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
