//! Witnessing between the simulated parties: checkpoints, cosignatures, and old checkpoints that come again.

use rand::Rng;
use tongcha_domain::id::PartyId;
use tongcha_ledger::checkpoint::SignedCheckpoint;
use tongcha_node::core::Cosigned;

use crate::sim::failure::{Invariant, Step, broken};
use crate::sim::invariant::witness_never_back;
use crate::sim::network::Payload;
use crate::sim::view::RegisterAccess;
use crate::sim::world::World;

/// How often an old checkpoint comes again beside the newest, as one does that was long on its way.
const SHOWN_AGAIN: f64 = 0.6;

fn bytes(checkpoint: &SignedCheckpoint) -> Vec<u8> {
    checkpoint.note().to_string().into_bytes()
}

impl World {
    /// Signs a checkpoint when it is time, and shows it to the peers that have not cosigned it.
    pub(super) fn seek_witnesses(&mut self, party: PartyId) -> Step<()> {
        let signed = self.on_core(party, RegisterAccess::Closed, |core, now| {
            Ok((core.checkpoint(now)?.as_ref().map(bytes), core.unwitnessed()))
        })?;
        let Some((Some(note), waiting)) = signed else { return Ok(()) };
        for to in waiting {
            self.send(party, to, Payload::Checkpoint(note.clone()));
        }
        let again = !self.network.calm && self.rng.random_bool(SHOWN_AGAIN);
        let shown = self.shown.entry(party).or_default();
        if shown.last() != Some(&note) {
            shown.push(note);
        }
        if let Some(old) = Self::draw(&mut self.rng, shown).filter(|_| again).cloned() {
            self.report.fault("old checkpoint shown");
            for to in self.peers_of(party) {
                self.send(party, to, Payload::Checkpoint(old.clone()));
            }
        }
        Ok(())
    }

    /// The witness's side.
    pub(super) fn hear_checkpoint(&mut self, to: PartyId, from: PartyId, note: &[u8]) -> Step<()> {
        let said = self.on_core(to, RegisterAccess::Closed, |core, now| {
            let said = core.cosign(from, note, now)?;
            Ok((said, core.cosigned(from).map(SignedCheckpoint::head)))
        })?;
        match said {
            Some((Cosigned::Signature(line), Some(head))) => {
                witness_never_back::cosigned(self, to, from, head)?;
                self.send(to, from, Payload::Cosigned(line));
            }
            Some((Cosigned::Smaller(held), _)) => self.send(to, from, Payload::Holds(held)),
            Some((Cosigned::Conflict(_) | Cosigned::Refused, _)) => {
                let what = format!("{to} does not take the genuine checkpoint of {from}");
                return broken(Invariant::WitnessNeverBack, what);
            }
            Some((Cosigned::Behind | Cosigned::Signature(_), _)) | None => {}
        }
        Ok(())
    }

    /// Takes a cosignature up; of an older checkpoint it does not fit any more.
    pub(super) fn hear_cosignature(&mut self, to: PartyId, from: PartyId, line: &str) -> Step<()> {
        self.on_core(to, RegisterAccess::Closed, |core, _| core.add_cosignature(from, line)).map(drop)
    }

    /// Looks at a checkpoint of the own log that a peer holds.
    pub(super) fn hear_held(&mut self, to: PartyId, from: PartyId, note: &[u8]) -> Step<()> {
        self.on_core(to, RegisterAccess::Closed, |core, _| {
            core.shown(from, note);
            Ok(())
        })
        .map(drop)
    }
}
