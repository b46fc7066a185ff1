//! Whole files: the samples, a mistake of each kind, hostile workbooks, and what is written read back.

use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use tongcha_domain::identity::{Document, DocumentError, DocumentKind, Subject};
use tongcha_domain::money::{Currency, Money};
use tongcha_domain::name::PersonName;
use tongcha_domain::register::{Assistance, MEMBERS_MAX, Member};
use tongcha_domain::text::Short;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::header::TableColumn as _;
use super::*;

const ZHUHAI: &[u8] = include_bytes!("../../../../tests/data/register/sample-zhuhai.csv");
const MACAU: &[u8] = include_bytes!("../../../../tests/data/register/sample-macau.csv");
const MACAU_XLSX: &[u8] = include_bytes!("../../../../tests/data/register/sample-macau.xlsx");
const BAD_ROWS: &[u8] = include_bytes!("../../../../tests/data/register/bad-rows.csv");

/// Problems as tests state them: row, column, reason.
type Stated = (Option<u64>, Option<String>, Reason);

fn stated(report: &ImportReport) -> Vec<Stated> {
    report.problems.iter().map(|p| (p.row, p.column.clone(), p.reason.clone())).collect()
}

fn at(row: u64, column: &str, reason: Reason) -> Stated {
    (Some(row), Some(column.to_owned()), reason)
}

fn csv(text: &str) -> Result<Vec<Household>, ImportReport> {
    read_register(text.as_bytes(), FileFormat::Csv)
}

fn xlsx(bytes: &[u8]) -> Result<Vec<Household>, ImportReport> {
    read_register(bytes, FileFormat::Xlsx)
}

fn of_file(result: Result<Vec<Household>, ImportReport>) -> Reason {
    let report = result.unwrap_err();
    assert_eq!((report.problems.len(), report.more), (1, 0), "{report}");
    assert_eq!((report.problems[0].row, &report.problems[0].column), (None, &None));
    report.problems[0].reason.clone()
}

/// The table of a CSV as records of text.
fn records(csv: &[u8]) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Puts a table into a workbook: dates, counts and amounts as date and number cells, the rest as text.
fn workbook(records: &[Vec<String>], change: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = workbook.add_worksheet();
    for (row, record) in (0..).zip(records) {
        for ((at, text), name) in (0..).zip(record).zip(&records[0]) {
            match name.as_str() {
                _ if row == 0 || text.is_empty() => sheet.write_string(row, at, text).map(drop),
                "as_of" | "birth_date" => {
                    let date = ExcelDateTime::parse_from_str(text).unwrap();
                    sheet.write_datetime_with_format(row, at, date, &day).map(drop)
                }
                "wage" | "pension" | "deposits" | "businesses" | "properties" | "vehicles" => {
                    sheet.write_number(row, at, text.parse::<f64>().unwrap()).map(drop)
                }
                _ => sheet.write_string(row, at, text).map(drop),
            }
            .unwrap();
        }
    }
    change(&mut workbook);
    workbook.save_to_buffer().unwrap()
}

fn first_sheet(change: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> impl FnOnce(&mut Workbook) {
    |workbook| change(workbook.worksheet_from_index(0).unwrap())
}

fn place_of(column: Column) -> u16 {
    u16::try_from(Column::ALL.iter().position(|other| *other == column).unwrap()).unwrap()
}

/// Rewrites one part of a workbook.
fn patched(workbook: &[u8], part: &str, patch: impl Fn(String) -> String) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        writer.start_file(&*name, SimpleFileOptions::default()).unwrap();
        let content = if name == part { patch(content) } else { content };
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A row of the table: a person in a household, all other cells blank.
fn row(household: &str, kind: &str, number: &str) -> String {
    format!("{household},香洲区,2026-06-30,{kind},{number},,某人{}\n", ",".repeat(18))
}

fn header() -> String {
    let needed = Column::ALL.iter().filter(|column| column.is_needed());
    format!("{}\n", needed.map(|column| column.name()).collect::<Vec<_>>().join(","))
}

#[test]
fn the_samples_are_read_in_full() {
    let zhuhai = read_register(ZHUHAI, FileFormat::sniff(ZHUHAI).unwrap()).unwrap();
    let members = |households: &[Household]| households.iter().map(|h| h.members.len()).collect::<Vec<_>>();
    assert_eq!(members(&zhuhai), [2, 1, 2, 1]);
    let wife = &zhuhai[0].members[1];
    assert_eq!(wife.subject.document.number(), "M0000000200");
    assert_eq!(wife.other_documents, [Document::parse(DocumentKind::MacauBir, "9000001(0)").unwrap()]);
    assert_eq!(wife.assistance, Some(Assistance::None));
    assert_eq!((wife.wage, wife.deposits), (None, None), "blank is not zero");
    let man = &zhuhai[1].members[0];
    assert_eq!(man.deposits, Some(Money { minor: 0, currency: Currency::Cny }));
    assert_eq!(man.pension, Some(Money { minor: 123_456, currency: Currency::Cny }));
    let macau = read_register(MACAU, FileFormat::sniff(MACAU).unwrap()).unwrap();
    assert_eq!(members(&macau), [1, 1, 2, 1]);
    assert_eq!(macau[2].members[0].deposits, Some(Money { minor: 100_000_001, currency: Currency::Mop }));
}

#[test]
fn a_workbook_says_the_same_as_its_csv() {
    assert_eq!(FileFormat::sniff(MACAU_XLSX), Ok(FileFormat::Xlsx));
    let households = read_register(MACAU, FileFormat::Csv).unwrap();
    assert_eq!(xlsx(MACAU_XLSX).unwrap(), households);
    assert_eq!(xlsx(&workbook(&records(MACAU), |_| {})).unwrap(), households);
}

#[test]
fn columns_may_stand_in_any_order_and_blank_rows_count_for_nothing() {
    let mut reversed = records(MACAU);
    reversed.iter_mut().for_each(|record| record.reverse());
    reversed.insert(2, vec![String::new(); reversed[0].len()]);
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    reversed.iter().for_each(|record| writer.write_record(record).unwrap());
    let reversed = writer.into_inner().unwrap();
    assert_eq!(read_register(&reversed, FileFormat::Csv).unwrap(), read_register(MACAU, FileFormat::Csv).unwrap());
}

#[test]
fn the_clause_on_matching_is_read_where_the_column_is_and_blank_where_it_is_not() {
    let line = row("A", "macau_bir", "9000009(0)");
    let clause = |said: &str| {
        let file = format!("{},match_clause\n{},{said}\n", header().trim_end(), line.trim_end());
        csv(&file).unwrap()[0].members[0].match_clause
    };
    assert_eq!([clause("yes"), clause("no"), clause("")], [Some(true), Some(false), None]);
    assert_eq!(csv(&(header() + &line)).unwrap()[0].members[0].match_clause, None);
}

#[test]
fn every_kind_of_bad_row_is_found_at_its_place() {
    let amount = Reason::Amount { max_digits: 13 };
    let count = Reason::Count { max: u32::MAX };
    let report = read_register(BAD_ROWS, FileFormat::Csv).unwrap_err();
    assert_eq!(
        stated(&report),
        [
            at(2, "document_number", Reason::Document(DocumentError::CheckCharacter)),
            at(3, "document_number", Reason::Document(DocumentError::BirthDate)),
            at(4, "document_kind", Reason::DocumentKind(tongcha_domain::identity::UnknownDocumentKind)),
            at(5, "as_of", Reason::Date),
            at(6, "name", Reason::Blank),
            at(7, "alive", Reason::YesNo),
            at(7, "wage", Reason::AmountDecimals),
            at(7, "businesses", count.clone()),
            at(7, "pension_currency", Reason::CurrencyAlone),
            at(7, "deposits_currency", Reason::Currency),
            at(7, "properties", count.clone()),
            at(7, "vehicles", count),
            at(9, "district", Reason::HouseholdDiffers { first_row: 8 }),
            at(11, "document_number", Reason::RepeatedPerson { first_row: 10 }),
            at(12, "document_number", Reason::BornAfterAsOf),
            at(13, "other_documents", Reason::DocumentPair),
            (Some(14), None, Reason::FieldCount { found: 7, expected: 25 }),
            at(15, "birth_date", Reason::BornAfterAsOf),
            at(17, "wage", amount),
        ]
    );
    assert_eq!(report.more, 0);
}

#[test]
fn a_report_never_repeats_a_value() {
    let report = read_register(BAD_ROWS, FileFormat::Csv).unwrap_err();
    let said = format!("{report} {report:?} {}", serde_json::to_string(&report).unwrap());
    for value in records_of_any_length(BAD_ROWS).iter().skip(1).flatten().filter(|value| value.chars().count() > 3) {
        assert!(!said.contains(value.as_str()), "{value}");
    }
    let first = &report.problems[0];
    assert_eq!(first.found.as_deref(), Some("18 characters, digits"));
    assert_eq!(
        first.to_string(),
        "row 2, document_number: the document has a wrong check character: one of its characters was mistyped or two \
         were exchanged (found 18 characters, digits)"
    );
}

fn records_of_any_length(csv: &[u8]) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(csv);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn all_columns_must_be_there_once_and_no_other() {
    let names = header();
    let report = csv(&names.replace("wage,", "salary,").replace("vehicles", "alive")).unwrap_err();
    assert_eq!(
        stated(&report),
        [
            at(1, "column 14", Reason::UnknownColumn),
            at(1, "column 23", Reason::RepeatedColumn),
            at(1, "wage", Reason::MissingColumn),
            at(1, "vehicles", Reason::MissingColumn),
        ]
    );
    // Without names the first row is data, which a report must not repeat.
    let report = csv(&row("ZH-1", "macau_bir", "9000001(0)")).unwrap_err();
    assert!(!format!("{report:?}").contains("9000001"), "{report:?}");
}

#[test]
fn at_most_a_hundred_problems_are_listed_and_the_others_counted() {
    let rows: String = (0..150).map(|number| row(&format!("R{number}"), "macau_bir", "?")).collect();
    let report = csv(&(header() + &rows)).unwrap_err();
    assert_eq!((report.problems.len(), report.more, report.count()), (PROBLEMS_MAX, 50, 150));
}

#[test]
fn limits_are_named() {
    let large = vec![b'x'; FILE_BYTES_MAX + 1];
    assert_eq!(of_file(read_register(&large, FileFormat::Csv)), Reason::FileTooLarge { max: FILE_BYTES_MAX });
    let rows = |len: usize, household: fn(usize) -> String| -> String {
        (0..len).map(|number| row(&household(number), "macau_bir", &format!("{:08}", 90_000_000 + number))).collect()
    };
    assert!(csv(&(header() + &rows(MEMBERS_MAX, |_| "H".to_owned()))).is_ok());
    let report = csv(&(header() + &rows(MEMBERS_MAX + 2, |_| "H".to_owned()))).unwrap_err();
    assert_eq!(stated(&report), [at(32, "household", Reason::TooManyMembers { max: MEMBERS_MAX })]);
    let limited = |households: usize| {
        let mut table = Table::limited(3);
        super::csv::read((header() + &rows(households, |number| format!("H{number}"))).as_bytes(), &mut table);
        table.finish()
    };
    assert_eq!(limited(3).unwrap().len(), 3);
    assert_eq!(stated(&limited(9).unwrap_err()), [(Some(5), None, Reason::TooManyHouseholds { max: 3 })]);
    assert_eq!(of_file(csv(&header())), Reason::NoHouseholds);
    assert_eq!(of_file(csv("")), Reason::NoHouseholds);
}

#[test]
fn further_documents_are_bounded_and_found_in_other_rows() {
    let with = |documents: &str| {
        let one = row("A", "macau_bir", "9000009(0)").replacen(",,某人", &format!(",{documents},某人"), 1);
        csv(&(header() + &row("B", "home_return_permit", "M0000000100") + &one))
    };
    let many = |len: u32| (1..=len).map(|n| format!("macau_bir:{}", 90_000_100 + n)).collect::<Vec<_>>().join(";");
    assert_eq!(with(&many(8)).unwrap()[1].members[0].other_documents.len(), 8);
    assert_eq!(stated(&with(&many(9)).unwrap_err()), [at(3, "other_documents", Reason::TooManyDocuments { max: 8 })]);
    let repeated = with("home_return_permit:M0000000199").unwrap_err(); // the same permit, renewed
    assert_eq!(stated(&repeated), [at(3, "other_documents", Reason::RepeatedPerson { first_row: 2 })]);
}

#[test]
fn a_csv_is_utf_8_and_other_files_are_told_apart() {
    let mut marked = b"\xEF\xBB\xBF".to_vec();
    marked.extend(MACAU);
    assert_eq!(read_register(&marked, FileFormat::Csv).unwrap(), read_register(MACAU, FileFormat::Csv).unwrap());
    let excel_97 = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    let gbk = b"household\r\n\xCF\xE3\xD6\xDE";
    for other in [&excel_97[..], gbk, b"household\0", b"%PDF-1.7\xE2\xE3"] {
        assert_eq!(of_file(FileFormat::sniff(other).map(|_| Vec::new())), Reason::NotARegister);
    }
    let report = read_register(gbk, FileFormat::Csv).unwrap_err();
    assert_eq!(stated(&report), [(Some(2), None, Reason::NotUtf8)]);
}

#[test]
fn a_workbook_holds_values_in_the_right_kind_of_cell() {
    let table = records(MACAU);
    let refused = |column: Column, change: fn(&mut rust_xlsxwriter::Worksheet, u16)| {
        let report = xlsx(&workbook(&table, first_sheet(|sheet| change(sheet, place_of(column))))).unwrap_err();
        assert_eq!(report.count(), 1, "{report}");
        let problem = &report.problems[0];
        assert_eq!((problem.row, problem.column.as_deref()), (Some(2), Some(column.name())));
        (problem.reason.clone(), problem.found.clone().unwrap_or_default())
    };
    assert_eq!(
        refused(Column::Wage, |sheet, at| drop(sheet.write_formula(1, at, Formula::new("=1+1").set_result("2")))),
        (Reason::Formula, "a formula".to_owned())
    );
    assert_eq!(
        refused(Column::Name, |sheet, at| drop(sheet.write_formula(1, at, "=HYPERLINK(\"http://example.org\")"))),
        (Reason::Formula, "a formula".to_owned())
    );
    assert_eq!(
        refused(Column::Deposits, |sheet, at| drop(sheet.write_number(1, at, 0.1 + 0.2))),
        (Reason::AmountDecimals, "a number".to_owned())
    );
    assert_eq!(
        refused(Column::DocumentNumber, |sheet, at| drop(sheet.write_number(1, at, 440_402_190_001_010_013.0))),
        (Reason::NotText, "a number".to_owned())
    );
    assert_eq!(
        refused(Column::Household, |sheet, at| {
            let date = ExcelDateTime::from_ymd(2026, 1, 2).unwrap();
            drop(sheet.write_datetime_with_format(1, at, date, &Format::new().set_num_format("m/d")));
        }),
        (Reason::NotText, "a date".to_owned())
    );
    assert_eq!(
        refused(Column::AsOf, |sheet, at| drop(sheet.write_string(1, at, "2026-02-29"))),
        (Reason::Date, "10 characters, digits and punctuation".to_owned())
    );
    assert_eq!(
        refused(Column::BirthDate, |sheet, at| drop(sheet.write_number(1, at, 18_415.0))),
        (Reason::Date, "a number".to_owned())
    );
}

#[test]
fn error_cells_and_cells_outside_of_the_table_are_refused() {
    let good = workbook(&records(MACAU), |_| {});
    let part = "xl/worksheets/sheet1.xml";
    let wage = |text: String| text.replacen(r#"<c r="N2"><v>0</v>"#, r##"<c r="N2" t="e"><v>#REF!</v>"##, 1);
    let report = xlsx(&patched(&good, part, wage)).unwrap_err();
    assert_eq!(stated(&report), [at(2, "wage", Reason::ErrorCell)]);
    let outside = workbook(&records(MACAU), first_sheet(|sheet| drop(sheet.write_string(1, 30, "remark"))));
    assert_eq!(stated(&xlsx(&outside).unwrap_err()), [at(2, "column 31", Reason::OutsideTable)]);
    let far = workbook(&records(MACAU), first_sheet(|sheet| drop(sheet.write_string(1, 16_383, "remark"))));
    assert_eq!(xlsx(&far).unwrap_err().problems[0].reason, Reason::OutsideTable);
}

#[test]
fn a_workbook_has_one_sheet() {
    let two = workbook(&records(MACAU), |workbook| drop(workbook.add_worksheet().set_name("more")));
    assert_eq!(of_file(xlsx(&two)), Reason::Sheets { found: 2 });
}

#[test]
fn hostile_workbooks_are_refused_without_a_panic() {
    let good = workbook(&records(MACAU), |_| {});
    let part = "xl/worksheets/sheet1.xml";
    let cell = r#"<c r="A2""#;
    for (position, refused) in
        [("ZZZZZZZZZZZZ2", true), ("A99999999999", true), ("A1", true), ("2", true), ("A2", false)]
    {
        let bytes = patched(&good, part, |text| {
            assert!(text.contains(cell));
            text.replacen(cell, &format!(r#"<c r="{position}""#), 1)
        });
        assert_eq!(xlsx(&bytes).is_err(), refused, "{position}");
    }
    let strings = patched(&good, "xl/sharedStrings.xml", |text| {
        assert!(text.contains("uniqueCount=\""));
        text.replacen("uniqueCount=\"", "uniqueCount=\"99999999999", 1)
    });
    assert!(matches!(of_file(xlsx(&strings)), Reason::WorkbookTooLarge { .. }));
    let other = patched(&good, "xl/workbook.xml", |_| "<document/>".to_owned());
    assert!(xlsx(&other).is_err());
    assert_eq!(of_file(xlsx(b"PK\x03\x04")), Reason::UnreadableWorkbook);
}

#[test]
fn a_damaged_workbook_is_refused_or_read_but_never_a_panic() {
    let households = xlsx(MACAU_XLSX).unwrap();
    for place in (0..MACAU_XLSX.len()).step_by(7) {
        let mut damaged = MACAU_XLSX.to_vec();
        damaged[place] ^= 1 << (place % 8);
        // The archive's own check sums find what is damaged in a part; its unused header fields carry no households.
        assert!(xlsx(&damaged).map_or(true, |read| read == households), "{place}");
        assert!(xlsx(&MACAU_XLSX[..place]).is_err(), "cut at {place}");
    }
}

fn short() -> impl Strategy<Value = Short> {
    "[=+@'＝＋－＠-]{0,2}[a-zA-Z0-9救助澳門,\"; \n]{0,12}[a-z救]".prop_map(|text| text.trim().parse().unwrap())
}

fn money() -> impl Strategy<Value = Money> {
    let currency = prop_oneof![Just(Currency::Mop), Just(Currency::Cny)];
    (0..1_000_000_000_000_000i64, currency).prop_map(|(minor, currency)| Money { minor, currency })
}

fn member() -> impl Strategy<Value = Member> {
    let subject =
        (short(), proptest::option::of(short()), proptest::option::of(short()), proptest::option::of(short()));
    let birth =
        proptest::option::of((1900..2026i16, 1..=12i8, 1..=28i8).prop_map(|(y, m, d)| jiff::civil::date(y, m, d)));
    let flags = proptest::array::uniform5(any::<Option<bool>>());
    let counts = proptest::array::uniform3(any::<Option<u32>>());
    let amounts = proptest::array::uniform3(proptest::option::of(money()));
    let assistance = proptest::option::of(prop_oneof![
        Just(Assistance::None),
        short().prop_filter("`none` is no programme", |text| text.as_str() != "none").prop_map(Assistance::Programme)
    ]);
    (subject, birth, flags, counts, amounts, assistance).prop_map(
        |(names, birth_date, flags, counts, amounts, assistance)| {
            let (as_on_document, zh_hans, zh_hant, roman) = names;
            let document = Document::parse(DocumentKind::BirthRegistration, "to be numbered").unwrap();
            let subject =
                Subject { document, name: PersonName { as_on_document, zh_hans, zh_hant, roman }, birth_date };
            let [alive, married, public_housing, resident, match_clause] = flags;
            let [businesses, properties, vehicles] = counts;
            let ([wage, pension, deposits], other_documents) = (amounts, Vec::new());
            Member {
                subject,
                other_documents,
                alive,
                married,
                wage,
                businesses,
                pension,
                assistance,
                deposits,
                properties,
                vehicles,
                public_housing,
                resident,
                match_clause,
            }
        },
    )
}

fn households() -> impl Strategy<Value = Vec<Household>> {
    let household = (short(), short(), proptest::collection::vec(member(), 1..4));
    proptest::collection::vec(household, 1..5).prop_map(|households| {
        let mut persons = 0;
        let household = |(number, (reference, district, mut members)): (usize, (Short, Short, Vec<Member>))| {
            for member in &mut members {
                persons += 1;
                let bir =
                    |last: &str| Document::parse(DocumentKind::MacauBir, &format!("9{persons:06}{last}")).unwrap();
                (member.subject.document, member.other_documents) = (bir("0"), vec![bir("1"), bir("2")]);
            }
            let reference = format!("{reference}#{number}").parse().unwrap();
            Household { reference, district, as_of: jiff::civil::date(2026, 6, 30), members }
        };
        households.into_iter().enumerate().map(household).collect()
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(households in households()) {
        let written = write_csv(&households);
        for record in records(&written[3..]).iter().flatten() {
            prop_assert!(!record.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']));
        }
        prop_assert_eq!(read_register(&written, FileFormat::sniff(&written).unwrap()).unwrap(), households);
    }
}
