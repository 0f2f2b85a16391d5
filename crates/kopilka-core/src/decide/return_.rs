use super::*;
pub fn return_pieces(_: Context<'_>, _: &Book, _: &ReturnBody) -> Result<Decision, Refusal> {
    todo!()
}
pub fn cancel(_: Context<'_>, _: &Book, _: &OrderKey, _: Option<Instant>) -> Result<Decision, Refusal> {
    todo!()
}
