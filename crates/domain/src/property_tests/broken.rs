//! Deliberately broken parties: each leaves one thing out, and the checks must notice.

use crate::command::{Command, CommandKind, Context};
use crate::consent::ConsentFacts;
use crate::event::Event;
use crate::item::{Granularity, Item};
use crate::lookup::TokenStanding;
use crate::officer::Actor;
use crate::refusal::{Refusal, RefusalCode};
use crate::view::{Changes, MemoryRows, Overlay, RowStore, Rows, Table};

use super::world::{Entry, View};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// One officer does the work of two.
    OnePerson,
    /// Every consent covers every item, as finely as can be.
    BeyondScope,
    /// A revocation is accepted and not looked at.
    DeafToRevocation,
    /// Uses are not counted.
    FreeUses,
    /// Each command is judged on the state before the last own event.
    Forgetful,
    /// A row depends on the order in which logs arrive.
    KeepsOrder,
    /// A refused command leaves something behind.
    KeepsRefused,
    /// The second party's data-protection officer is not asked before a matching run.
    AlonePermits,
}

impl Flaw {
    /// Every flaw, with the property whose check must catch it.
    pub(super) const ALL: [(Self, &'static str); 8] = [
        (Self::OnePerson, "two persons"),
        (Self::BeyondScope, "consent covers request covers answer"),
        (Self::DeafToRevocation, "nothing after a revocation"),
        (Self::FreeUses, "no more uses than granted"),
        (Self::Forgetful, "lifecycle"),
        (Self::KeepsOrder, "any order, one root"),
        (Self::KeepsRefused, "a refusal changes no case"),
        (Self::AlonePermits, "lifecycle"),
    ];
}

/// Table of the row by which [`Flaw::KeepsOrder`] keeps the order; no table of ours. Its own check catches it.
pub(super) const ORDER: u8 = 0x7F;

/// Judges as a party with a flaw does.
pub(super) fn judge(flaw: Flaw, view: &View, context: &Context<'_>, command: &Command) -> Result<Event, Refusal> {
    let honest =
        |rows: &MemoryRows, context: &Context<'_>, command: &Command| command.judge(&Rows::new(rows), context).unwrap();
    match flaw {
        Flaw::Forgetful => honest(view.before.as_ref().unwrap_or(&view.rows), context, command),
        Flaw::OnePerson => match honest(&view.rows, context, command) {
            Err(refusal) if refusal.code == RefusalCode::SamePerson => {
                let actor = Actor { officer: "somebody.else".parse().unwrap(), ..context.actor.clone() };
                honest(&view.rows, &Context { actor: &actor, ..*context }, command)
            }
            judged => judged,
        },
        Flaw::AlonePermits => match honest(&view.rows, context, command) {
            Err(refusal) if refusal.code == RefusalCode::RunNotAuthorised => {
                let Command::BeginMatchRun(begin) = command else { return Err(refusal) };
                let (run, elements, persons) = (begin.run, begin.elements, begin.persons);
                let other = if context.me.as_str() == "macau" { "zhuhai" } else { "macau" }.parse().unwrap();
                Ok(crate::overlap::MatchRunBegun { run, other, elements, persons }.into())
            }
            judged => judged,
        },
        Flaw::BeyondScope => {
            let rows = with_consents(&view.rows, |facts| {
                facts.granted.iter_mut().for_each(|(granted, _)| granted.claims.items = everything());
            });
            let mut command = command.clone();
            let token = if let Command::JudgeLookup(judge) = &mut command {
                Some(&mut judge.token)
            } else if let Command::AskLookup(ask) = &mut command {
                Some(&mut ask.token)
            } else {
                None
            };
            if let Some(TokenStanding::Good(claims)) = token {
                claims.items = everything();
            }
            honest(&rows, context, &command)
        }
        Flaw::DeafToRevocation if asks_or_answers(command) => {
            let rows = with_consents(&view.rows, |facts| {
                facts.revoked = None;
                facts.revoked_for.clear();
            });
            honest(&rows, context, command)
        }
        Flaw::KeepsOrder | Flaw::KeepsRefused | Flaw::DeafToRevocation => honest(&view.rows, context, command),
        Flaw::FreeUses => {
            let rows = with_consents(&view.rows, |facts| facts.uses_spent = 0);
            honest(&rows, context, command)
        }
    }
}

fn asks_or_answers(command: &Command) -> bool {
    use CommandKind as C;
    let asking = [C::DraftRequest, C::SubmitRequest, C::AskLookup];
    let answering =
        [C::AcceptRequest, C::AnswerItem, C::SendReply, C::CorrectReply, C::JudgeLookup, C::RecordLookupAnswer];
    asking.contains(&command.kind()) || answering.contains(&command.kind())
}

fn everything() -> std::collections::BTreeMap<Item, Granularity> {
    Item::ALL.iter().map(|item| (*item, Granularity::Exact)).collect()
}

/// The rows with every fact about a consent changed.
fn with_consents(rows: &MemoryRows, change: impl Fn(&mut ConsentFacts)) -> MemoryRows {
    let mut rows = rows.clone();
    let changes = rows.scan(&[Table::Consent.byte()]).unwrap().into_iter().map(|(key, value)| {
        let mut facts: ConsentFacts = postcard::from_bytes(&value).unwrap();
        change(&mut facts);
        (key, Some(postcard::to_stdvec(&facts).unwrap()))
    });
    let changes: Changes = changes.collect();
    rows.apply(changes);
    rows
}

/// Folds what a flaw adds.
pub(super) fn also_folded(flaw: Option<Flaw>, rows: &mut Overlay<'_>, entry: &Entry) {
    let origin = entry.meta.origin.as_str().as_bytes();
    if flaw == Some(Flaw::KeepsOrder) {
        rows.set([&[ORDER], origin].concat(), b"last heard".to_vec());
        for other in super::world::PARTIES.iter().filter(|other| other.as_bytes() != origin) {
            rows.remove([&[ORDER], other.as_bytes()].concat());
        }
    }
    if let (Some(Flaw::KeepsRefused), Event::CommandRefused(_)) = (flaw, entry.event()) {
        rows.set([&[0x7E], origin].concat(), entry.meta.seq.to_le_bytes().to_vec());
    }
}
