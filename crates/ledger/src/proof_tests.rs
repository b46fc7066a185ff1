//! Tests of [`super`]: receipts.

use tongcha_domain::time::{Instant, SECOND_US};

use super::*;
use crate::checkpoint::WitnessKey;
use crate::entry::Tip;
use crate::merkle::{Frontier, MemoryHashes, TreeHead};
use crate::testing::{directory, event, flips, header, sealed_entry, secrets};

/// A log of Zhuhai, its hashes, and its checkpoint as Macau and Hengqin have cosigned it.
struct Log {
    entries: Vec<VerifiedEntry>,
    hashes: MemoryHashes,
    checkpoint: SignedCheckpoint,
}

fn log(size: u64) -> Log {
    let secrets_of_log = secrets("zhuhai");
    let (mut entries, mut hashes, mut frontier) = (Vec::new(), MemoryHashes::default(), Frontier::default());
    let mut tip = Tip::default();
    for seq in 0..size {
        let (body, sealed, ..) = sealed_entry(event(tongcha_domain::event::EventKind::ALL[0]));
        let header = crate::entry::Header {
            origin: secrets_of_log.party(),
            seq,
            prev: tip.head,
            key_id: secrets_of_log.key_id(),
            ..header(&body, &sealed)
        };
        let entry = VerifiedEntry::sign(header, &secrets_of_log).unwrap();
        tip = Tip::after(&entry);
        hashes.append(&entry.leaf());
        frontier.push(&entry.leaf());
        entries.push(entry);
    }
    let keys = |name: &str| directory().party(name.parse().unwrap()).unwrap().clone();
    let key = LogKey::new(&keys("zhuhai")).unwrap();
    let mut checkpoint = SignedCheckpoint::sign(frontier.head(), &key, &secrets_of_log).unwrap();
    for name in ["macau", "hengqin"] {
        let witness = WitnessKey::new(&keys(name)).unwrap();
        let at = Instant(1_782_878_400 * SECOND_US);
        let signature = checkpoint.cosign(&TreeHead::EMPTY, &[], at, &witness, &secrets(name)).unwrap();
        checkpoint.add(signature, &witness).unwrap();
    }
    Log { entries, hashes, checkpoint }
}

impl Log {
    fn receipt(&self, index: usize) -> EntryReceipt {
        EntryReceipt::new(&self.entries[index], &self.checkpoint, &self.hashes).unwrap()
    }
}

#[test]
fn every_entry_of_logs_of_many_sizes_has_a_receipt_that_reads_back_and_verifies() {
    for size in [1, 2, 3, 7, 8, 9] {
        let log = log(size);
        for (index, entry) in log.entries.iter().enumerate() {
            let receipt = log.receipt(index);
            let read: EntryReceipt = receipt.to_string().parse().unwrap();
            assert_eq!(read, receipt);
            let proven = read.verify(&directory()).unwrap();
            assert_eq!(&proven.entry, entry);
            assert_eq!(proven.checkpoint.cosigned().len(), 2);
        }
    }
}

#[test]
fn no_single_bit_of_a_receipt_can_change() {
    let text = log(5).receipt(3).to_string();
    let mut tries = 0;
    for flipped in flips(text.as_bytes()) {
        tries += 1;
        let Ok(flipped) = String::from_utf8(flipped) else { continue };
        let proven = flipped.parse::<EntryReceipt>().and_then(|receipt| receipt.verify(&directory()));
        // A cosignature that no longer names a witness we know counts for nothing; it must not count as one.
        let witnesses = proven.map_or(0, |proven| proven.checkpoint.cosigned().len());
        assert!(witnesses < 2, "a changed receipt still proves what it did: {flipped}");
    }
    assert_eq!(tries, text.len() * 8);
}

#[test]
fn the_proof_of_one_entry_proves_no_other() {
    let log = log(6);
    let other = EntryReceipt { entry: log.entries[1].bytes().to_vec(), ..log.receipt(2) };
    assert!(matches!(other.verify(&directory()), Err(ReceiptError::Position { says: 1, index: 2 })));
    let other = EntryReceipt { hashes: log.receipt(4).hashes, ..log.receipt(2) };
    assert!(matches!(other.verify(&directory()), Err(ReceiptError::Proof(_))));
}

#[test]
fn a_checkpoint_of_a_smaller_log_gives_no_receipt() {
    let (small, large) = (log(3), log(6));
    assert!(EntryReceipt::new(&large.entries[3], &small.checkpoint, &large.hashes).is_err());
}

#[test]
fn other_spellings_are_refused() {
    let text = log(4).receipt(2).to_string();
    assert!(text.parse::<EntryReceipt>().is_ok());
    for (from, to) in
        [("@v1", "@v2"), ("index 2", "index 02"), ("index 2", "index +2"), ("extra ", "extra  "), ("\n\n", "\n")]
    {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text);
        assert!(other.parse::<EntryReceipt>().is_err(), "{from} as {to}");
    }
    let longest = format!("{text}{}", " ".repeat(RECEIPT_MAX));
    assert!(matches!(longest.parse::<EntryReceipt>(), Err(ReceiptError::TooLong(_))));
}
