//! `cargo xtask race`: what is enough for seven, asked for by sixty-four at the same moment, on one server or
//! spread over several with one database: a balance, the uses of a coupon, the money of a campaign or of a
//! gift card, the stock of a reward.
//!
//! Invariant to be shown: exactly seven are accepted each time, the others are refused for want of it, and
//! nothing is left over or lost.

mod card;
mod stock;

use crate::api::{self, Client, Shop};
use crate::databases::{Databases, Engine};
use crate::http::Answer;
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
    /// The money of one gift card, by the orders of many members.
    Card,
    /// The stock of a reward, by many members.
    Stock,
}

/// Who buys at the same moment.
const BUYERS: usize = 64;
/// How many of them there is enough for.
const ENOUGH_FOR: usize = 7;
const POINTS_EACH: u32 = 100;

/// Who races, each on a connection of its own, and the one who looks at what is left.
struct Race {
    operator: Client,
    buyers: Vec<Client>,
    /// The members that buy, one for each buyer.
    members: Vec<String>,
}

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
    let buyers = (0..BUYERS).map(|n| Client::new(hosts[n % hosts.len()], &shop.key)).collect();
    let mut operator = shop.client();
    let members: Result<Vec<String>, String> =
        (0..BUYERS).map(|n| operator.register(&format!("buyer-{n}"), json!({}))).collect();
    let mut race = Race { operator, buyers, members: members? };
    let mut failed = 0;
    for what in &args.what {
        for number in 1..=args.rounds {
            let ran = match what {
                What::Points | What::Coupon | What::Budget => round(&mut race, *what, number),
                What::Card => card::round(&mut race, number),
                What::Stock => stock::round(&mut race, number),
            };
            if let Err(message) = ran {
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

/// A program without earning, with a campaign or a reward for each round of each race.
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
    if args.what.contains(&What::Card) {
        document["gift_cards"] = card::terms();
    }
    if args.what.contains(&What::Stock) {
        document["rewards"] = (1..=args.rounds).map(stock::reward).collect();
    }
    document
}

fn campaign(what: What, number: u32) -> String {
    format!("{}-{number}", if what == What::Budget { "budget" } else { "coupon" })
}

fn round(race: &mut Race, what: What, number: u32) -> Result<(), String> {
    let (bodies, wanted) = match what {
        What::Coupon | What::Budget => {
            let of = |member: &String| order_with_coupon(member, &campaign(what, number));
            (race.members.iter().map(of).collect(), "coupon_refused")
        }
        _ => {
            let member = race.operator.register(&format!("racer-{number}"), json!({}))?;
            let points = POINTS_EACH * ENOUGH_FOR as u32;
            race.operator.credit(&member, &points.to_string(), &format!("race-{number}"))?;
            let body = api::order_paid_with(&member, "1000.00", &POINTS_EACH.to_string());
            (vec![body; BUYERS], "insufficient_points")
        }
    };
    let order = |at: usize| format!("/v1/orders/race-{what:?}-{number}-{at}");
    let answers = together(&mut race.buyers, |at, buyer| buyer.put(&order(at), &bodies[at]));
    let accepted = accepted_of(answers, wanted)?.into_iter().flatten().count();
    let left = left_over(&mut race.operator, what, &bodies[0], number)?;
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

/// All at the same moment, each on its own connection; the answers in the order of the buyers.
fn together(
    buyers: &mut [Client],
    ask: impl Fn(usize, &mut Client) -> Result<Answer, String> + Sync,
) -> Vec<Result<Answer, String>> {
    let start = Barrier::new(buyers.len());
    thread::scope(|scope| {
        let (start, ask) = (&start, &ask);
        let asks = buyers.iter_mut().enumerate().map(|(at, buyer)| {
            scope.spawn(move || {
                start.wait();
                ask(at, buyer)
            })
        });
        let threads: Vec<_> = asks.collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a buyer stopped".to_owned()))).collect()
    })
}

/// The bodies of those who were accepted; whoever was not must have been refused as `wanted`.
fn accepted_of(answers: Vec<Result<Answer, String>>, wanted: &str) -> Result<Vec<Option<Value>>, String> {
    let outcome = |answer: Result<Answer, String>| {
        let answer = answer?;
        if answer.is_success() {
            return answer.json().map(Some);
        }
        match api::code_of(&answer) {
            code if code == wanted => Ok(None),
            other => Err(format!("refused as {other}")),
        }
    };
    answers.into_iter().map(outcome).collect()
}

/// Decimal text in hundredths, as money of the program is told.
fn hundredths(text: &str) -> Result<i64, String> {
    let digits = text.replace('.', "");
    let told = text.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 2);
    digits.parse().ok().filter(|_| told).ok_or_else(|| format!("{text} is not money"))
}
