//! `cargo xtask race`: what is enough for seven, asked for by sixty-four at the same moment, on one server or
//! spread over several with one database: a balance, the uses of a coupon, the money of a campaign.
//!
//! Invariant to be shown: exactly seven orders are accepted each time, the others are refused for want of it,
//! and nothing is left over.

use crate::api::{self, Client, Shop};
use crate::databases::{Databases, Engine};
use crate::server::Server;
use crate::shell::{self, Outcome, Profile};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::sync::Barrier;
use std::thread;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 100)]
    rounds: u32,
    /// What they race for; one after another where several are named.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "points")]
    what: Vec<What>,
    /// The engine that keeps the books.
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Engine,
    /// Servers on the one database; the buyers are spread over them.
    #[arg(long, default_value_t = 1)]
    servers: usize,
}

/// What there is too little of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// One member's points, by many orders.
    Points,
    /// Uses of a coupon, by many members.
    Coupon,
    /// A campaign's money, by many members.
    Budget,
}

/// Who buys at the same moment.
const BUYERS: usize = 64;
/// How many of them there is enough for.
const ENOUGH_FOR: usize = 7;
const POINTS_EACH: u32 = 100;

pub fn run(args: &Args) -> Outcome {
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for the database: {e}"))?;
    let binary = shell::build("kopilka", Profile::Ci)?;
    let databases = Databases::start(args.database)?;
    databases.allow(args.servers)?;
    let installation = databases.installation(&binary, folder.path().join("data"))?;
    let document = document(args).to_string();
    let shop = Shop::open(&installation, &document, api::PLAIN_SLUG)?;
    let others: Result<Vec<Server>, String> = (1..args.servers).map(|_| installation.serve()).collect();
    let others = others?;
    let hosts: Vec<&str> = std::iter::once(&shop.server).chain(&others).map(|s| s.host.as_str()).collect();
    let spread = (0..BUYERS).map(|n| hosts[n % hosts.len()]);
    let mut clients: Vec<Client> = spread.map(|host| Client::new(host, &shop.key)).collect();
    let mut operator = shop.client();
    let members: Result<Vec<String>, String> =
        (0..BUYERS).map(|n| operator.register(&format!("buyer-{n}"), json!({}))).collect();
    let members = members?;
    let mut failed = 0;
    for what in &args.what {
        for number in 1..=args.rounds {
            if let Err(message) = round(&shop, *what, (&mut clients, &members), number) {
                failed += 1;
                println!("round {number} of {what:?} failed: {message}");
            }
        }
    }
    shop.server.stop()?;
    others.into_iter().try_for_each(Server::stop)?;
    installation.verify()?;
    println!("{} passed, {failed} failed", args.rounds * args.what.len() as u32 - failed);
    Ok(failed == 0)
}

/// A program without earning, with a campaign for each round of each race.
fn document(args: &Args) -> Value {
    let mut document: Value = serde_json::from_str(api::PLAIN_PROGRAM).unwrap_or_default();
    let mut campaigns = Vec::new();
    for number in 1..=args.rounds {
        for (what, limits) in [
            (What::Coupon, json!({ "total": ENOUGH_FOR.to_string() })),
            (What::Budget, json!({ "budget": format!("{}.00", 100 * ENOUGH_FOR) })),
        ] {
            if args.what.contains(&what) {
                let id = campaign(what, number);
                campaigns.push(
                    json!({ "id": id, "code": id, "discount": { "amount": "100.00" }, "limits": limits }),
                );
            }
        }
    }
    if !campaigns.is_empty() {
        document["coupons"] = json!({ "campaigns": campaigns });
    }
    document
}

fn campaign(what: What, number: u32) -> String {
    format!("{}-{number}", if what == What::Budget { "budget" } else { "coupon" })
}

fn round(
    shop: &Shop,
    what: What,
    (clients, members): (&mut [Client], &[String]),
    number: u32,
) -> Result<(), String> {
    let mut operator = shop.client();
    let (bodies, wanted) = match what {
        What::Points => {
            let member = operator.register(&format!("racer-{number}"), json!({}))?;
            let points = POINTS_EACH * ENOUGH_FOR as u32;
            operator.credit(&member, &points.to_string(), &format!("race-{number}"))?;
            let body = api::order_paid_with(&member, "1000.00", &POINTS_EACH.to_string());
            (vec![body; BUYERS], "insufficient_points")
        }
        What::Coupon | What::Budget => {
            let of = |member: &String| order_with_coupon(member, &campaign(what, number));
            (members.iter().map(of).collect(), "coupon_refused")
        }
    };
    let mut accepted = 0;
    for outcome in buy_together(clients, &bodies, &format!("{what:?}-{number}")) {
        match outcome?.as_str() {
            "" => accepted += 1,
            code if code == wanted => {}
            other => return Err(format!("refused as {other}")),
        }
    }
    let left = left_over(&mut operator, what, &bodies[0], number)?;
    match (accepted, left) {
        (ENOUGH_FOR, 0) => Ok(()),
        _ => Err(format!("{accepted} were accepted, {left} is left")),
    }
}

fn order_with_coupon(member: &str, code: &str) -> Value {
    json!({
        "member": member,
        "status": "placed",
        "pricing": "engine",
        "lines": [{ "id": "1", "sku": "article", "quantity": "1", "price": "1000.00" }],
        "coupons": [code],
        "coupons_required": true,
    })
}

/// What is left of the points, uses or money after a round.
fn left_over(operator: &mut Client, what: What, body: &Value, number: u32) -> Result<i64, String> {
    if what == What::Points {
        let member = api::text_at(body, "/member")?;
        let left = api::text_at(&operator.balance(&member)?, "/balance")?;
        return left.parse().map_err(|_| format!("a balance of {left}"));
    }
    let answer = api::accepted(operator.get("/v1/campaigns")?)?;
    let id = campaign(what, number);
    let found = answer["campaigns"].as_array().into_iter().flatten().find(|c| c["id"] == id.as_str());
    let used = found.and_then(|c| c["uses"].as_i64()).ok_or_else(|| format!("no campaign {id}"))?;
    Ok(ENOUGH_FOR as i64 - used)
}

/// Each on its own connection; the code of the refusal, empty when accepted.
fn buy_together(clients: &mut [Client], bodies: &[Value], name: &str) -> Vec<Result<String, String>> {
    let start = Barrier::new(clients.len());
    thread::scope(|scope| {
        let start = &start;
        let buy = |(at, (client, body)): (usize, (_, _))| {
            let (client, body): (&mut Client, &Value) = (client, body);
            move || {
                start.wait();
                let answer = client.put(&format!("/v1/orders/race-{name}-{at}"), body)?;
                Ok(if answer.is_success() { String::new() } else { api::code_of(&answer) })
            }
        };
        let pairs = clients.iter_mut().zip(bodies).enumerate();
        let threads: Vec<_> = pairs.map(|pair| scope.spawn(buy(pair))).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a buyer stopped".to_owned()))).collect()
    })
}
