//! What one day brought, as sums that add up over entries, days and programs alike.

use super::Lifetime;
use super::count;
use crate::ledger::Event;
use crate::points::Points;

/// Sums over the entries of a day, points in smallest point units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DaySums {
    pub points: Lifetime,
    /// Registered, or brought from another system.
    pub members: i64,
    /// Orders that were paid.
    pub orders: i64,
    /// Of these, with points that pay a part.
    pub orders_with_points: i64,
}

/// What is summed, by the names under which it is kept.
pub const DAY_NAMES: [&str; 13] = [
    "issued",
    "regranted",
    "written_off",
    "spent",
    "come_back",
    "expired",
    "revoked",
    "shop_loss",
    "sent",
    "received",
    "members",
    "orders",
    "orders_with_points",
];

impl DaySums {
    /// Adds one entry's events.
    pub fn add(&mut self, events: &[Event]) {
        let (mut paid, mut with_points) = (false, false);
        for event in events {
            count(&mut self.points, event);
            match event {
                Event::MemberRegistered { .. } => self.members += 1,
                Event::OrderPaid { .. } => paid = true,
                Event::PointsSpent { order: Some(_), .. } | Event::HoldCaptured { .. } => with_points = true,
                _ => {}
            }
        }
        self.orders += i64::from(paid);
        self.orders_with_points += i64::from(paid && with_points);
    }

    /// Adds the sums of another day.
    pub fn join(&mut self, other: &DaySums) {
        for (name, value) in DAY_NAMES.iter().zip(other.values()) {
            self.take(name, value);
        }
    }

    /// In the order of [`DAY_NAMES`].
    pub fn values(&self) -> [i64; 13] {
        let p = &self.points;
        [
            p.issued.0,
            p.regranted.0,
            p.written_off.0,
            p.spent.0,
            p.come_back.0,
            p.expired.0,
            p.revoked.0,
            p.shop_loss.0,
            p.sent.0,
            p.received.0,
            self.members,
            self.orders,
            self.orders_with_points,
        ]
    }

    /// Adds what is kept under a name; other names are of a newer program and are passed over.
    pub fn take(&mut self, name: &str, value: i64) {
        let p = &mut self.points;
        let points = Points(value);
        match name {
            "issued" => p.issued += points,
            "regranted" => p.regranted += points,
            "written_off" => p.written_off += points,
            "spent" => p.spent += points,
            "come_back" => p.come_back += points,
            "expired" => p.expired += points,
            "revoked" => p.revoked += points,
            "shop_loss" => p.shop_loss += points,
            "sent" => p.sent += points,
            "received" => p.received += points,
            "members" => self.members += value,
            "orders" => self.orders += value,
            "orders_with_points" => self.orders_with_points += value,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_by_name_is_read_as_it_was() {
        let mut sums = DaySums::default();
        for (i, name) in DAY_NAMES.iter().enumerate() {
            sums.take(name, i as i64 + 1);
        }
        assert_eq!(sums.values().to_vec(), (1..=13).collect::<Vec<i64>>());
        sums.take("of a newer program", 5);
        assert_eq!(sums.values().iter().sum::<i64>(), 91);
    }
}
