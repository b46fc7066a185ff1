//! `tongcha-audit`: exports, verifies, judges and replays signed logs.
//!
//! Exit codes: 0 all is well, 1 a finding, 2 wrong usage or something that can't be read.

mod insight;

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tongcha_audit::bundle::Bundle;
use tongcha_audit::report::Exported;
use tongcha_audit::{check_token, events, export, keys, receipt, verify};
use tongcha_domain::id::PartyId;
use tongcha_domain::time::Instant;
use tongcha_ledger::key::Directory;

/// Audits the logs of the exchange, offline: nothing here trusts a service.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Prints one JSON object instead of text.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a bundle from a party's data directory or its running service; or from a bundle its events for other languages.
    Export(Export),
    /// Verifies frames, signatures, chain, form and bodies of every log, and that copies of a log are one log.
    Verify(Verify),
    /// Folds a party's view from the logs and its body keys, and compares the state root; or tells what the party could
    /// know at a moment.
    Replay(insight::Replay),
    /// Judges every decision again, with the state its writer had seen: what is properly signed and wrong is found.
    Judge(insight::Judge),
    /// Compares a running service with a bundle exported from it before, and its view with its logs.
    Diff(insight::Diff),
    /// Tells which parties had an entry and since when, or which officers looked at a person.
    WhoSaw(insight::WhoSaw),
    /// Computes the pilot report's indicators: counts, reply times, what was late, refusals by reason, corrections.
    Stats(insight::Stats),
    /// Makes the receipt of an entry from a bundle: entry, inclusion proof and witnessed checkpoint in one text.
    Prove(Prove),
    /// Checks a receipt offline, with nothing but the parties' cards.
    CheckReceipt(CheckReceipt),
    /// Checks a printed consent token offline, with the parties' cards: who signed what. Revocation can't be known so.
    CheckToken(CheckToken),
}

#[derive(Args)]
struct CheckToken {
    /// Directory of the parties' cards.
    #[arg(long)]
    cards: PathBuf,
    /// The token's text, as its QR code holds it.
    token: String,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["data", "url", "bundle"]))]
struct Export {
    /// A bundle, or from one the events of all its logs.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// A bundle, to export its events.
    #[arg(long)]
    bundle: Option<PathBuf>,
    /// The party's data directory; best of a service that is stopped.
    #[arg(long, requires = "cards")]
    data: Option<PathBuf>,
    /// Address of the party's running service, such as http://127.0.0.1:8080.
    #[arg(long, requires = "token")]
    url: Option<String>,
    /// Token of an auditor at the service. In the environment it stays out of the list of processes.
    #[arg(long, env = "TONGCHA_AUDIT_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The party; of a bundle it is known.
    #[arg(long, required_unless_present = "bundle", conflicts_with = "bundle")]
    party: Option<PartyId>,
    /// Directory of the parties' cards, for --data; a service sends its own. With --bundle: cards that the auditor trusts.
    #[arg(long, conflicts_with = "url")]
    cards: Option<PathBuf>,
    /// Directory of the party's body keys, in place of the bundle's own.
    #[arg(long, requires = "bundle")]
    body_keys: Option<PathBuf>,
    /// The bundle: a directory that is empty or does not exist. For events: a file that does not exist.
    #[arg(long)]
    out: PathBuf,
    /// Includes the keys that open the bodies; from a data directory only.
    #[arg(long, conflicts_with_all = ["url", "bundle"])]
    with_body_keys: bool,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    Bundle,
    Jsonl,
    Protobuf,
}

#[derive(Args)]
struct Verify {
    /// The bundles.
    #[arg(required = true)]
    bundles: Vec<PathBuf>,
    /// Directory of cards that the auditor trusts, in place of the bundles' own.
    #[arg(long)]
    cards: Option<PathBuf>,
}

#[derive(Args)]
struct Prove {
    /// The bundle.
    bundle: PathBuf,
    /// Whose log.
    #[arg(long)]
    origin: PartyId,
    /// The entry's position in it.
    #[arg(long)]
    seq: u64,
    /// Directory of cards that the auditor trusts, in place of the bundle's own.
    #[arg(long)]
    cards: Option<PathBuf>,
}

#[derive(Args)]
struct CheckReceipt {
    /// The receipt; standard input when it is left out.
    receipt: Option<PathBuf>,
    /// Directory of the parties' cards.
    #[arg(long)]
    cards: PathBuf,
    /// How many other parties must have witnessed it; all of them when it is left out.
    #[arg(long)]
    witnesses: Option<usize>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

// Tells whether all is well.
fn run(cli: &Cli) -> anyhow::Result<bool> {
    match &cli.command {
        Command::Export(args) => match (args.format, &args.bundle, args.party) {
            (Format::Bundle, None, Some(party)) => run_export(args, party, cli.json),
            (Format::Jsonl, Some(bundle), _) => run_events(args, bundle, events::EventForm::Jsonl, cli.json),
            (Format::Protobuf, Some(bundle), _) => run_events(args, bundle, events::EventForm::Protobuf, cli.json),
            _ => anyhow::bail!("--format jsonl and protobuf need --bundle; a bundle needs --party and --data or --url"),
        },
        Command::Verify(args) => {
            let (bundles, trusted) = open(args)?;
            let mut report = verify::verify(&bundles, trusted.as_ref(), &progress(&bundles, cli.json))?;
            report.measure();
            print(cli.json, &report, &report)?;
            Ok(report.findings.is_empty())
        }
        Command::Replay(args) => args.run(cli.json),
        Command::Judge(args) => args.run(cli.json),
        Command::Diff(args) => args.run(cli.json),
        Command::WhoSaw(args) => args.run(cli.json),
        Command::Stats(args) => args.run(cli.json),
        Command::Prove(args) => {
            let bundle = Bundle::open(&args.bundle)?;
            let directory = match &args.cards {
                Some(cards) => keys::trusted(cards)?,
                None => keys::registered(&bundle).0,
            };
            let receipt = receipt::prove(&bundle, args.origin, args.seq, &directory)?.to_string();
            print(cli.json, &receipt, &serde_json::json!({ "receipt": receipt }))?;
            Ok(true)
        }
        Command::CheckReceipt(args) => {
            let text = match &args.receipt {
                Some(path) => std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?,
                None => std::io::read_to_string(std::io::stdin())?,
            };
            let directory = keys::trusted(&args.cards)?;
            let others = directory.parties().count().saturating_sub(1);
            let report = receipt::check(&text, &directory, args.witnesses.unwrap_or(others));
            print(cli.json, &report, &report)?;
            Ok(report.good)
        }
        Command::CheckToken(args) => {
            let report = check_token::check(&args.token, &keys::trusted(&args.cards)?, now()?);
            print(cli.json, &report, &report)?;
            Ok(report.is_good())
        }
    }
}

// This machine's clock: a term is the only thing here that is judged by the time.
fn now() -> anyhow::Result<Instant> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(Instant(i64::try_from(since.as_micros())?))
}

fn run_export(args: &Export, party: PartyId, json: bool) -> anyhow::Result<bool> {
    let (manifest, excesses) = match (&args.data, &args.url) {
        (Some(data), _) => {
            let cards = args.cards.as_deref().context("--data needs --cards")?;
            export::from_data(data, party, cards, &args.out, args.with_body_keys)?
        }
        (None, url) => {
            let (url, token) = url.as_deref().zip(args.token.as_deref()).context("--url needs --token")?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            (runtime.block_on(export::from_service(url, token, party, &args.out))?, Vec::new())
        }
    };
    let as_json = serde_json::json!({ "bundle": args.out, "manifest": manifest, "excess": excesses });
    print(json, &Exported { manifest: &manifest, excesses: &excesses }, &as_json)?;
    Ok(excesses.iter().all(|excess| excess.torn))
}

fn run_events(args: &Export, bundle: &Path, form: events::EventForm, json: bool) -> anyhow::Result<bool> {
    let (trusted, bundle) = (args.cards.as_deref().map(keys::trusted).transpose()?, Bundle::open(bundle)?);
    // Whoever may open the bodies may read this file, nobody else on the machine.
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&args.out).with_context(|| format!("{}", args.out.display()))?;
    let mut out = std::io::BufWriter::new(file);
    let report = events::export(&bundle, form, trusted.as_ref(), args.body_keys.as_deref(), &mut out)?;
    print(json, &report, &report)?;
    Ok(report.findings.is_empty())
}

fn open(args: &Verify) -> anyhow::Result<(Vec<Bundle>, Option<Directory>)> {
    let bundles = args.bundles.iter().map(|path| Bundle::open(path)).collect::<Result<_, _>>()?;
    Ok((bundles, args.cards.as_deref().map(keys::trusted).transpose()?))
}

fn print(json: bool, text: &dyn Display, object: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, object)?;
        writeln!(out)?;
    } else {
        write!(out, "{text}")?;
    }
    Ok(())
}

// By bytes: how many entries there are is not known before they are read.
fn progress(bundles: &[Bundle], json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(bundles.iter().map(Bundle::log_bytes).sum());
    let template = "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    ProgressStyle::with_template(template).map_or(bar.clone(), |style| bar.with_style(style))
}
