//! `kopilka import members`: members with their balances.

use super::{Asked, Place, Refusals, bar, line, stopped};
use crate::cli::products::pair;
use kopilka_service::ServiceError;
use kopilka_service::import::{
    MONTH_OF_PROGRAM, MemberImport, MemberList, MemberListOptions, MemberTally, Sum,
};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    asked: Asked,
    /// Which column holds what, as `--map ext=Код --map points="Остаток баллов"`. Fields: ext, phone, email,
    /// card, name, last_name, middle_name, birth_date, language, region, tags, registered_at, orders, spent,
    /// last_order_at, tier, tier_until, points, active_at, expires_at, and attribute.ID for each attribute of
    /// the program.
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = pair)]
    map: Vec<(String, String)>,
    /// The rules of a registration fire for who is new, as if they had registered here today.
    #[arg(long)]
    welcome: bool,
    /// Take rows whose points have ended already without these points; they are refused otherwise.
    #[arg(long)]
    drop_expired: bool,
}

pub fn run(args: &Args) -> Result<ExitCode, String> {
    let asked = &args.asked;
    let place = Place::open(asked)?;
    let options =
        MemberListOptions { map: args.map.clone(), welcome: args.welcome, drop_expired: args.drop_expired };
    let now = place.service.now(place.program);
    let list = MemberList::open(&asked.file, (place.in_force.clone(), now), options)
        .map_err(|error| format!("{}: {error}", asked.file.display()))?;
    let list = Arc::new(list);
    for (field, column) in list.columns() {
        line(&field, &column);
    }
    match list.unread().as_slice() {
        [] => {}
        unread => line("not read", &unread.join(", ")),
    }
    let looked = Pass { place: &place, list: &list, asked, rows: None }.run()?;
    tell(&place, &looked);
    if asked.dry_run {
        place.service.stop();
        let refused = looked.refused_in_all().rows;
        return Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let given = place
        .work(async { Pass { place: &place, list: &list, asked, rows: Some(looked.all.rows) }.all().await });
    place.service.stop();
    reconcile(&place, &given?)
}

/// All rows of the file: looked at, or imported where it is known how many there are.
struct Pass<'a> {
    place: &'a Place,
    list: &'a Arc<MemberList>,
    asked: &'a Asked,
    rows: Option<u64>,
}

impl Pass<'_> {
    fn run(&self) -> Result<MemberTally, String> {
        crate::cli::data::wait(self.all())?
    }

    async fn all(&self) -> Result<MemberTally, String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let place = self.place;
        let import = MemberImport::new(&place.service, place.program, place.asked(self.asked));
        let mut import = import.map_err(|error| told(&error))?;
        let is_last = self.rows.is_some() || self.asked.dry_run;
        let errors = self.asked.errors.as_deref().filter(|_| is_last);
        let mut refusals = Refusals::new(errors, &self.list.sheet.heading, self.asked.lang)?;
        let bar = bar(if self.rows.is_some() { "importing" } else { "looking" }, self.rows);
        let rows = self.list.rows().map_err(|error| told(&error))?;
        let passed = import.pass(rows, self.rows.is_some(), |tally, refused| {
            for refused in refused.iter().filter(|_| is_last) {
                refusals.add(refused, &bar).map_err(Ended::Told)?;
            }
            bar.set_position(tally.all.rows);
            Ok(())
        });
        passed.await.map_err(|ended| match ended {
            Ended::Told(text) => text,
            Ended::Stopped(error) => stopped(&error),
        })?;
        refusals.finish(&bar)?;
        Ok(import.tally)
    }
}

/// Why a pass did not come to its end.
enum Ended {
    Told(String),
    Stopped(ServiceError),
}

impl From<ServiceError> for Ended {
    fn from(error: ServiceError) -> Ended {
        Ended::Stopped(error)
    }
}

fn tell(place: &Place, tally: &MemberTally) {
    let program = &place.in_force;
    let of =
        |sum: &Sum, what: &str| format!("{} {what}, {} points", sum.rows, program.points.format(sum.points));
    line("rows", &tally.all.rows.to_string());
    line("members", &format!("{} new, {} known", tally.new, tally.known));
    if tally.before.rows > 0 {
        line("imported before", &of(&tally.before, "rows"));
    }
    let worth = program.currency.format(tally.liability(program));
    let currency = program.currency.code();
    line("lots", &format!("{}, worth {worth} {currency}", of(&tally.lots, "lots")));
    for (month, sum) in &tally.by_month {
        let what = match month {
            None => "  never end".to_owned(),
            Some(MONTH_OF_PROGRAM) => "  as the program has it".to_owned(),
            Some(month) => format!("  end in {}-{:02}", month / 100, month % 100),
        };
        line(&what, &of(sum, "lots"));
    }
    if tally.dropped.rows > 0 {
        line("ended, left out", &of(&tally.dropped, "rows"));
    }
    line("refused", &of(&tally.refused_in_all(), "rows"));
    for (code, sum) in &tally.refused {
        line(&format!("  {code}"), &of(sum, "rows"));
    }
}

/// The file on one side, the books on the other.
fn reconcile(place: &Place, tally: &MemberTally) -> Result<ExitCode, String> {
    let program = &place.in_force;
    let of =
        |sum: &Sum, what: &str| format!("{} {what}, {} points", sum.rows, program.points.format(sum.points));
    println!();
    line("in the file", &of(&tally.all, "rows"));
    line("registered", &format!("{} members", tally.new));
    line("given now", &of(&tally.lots, "lots"));
    line("given before", &of(&tally.before, "rows"));
    line("ended, left out", &of(&tally.dropped, "rows"));
    let refused = tally.refused_in_all();
    line("refused", &of(&refused, "rows"));
    let difference = tally.difference();
    line("difference", &format!("{} points", program.points.format(difference)));
    let holds = difference.is_zero() && refused.rows == 0;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
