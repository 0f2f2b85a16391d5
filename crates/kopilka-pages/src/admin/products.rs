//! `/admin/products`: the goods, by their number or name or by category.
//!
//! Invariant: a page looks at a bounded number of articles and says so; one article is changed whole.

pub mod one;

use crate::act::{in_address, may};
use crate::admin::members::address;
use crate::answer::Page;
use crate::frame::Frame;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked};
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::ProgramId;
use kopilka_core::product::Product;
use kopilka_core::words::Language;
use kopilka_service::{PAGE_MAX, Reader, StoreError};
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;
use std::collections::BTreeMap;

/// Articles of a page.
const ROWS: usize = 50;
/// Articles that one page looks at: the whole table of most shops, a tenth of a second of a reader.
const LOOKS: usize = 20_000;

pub struct ProductLine {
    pub address: String,
    pub sku: String,
    pub name: String,
    pub category: String,
    pub brand: String,
    pub price: String,
    /// What the article has of its own, in words.
    pub own: Vec<String>,
}

/// A category with how many articles are in it and below it.
pub struct Branch {
    pub address: String,
    pub name: String,
    pub depth: usize,
    pub count: String,
    pub is_here: bool,
}

#[derive(Template)]
#[template(path = "admin/products.html")]
pub struct ProductsPage {
    pub frame: Frame,
    pub find: String,
    pub category: String,
    pub branches: Vec<Branch>,
    pub lines: Vec<ProductLine>,
    /// The tree does not know all articles.
    pub part: Option<String>,
    pub next: Option<String>,
    pub writes: bool,
}

impl ProductsPage {
    pub fn sample(language: Language) -> ProductsPage {
        let frame = Frame::sample(language);
        let line = |own: Vec<String>| ProductLine {
            address: "/admin/products/1".to_owned(),
            sku: "RUN-001".to_owned(),
            name: "<script>alert(1)</script>".to_owned(),
            category: "shoes/<b>7</b>".to_owned(),
            brand: "\"><script>".to_owned(),
            price: "7 990 ₽".to_owned(),
            own,
        };
        let branch = |depth: usize, is_here: bool| Branch {
            address: "/admin/products?category=x".to_owned(),
            name: "<i>Sports</i>".to_owned(),
            depth,
            count: "17".to_owned(),
            is_here,
        };
        ProductsPage {
            find: "\"><script>".to_owned(),
            category: "<b>7</b>".to_owned(),
            branches: vec![branch(0, false), branch(1, true), branch(2, false)],
            lines: vec![line(vec![frame.say_of("product-spend-share", "30")]), line(Vec::new())],
            part: Some(frame.say_n("products-part", 20_000)),
            next: Some("/admin/products?after=1".to_owned()),
            writes: true,
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> ProductsPage {
        let page = ProductsPage::sample(language);
        let (find, category) = (String::new(), String::new());
        ProductsPage {
            find,
            category,
            branches: Vec::new(),
            lines: Vec::new(),
            part: None,
            next: None,
            ..page
        }
    }
}

/// What is asked for: words of the number or the name, and a category with what is below it.
#[derive(Clone, Default)]
struct Wanted {
    text: String,
    category: String,
}

impl Wanted {
    fn takes(&self, product: &Product) -> bool {
        let has = |whole: &str| folded(whole).contains(&self.text);
        let in_it = |category: &str| {
            category
                .strip_prefix(self.category.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let also = || product.terms.also_in.iter().any(|category| in_it(category));
        (self.text.is_empty() || has(&product.sku) || has(&product.name))
            && (self.category.is_empty() || product.category.as_deref().is_some_and(in_it) || also())
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

/// Goes through articles in order of their number, as long as it is told to and no further than [`LOOKS`].
/// The last one looked at, where there are more.
fn walk(
    reader: &Reader,
    program: ProgramId,
    after: Option<String>,
    mut take: impl FnMut(Product) -> bool,
) -> Result<Option<String>, StoreError> {
    let mut after = after;
    for _ in 0..LOOKS / PAGE_MAX {
        let page = reader.products(program, after.as_deref(), PAGE_MAX)?;
        let ended = page.len() < PAGE_MAX;
        for product in page {
            let sku = product.sku.clone();
            if !take(product) {
                return Ok(Some(sku));
            }
            after = Some(sku);
        }
        if ended {
            return Ok(None);
        }
    }
    Ok(after)
}

struct Found {
    products: Vec<Product>,
    next: Option<String>,
    /// By category; and whether every article is counted.
    tree: BTreeMap<String, u64>,
    whole: bool,
}

async fn found(office: &Office, wanted: Wanted) -> Result<Found, Problem> {
    let (program, after) = (office.desk.program_id(), asked(&office.visit.path, "after"));
    let read = office.desk.read(move |reader| {
        let mut products = Vec::with_capacity(ROWS);
        let next = walk(reader, program, after, |product| {
            if wanted.takes(&product) {
                products.push(product);
            }
            products.len() < ROWS
        })?;
        let mut tree: BTreeMap<String, u64> = BTreeMap::new();
        let rest = walk(reader, program, None, |product| {
            let own = product.category.as_deref().unwrap_or_default();
            let ends = own.match_indices('/').map(|(at, _)| at).chain([own.len()]);
            for end in ends.filter(|end| *end > 0) {
                *tree.entry(own[..end].to_owned()).or_default() += 1;
            }
            true
        })?;
        Ok(Found { products, next, tree, whole: rest.is_none() })
    });
    read.await
}

fn own(frame: &Frame, shown: &Shown, product: &Product) -> Vec<String> {
    use kopilka_core::product::OwnPoints;
    let terms = &product.terms;
    let points = terms.points.map(|points| match points {
        OwnPoints::Percent(rate) => frame.say_of("product-percent", &rate.percent_text()),
        OwnPoints::PerPiece(points) => frame.say_of("product-per-piece", &shown.points(points)),
    });
    let share = terms.spend_share.map(|share| frame.say_of("product-spend-share", &share.percent_text()));
    let least = terms.recommended_price.map(|price| frame.say_of("product-least", &shown.money(price)));
    [points, share, least].into_iter().flatten().collect()
}

/// `GET /admin/products`; `?new` is the form of a new article.
pub async fn page(office: Office) -> Result<Response, Response> {
    let path = &office.visit.path;
    if asked(path, "new").is_some() && may(&office.desk, Scope::ProductsWrite) {
        return Ok(Page(one::ProductPage::fresh(&office)).into_response());
    }
    let find = asked(path, "find").unwrap_or_default();
    let category = asked(path, "category").unwrap_or_default();
    let wanted = Wanted { text: folded(&find), category: category.clone() };
    let found = found(&office, wanted).await.map_err(IntoResponse::into_response)?;
    let frame = Frame::of(&office.visit, Some(Section::Products));
    let shown = Shown::of(&office.desk);
    let line = |product: &Product| ProductLine {
        address: format!("/admin/products/{}", in_address(&product.sku)),
        sku: product.sku.clone(),
        name: product.name.clone(),
        category: product.category.as_deref().unwrap_or_default().to_owned(),
        brand: product.brand.as_deref().unwrap_or_default().to_owned(),
        price: product.price.map(|price| shown.money(price)).unwrap_or_default(),
        own: own(&frame, &shown, product),
    };
    let branch = |(path, count): (&String, &u64)| Branch {
        address: address("/admin/products", &[("category", path)]),
        name: path.rsplit('/').next().unwrap_or_default().to_owned(),
        depth: path.matches('/').count().min(4),
        count: frame.words.whole(i64::try_from(*count).unwrap_or(i64::MAX)),
        is_here: *path == category,
    };
    let part = || frame.say_n("products-part", LOOKS);
    Ok(Page(ProductsPage {
        lines: found.products.iter().map(line).collect(),
        branches: found.tree.iter().map(branch).collect(),
        part: (!found.whole).then(part),
        next: found.next.map(|sku| {
            address("/admin/products", &[("find", &find), ("category", &category), ("after", &sku)])
        }),
        writes: may(&office.desk, Scope::ProductsWrite),
        find,
        category,
        frame,
    })
    .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(sku: &str, name: &str, category: &str) -> Product {
        Product {
            sku: sku.to_owned(),
            name: name.to_owned(),
            category: Some(category.into()),
            ..Product::default()
        }
    }

    #[test]
    fn an_article_is_found_by_its_number_its_name_and_the_categories_above_it() {
        let boots = product("HIK-001", "Тёплые ботинки", "shoes/hiking");
        for (text, category, takes) in [
            ("", "", true),
            ("hik", "", true),
            ("теплые", "", true),
            ("носки", "", false),
            ("", "shoes", true),
            ("", "shoes/hiking", true),
            ("", "sho", false),
            ("hik", "clothes", false),
        ] {
            let wanted = Wanted { text: folded(text), category: category.to_owned() };
            assert_eq!(wanted.takes(&boots), takes, "{text} in {category}");
        }
    }
}
