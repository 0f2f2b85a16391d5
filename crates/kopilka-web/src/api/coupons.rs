//! Coupon campaigns and their codes.

pub mod block;
pub mod campaigns;
pub mod get;
pub mod make;
pub mod of_member;
