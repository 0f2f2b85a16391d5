//! Whether the member has agreed by a one-time code that an order takes points.
//!
//! Invariant: a code is read in the transaction of the order that it confirms, and changed by none: it is
//! bound to its order, which is placed once.

use super::{Engine, Stop, Turn};
use crate::identifiers::Who;
use crate::overlay::Overlay;
use crate::prepare::Ready;
use crate::service::{confirmed_points, has_address};
use kopilka_core::decide::Agreement;
use kopilka_core::holder::HolderNo;
use kopilka_core::ids::MemberId;
use kopilka_core::points::Points;
use kopilka_store::rows::Kind;

impl Engine {
    /// What the core is to know of it; nothing where no points are asked for.
    pub(super) fn agreement(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        holder: Option<HolderNo>,
    ) -> Result<Agreement, Stop> {
        let (who, body) = match &turn.write.change {
            Ready::PutOrder { who, body, .. } => (who.as_ref(), body),
            Ready::Exchange { order, .. } => (None, order),
            _ => return Ok(Agreement::NotAsked),
        };
        if body.points.is_none() {
            return Ok(Agreement::NotAsked);
        }
        let row = match body.code {
            Some(id) => self.writer.reads().code(turn.id(), id)?,
            None => None,
        };
        // Of several people on one account each agrees by an own phone.
        let shared = !self.seat(overlay, turn.id(), member)?.book.member.holders.is_empty();
        let row = match row {
            Some(row) if shared => {
                let person = overlay.person(&self.writer, turn.id(), member)?;
                has_address(&self.shared.secret, &person, holder, &row.address).then_some(row)
            }
            row => row,
        };
        let confirmed = row.map(|row| confirmed_points(&row, member, &body.key, turn.now));
        let card = who.is_some_and(shows_card);
        Ok(Agreement::Asked { card, confirmed: confirmed.unwrap_or(Points::ZERO) })
    }
}

/// A card was shown, or the shop itself knows who has signed in.
pub(crate) fn shows_card(who: &Who) -> bool {
    matches!(who, Who::Named(name) if matches!(name.kind, Kind::Card | Kind::Ext))
}
