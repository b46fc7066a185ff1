//! What is shown of erasures: the request, its answer, the order, and who confirmed.

use std::collections::BTreeSet;

use serde::Serialize;
use tongcha_domain::agreement::closures;
use tongcha_domain::calendar::Closures;
use tongcha_domain::clock::Due;
use tongcha_domain::erasure::{
    ErasureBasis, ErasureConfirmed, ErasureFacts, ErasureGround, ErasureRefused, Ordered, RefusalGround, Request,
    answer_due,
};
use tongcha_domain::id::{ErasureId, OfficerId, PartyId};
use tongcha_domain::phrases::Phrase;
use tongcha_domain::purpose::Language;
use tongcha_domain::text::Short;
use tongcha_domain::time::Instant;
use tongcha_domain::view::{Said, Sides, ViewError};
use utoipa::ToSchema;

use crate::clock::wall_clock;
use crate::core::Core;
use crate::http::wire::Iso;
use crate::http::worded::{Stated, code};

/// How far an erasure has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ErasureState {
    /// Another party asks for it; not answered.
    Requested,
    /// Another party asks for it, and was not answered in time.
    RequestOverdue,
    /// The request is refused.
    Refused,
    /// A second person has to order it.
    Proposed,
    /// Ordered; not every holder has confirmed.
    Ordered,
    /// Not every holder has confirmed in time.
    Overdue,
    /// Every holder has confirmed.
    Confirmed,
}

/// A request of another party, or to one.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ErasureRequest {
    /// Who asks.
    party: PartyId,
    requested_by: OfficerId,
    requested_at: Iso,
    basis: ErasureBasis,
    /// Where the basis stands in the law.
    rule: &'static str,
    /// File number at the party that asks.
    reference: Short,
    /// What is wrong with the entries.
    reason: Short,
    /// Positions in the origin's log.
    entries: BTreeSet<u64>,
    /// By when it is to be ordered or refused; null when a calendar is missing for it.
    due: Option<Iso>,
    /// Whether the answer is late, or came late as the origin recorded.
    overdue: bool,
}

/// Why a request is refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ErasureRefusal {
    refused_by: OfficerId,
    refused_at: Iso,
    because: RefusalGround,
    /// The ground in the language asked for.
    because_text: &'static str,
    /// Where the ground stands in the law.
    rule: &'static str,
    /// File number of the reasons in writing.
    reference: Short,
}

/// What a holder confirmed.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Confirmation {
    party: PartyId,
    at: Iso,
    /// Keys that are destroyed there.
    destroyed: u32,
    /// Entries that the party keeps, because the order came before their floor was over.
    kept: u32,
}

/// An erasure of this party, or of another party that this one holds copies for or asks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Erasure {
    pub(super) id: ErasureId,
    /// Whose entries.
    pub(super) origin: PartyId,
    state: ErasureState,
    basis: ErasureBasis,
    /// Where the basis stands in the law.
    rule: &'static str,
    /// File number.
    reference: Short,
    /// Positions in the origin's log.
    entries: BTreeSet<u64>,
    /// The request it answers, or that waits for an answer.
    request: Option<ErasureRequest>,
    /// The answer, when it is no.
    refusal: Option<ErasureRefusal>,
    /// Who proposed it; known of the own only.
    proposed_by: Option<OfficerId>,
    proposed_at: Option<Iso>,
    ordered_by: Option<OfficerId>,
    ordered_at: Option<Iso>,
    confirmations: Vec<Confirmation>,
    /// Who has not confirmed an order.
    missing: BTreeSet<PartyId>,
    /// Holders in whose stream at the own broker no copy is left, as seen since the service started.
    copies_removed: BTreeSet<PartyId>,
}

impl Stated for Erasure {
    const CASE: &'static str = "Erasure";

    fn state(&self) -> String {
        code(&self.state)
    }
}

impl Erasure {
    /// Returns when it began, as far as it is known here.
    pub(super) fn since(&self) -> Option<Instant> {
        let requested = self.request.as_ref().map(|request| request.requested_at);
        requested.or(self.proposed_at).or(self.ordered_at).map(|Iso(at)| at)
    }
}

/// Returns every erasure and request that is known here; of one id the own side comes last.
pub(super) fn erasures(core: &Core, language: Language) -> Result<Vec<Erasure>, ViewError> {
    let viewer = Viewer { core, language, now: wall_clock(), closures: closures(&core.rows())? };
    let me = core.me();
    let mut list = Vec::new();
    for (id, sides) in core.rows().all::<ErasureFacts>()? {
        let asked = sides.requests().map(|request| request.asked.to);
        let mut origins: BTreeSet<PartyId> = sides.iter().map(|(party, _)| party).chain(asked).collect();
        let own = origins.remove(&me);
        list.extend(origins.into_iter().filter_map(|origin| viewer.erasure(id, origin, &sides)));
        list.extend(own.then(|| viewer.erasure(id, me, &sides)).flatten());
    }
    Ok(list)
}

struct Viewer<'a> {
    core: &'a Core,
    language: Language,
    now: Instant,
    closures: Closures,
}

impl Viewer<'_> {
    fn erasure(&self, id: ErasureId, origin: PartyId, sides: &Sides<ErasureFacts>) -> Option<Erasure> {
        let facts = sides.of(origin);
        let proposed = facts.and_then(|facts| facts.proposed.as_ref());
        let refused = facts.and_then(|facts| facts.refused.as_ref());
        let (ordered, request) = (sides.ordered_by(origin), sides.request_to(origin));
        let (ground, entries) = match (&ordered, proposed, request) {
            (Some(Ordered { order, .. }), ..) => (&order.ground, &order.entries),
            (None, Some((proposed, _)), _) => (&proposed.ground, &proposed.entries),
            (None, None, Some(Request { asked, .. })) => (&asked.ground, &asked.entries),
            (None, None, None) => return None,
        };
        let missing = ordered.as_ref().map(Ordered::missing).unwrap_or_default();
        let request = request.map(|request| self.request(&request));
        let late = request.as_ref().is_some_and(|request| request.overdue);
        let state = match &ordered {
            None if refused.is_some() => ErasureState::Refused,
            None if proposed.is_some() => ErasureState::Proposed,
            None if late => ErasureState::RequestOverdue,
            None => ErasureState::Requested,
            Some(_) if missing.is_empty() => ErasureState::Confirmed,
            Some(ordered) if ordered.overdue.is_some() => ErasureState::Overdue,
            Some(_) => ErasureState::Ordered,
        };
        let confirmations = ordered.iter().flat_map(|ordered| &ordered.confirmed);
        let confirmation = |(party, (confirmed, said)): (&PartyId, &(ErasureConfirmed, Said))| Confirmation {
            party: *party,
            at: Iso(said.at),
            destroyed: confirmed.destroyed,
            kept: confirmed.kept,
        };
        let order_seq = ordered.as_ref().filter(|_| origin == self.core.me()).map(|ordered| ordered.said.seq);
        let ErasureGround { basis, reference } = ground.clone();
        Some(Erasure {
            id,
            origin,
            state,
            basis,
            rule: basis.rule(),
            reference,
            entries: entries.clone(),
            request,
            refusal: refused.map(|(refused, said)| self.refusal(refused, said)),
            proposed_by: proposed.map(|(_, said)| said.by.clone()),
            proposed_at: proposed.map(|(_, said)| Iso(said.at)),
            ordered_by: ordered.as_ref().map(|ordered| ordered.said.by.clone()),
            ordered_at: ordered.as_ref().map(|ordered| Iso(ordered.said.at)),
            confirmations: confirmations.map(confirmation).collect(),
            missing,
            copies_removed: order_seq.map(|seq| self.core.copies_removed(seq)).unwrap_or_default(),
        })
    }

    fn request(&self, request: &Request<'_>) -> ErasureRequest {
        let Request { asker, asked, said, origin } = *request;
        let due = answer_due(request, &self.closures);
        let recorded = origin.is_some_and(|facts| facts.request_overdue.is_some());
        let late = !request.is_answered() && due.is_overdue(self.now) == Some(true);
        ErasureRequest {
            party: asker,
            requested_by: said.by.clone(),
            requested_at: Iso(said.at),
            basis: asked.ground.basis,
            rule: asked.ground.basis.rule(),
            reference: asked.ground.reference.clone(),
            reason: asked.reason.clone(),
            entries: asked.entries.clone(),
            due: match due {
                Due::At(last) => Some(Iso(last)),
                Due::Unknown => None,
            },
            overdue: recorded || late,
        }
    }

    fn refusal(&self, refused: &ErasureRefused, said: &Said) -> ErasureRefusal {
        ErasureRefusal {
            refused_by: said.by.clone(),
            refused_at: Iso(said.at),
            because: refused.because,
            because_text: refused.because.text(self.language),
            rule: refused.because.rule(),
            reference: refused.reference.clone(),
        }
    }
}
