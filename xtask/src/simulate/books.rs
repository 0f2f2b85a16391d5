//! The journal of a whole program read back, and what it must agree with: the rows, the directory, the
//! projections, and every answer that was given.

mod consents;
mod goods;
mod shelf;

use super::documents::{BALL, BALL_USES, FEW_USES, FIXED_TIMES, ONCE_USES, PURSE_MONEY, SELF, SELF_MONEY};
use super::life::Sent;
use super::model::{DUE_CAUSES, Purse, Told, demand, sum};
use super::place::Place;
use super::town::one_spelling;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::{Event, Piece};
use kopilka_core::order::{OrderKey, OrderState, OrderStatus};
use kopilka_core::referral::is_of_others;
use kopilka_core::time::Instant;
use kopilka_service::rows::{EntryRow, Hash16, Kind, MemberRow, Name, Person};
use kopilka_service::{CardChange, Change, Done, MemberRef, PersonPatch, Reader, Registration, StoreError};
pub use shelf::faces;
use std::collections::{BTreeMap, BTreeSet, HashMap};

const PAGE: usize = 500;

/// Everything of one member as it is kept.
pub struct Kept {
    row: MemberRow,
    person: Option<Person>,
    orders: Vec<OrderState>,
    /// Oldest first.
    pub entries: Vec<EntryRow>,
    /// Keys of the journal that neither the row nor the projection of old keys knows.
    keys_lost: usize,
}

/// A transfer as its entry tells it.
struct Transfer {
    from: MemberId,
    to: MemberId,
    points: i64,
    ended: bool,
}

/// A whole program as it is kept.
pub struct All {
    pub members: Vec<Kept>,
    shelf: shelf::ShelfKept,
}

/// What is known of a life beside its books.
#[derive(Clone, Copy)]
pub struct Known<'l> {
    pub sent: &'l [Sent],
    /// Smallest units in a point.
    pub scale: i64,
    /// One writer: entries are in the order of time.
    pub alone: bool,
}

/// Reads all of a program, at one moment.
pub fn read_all(place: &Place, program: ProgramId) -> Result<All, String> {
    let all = place.read(move |r| {
        let mut members = Vec::new();
        let mut after = None;
        loop {
            let rows = r.members(program, after, PAGE)?;
            let Some(last) = rows.last() else {
                let shelf = shelf::read(r, program, &members)?;
                return Ok(All { members, shelf });
            };
            after = Some(last.member.id);
            for row in rows {
                members.push(read_member(r, program, row)?);
            }
        }
    });
    all.map_err(|e| format!("reading the journal: {e}"))
}

fn read_member(r: &Reader, program: ProgramId, row: MemberRow) -> Result<Kept, StoreError> {
    let member = row.member.id;
    let mut entries = Vec::new();
    let mut before = None;
    loop {
        let page = r.entries(program, member, before, PAGE)?;
        before = page.last().map(|entry| entry.id);
        let is_last = page.len() < PAGE;
        entries.extend(page);
        if is_last {
            break;
        }
    }
    entries.reverse();
    let mut keys_lost = 0;
    for (entry, hash) in entries.iter().filter_map(|e| Some((e.id, e.key_hash?))) {
        let known = row.keys.iter().any(|key| key.hash == hash && key.entry == entry);
        keys_lost += usize::from(!known && r.old_key(program, member, hash)? != Some(entry));
    }
    let (person, orders) = (r.person(program, member)?, r.orders_of_member(program, member)?);
    Ok(Kept { row, person, orders, entries, keys_lost })
}

/// Everything that must hold of what is kept, whenever one looks.
pub fn prove(all: &All, known: Known<'_>) -> Result<Vec<Purse>, String> {
    let (members, sent) = (&all.members, known.sent);
    let mut answers: HashMap<(MemberId, i64), Vec<&Sent>> = HashMap::new();
    for one in sent {
        if let Some(Ok(done)) = &one.answer {
            answers.entry((done.member, done.seq)).or_default().push(one);
        }
    }
    let mut purses = Vec::with_capacity(members.len());
    for kept in members {
        let told = |what| format!("member {}: {what}", kept.row.member.id);
        let purse = prove_member(kept, &answers).map_err(told)?;
        compare(kept, &purse).map_err(told)?;
        shelf::row(kept, &purse).map_err(told)?;
        goods::prove(kept, &purse).map_err(told)?;
        person(kept, sent).map_err(told)?;
        purses.push(purse);
    }
    let under_way = transfers(members)?;
    uses(members)?;
    deeds(members, sent)?;
    shelf::prove(&purses, &all.shelf, known.scale)?;
    if known.alone {
        let done = sent.iter().filter_map(Sent::done);
        let by_entry: BTreeMap<EntryId, &Done> = done.filter_map(|done| Some((done.entry?, done))).collect();
        shelf::in_time(members, &by_entry)?;
    }
    let transferred: i64 = purses.iter().map(|purse| purse.account("transferred")).sum();
    demand(transferred == under_way, || format!("{transferred} have left, {under_way} are on their way"))?;
    Ok(purses)
}

/// What is limited is counted as often as orders have it, and never beyond its limit.
fn uses(all: &[Kept]) -> Told {
    let mut counted: BTreeMap<&str, i64> = BTreeMap::new();
    for kept in all {
        let mut own: BTreeMap<&str, i64> = BTreeMap::new();
        for event in kept.entries.iter().flat_map(|entry| &entry.events) {
            match event {
                Event::UseCounted { what, by } => *counted.entry(what.as_str()).or_default() += by,
                Event::MemberUseCounted { what, by, .. } => *own.entry(what.as_str()).or_default() += by,
                _ => {}
            }
        }
        let once = own.get("coupon:once").copied().unwrap_or_default();
        demand((0..=ONCE_USES).contains(&once), || {
            format!("member {} used the coupon `once` {once} times", kept.row.member.id)
        })?;
    }
    let limits = [
        ("coupon:few".to_owned(), FEW_USES),
        ("coupon:purse:money".to_owned(), PURSE_MONEY),
        ("rule:fixed:times".to_owned(), FIXED_TIMES),
        (format!("coupon:{BALL}"), BALL_USES),
        (format!("coupon:{SELF}:money"), SELF_MONEY),
    ];
    for (what, most) in limits {
        let used = counted.get(what.as_str()).copied().unwrap_or_default();
        demand((0..=most).contains(&used), || format!("{what} is {used}, at most {most}"))?;
    }
    let taken = |c: &&kopilka_core::order::OrderCoupon| c.taken && c.campaign.as_deref() == Some("purse");
    let orders = || all.iter().flat_map(|kept| &kept.orders);
    let money: i64 = orders().flat_map(|o| &o.coupons).filter(taken).map(|c| c.money.0).sum();
    let used = counted.get("coupon:purse:money").copied().unwrap_or_default();
    demand(money == used, || format!("orders have {money} of the purse, {used} is counted"))?;
    let over = orders().find(|o| o.status == OrderStatus::Cancelled && o.coupons.iter().any(|c| c.taken));
    demand(over.is_none(), || "a cancelled order keeps its coupon".to_owned())
}

fn prove_member(kept: &Kept, answers: &HashMap<(MemberId, i64), Vec<&Sent>>) -> Result<Purse, String> {
    let member = kept.row.member.id;
    let mut purse = Purse::new(member);
    let mut before = (EntryId(0), Instant(i64::MIN));
    for (entry, number) in kept.entries.iter().zip(1..) {
        let chained = entry.seq == number && entry.prev == before.0 && entry.id > before.0;
        demand(chained, || format!("entry {} does not follow {}", entry.id, before.0))?;
        let ordered = entry.recorded_at >= before.1 && entry.effective_at <= entry.recorded_at;
        demand(ordered, || format!("entry {} is out of time", entry.id))?;
        before = (entry.id, entry.recorded_at);
        purse.take(entry)?;
        for one in answers.get(&(member, number)).into_iter().flatten() {
            let Some(Ok(done)) = &one.answer else { continue };
            let balance = purse.balance_at(done.now);
            demand(done.balance == balance, || {
                format!("{} was told {:?}, the journal gives {balance:?}", one.name(), done.balance)
            })?;
            shelf::answered(entry, done).map_err(|what| format!("{} was told {what}", one.name()))?;
        }
    }
    let mut keys: BTreeSet<Hash16> = BTreeSet::new();
    let all = kept.entries.iter().filter_map(|entry| entry.key_hash);
    for key in all {
        demand(keys.insert(key), || "one key was answered by two entries".to_owned())?;
    }
    demand(kept.keys_lost == 0, || format!("{} keys are forgotten", kept.keys_lost))?;
    Ok(purse)
}

/// The rows against the journal.
fn compare(kept: &Kept, purse: &Purse) -> Told {
    let (row, booked) = (&kept.row, purse.booked());
    demand(row.seq == kept.entries.len() as i64, || "the row counts other entries".to_owned())?;
    let of_row = row.member.balance_booked();
    demand(of_row == booked, || format!("the row has {of_row:?}, the journal gives {booked:?}"))?;
    let lots = row.member.lots.iter().map(|l| (l.no, l.free.0, l.held.0, l.expires_at, l.booked_active));
    let open = purse.lots.iter().filter(|(_, lot)| lot.free + lot.held > 0);
    let open = open.map(|(no, lot)| (*no, lot.free, lot.held, lot.expires_at, lot.booked));
    let (mut lots, open): (Vec<_>, Vec<_>) = (lots.collect(), open.collect());
    lots.sort_unstable_by_key(|lot| lot.0);
    demand(lots == open, || format!("the row has lots {lots:?}, the journal gives {open:?}"))?;
    demand(kept.orders.len() == purse.orders.len(), || "there are other orders".to_owned())?;
    for order in &kept.orders {
        let seen =
            purse.orders.get(&order.key).ok_or_else(|| format!("order {} is in no entry", order.key))?;
        let credits: Vec<_> = order.credits.iter().map(|c| (c.lot, c.issued.0, c.taken.0)).collect();
        let same = order.status == seen.status
            && order.refunded.0 == seen.refunded
            && order.points_spent_net().0 == seen.pays()
            && order.is_paid() == seen.paid
            && credits == seen.credits;
        demand(same, || format!("order {order:?} is by the journal {seen:?}"))?;
    }
    Ok(())
}

/// Every accepted command is in the journal once, every refused one nowhere.
fn deeds(all: &[Kept], sent: &[Sent]) -> Told {
    let mut found: BTreeMap<&str, Vec<&EntryRow>> = BTreeMap::new();
    for entry in all.iter().flat_map(|kept| &kept.entries) {
        match &entry.operator {
            Some(deed) => found.entry(deed).or_default().push(entry),
            None => {
                let of_time = DUE_CAUSES.contains(&entry.cause.as_str());
                let told = entry.cause.starts_with("transfer_") || entry.cause == "referral_heard";
                let brought = told && entry.key_hash.is_some();
                demand(of_time || brought, || format!("nobody asked for entry {}", entry.id))?;
            }
        }
    }
    let mut wanted: BTreeMap<String, BTreeSet<EntryId>> = BTreeMap::new();
    for one in sent {
        let entries = wanted.entry(one.deed()).or_default();
        if let Some(Ok(done)) = &one.answer {
            entries.extend(done.entry);
            // Told again after a crash, the same body is no change: the entry is the first telling's.
            let unknown = one.cut_off && done.entry.is_none();
            entries.extend(
                found.get(one.deed().as_str()).into_iter().flatten().map(|e| e.id).filter(|_| unknown),
            );
        }
    }
    for (deed, entries) in &wanted {
        let there: Vec<EntryId> = found.remove(deed.as_str()).into_iter().flatten().map(|e| e.id).collect();
        let once =
            there.len() == entries.len() && there.len() <= 1 && there.iter().all(|e| entries.contains(e));
        demand(once, || format!("{deed} was answered with {entries:?}, the journal has {there:?}"))?;
    }
    demand(found.is_empty(), || format!("entries of commands nobody sent: {:?}", found.keys()))
}

/// What left a member arrived once, came back once, or is on its way: so many points.
fn transfers(all: &[Kept]) -> Result<i64, String> {
    let mut under_way: BTreeMap<EntryId, Transfer> = BTreeMap::new();
    let mut ends = Vec::new();
    for entry in all.iter().flat_map(|kept| &kept.entries) {
        for event in &entry.events {
            match event {
                Event::TransferSent { to, pieces } => {
                    let sent = Transfer { from: entry.member, to: *to, points: sum(pieces), ended: false };
                    under_way.insert(entry.id, sent);
                }
                Event::TransferReceived { entry: by, from, lots, gone } => {
                    let points = lots.iter().map(|lot| lot.free.0).sum::<i64>() + gone.0;
                    ends.push((*by, *from, entry.member, points));
                }
                Event::TransferCameBack { entry: by, to, back } => {
                    let pieces: Vec<Piece> = back.iter().map(|b| b.piece.clone()).collect();
                    ends.push((*by, entry.member, *to, sum(&pieces)));
                }
                _ => {}
            }
        }
    }
    for (by, from, to, points) in ends {
        let sent = under_way.get_mut(&by).ok_or_else(|| format!("no entry {by} sent what arrived"))?;
        let same = (sent.from, sent.to, sent.points, sent.ended) == (from, to, points, false);
        demand(same, || format!("the transfer of entry {by} ended twice, or as another"))?;
        sent.ended = true;
    }
    Ok(under_way.values().filter(|sent| !sent.ended).map(|sent| sent.points).sum())
}

/// What is known of the person, by the commands that told it.
fn person(kept: &Kept, sent: &[Sent]) -> Told {
    let by_deed: HashMap<String, &Change> = sent.iter().map(|one| (one.deed(), &one.write.change)).collect();
    let mut told: Option<Person> = None;
    for entry in &kept.entries {
        let change = entry.operator.as_ref().and_then(|deed| by_deed.get(deed));
        match change {
            Some(Change::Register(registration)) if !entry.events.is_empty() => {
                told = Some(registered(registration));
            }
            Some(Change::Erase { .. }) => told = Some(Person::default()),
            Some(Change::SetCard { change, .. }) => set_card(told.get_or_insert_default(), change),
            Some(Change::PatchMember { patch, .. }) => patched(told.get_or_insert_default(), patch),
            Some(Change::ClaimReward { reward, .. }) => shelf::may_claim(reward, told.as_ref())?,
            _ => {}
        }
    }
    let found = kept.person.clone().map(|person| Person {
        birth_date_known_at: None,
        consents: consents::timeless(&person.consents),
        ..person
    });
    demand(found == told, || format!("the person is {found:?}, told was {told:?}"))
}

fn spelled(texts: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for text in texts.iter().map(|text| one_spelling(text)) {
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

fn registered(registration: &Registration) -> Person {
    let mut person = Person {
        name: registration.name.clone(),
        birth_date: registration.birth_date,
        birth_date_known_at: None,
        language: registration.language.clone(),
        ext: registration.ext.clone(),
        phones: spelled(&registration.phones),
        emails: spelled(&registration.emails),
        cards: spelled(&registration.cards),
        blocked_cards: Vec::new(),
        sites: Vec::new(),
        other_exts: Vec::new(),
        attributes: registration.attributes.clone(),
        region: registration.region.clone(),
        telegram: registration.telegram.clone(),
        consents: Vec::new(),
        holders: Vec::new(),
    };
    consents::given(&mut person, &registration.consents);
    person
}

fn set_card(person: &mut Person, change: &CardChange) {
    let Person { cards, blocked_cards, .. } = person;
    let (from, to) = if change.blocked { (cards, blocked_cards) } else { (blocked_cards, cards) };
    if let Some(at) = from.iter().position(|known| *known == change.card) {
        to.push(from.remove(at));
    }
    if let Some(new) = change.replacement.as_ref().filter(|new| !person.cards.contains(new)) {
        person.cards.push(new.clone());
    }
}

fn patched(person: &mut Person, patch: &PersonPatch) {
    if let Some(phones) = &patch.phones {
        person.phones = spelled(phones);
    }
    if let Some(emails) = &patch.emails {
        person.emails = spelled(emails);
    }
    if let Some(cards) = &patch.cards {
        person.cards = spelled(cards);
    }
    if let Some(birth_date) = patch.birth_date {
        person.birth_date = birth_date;
    }
    if let Some(name) = &patch.name {
        person.name.clone_from(name);
    }
    if let Some(region) = &patch.region {
        person.region.clone_from(region);
    }
    if let Some(language) = &patch.language {
        person.language.clone_from(language);
    }
    consents::given(person, &patch.consents);
    if let Some(told) = &patch.withdrawn {
        consents::withdrawn(person, told);
    }
    for (id, value) in &patch.attributes {
        match value {
            Some(value) => person.attributes.0.insert(id.clone(), value.clone()),
            None => person.attributes.0.remove(id),
        };
    }
}

/// Every name leads to its member and to no other.
pub fn directory(place: &Place, program: ProgramId, all: &All) -> Told {
    let service = &place.servers[0].service;
    let mut seen: BTreeSet<(Kind, String)> = BTreeSet::new();
    for kept in &all.members {
        let member = kept.row.member.id;
        let person = kept.person.clone().unwrap_or_default();
        let named = |kind, texts: Vec<String>, name: fn(String) -> MemberRef| {
            texts.into_iter().map(move |text| ((kind, text.clone()), name(text)))
        };
        let names = named(Kind::Ext, person.ext.into_iter().collect(), MemberRef::Ext)
            .chain(named(Kind::Phone, person.phones, MemberRef::Phone))
            .chain(named(Kind::Email, person.emails, MemberRef::Email))
            .chain(named(Kind::Card, person.cards, MemberRef::Card));
        for (name, by) in names {
            let found = place.wait(service.find_member(program, by.clone()));
            demand(found == Ok(member), || format!("{by:?} of {member} leads to {found:?}"))?;
            demand(seen.insert(name), || format!("{by:?} belongs to two members"))?;
        }
        // Rows of what friends bought are found by their member alone.
        let own = kept.orders.iter().filter(|order| !is_of_others(&order.key));
        let keys: Vec<OrderKey> = own.map(|order| order.key.clone()).collect();
        let targets = place.read(move |r| {
            keys.iter().map(|key| r.find(program, &Name::order(key))).collect::<Result<Vec<_>, _>>()
        });
        let targets = targets.map_err(|e| format!("reading the directory: {e}"))?;
        let lead = targets.iter().all(|target| target.is_some_and(|target| target.member == member));
        demand(lead, || format!("an order of {member} leads elsewhere"))?;
    }
    Ok(())
}

/// What the projections say once they are at the journal's end and nothing is due.
pub fn projections(place: &Place, program: ProgramId, purses: &[Purse], now: Instant) -> Told {
    for purse in purses {
        purse.nothing_due(now).map_err(|what| format!("member {}: {what}", purse.member))?;
    }
    let sums = place.read(move |r| r.liability(program)).map_err(|e| format!("reading sums: {e}"))?;
    let total: i64 = sums.iter().map(|(_, points)| points).sum();
    let open = |ends: bool| -> i64 {
        let lots = purses.iter().flat_map(|purse| purse.lots.values());
        lots.filter(|lot| ends == lot.expires_at.is_some()).map(|lot| lot.free + lot.held).sum()
    };
    let never: i64 = sums.iter().filter(|(month, _)| *month == 0).map(|(_, points)| points).sum();
    demand(total == open(true) + open(false) && never == open(false), || {
        format!("the sums by month are {sums:?}, the lots have {} and {}", open(true), open(false))
    })?;
    for purse in purses {
        for key in purse.orders.keys().filter(|key| !is_of_others(key)) {
            let asked = key.clone();
            let listed = place.read(move |r| r.entries_of_order(program, &asked));
            let listed = listed.map_err(|e| format!("reading an order's entries: {e}"))?;
            demand(!listed.is_empty(), || format!("no entry is listed of order {key}"))?;
        }
    }
    Ok(())
}
