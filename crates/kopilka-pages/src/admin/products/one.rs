//! `/admin/products/{sku}`: one article with what it has of its own.
//!
//! Invariant: what is sent is the whole article, judged as the API judges it; nothing of it stays that the
//! form does not show.

use crate::act::may;
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::visit::{Office, back_to};
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::product::Product;
use kopilka_core::words::Language;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;
use kopilka_web::wire::product::{OwnPointsWire, ProductWire};
use kopilka_web::wire::{DecimalText, TEXT_MAX, Word};

#[derive(Template)]
#[template(path = "admin/product.html")]
pub struct ProductPage {
    pub frame: Frame,
    pub typed: Posted,
    /// It is there: its number stays.
    pub known: bool,
    pub writes: bool,
}

impl ProductPage {
    pub fn fresh(office: &Office) -> ProductPage {
        let frame = Frame::of(&office.visit, Some(Section::Products));
        ProductPage { frame, typed: Posted::default(), known: false, writes: true }
    }
    pub fn sample(language: Language) -> ProductPage {
        let typed = Posted::of(&[
            ("sku", "RUN-001"),
            ("name", "\"><script>alert(1)</script>"),
            ("category", "shoes/<b>7</b>"),
            ("price", "7990.00"),
            ("spend_share", "30"),
        ]);
        ProductPage { frame: Frame::sample(language), typed, known: true, writes: true }
    }
    pub fn sample_new(language: Language) -> ProductPage {
        let page = ProductPage::sample(language);
        ProductPage { typed: Posted::default(), known: false, ..page }
    }
    pub fn sample_to_read(language: Language) -> ProductPage {
        ProductPage { writes: false, ..ProductPage::sample(language) }
    }
}

/// The fields of the form, as the API tells an article.
fn fields(product: &Product, office: &Office) -> Posted {
    let wire = ProductWire::of(product, &office.desk.program);
    let word = |word: Option<Word>| word.map(|word| word.0).unwrap_or_default();
    let number = |text: Option<DecimalText>| text.map(|text| text.0.to_string()).unwrap_or_default();
    let lines = |list: Vec<Word>| list.into_iter().map(|word| word.0).collect::<Vec<_>>().join("\n");
    let points = wire.points.unwrap_or(OwnPointsWire { percent: None, per_piece: None });
    let fields = [
        ("sku", wire.sku.0),
        ("name", wire.name.0),
        ("category", word(wire.category)),
        ("also_in", lines(wire.also_in)),
        ("brand", word(wire.brand)),
        ("tags", lines(wire.tags)),
        ("price", number(wire.price)),
        ("cost", number(wire.cost)),
        ("points_percent", number(points.percent)),
        ("points", number(points.per_piece)),
        ("spend_share", number(wire.spend_share)),
        ("recommended_price", number(wire.recommended_price)),
    ];
    Posted::from_fields(fields.map(|(name, value)| (name.to_owned(), value)).into())
}

pub async fn page(office: Office, Path(sku): Path<String>) -> Result<Response, Response> {
    let program = office.desk.program_id();
    let product = office.desk.read(move |reader| reader.product(program, &sku)).await;
    let product = product.map_err(IntoResponse::into_response)?;
    let product = product.ok_or_else(|| Problem::of("product_unknown").into_response())?;
    let frame = Frame::of(&office.visit, Some(Section::Products));
    let typed = fields(&product, &office);
    let writes = may(&office.desk, Scope::ProductsWrite);
    Ok(Page(ProductPage { frame, typed, known: true, writes }).into_response())
}

/// `POST /admin/products`: the article is added or replaced.
pub async fn put(office: Office, posted: Posted) -> Result<Response, Response> {
    let known = posted.is_set("known");
    match written(&office, &posted).await {
        Ok(()) => {
            let sku = crate::act::in_address(posted.text("sku"));
            Ok(back_to(&format!("/admin/products/{sku}?done=saved")))
        }
        Err(problem) if problem.status.is_server_error() => Err(problem.into_response()),
        Err(problem) => {
            let said = office.desk.language.of(&problem.detail).to_owned();
            let mut frame = Frame::of(&office.visit, Some(Section::Products));
            let field =
                problem.pointer.as_deref().map(|pointer| pointer.trim_matches('/').replace(['_', '/'], "-"));
            let field = field.and_then(|field| frame.words.say_if_known(&format!("field-{field}")));
            let said = field.map_or_else(|| said.clone(), |field| format!("{field}: {said}"));
            frame = frame.with_notice(Tone::Bad, said);
            Ok(again(ProductPage { frame, typed: posted, known, writes: true }, problem.code))
        }
    }
}

async fn written(office: &Office, posted: &Posted) -> Result<(), Problem> {
    let desk = &office.desk;
    let product = wire(posted)?.core(&desk.program)?;
    if !posted.is_set("known") {
        let (program, sku) = (desk.program_id(), product.sku.clone());
        // A form of a new article never takes the place of one that is there.
        if desk.read(move |reader| reader.product(program, &sku)).await?.is_some() {
            return Err(Problem::of("product_taken").at("/sku"));
        }
    }
    desk.app.service.put_products(desk.program_id(), vec![product]).await.map_err(|error| desk.failed(error))
}

/// Numbers as a person types them; what they mean is judged as over HTTP.
fn number(posted: &Posted, name: &str) -> Option<DecimalText> {
    let text = posted.some(name)?.replace([' ', '\u{a0}'], "").replace(',', ".");
    Some(DecimalText(text.trim_end_matches('%').into()))
}

fn wire(posted: &Posted) -> Result<ProductWire, Problem> {
    let invalid = |name: &str| Problem::of("invalid_text").with("limit", TEXT_MAX).at(format!("/{name}"));
    let word = |name: &str| -> Result<Option<Word>, Problem> {
        let Some(text) = posted.some(name) else { return Ok(None) };
        Word::checked(text).map(Some).ok_or_else(|| invalid(name))
    };
    let list = |name: &str| -> Result<Vec<Word>, Problem> {
        // One a line, as the form says: a comma may be a part of what a category is called.
        let lines = posted.raw(name).lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(|text| Word::checked(text).ok_or_else(|| invalid(name))).collect()
    };
    let (percent, per_piece) = (number(posted, "points_percent"), number(posted, "points"));
    let has_points = percent.is_some() || per_piece.is_some();
    Ok(ProductWire {
        sku: word("sku")?.ok_or_else(|| invalid("sku"))?,
        name: word("name")?.ok_or_else(|| invalid("name"))?,
        category: word("category")?,
        brand: word("brand")?,
        tags: list("tags")?,
        price: number(posted, "price"),
        cost: number(posted, "cost"),
        also_in: list("also_in")?,
        points: has_points.then_some(OwnPointsWire { percent, per_piece }),
        spend_share: number(posted, "spend_share"),
        recommended_price: number(posted, "recommended_price"),
    })
}
