//! What a shop knows of a person is handed to them, and a person leaves for ever.

use super::{found, refused};
use crate::act::envelope;
use crate::answer::file;
use crate::posted::Posted;
use crate::visit::{Office, back_to};
use crate::words::Words;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::Text;
use kopilka_core::refusal::Refusal;
use kopilka_core::words::Language;
use kopilka_service::{Change, MemberRef};
use kopilka_web::export::{Asked, export as told};
use kopilka_web::problem::Problem;

/// `POST …/export`: a file for the person who asks. It is kept in the audit who took it out.
pub async fn export(office: Office, Path(id): Path<String>, _: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    let found = found(&office, &id).await.map_err(IntoResponse::into_response)?;
    let member = found.row.member.id;
    let (id, program, now, language) = (desk.program_id(), desk.program.clone(), desk.now, desk.language);
    let read =
        move |r: &kopilka_service::Reader| told(r, &Asked { id, member, program: &program, now, language });
    let answer = desk.read(read).await.map_err(IntoResponse::into_response)?;
    let answer = answer.ok_or_else(|| desk.refused(&Refusal::MemberUnknown).into_response())?;
    let bytes = serde_json::to_vec_pretty(&answer).map_err(|error| {
        tracing::error!(%error, "an export cannot be written");
        Problem::of("page_failed").into_response()
    })?;
    Ok(file(&format!("{member}.json"), "application/json", bytes))
}

/// `POST …/erase`: only with the member's id typed in, so that nobody is erased by a slip.
pub async fn erase(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    match erased(&office, &id, &posted).await {
        Ok(()) => Ok(back_to(&format!("/admin/members/{id}?done=member-erased"))),
        Err(problem) => refused(&office, &id, ("erase", posted), problem).await,
    }
}

async fn erased(office: &Office, id: &str, posted: &Posted) -> Result<(), Problem> {
    let member = found(office, id).await?.row.member.id;
    if posted.text("typed") != member.to_string() {
        return Err(not_typed());
    }
    let envelope = envelope(office, "members.erase", posted, id)?;
    office.desk.write(envelope, Change::Erase { member: MemberRef::Id(member) }).await?;
    Ok(())
}

fn not_typed() -> Problem {
    let said = |language| Words(language).say("erase-not-typed");
    let detail = Text { en: said(Language::En), ru: said(Language::Ru) };
    Problem { detail, ..Problem::of("form_invalid") }
}
