//! The program behind `cargo xtask demo` and `cargo xtask simulate`.

mod demo;
mod figures;
mod stay;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "tongcha-testbed", bin_name = "cargo xtask", about = "Demonstration and simulation of the exchange")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start three parties with real brokers, tell the scenarios step by step, break things, audit, print figures.
    Demo(demo::Options),
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
        Task::Simulate(Simulate { seeds, seed, steps, broken }) => {
            tongcha_testbed::sim::main_loop(seed, seeds, steps, broken.as_deref())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
