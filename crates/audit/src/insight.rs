//! The commands that tell what was known, what was right, who saw, what changed, and how the mechanism was used.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use tongcha_audit::indicators::{Gather, indicators};
use tongcha_audit::keys::KeySource;
use tongcha_audit::reading::Reading;
use tongcha_audit::{as_of, bundle::Bundle, diff, export, judge, keys, replay, report, who_saw};
use tongcha_domain::case::CaseRef;
use tongcha_domain::id::{OfficerId, PartyId};
use tongcha_domain::identity::Document;
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::time::{Date, Instant};

use crate::{Verify, open, print, progress};

/// Most documents of one question: a household.
const DOCUMENTS_MAX: usize = 12;

#[derive(Args)]
pub struct Replay {
    #[command(flatten)]
    verify: Verify,
    /// Whose view.
    #[arg(long, visible_alias = "knowing")]
    party: PartyId,
    /// Directory of the party's body keys, in place of the bundle's own.
    #[arg(long)]
    body_keys: Option<PathBuf>,
    /// Tells what the party could know at this moment, by its own clock: RFC 3339, such as 2026-07-01T14:32:00+08:00.
    #[arg(long, value_parser = instant)]
    as_of: Option<Instant>,
    /// Tells also what it knew of a case: batch, urgent, consent, verification, meeting or conference, a slash and the id.
    #[arg(long, value_parser = case, requires = "as_of")]
    case: Option<CaseRef>,
    /// Reads the case as this officer of the party: a conference is open to those who need to know.
    #[arg(long, default_value = "auditor", requires = "case")]
    reader: OfficerId,
}

#[derive(Args)]
pub struct Judge {
    #[command(flatten)]
    verify: Verify,
    /// Whose logs; all of which there are body keys when it is left out.
    #[arg(long = "party")]
    parties: Vec<PartyId>,
    /// Directory of the body keys of the one party named, in place of its bundle's own.
    #[arg(long, requires = "parties")]
    body_keys: Option<PathBuf>,
}

#[derive(Args)]
pub struct Diff {
    /// The bundle, exported before.
    bundle: PathBuf,
    /// Address of the running service.
    #[arg(long)]
    url: String,
    /// Token of an auditor at the service. In the environment it stays out of the list of processes.
    #[arg(long, env = "TONGCHA_AUDIT_TOKEN", hide_env_values = true)]
    token: String,
    /// The bundle to write of what the service has now: a directory that is empty or does not exist.
    #[arg(long)]
    out: PathBuf,
    /// Directory of the party's body keys; without them the view is not compared.
    #[arg(long)]
    body_keys: Option<PathBuf>,
    /// Directory of cards that the auditor trusts, in place of the bundles' own.
    #[arg(long)]
    cards: Option<PathBuf>,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["entry", "documents"]))]
pub struct WhoSaw {
    #[command(flatten)]
    verify: Verify,
    /// An entry: whose log, a slash, the position, such as zhuhai/12.
    #[arg(long, value_parser = position)]
    entry: Option<(PartyId, u64)>,
    /// A file with the documents of a person or household as a JSON list of {"kind", "number"}; - is standard input.
    /// Numbers have no place in the list of processes.
    #[arg(long)]
    documents: Option<PathBuf>,
}

#[derive(Args)]
pub struct Stats {
    #[command(flatten)]
    verify: Verify,
    /// First day that counts, by the calendar of Zhuhai and Macau.
    #[arg(long)]
    from: Option<Date>,
    /// First day that no longer counts.
    #[arg(long)]
    to: Option<Date>,
}

impl Replay {
    pub fn run(&self, json: bool) -> anyhow::Result<bool> {
        let (bundles, trusted) = open(&self.verify)?;
        let (body_keys, progress) = (self.body_keys.as_deref(), progress(&bundles, json));
        let Some(at) = self.as_of else {
            let report = replay::replay(&bundles, self.party, trusted.as_ref(), body_keys, &progress)?;
            print(json, &report, &report)?;
            return Ok(report.is_good());
        };
        let reading = Reading::new(&bundles, self.party, trusted.as_ref(), body_keys, &progress)?;
        let source = if trusted.is_some() { KeySource::Trusted } else { KeySource::Bundle };
        let reader = Actor { officer: self.reader.clone(), role: Role::Auditor, unit: "audit".parse()? };
        let case = self.case.map(|case| (case, &reader));
        let report = as_of::as_of(&reading, self.party, source, at, case)?;
        print(json, &report, &report)?;
        Ok(report.replay.findings.is_empty())
    }
}

impl Judge {
    pub fn run(&self, json: bool) -> anyhow::Result<bool> {
        let body_keys = self.body_keys.as_deref();
        anyhow::ensure!(
            body_keys.is_none() || self.parties.len() == 1,
            "--body-keys are those of one party: name it, and no other, with --party"
        );
        let (bundles, trusted) = open(&self.verify)?;
        let case = judge::Case { bundles: &bundles, trusted: trusted.as_ref(), parties: &self.parties, body_keys };
        let report = judge::judge(&case, &progress(&bundles, json))?;
        print(json, &report, &report)?;
        Ok(report.is_good())
    }
}

impl Diff {
    pub fn run(&self, json: bool) -> anyhow::Result<bool> {
        let then = Bundle::open(&self.bundle)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(export::from_service(&self.url, &self.token, then.manifest.party, &self.out))?;
        let now = Bundle::open(&self.out)?;
        let trusted = self.cards.as_deref().map(keys::trusted).transpose()?;
        let progress = progress(std::slice::from_ref(&now), json);
        let report = diff::diff(&then, &now, trusted.as_ref(), self.body_keys.as_deref(), &progress)?;
        print(json, &report, &report)?;
        Ok(report.is_good())
    }
}

impl WhoSaw {
    pub fn run(&self, json: bool) -> anyhow::Result<bool> {
        let (bundles, trusted) = open(&self.verify)?;
        let progress = progress(&bundles, json);
        if let Some(entry) = self.entry {
            let report = who_saw::entry(&bundles, trusted.as_ref(), entry, &progress)?;
            print(json, &report, &report)?;
            return Ok(report.findings.is_empty());
        }
        let path = self.documents.as_deref().context("--documents names a file")?;
        let text = match path.to_str() {
            Some("-") => std::io::read_to_string(std::io::stdin())?,
            _ => std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?,
        };
        let documents: Vec<Document> = serde_json::from_str(&text).context("the documents can't be read")?;
        anyhow::ensure!(
            (1..=DOCUMENTS_MAX).contains(&documents.len()),
            "name 1 to {DOCUMENTS_MAX} documents: a person or a household"
        );
        let report = who_saw::persons(&bundles, trusted.as_ref(), &documents, &progress)?;
        anyhow::ensure!(!report.asked.is_empty(), "no bundle holds body keys: export with --with-body-keys");
        print(json, &report, &report)?;
        Ok(report.findings.is_empty())
    }
}

impl Stats {
    pub fn run(&self, json: bool) -> anyhow::Result<bool> {
        let (bundles, trusted) = open(&self.verify)?;
        let day = |date: Option<Date>| date.and_then(Instant::local_midnight);
        let gather = Gather::period(day(self.from), day(self.to));
        let (indicators, findings) = indicators(&bundles, trusted.as_ref(), gather, &progress(&bundles, json))?;
        let report = report::Stats { indicators, findings };
        print(json, &report, &report)?;
        Ok(report.findings.is_empty())
    }
}

fn instant(text: &str) -> Result<Instant, String> {
    let parsed = text.parse::<jiff::Timestamp>().map_err(|error| error.to_string())?;
    Ok(Instant(parsed.as_microsecond()))
}

fn case(text: &str) -> Result<CaseRef, String> {
    let (kind, id) = text.split_once('/').ok_or("a kind, a slash and an id")?;
    let id = id.parse().map_err(|error| format!("{error}"))?;
    CaseRef::new(kind, id).ok_or_else(|| format!("a kind is one of {}", CaseRef::KINDS.join(", ")))
}

fn position(text: &str) -> Result<(PartyId, u64), String> {
    let (party, seq) = text.split_once('/').ok_or("a party, a slash and a position, such as zhuhai/12")?;
    Ok((party.parse().map_err(|error| format!("{error}"))?, seq.parse().map_err(|error| format!("{error}"))?))
}
