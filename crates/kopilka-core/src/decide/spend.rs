use super::*;
/// The most points an order may take, and what bounds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpendLimit {
    pub available: Points,
    pub by_share: Points,
    pub by_lines: Points,
    pub limit: Points,
}
pub fn spend_limit(_: Context<'_>, _: &Book, _: &OrderBody) -> Option<SpendLimit> {
    todo!()
}
