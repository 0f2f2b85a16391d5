use super::*;
pub fn put(_: Context<'_>, _: &Book, _: &OrderBody, _: u64) -> Result<Decision, Refusal> {
    todo!()
}
