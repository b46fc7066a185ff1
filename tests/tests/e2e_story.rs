//! The scenarios S1 to S5 and S7 on real brokers and services: who does what, what each role sees and does not see.
//!
//! The stories check every step themselves; see `tongcha_testbed::story`.

use anyhow::Result;
use tongcha_testbed::cluster::{Cluster, Options};
use tongcha_testbed::parties::{MACAU, SIDES, ZHUHAI};
use tongcha_testbed::story::{
    Stage, audit, authority, cast, governance, register, s1_notice, s2_urgent, s3_mirror, s3_verification, s4_refusals,
    s4_requests, s5_overlap, s7_minor,
};
use tongcha_testbed::teller::Teller;

#[tokio::test(flavor = "multi_thread")]
async fn s1_a_routine_notice_is_disputed_corrected_and_acknowledged() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    s1_notice::tell(&stage).await?;
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn s2_an_urgent_notice_is_taken_over_and_justified() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    s2_urgent::tell(&Stage { cluster: &cluster, teller: &teller }).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_and_s4_questions_are_answered_within_a_consent_and_refused_beyond() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    register::import(&stage, MACAU, &cast::households(MACAU)?).await?;
    s3_verification::tell(&stage).await?;
    s4_refusals::tell(&stage).await?;
    s4_requests::tell(&stage).await?;
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_mirrored_macau_asks_zhuhai_and_each_clock_goes_by_its_own_calendar() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    s3_mirror::tell(&stage).await?;
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn s4b_an_ended_consent_passes_a_slow_clock_and_is_refused_at_the_holder() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    s4_requests::tell_expired(&Stage { cluster: &cluster, teller: &teller }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn s7_a_childs_letter_needs_both_parents_and_one_of_them_may_withdraw() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    register::import(&stage, MACAU, &cast::households(MACAU)?).await?;
    s7_minor::tell(&stage).await?;
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_are_imported_from_both_formats() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    let imported = register::tell(&stage, 7, 300).await?;
    anyhow::ensure!(imported.len() == SIDES.len());
    // The next import replaces the register.
    let again = register::import(&stage, MACAU, &cast::households(MACAU)?).await?;
    let counts = cluster.desk("mo.lo")?.read("/v1/register").await?;
    teller.expect_eq("households", &counts["households"], &again.households.into())?;
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_and_channels_end_and_are_renewed() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    authority::tell(&stage).await?;
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn s5_overlaps_are_found_blindly_and_nobody_is_decided_about_unheard() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    let stage = Stage { cluster: &cluster, teller: &teller };
    for side in [MACAU, ZHUHAI] {
        register::import(&stage, side, &cast::households(side)?).await?;
    }
    let run = s5_overlap::tell(&stage).await?;
    s5_overlap::a_month_later(&stage, &run).await?;
    audit::tell(&stage).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn governance_is_signed_by_all_and_a_conference_is_for_those_who_need_to_know() -> Result<()> {
    let (cluster, teller) = (Cluster::start(&Options::default()).await?, Teller::timed());
    governance::tell(&Stage { cluster: &cluster, teller: &teller }).await
}
