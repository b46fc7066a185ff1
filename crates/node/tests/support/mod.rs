//! Three parties whose files are in memory, for tests of the core and of the journal.

#![allow(dead_code)] // each test binary uses a part

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tongcha_domain::channel::{Clearance, ClearanceKind, ConfirmChannel, OpenChannel};
use tongcha_domain::command::Command;
use tongcha_domain::id::{CommandKey, PartyId, UrgentId};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::time::Instant;
use tongcha_domain::urgent::{AckUrgent, Emergency, RaiseUrgent};
use tongcha_ledger::key::{Directory, PartySecrets};
use tongcha_ledger::parcel::OpenedParcel;
use tongcha_node::core::{Core, CoreConfig, IntakeResult, OpenError, Outcome, Outgoing, Submission};
use tongcha_node::disk::Disk;
use tongcha_node::view::{MemoryView, ViewStore};

/// Every party of the tests.
pub const PARTIES: [&str; 3] = ["hengqin", "macau", "zhuhai"];

/// 2026-07-01, noon in Macau.
pub const NOON: Instant = Instant(1_782_878_400_000_000);

pub fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

pub fn secrets(name: &str) -> PartySecrets {
    PartySecrets::generate(party(name), &mut StdRng::seed_from_u64(name.len() as u64))
}

pub fn directory() -> Directory {
    Directory::new(&PARTIES.map(|name| secrets(name).card("UABC").unwrap())).unwrap()
}

/// Files in memory. What was synced is kept apart, and a sync can be made to fail.
#[derive(Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<Files>>);

#[derive(Clone, Default)]
pub struct Files {
    pub written: BTreeMap<String, Vec<u8>>,
    pub synced: BTreeMap<String, Vec<u8>>,
    /// How often each file was synced.
    pub syncs: BTreeMap<String, usize>,
    /// The file whose syncs fail.
    pub failing: Option<String>,
}

impl MemoryDisk {
    pub fn files(&self) -> MutexGuard<'_, Files> {
        self.0.lock().unwrap()
    }

    /// Returns a disk that holds what was synced: as after a power cut that loses everything else.
    pub fn after_power_cut(&self) -> Self {
        let synced = self.files().synced.clone();
        Self(Arc::new(Mutex::new(Files { written: synced.clone(), synced, ..Files::default() })))
    }

    /// Returns an independent copy.
    pub fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.files().clone())))
    }

    /// Changes a file, as damage does: written and synced at once.
    pub fn damage(&self, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut files = self.files();
        let mut bytes = files.written.get(file).cloned().unwrap_or_default();
        change(&mut bytes);
        files.written.insert(file.to_owned(), bytes.clone());
        files.synced.insert(file.to_owned(), bytes);
    }
}

impl Disk for MemoryDisk {
    fn len(&self, file: &str) -> io::Result<u64> {
        Ok(self.files().written.get(file).map_or(0, |bytes| bytes.len() as u64))
    }

    fn read(&self, file: &str, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let files = self.files();
        let bytes = files.written.get(file).map(Vec::as_slice).unwrap_or_default();
        let from = bytes.len().min(usize::try_from(offset).unwrap());
        Ok(bytes[from..bytes.len().min(from.saturating_add(len))].to_vec())
    }

    fn write(&mut self, file: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut files = self.files();
        let content = files.written.entry(file.to_owned()).or_default();
        let from = usize::try_from(offset).unwrap();
        content.resize(content.len().max(from + bytes.len()), 0);
        content[from..from + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, file: &str, len: u64) -> io::Result<()> {
        self.files().written.entry(file.to_owned()).or_default().truncate(usize::try_from(len).unwrap());
        Ok(())
    }

    fn sync(&mut self, file: &str) -> io::Result<()> {
        let mut files = self.files();
        if files.failing.as_deref() == Some(file) {
            return Err(io::Error::other("the disk is pulled out"));
        }
        let content = files.written.get(file).cloned().unwrap_or_default();
        files.synced.insert(file.to_owned(), content);
        *files.syncs.entry(file.to_owned()).or_default() += 1;
        Ok(())
    }
}

/// Opens a party on a disk and a view.
pub fn open_with(name: &str, disk: &MemoryDisk, view: Box<dyn ViewStore>) -> Result<Core, OpenError> {
    open_config(name, disk, view, false)
}

/// Opens a party on a disk, as a service does: nothing is written before a peer has said what it holds.
pub fn open_awaiting(name: &str, disk: &MemoryDisk) -> Core {
    open_config(name, disk, Box::<MemoryView>::default(), true).unwrap()
}

fn open_config(name: &str, disk: &MemoryDisk, view: Box<dyn ViewStore>, await_peers: bool) -> Result<Core, OpenError> {
    static OPENED: Mutex<u64> = Mutex::new(0);
    let mut opened = OPENED.lock().unwrap();
    *opened += 1; // no two lives of a party draw the same keys
    let config = CoreConfig {
        secrets: Arc::new(secrets(name)),
        directory: Arc::new(directory()),
        disk: Box::new(disk.clone()),
        view,
        rng: StdRng::seed_from_u64(*opened),
        await_peers,
    };
    Core::open(config, NOON)
}

/// Opens a party on a disk; its view is folded from the journals.
pub fn open(name: &str, disk: &MemoryDisk) -> Core {
    open_with(name, disk, Box::<MemoryView>::default()).unwrap()
}

/// `ho.macau` is a duty officer.
pub fn actor(word: &str) -> Actor {
    let role = match word.split_once('.').unwrap().0 {
        "ho" => Role::Duty,
        "cw" => Role::Caseworker,
        "rv" => Role::Reviewer,
        "lo" => Role::Liaison,
        "dp" => Role::DataProtection,
        "sec" => Role::Secretariat,
        other => panic!("no role {other}"),
    };
    Actor { officer: word.parse().unwrap(), role, unit: "reception".parse().unwrap() }
}

pub fn urgent(number: u128) -> UrgentId {
    UrgentId(uuid::Uuid::from_u128(number))
}

/// An urgent notice to some parties.
pub fn raise(number: u128, to: &[&str]) -> Command {
    let text = "as agreed by telephone";
    let emergency = Emergency {
        subject: None,
        place: text.parse().unwrap(),
        what: text.parse().unwrap(),
        need: text.parse().unwrap(),
        call_back: text.parse().unwrap(),
    };
    let to = to.iter().map(|name| party(name)).collect();
    RaiseUrgent { urgent: urgent(number), to, emergency, vital_interest: text.parse().unwrap(), happened_at: None }
        .into()
}

pub fn ack(number: u128) -> Command {
    AckUrgent { urgent: urgent(number) }.into()
}

pub fn submission(ticket: u64, who: &str, command: Command) -> Submission {
    Submission { ticket, actor: actor(who), key: None, command }
}

pub fn keyed(ticket: u64, key: u8, who: &str, command: Command) -> Submission {
    Submission { key: Some(CommandKey([key; 32])), ..submission(ticket, who, command) }
}

/// Stages the opening of the channels to all peers, for a year.
pub fn open_channels(core: &mut Core, now: Instant) {
    let me = core.me();
    for to in PARTIES.map(party).into_iter().filter(|to| *to != me) {
        let clearance = |number: &str| Clearance {
            number: number.parse().unwrap(),
            expires_at: now.plus_us(365 * tongcha_domain::time::DAY_US),
        };
        let clearances = [
            (ClearanceKind::Assessment, clearance("CAC-TEST-1")),
            (ClearanceKind::Notification, clearance("DSPDP-N-TEST-1")),
            (ClearanceKind::Authorisation, clearance("DSPDP-A-TEST-1")),
        ];
        let commands: [(&str, Command); 2] =
            [("sec", OpenChannel { to, clearances: clearances.into() }.into()), ("dp", ConfirmChannel { to }.into())];
        for (word, command) in commands {
            core.submit(submission(0, &format!("{word}.{me}"), command), now).unwrap();
        }
    }
}

/// Submits and commits one command.
pub fn command(core: &mut Core, command: Command) -> Outcome {
    let who = format!("ho.{}", core.me());
    core.submit(submission(1, &who, command), NOON).unwrap();
    let mut outcomes = core.commit().unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}

/// The parcels of a log for a party, from a position on.
pub fn parcels(from: &mut Core, to: &Core, position: u64) -> Vec<OpenedParcel> {
    let (origin, to_party) = (from.me(), to.me());
    let outgoing = from.outgoing(to_party, position, usize::MAX).unwrap();
    outgoing.iter().map(|Outgoing { bytes, .. }| to.opener().open(origin, bytes).unwrap()).collect()
}

/// Hands the parcels that a party lacks to it and commits.
pub fn pass(from: &mut Core, to: &mut Core) -> Vec<IntakeResult> {
    let next = to.tip(from.me()).count;
    let parcels = parcels(from, to, next);
    let taken = parcels.into_iter().map(|parcel| to.intake(parcel, NOON).unwrap()).collect();
    to.commit().unwrap();
    taken
}

/// The name of the file of a log.
pub fn journal_file(origin: &str) -> String {
    format!("journal/{origin}.log")
}
