//! The contract of storage and service, asked of whatever engine a [`world::World`] opens.

mod cards;
mod clock;
mod coupons;
mod crash;
mod disk;
mod erasure;
mod gift_cards;
mod grants;
mod keys;
mod network;
mod offers;
mod orders;
mod people;
mod random;
mod reports;
mod rewards;
mod servers;
mod tiers;
mod transfers;
mod world;
