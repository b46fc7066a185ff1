//! Finding the overlap of two sets without showing either: a verifiable oblivious PRF (RFC 9497, ristretto255 with
//! SHA-512, crate `voprf`), once in each direction.
//!
//! ```text
//! A blinds its elements ──► B evaluates under its key, proves that it was that key ──► A takes the blinds off
//! B sends its own elements' outputs under its key, shuffled ──► A compares: which of MINE are there too?
//! then the same the other way round, under A's key
//! ```
//!
//! In scope: keys, blinding, evaluation, proofs, comparison; bytes in, bytes out. Out of scope: who may run it, with
//! what sets, and how messages cross (`nats::matching`).
//!
//! **What crosses.** Blinded elements are uniformly random: they say nothing, to anybody, ever. Outputs are pseudorandom
//! to whoever lacks the key: unlike a hash, or an HMAC under a key that somebody keeps, they can't be enumerated. Keys
//! are made for one run and forgotten with it. Inputs hold the run's id, so that outputs of two runs can't be compared.
//!
//! **What a dishonest party can still learn:** the size of the other set, and for each number it puts into its own
//! set, guessed or not, whether the other has it. So sets are limited, sizes announced and recorded, and each run is
//! authorised by two data-protection officers. It can end the run once it knows and before the other does (the log
//! shows who began and did not end), use another set in the second direction, or send false outputs, which hides
//! overlaps and shows none. It can't learn more by evaluating under another key: the proof refuses that.

use std::collections::HashSet;

use rand::seq::SliceRandom;
use rand_core::OsRng;
use tongcha_ledger::matching::{Element, Evaluation};
use voprf::{BlindedElement, EvaluationElement, Group, Proof, Ristretto255, VoprfClient, VoprfServer};

/// Why a run can't go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PsiError {
    /// Bytes that are no element, key or proof.
    #[error("not an element of the group")]
    Element,
    /// The proof does not hold: another key, or other elements.
    #[error("the evaluation is not proven")]
    Proof,
    /// More or fewer elements than there should be.
    #[error("a wrong number of elements")]
    Count,
    /// An input can't be used; none of ours is.
    #[error("an input can't be used")]
    Input,
}

fn first_half(output: &[u8]) -> Element {
    // 256 of 512 bits: two outputs of 20,000 are the same by chance with odds below 2^-220.
    let mut first = Element::default();
    first.iter_mut().zip(output).for_each(|(to, from)| *to = *from);
    first
}

fn bytes(element: &[u8]) -> Element {
    first_half(element) // elements and scalars have exactly 32 bytes
}

/// The side that evaluates, with a key for one run.
pub struct Evaluator {
    server: VoprfServer<Ristretto255>, // wiped when dropped
}

impl Evaluator {
    /// Makes a fresh key.
    ///
    /// # Errors
    /// Never; the library's form wants it.
    pub fn new() -> Result<Self, PsiError> {
        Ok(Self { server: VoprfServer::new(&mut OsRng).map_err(|_| PsiError::Input)? })
    }

    /// Returns the public key.
    #[must_use]
    pub fn key(&self) -> Element {
        bytes(&Ristretto255::serialize_elem(self.server.get_public_key()))
    }

    /// Evaluates blinded elements, with one proof for all of them.
    ///
    /// # Errors
    /// When one is no element of the group, or there is none.
    pub fn evaluate(&self, blinded: &[Element]) -> Result<Evaluation, PsiError> {
        let read = |element: &Element| BlindedElement::<Ristretto255>::deserialize(element);
        let blinded: Vec<_> = blinded.iter().map(read).collect::<Result<_, _>>().map_err(|_| PsiError::Element)?;
        if blinded.is_empty() {
            return Err(PsiError::Count);
        }
        let prepared: Vec<_> = self.server.batch_blind_evaluate_prepare(blinded.iter()).collect();
        let finished = self.server.batch_blind_evaluate_finish(&mut OsRng, blinded.iter(), &prepared);
        let finished = finished.map_err(|_| PsiError::Count)?;
        let proof = finished.proof.serialize();
        let (challenge, response) = proof.split_at(32);
        Ok(Evaluation {
            elements: finished.messages.map(|element| bytes(&element.serialize())).collect(),
            proof: [bytes(challenge), bytes(response)],
        })
    }

    /// Returns the outputs of own inputs, in random order.
    ///
    /// # Errors
    /// When an input can't be used.
    pub fn outputs(&self, inputs: &[Vec<u8>]) -> Result<Vec<Element>, PsiError> {
        let output = |input: &Vec<u8>| self.server.evaluate(input).map(|output| first_half(&output));
        let mut outputs: Vec<_> = inputs.iter().map(output).collect::<Result<_, _>>().map_err(|_| PsiError::Input)?;
        outputs.shuffle(&mut rand::rng());
        Ok(outputs)
    }
}

/// The side that asks: its inputs, their blinds, and the outputs so far.
pub struct Blinder {
    inputs: Vec<Vec<u8>>,
    clients: Vec<VoprfClient<Ristretto255>>, // wiped when dropped
    blinded: Vec<Element>,
    outputs: Vec<Element>,
}

impl Blinder {
    /// Blinds inputs, each with a blind of its own.
    ///
    /// # Errors
    /// When an input can't be used.
    pub fn new(inputs: Vec<Vec<u8>>) -> Result<Self, PsiError> {
        let (mut clients, mut blinded) = (Vec::with_capacity(inputs.len()), Vec::with_capacity(inputs.len()));
        for input in &inputs {
            let blind = VoprfClient::<Ristretto255>::blind(input, &mut OsRng).map_err(|_| PsiError::Input)?;
            blinded.push(bytes(&blind.message.serialize()));
            clients.push(blind.state);
        }
        Ok(Self { inputs, clients, blinded, outputs: Vec::new() })
    }

    /// Returns the next blinded elements to be evaluated, at most so many; none when all have been.
    #[must_use]
    pub fn next(&self, most: usize) -> &[Element] {
        let rest = self.blinded.get(self.outputs.len()..).unwrap_or_default();
        rest.get(..most).unwrap_or(rest)
    }

    /// Takes the evaluation of the elements that [`Self::next`] returned.
    ///
    /// # Errors
    /// When it is not proven under the key, or has another number of elements.
    pub fn take(&mut self, evaluation: &Evaluation, key: &Element) -> Result<(), PsiError> {
        let range = self.outputs.len()..self.outputs.len().saturating_add(evaluation.elements.len());
        let clients = self.clients.get(range.clone()).ok_or(PsiError::Count)?;
        let inputs = self.inputs.get(range).ok_or(PsiError::Count)?;
        if clients.is_empty() {
            return Err(PsiError::Count);
        }
        let key = Ristretto255::deserialize_elem(key).map_err(|_| PsiError::Element)?;
        let read = |element: &Element| EvaluationElement::<Ristretto255>::deserialize(element);
        let elements: Vec<_> =
            evaluation.elements.iter().map(read).collect::<Result<_, _>>().map_err(|_| PsiError::Element)?;
        let proof = Proof::<Ristretto255>::deserialize(&evaluation.proof.concat()).map_err(|_| PsiError::Element)?;
        let (inputs, clients) = (inputs.to_vec(), clients.to_vec()); // the library wants collections of a known size
        let outputs = VoprfClient::batch_finalize(&inputs, &clients, &elements, &proof, key);
        let outputs = outputs.map_err(|_| PsiError::Proof)?;
        let outputs: Vec<_> = outputs.collect::<Result<_, _>>().map_err(|_| PsiError::Input)?;
        self.outputs.extend(outputs.iter().map(|output| first_half(output)));
        Ok(())
    }

    /// Tells whether all elements have been evaluated.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.outputs.len() == self.inputs.len()
    }

    /// Returns which own inputs, by position, have their output among the other's.
    #[must_use]
    pub fn overlap(&self, others: &[Element]) -> HashSet<usize> {
        let others: HashSet<&Element> = others.iter().collect();
        let common = self.outputs.iter().enumerate().filter(|(_, output)| others.contains(output));
        common.map(|(position, _)| position).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hmac::{Hmac, Mac};
    use proptest::prelude::*;
    use sha2::{Digest, Sha256, Sha512};

    use super::*;

    fn inputs(numbers: &[u32]) -> Vec<Vec<u8>> {
        numbers.iter().map(|number| format!("run 1 / BIR {number:08}").into_bytes()).collect()
    }

    /// One direction: what the asking side learns, and everything that crossed.
    fn one_way(own: &[u32], others: &[u32], at_once: usize) -> (BTreeSet<u32>, Vec<Element>) {
        let evaluator = Evaluator::new().unwrap();
        let mut blinder = Blinder::new(inputs(own)).unwrap();
        let mut crossed = vec![evaluator.key()];
        while !blinder.is_complete() {
            let blinded = blinder.next(at_once).to_vec();
            let evaluation = evaluator.evaluate(&blinded).unwrap();
            crossed.extend(blinded.iter().chain(&evaluation.elements).chain(&evaluation.proof));
            blinder.take(&evaluation, &evaluator.key()).unwrap();
        }
        let outputs = evaluator.outputs(&inputs(others)).unwrap();
        crossed.extend(&outputs);
        (blinder.overlap(&outputs).into_iter().map(|position| own[position]).collect(), crossed)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn the_overlap_is_exact(
            one in prop::collection::btree_set(0u32..60, 0..30),
            other in prop::collection::btree_set(0u32..60, 0..30),
            at_once in 1usize..9,
        ) {
            let list = |set: &BTreeSet<u32>| set.iter().copied().collect::<Vec<_>>();
            let common: BTreeSet<u32> = one.intersection(&other).copied().collect();
            prop_assert_eq!(&one_way(&list(&one), &list(&other), at_once).0, &common);
            prop_assert_eq!(&one_way(&list(&other), &list(&one), at_once).0, &common);
        }
    }

    #[test]
    fn nothing_that_crosses_is_found_by_trying_every_number() {
        const NUMBERS: u32 = 100_000;
        let (common, crossed) = one_way(&[7, 99_999, 4], &[7, 31_415, 4], 10);
        assert_eq!(common, [4, 7].into());
        let crossed: HashSet<Element> = crossed.into_iter().collect();
        // What somebody who listens knows besides: keys that stand in the transcript.
        let public: Vec<Element> = crossed.iter().copied().collect();
        for number in 0..NUMBERS {
            for text in [format!("run 1 / BIR {number:08}"), format!("{number:08}")] {
                assert!(!crossed.contains(&first_half(&Sha256::digest(&text))));
                assert!(!crossed.contains(&first_half(&Sha512::digest(&text))));
                // One of the keys for each number would do for the attack; all of them on the numbers in the sets.
                let keys = if [4, 7, 31_415, 99_999].contains(&number) { public.len() } else { 1 };
                for key in public.iter().take(keys) {
                    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
                    mac.update(text.as_bytes());
                    assert!(!crossed.contains(&first_half(&mac.finalize().into_bytes())));
                }
                let plain = text.as_bytes();
                if number < 1000 {
                    assert!(!crossed.iter().any(|bytes| bytes.windows(8).any(|part| plain.ends_with(part))));
                }
            }
        }
    }

    #[test]
    fn the_same_sets_never_cross_as_the_same_bytes() {
        let (_, once) = one_way(&[1, 2], &[2, 3], 10);
        let (_, again) = one_way(&[1, 2], &[2, 3], 10);
        let once: HashSet<Element> = once.into_iter().collect();
        assert!(again.iter().all(|element| !once.contains(element)));
    }

    #[test]
    fn evaluating_under_another_key_is_refused_by_the_proof() {
        let (announced, another) = (Evaluator::new().unwrap(), Evaluator::new().unwrap());
        let mut blinder = Blinder::new(inputs(&[1, 2])).unwrap();
        let evaluation = another.evaluate(blinder.next(9)).unwrap();
        assert_eq!(blinder.take(&evaluation, &announced.key()), Err(PsiError::Proof));
        let mut mixed = announced.evaluate(blinder.next(9)).unwrap();
        mixed.elements[1] = evaluation.elements[1];
        assert_eq!(blinder.take(&mixed, &announced.key()), Err(PsiError::Proof));
        assert!(!blinder.is_complete());
    }

    #[test]
    fn wrong_elements_and_numbers_are_refused() {
        let evaluator = Evaluator::new().unwrap();
        let mut blinder = Blinder::new(inputs(&[1, 2])).unwrap();
        let good = evaluator.evaluate(blinder.next(9)).unwrap();
        let refused = |blinder: &mut Blinder, change: fn(&mut Evaluation)| {
            let mut evaluation = good.clone();
            change(&mut evaluation);
            blinder.take(&evaluation, &evaluator.key()).unwrap_err()
        };
        assert_eq!(refused(&mut blinder, |e| e.elements.push([1; 32])), PsiError::Count);
        assert_eq!(refused(&mut blinder, |e| e.elements.clear()), PsiError::Count);
        assert_eq!(refused(&mut blinder, |e| e.elements.truncate(1)), PsiError::Proof);
        assert_eq!(refused(&mut blinder, |e| e.elements[0] = [0xFF; 32]), PsiError::Element);
        assert_eq!(refused(&mut blinder, |e| e.elements[0] = [0; 32]), PsiError::Element);
        assert_eq!(refused(&mut blinder, |e| e.proof = [[0xFF; 32]; 2]), PsiError::Element);
        assert_eq!(evaluator.evaluate(&[[0xFF; 32]]), Err(PsiError::Element));
        assert_eq!(evaluator.evaluate(&[]), Err(PsiError::Count));
        assert_eq!(blinder.take(&good, &[0; 32]), Err(PsiError::Element));
        blinder.take(&good, &evaluator.key()).unwrap();
        assert_eq!(blinder.take(&good, &evaluator.key()), Err(PsiError::Count));
    }
}
