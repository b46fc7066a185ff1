//! The table as CSV (RFC 4180): read, and written so that a spreadsheet takes no text for a formula.

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use tongcha_domain::identity::Document;
use tongcha_domain::money::{Currency, Money};
use tongcha_domain::register::{Assistance, Household, Member};
use tongcha_domain::text::Short;

use super::cell::{Cell, marked};
use super::columns::Column;
use super::fields::NO_ASSISTANCE;
use super::header::Sink;
use super::report::Reason;

/// Tells a spreadsheet that the file is UTF-8; without it Chinese versions read another encoding.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Reads the rows of a CSV.
pub(super) fn read(bytes: &[u8], table: &mut impl Sink) {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            return table.refuse(u64::try_from(line).ok(), Reason::NotUtf8);
        }
    };
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    // The text is UTF-8 and rows may have any length, so nothing is left that could fail.
    while let Ok(true) = reader.read_record(&mut record) {
        let row = record.position().map_or(0, |position| line_of(text, position));
        let cells: Vec<Option<Cell<'_>>> = record.iter().map(Cell::text).collect();
        let blank = cells.iter().all(Option::is_none);
        match table.width() {
            Some(expected) if expected != cells.len() && !blank => {
                table.refuse(Some(row), Reason::FieldCount { found: cells.len(), expected });
            }
            Some(_) | None => {
                if table.row(row, cells).is_break() {
                    return;
                }
            }
        }
    }
}

/// Returns the line a record begins on. The reader stands before what is left of the last line's end, and before blank
/// lines.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let from = usize::try_from(position.byte()).ok().and_then(|from| text.as_bytes().get(from..)).unwrap_or_default();
    let ends = from.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    position.line().saturating_add(u64::try_from(ends.count()).unwrap_or(0))
}

/// Writes households as a register file: CSV in UTF-8 with a byte order mark, lines ended by CR LF.
///
/// A text that a spreadsheet would take for a formula gets a leading `'`, which the reader takes off again. What the
/// reader refuses is not made readable: negative amounts, a programme called `none`, white space around a text, a
/// further document whose free text holds `;`.
#[must_use]
pub fn write_csv(households: &[Household]) -> Vec<u8> {
    let names = Column::ALL.iter().map(|column| column.name().into()).collect();
    let members =
        households.iter().flat_map(|household| household.members.iter().map(move |member| (household, member)));
    let rows = members.map(|(household, member)| Column::ALL.iter().map(|c| value(household, member, *c)).collect());
    write_rows(std::iter::once(names).chain(rows))
}

/// Writes rows of equal length as CSV in UTF-8 with a byte order mark, lines ended by CR LF, texts marked.
pub(super) fn write_rows<'a>(rows: impl Iterator<Item = Vec<Cow<'a, str>>>) -> Vec<u8> {
    let bytes = BYTE_ORDER_MARK.as_bytes().to_vec();
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(bytes);
    let mut written = Ok(());
    for row in rows {
        let cells = row.iter().map(|cell| marked(cell).into_owned());
        written = written.and_then(|()| writer.write_record(cells));
    }
    // Writing to memory does not fail, nor do rows of equal length.
    written.ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default()
}

fn value<'a>(household: &'a Household, member: &'a Member, column: Column) -> Cow<'a, str> {
    let Member { subject, .. } = member;
    match column {
        Column::Household => household.reference.as_str().into(),
        Column::District => household.district.as_str().into(),
        Column::AsOf => household.as_of.to_string().into(),
        Column::DocumentKind => subject.document.kind().code().into(),
        Column::DocumentNumber => subject.document.number().into(),
        Column::OtherDocuments => pairs(&member.other_documents).into(),
        Column::Name => subject.name.as_on_document.as_str().into(),
        Column::NameZhHans => text(subject.name.zh_hans.as_ref()),
        Column::NameZhHant => text(subject.name.zh_hant.as_ref()),
        Column::NameRoman => text(subject.name.roman.as_ref()),
        Column::BirthDate => number(subject.birth_date),
        Column::Alive => yes_no(member.alive),
        Column::Married => yes_no(member.married),
        Column::Wage => amount(member.wage),
        Column::WageCurrency => currency(member.wage),
        Column::Businesses => number(member.businesses),
        Column::Pension => amount(member.pension),
        Column::PensionCurrency => currency(member.pension),
        Column::Assistance => match &member.assistance {
            None => Cow::default(),
            Some(Assistance::None) => NO_ASSISTANCE.into(),
            Some(Assistance::Programme(programme)) => programme.as_str().into(),
        },
        Column::Deposits => amount(member.deposits),
        Column::DepositsCurrency => currency(member.deposits),
        Column::Properties => number(member.properties),
        Column::Vehicles => number(member.vehicles),
        Column::PublicHousing => yes_no(member.public_housing),
        Column::Resident => yes_no(member.resident),
        Column::MatchClause => yes_no(member.match_clause),
    }
}

fn pairs(documents: &[Document]) -> String {
    let pair = |document: &Document| format!("{}:{}", document.kind().code(), document.number());
    documents.iter().map(pair).collect::<Vec<_>>().join("; ")
}

fn text(text: Option<&Short>) -> Cow<'_, str> {
    text.map_or("", Short::as_str).into()
}

fn number<T: ToString>(number: Option<T>) -> Cow<'static, str> {
    number.map(|number| number.to_string()).unwrap_or_default().into()
}

fn yes_no(answer: Option<bool>) -> Cow<'static, str> {
    answer.map_or("", |yes| if yes { "yes" } else { "no" }).into()
}

fn amount(money: Option<Money>) -> Cow<'static, str> {
    let decimal = |Money { minor, .. }: Money| {
        let sign = if minor < 0 { "-" } else { "" };
        let minor = minor.unsigned_abs();
        format!("{sign}{}.{:02}", minor / 100, minor % 100)
    };
    money.map(decimal).unwrap_or_default().into()
}

fn currency(money: Option<Money>) -> Cow<'static, str> {
    money
        .map_or("", |money| match money.currency {
            Currency::Mop => "MOP",
            Currency::Cny => "CNY",
        })
        .into()
}
