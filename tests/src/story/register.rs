//! The registers: each party imports its own households, two from CSV and one from a workbook.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use reqwest::Method;
use rust_xlsxwriter::Workbook;
use serde_json::Value;
use tongcha_domain::identity::{Document, DocumentKey};
use tongcha_domain::register::Household;
use tongcha_node::register::write_csv;

use super::{Stage, cast};
use crate::parties::{HENGQIN, SIDES, Side};
use crate::synthetic;

const IMPORTS: &str = "/v1/register/imports";
const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What an import came to.
#[derive(Clone, Copy, Debug)]
pub struct Imported {
    /// Whose register.
    pub side: Side,
    /// Households in it.
    pub households: usize,
    /// How long the import took, from the request to the answer.
    pub took: Duration,
}

/// Tells how every party imports a register: the households of the cast and `count` synthetic ones.
///
/// # Errors
/// The first expectation that does not hold.
pub async fn tell(stage: &Stage<'_>, seed: u64, count: usize) -> Result<Vec<Imported>> {
    stage.teller.chapter("Registers: every party imports its own households; they never leave it");
    let mut imported = Vec::new();
    for side in SIDES {
        imported.push(import(stage, side, &register(side, seed, count)?).await?);
    }
    stage.cluster.settled().await?;
    for side in SIDES {
        let officer = format!("{}.lo", side.prefix);
        let register = stage.desk(&officer)?.read("/v1/register").await?;
        let expected = imported.iter().find(|one| one.side == side).map(|one| Value::from(one.households));
        stage.teller.expect_eq("households in the register", &Some(register["households"].clone()), &expected)?;
        stage.teller.sees(&officer, format!("{} households in the own register: counts only", register["households"]));
    }
    Ok(imported)
}

/// Returns a party's register: the cast and `count` synthetic households, nobody twice.
///
/// # Errors
/// Never for the sides of the test bed.
pub fn register(side: Side, seed: u64, count: usize) -> Result<Vec<Household>> {
    let cast = cast::households(side)?;
    let keys = |household: &Household| -> BTreeSet<DocumentKey> {
        let members = household.members.iter();
        members
            .flat_map(|m| std::iter::once(&m.subject.document).chain(&m.other_documents))
            .map(Document::key)
            .collect()
    };
    let taken: BTreeSet<DocumentKey> = cast.iter().flat_map(keys).collect();
    let others = synthetic::households(side.name, seed, count);
    Ok(cast.iter().cloned().chain(others.into_iter().filter(|other| keys(other).is_disjoint(&taken))).collect())
}

/// Imports households into a party's register: as a workbook in Hengqin, as CSV elsewhere.
///
/// # Errors
/// When the import is refused.
pub async fn import(stage: &Stage<'_>, side: Side, households: &[Household]) -> Result<Imported> {
    let csv = write_csv(households);
    let (bytes, kind, name) = if side == HENGQIN { (workbook(&csv)?, XLSX, "XLSX") } else { (csv, CSV, "CSV") };
    let officer = format!("{}.sa", side.prefix);
    let desk = stage.desk(&officer)?;
    let size = bytes.len() / 1024;
    let started = Instant::now();
    let reply = desk.send(desk.request(Method::POST, IMPORTS).header("content-type", kind).body(bytes)).await?;
    let took = started.elapsed();
    stage
        .teller
        .expect(&format!("the register is taken, not {}: {}", reply.status, reply.text()), reply.status == 201)?;
    let answer = reply.json();
    stage.teller.expect_eq("households imported", &answer["households"], &Value::from(households.len()))?;
    let persons: usize = households.iter().map(|household| household.members.len()).sum();
    stage.teller.expect_eq("persons imported", &answer["persons"], &Value::from(persons))?;
    let what = format!("imports {} households, {persons} persons ({name}, {size} KiB)", households.len());
    stage.teller.does(&officer, format!("{what} in {:.2} s", took.as_secs_f64()));
    Ok(Imported { side, households: households.len(), took })
}

/// Puts the cells of a CSV into a workbook, as texts.
fn workbook(csv: &[u8]) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(csv)?.trim_start_matches('\u{FEFF}');
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    for (row, cells) in (0..).zip(rows.records()) {
        for (column, cell) in (0..).zip(&cells?) {
            sheet.write_string(row, column, cell).context("a cell can't be written")?;
        }
    }
    Ok(book.save_to_buffer()?)
}

#[cfg(test)]
mod tests {
    use tongcha_node::register::{FileFormat, read_register};

    use super::*;

    #[test]
    fn both_formats_hold_the_same_register() {
        for side in SIDES {
            let households = register(side, 7, 50).unwrap();
            let csv = write_csv(&households);
            assert_eq!(read_register(&csv, FileFormat::Csv).unwrap(), households);
            let workbook = workbook(&csv).unwrap();
            assert_eq!(read_register(&workbook, FileFormat::Xlsx).unwrap(), households);
        }
    }
}
