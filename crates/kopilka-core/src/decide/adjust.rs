use super::*;
pub fn register(_: Context<'_>, _: &Book) -> Result<Decision, Refusal> {
    todo!()
}
pub fn adjust(_: Context<'_>, _: &Book, _: &Adjustment) -> Result<Decision, Refusal> {
    todo!()
}
pub fn reverse(_: Context<'_>, _: &Book, _: &[Event], _: Instant) -> Result<Decision, Refusal> {
    todo!()
}
pub fn set_status(_: Context<'_>, _: MemberStatus) -> Result<Decision, Refusal> {
    todo!()
}
