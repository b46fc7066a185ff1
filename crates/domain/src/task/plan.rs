//! The 17-row table attached to the plan 珠民〔2021〕156号 of 18 November 2021, as data (`domain.md` §1.1).
//!
//! What the plan says is kept as it says it, in its own short words. Where the plan's text, its table and the press
//! disagree, the table stands and the row notes the disagreement.

use crate::task::events::TaskNo;
use crate::time::{Date, Period};

/// When a row is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// In a month: it is overdue when the month is over.
    Month {
        /// The year.
        year: u16,
        /// The month, from 1 to 12.
        month: u8,
    },
    /// Long-term 长期推进: it is never overdue.
    LongTerm,
}

impl Due {
    /// Returns the month; none when it is long-term.
    #[must_use]
    pub fn month(self) -> Option<Period> {
        match self {
            Self::Month { year, month } => Period::try_from(format!("{year:04}-{month:02}")).ok(),
            Self::LongTerm => None,
        }
    }

    /// Returns whether a row that is not done is overdue on a day: from the first day after its month.
    #[must_use]
    pub fn is_overdue(self, today: Date) -> bool {
        let this_month = Period::try_from(today.strftime("%Y-%m").to_string()).ok();
        self.month().zip(this_month).is_some_and(|(due, this_month)| this_month > due)
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// Its number, from 1.
    pub no: u8,
    /// The work point, in short.
    pub work: &'static str,
    /// The unit in the lead 牵头单位, as the table names it.
    pub lead: &'static str,
    /// The party of the exchange that the lead belongs to.
    pub lead_party: &'static str,
    /// The co-operating units 配合单位, as the table names them.
    pub co_operating: &'static [&'static str],
    /// When it is due.
    pub due: Due,
    /// What it becomes in the exchange.
    pub becomes: &'static str,
    /// Where it stands: the table's row.
    pub source: &'static str,
    /// The mechanisms of the plan that it is about, by their rows in the parties' analysis of the plan.
    pub articles: &'static [&'static str],
    /// Where sources disagree.
    pub discrepancies: &'static [&'static str],
}

/// Note (b) of `domain.md` §1.1, first half.
const AID: &str = "The plan's text lists the districts as co-operating as well; the table has 市财政局 only.";
/// Note (b), second half.
const REMITTANCE: &str =
    "The plan's text gives 市金融工作局 only for the remittance; the table gives the districts here.";
/// Note (c).
const MERGED: &str = "Merged cells leave the co-operating unit of rows 8 to 10 open; read as 市金融工作局.";
/// Note (d).
const PRESS: &str =
    "The press (大公报, 3 Dec 2021) rounds to 2022年7月前 for information sharing and for remittance alike.";

/// Zhuhai: its Civil Affairs Bureau 市民政局 leads every row (`domain.md` §0-1 and §2.4).
const LEAD_PARTY: &str = "zhuhai";

/// The table.
pub const PLAN: [PlanRow; 17] = [
    PlanRow {
        no: 1,
        work: "动员会",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["各区（功能区）民政"],
        due: Due::Month { year: 2021, month: 12 },
        becomes: "Task",
        source: "珠民〔2021〕156号, attached table, row 1",
        articles: &["002-28"],
        discrepancies: &[],
    },
    PlanRow {
        no: 2,
        work: "多渠道宣传",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["各区"],
        due: Due::Month { year: 2021, month: 12 },
        becomes: "Task",
        source: "珠民〔2021〕156号, attached table, row 2",
        articles: &["002-29"],
        discrepancies: &[],
    },
    PlanRow {
        no: 3,
        work: "联席会议机制 + 领导小组",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &[],
        due: Due::Month { year: 2022, month: 2 },
        becomes: "Meeting, roles",
        source: "珠民〔2021〕156号, attached table, row 3",
        articles: &["002-05", "002-06"],
        discrepancies: &[],
    },
    PlanRow {
        no: 4,
        work: "联络员制度",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &[],
        due: Due::Month { year: 2022, month: 2 },
        becomes: "Officer/keys",
        source: "珠民〔2021〕156号, attached table, row 4",
        articles: &["002-09"],
        discrepancies: &[],
    },
    PlanRow {
        no: 5,
        work: "信息通报机制",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["各区"],
        due: Due::Month { year: 2022, month: 6 },
        becomes: "NoticeBatch, UrgentNotice",
        source: "珠民〔2021〕156号, attached table, row 5",
        articles: &["002-10", "002-11"],
        discrepancies: &[PRESS],
    },
    PlanRow {
        no: 6,
        work: "信息协查机制",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["各区"],
        due: Due::Month { year: 2022, month: 7 },
        becomes: "VerificationRequest, Consent",
        source: "珠民〔2021〕156号, attached table, row 6",
        articles: &["002-12", "002-13"],
        discrepancies: &[PRESS],
    },
    PlanRow {
        no: 7,
        work: "摸排底数",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["各区"],
        due: Due::Month { year: 2022, month: 5 },
        becomes: "Census",
        source: "珠民〔2021〕156号, attached table, row 7",
        articles: &["002-16"],
        discrepancies: &[REMITTANCE],
    },
    PlanRow {
        no: 8,
        work: "汇兑方案",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["市金融工作局"],
        due: Due::Month { year: 2022, month: 6 },
        becomes: "Scheme",
        source: "珠民〔2021〕156号, attached table, row 8",
        articles: &["002-17"],
        discrepancies: &[MERGED, PRESS],
    },
    PlanRow {
        no: 9,
        work: "上门开卡及激活",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["市金融工作局"],
        due: Due::Month { year: 2022, month: 6 },
        becomes: "CardReferral",
        source: "珠民〔2021〕156号, attached table, row 9",
        articles: &["002-19"],
        discrepancies: &[MERGED],
    },
    PlanRow {
        no: 10,
        work: "优先办理通道",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["市金融工作局"],
        due: Due::Month { year: 2022, month: 7 },
        becomes: "PriorityPass",
        source: "珠民〔2021〕156号, attached table, row 10",
        articles: &["002-20"],
        discrepancies: &[MERGED],
    },
    PlanRow {
        no: 11,
        work: "完善临时救助政策",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["市财政局"],
        due: Due::Month { year: 2022, month: 3 },
        becomes: "PolicyStandard",
        source: "珠民〔2021〕156号, attached table, row 11",
        articles: &["002-21"],
        discrepancies: &[AID],
    },
    PlanRow {
        no: 12,
        work: "专项基金",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["市财政局"],
        due: Due::Month { year: 2022, month: 6 },
        becomes: "FundGrant",
        source: "珠民〔2021〕156号, attached table, row 12",
        articles: &["002-23"],
        discrepancies: &[AID],
    },
    PlanRow {
        no: 13,
        work: "社会力量参与",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &[],
        due: Due::LongTerm,
        becomes: "ServiceReferral",
        source: "珠民〔2021〕156号, attached table, row 13",
        articles: &["002-24"],
        discrepancies: &[],
    },
    PlanRow {
        no: 14,
        work: "澳门社工执业便利",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &[],
        due: Due::LongTerm,
        becomes: "PractitionerRegistered",
        source: "珠民〔2021〕156号, attached table, row 14",
        articles: &["002-25"],
        discrepancies: &[],
    },
    PlanRow {
        no: 15,
        work: "两个广东办事处",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["街坊总会/工联广东办"],
        due: Due::LongTerm,
        becomes: "NGO Party",
        source: "珠民〔2021〕156号, attached table, row 15",
        articles: &["002-26"],
        discrepancies: &[],
    },
    PlanRow {
        no: 16,
        work: "服务理念和标准、政府购买服务",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["市财政局"],
        due: Due::LongTerm,
        becomes: "ServiceContract",
        source: "珠民〔2021〕156号, attached table, row 16",
        articles: &["002-27", "002-27b"],
        discrepancies: &[],
    },
    PlanRow {
        no: 17,
        work: "跟踪、反馈、试点报告",
        lead: "市民政局",
        lead_party: LEAD_PARTY,
        co_operating: &["各区"],
        due: Due::Month { year: 2022, month: 12 },
        becomes: "PilotReport",
        source: "珠民〔2021〕156号, attached table, row 17",
        articles: &["002-31", "002-32"],
        discrepancies: &[],
    },
];

/// Returns a row.
#[must_use]
pub fn row(no: TaskNo) -> Option<&'static PlanRow> {
    PLAN.iter().find(|row| row.no == u8::from(no))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as `domain.md` §1.1 has it: row, work point, lead, co-operating, due, in the system.
    const TABLE: &str = "\
| 1 | 动员会 | 市民政局 | 各区（功能区）民政 | 2021-12 | Task |
| 2 | 多渠道宣传 | 市民政局 | 各区 | 2021-12 | Task |
| 3 | 联席会议机制 + 领导小组 | 市民政局 | – | 2022-02 | Meeting, roles |
| 4 | 联络员制度 | 市民政局 | – | 2022-02 | Officer/keys |
| 5 | 信息通报机制 | 市民政局 | 各区 | 2022-06 | NoticeBatch, UrgentNotice |
| 6 | 信息协查机制 | 市民政局 | 各区 | 2022-07 | VerificationRequest, Consent |
| 7 | 摸排底数 | 市民政局 | 各区 | 2022-05 | Census |
| 8 | 汇兑方案 | 市民政局 | 市金融工作局 | 2022-06 | Scheme |
| 9 | 上门开卡及激活 | 市民政局 | 市金融工作局 | 2022-06 | CardReferral |
| 10 | 优先办理通道 | 市民政局 | 市金融工作局 | 2022-07 | PriorityPass |
| 11 | 完善临时救助政策 | 市民政局 | 市财政局 | 2022-03 | PolicyStandard |
| 12 | 专项基金 | 市民政局 | 市财政局 | 2022-06 | FundGrant |
| 13 | 社会力量参与 | 市民政局 | – | 长期推进 | ServiceReferral |
| 14 | 澳门社工执业便利 | 市民政局 | – | 长期推进 | PractitionerRegistered |
| 15 | 两个广东办事处 | 市民政局 | 街坊总会/工联广东办 | 长期推进 | NGO Party |
| 16 | 服务理念和标准、政府购买服务 | 市民政局 | 市财政局 | 长期推进 | ServiceContract |
| 17 | 跟踪、反馈、试点报告 | 市民政局 | 各区 | 2022-12 | PilotReport |
";

    #[test]
    fn every_row_is_literally_that_of_the_plan() {
        let written = |row: &PlanRow| {
            let co_operating =
                if row.co_operating.is_empty() { "–".to_owned() } else { row.co_operating.join("、") };
            let due = row.due.month().map_or_else(|| "长期推进".to_owned(), |month| month.to_string());
            format!("| {} | {} | {} | {co_operating} | {due} | {} |", row.no, row.work, row.lead, row.becomes)
        };
        let rows: Vec<String> = PLAN.iter().map(written).collect();
        assert_eq!(rows, TABLE.lines().collect::<Vec<_>>());
    }

    #[test]
    fn every_row_is_found_by_its_number_and_says_where_it_comes_from() {
        for (no, expected) in (1..).zip(&PLAN) {
            let row = row(TaskNo::try_from(no).unwrap()).unwrap();
            assert_eq!(row, expected);
            assert!(row.source.ends_with(&format!("row {no}")) && !row.articles.is_empty());
        }
        let noted = |no: usize| !PLAN[no - 1].discrepancies.is_empty();
        assert_eq!((1..=17).filter(|no| noted(*no)).collect::<Vec<_>>(), [5, 6, 7, 8, 9, 10, 11, 12]);
    }

    #[test]
    fn a_row_is_overdue_when_its_month_is_over_and_never_when_long_term() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let february = PLAN[2].due;
        assert!(!february.is_overdue(day("2022-02-28")));
        assert!(february.is_overdue(day("2022-03-01")));
        assert!(!february.is_overdue(day("2021-12-31")));
        assert!(!PLAN[12].due.is_overdue(day("2099-12-31")));
        let decembers: Vec<u8> =
            PLAN.iter().filter(|row| row.due.is_overdue(day("2022-01-01"))).map(|row| row.no).collect();
        assert_eq!(decembers, [1, 2]);
    }
}
