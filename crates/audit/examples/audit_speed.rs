//! How fast logs are verified and replayed, and in how much memory: `cargo xtask audit-speed --entries 1000000`.
//!
//! Makes the logs of three parties as one party has them, a short and a ten times longer bundle, verifies both and replays
//! the long one, with the code of `tongcha-audit verify` and `replay`. Everything is made from the seed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a measurement: what fails here ends it
#![allow(clippy::cast_precision_loss)] // counts far below 2^53

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use clap::Parser;
use indicatif::ProgressBar;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tongcha_audit::bundle::{Bundle, FORMAT, LogClaim, Manifest, checkpoint_path, log_path};
use tongcha_audit::speed::SAMPLE_ENTRIES;
use tongcha_audit::{replay, verify};
use tongcha_domain::event::{Body, Event};
use tongcha_domain::id::{BatchId, CommandKey, ConsentId, LookupId, MandateId, PartyId, RequestId};
use tongcha_domain::time;
use tongcha_ledger::body::{BodyKey, SealedBody};
use tongcha_ledger::canonical;
use tongcha_ledger::checkpoint::{LogKey, SignedCheckpoint};
use tongcha_ledger::entry::{Header, Tip, VERSION, VerifiedEntry};
use tongcha_ledger::frame::Record;
use tongcha_ledger::key::{Directory, Hex, PartyCard, PartySecrets};
use tongcha_ledger::merkle::Frontier;
use tongcha_ledger::slot::Slot;
use uuid::Uuid;

const PARTIES: [&str; 3] = ["hengqin", "macau", "zhuhai"];
/// Whose bundle it is.
const AUDITED: &str = "macau";
/// Kinds of events in the logs: the daily ones, of which each has an id of its own.
const KINDS: [&str; 6] =
    ["batch-sent", "lookup-asked", "lookup-denied", "mandate-recorded", "request-submitted", "access-recorded"];
/// How many times the comparison with signatures alone is made for the processor time, whose unit is a hundredth of a second.
const SIGNATURE_ROUNDS: u32 = 20;
/// How many times shorter the short bundle is.
const SHORTER: u64 = 10;

#[derive(Parser)]
struct Cli {
    /// Entries of the three logs together.
    #[arg(long, default_value_t = 30_000)]
    entries: u64,
    /// What everything is made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

fn secrets(name: &str) -> PartySecrets {
    PartySecrets::generate(party(name), &mut StdRng::seed_from_u64(name.len() as u64))
}

fn cards() -> Vec<PartyCard> {
    PARTIES.iter().map(|name| secrets(name).card("UABC").unwrap()).collect()
}

/// Bodies of the daily kinds, as the golden vectors have them.
fn templates() -> Vec<Body> {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../proto-schemas/v1/vectors/bodies.json")).unwrap();
    let plain = |kind: &&str| hex::decode(vectors["bodies"][*kind]["postcard"].as_str().unwrap()).unwrap();
    KINDS.iter().map(plain).map(|bytes| canonical::decode(&bytes, bytes.len()).unwrap()).collect()
}

/// A body with ids of its own, so that rows do not grow.
fn own_ids(mut body: Body, id: Uuid) -> Body {
    if let Event::BatchSent(e) = &mut body.event {
        e.batch = BatchId(id);
    } else if let Event::LookupAsked(e) = &mut body.event {
        e.lookup = LookupId(id);
    } else if let Event::LookupDenied(e) = &mut body.event {
        e.lookup = LookupId(id);
    } else if let Event::MandateRecorded(e) = &mut body.event {
        e.mandate.id = MandateId(id);
    } else if let Event::RequestSubmitted(e) = &mut body.event {
        e.request.id = RequestId(id);
        e.request.questions.iter_mut().for_each(|asked| asked.consent = ConsentId(id));
    }
    body
}

/// Writes one log entry by entry, with checkpoint and body keys; returns what the bundle lists of it.
fn write_log(dir: &Path, name: &str, entries: u64, seed: u64) -> LogClaim {
    let (origin, secrets, directory) = (party(name), secrets(name), Directory::new(&cards()).unwrap());
    let mut rng = StdRng::seed_from_u64(seed ^ name.len() as u64);
    let templates = templates();
    let file = |path: &Path| BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    let mut log = file(&log_path(&dir.join("logs"), origin));
    let mut keys = file(&dir.join("body-keys").join(format!("{origin}.keys")));
    let (mut tip, mut frontier) = (Tip::default(), Frontier::default());
    for seq in 0..entries {
        let mut body =
            own_ids(templates[usize::try_from(seq).unwrap() % templates.len()].clone(), Uuid::from_u128(rng.random()));
        if let Some(command) = &mut body.command {
            command.key = CommandKey(rng.random());
        }
        let key = BodyKey(rng.random());
        let sealed = SealedBody::seal(&body, &key).unwrap();
        let header = Header {
            version: VERSION,
            origin,
            seq,
            prev: tip.head,
            recorded_at: time::Instant(1_782_878_400_000_000 + i64::try_from(seq).unwrap() * 1_000_000),
            key_id: secrets.key_id(),
            kind: body.event.kind(),
            audience: body.event.readers().into_iter().chain([origin]).collect(),
            body_digest: sealed.digest(),
            body_len: sealed.ciphertext.len().try_into().unwrap(),
            seen: PARTIES
                .iter()
                .map(|name| party(name))
                .filter(|other| *other != origin)
                .map(|other| (other, seq))
                .collect(),
        };
        let entry = VerifiedEntry::sign(header, &secrets).unwrap();
        let readable = entry.header().audience.contains(&party(AUDITED));
        let record = Record { entry: entry.bytes().to_vec(), body: readable.then_some(sealed) };
        log.write_all(&record.to_frame().unwrap()).unwrap();
        let slot = if readable { Slot::Key(key) } else { Slot::Empty };
        keys.write_all(&slot.to_bytes()).unwrap();
        frontier.push(&entry.leaf());
        tip = Tip::after(&entry);
    }
    log.flush().unwrap();
    keys.flush().unwrap();
    let log_key = LogKey::new(&directory.party(origin).unwrap()).unwrap();
    let checkpoint = SignedCheckpoint::sign(frontier.head(), &log_key, &secrets).unwrap();
    fs::write(checkpoint_path(dir, origin), checkpoint.note().to_string()).unwrap();
    LogClaim { origin, count: tip.count, head: Hex(tip.head) }
}

fn make(dir: &Path, entries: u64, seed: u64) -> Bundle {
    for part in ["logs", "body-keys", "checkpoints", "cards"] {
        fs::create_dir_all(dir.join(part)).unwrap();
    }
    for card in cards() {
        fs::write(dir.join("cards").join(format!("{}.toml", card.party)), toml::to_string(&card).unwrap()).unwrap();
    }
    let of_each = entries / PARTIES.len() as u64;
    let logs = std::thread::scope(|scope| {
        let write = |name: &'static str| scope.spawn(move || write_log(dir, name, of_each, seed));
        let writers: Vec<_> = PARTIES.into_iter().map(write).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let manifest = Manifest { format: FORMAT, party: party(AUDITED), state_root: None, logs };
    fs::write(dir.join("bundle.toml"), toml::to_string(&manifest).unwrap()).unwrap();
    Bundle::open(dir).unwrap()
}

/// The most memory held since this was last asked, in MiB, as text; `?` where the system does not tell.
fn peak_mib() -> String {
    peak().map_or_else(|| "?".to_owned(), |mib| mib.to_string())
}

fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    fs::write("/proc/self/clear_refs", "5").ok()?;
    Some(kib / 1024)
}

/// Processor time used so far, in seconds, on all cores; none where the system does not tell. On a machine that others use
/// too it tells what the wall clock can't.
fn processor_seconds() -> Option<f64> {
    /// The unit of `/proc/self/stat`, the same on every Linux.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = |place: usize| fields.split_whitespace().nth(place)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

/// What a piece of work took of the processors, in seconds.
fn processor_time<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let before = processor_seconds().unwrap_or_default();
    let done = work();
    (done, processor_seconds().unwrap_or_default() - before)
}

fn version(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().ok();
    output.map_or_else(|| "unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn main() {
    let Cli { entries, seed } = Cli::parse();
    let dir = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let bundles =
        [entries / SHORTER, entries].map(|entries| make(&dir.path().join(entries.to_string()), entries, seed));
    println!(
        "seed {seed}, {} cores, {}, commit {}",
        tongcha_audit::cores(),
        version("rustc", &["--version"]),
        version("git", &["rev-parse", "--short", "HEAD"])
    );
    println!("made in {:.0} s", began.elapsed().as_secs_f64());
    let directory = Directory::new(&cards()).unwrap();
    let mut verified_in = 0.0;
    for bundle in &bundles {
        peak_mib();
        let one = std::slice::from_ref(bundle);
        let verify = || verify::verify(one, Some(&directory), &ProgressBar::hidden()).unwrap();
        let (mut report, spent) = processor_time(verify);
        let peak = peak_mib();
        report.measure();
        let ((), signatures) = processor_time(|| {
            (0..SIGNATURE_ROUNDS).for_each(|_| assert!(report.samples.single_core_rate().is_some()));
        });
        let signature = signatures / f64::from(SIGNATURE_ROUNDS) / SAMPLE_ENTRIES as f64;
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        let (speed, mib) = (&report.speed, bundle.log_bytes() >> 20);
        println!(
            "verified {} entries ({mib} MiB) in {:.1} s: {:.0}/s; one core alone {:.0} signatures/s, ratio {:.3}; at most {peak} MiB held",
            speed.entries,
            speed.seconds,
            speed.entries_per_second,
            speed.single_core_verifications_per_second.unwrap_or_default(),
            speed.ratio.unwrap_or_default(),
        );
        println!(
            "  processor time: {:.1} us an entry, {:.1} us a signature alone, ratio {:.3}",
            spent / speed.entries as f64 * 1e6,
            signature * 1e6,
            signature * speed.entries as f64 / spent,
        );
        verified_in = speed.seconds;
    }
    let began = Instant::now();
    let (replayed, spent) = processor_time(|| {
        replay::replay(&bundles[1..], party(AUDITED), Some(&directory), None, &ProgressBar::hidden()).unwrap()
    });
    let took = began.elapsed().as_secs_f64();
    assert!(replayed.is_good(), "{:?}", replayed.findings);
    println!(
        "replayed (and verified again) {} entries in {took:.1} s ({:.1} us of processor an entry), {} rows, root {}; at most {} MiB held",
        replayed.entries,
        spent / replayed.entries as f64 * 1e6,
        replayed.rows,
        hex::encode(replayed.state_root.0),
        peak_mib(),
    );
    println!("both together {:.1} s", verified_in + took);
}
