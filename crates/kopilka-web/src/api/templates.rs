//! In which words members are told.

pub mod list;
pub mod own;
pub mod preview;
pub mod test;

use crate::app::Desk;
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kopilka_core::consent::Channel;
use kopilka_service::ServiceError;
use kopilka_service::TemplateKey;

/// An event, a channel and a language, as an address names them.
#[derive(Debug)]
pub struct NamedWords(TemplateKey);

impl<S: Send + Sync> FromRequestParts<S> for NamedWords {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<NamedWords, Problem> {
        let path = axum::extract::Path::<(String, String, String)>::from_request_parts(parts, state).await;
        let (event, channel, language) = path.map_err(|_| Problem::of("route_unknown"))?.0;
        let channel = Channel::by_name(&channel).ok_or_else(|| Problem::of("template_unknown"))?;
        Ok(NamedWords(TemplateKey { event, channel, language }))
    }
}

/// A failure of the service, put to the part that it is about.
fn failed(desk: &Desk, error: ServiceError) -> Problem {
    let at = match &error {
        ServiceError::TemplateInvalid(problem) => problem.part,
        ServiceError::MessageInvalid("address") => "to",
        _ => return desk.failed(error),
    };
    desk.failed(error).at(format!("/{at}"))
}
