//! The naive count: whom each event concerns, found by looking through all events again. Shares nothing with the report.

#![expect(clippy::wildcard_enum_match_arm, reason = "an event that is not named here concerns nobody")]

use std::collections::BTreeSet;

use crate::access::AccessTarget;
use crate::case::CaseRef;
use crate::conference::Basis;
use crate::consent::{ConsentClaims, Signatory};
use crate::event::{Event, EventKind};
use crate::id::{
    BatchId, ConferenceId, ConsentId, LineNo, LookupId, MandateId, MatchRunId, PartyId, RequestId, UrgentId,
};
use crate::identity::{Document, DocumentKey};
use crate::testing::party;

/// The events of all logs, with their places.
pub(super) struct Naive<'a>(pub(super) &'a [(PartyId, u64, Event)]);

impl Naive<'_> {
    fn events(&self) -> impl Iterator<Item = &Event> {
        self.0.iter().map(|(_, _, event)| event)
    }

    fn letter(&self, id: ConsentId) -> Option<&ConsentClaims> {
        self.events().find_map(|event| match event {
            Event::ConsentRecorded(e) if e.claims.id == id => Some(&e.claims),
            _ => None,
        })
    }

    fn of_letter(&self, id: ConsentId, only: &BTreeSet<u8>) -> Vec<DocumentKey> {
        let Some(letter) = self.letter(id) else { return Vec::new() };
        let covered = (0_u8..).zip(&letter.subjects).filter(|(no, _)| only.is_empty() || only.contains(no));
        let mut keys: Vec<DocumentKey> = covered.map(|(_, subject)| subject.document.key()).collect();
        let child = letter.subjects.iter().any(|subject| subject.birth_date.is_some());
        if only.is_empty() && !child {
            keys.extend(letter.others.iter().filter_map(|other| match other {
                Signatory::Person(person) => Some(person.document.key()),
                Signatory::Institution(_) => None,
            }));
        }
        keys
    }

    fn of_request(&self, id: RequestId, only: Option<&[LineNo]>) -> Vec<DocumentKey> {
        let request = self.events().find_map(|event| match event {
            Event::RequestDrafted(e) if e.request.id == id => Some(&e.request),
            _ => None,
        });
        let questions = (1_u16..).zip(request.into_iter().flat_map(|request| &request.questions));
        let about = questions.filter(|(no, _)| only.is_none_or(|only| only.contains(no)));
        about.map(|(_, asked)| asked.subject.key()).collect()
    }

    fn of_lookup(&self, id: LookupId) -> Vec<DocumentKey> {
        let named = self.events().filter_map(|event| match event {
            Event::LookupAsked(e) if e.lookup == id => Some(e.subject.key()),
            Event::LookupPermitted(e) if e.lookup == id => Some(e.subject.key()),
            _ => None,
        });
        named.collect()
    }

    fn of_batch(&self, id: BatchId, only: Option<LineNo>) -> Vec<DocumentKey> {
        let mut keys = Vec::new();
        for event in self.events() {
            let named: Vec<(LineNo, DocumentKey)> = match event {
                Event::BatchPrepared(e) if e.batch == id => {
                    (1..).zip(&e.entries).map(|(no, entry)| (no, entry.subject.document.key())).collect()
                }
                Event::EntryCorrected(e) if e.batch == id => vec![(e.entry, e.replacement.subject.document.key())],
                _ => Vec::new(),
            };
            keys.extend(named.into_iter().filter(|(no, _)| only.is_none_or(|only| only == *no)).map(|(_, key)| key));
        }
        keys
    }

    fn of_urgent(&self, id: UrgentId) -> Vec<DocumentKey> {
        let named = self.events().filter_map(|event| match event {
            Event::UrgentRaised(e) if e.urgent == id => Some(e.emergency.subject.as_ref()?.document.key()),
            _ => None,
        });
        named.collect()
    }

    fn of_mandate(&self, id: MandateId) -> Vec<DocumentKey> {
        let named = self.events().filter_map(|event| match event {
            Event::MandateRecorded(e) if e.mandate.id == id => Some(e.mandate.principal.document.key()),
            _ => None,
        });
        named.collect()
    }

    fn of_run(&self, id: MatchRunId) -> Vec<DocumentKey> {
        let named = self.events().filter_map(|event| match event {
            Event::CandidateFound(e) if e.candidate.run == id => Some(e.record.document.key()),
            _ => None,
        });
        named.collect()
    }

    fn of_conference(&self, id: ConferenceId) -> Vec<DocumentKey> {
        let nominated = self.events().find_map(|event| match event {
            Event::CaseNominated(e) if e.conference == id => Some(e),
            _ => None,
        });
        let Some(nominated) = nominated else { return Vec::new() };
        let mut keys = match nominated.case {
            CaseRef::Batch(id) => self.of_batch(id, None),
            CaseRef::Urgent(id) => self.of_urgent(id),
            CaseRef::Consent(id) => self.of_letter(id, &BTreeSet::new()),
            CaseRef::Verification(id) => self.of_request(id, None),
            CaseRef::Meeting(_) | CaseRef::Conference(_) | CaseRef::Erasure(_) => Vec::new(),
        };
        if let Basis::Consent(consent) = nominated.basis {
            keys.extend(self.of_letter(consent, &BTreeSet::new()));
        }
        keys
    }

    fn of_target(&self, target: &AccessTarget) -> Vec<DocumentKey> {
        match target {
            AccessTarget::Batch(id) => self.of_batch(*id, None),
            AccessTarget::Urgent(id) | AccessTarget::SealedUrgent(id) => self.of_urgent(*id),
            AccessTarget::Consent(id) => self.of_letter(*id, &BTreeSet::new()),
            AccessTarget::Request(id) => self.of_request(*id, None),
            AccessTarget::Lookup(id) => self.of_lookup(*id),
            AccessTarget::Mandate(id) => self.of_mandate(*id),
            AccessTarget::Persons { persons, .. } => persons.iter().map(Document::key).collect(),
            AccessTarget::MatchRun(id) => self.of_run(*id),
            AccessTarget::Conference(id) => self.of_conference(*id),
        }
    }

    /// Whom an event of a log concerns, as Zhuhai's report counts.
    fn concerned(&self, origin: PartyId, event: &Event) -> Vec<DocumentKey> {
        match event {
            Event::AccessRecorded(e) if origin == party("zhuhai") => self.of_target(&e.target),
            _ => [self.by_letter(event), self.by_question(event), self.by_notice(event), self.by_other(event)].concat(),
        }
    }

    fn by_letter(&self, event: &Event) -> Vec<DocumentKey> {
        match event {
            Event::ConsentRecorded(e) => self.of_letter(e.claims.id, &BTreeSet::new()),
            Event::ConsentGranted(e) => self.of_letter(e.claims.id, &BTreeSet::new()),
            Event::ConsentRevoked(e) => self.of_letter(e.consent, &e.subjects),
            Event::ConsentClosed(e) => self.of_letter(e.consent, &BTreeSet::new()),
            Event::ConsentExpired(e) => self.of_letter(e.consent, &BTreeSet::new()),
            Event::ConsentReviewDue(e) => self.of_letter(e.consent, &[e.subject].into()),
            _ => Vec::new(),
        }
    }

    fn by_question(&self, event: &Event) -> Vec<DocumentKey> {
        match event {
            Event::RequestDrafted(e) => self.of_request(e.request.id, None),
            Event::RequestSubmitted(e) => self.of_request(e.request.id, None),
            Event::RequestAccepted(e) => self.of_request(e.request, None),
            Event::RequestRefused(e) => self.of_request(e.request, None),
            Event::RequestWithdrawn(e) => self.of_request(e.request, None),
            Event::RequestClosed(e) => self.of_request(e.request, None),
            Event::ReplyUsed(e) => self.of_request(e.request, None),
            Event::ReplySent(e) => {
                self.of_request(e.request, Some(&e.answers.iter().map(|(no, _)| *no).collect::<Vec<_>>()))
            }
            Event::ReplyCorrected(e) => self.of_request(e.request, Some(&[e.question])),
            Event::AnswerRecalled(e) => {
                self.of_request(e.request, Some(&e.questions.iter().copied().collect::<Vec<_>>()))
            }
            Event::ClarificationRequested(e) => self.of_request(e.request, Some(&[1])),
            Event::ClarificationAnswered(e) => self.of_request(e.request, Some(&[1])),
            Event::LookupAsked(e) => self.of_lookup(e.lookup),
            Event::LookupPermitted(e) => self.of_lookup(e.lookup),
            Event::LookupDenied(e) => self.of_lookup(e.lookup),
            Event::LookupAnswered(e) => self.of_lookup(e.lookup),
            Event::LookupClosed(e) => self.of_lookup(e.lookup),
            _ => Vec::new(),
        }
    }

    fn by_notice(&self, event: &Event) -> Vec<DocumentKey> {
        match event {
            Event::BatchPrepared(e) => e.entries.iter().map(|entry| entry.subject.document.key()).collect(),
            Event::BatchSent(e) => e.entries.iter().map(|(_, entry)| entry.subject.document.key()).collect(),
            Event::BatchApproved(e) => {
                let prepared = |event: &Event| match event {
                    Event::BatchPrepared(p) if p.batch == e.batch => {
                        Some(p.entries.iter().map(|entry| entry.subject.document.key()).collect())
                    }
                    _ => None,
                };
                self.events().find_map(prepared).unwrap_or_default()
            }
            Event::EntryMatched(e) => self.of_batch(e.batch, Some(e.entry)),
            Event::EntryDisputed(e) => self.of_batch(e.batch, Some(e.entry)),
            Event::EntryCorrected(e) => self.of_batch(e.batch, Some(e.entry)),
            Event::EntryWithdrawn(e) => self.of_batch(e.batch, Some(e.entry)),
            Event::UrgentRaised(e) => self.of_urgent(e.urgent),
            Event::UrgentDelivered(e) => self.of_urgent(e.urgent),
            Event::UrgentAcked(e) => self.of_urgent(e.urgent),
            Event::UrgentTakenOver(e) => self.of_urgent(e.urgent),
            Event::ActionReported(e) => self.of_urgent(e.urgent),
            Event::UrgentClosed(e) => self.of_urgent(e.urgent),
            Event::JustificationFiled(e) => self.of_urgent(e.urgent),
            Event::JustificationReviewed(e) => self.of_urgent(e.urgent),
            _ => Vec::new(),
        }
    }

    fn by_other(&self, event: &Event) -> Vec<DocumentKey> {
        match event {
            Event::MandateRecorded(e) => self.of_mandate(e.mandate.id),
            Event::MandateRevoked(e) => self.of_mandate(e.mandate),
            Event::CandidateFound(e) => self.of_run(e.candidate.run),
            Event::OverlapConfirmed(e) => self.of_run(e.candidate.run),
            Event::OverlapDismissed(e) => self.of_run(e.candidate.run),
            Event::OverlapAssessed(e) => self.of_run(e.candidate.run),
            Event::HearingInvited(e) => self.of_run(e.candidate.run),
            Event::StatementRecorded(e) => self.of_run(e.candidate.run),
            Event::OwnDecisionNotified(e) => self.of_run(e.candidate.run),
            Event::CaseNominated(e) => self.of_conference(e.conference),
            Event::PartyInvited(e) => self.of_conference(e.nomination.conference),
            Event::ParticipantsNamed(e) => self.of_conference(e.conference),
            Event::OpinionSubmitted(e) => self.of_conference(e.conference),
            Event::CaseConcluded(e) => self.of_conference(e.conference),
            Event::FollowUpAssigned(e) => self.of_conference(e.conference),
            Event::FollowUpClosed(e) => self.of_conference(e.conference),
            _ => Vec::new(),
        }
    }

    pub(super) fn places(&self, asked: &[Document]) -> BTreeSet<(PartyId, u64, EventKind)> {
        let keys: BTreeSet<DocumentKey> = asked.iter().map(Document::key).collect();
        let concerns = |origin, event| self.concerned(origin, event).iter().any(|key| keys.contains(key));
        let places = self.0.iter().filter(|(origin, _, event)| concerns(*origin, event));
        places.map(|(origin, seq, event)| (*origin, *seq, event.kind())).collect()
    }
}
