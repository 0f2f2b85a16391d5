//! Lines of orders as they were decided: sets, gifts, and what articles have of their own.
//!
//! Invariant: no bound that the document or the article states is passed, counted here by hand.

use super::Kept;
use crate::simulate::documents::{
    BALL, BALL_USES_EACH, BOOTS_FOR_A_BALL, FURTHER, GROUP, GROUP_OFF, SET_BOOTS,
};
use crate::simulate::model::{Purse, Told, demand};
use kopilka_core::ledger::Event;
use kopilka_core::order::{Formula, LineKind, LineState, OrderState, Pricing};
use kopilka_core::product::OwnPoints;

/// What earns an article's own points.
const OWN: &str = "product:points";

/// Everything that was decided about lines of the member's orders.
pub fn prove(kept: &Kept, purse: &Purse) -> Told {
    for event in kept.entries.iter().flat_map(|entry| &entry.events) {
        match event {
            Event::OrderPlaced { order } => {
                order.lines.iter().try_for_each(own_terms)?;
                sets(order)?;
                gifts(order)?;
            }
            Event::OrderChanged { added, .. } => added.iter().try_for_each(own_terms)?,
            _ => {}
        }
    }
    kept.orders.iter().try_for_each(own_points)?;
    let balls = purse.shelf.own_uses.get(&format!("coupon:{BALL}")).copied().unwrap_or_default();
    demand((0..=BALL_USES_EACH).contains(&balls), || format!("{balls} orders were given balls"))
}

fn whole(line: &LineState) -> i64 {
    line.quantity.0 / 1000
}

/// Points pay no more than the article's share, and nothing lowers it below its own price.
fn own_terms(line: &LineState) -> Told {
    let off: i64 = line.discounts.iter().map(|d| d.amount.0).sum();
    let told = line.list.0 - line.shop_discount.0;
    demand(line.discounted.0 == told - off && off >= 0, || {
        format!("the discounts of {line:?} do not add up")
    })?;
    let Some(own) = &line.own else { return Ok(()) };
    if let Some(share) = own.spend_share {
        let most = i128::from(line.discounted.0) * i128::from(share.0);
        let by_points = i128::from(line.by_points.0) * 1_000_000;
        demand(by_points <= most, || format!("points pay more than their share of {line:?}"))?;
    }
    if let Some(price) = own.recommended_price.filter(|_| line.kind == LineKind::Goods) {
        // In thousandths of a kopeck; the engine rounds to the nearest one.
        let least = i128::from(price.0) * i128::from(line.quantity.0) - 500;
        let left = i128::from(line.discounted.0 - line.by_points.0) * 1000;
        let bound = left >= least || off == 0 && line.by_points.0 == 0;
        demand(bound, || format!("{line:?} went below its own price"))?;
    }
    Ok(())
}

fn goods<'o>(order: &'o OrderState, sku: &'o str) -> impl Iterator<Item = &'o LineState> {
    order.lines.iter().filter(move |line| line.sku == sku && line.kind == LineKind::Goods)
}

fn off(line: &LineState, discount: &str) -> i64 {
    line.discounts.iter().filter(|d| d.discount == discount).map(|d| d.amount.0).sum()
}

/// No discount on sets gives more than its sets are worth.
fn sets(order: &OrderState) -> Told {
    let all = |discount: &str| order.lines.iter().map(|line| off(line, discount)).sum::<i64>();
    let boots: i64 = goods(order, "boots").map(whole).sum();
    let dearest = goods(order, "socks").map(|line| line.price.0).max().unwrap_or_default();
    // A tax on top is taken off with the price; each piece is rounded once.
    let most = boots / SET_BOOTS * (dearest + 1);
    demand(all("set") <= most, || format!("{} off for {boots} boots in {order:?}", all("set")))?;
    let ropes: i64 = goods(order, "rope").map(whole).sum();
    let most = ropes / GROUP * GROUP * GROUP_OFF;
    demand(all("group") <= most, || format!("{} off {ropes} ropes in {order:?}", all("group")))?;
    for line in &order.lines {
        let pieces = (line.quantity.0 + 999) / 1000;
        let most = FURTHER.0 + FURTHER.1 * (pieces - 1);
        let off = off(line, "further");
        demand(off <= most, || format!("{off} off {line:?}, at most {most}"))?;
    }
    Ok(())
}

/// So many balls as boots were bought for, where the campaign gave any.
fn gifts(order: &OrderState) -> Told {
    let boots: i64 = goods(order, "boots").map(whole).sum();
    let balls = boots / BOOTS_FOR_A_BALL;
    for coupon in order.coupons.iter().filter(|c| c.campaign.as_deref() == Some(BALL)) {
        let given = coupon.gift.as_ref().map_or(0, |(_, pieces)| *pieces);
        let right = coupon.automatic && order.pricing == Pricing::Engine;
        demand(right, || format!("{coupon:?} acts on {:?}", order.key))?;
        let wanted = if coupon.refused.is_some() { given } else { balls };
        demand(given == wanted && (coupon.refused.is_some() || balls > 0), || {
            format!("{coupon:?} of order {} with {boots} boots", order.key)
        })?;
    }
    Ok(())
}

/// An article's own points are what it says, and no rule's percents come beside them.
fn own_points(order: &OrderState) -> Told {
    let goods = |at: u16| order.lines.get(usize::from(at)).filter(|line| line.kind == LineKind::Goods);
    let own = |at: u16| goods(at).and_then(|line| line.own.as_ref()?.points);
    for credit in &order.credits {
        match &credit.formula {
            Formula::Percent { lines } if credit.rule != OWN => {
                let beside = lines.iter().find(|(at, _)| own(*at).is_some());
                demand(beside.is_none(), || format!("{credit:?} counts an article of its own points"))?;
            }
            Formula::PerPiece { lines, .. } if credit.rule == OWN => {
                // In thousandths: of a piece cut in two half the points, rounded once.
                let each = lines.iter().map(|at| match own(*at) {
                    Some(OwnPoints::PerPiece(points)) => points.0 * order.lines[usize::from(*at)].quantity.0,
                    _ => 0,
                });
                let plain: i64 = each.sum();
                let near = |exact: i64| (credit.issued.0 * 1000 - exact).abs() < 1000;
                // The rule `double` may have met them.
                let right = near(plain) || near(2 * plain);
                demand(right, || format!("{credit:?} must be {plain} thousandths, or twice as much"))?;
            }
            _ => {}
        }
    }
    Ok(())
}
