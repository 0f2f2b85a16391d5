//! Whom a member has brought: the code to give away, and what came of it.
//!
//! Invariant: friends are masked; nobody learns here who else is a member.

use super::frame::{Frame, Room};
use super::gate::Own;
use crate::answer::Page;
use crate::shown::Shown;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::refusal::Refusal;
use kopilka_core::words::Language;
use kopilka_web::api::referrals::network::network_of;

/// One friend, or a friend's friend.
pub struct FriendShown {
    pub name: String,
    pub level: u8,
    pub since: String,
    pub orders: usize,
    pub pending: String,
    pub paid: String,
}

#[derive(Template)]
#[template(path = "cabinet/friends.html")]
pub struct FriendsPage {
    pub frame: Frame,
    pub code: String,
    pub visits: u32,
    pub registered: u32,
    pub orders: u32,
    pub friends: Vec<FriendShown>,
    pub more: bool,
}

impl FriendsPage {
    pub fn sample(language: Language) -> FriendsPage {
        let friend = FriendShown {
            name: "<***".to_owned(),
            level: 1,
            since: "—".to_owned(),
            orders: 2,
            pending: "0".to_owned(),
            paid: "40".to_owned(),
        };
        FriendsPage {
            frame: Frame::sample(language),
            code: "0000000000001".to_owned(),
            visits: 12,
            registered: 2,
            orders: 3,
            friends: vec![friend],
            more: true,
        }
    }
}

pub async fn page(own: Own) -> Result<Response, Response> {
    let desk = &own.guest.desk;
    let (program, version, member, now) = (own.guest.program(), desk.program.clone(), own.member, desk.now);
    let network = desk.read(move |r| network_of(r, program, member, (&version, now)));
    let network = network.await.map_err(IntoResponse::into_response)?;
    let network = network.ok_or_else(|| desk.refused(&Refusal::MemberUnknown).into_response())?;
    let shown = Shown::of(desk);
    // The API tells figures for machines.
    let amount = |told: String| shown.program.points.parse(&told).map_or(told, |points| shown.amount(points));
    let friend = |friend: kopilka_web::api::referrals::network::FriendAnswer| FriendShown {
        name: friend.name,
        level: friend.level,
        since: shown.day(shown.program.zone.day_of(friend.since.0)),
        orders: friend.orders,
        pending: amount(friend.pending),
        paid: amount(friend.paid),
    };
    let page = FriendsPage {
        frame: Frame::of(&own.guest, Some(Room::Friends)),
        code: network.referral_code,
        visits: network.visits,
        registered: network.registered,
        orders: network.orders,
        friends: network.people.into_iter().map(friend).collect(),
        more: network.more,
    };
    Ok(Page(page).into_response())
}
