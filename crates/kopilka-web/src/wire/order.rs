//! The order as a shop tells it.

use super::member::MemberName;
use super::{DecimalText, LineWord, TimeText, Word, figures};
use crate::problem::Problem;
use kopilka_core::ShortText;
use kopilka_core::gift::GiftAsk;
use kopilka_core::ids::CodeId;
use kopilka_core::money::Money;
use kopilka_core::order::{
    BodyStatus, Expect, LINES_MAX, LineBody, LineKind, OrderBody, OrderKey, PointsAsk, Pricing, Quantity, Tax,
};
use kopilka_core::product::OwnTerms;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_service::GuestContact;
use serde::Deserialize;
use utoipa::ToSchema;

/// The id of the line that `delivery` becomes.
pub const DELIVERY_LINE: &str = "delivery";

/// The order as the shop knows it now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderWire {
    /// Needed where the address does not name the order; must equal it where it does.
    pub order_id: Option<Word>,
    /// The shop; a key that belongs to a shop may leave it out. `main` when neither names one.
    pub shop: Option<Word>,
    /// How far the order has come. A quote needs none.
    pub status: Option<StatusWire>,
    /// When it happened at the shop; now when left out.
    pub occurred_at: Option<TimeText>,
    /// Grows with every change of the order; an older one changes nothing.
    pub revision: Option<i64>,
    /// Whose order it is; none for a guest's.
    pub member: Option<MemberName>,
    /// How whoever made a guest's order can be reached: who confirms it can claim the order, where the
    /// program lets them (`guest_orders`). Kept as keyed hashes alone, and only that long; read where no
    /// member is named.
    pub contact: Option<ContactWire>,
    pub channel: Option<Word>,
    pub cashier: Option<Word>,
    /// Must be the program's currency.
    pub currency: Option<Word>,
    /// Whose prices hold; `shop` when the first message already says paid.
    pub pricing: Option<PricingWire>,
    /// A different result is refused as `quote_changed`.
    pub expect: Option<ExpectWire>,
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<LineWire>,
    pub delivery: Option<DeliveryWire>,
    /// Coupon codes in any spelling, in the order entered.
    #[serde(default)]
    #[schema(max_items = 8)]
    pub coupons: Vec<Word>,
    /// The order is refused where a coupon does nothing; otherwise it is placed without it.
    #[serde(default)]
    pub coupons_required: bool,
    /// The same for orders that one checkout was split into: they count one use of a coupon together.
    pub checkout: Option<Word>,
    /// Gift cards that are to pay, in this order. A later body that names none keeps those of before.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub gift_cards: Vec<GiftCardWire>,
    /// How many points to spend; none when left out.
    pub points: Option<PointsWire>,
    /// What was paid in money so far, gift cards aside. Left out: what is due.
    pub payments: Option<Vec<PaymentWire>>,
}

/// A phone, an e-mail address, or both; in any spelling.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactWire {
    pub phone: Option<Word>,
    pub email: Option<Word>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusWire {
    /// A checkout holds points for a short while.
    Reserved,
    Placed,
    Shipped,
    Paid,
    /// And paid, whether that was told before or not.
    Completed,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PricingWire {
    Engine,
    Shop,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectWire {
    pub to_pay: DecimalText,
    pub points: DecimalText,
}

/// One line. What it does not say of category, brand, tags and the article's own terms is taken from the
/// product table.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineWire {
    #[schema(value_type = Word)]
    pub id: LineWord,
    #[schema(value_type = Word)]
    pub sku: LineWord,
    pub kind: Option<KindWire>,
    /// Pieces, kilograms or metres with at most three decimals.
    pub quantity: DecimalText,
    /// Of one piece.
    pub price: DecimalText,
    /// The shop's own total; otherwise price × quantity, rounded half up.
    pub amount: Option<DecimalText>,
    /// What the shop has already taken off the line.
    pub shop_discount: Option<DecimalText>,
    pub tax: Option<TaxWire>,
    #[schema(value_type = Option<Word>)]
    pub category: Option<LineWord>,
    /// Further categories.
    #[serde(default)]
    pub also_in: Vec<Word>,
    #[schema(value_type = Option<Word>)]
    pub brand: Option<LineWord>,
    #[serde(default)]
    pub tags: Vec<Word>,
    /// Marking codes of the pieces: a receipt row per code.
    #[serde(default)]
    pub marks: Vec<Word>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KindWire {
    Goods,
    /// Neither earns nor takes points.
    GiftCard,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxWire {
    /// Percent: `"20"`.
    pub rate: DecimalText,
    pub mode: TaxModeWire,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaxModeWire {
    /// The price contains it.
    Included,
    /// It comes on top of the price.
    Added,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryWire {
    pub price: DecimalText,
    /// How the goods come, in the shop's own words: `courier`, `pickup`.
    pub method: Option<Word>,
    pub tax: Option<TaxWire>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsWire {
    pub mode: PointsModeWire,
    /// With `exact` and `up_to`.
    pub amount: Option<DecimalText>,
    /// The `id` of the one-time code by which the member agreed to them, where the program asks for one.
    pub code: Option<Word>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PointsModeWire {
    /// Refused with what is missing when it cannot be had whole.
    Exact,
    UpTo,
    Max,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftCardWire {
    /// In any spelling.
    pub code: Word,
    /// At most so much of it; all that is needed when left out.
    pub amount: Option<DecimalText>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentWire {
    pub amount: DecimalText,
    /// `card`, `cash` or any word of the shop's.
    pub method: Option<Word>,
}

impl OrderWire {
    /// The order of the core. `order` and `shop` are those of the address and the key; refused are figures
    /// that cannot be read, another currency, more than [`LINES_MAX`] lines, an order id that differs.
    pub fn body(&self, program: &Program, key: OrderKey) -> Result<OrderBody, Problem> {
        if self.order_id.as_ref().is_some_and(|id| id.0 != key.order) {
            return Err(Problem::of("order_id_mismatch").at("/order_id"));
        }
        self.check_currency(program)?;
        if self.lines.len() > LINES_MAX {
            return Err(Problem::refused(&Refusal::TooManyLines { lines: self.lines.len() }, program));
        }
        let mut lines = Vec::with_capacity(self.lines.len() + 1);
        for (i, line) in self.lines.iter().enumerate() {
            lines.push(line.body(program).map_err(|p| p.under(&format!("/lines/{i}")))?);
        }
        if let Some(delivery) = &self.delivery {
            lines.push(delivery.line(program).map_err(|p| p.under("/delivery"))?);
        }
        Ok(OrderBody {
            key,
            status: self.status.map_or(BodyStatus::Placed, StatusWire::core),
            occurred_at: self.occurred_at.map(|t| t.0),
            revision: self.revision,
            channel: self.channel.as_ref().map(|w| w.0.as_str().into()),
            cashier: self.cashier.as_ref().map(|w| w.0.as_str().into()),
            pricing: self.pricing.map(|p| match p {
                PricingWire::Engine => Pricing::Engine,
                PricingWire::Shop => Pricing::Shop,
            }),
            expect: self.expect(program)?,
            lines,
            payment_methods: self.payment_methods(),
            delivery_method: self
                .delivery
                .as_ref()
                .and_then(|d| d.method.as_ref())
                .map(|w| w.0.as_str().into()),
            coupons: self.coupons.iter().map(|code| code.0.as_str().into()).collect(),
            coupons_required: self.coupons_required,
            checkout: self.checkout.as_ref().map(|w| w.0.as_str().into()),
            gift_cards: self.gift_cards(program)?,
            points: self.points_ask(program)?,
            code: self.code()?,
            paid: self.paid(program)?,
            earns_nothing: false,
        })
    }

    /// Of a guest's order: under what it can be claimed.
    pub fn guest_contact(&self) -> Option<GuestContact> {
        let contact = self.contact.as_ref().filter(|_| self.member.is_none())?;
        let text = |word: &Option<Word>| word.as_ref().map(|word| word.0.clone());
        Some(GuestContact { phone: text(&contact.phone), email: text(&contact.email) })
    }

    fn check_currency(&self, program: &Program) -> Result<(), Problem> {
        let expected = program.currency.code();
        match &self.currency {
            Some(given) if given.0 != expected => Err(Problem::of("currency_mismatch")
                .with("expected", expected)
                .with("given", &given.0)
                .at("/currency")),
            _ => Ok(()),
        }
    }

    fn expect(&self, program: &Program) -> Result<Option<Expect>, Problem> {
        let Some(expect) = &self.expect else { return Ok(None) };
        Ok(Some(Expect {
            to_pay: figures::money(program, &expect.to_pay, "/expect/to_pay")?,
            points: figures::points(program, &expect.points, "/expect/points")?,
        }))
    }

    /// Each way once, in the order of the payments.
    fn payment_methods(&self) -> Vec<ShortText> {
        let mut methods: Vec<ShortText> = Vec::new();
        for method in self.payments.iter().flatten().filter_map(|payment| payment.method.as_ref()) {
            if !methods.iter().any(|known| *known == method.0) {
                methods.push(method.0.as_str().into());
            }
        }
        methods
    }

    fn gift_cards(&self, program: &Program) -> Result<Vec<GiftAsk>, Problem> {
        let read = |(i, card): (usize, &GiftCardWire)| {
            let pointer = format!("/gift_cards/{i}/amount");
            let amount = card.amount.as_ref().map(|a| figures::money(program, a, &pointer)).transpose()?;
            Ok(GiftAsk { code: card.code.0.as_str().into(), amount })
        };
        self.gift_cards.iter().enumerate().map(read).collect()
    }

    fn code(&self) -> Result<Option<CodeId>, Problem> {
        let told = self.points.as_ref().and_then(|points| points.code.as_ref());
        told.map(|id| crate::api::codes::code_id(&id.0, "/points/code")).transpose()
    }

    fn points_ask(&self, program: &Program) -> Result<Option<PointsAsk>, Problem> {
        let Some(ask) = &self.points else { return Ok(None) };
        let invalid = || Problem::of("points_amount_invalid").at("/points/amount");
        let amount =
            ask.amount.as_ref().map(|a| figures::points(program, a, "/points/amount")).transpose()?;
        let amount = match amount {
            Some(amount) if amount.0 < 0 => return Err(invalid()),
            amount => amount,
        };
        match (ask.mode, amount) {
            (PointsModeWire::Exact, Some(amount)) => Ok(Some(PointsAsk::Exact(amount))),
            (PointsModeWire::UpTo, Some(amount)) => Ok(Some(PointsAsk::UpTo(amount))),
            (PointsModeWire::Max, None) => Ok(Some(PointsAsk::Max)),
            _ => Err(invalid()),
        }
    }

    fn paid(&self, program: &Program) -> Result<Option<Money>, Problem> {
        let Some(payments) = &self.payments else { return Ok(None) };
        if payments.len() > LINES_MAX {
            return Err(Problem::of("out_of_range").at("/payments"));
        }
        let mut sum = Money::ZERO;
        for (i, payment) in payments.iter().enumerate() {
            let pointer = format!("/payments/{i}/amount");
            let amount = figures::money(program, &payment.amount, &pointer)?;
            if amount.0 < 0 {
                return Err(Problem::of("out_of_range").at(pointer));
            }
            sum += amount;
        }
        Ok(Some(sum))
    }
}

impl StatusWire {
    fn core(self) -> BodyStatus {
        match self {
            StatusWire::Reserved => BodyStatus::Reserved,
            StatusWire::Placed => BodyStatus::Placed,
            StatusWire::Shipped => BodyStatus::Shipped,
            StatusWire::Paid => BodyStatus::Paid,
            StatusWire::Completed => BodyStatus::Completed,
        }
    }
}

impl LineWire {
    fn body(&self, program: &Program) -> Result<LineBody, Problem> {
        let texts = |words: &[Word]| words.iter().map(|w| w.0.clone()).collect();
        let amount = self.amount.as_ref().map(|a| figures::money(program, a, "/amount")).transpose()?;
        let discount = self.shop_discount.as_ref();
        let discount = discount.map(|d| figures::money(program, d, "/shop_discount")).transpose()?;
        Ok(LineBody {
            id: self.id.0.clone(),
            sku: self.sku.0.clone(),
            kind: match self.kind {
                Some(KindWire::GiftCard) => LineKind::GiftCard,
                Some(KindWire::Goods) | None => LineKind::Goods,
            },
            quantity: figures::quantity(&self.quantity, "/quantity")?,
            price: figures::money(program, &self.price, "/price")?,
            amount,
            shop_discount: discount.unwrap_or_default(),
            tax: self.tax.as_ref().map(TaxWire::core).transpose()?,
            category: self.category.as_ref().map(|w| w.0.clone()),
            brand: self.brand.as_ref().map(|w| w.0.clone()),
            tags: texts(&self.tags),
            own: match self.also_in.is_empty() {
                true => None,
                false => Some(Box::new(OwnTerms { also_in: texts(&self.also_in), ..OwnTerms::default() })),
            },
            marks: texts(&self.marks),
        })
    }
}

impl DeliveryWire {
    fn line(&self, program: &Program) -> Result<LineBody, Problem> {
        let price = figures::money(program, &self.price, "/price")?;
        let tax = self.tax.as_ref().map(TaxWire::core).transpose()?;
        let line = LineBody::goods(DELIVERY_LINE, DELIVERY_LINE, Quantity::ONE, price);
        Ok(LineBody { kind: LineKind::Delivery, tax, ..line })
    }
}

impl TaxWire {
    fn core(&self) -> Result<Tax, Problem> {
        let rate = figures::percent(&self.rate, "/tax/rate")?;
        Ok(Tax { rate, added: self.mode == TaxModeWire::Added })
    }
}
