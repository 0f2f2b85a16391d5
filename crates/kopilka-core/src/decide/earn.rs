use super::*;
/// What one rule gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EarnedByRule {
    pub rule: String,
    pub points: Points,
    pub active_at: Instant,
    pub expires_at: Option<Instant>,
}
/// The credits of an order, by rule.
pub fn earned_by_rule(_: &OrderState) -> Vec<EarnedByRule> {
    todo!()
}
