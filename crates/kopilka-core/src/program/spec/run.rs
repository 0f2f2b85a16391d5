//! Runs the tests of a document.

use super::network::{self, Network};
use super::{Action, Expected, Failure, Figure, Step, TEST_YEAR, Test, TestResult};
use crate::book::{Book, EntryDraft, execute};
use crate::counters::of_gift_card;
use crate::coupon::{CouponCode, CouponRefusal, MadeCode};
use crate::decide::{Command, Context, Outcome, next_due, run_due, segments_of, tier_standing};
use crate::gift::GIFT_CARD;
use crate::ids::MemberId;
use crate::ledger::Event;
use crate::member::Member;
use crate::money::Money;
use crate::offer::{HeldOffer, OfferState};
use crate::order::{OrderKey, OrderState};
use crate::points::Points;
use crate::program::diagnostics::Place;
use crate::program::{Program, Text, Versions};
use crate::referral::How;
use crate::refusal::Refusal;
use crate::time::{Day, Instant};

/// Whom a test's transfers go to.
const ANOTHER_MEMBER: MemberId = MemberId(i64::MAX);

/// Runs each test on a member of its own. Orders of one test know nothing of another's.
pub fn run(program: &Program, tests: &[Test]) -> Vec<TestResult> {
    let versions = Versions::only(program.clone());
    // As it is taken up: with the moments its rules wait for.
    let program = versions.newest().map_or(program, |newest| newest);
    tests.iter().map(|test| Bench::new(program, &versions, test).run(test)).collect()
}

/// One test being run.
struct Bench<'a> {
    program: &'a Program,
    versions: &'a Versions,
    book: Book,
    now: Instant,
    last_order: Option<OrderKey>,
    /// What the last return gave back in money.
    refund: Money,
    network: Network,
    /// What rules have sent to the member, and told the shop's systems.
    messages: Vec<String>,
    webhooks: Vec<String>,
    /// A refusal that no expectation has spoken of yet, and the step it came from.
    refusal: Option<(Refusal, Place)>,
    failures: Vec<Failure>,
}

impl<'a> Bench<'a> {
    fn new(program: &'a Program, versions: &'a Versions, test: &Test) -> Bench<'a> {
        let mut book = Book::new(Member::new(member_of(program, test)));
        book.person = test.person.clone();
        // Nobody knows a made code when the test is written: the campaign's id stands for one.
        let made = program.coupons.campaigns.iter().filter(|c| c.has_made_codes());
        book.codes.extend(made.filter_map(|campaign| {
            let (code, id) = (CouponCode::read(&campaign.id)?, campaign.id.clone());
            let owner = campaign.refers.then_some(network::FIRST);
            Some(MadeCode { code, campaign: id, owner, expires_at: None, blocked: false })
        }));
        let start = Day::new(TEST_YEAR, 1, 1).map_or(Instant(0), |day| program.zone.start_of(day));
        let now = test.steps.iter().find_map(|s| s.at).unwrap_or(start);
        if !test.registers {
            // A member from before: the birth date has been known for as long as any program asks.
            book.person.birth_date_known_at = test.person.birth_date.map(|_| crate::time::INSTANT_MIN);
        }
        Bench {
            program,
            versions,
            book,
            now,
            last_order: None,
            refund: Money::ZERO,
            network: Network::new(now),
            messages: Vec::new(),
            webhooks: Vec::new(),
            refusal: None,
            failures: Vec::new(),
        }
    }

    fn run(mut self, test: &Test) -> TestResult {
        let referrer = test.referred.then_some((network::FIRST, How::Link));
        self.command(test.place, &Command::Register { welcome: test.registers, referrer, former: false });
        for step in &test.steps {
            self.step(step);
        }
        self.surprise();
        TestResult { name: test.name.clone(), place: test.place, failures: self.failures }
    }

    fn step(&mut self, step: &Step) {
        self.pass_time(step.at.unwrap_or(self.now));
        if let Action::Expect(expected) = &step.action {
            self.compare(expected);
            return;
        }
        self.surprise();
        match &step.action {
            Action::Wait | Action::Expect(_) => {}
            Action::Order(body) => {
                self.last_order = Some(body.key.clone());
                let hash = hash_of(step.place);
                self.command(step.place, &Command::PutOrder { body: (**body).clone(), hash });
            }
            Action::Return(back) => {
                self.last_order = Some(back.key.clone());
                self.command(step.place, &Command::ReturnPieces(back.clone()));
            }
            Action::Cancel(key) => {
                self.last_order = Some(key.clone());
                self.command(step.place, &Command::CancelOrder { key: key.clone(), occurred_at: None });
            }
            Action::Adjust(adjustment) => self.command(step.place, &Command::Adjust(adjustment.clone())),
            Action::Happen(event, data) => {
                let (event, data) = (event.clone(), data.clone());
                self.command(step.place, &Command::Happen { event, data });
            }
            Action::Person(told) => {
                let person = &mut self.book.person;
                if told.birth_date.is_some() {
                    (person.birth_date, person.birth_date_known_at) = (told.birth_date, Some(self.now));
                }
                person.attributes.0.extend(told.attributes.0.clone());
                person.known.add(told.known);
                person.language = told.language.clone().or(person.language.take());
                person.region = told.region.clone().or(person.region.take());
                told.subscribed.list().for_each(|channel| person.subscribed.add(channel));
                self.command(step.place, &Command::ChangePerson);
            }
            Action::Claim(reward) => {
                let code = code_of_step(step.place);
                self.command(step.place, &Command::ClaimReward { reward: reward.clone(), code });
            }
            Action::Settle { claim, handed_over } => {
                let (claim, handed_over) = (*claim, *handed_over);
                self.command(step.place, &Command::SettleClaim { claim, handed_over });
            }
            Action::GiveOffer(offer) => {
                self.command(step.place, &Command::GiveOffer { offer: offer.clone() })
            }
            Action::ActivateOffer(offer) => {
                self.command(step.place, &Command::ActivateOffer { offer: offer.clone() });
            }
            Action::WithdrawOffer(offer) => {
                self.command(step.place, &Command::WithdrawOffer { offer: offer.clone() });
            }
            Action::IssueGiftCard { code, amount } => {
                let (code, amount) = (code.clone(), *amount);
                self.command(step.place, &Command::IssueGiftCard { code, amount, expires_at: None });
            }
            Action::Transfer(points) => {
                self.command(step.place, &Command::Transfer { to: ANOTHER_MEMBER, points: *points });
            }
        }
    }

    /// Lets the clock go to `until`: what is due on the way happens at its own time, not late.
    fn pass_time(&mut self, until: Instant) {
        while let Some(due) = next_due(self.program, &self.book.member, &self.book.person)
            && due <= until
        {
            // A due time before the clock is one that the last step brought about: it runs now.
            let now = due.max(self.now);
            let ctx = Context { versions: self.versions, now };
            let drafts = run_due(ctx, &mut self.book);
            self.network.hear(ctx, &drafts);
            drafts.iter().for_each(|draft| self.listen(draft));
        }
        self.now = until;
    }

    fn listen(&mut self, entry: &EntryDraft) {
        for event in &entry.events {
            match event {
                Event::MessageAsked { message, .. } => self.messages.push(message.to_string()),
                Event::WebhookAsked { what, .. } => self.webhooks.push(what.to_string()),
                _ => {}
            }
        }
    }

    fn command(&mut self, place: Place, command: &Command) {
        let ctx = Context { versions: self.versions, now: self.now };
        match execute(ctx, &mut self.book, command) {
            Ok(done) => {
                self.network.hear(ctx, &done.due);
                done.due.iter().chain(&done.entry).for_each(|entry| self.listen(entry));
                if let Outcome::Returned(back) = done.outcome {
                    self.refund = back.refund;
                }
            }
            Err(refusal) => self.refusal = Some((refusal, place)),
        }
        // What the command has made due, such as news for a referrer, happens with it.
        self.pass_time(self.now);
    }

    /// A refusal that the test did not expect is a failure of the step.
    fn surprise(&mut self) {
        if let Some((refusal, place)) = self.refusal.take() {
            let code = refusal.code();
            let what = Text::of(format!("refused: {code}"), format!("отказ: {code}"));
            self.failures.push(Failure { place, what });
        }
    }

    fn compare(&mut self, expected: &[Expected]) {
        let refusal = match expected.iter().any(|e| matches!(e.figure, Figure::Refused(_))) {
            true => self.refusal.take().map(|(refusal, _)| refusal.code()),
            false => {
                self.surprise();
                None
            }
        };
        for one in expected {
            if let Some(what) = self.difference(&one.figure, refusal) {
                self.failures.push(Failure { place: one.place, what });
            }
        }
    }

    fn acting_offers(&self) -> Vec<String> {
        let member = &self.book.member;
        let acts = |held: &&HeldOffer| member.offer_state(held, self.now) == OfferState::Active;
        member.offers.iter().filter(acts).map(|h| h.offer.to_string()).collect()
    }

    /// What is otherwise than this figure says.
    fn difference(&self, figure: &Figure, refusal: Option<&'static str>) -> Option<Text> {
        let balance = self.book.member.balance_at(self.now);
        let lifetime = self.book.member.lifetime;
        let order = self.last_order.as_ref().and_then(|key| self.book.orders.get(key));
        let earned = || order.map_or(Points::ZERO, |o| o.points_earned_net());
        let points = |word: &str, wanted: Points, found: Points| {
            let format = |p| self.program.points.format(p);
            (wanted != found).then(|| unequal(word, &format(wanted), &format(found)))
        };
        let money = |word: &str, wanted: Money, found: Money| {
            let format = |m| self.program.currency.format(m);
            (wanted != found).then(|| unequal(word, &format(wanted), &format(found)))
        };
        match figure {
            Figure::Pending(wanted) => points("pending", *wanted, balance.pending),
            Figure::Available(wanted) => points("available", *wanted, balance.available),
            Figure::Held(wanted) => points("held", *wanted, balance.held),
            Figure::Debt(wanted) => points("debt", *wanted, balance.debt),
            Figure::Balance(wanted) => points("balance", *wanted, balance.net()),
            Figure::Expired(wanted) => points("expired", *wanted, lifetime.expired),
            Figure::Spent(wanted) => points("spent", *wanted, lifetime.spent - lifetime.come_back),
            Figure::Issued(wanted) => points("issued", *wanted, lifetime.issued),
            Figure::Earned(wanted) => points("earned", *wanted, earned()),
            Figure::Discount(wanted) => {
                let off = |o: &OrderState| {
                    o.lines.iter().map(|l| l.left_of(l.list) - l.left_of(l.discounted)).sum()
                };
                money("discount", *wanted, order.map(off).unwrap_or_default())
            }
            Figure::ToPay(wanted) => {
                money("to_pay", *wanted, order.map(|o| o.to_pay_remaining()).unwrap_or_default())
            }
            Figure::Refund(wanted) => money("refund", *wanted, self.refund),
            Figure::Gifts(wanted) => {
                let found: i64 = order.map_or(0, |o| o.gifts().map(|(.., pieces)| pieces).sum());
                (*wanted != found).then(|| unequal("gifts", &wanted.to_string(), &found.to_string()))
            }
            Figure::PaidByGiftCards(wanted) => {
                let paid = order.map(|o| o.paid_by_gift_cards());
                money("paid_by_gift_cards", *wanted, paid.unwrap_or_default())
            }
            Figure::GiftCardsLeft(wanted) => {
                let cards = self.book.codes.iter().filter(|c| c.campaign == GIFT_CARD);
                let left = cards.map(|c| self.book.counters.value(&of_gift_card(c.code.as_str()))).sum();
                money("gift_cards_left", *wanted, Money(left))
            }
            Figure::CouponRefused(wanted) => {
                let found = order.and_then(|o| o.coupons.iter().find_map(|c| c.refused));
                let name = |why: CouponRefusal| why.code();
                (Some(*wanted) != found)
                    .then(|| unequal("coupon_refused", name(*wanted), found.map_or("-", name)))
            }
            Figure::Offers(_)
            | Figure::Tags(_)
            | Figure::Messages(_)
            | Figure::Webhooks(_)
            | Figure::Segments(_)
            | Figure::Coupons(_)
            | Figure::Referrers(_)
            | Figure::Tier(_) => self.difference_of_member(figure),
            Figure::Refused(code) => {
                let found = refusal.unwrap_or("-");
                (code != found).then(|| unequal("refused", code, found))
            }
        }
    }

    /// What the member holds beside points.
    fn difference_of_member(&self, figure: &Figure) -> Option<Text> {
        match figure {
            Figure::Offers(wanted) => unequal_lists("offers", wanted, self.acting_offers()),
            Figure::Referrers(wanted) => {
                let told = |list: &[Points]| {
                    let each: Vec<String> = list.iter().map(|p| self.program.points.format(*p)).collect();
                    if each.is_empty() { "-".to_owned() } else { each.join(", ") }
                };
                let found = self.network.given();
                (*wanted != found).then(|| unequal("referrers", &told(wanted), &told(&found)))
            }
            Figure::Tags(wanted) => {
                unequal_lists("tags", wanted, self.book.member.tags.iter().map(ToString::to_string).collect())
            }
            Figure::Messages(wanted) => unequal_lists("messages", wanted, self.messages.clone()),
            Figure::Webhooks(wanted) => unequal_lists("webhooks", wanted, self.webhooks.clone()),
            Figure::Segments(wanted) => {
                let found = segments_of(self.program, &self.book, self.now);
                unequal_lists("segments", wanted, found.iter().map(|s| s.id.to_string()).collect())
            }
            Figure::Coupons(wanted) => {
                let alive = |c: &&MadeCode| {
                    let lives = c.expires_at.is_none_or(|end| end > self.now);
                    c.owner == Some(self.book.member.id) && !c.blocked && lives
                };
                let held = self.book.codes.iter().filter(alive);
                unequal_lists("coupons", wanted, held.map(|c| c.campaign.to_string()).collect())
            }
            Figure::Tier(wanted) => {
                let standing = tier_standing(self.program, &self.book.member, self.now);
                let found = standing.as_ref().map_or("-", |s| s.tier.as_str());
                (wanted != found).then(|| unequal("tier", wanted, found))
            }
            _ => None,
        }
    }
}

/// One that is in the control group or not, as the test wants it; nobody of its network.
fn member_of(program: &Program, test: &Test) -> MemberId {
    let is_wanted = |id: &MemberId| {
        let group = program.control_group.as_ref();
        group.is_none_or(|group| group.has(*id) == test.in_control_group) && !network::is_of_network(*id)
    };
    (1..ANOTHER_MEMBER.0).map(MemberId).find(is_wanted).unwrap_or(MemberId(1))
}

/// Names in any order; what the document wants is sorted.
fn unequal_lists(word: &str, wanted: &[String], mut found: Vec<String>) -> Option<Text> {
    found.sort();
    let list = |names: &[String]| if names.is_empty() { "-".into() } else { names.join(", ") };
    (wanted != found).then(|| unequal(word, &list(wanted), &list(&found)))
}

fn unequal(word: &str, wanted: &str, found: &str) -> Text {
    Text::of(
        format!("`{word}` is {found}, expected {wanted}"),
        format!("`{word}` — {found}, а ожидалось {wanted}"),
    )
}

/// A new code for each step that may need one.
fn code_of_step(place: Place) -> CouponCode {
    let made = CouponCode::make("", hash_of(place));
    made.unwrap_or_else(|| panic!("a code without a prefix can always be made"))
}

/// Steps are bodies of their own, however alike: the number of the step's node tells them apart.
fn hash_of(place: Place) -> u64 {
    u64::from(place.node)
}
