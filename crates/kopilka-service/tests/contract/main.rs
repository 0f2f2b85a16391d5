//! The contract of storage and service, asked of whatever engine a [`world::World`] opens.

mod accruals;
mod cards;
mod clock;
mod consents;
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
mod outside;
mod people;
mod random;
mod receiver;
mod reports;
mod rewards;
mod servers;
mod tiers;
mod transfers;
mod webhook_failures;
mod webhooks;
mod world;
