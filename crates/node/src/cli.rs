//! The command line of a party's program. The party is compiled in; everything else is given.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tongcha_domain::id::{OfficerId, PartyId, UnitId};
use tongcha_domain::officer::Role;
use tongcha_domain::party::rules_of;
use tracing_subscriber::EnvFilter;

use crate::cards::read_cards;
use crate::config::Config;
use crate::key_cli;
use crate::key_file::KeyFile;
use crate::nats::{BrokerConfigOptions, broker_config};
use crate::officers::Officers;
use crate::recovery::RecoverOptions;

#[derive(Parser)]
#[command(version, about = "One party's service of the social-assistance information exchange (通查)")]
struct Cli {
    #[command(subcommand)]
    command: CliCommand,
}

#[derive(Subcommand)]
enum CliCommand {
    /// Serve until SIGTERM.
    Run {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
        /// Write without waiting for a peer's word that the log is complete: for the very first start, or when no peer can
        /// be reached and this disk is surely the newest. On an older copy of the disk this forks the log for ever.
        #[arg(long)]
        without_peers: bool,
    },
    /// Restore the party's logs after a disk was lost, damaged or rolled back. The service must be stopped.
    Recover(RecoverArguments),
    /// Make the party's keys, replace them, report them stolen.
    #[command(subcommand)]
    Keys(key_cli::KeysCommand),
    /// Enrol, list or remove officers.
    #[command(subcommand)]
    Officer(OfficerCommand),
    /// Print the nats-server configuration for this party's broker, made from the cards.
    BrokerConfig {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
        /// Where the broker listens.
        #[arg(long)]
        listen: SocketAddr,
        /// Where the broker stores its streams.
        #[arg(long)]
        store: PathBuf,
        /// Where the broker's monitoring listens; loopback only.
        #[arg(long)]
        monitor: Option<SocketAddr>,
        /// Certificate of the broker (PEM); needed beyond loopback.
        #[arg(long, requires = "tls_key")]
        tls_cert: Option<PathBuf>,
        /// Key of that certificate (PEM).
        #[arg(long, requires = "tls_cert")]
        tls_key: Option<PathBuf>,
    },
}

#[derive(Args)]
struct RecoverArguments {
    /// The party's configuration.
    #[arg(long)]
    config: PathBuf,
    /// Ask every peer for what it holds of our log.
    #[arg(long, required_unless_present = "from")]
    from_peers: bool,
    /// A copy of the data directory, or an export made anywhere, that holds entries or bodies. Can be given again.
    #[arg(long)]
    from: Vec<PathBuf>,
    /// A peer that is not to be asked, because it can't be reached. What only it holds is not restored.
    #[arg(long, requires = "from_peers")]
    without: Vec<PartyId>,
}

#[derive(Subcommand)]
enum OfficerCommand {
    /// Enrol an officer; prints the bearer token, which is shown only now.
    Add {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
        /// Name, such as zh.cw.test.
        #[arg(long)]
        id: OfficerId,
        /// Role: LO, CW, RV, DO, SW, GR, HO, BK, FN, SEC, AU, DP, SU or SA.
        #[arg(long, value_parser = parse_role)]
        role: Role,
        /// Org unit, such as xiangzhou.
        #[arg(long)]
        unit: UnitId,
    },
    /// List officers: name, role, unit.
    List {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
    },
    /// Remove an officer; the token is refused from now on.
    Remove {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
        /// Name.
        #[arg(long)]
        id: OfficerId,
    },
}

fn parse_role(text: &str) -> Result<Role, String> {
    serde_json::from_value(text.into()).map_err(|_| format!("{text} is no role"))
}

/// Runs the program of a party.
#[must_use]
pub fn main(party: &str) -> ExitCode {
    let cli = Cli::parse();
    let party: PartyId = match party.parse() {
        Ok(party) if rules_of(party).is_some() => party,
        Ok(_) | Err(_) => {
            eprintln!("error: {party} is no party to this exchange");
            return ExitCode::from(2);
        }
    };
    let result = match cli.command {
        CliCommand::Run { config, without_peers } => run(&config, party, without_peers),
        CliCommand::Recover(arguments) => recover(party, arguments),
        CliCommand::Keys(command) => key_cli::run(party, command),
        CliCommand::Officer(command) => officer(party, command),
        CliCommand::BrokerConfig { config, listen, store, monitor, tls_cert, tls_key } => {
            let options = BrokerConfigOptions { listen, monitor, store, tls: tls_cert.zip(tls_key) };
            print_broker_config(party, &config, &options)
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn recover(party: PartyId, arguments: RecoverArguments) -> anyhow::Result<()> {
    let RecoverArguments { config, from_peers, from, without } = arguments;
    let options = RecoverOptions { from_peers, copies: from, without: without.into_iter().collect() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(crate::recovery::recover(&config, party, &options))
}

fn run(config: &Path, party: PartyId, without_peers: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.init();
    } else {
        builder.json().init();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(crate::run::run(config, party, without_peers));
    if let Err(error) = &result {
        tracing::error!("{error:#}");
    }
    result
}

fn officers(config: &Path, party: PartyId) -> anyhow::Result<Officers> {
    let config = Config::read(config, party)?;
    let keys = KeyFile::read(&config.key_file, party)?;
    Ok(Officers::new(&config.data_dir, keys.officer_tokens))
}

fn officer(party: PartyId, command: OfficerCommand) -> anyhow::Result<()> {
    match command {
        OfficerCommand::Add { config, id, role, unit } => {
            let token = officers(&config, party)?.enrol(id, role, unit, &mut rand::rng())?;
            println!("{}", *token);
        }
        OfficerCommand::List { config } => {
            for officer in officers(&config, party)?.read()? {
                let role = serde_json::to_value(officer.role)?;
                println!("{}\t{}\t{}", officer.officer, role.as_str().unwrap_or_default(), officer.unit);
            }
        }
        OfficerCommand::Remove { config, id } => officers(&config, party)?.remove(&id)?,
    }
    Ok(())
}

fn print_broker_config(party: PartyId, config: &Path, options: &BrokerConfigOptions) -> anyhow::Result<()> {
    let config = Config::read(config, party)?;
    let (cards, _) = read_cards(&config.cards_dir)?;
    print!("{}", broker_config(party, &cards, options));
    Ok(())
}
