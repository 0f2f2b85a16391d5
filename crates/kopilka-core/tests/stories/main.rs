//! The rules as stories in numbers, and their properties: one test program, one place that calls the engine.

mod achievements;
mod amounts;
mod completion;
mod coupons;
mod discounts;
mod earning;
mod erasure;
mod gift_cards;
mod grants;
mod indexed;
mod limits;
mod lives;
mod merges;
mod offers;
mod orders;
mod placing;
mod products;
mod promotions;
mod property;
mod repriced;
mod rewards;
mod stacking;
mod stage;
mod tiers;
mod time;
mod transfers;
