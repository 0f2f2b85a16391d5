use super::*;
pub fn exchange(
    _: Context<'_>,
    _: &Book,
    _: &ReturnBody,
    _: &OrderBody,
    _: u64,
) -> Result<Decision, Refusal> {
    todo!()
}
