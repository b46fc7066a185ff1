//! A stolen key: its thief at work beside the owner, the report by file and by log, and a thief who was quicker.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tongcha_node::nats::Names;
use tongcha_testbed::ceremony::Ceremony;
use tongcha_testbed::client::{Desk, http};
use tongcha_testbed::cluster::{Cluster, DELIVERY_MAX, Options};
use tongcha_testbed::figures::metric;
use tongcha_testbed::hostile::{Intruder, forged_after};
use tongcha_testbed::parties::{HENGQIN, MACAU, Side, ZHUHAI};
use tongcha_testbed::ports::FreePort;
use tongcha_testbed::process::Daemon;
use tongcha_testbed::story::cast::CHAN;
use tongcha_testbed::story::s3_verification::{Granted, LOOKUPS, lookup};
use tongcha_testbed::story::{Stage, array, audit, s2_urgent};
use tongcha_testbed::teller::Teller;
use tongcha_testbed::wait;

use super::seen::{
    PEERS, all_work, asks_macau, auditor, certify_next, check_of, consent, copy_dir, first_cards, key_at, key_metric,
    log_at, no_complaint, receipt_of, until_check, until_key, witnesses,
};

/// A thief of Zhuhai's disk and key file, with a service of the own.
struct Thief {
    dir: PathBuf,
    service: Option<Daemon>,
    url: String,
}

impl Thief {
    /// Takes a copy. The service may run or not.
    fn steal(cluster: &Cluster) -> Result<Self> {
        let dir = cluster.root().join("thief");
        copy_dir(&cluster.home(ZHUHAI)?.dir, &dir)?;
        Ok(Self { dir, service: None, url: String::new() })
    }

    fn key_file(&self) -> PathBuf {
        self.dir.join("zhuhai.key")
    }

    /// Goes on in Zhuhai's name, at Zhuhai's broker.
    async fn start(&mut self, cluster: &Cluster) -> Result<()> {
        let (config, port) = (self.dir.join("config.toml"), FreePort::find()?);
        let own = cluster.url(ZHUHAI)?.replace("http://", "");
        let text = std::fs::read_to_string(&config)?.replace(&own, &port.address().to_string());
        std::fs::write(&config, text)?;
        self.url = format!("http://{}", port.release());
        let mut command = Command::new(cluster.binaries().service(ZHUHAI));
        command.arg("run").arg("--config").arg(&config);
        let mut service = Daemon::spawn("the thief's service", &mut command, &self.dir.join("thief.log"))?;
        let desk = self.desk(cluster)?;
        wait::until("the thief's service answers", DELIVERY_MAX, async || {
            service.check_alive()?;
            Ok(desk.get("/v1/status").await.ok().filter(|reply| reply.status == 200).map(drop))
        })
        .await?;
        self.service = Some(service);
        Ok(())
    }

    fn desk(&self, cluster: &Cluster) -> Result<Desk> {
        let token = cluster.desk("zh.ho")?.token().to_owned();
        Ok(Desk::new(http()?, self.url.clone(), "a thief".to_owned(), token))
    }

    /// Exports the thief's log as whoever shows it to an auditor would.
    fn bundle(&mut self, cluster: &Cluster, cards: &Path) -> Result<PathBuf> {
        if let Some(service) = self.service.take() {
            service.kill();
        }
        let out = self.dir.join("bundle");
        let (data, party) = (self.dir.join("data"), ["export", "--party", "zhuhai"]);
        let paths = [Path::new("--data"), &data, Path::new("--cards"), cards, Path::new("--out"), &out];
        let (code, said) = auditor(cluster, &party, &paths)?;
        ensure!(code == Some(0), "{said}");
        Ok(out)
    }
}

/// How many messages a party has refused for their key.
async fn refused_keys(cluster: &Cluster, at: Side) -> Result<f64> {
    let text = cluster.open_path(at, "/metrics").await?.text();
    Ok(metric(&text, "tongcha_quarantined_total", "reason=\"key\""))
}

async fn until_refused(cluster: &Cluster, at: Side, more_than: f64) -> Result<()> {
    let what = format!("{} refuses an entry for its key", at.name);
    wait::until(&what, DELIVERY_MAX, async || Ok((refused_keys(cluster, at).await? > more_than).then_some(()))).await
}

/// Step 1 of section 5.2: what everybody has of Zhuhai's log, and the key that was stolen.
async fn stop_and_count(stage: &Stage<'_>, ceremony: &mut Ceremony<'_>) -> Result<BTreeMap<Side, u64>> {
    let stolen = key_at(stage.cluster, ZHUHAI).await?;
    let mut counts = BTreeMap::from([(ZHUHAI, stage.cluster.count(ZHUHAI, ZHUHAI.name).await?)]);
    ceremony.run("5.2", 0, ZHUHAI).await?;
    for peer in PEERS {
        counts.insert(peer, stage.cluster.count(peer, ZHUHAI.name).await?);
    }
    ceremony.note("STOLEN", stolen);
    Ok(counts)
}

/// Steps 4 and 5 of section 5.2.
async fn go_on_with_a_new_key(stage: &Stage<'_>, ceremony: &mut Ceremony<'_>, cut: u64) -> Result<String> {
    certify_next(ceremony, cut.to_string()).await?;
    ceremony.run("5.2", 4, ZHUHAI).await?;
    let now = key_at(stage.cluster, ZHUHAI).await?;
    for peer in PEERS {
        until_key(stage.cluster, peer, &now).await?;
        until_check(stage.cluster, peer, "key:zhuhai", true, "good until").await?;
        ensure!(log_at(stage.cluster, peer, ZHUHAI).await?["forked"] == false, "the owner's log is no fork");
    }
    let kinds = [cut, cut + 1].map(|seq| format!("/v1/entries/zhuhai/{seq}"));
    let auditor = stage.desk("mo.au")?;
    for (path, kind) in kinds.iter().zip(["key-added", "key-compromised"]) {
        let entry = wait::until(path, DELIVERY_MAX, async || {
            let reply = auditor.get(path).await?;
            Ok((reply.status == 200).then(|| reply.json()))
        })
        .await?;
        ensure!(entry["kind"] == kind, "{path}: {entry}");
    }
    Ok(now)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theft_reported_by_file_shuts_the_thief_out_of_running_services_at_the_cut() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let mut ceremony = Ceremony::begin(&cluster, ZHUHAI)?;
    let (old_cards, granted) = (first_cards(&cluster)?, consent(&stage).await?);
    all_work(&stage).await?;
    let witnessed = receipt_of(&stage, MACAU, 0).await?;

    let counts = stop_and_count(&stage, &mut ceremony).await?;
    let mut thief = Thief::steal(&cluster)?;
    let cut = counts[&ZHUHAI];
    ensure!(counts.values().all(|count| *count == cut), "nobody has more: {counts:?}");
    ceremony.note("CUT", cut.to_string());
    ceremony.run("5.2", 2, ZHUHAI).await?;
    for peer in PEERS {
        half_written_and_junk(&cluster, &ceremony, peer).await?;
        ceremony.run("5.2", 3, peer).await?;
        until_check(&cluster, peer, "key:zhuhai", false, "reported stolen").await?;
        no_complaint(&cluster, peer).await?;
    }
    thief.start(&cluster).await?;
    for number in 0..3 {
        let took = thief.desk(&cluster)?.command("/v1/urgent", &s2_urgent::notice(&["macau", "hengqin"])?).await?;
        ensure!(took.seq >= cut, "entry {number} of the thief follows the owner's");
    }
    for peer in PEERS {
        until_refused(&cluster, peer, 0.0).await?;
        ensure!(
            cluster.count(peer, ZHUHAI.name).await? == cut,
            "nothing of the thief's was taken, nothing of the owner's lost"
        );
        ensure!(key_metric(&cluster, peer, "tongcha_key_alarm").await? > 0.0);
        teller.sees(&format!("{}.sa", peer.prefix), format!("{} refusals", refused_keys(&cluster, peer).await?));
    }
    // The auditor: without the report nobody can tell; with it, the first that is refused is named, and those before verify.
    let bundle = thief.bundle(&cluster, &old_cards)?;
    ensure!(auditor(&cluster, &["verify"], &[&bundle])?.0 == Some(0), "without the report");
    let with_report = cluster.home(HENGQIN)?.cards();
    let (code, report) = auditor(&cluster, &["verify"], &[&bundle, Path::new("--cards"), &with_report])?;
    let first = array(&report, "findings")?.iter().find(|one| one["origin"] == "zhuhai").context("a finding")?;
    ensure!(code == Some(1) && first["code"] == "KEY_NOT_VALID" && first["seq"] == cut, "{report}");
    let log = array(&report, "logs")?.iter().find(|log| log["origin"] == "zhuhai").context("a log")?;
    ensure!(log["entries"] == cut, "earlier ones verify: {report}");

    go_on_with_a_new_key(&stage, &mut ceremony, cut).await?;
    all_work(&stage).await?;
    printed_again(&stage, &granted).await?;
    ensure!(
        witnesses(&cluster, &witnessed, &with_report)? != Some(2),
        "a cosignature under a stolen key counts for nothing"
    );
    for peer in PEERS {
        // The log says it now, so the file is not needed any more.
        std::fs::remove_file(cluster.home(peer)?.cards().join("stolen.statement"))?;
        cluster.stop_service(peer)?;
        cluster.start_service(peer).await?;
        no_complaint(&cluster, peer).await?;
    }
    all_work(&stage).await?;
    audit::tell(&stage).await.map(drop)
}

/// A report that arrives in pieces or torn changes nothing, and is complained of as long as it lies there.
async fn half_written_and_junk(cluster: &Cluster, ceremony: &Ceremony<'_>, at: Side) -> Result<()> {
    let whole = std::fs::read_to_string(ceremony.stick().join("stolen.statement"))?;
    let torn = cluster.home(at)?.cards().join("torn.statement");
    std::fs::write(&torn, whole.get(..whole.len() - 9).context("a long text")?)?;
    until_check(cluster, at, "statements", false, "torn.statement: not a statement of a root key").await?;
    ensure!(check_of(cluster, at, "key:zhuhai").await?.0, "it changes nothing");
    let text = cluster.open_path(at, "/metrics").await?.text();
    ensure!(metric(&text, "tongcha_statement_alarms", "") > 0.0, "{text}");
    std::fs::remove_file(torn)?;
    no_complaint(cluster, at).await
}

/// What a caseworker sees of a token under a stolen key, and what to do.
async fn printed_again(stage: &Stage<'_>, granted: &Granted) -> Result<()> {
    let desk = stage.desk("zh.cw")?;
    let body = lookup("macau", Some(&granted.token), CHAN, &["inc.assist"])?;
    let problem = desk.refused(LOOKUPS, &body, "KEY_COMPROMISED").await?;
    stage.teller.refusal("zh.cw", &problem);
    let says =
        |language: &str, words: &str| problem.text.get(language).is_some_and(|text| text.next_step.contains(words));
    ensure!(says("en", "print the token again"), "{problem:?}");
    ensure!(says("zh-Hans", "重新打印") && says("zh-Hant", "重新列印"), "{problem:?}");
    let again = desk.read_for(&format!("/v1/consents/{}/token", granted.id), "the key was stolen").await?;
    asks_macau(stage, again["token"].as_str().context("a token")?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theft_reported_by_the_log_alone_shuts_the_thief_out_too() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let mut ceremony = Ceremony::begin(&cluster, ZHUHAI)?;
    all_work(&stage).await?;
    let counts = stop_and_count(&stage, &mut ceremony).await?;
    let thief = Thief::steal(&cluster)?;
    let cut = counts[&ZHUHAI];
    ceremony.note("CUT", cut.to_string());
    ceremony.run("5.2", 2, ZHUHAI).await?;
    go_on_with_a_new_key(&stage, &mut ceremony, cut).await?;
    all_work(&stage).await?;

    // The thief contradicts what the owner wrote since, and then signs what would come next.
    let broker = Intruder::connect(&cluster, ZHUHAI, ZHUHAI).await?;
    let now = cluster.home(ZHUHAI)?.data().join("journal/zhuhai.log");
    let forks = forged_after(&thief.key_file(), &thief.dir.join("data/journal/zhuhai.log"), ZHUHAI, 2)?;
    let next = forged_after(&thief.key_file(), &now, ZHUHAI, 2)?;
    for peer in PEERS {
        let subject = Names::entry(ZHUHAI.party()?, peer.party()?, 1);
        for forged in forks.iter().chain(&next) {
            let (before, count) = (refused_keys(&cluster, peer).await?, cluster.count(peer, ZHUHAI.name).await?);
            broker.publish(&subject, forged).await?;
            until_refused(&cluster, peer, before).await?;
            ensure!(cluster.count(peer, ZHUHAI.name).await? == count, "{} took an entry of the thief", peer.name);
            ensure!(log_at(&cluster, peer, ZHUHAI).await?["forked"] == false, "the owner did not fork");
        }
    }
    all_work(&stage).await?;
    for peer in PEERS {
        ensure!(log_at(&cluster, peer, ZHUHAI).await?["halted"].is_null(), "the owner's log goes on");
    }
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_thief_got_accepted_stays_and_the_cut_comes_after_it() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let mut ceremony = Ceremony::begin(&cluster, ZHUHAI)?;
    all_work(&stage).await?;
    let home = cluster.home(ZHUHAI)?;
    // The thief is quicker: one entry is taken by Macau, and nobody can tell.
    let broker = Intruder::connect(&cluster, ZHUHAI, ZHUHAI).await?;
    let before = cluster.count(ZHUHAI, ZHUHAI.name).await?;
    let forged = forged_after(&home.key_file(), &home.data().join("journal/zhuhai.log"), ZHUHAI, 1)?;
    broker.publish(&Names::entry(ZHUHAI.party()?, MACAU.party()?, 1), &forged[0]).await?;
    wait::until("Macau has taken it", DELIVERY_MAX, async || {
        Ok((cluster.count(MACAU, ZHUHAI.name).await? == before + 1).then_some(()))
    })
    .await?;

    let counts = stop_and_count(&stage, &mut ceremony).await?;
    ensure!((counts[&ZHUHAI], counts[&MACAU], counts[&HENGQIN]) == (before, before + 1, before), "{counts:?}");
    // A cut that would take it back is not taken up where it was accepted; the words say which is.
    ceremony.note("CUT", before.to_string());
    ceremony.run("5.2", 2, ZHUHAI).await?;
    ceremony.run("5.2", 3, MACAU).await?;
    until_check(&cluster, MACAU, "key:zhuhai", false, &format!("name a cut of {} or more", before + 1)).await?;

    ceremony.run("5.2", 1, ZHUHAI).await?;
    let cut = before + 1;
    ceremony.note("CUT", cut.to_string());
    ceremony.run("5.2", 2, ZHUHAI).await?;
    for peer in PEERS {
        ceremony.run("5.2", 3, peer).await?;
        until_check(&cluster, peer, "key:zhuhai", false, "reported stolen").await?;
        no_complaint(&cluster, peer).await?;
    }
    go_on_with_a_new_key(&stage, &mut ceremony, cut).await?;
    all_work(&stage).await?;
    ensure!(cluster.count(HENGQIN, ZHUHAI.name).await? == cluster.count(MACAU, ZHUHAI.name).await?);
    audit::tell(&stage).await.map(drop)
}
