//! `cargo xtask`: what a newcomer and the build server run.
//!
//! - `demo` starts three parties on this machine and tells the story of the exchange, every step checked.
//! - `test` runs every check there is.
//! - `simulate` runs the parties' logic under simulated faults.
//! - `audit-speed` measures how fast long logs are verified and replayed, and in how much memory.
//!
//! It is a small program, so that it is there in seconds: it has cargo build what a task needs, in the one profile that
//! the task needs it in, and runs it.

mod cargo;
mod checks;

use std::process::ExitCode;

use anyhow::Result;
use cargo::Profile;
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
    #[command(disable_help_flag = true)]
    Demo(Rest),
    /// Check formatting, lints, all tests, and licences and advisories where the tool for it is installed.
    Test,
    /// Run the parties' logic under simulated faults.
    #[command(disable_help_flag = true)]
    Simulate(Rest),
    /// Measure how fast logs are verified and replayed: `--entries N`, `--seed N`.
    #[command(disable_help_flag = true)]
    AuditSpeed(Rest),
}

/// What is passed on; `--help` tells what there is.
#[derive(clap::Args)]
struct Rest {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    options: Vec<String>,
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Demo(Rest { options }) => {
            // Figures of programs that are not optimised mean nothing; a quick round is not for figures.
            let quick = options.iter().any(|option| option == "--quick");
            cargo::testbed(if quick { Profile::Dev } else { Profile::Release }, "demo", &options)
        }
        Task::Test => checks::run(),
        Task::Simulate(Rest { options }) => cargo::testbed(Profile::Dev, "simulate", &options),
        Task::AuditSpeed(Rest { options }) => cargo::audit_speed(&options),
    }
}
