//! `POST /admin/coupons/{campaign}/codes`: codes to a file, as they are made.
//!
//! Invariant: every code of the file is on disk before it is sent, and the same form sent again, also after a
//! download that broke off, gives the same codes.

use super::campaign::{new_codes, refused};
use crate::posted::Posted;
use crate::visit::Office;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use hyper::body::Frame as Piece;
use kopilka_core::coupon::CouponCode;
use kopilka_service::{CODES_MAX, NewCodes};
use kopilka_web::app::Desk;
use kopilka_web::problem::Problem;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Lines of codes on their way to a browser. A million of them are some twenty megabytes, so they need not
/// wait for a slow line.
struct Lines {
    first: Option<Bytes>,
    rest: UnboundedReceiver<Result<Bytes, Problem>>,
}

impl hyper::body::Body for Lines {
    type Data = Bytes;
    type Error = std::io::Error;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Piece<Bytes>, std::io::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Piece::data(first))));
        }
        self.rest.poll_recv(context).map(|piece| match piece? {
            Ok(lines) => Some(Ok(Piece::data(lines))),
            // A file that ends early looks whole: a broken download does not.
            Err(problem) => Some(Err(std::io::Error::other(problem.code))),
        })
    }
}

/// How a line is written.
#[derive(Clone)]
enum Shape {
    /// The code alone.
    Plain,
    /// With the campaign and the last day.
    Table { campaign: String, until: String },
}

impl Shape {
    fn head(&self, words: crate::Words) -> String {
        match self {
            Shape::Plain => String::new(),
            Shape::Table { .. } => {
                let names = ["codes-column-code", "codes-column-campaign", "codes-column-until"];
                let names = names.map(|key| words.say(key));
                // Programs for tables read it as UTF-8 by this mark.
                format!("\u{feff}{}\r\n", names.join(";"))
            }
        }
    }
    fn line(&self, code: &CouponCode) -> String {
        match self {
            Shape::Plain => format!("{}\n", code.printed()),
            Shape::Table { campaign, until } => format!("{};{campaign};{until}\r\n", code.printed()),
        }
    }
}

/// `POST …/codes`.
pub async fn make(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let asked = count(&posted).and_then(|count| new_codes(&office, &id, &posted, count));
    let new = match asked {
        Ok(new) => new,
        Err(problem) => return refused(&office, &id, posted, problem).await,
    };
    let shape = shape(&office.desk, &posted, &new);
    let (send, mut receive) = unbounded_channel();
    let words = crate::Words(office.visit.look.language);
    tokio::spawn(run(office.desk.clone(), new, (shape.clone(), shape.head(words)), send));
    match receive.recv().await {
        Some(Ok(first)) => {
            let (kind, ending) = match shape {
                Shape::Plain => ("text/plain; charset=utf-8", "txt"),
                Shape::Table { .. } => ("text/csv; charset=utf-8", "csv"),
            };
            // Ids have no sign that ends a name.
            let name = format!("attachment; filename=\"codes-{id}.{ending}\"");
            let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
            Ok((headers, Body::new(Lines { first: Some(first), rest: receive })).into_response())
        }
        Some(Err(problem)) => refused(&office, &id, posted, problem).await,
        None => Err(Problem::of("storage_failed").into_response()),
    }
}

fn count(posted: &Posted) -> Result<usize, Problem> {
    let typed = posted.text("count").replace([' ', '\u{a0}', '\u{202f}'], "");
    let count = typed.parse().ok().filter(|count| (1..=CODES_MAX).contains(count));
    count.ok_or_else(|| Problem::of("too_many_codes").with("limit", CODES_MAX))
}

fn shape(desk: &Desk, posted: &Posted, new: &NewCodes) -> Shape {
    if posted.text("form") != "table" {
        return Shape::Plain;
    }
    let last = new.expires_at.map(|end| desk.program.zone.day_of(end).plus_days(-1));
    // As programs read days.
    let until = last.map(|day| day.to_string()).unwrap_or_default();
    Shape::Table { campaign: new.campaign.clone(), until }
}

/// Makes them and sends them on; stops when nobody listens any more.
async fn run(
    desk: Desk,
    new: NewCodes,
    (shape, head): (Shape, String),
    send: UnboundedSender<Result<Bytes, Problem>>,
) {
    let mut head = Some(head);
    let take = |made: &[CouponCode]| {
        let mut text = head.take().unwrap_or_default();
        text.extend(made.iter().map(|code| shape.line(code)));
        send.send(Ok(Bytes::from(text))).is_ok()
    };
    let made = desk.app.service.make_codes(desk.program_id(), new, take).await;
    if let Err(error) = made {
        let _ = send.send(Err(desk.failed(error)));
    }
}
