//! One simulated party: what survives its process, and what does not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tongcha_domain::consent::ConsentClaims;
use tongcha_domain::id::{CommandKey, ConsentId, LookupId, PartyId};
use tongcha_domain::item::Answer;
use tongcha_domain::time::Instant;
use tongcha_ledger::ask::AskKey;
use tongcha_ledger::entry::Leaf;
use tongcha_ledger::key::{Directory, PartySecrets};
use tongcha_node::core::{Core, CoreConfig, OpenError};
use tongcha_node::view::ViewStore;

use crate::sim::disk::SimDisk;
use crate::sim::erasures::KeepsKeys;
use crate::sim::failure::{Step, unexpected};
use crate::sim::people::Person;
use crate::sim::view::SimView;
use crate::sim::{Broken, Options};

/// How many syncs of a journal there are to one lie, in the broken variant.
const LIES_EVERY: u64 = 7;

/// What becomes of a command once its outcome is told.
pub(super) enum Then {
    /// The officer reads it.
    Nothing,
    /// A token is made of the consent.
    Grant(ConsentId),
    /// The question goes to the holder.
    Ask(Box<Asking>),
    /// The register is read, or the verdict is sent to the asker.
    Judged(Box<Answering>),
    /// The answers go to the asker.
    Answered(Box<Answering>, Vec<Answer>),
}

/// A command whose outcome is not known yet.
pub(super) struct Waiting {
    pub(super) command: CommandKey,
    pub(super) then: Then,
}

/// A lookup about to be asked.
pub(super) struct Asking {
    pub(super) lookup: LookupId,
    pub(super) claims: ConsentClaims,
    pub(super) token: Vec<u8>,
    pub(super) person: Person,
}

/// A lookup asked and not yet replied to.
pub(super) struct Asked {
    pub(super) holder: PartyId,
    pub(super) key: AskKey,
    pub(super) bytes: Vec<u8>,
    pub(super) at: i64,
}

/// A lookup at its holder.
pub(super) struct Answering {
    pub(super) from: PartyId,
    pub(super) lookup: LookupId,
    pub(super) consent: Option<ConsentId>,
    pub(super) key: AskKey,
    /// Position of the verdict in the holder's log.
    pub(super) seq: u64,
}

/// What a process holds in memory beside its core.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) waiting: BTreeMap<u64, Waiting>,
    /// How much of the own log was published to each peer.
    pub(super) published: BTreeMap<PartyId, u64>,
    pub(super) asked: BTreeMap<LookupId, Asked>,
    pub(super) judged: Vec<Answering>,
    /// Peers that have said what they hold of the own log.
    pub(super) heard: BTreeSet<PartyId>,
}

/// A party.
pub(super) struct Party {
    pub(super) me: PartyId,
    pub(super) secrets: Arc<PartySecrets>,
    pub(super) directory: Arc<Directory>,
    pub(super) disk: SimDisk,
    pub(super) view: SimView,
    /// None while the process is down.
    pub(super) core: Option<Core>,
    pub(super) memory: Memory,
    /// How far the party's clock is from the simulation's, in microseconds.
    pub(super) skew: i64,
    /// Entries of the own log that somebody was told of.
    pub(super) told: BTreeMap<u64, Leaf>,
    /// Messages kept in the quarantine.
    pub(super) kept: usize,
    /// A copy of the disk from an earlier day, and how many own entries it has.
    pub(super) backup: Option<(SimDisk, u64)>,
    /// While the party is on such a copy: how many own entries that had.
    pub(super) old: Option<u64>,
}

type Keys = (Vec<Arc<PartySecrets>>, Arc<Directory>);

/// Keys of the parties: the same in every run, because making them takes longer than many steps.
fn keys() -> Step<Keys> {
    static KEYS: LazyLock<Result<Keys, String>> = LazyLock::new(|| {
        let mut rng = StdRng::seed_from_u64(0);
        let secrets = tongcha_domain::party::ALL.iter().map(|rules| {
            let party = rules.party.parse().map_err(|_| format!("{} is no name", rules.party))?;
            Ok(Arc::new(PartySecrets::generate(party, &mut rng)))
        });
        let secrets = secrets.collect::<Result<Vec<_>, String>>()?;
        let cards = secrets.iter().map(|secrets| secrets.card("UABC")).collect::<Result<Vec<_>, _>>();
        let directory = cards.and_then(|cards| Directory::new(&cards)).map_err(|e| e.to_string())?;
        Ok((secrets, Arc::new(directory)))
    });
    KEYS.clone().map_err(unexpected)
}

/// Makes the parties; their processes are down.
pub(super) fn parties(options: &Options) -> Step<BTreeMap<PartyId, Party>> {
    let (secrets, directory) = keys()?;
    let make = |secrets: Arc<PartySecrets>| {
        let me = secrets.party();
        let disk = match options.broken {
            Some(Broken::NoSync) => SimDisk::lying(LIES_EVERY),
            Some(
                Broken::AnswerFirst
                | Broken::UseNotSpent
                | Broken::OrderDependent
                | Broken::SkipRefused
                | Broken::WitnessForgets
                | Broken::WritesOn
                | Broken::DropsTail
                | Broken::ForgetsToErase
                | Broken::ErasesInView
                | Broken::ViewRemembers
                | Broken::ErasesTooMuch
                | Broken::RefusesLost,
            )
            | None => SimDisk::keeping(KeepsKeys::of(options.broken)),
        };
        let view = SimView::new((options.broken == Some(Broken::OrderDependent)).then_some(me));
        if options.broken == Some(Broken::ViewRemembers) {
            view.remember_erased();
        }
        let party = Party {
            me,
            secrets,
            directory: directory.clone(),
            disk,
            view,
            core: None,
            memory: Memory::default(),
            skew: 0,
            told: BTreeMap::new(),
            kept: 0,
            backup: None,
            old: None,
        };
        (me, party)
    };
    Ok(secrets.into_iter().map(make).collect())
}

impl Party {
    /// Opens a core on a disk and a view, with keys of its own drawing. `await_peers`: nothing is written before the peers
    /// have said what they hold of the log.
    pub(super) fn open_on(
        &self,
        disk: SimDisk,
        view: Box<dyn ViewStore>,
        rng: &mut StdRng,
        now: Instant,
        await_peers: bool,
    ) -> Result<Core, OpenError> {
        let (secrets, directory) = (self.secrets.clone(), self.directory.clone());
        let (disk, rng) = (Box::new(disk), StdRng::from_rng(rng));
        Core::open(CoreConfig { secrets, directory, disk, view, rng, await_peers }, now)
    }
}
