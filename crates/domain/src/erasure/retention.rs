//! What may be erased, and from when on: a table, one line for each kind of event.

use crate::event::EventKind;
use crate::time::Instant;

/// How long a party keeps what, in full years after an entry was recorded. What an order covers must never change: once
/// published, other years, or another use of a kind, hold for orders from a date on, and both stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionRules {
    /// What shows that personal data was processed or told, and on whose word.
    pub records_years: i16,
    /// What a person agreed to, and that they no longer do.
    pub evidence_years: i16,
}

/// What an entry is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keeping {
    /// How the exchange works: ids, officers in office, procedure. It names no person concerned, and later steps rest on it.
    Procedure,
    /// A record of processing: who asked, looked, answered, refused. Kept for [`RetentionRules::records_years`].
    Record,
    /// A consent, a mandate, a justification, and the end of it. Kept for [`RetentionRules::evidence_years`].
    Evidence,
    /// Persons' data that was told or taken in. No longer than needed: there is no floor.
    Content,
}

/// Why an entry can't be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It holds nothing to erase.
    ForEver,
    /// Its floor is not over; this is the first instant at which it is.
    Until(Instant),
}

/// Tells whether an entry may be erased by an order given at `at`: by its kind, when it was recorded, and the rules of the
/// party whose entry it is.
///
/// # Errors
/// Says why not.
pub fn erasable(rules: &RetentionRules, kind: EventKind, recorded_at: Instant, at: Instant) -> Result<(), Kept> {
    let years = match keeping(kind) {
        Keeping::Procedure => return Err(Kept::ForEver),
        Keeping::Record => rules.records_years,
        Keeping::Evidence => rules.evidence_years,
        Keeping::Content => return Ok(()),
    };
    let day = jiff::Span::new().try_years(years).ok();
    let day = day.and_then(|span| recorded_at.local_date().checked_add(span).ok()?.tomorrow().ok());
    match day.and_then(Instant::local_midnight) {
        Some(first) if first <= at => Ok(()),
        Some(first) => Err(Kept::Until(first)),
        None => Err(Kept::ForEver), // beyond the calendar
    }
}

/// Returns what entries of a kind are kept for.
#[must_use]
pub fn keeping(kind: EventKind) -> Keeping {
    use EventKind as K;
    match kind {
        K::BatchPrepared
        | K::BatchSent
        | K::EntryMatched
        | K::EntryDisputed
        | K::EntryCorrected
        | K::EntryWithdrawn
        | K::UrgentRaised
        | K::UrgentTakenOver
        | K::ActionReported
        | K::UrgentClosed
        | K::UrgentRelayedByPhone
        | K::RegisterChunkImported
        | K::CaseNominated
        | K::PartyInvited
        | K::OpinionSubmitted
        | K::CaseConcluded
        | K::FollowUpAssigned
        | K::FollowUpClosed => Keeping::Content,
        K::ConsentRecorded
        | K::ConsentGranted
        | K::ConsentRevoked
        | K::ConsentCompleted
        | K::MandateRecorded
        | K::MandateRevoked
        | K::JustificationFiled
        | K::JustificationReviewed
        | K::DisclosureSuppressed
        | K::SuppressionLifted
        | K::SubjectInformed => Keeping::Evidence,
        K::RequestDrafted
        | K::RequestSubmitted
        | K::RequestAccepted
        | K::RequestRefused
        | K::ItemAnswered
        | K::ReplySent
        | K::ReplyUsed
        | K::LookupAsked
        | K::LookupPermitted
        | K::LookupDenied
        | K::LookupAnswered
        | K::LookupClosed
        | K::AccessRecorded
        | K::CommandRefused
        | K::BatchDiscarded
        | K::DraftDiscarded
        | K::ConsentDiscarded
        | K::CandidateFound
        | K::OverlapConfirmed
        | K::OverlapDismissed
        | K::OverlapAssessed
        | K::HearingInvited
        | K::StatementRecorded
        | K::OwnDecisionNotified
        | K::ClarificationRequested
        | K::ClarificationAnswered
        | K::RequestWithdrawn
        | K::RequestClosed
        | K::ReplyCorrected
        | K::CorrectionAcknowledged
        | K::AnswerRecalled
        | K::ErasureRequested => Keeping::Record, // in an officer's own words
        K::BatchApproved
        | K::BatchDelivered
        | K::BatchAcknowledged
        | K::UrgentDelivered
        | K::UrgentAcked
        | K::RegisterImportStarted
        | K::RegisterImportCompleted
        | K::OfficerEnrolled
        | K::OfficerAppointed
        | K::AppointmentRevoked
        | K::DutyDelegated
        | K::DelegationEnded
        | K::UnitRegistered
        | K::ChannelProposed
        | K::ChannelOpened
        | K::ChannelSuspended
        | K::ChannelResumed
        | K::ChannelExpiring
        | K::ChannelLapsed
        | K::AgreementProposed
        | K::AgreementSigned
        | K::ConsentClosed
        | K::ConsentExpired
        | K::ConsentReviewDue
        | K::MatchRunProposed
        | K::MatchRunAuthorised
        | K::MatchRunBegun
        | K::MatchRunExecuted
        | K::MatchRunFailed
        | K::MatchReviewTaken
        | K::CandidateSealed
        | K::MeetingConvened
        | K::TopicTabled
        | K::TopicConcluded
        | K::ResolutionProposed
        | K::ResolutionSigned
        | K::ActionClosed
        | K::EscalationDecided
        | K::ProgressReported
        | K::TaskCompleted
        | K::ParticipantsNamed
        | K::ClosureDeclared
        | K::ClockAdjusted
        | K::BatchMissed
        | K::BatchReminded
        | K::BatchOverdue
        | K::UrgentEscalated
        | K::UrgentActionOverdue
        | K::JustificationOverdue
        | K::PolicyStandardPublished
        | K::ItemAssigned
        | K::ReplyOverdue
        | K::ReplyReminded
        | K::ErasureProposed
        | K::ErasureOrdered
        | K::ErasureConfirmed
        | K::ErasureOverdue
        | K::ErasureRefused
        | K::ErasureRequestOverdue
        | K::KeyAdded
        | K::KeyRetired
        | K::KeyCompromised
        | K::MemberAppointed
        | K::MemberDismissed
        | K::LogRecovered => Keeping::Procedure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party;
    use crate::testing::NOON;
    use crate::time::{DAY_US, Date};

    #[test]
    fn records_of_processing_are_kept_for_three_years_by_every_party() {
        for rules in party::ALL {
            assert!(rules.retention.records_years >= 3, "{}: PIPL art. 56", rules.party);
            // A revocation, and what spends a use, outlives every consent: one lasts at most twelve months.
            assert!(rules.retention.evidence_years > rules.retention.records_years, "{}", rules.party);
            for kind in
                [EventKind::LookupAsked, EventKind::LookupDenied, EventKind::AccessRecorded, EventKind::ReplySent]
            {
                let late = NOON.plus_us(3 * 365 * DAY_US);
                assert!(matches!(erasable(&rules.retention, kind, NOON, late), Err(Kept::Until(_))), "{kind:?}");
            }
        }
    }

    #[test]
    fn a_floor_ends_with_the_day_after_it_also_in_a_leap_year() {
        let rules = RetentionRules { records_years: 3, evidence_years: 4 };
        let day = |text: &str| Instant::local_midnight(text.parse::<Date>().unwrap()).unwrap();
        let leap = day("2028-02-29").plus_us(1);
        let until = |kind| erasable(&rules, kind, leap, leap);
        assert_eq!(until(EventKind::LookupAsked), Err(Kept::Until(day("2031-03-01"))));
        assert_eq!(until(EventKind::ConsentRevoked), Err(Kept::Until(day("2032-03-01"))));
        assert_eq!(until(EventKind::BatchSent), Ok(()));
        assert_eq!(until(EventKind::OfficerAppointed), Err(Kept::ForEver));
        assert_eq!(erasable(&rules, EventKind::LookupAsked, leap, day("2031-03-01")), Ok(()));
    }

    #[test]
    fn each_use_of_keeping_has_kinds_and_an_erasure_can_never_be_erased() {
        for wanted in [Keeping::Procedure, Keeping::Record, Keeping::Evidence, Keeping::Content] {
            assert!(EventKind::ALL.iter().any(|kind| keeping(*kind) == wanted), "{wanted:?}");
        }
        for kind in [EventKind::ErasureOrdered, EventKind::ErasureConfirmed] {
            assert_eq!(keeping(kind), Keeping::Procedure);
        }
    }
}
