//! The first program: a ready one to begin with, a name, and it runs.

use crate::answer::{Page, again, trouble};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::roles;
use crate::sections::Section;
use crate::visit::{Visit, back_to};
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::source::{Source, scalar};
use kopilka_core::words::Language;
use kopilka_service::{Publish, PublishError, Role};
use kopilka_web::problem::Problem;
use kopilka_web::scopes::{Scope, granted};

/// The documents of `examples/`, the ones most shops begin with first.
const TEMPLATES: &[(&str, &str)] = &[
    ("sports-store", include_str!("../../../../../examples/sports-store.yaml")),
    ("cosmetics-levels", include_str!("../../../../../examples/cosmetics-levels.yaml")),
    ("cafe-stamps", include_str!("../../../../../examples/cafe-stamps.yaml")),
    ("grocery", include_str!("../../../../../examples/grocery.yaml")),
    ("discount-and-bonus", include_str!("../../../../../examples/discount-and-bonus.yaml")),
    ("growing-discount", include_str!("../../../../../examples/growing-discount.yaml")),
    ("electronics", include_str!("../../../../../examples/electronics.yaml")),
    ("bookstore", include_str!("../../../../../examples/bookstore.yaml")),
    ("friends", include_str!("../../../../../examples/friends.yaml")),
    ("marketplace-coupons", include_str!("../../../../../examples/marketplace-coupons.yaml")),
    ("gift-cards", include_str!("../../../../../examples/gift-cards.yaml")),
    ("b2b", include_str!("../../../../../examples/b2b.yaml")),
];

pub struct TemplateChoice {
    pub key: &'static str,
    pub name: String,
    pub about: String,
    pub chosen: bool,
}

#[derive(Template)]
#[template(path = "admin/program_begin.html")]
pub struct BeginPage {
    pub frame: Frame,
    pub templates: Vec<TemplateChoice>,
    pub may: bool,
    pub name: String,
    pub slug: String,
    pub currency: String,
    pub zone: String,
    pub is_live: bool,
}

impl BeginPage {
    pub fn sample(language: Language) -> BeginPage {
        BeginPage::of(Frame::sample(language), true, &Posted::of(&[("name", "\"><script>")]))
    }
    fn of(frame: Frame, may: bool, posted: &Posted) -> BeginPage {
        let chosen = posted.some("template").unwrap_or("sports-store");
        let choice = |(key, text): &(&'static str, &str)| TemplateChoice {
            key,
            name: name_of(text, frame.words.0),
            about: frame.say(&format!("template-{key}")),
            chosen: *key == chosen,
        };
        let or = |name: &str, other: &str| posted.some(name).unwrap_or(other).to_owned();
        BeginPage {
            templates: TEMPLATES.iter().map(choice).collect(),
            may,
            name: posted.text("name").to_owned(),
            slug: posted.text("slug").to_owned(),
            currency: or("currency", "RUB"),
            zone: or("zone", "Europe/Moscow"),
            is_live: posted.text("kind") == "live",
            frame,
        }
    }
}

fn name_of(text: &str, language: Language) -> String {
    let source = Source::read(text);
    source.map_or_else(String::new, |s| s.root.get("name").map_or("", |n| n.said(language.tag())).to_owned())
}

/// Owners begin programs; where there is none yet, whoever writes rules does.
fn may(visit: &Visit) -> bool {
    let role = visit.session.as_ref().and_then(|session| session.role);
    let first = visit.app.service.programs().is_empty();
    let writes = role.is_some_and(|role| granted(&roles::scopes_of(role), Scope::ProgramWrite));
    let owns_all = visit.session.as_ref().is_some_and(|s| s.info.operator.role_in(None) == Some(Role::Owner));
    owns_all || (first && writes)
}

pub async fn page(visit: Visit) -> Page<BeginPage> {
    let frame = Frame::of(&visit, Some(Section::Program));
    Page(BeginPage::of(frame, may(&visit), &Posted::default()))
}

/// The document of a template under a name of one's own; its tests speak of the template's figures.
fn document(template: &str, posted: &Posted) -> Option<String> {
    let text = TEMPLATES.iter().find(|(key, _)| *key == template).map(|(_, text)| *text)?;
    let source = Source::read(text)?;
    let text = source.without("/tests").unwrap_or_else(|| text.to_owned());
    let source = Source::read(&text)?;
    let set = |word: &str, value: String| Some(source.replacement(source.root.get(word)?, &value));
    let name = posted.text("name");
    let splices = vec![
        set("program", scalar(posted.text("slug")))?,
        set("name", scalar(name))?,
        set("currency", scalar(posted.text("currency")))?,
        set("timezone", scalar(posted.text("zone")))?,
    ];
    let text = source.spliced(splices);
    // What the example says of itself is not said of the shop's own program.
    let own = text.lines().skip_while(|line| line.starts_with('#') || line.is_empty());
    Some(own.collect::<Vec<_>>().join("\n").trim_end().to_owned() + "\n")
}

pub async fn begin(visit: Visit, posted: Posted) -> Result<Response, Response> {
    let frame = Frame::of(&visit, Some(Section::Program));
    if !may(&visit) {
        let owner = frame.say("role-owner");
        return Err(Problem::of("door_closed").with("roles", owner).into_response());
    }
    let Some(session) = visit.session.clone() else {
        return Err(Problem::of("signed_out").into_response());
    };
    let filled = |text: String, code: &'static str| {
        let frame = frame.clone().with_notice(Tone::Bad, text);
        Ok(again(BeginPage::of(frame, true, &posted), code))
    };
    let Some(text) = document(posted.text("template"), &posted) else {
        return filled(frame.say("begin-no-template"), "template_unknown");
    };
    let sandbox = posted.text("kind") != "live";
    let slug = posted.text("slug");
    // A second one under the name would be a version of the first.
    let taken = |p: &kopilka_service::ProgramInfo| p.slug == slug && p.sandbox == sandbox;
    if visit.app.service.programs().iter().any(taken) {
        return filled(frame.say("begin-taken"), "program_taken");
    }
    let publish = Publish {
        text,
        author: session.info.operator.login.clone(),
        note: frame.say_of("begin-note", posted.text("template")),
        sandbox,
        effective_from: None,
    };
    match visit.app.service.publish(publish).await {
        Ok(published) => {
            let chosen = visit.app.service.choose_program(&session.token, published.program).await;
            let _ = chosen.map_err(trouble)?;
            Ok(back_to("/admin/program?done=begun"))
        }
        Err(PublishError::Diagnostics(found)) => {
            let texts: Vec<&str> =
                found.iter().filter(|d| d.is_error()).map(|d| frame.words.0.of(&d.text)).collect();
            filled(texts.join(" "), "document_invalid")
        }
        Err(PublishError::Service(error)) => Err(trouble(error)),
        Err(_) => filled(frame.say("begin-taken"), "program_taken"),
    }
}
