//! `keys …`: the ceremonies of keys at the command line. What belongs to the root is done where the root key is, on a machine
//! without a network; files are carried between it and the service. Each command says what to do next.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use tongcha_domain::id::PartyId;
use tongcha_domain::keys::{KeyWord, SignedStatement};
use tongcha_domain::time::Date;
use tongcha_ledger::key::{KeyId, PartyCard};
use tongcha_ledger::root::statement_text;

use crate::cards::STATEMENT_EXTENSION;
use crate::clock::wall_clock;
use crate::key_file::KeyFile;
use crate::root_file::RootFile;

/// How long a signing key is used when nothing else is said: long enough that a ceremony is rare, short enough that those who
/// know how are still there.
const TERM_YEARS: i16 = 2;

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Make new keys: a secret file (mode 0600) and the card to give to the other parties.
    New {
        /// The secret file to make.
        #[arg(long)]
        out: PathBuf,
        /// The card to make.
        #[arg(long)]
        card: PathBuf,
        /// The root key; made beside the secret file, as `*.root`, when it is not there.
        #[arg(long)]
        root: Option<PathBuf>,
        /// The day by which the key is to be replaced; in two years when it is left out.
        #[arg(long)]
        not_after: Option<Date>,
    },
    /// The offline root key.
    #[command(subcommand)]
    Root(RootCommand),
    /// At the service: make the keys that come after these, and the request for the root to certify them.
    Rotate {
        /// The secret file in use.
        #[arg(long)]
        key_file: PathBuf,
        /// The secret file to make.
        #[arg(long)]
        out: PathBuf,
        /// The request to make: public, to be carried to the root.
        #[arg(long)]
        request: PathBuf,
    },
    /// At the root: certify keys that were requested, in the place of the ones before.
    Certify {
        /// The root key.
        #[arg(long)]
        root: PathBuf,
        /// The request.
        #[arg(long)]
        request: PathBuf,
        /// The key that ends when this one is added: 16 hexadecimal digits. Without it both are valid.
        #[arg(long, value_parser = parse_key)]
        replaces: Option<KeyId>,
        /// The first entry that the key may sign: how many entries the log has now.
        #[arg(long)]
        from_seq: u64,
        /// The day by which the key is to be replaced; in two years when it is left out.
        #[arg(long)]
        not_after: Option<Date>,
        /// The statement to make.
        #[arg(long)]
        out: PathBuf,
    },
    /// At the root: say that a key signs no more.
    Retire {
        /// The root key.
        #[arg(long)]
        root: PathBuf,
        /// The key: 16 hexadecimal digits.
        #[arg(long, value_parser = parse_key)]
        key: KeyId,
        /// The statement to make.
        #[arg(long)]
        out: PathBuf,
    },
    /// At the root: say that a key is in other hands.
    Compromised {
        /// The root key.
        #[arg(long)]
        root: PathBuf,
        /// The key: 16 hexadecimal digits.
        #[arg(long, value_parser = parse_key)]
        key: KeyId,
        /// The first entry that does not count: how many entries the log has, here and at every peer.
        #[arg(long)]
        cut: u64,
        /// The statement to make.
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum RootCommand {
    /// Make a root key, once, on a machine without a network.
    New {
        /// The secret file to make.
        #[arg(long)]
        out: PathBuf,
    },
}

fn parse_key(text: &str) -> Result<KeyId, String> {
    let mut id = [0; 8];
    hex::decode_to_slice(text, &mut id).map_err(|_| format!("{text} is not a key's name of 16 hexadecimal digits"))?;
    Ok(KeyId(id))
}

/// Runs a command.
pub(crate) fn run(party: PartyId, command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::New { out, card, root, not_after } => new(party, &out, &card, root, not_after),
        KeysCommand::Root(RootCommand::New { out }) => {
            let root = RootFile::create(&out, party, &mut rand::rng())?;
            println!("root key of {party}: {} (mode 0600; offline, two copies in two safes)", out.display());
            println!("public root key: {}", hex::encode(root.secret().public()));
            println!("next: keys new --root {}", out.display());
            Ok(())
        }
        KeysCommand::Rotate { key_file, out, request } => rotate(party, &key_file, &out, &request),
        KeysCommand::Certify { root, request, replaces, from_seq, not_after, out } => {
            let mut root = RootFile::read(&root, party)?;
            let text = std::fs::read_to_string(&request).with_context(|| request.display().to_string())?;
            let requested: PartyCard = toml::from_str(&text).with_context(|| request.display().to_string())?;
            if requested.party != party {
                bail!("{} is a request of {}", request.display(), requested.party);
            }
            let signed = root.sign(requested.certificate(from_seq, not_after.unwrap_or_else(term), replaces)?)?;
            write_statement(&out, &signed)?;
            println!(
                "next, at the service: put the statement into cards_dir and the new secret file in the place of the"
            );
            println!("old one, and restart. The log says the rest; peers need not do anything.");
            Ok(())
        }
        KeysCommand::Retire { root, key, out } => {
            write_statement(&out, &RootFile::read(&root, party)?.sign(KeyWord::Retired { key: key.0 })?)?;
            println!("next, at the service: put the statement into cards_dir. The log says the rest.");
            Ok(())
        }
        KeysCommand::Compromised { root, key, cut, out } => {
            write_statement(&out, &RootFile::read(&root, party)?.sign(KeyWord::Compromised { key: key.0, cut })?)?;
            println!(
                "next, now: call the other parties, and have them put the statement into their cards_dir; it counts"
            );
            println!("within seconds, without a restart. Then at the service: the same, with new keys (keys rotate).");
            Ok(())
        }
    }
}

fn new(party: PartyId, out: &Path, card: &Path, root: Option<PathBuf>, not_after: Option<Date>) -> anyhow::Result<()> {
    let path = root.unwrap_or_else(|| out.with_extension("root"));
    let made = !path.exists();
    let mut root = if made { RootFile::create(&path, party, &mut rand::rng())? } else { RootFile::read(&path, party)? };
    let request = KeyFile::create(out, party, &mut rand::rng())?;
    let certificate = root.sign(request.certificate(0, not_after.unwrap_or_else(term), None)?)?;
    let secrets = KeyFile::read(out, party)?.secrets;
    let text = toml::to_string(&secrets.rooted_card(&request.broker_user, root.secret(), &certificate)?)?;
    std::fs::write(card, text).with_context(|| format!("{} can't be written", card.display()))?;
    println!("secret keys of {party}: {} (mode 0600; back it up sealed, it can't be made again)", out.display());
    println!("card of {party}: {} (give it to the other parties; compare it by voice)", card.display());
    if made {
        println!("root key of {party}: {} (TAKE IT OFF THIS MACHINE NOW: two copies in two safes)", path.display());
    }
    println!("public root key: {}", hex::encode(root.secret().public()));
    println!("signing key: {} (name {})", hex::encode(request.signing.0), hex::encode(secrets.key_id().0));
    Ok(())
}

fn rotate(party: PartyId, key_file: &Path, out: &Path, request: &Path) -> anyhow::Result<()> {
    let former = KeyFile::read(key_file, party)?.secrets.key_id();
    let card = KeyFile::create_next(key_file, out, party, &mut rand::rng())?;
    std::fs::write(request, toml::to_string(&card)?)
        .with_context(|| format!("{} can't be written", request.display()))?;
    let former = hex::encode(former.0);
    println!("next secret keys of {party}: {} (mode 0600; not in use yet)", out.display());
    println!("request: {} (carry it to the root key; compare the key below)", request.display());
    println!("signing key: {}", hex::encode(card.signing.0));
    println!("next, at the root: keys certify --request {} --replaces {former}", request.display());
    println!("  --from-seq <entries of the own log, see /v1/status> --root … --out …");
    Ok(())
}

fn term() -> Date {
    let today = wall_clock().local_date();
    today.checked_add(jiff::Span::new().years(TERM_YEARS)).unwrap_or(Date::MAX)
}

/// Writes a statement with what it says in words above it, for who carries it.
fn write_statement(out: &Path, signed: &SignedStatement) -> anyhow::Result<()> {
    if out.extension().is_none_or(|extension| extension != STATEMENT_EXTENSION) {
        bail!("the name of a statement's file ends in .{STATEMENT_EXTENSION}: the service reads no others");
    }
    let statement = &signed.statement;
    let words = match &statement.word {
        KeyWord::Certified(one) => {
            let replaces =
                one.replaces.map_or_else(String::new, |key| format!(", in the place of {}", hex::encode(key)));
            let key = hex::encode(one.key);
            format!("{key} is a key from entry {} on{replaces}; to be replaced by {}", one.from_seq, one.not_after)
        }
        KeyWord::Retired { key } => format!("{} signs no more", hex::encode(key)),
        KeyWord::Compromised { key, cut } => {
            format!("{} is in other hands: nothing counts from entry {cut} on", hex::encode(key))
        }
    };
    let (party, serial) = (statement.party, statement.serial);
    let text = format!("# {party}, statement {serial}: {words}\n{}\n", statement_text(signed)?);
    std::fs::write(out, &text).with_context(|| format!("{} can't be written", out.display()))?;
    println!("statement: {}", out.display());
    print!("{text}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cards::read_cards;

    fn party() -> PartyId {
        "zhuhai".parse().unwrap()
    }

    #[test]
    fn a_ceremony_from_new_keys_to_a_reported_theft() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("cards")).unwrap();
        let new = KeysCommand::New { out: at("a.key"), card: at("cards/zhuhai.toml"), root: None, not_after: None };
        run(party(), new).unwrap();
        let first = KeyFile::read(&at("a.key"), party()).unwrap().secrets;
        let (_, directory) = read_cards(&at("cards")).unwrap();
        assert_eq!(directory.party(party()).unwrap().key_id(), first.key_id());
        assert!(directory.not_after(party()).unwrap() > wall_clock().local_date());
        let rotate = KeysCommand::Rotate { key_file: at("a.key"), out: at("b.key"), request: at("b.request") };
        run(party(), rotate).unwrap();
        let second = KeyFile::read(&at("b.key"), party()).unwrap();
        assert_eq!(second.secrets.sealing().len(), 2, "what was sealed before still opens");
        let certify = |out: &str| KeysCommand::Certify {
            root: at("a.root"),
            request: at("b.request"),
            replaces: Some(first.key_id()),
            from_seq: 12,
            not_after: None,
            out: at(out),
        };
        assert!(run(party(), certify("cards/b.toml")).is_err(), "it would be taken for a card");
        run(party(), certify("cards/b.statement")).unwrap();
        let (_, directory) = read_cards(&at("cards")).unwrap();
        let known = directory.key(party(), second.secrets.key_id()).unwrap();
        assert_eq!((known.from_seq, known.cut), (12, None));
        let stolen = KeysCommand::Compromised {
            root: at("a.root"),
            key: first.key_id(),
            cut: 12,
            out: at("cards/stolen.statement"),
        };
        run(party(), stolen).unwrap();
        let (_, directory) = read_cards(&at("cards")).unwrap();
        assert_eq!(directory.key(party(), first.key_id()).unwrap().cut, Some(12));
        let serials: Vec<_> = directory.statements(party()).iter().map(|signed| signed.statement.serial).collect();
        assert_eq!(serials, [1, 3, 4], "the certificate that could not be written has used up a number");
    }

    #[test]
    fn a_card_without_a_root_is_refused_by_the_service() {
        let dir = tempfile::tempdir().unwrap();
        let card = KeyFile::create(&dir.path().join("a.key"), party(), &mut rand::rng()).unwrap();
        std::fs::write(dir.path().join("zhuhai.toml"), toml::to_string(&card).unwrap()).unwrap();
        let refused = read_cards(dir.path()).unwrap_err();
        assert!(matches!(refused, crate::cards::CardsError::NoRoot(_)), "{refused}");
    }
}
