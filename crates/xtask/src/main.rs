//! `cargo xtask`: what a newcomer and the build server run.
//!
//! - `demo` starts three parties on this machine and tells the story of the exchange, every step checked.
//! - `test` runs every check there is.
//! - `simulate` runs the parties' logic under simulated faults.

mod checks;
mod demo;
mod figures;
mod stay;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Demonstration, tests and simulation of the exchange")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start three parties with real brokers, tell the scenarios step by step, break things, audit, print figures.
    Demo(demo::Options),
    /// Check formatting, lints, all tests, and licences and advisories where the tool for it is installed.
    Test,
    /// Run the parties' logic under simulated faults.
    Simulate(Simulate),
}

#[derive(clap::Args)]
struct Simulate {
    /// How many seeds to run.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps of one run.
    #[arg(long, default_value_t = 2_000)]
    steps: u64,
    /// Break the product in a named way; the simulation must notice.
    #[arg(long = "break", value_name = "NAME")]
    broken: Option<String>,
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Demo(options) => demo::run(&options),
        Task::Test => checks::run(),
        Task::Simulate(options) => simulate(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn simulate(options: &Simulate) -> anyhow::Result<()> {
    let Simulate { seeds, seed, steps, broken } = options;
    tongcha_testbed::sim::main_loop(*seed, *seeds, *steps, broken.as_deref())
}
