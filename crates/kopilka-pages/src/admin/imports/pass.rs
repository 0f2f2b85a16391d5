//! An import at work: all rows of the file are looked at, or given, beside what tills ask.
//!
//! Invariant: it is the import of the command line, row by row and under the same names, so what one has
//! begun the other goes on with and nothing is given twice.

use super::job::{AtWork, Figure, Job, Jobs, Kind, State, Trouble};
use super::{columns, history};
use kopilka_core::ids::ProgramId;
use kopilka_core::program::{Program, Text};
use kopilka_service::import::{
    ImportAsked, MONTH_OF_PROGRAM, MemberImport, MemberList, MemberListOptions, MemberTally,
};
use kopilka_service::product_list;
use kopilka_service::sheet::{self, ERROR_COLUMNS, RefusedRow, SheetError, error_row};
use kopilka_service::{Service, ServiceError};
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

/// Products of one transaction, as the API takes them.
const PRODUCTS_AT_ONCE: usize = 1_000;

/// What a pass works with.
pub struct Pass {
    pub service: Service,
    pub program: ProgramId,
    pub in_force: Arc<Program>,
    pub jobs: Jobs,
    pub job: Job,
    pub russian: bool,
    /// Rows are given, not only looked at.
    pub gives: bool,
    /// The rows that do not fit, once the heading is known.
    pub errors: Option<csv::Writer<File>>,
}

/// Why a pass did not come to its end, for people.
pub struct Stopped(pub Text);

fn both(en: impl Into<String>, ru: impl Into<String>) -> Text {
    Text { en: en.into(), ru: ru.into() }
}

impl From<SheetError> for Stopped {
    fn from(error: SheetError) -> Stopped {
        Stopped(columns::sheet_text(&error))
    }
}

impl From<ServiceError> for Stopped {
    fn from(error: ServiceError) -> Stopped {
        tracing::warn!(%error, "an import stopped");
        Stopped(match error {
            ServiceError::Stopping => both("the server was stopped", "сервер остановили"),
            ServiceError::StorageFull => both("the disk is full", "на диске кончилось место"),
            _ => both("the database did not answer", "база данных не ответила"),
        })
    }
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Stopped {
        tracing::warn!(%error, "an import's file is not written");
        Stopped(both("a file on the server cannot be written", "файл на сервере не записывается"))
    }
}

impl From<csv::Error> for Stopped {
    fn from(error: csv::Error) -> Stopped {
        std::io::Error::other(error).into()
    }
}

/// Works on a thread of its own: reading and parsing would hold up what others ask.
pub fn start(mut pass: Pass, held: AtWork) -> std::io::Result<()> {
    pass.job.state = if pass.gives { State::Running } else { State::Looking };
    pass.job.rows = 0;
    pass.job.trouble = None;
    if !pass.gives {
        pass.job.rows_in_all = None;
        pass.job.figures.clear();
    }
    pass.jobs.save(&pass.job)?;
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let done = runtime.block_on(pass.run());
        pass.end(done);
        drop(held);
    });
    Ok(())
}

impl Pass {
    async fn run(&mut self) -> Result<(), Stopped> {
        match self.job.kind {
            Kind::Members => self.members().await,
            Kind::Products => self.products().await,
            Kind::Orders => history::run(self).await,
        }?;
        if let Some(errors) = &mut self.errors {
            errors.flush()?;
        }
        Ok(())
    }

    fn end(&mut self, done: Result<(), Stopped>) {
        let job = &mut self.job;
        match done {
            Ok(()) if self.gives => job.state = State::Done,
            Ok(()) => {
                job.rows_in_all = Some(job.rows);
                job.state = State::Looked;
            }
            Err(Stopped(why)) => {
                job.trouble = Some(Trouble::new(why));
                job.state = if self.gives { State::Stopped } else { State::Uploaded };
            }
        }
        // First the list, then the word that it is done: who reads that finds no list any more.
        if self.job.state == State::Done {
            self.jobs.forget_list(&self.job);
        }
        if let Err(error) = self.jobs.save(&self.job) {
            tracing::error!(%error, "the end of an import is not written down");
        }
    }

    /// How far it has come; pages ask the file, so it is written a page of rows at a time.
    pub fn come_to(&mut self, rows: u64) -> Result<(), Stopped> {
        self.job.rows = rows;
        Ok(self.jobs.save(&self.job)?)
    }

    pub fn head_errors(&mut self, heading: &[String]) -> Result<(), Stopped> {
        let file = File::create(self.jobs.errors_file(&self.job))?;
        let mut errors = csv::WriterBuilder::new().flexible(true).from_writer(file);
        let own = heading.iter().map(String::as_str).filter(|name| !ERROR_COLUMNS.contains(name));
        errors.write_record(ERROR_COLUMNS.into_iter().chain(own))?;
        self.errors = Some(errors);
        self.job.refused = 0;
        Ok(())
    }

    pub fn refuse(&mut self, refused: &RefusedRow) -> Result<(), Stopped> {
        self.job.refused += 1;
        match &mut self.errors {
            Some(errors) => Ok(errors.write_record(error_row(refused, self.russian))?),
            None => Ok(()),
        }
    }

    pub fn asked(&self) -> ImportAsked {
        ImportAsked { name: self.job.options.name.clone(), operator: self.job.operator.clone() }
    }

    async fn members(&mut self) -> Result<(), Stopped> {
        let now = self.service.now(self.program);
        let options = MemberListOptions {
            map: self.job.map.clone(),
            welcome: self.job.options.welcome,
            drop_expired: self.job.options.drop_expired,
        };
        let file = self.jobs.list_file(&self.job);
        let list = Arc::new(MemberList::open(&file, (self.in_force.clone(), now), options)?);
        let mut import = MemberImport::new(&self.service, self.program, self.asked())?;
        self.head_errors(&list.sheet.heading)?;
        let gives = self.gives;
        let passed = import.pass(list.rows()?, gives, |tally, refused| {
            for refused in refused {
                self.refuse(refused)?;
            }
            self.come_to(tally.all.rows)
        });
        passed.await?;
        let tally = &import.tally;
        self.job.figures = member_figures(tally, &self.in_force);
        self.job.holds = tally.difference().is_zero() && tally.refused_in_all().rows == 0;
        Ok(())
    }

    async fn products(&mut self) -> Result<(), Stopped> {
        let mut text = Vec::new();
        sheet::text(&self.jobs.list_file(&self.job))?.read_to_end(&mut text)?;
        let list = product_list::read(&text, &self.job.map, &self.in_force)?;
        drop(text);
        self.head_errors(&list.heading)?;
        for row in list.refused {
            let product_list::RefusedRow { line, why, cells } = row;
            self.refuse(&RefusedRow { line, code: "row_unfit", why, cells })?;
        }
        let count = list.products.len() as u64;
        if self.gives {
            for page in list.products.chunks(PRODUCTS_AT_ONCE) {
                self.service.put_products(self.program, page.to_vec()).await?;
                self.come_to(self.job.rows + page.len() as u64)?;
            }
        }
        self.job.rows = count + self.job.refused;
        self.job.figures = vec![Figure::new("products", count), Figure::new("refused", self.job.refused)];
        self.job.holds = self.job.refused == 0;
        Ok(())
    }
}

fn member_figures(tally: &MemberTally, program: &Program) -> Vec<Figure> {
    let sum = |key: &str, sum: &kopilka_service::import::Sum| Figure::new(key, sum.rows).points(sum.points.0);
    let mut out = vec![
        sum("rows", &tally.all),
        Figure::new("new", tally.new),
        Figure::new("known", tally.known),
        sum("lots", &tally.lots).money(tally.liability(program).0),
    ];
    for (month, of) in &tally.by_month {
        out.push(match month {
            None => sum("end-never", of),
            Some(MONTH_OF_PROGRAM) => sum("end-program", of),
            Some(month) => sum("end-month", of).of(month_text(*month)),
        });
    }
    out.push(sum("before", &tally.before));
    out.push(sum("dropped", &tally.dropped));
    out.push(sum("refused", &tally.refused_in_all()));
    out.extend(tally.refused.iter().map(|(code, of)| sum("code", of).of(*code)));
    out.push(Figure::new("difference", 0).points(tally.difference().0));
    out
}

pub fn month_text(month: i32) -> String {
    format!("{}-{:02}", month / 100, month % 100)
}
