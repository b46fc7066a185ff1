//! Many seeds, with a line of progress a second.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::sim::report::Report;
use crate::sim::{Broken, Failure, Options, run};

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Runs `seeds` seeds from `first_seed` on, each of so many steps, and prints what they did. With the name of a broken
/// variant it is the other way round: all is well when the variant is caught, by the check of its own invariant.
///
/// Seeds are shared out among the cores; each run has a thread to itself.
///
/// # Errors
/// The failure of the lowest seed that failed, with the command that repeats it; or that a broken variant was not
/// caught.
pub fn main_loop(first_seed: u64, seeds: u64, steps: u64, broken: Option<&str>) -> anyhow::Result<()> {
    let broken = broken.map(variant).transpose()?;
    let options = Options { steps, broken };
    let began = Instant::now();
    let shared =
        Shared { next: AtomicU64::new(first_seed), end: first_seed.saturating_add(seeds), ..Shared::default() };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| shared.work(&options, began));
        }
    });
    let done = shared.done.into_inner().unwrap_or_else(PoisonError::into_inner);
    match (done.failures.into_iter().next(), broken) {
        (None, None) => {
            print_summary(&done.total, done.seeds, began);
            Ok(())
        }
        (None, Some(broken)) => bail!("{} was not caught within {seeds} seeds", broken.name()),
        (Some((_, failure)), None) => Err(failure.into()),
        (Some((seed, failure)), Some(broken)) if failure.invariant == Some(broken.invariant()) => {
            println!("caught with seed {seed}: {failure}");
            Ok(())
        }
        (Some((_, failure)), Some(_)) => Err(failure).context("caught, but by the check of another invariant"),
    }
}

/// What the threads share.
#[derive(Default)]
struct Shared {
    next: AtomicU64,
    end: u64,
    done: Mutex<Done>,
}

#[derive(Default)]
struct Done {
    seeds: u64,
    total: Report,
    failures: BTreeMap<u64, Box<Failure>>,
    told_at: Duration,
}

impl Shared {
    /// Runs seed after seed until there are no more, or one has failed.
    fn work(&self, options: &Options, began: Instant) {
        loop {
            let seed = self.next.fetch_add(1, Ordering::SeqCst);
            if seed >= self.end {
                return;
            }
            let result = run(seed, options);
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            done.seeds += 1;
            match result {
                Ok(report) => done.total.add(&report),
                Err(failure) => {
                    done.failures.insert(seed, failure);
                    self.next.store(self.end, Ordering::SeqCst);
                    return;
                }
            }
            if began.elapsed() - done.told_at >= TELL_EVERY {
                done.told_at = began.elapsed();
                println!("{} seeds, {}", done.seeds, rate(done.seeds, began));
            }
        }
    }
}

fn variant(name: &str) -> anyhow::Result<Broken> {
    let names = Broken::ALL.map(Broken::name).join(", ");
    Broken::from_name(name).with_context(|| format!("{name:?} can't be broken; what can: {names}"))
}

fn rate(seeds: u64, began: Instant) -> String {
    let millis = began.elapsed().as_millis().max(1);
    let tenths = u128::from(seeds) * 10_000 / millis;
    format!("{}.{} seeds/s", tenths / 10, tenths % 10)
}

fn print_summary(total: &Report, seeds: u64, began: Instant) {
    println!("{seeds} seeds, {} steps, {}: every invariant held", total.steps, rate(seeds, began));
    println!(
        "  {} entries, {} lookups answered, {} denied, {} messages refused, {} crashes",
        total.entries(),
        total.answers,
        total.denials,
        total.refused,
        total.crashes
    );
    let gates: Vec<String> = total.gates.iter().map(|(code, count)| format!("{code} {count}")).collect();
    println!("  gates: {}", gates.join(", "));
    let faults: Vec<String> = total.faults.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    println!("  faults: {}", faults.join(", "));
    let events: Vec<String> = total.events.iter().map(|(kind, count)| format!("{} {count}", kind.code())).collect();
    println!("  events: {}", events.join(", "));
}
