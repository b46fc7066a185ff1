//! Invariant 5: the register is read only under a permit, and only once the permit's entry is on disk. The gate never
//! reads it, so a denial is the same whether or not the person is known.

use tongcha_domain::event::Event;
use tongcha_domain::id::PartyId;
use tongcha_domain::lookup::{JudgeLookup, LookupPermitted, Permit};
use tongcha_domain::refusal::Refusal;

use crate::sim::book::Book;
use crate::sim::failure::{Invariant, Step, broken, unexpected};
use crate::sim::party::Party;
use crate::sim::people::Person;

const THIS: Invariant = Invariant::PermitBeforeRead;

/// Nobody has read rows of the register but the projection and holders of permits.
pub(in crate::sim) fn nobody_trespassed(party: &Party) -> Step<()> {
    match party.view.trespasses() {
        0 => Ok(()),
        times => broken(THIS, format!("{} read the register {times} times without a permit", party.me)),
    }
}

/// The entry that a permit rests on is on disk.
pub(in crate::sim) fn permit_is_durable(book: &Book, holder: PartyId, permit: &Permit) -> Step<()> {
    let lookup = permit.lookup();
    let permitted = book
        .log(holder, holder)
        .iter()
        .any(|entry| matches!(&entry.event, Some(Event::LookupPermitted(permitted)) if permitted.lookup == lookup));
    if permitted {
        return Ok(());
    }
    broken(THIS, format!("{holder} reads the register for {lookup}, and its permit is not on disk"))
}

/// The same question about the person who is as well covered and otherwise registered.
pub(in crate::sim) fn twin_of(command: &JudgeLookup) -> Step<JudgeLookup> {
    for covered in [true, false] {
        for registered in [true, false] {
            let person = Person { covered, registered };
            if person.document()? == command.subject {
                return Ok(JudgeLookup { subject: person.twin().document()?, ..command.clone() });
            }
        }
    }
    Err(unexpected("a question about somebody unknown to the simulation"))
}

/// What the gate decides.
type Verdict = Result<Event, Refusal>;

/// The gate says the same of both but for whom it is about.
pub(in crate::sim) fn denials_alike(about: &Verdict, about_twin: &Verdict) -> Step<()> {
    let alike = match (about, about_twin) {
        (Ok(Event::LookupPermitted(one)), Ok(Event::LookupPermitted(other))) => {
            *one == LookupPermitted { subject: one.subject.clone(), ..other.clone() }
        }
        (one, other) => one == other,
    };
    if alike { Ok(()) } else { broken(THIS, format!("the gate tells who is registered: {about:?}, {about_twin:?}")) }
}
