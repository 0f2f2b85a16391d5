//! `kopilka program check`: a document by itself, and beside a shop's order history.
//!
//! Invariant: a history adds warnings, notes and figures, never errors: the exit code is the document's.

use crate::cli::program::{self, Document};
use crate::cli::replay;
use kopilka_core::program::diagnostics::{Diagnostic, Severity};
use kopilka_core::program::habits::{Habits, Terms, days, gives_points, percent_text, share};
use kopilka_core::program::{self as core, Program, Text, Trigger};
use kopilka_sim::Measured;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// A document, and the history to judge it by.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    document: Document,
    /// A shop's order history (CSV, plain or gzip): how its members buy, and whether they would ever spend.
    #[arg(long, value_name = "LOG")]
    orders: Option<PathBuf>,
    /// Which column is what (JSON, see docs/reference/replay.md); known logs are recognised without it.
    #[arg(long, value_name = "MAP", requires = "orders")]
    map: Option<PathBuf>,
    /// The rules of registration fire at a member's first order in the history.
    #[arg(long, requires = "orders")]
    welcome: bool,
}

/// Judges the document, and runs its tests; a history is read only for a document without errors.
pub fn run(args: &Args) -> Result<ExitCode, String> {
    let text = args.document.read()?;
    let mut compiled = core::check(&text);
    let mut beside = None;
    if let (Some(orders), Some(program)) = (&args.orders, compiled.program.take()) {
        let program = Arc::new(program);
        let measured = measure(orders, args.map.as_deref(), &program, args.welcome)?;
        compiled.diagnostics.extend(core::judge_habits(&text, &measured.habits));
        beside = Some((program, measured));
    }
    let beside = beside.as_ref().map(|(program, measured)| (&**program, measured));
    let (errors, warnings) = program::counts(&compiled.diagnostics);
    if args.document.is_json() {
        program::print_json(&answer(args, &compiled.diagnostics, beside))?;
    } else {
        let lang = args.document.lang();
        program::print_diagnostics(&args.document, &compiled.diagnostics);
        for line in beside.map_or(Vec::new(), |(program, measured)| told(measured, program)) {
            println!("{}", lang.of(&line));
        }
        if args.orders.is_some() && beside.is_none() {
            let not_read = Text::of(
                "the history was not read: the document has errors",
                "история не прочитана: в документе есть ошибки",
            );
            println!("{}", lang.of(&not_read));
        }
        println!("{}", program::counted(lang, errors, warnings));
    }
    Ok(program::exit(errors == 0))
}

fn measure(
    orders: &Path,
    map: Option<&Path>,
    program: &Arc<Program>,
    welcome: bool,
) -> Result<Measured, String> {
    let map = map.map(replay::load_map).transpose()?;
    let bar = replay::Bar::new();
    let log = replay::read_log(orders, map, &bar)?;
    let show = |progress| bar.show(progress);
    let measured = kopilka_sim::measure(&log, program.clone(), welcome, replay::threads(None), &show);
    bar.finish();
    Ok(measured)
}

fn answer(args: &Args, diagnostics: &[Diagnostic], beside: Option<(&Program, &Measured)>) -> Value {
    let (errors, warnings) = program::counts(diagnostics);
    let mut answer = json!({
        "diagnostics": diagnostics.iter().map(program::diagnostic_json).collect::<Vec<_>>(),
        "errors": errors,
        "warnings": warnings,
    });
    if args.orders.is_some() {
        let notes = diagnostics.iter().filter(|d| d.severity == Severity::Note).count();
        answer["notes"] = notes.into();
        answer["orders"] = beside.map_or(Value::Null, |(program, measured)| figures(measured, program));
    }
    answer
}

/// The figures for programs: counts and days are numbers, shares are percent with two decimals.
fn figures(measured: &Measured, program: &Program) -> Value {
    let Measured { habits, .. } = measured;
    let counts = habits.counts;
    let decimals = |share: u64| format!("{}.{:02}", share / 100, share % 100);
    let percent = |part, whole| share(part, whole).map(decimals);
    let terms = Terms::of_orders(program).into_iter().map(|terms| {
        json!({
            "terms": program::text_json(&terms.told()),
            "too_short_percent": terms.late(program, habits).map(decimals),
        })
    });
    json!({
        "first": measured.first.to_string(),
        "last": measured.last.to_string(),
        "days": counts.days,
        "currency": habits.currency,
        "welcome": counts.welcome,
        "enough_to_judge": habits.suffice(),
        "orders": measured.orders,
        "orders_refused": measured.orders_refused,
        "purchases": counts.purchases,
        "members": counts.members,
        "members_who_bought_again": counts.bought_again,
        "bought_again_percent": percent(counts.bought_again, counts.members),
        "median_gap_days": habits.median_gap(),
        "three_quarters_gap_days": habits.gap_of_three_quarters(),
        "points_of_orders": terms.collect::<Vec<_>>(),
        "members_who_got_points": counts.earners,
        "got_points_percent": percent(counts.earners, counts.members),
        "members_who_could_spend": habits.spenders(),
        "could_spend_percent": percent(habits.spenders(), counts.members),
        "could_spend_of_bought_again_percent": percent(counts.spenders_again, counts.bought_again),
        "median_purchase_of_first_spend": habits.first_spend(),
    })
}

/// The figures for people, a sentence a line.
fn told(measured: &Measured, program: &Program) -> Vec<Text> {
    let habits = &measured.habits;
    let (members, purchases) = (habits.counts.members, habits.counts.purchases);
    let (first, last) = (measured.first, measured.last);
    let mut lines = vec![
        Text::of(
            format!("order history from {first} to {last}:"),
            format!("история заказов с {first} по {last}:"),
        ),
        Text::of(
            format!("  members: {members}, their purchases: {purchases} (orders of one day are one)"),
            format!("  участников: {members}, покупок: {purchases} (заказы одного дня — одна покупка)"),
        ),
    ];
    lines.extend(gaps_told(habits, program));
    lines.extend(spending_told(habits, program));
    if measured.orders_refused > 0 {
        let count = measured.orders_refused;
        lines.push(Text::of(
            format!("  orders refused by the engine and left out: {count}"),
            format!("  заказов отклонено движком и не учтено: {count}"),
        ));
    }
    lines.extend(left_out(habits, program));
    lines
}

fn gaps_told(habits: &Habits, program: &Program) -> Vec<Text> {
    let (again, members) = (habits.counts.bought_again, habits.counts.members);
    let percent = percent_of(again, members);
    let mut lines = vec![Text::of(
        format!("  bought again on a later day: {again} ({percent} % of members)"),
        format!("  купили снова в другой день: {again} ({percent} % участников)"),
    )];
    if let (Some(half), Some(most)) = (habits.median_gap(), habits.gap_of_three_quarters()) {
        let (half, most) = (days(i64::from(half)), days(i64::from(most)));
        lines.push(Text::of(
            format!("  gap between purchases: half within {}, three quarters within {}", half.en, most.en),
            format!("  между покупками: половина укладывается в {}, три четверти — в {}", half.ru, most.ru),
        ));
    }
    for terms in Terms::of_orders(program) {
        let Some(late) = terms.late(program, habits) else { continue };
        let (told, late) = (terms.told(), percent_text(late));
        lines.push(Text::of(
            format!("  points of an order {}: too short for {late} % of next purchases", told.en),
            format!("  баллы за заказ {}: до следующей покупки не доживают в {late} % случаев", told.ru),
        ));
    }
    lines
}

fn spending_told(habits: &Habits, program: &Program) -> Vec<Text> {
    let counts = habits.counts;
    if !gives_points(program, counts.welcome) {
        return vec![Text::of(
            "  the program gives no points for orders: spending is not looked at",
            "  баллов за заказы программа не даёт: списание не рассматривается",
        )];
    }
    let mut lines = Vec::new();
    if counts.earners < counts.members {
        let (earners, percent) = (counts.earners, percent_of(counts.earners, counts.members));
        lines.push(Text::of(
            format!("  ever got points: {earners} ({percent} % of members)"),
            format!("  хоть раз получили баллы: {earners} ({percent} % участников)"),
        ));
    }
    let spenders = habits.spenders();
    let percent = percent_of(spenders, counts.members);
    let again = percent_of(counts.spenders_again, counts.bought_again);
    lines.push(Text::of(
        format!("  could ever pay with points: {spenders} ({percent} % of members, {again} % of those who bought again)"),
        format!("  смогли бы хоть раз заплатить баллами: {spenders} ({percent} % участников, {again} % купивших снова)"),
    ));
    match habits.first_spend() {
        None => {}
        Some(1) => lines.push(Text::of(
            "  for the first time: at least half of them with the very first purchase",
            "  впервые: не меньше половины из них — на первой же покупке",
        )),
        Some(purchase) => lines.push(Text::of(
            format!("  for the first time: half of them with purchase {purchase} or earlier"),
            format!("  впервые: половина из них — на {purchase}-й покупке или раньше"),
        )),
    }
    lines
}

fn percent_of(part: u64, whole: u64) -> String {
    percent_text(share(part, whole).unwrap_or(0))
}

/// What the figures do not hold, and a reader might look for.
fn left_out(habits: &Habits, program: &Program) -> Vec<Text> {
    let mut lines = Vec::new();
    let welcomes = program.rules.iter().any(|rule| rule.when == Trigger::MemberRegistered);
    if welcomes && !habits.counts.welcome {
        lines.push(Text::of(
            "  points for registering are not counted; --welcome gives them at the first order",
            "  баллы за регистрацию не учтены; с --welcome их дадут при первом заказе",
        ));
    }
    if !program.rewards.is_empty() {
        lines.push(Text::of(
            "  points can also be spent on rewards; a history holds no claims",
            "  баллы тратят и на награды; в истории заказов их нет",
        ));
    }
    lines
}
