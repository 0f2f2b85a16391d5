//! What a replay came to, as figures: the JSON document, and what the page is drawn from.
//!
//! Invariant: every figure is computed in integers from the totals; texts are made only here.

mod figures;

use serde::Serialize;

/// The report. Amounts and points are decimal texts, counts are numbers, shares are percent with two decimals
/// (absent where there is nothing to divide by).
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub log: LogFacts,
    pub program: ProgramFacts,
    pub spend: &'static str,
    pub welcome: bool,
    pub assumptions: Vec<String>,
    pub rows: Rows,
    pub identified: Identified,
    pub returns: ReturnedRows,
    pub unidentified: Counted,
    pub other: Counted,
    pub reasons: Vec<ReasonRow>,
    pub members: u64,
    pub members_who_spent: u64,
    /// Replayed; with the two below they are the identified orders.
    pub orders: u64,
    pub orders_without_goods: u64,
    pub orders_refused: u64,
    pub returns_replayed: u64,
    pub revenue: Revenue,
    pub points: PointSums,
    pub cost: Cost,
    pub months: Vec<MonthRow>,
    pub identity: CheckResult,
    pub returned_everything: Emptied,
    /// Minor units in a unit of money, smallest units in a point: for the plots' axes.
    #[serde(skip)]
    pub(crate) money_unit: i64,
    #[serde(skip)]
    pub(crate) point_unit: i64,
}

#[derive(Debug, Clone, Serialize)]
pub struct LogFacts {
    pub name: String,
    pub currency: String,
    pub timezone: String,
    pub order_id: String,
    pub first: String,
    pub last: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct ProgramFacts {
    pub id: String,
    pub name: String,
    pub currency: String,
    pub timezone: String,
    pub points_name: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Rows {
    pub total: u64,
    pub identified: u64,
    pub returns: u64,
    pub unidentified: u64,
    pub other: u64,
}

/// Rows and the sum of price × quantity in the log's currency, exact.
#[derive(Debug, Clone, Serialize)]
pub struct Counted {
    pub rows: u64,
    pub amount: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Identified {
    pub rows: u64,
    pub orders: u64,
    pub amount: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct ReturnedRows {
    pub rows: u64,
    pub amount: String,
    pub covered_in_full: u64,
    pub covered_in_part: u64,
    pub without_purchase: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct ReasonRow {
    pub reason: &'static str,
    /// The code's own reason, or the refusal of the engine.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// `no`, `in_part` or `otherwise` (whole, but not as plain goods).
    pub used: &'static str,
    pub rows: u64,
    pub amount: String,
    pub text: String,
}

/// In the program's currency: charged − refunded − returned in points = sales; sales − paid by points = net.
#[derive(Debug, Clone, Serialize)]
pub struct Revenue {
    /// Orders before points.
    pub charged: String,
    /// What the points that did not come back paid.
    pub paid_by_points: String,
    /// Money given back.
    pub refunded: String,
    /// Worth of the points that came back.
    pub returned_in_points: String,
    /// Money kept.
    pub net: String,
    /// What was bought and kept, whatever paid for it.
    pub sales: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct PointSums {
    pub issued: String,
    pub regranted: String,
    pub written_off: String,
    pub spent: String,
    pub come_back: String,
    pub expired: String,
    pub revoked: String,
    pub shop_loss: String,
    pub pending: String,
    pub available: String,
    pub held: String,
    pub debt: String,
    /// pending + available + held − debt, which is
    /// issued + regranted + written_off − spent + come_back − expired − revoked.
    pub outstanding: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// Worth of the points that paid and did not come back, and its share of `sales`.
    pub paid_by_points: String,
    pub share_of_revenue_percent: Option<String>,
    /// What is still outstanding at the log's end, at face value.
    pub liability: String,
    pub liability_share_percent: Option<String>,
    /// Both: the most the program can have cost by then.
    pub most_share_percent: Option<String>,
    /// Of the points given and not taken back: spent, and burnt.
    pub redemption_rate_percent: Option<String>,
    pub breakage_percent: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct MonthRow {
    pub month: String,
    pub orders: u64,
    pub returns: u64,
    pub charged: String,
    pub refunded: String,
    pub issued: String,
    pub regranted: String,
    pub written_off: String,
    pub spent: String,
    pub come_back: String,
    pub expired: String,
    pub revoked: String,
    pub shop_loss: String,
    /// At the month's end; in the last month at the log's end.
    pub outstanding: String,
    pub liability: String,
    /// The same in whole numbers, for the plots: smallest point units and minor units.
    #[serde(skip)]
    pub(crate) raw: RawMonth,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RawMonth {
    pub orders: i64,
    pub issued: i64,
    pub spent: i64,
    pub expired: i64,
    pub liability: i64,
}

#[derive(Debug, Clone, Serialize)]
pub struct CheckResult {
    pub members_checked: u64,
    pub violations: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_violation: Option<String>,
}

/// Members who returned everything they bought must end where they began, but for what time took or gave.
#[derive(Debug, Clone, Serialize)]
pub struct Emptied {
    pub members: u64,
    /// Of those, the ones some of whose points burnt or were granted anew meanwhile.
    pub with_time: u64,
    pub violations: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_violation: Option<String>,
}

impl Report {
    /// The last line: what came in, what it came to.
    pub fn counts_line(&self) -> String {
        let rows = &self.rows;
        let other = if rows.other > 0 { format!(", {} other", rows.other) } else { String::new() };
        format!(
            "{} rows: {} identified, {} returns, {} unidentified{other}; {} members, {} orders; \
             {} identity violations",
            rows.total,
            rows.identified,
            rows.returns,
            rows.unidentified,
            self.members,
            self.orders,
            self.identity.violations + self.returned_everything.violations,
        )
    }
    /// The main figures for a terminal, in English.
    pub fn text(&self) -> String {
        let percent = |text: &Option<String>| text.as_ref().map_or("-".to_owned(), |t| format!("{t} %"));
        let (money, points, cost) = (&self.program.currency, &self.points, &self.cost);
        let lines = [
            ("sales", format!("{} {money} in {} orders", self.revenue.sales, self.orders)),
            ("issued", format!("{} to {} members", points.issued, self.members)),
            ("spent", format!("{}, come back {}", points.spent, points.come_back)),
            ("expired", points.expired.clone()),
            ("taken back", points.revoked.clone()),
            ("outstanding", format!("{} ({} pending)", points.outstanding, points.pending)),
            ("cost", format!("{} {money}, {}", cost.paid_by_points, percent(&cost.share_of_revenue_percent))),
            ("liability", format!("{} {money}, {}", cost.liability, percent(&cost.liability_share_percent))),
            ("redemption", percent(&cost.redemption_rate_percent)),
            ("breakage", percent(&cost.breakage_percent)),
        ];
        lines.iter().map(|(name, value)| format!("{name:12} {value}\n")).collect()
    }
    /// The books agree with their events, for every member and in all.
    pub fn holds(&self) -> bool {
        self.identity.violations == 0 && self.returned_everything.violations == 0
    }
}
