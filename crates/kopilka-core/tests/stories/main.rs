//! The rules as stories in numbers, and their properties: one test program, one place that calls the engine.

mod amounts;
mod coupons;
mod discounts;
mod earning;
mod indexed;
mod limits;
mod orders;
mod property;
mod stacking;
mod stage;
mod time;
mod transfers;
