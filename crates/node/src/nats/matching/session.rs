//! What the answering side keeps of a run while it is under way: in memory only, forgotten with its end.
//!
//! The steps come in one order. What comes out of order, or says more than was announced, ends the run.

use tongcha_domain::overlap::OwnRecord;
use tongcha_ledger::matching::{ELEMENTS_IN_MESSAGE_MAX, Element, MatchAnswer, MatchStep};

use crate::nats::matching::set::OwnSet;
use crate::psi::{Blinder, Evaluator, PsiError};

/// One run under way.
pub(super) struct Session {
    set: OwnSet,
    evaluator: Evaluator,
    blinder: Blinder,
    /// The other's key, and how many elements it announced.
    peer_key: Element,
    peer_elements: usize,
    /// How many of the other's elements were evaluated.
    evaluated: usize,
    /// Own outputs under the own key that have not been sent yet.
    outputs: Vec<Element>,
    /// Whether blinded elements were handed out that have not come back.
    handed_out: bool,
    /// The other's outputs under its key.
    peer_outputs: Vec<Element>,
}

/// What a step came to.
pub(super) enum Stepped {
    /// The run goes on.
    Answer(MatchAnswer),
    /// The run is complete.
    Complete {
        /// Own records in the overlap.
        records: Vec<OwnRecord>,
        /// The size of the other set.
        peer_elements: u32,
    },
}

impl Session {
    /// Begins with the own set and what the other announced. Takes a while.
    pub(super) fn open(set: OwnSet, peer_elements: u32, peer_key: Element) -> Result<(Self, MatchAnswer), PsiError> {
        let evaluator = Evaluator::new()?;
        let blinder = Blinder::new(set.inputs().to_vec())?;
        let outputs = evaluator.outputs(set.inputs())?;
        let opened = MatchAnswer::Opened { elements: set.elements(), key: evaluator.key() };
        let peer_elements = usize::try_from(peer_elements).map_err(|_| PsiError::Count)?;
        let session = Self {
            set,
            evaluator,
            blinder,
            peer_key,
            peer_elements,
            evaluated: 0,
            outputs,
            handed_out: false,
            peer_outputs: Vec::new(),
        };
        Ok((session, opened))
    }

    /// Takes one step. Takes a while.
    pub(super) fn step(&mut self, step: &MatchStep) -> Result<Stepped, PsiError> {
        let answer = match step {
            MatchStep::Evaluate(blinded) => {
                self.evaluated = within(self.evaluated, blinded, self.peer_elements)?;
                MatchAnswer::Evaluated(self.evaluator.evaluate(blinded)?)
            }
            MatchStep::Outputs => {
                in_order(self.evaluated == self.peer_elements)?;
                let rest = self.outputs.split_off(self.outputs.len().min(ELEMENTS_IN_MESSAGE_MAX));
                MatchAnswer::Elements(std::mem::replace(&mut self.outputs, rest))
            }
            MatchStep::Blinded => {
                in_order(self.evaluated == self.peer_elements && self.outputs.is_empty() && !self.handed_out)?;
                self.handed_out = true;
                MatchAnswer::Elements(self.blinder.next(ELEMENTS_IN_MESSAGE_MAX).to_vec())
            }
            MatchStep::Evaluated(evaluation) => {
                let expected = self.blinder.next(ELEMENTS_IN_MESSAGE_MAX).len();
                in_order(self.handed_out && evaluation.elements.len() == expected)?;
                self.blinder.take(evaluation, &self.peer_key)?;
                self.handed_out = false;
                MatchAnswer::Taken
            }
            MatchStep::MyOutputs(outputs) => {
                in_order(self.blinder.is_complete())?;
                within(self.peer_outputs.len(), outputs, self.peer_elements)?;
                self.peer_outputs.extend(outputs);
                MatchAnswer::Taken
            }
            MatchStep::Done => {
                let all_sent = self.outputs.is_empty() && self.evaluated == self.peer_elements;
                in_order(all_sent && self.blinder.is_complete() && self.peer_outputs.len() == self.peer_elements)?;
                return Ok(Stepped::Complete {
                    records: self.set.records(&self.blinder.overlap(&self.peer_outputs)),
                    peer_elements: u32::try_from(self.peer_elements).unwrap_or(u32::MAX),
                });
            }
            MatchStep::Ready | MatchStep::Open { .. } => return Err(PsiError::Count), // these begin a session
        };
        Ok(Stepped::Answer(answer))
    }
}

fn in_order(condition: bool) -> Result<(), PsiError> {
    if condition { Ok(()) } else { Err(PsiError::Count) }
}

/// Counts elements that came; no more than were announced.
fn within(before: usize, elements: &[Element], announced: usize) -> Result<usize, PsiError> {
    let after = before.saturating_add(elements.len());
    in_order(!elements.is_empty() && elements.len() <= ELEMENTS_IN_MESSAGE_MAX && after <= announced)?;
    Ok(after)
}
