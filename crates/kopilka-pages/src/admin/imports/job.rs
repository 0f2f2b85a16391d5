//! One import of a file: where its file and its figures are, and how far it has come.
//!
//! Invariant: an uploaded list is personal data. It lies in a folder of the data directory that its owner
//! alone reads, is removed when the import is done, and in any case a day after somebody last touched it.

use crate::frame::once;
use crate::upload::is_older;
use kopilka_core::program::Text;
use kopilka_core::words::Language;
use kopilka_web::scopes::Scope;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Imports of one server, beside the database.
const DIR: &str = "imports";
const JOB_FILE: &str = "import.json";
const LIST_FILE: &str = "list";
const ERRORS_FILE: &str = "errors.csv";
/// Long enough to mend a mapping after a night's sleep; longer nobody needs a copy of all members.
pub const LIST_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// The figures of an import name nobody; an accountant asks for them at the end of a month.
const FIGURES_KEPT: Duration = Duration::from_secs(40 * 24 * 60 * 60);
/// Of so many of the largest files a server's disk has room; the oldest makes way for a new one.
const JOBS_MAX: usize = 20;

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Members,
    Orders,
    Products,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Members, Kind::Orders, Kind::Products];
    pub fn name(self) -> &'static str {
        match self {
            Kind::Members => "members",
            Kind::Orders => "orders",
            Kind::Products => "products",
        }
    }
    pub fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == text)
    }
    /// What endpoints that write the same need, taken together.
    pub fn needs(self) -> &'static [Scope] {
        match self {
            Kind::Members => &[Scope::MembersWrite, Scope::PointsAdjust, Scope::TiersGive, Scope::TagsWrite],
            Kind::Orders => &[Scope::OrdersWrite, Scope::MembersWrite],
            Kind::Products => &[Scope::ProductsWrite],
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its columns are to be named.
    Uploaded,
    Looking,
    Looked,
    Running,
    /// It was cut or stopped, and goes on where it is run again.
    Stopped,
    Done,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Uploaded => "uploaded",
            State::Looking => "looking",
            State::Looked => "looked",
            State::Running => "running",
            State::Stopped => "stopped",
            State::Done => "done",
        }
    }
    pub fn is_at_work(self) -> bool {
        matches!(self, State::Looking | State::Running)
    }
}

/// How the file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Rows of one import are never taken twice, in whatever file they stand.
    pub name: String,
    pub welcome: bool,
    pub drop_expired: bool,
    /// Of an order history: what names its customers.
    pub by: String,
    pub shop: String,
    pub zone: String,
    pub negative_returns: bool,
    pub earn: bool,
}

/// One line of what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    pub key: String,
    /// A month, or the code of a refusal.
    pub of: Option<String>,
    pub count: u64,
    pub points: Option<i64>,
    pub money: Option<i64>,
}

impl Figure {
    pub fn new(key: &str, count: u64) -> Figure {
        Figure { key: key.to_owned(), of: None, count, points: None, money: None }
    }
    pub fn of(self, of: impl Into<String>) -> Figure {
        Figure { of: Some(of.into()), ..self }
    }
    pub fn points(self, points: i64) -> Figure {
        Figure { points: Some(points), ..self }
    }
    pub fn money(self, money: i64) -> Figure {
        Figure { money: Some(money), ..self }
    }
}

/// Why an import stopped, for whoever reads it in which language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    en: String,
    ru: String,
}

impl Trouble {
    pub fn new(why: Text) -> Trouble {
        Trouble { en: why.en, ru: why.ru }
    }
    pub fn said(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Ru => &self.ru,
        }
    }
}

/// What is known of an import; nothing of its rows stands here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub id: String,
    pub program: i64,
    pub kind: Kind,
    /// As its owner calls the file.
    pub file: String,
    pub bytes: u64,
    pub operator: String,
    /// Seconds since 1970, by this machine's clock.
    pub created_at: i64,
    pub state: State,
    /// Field and column, as a mapping of the command line.
    pub map: Vec<(String, String)>,
    pub options: Options,
    pub rows: u64,
    pub rows_in_all: Option<u64>,
    pub figures: Vec<Figure>,
    pub refused: u64,
    /// Every row of the file is accounted for, and no sum differs.
    pub holds: bool,
    /// Why it does not go on, where it was not the end of the process.
    pub trouble: Option<Trouble>,
}

/// Imports at work in this process. One that says it is and is not here was cut with its server.
static AT_WORK: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

fn at_work() -> std::sync::MutexGuard<'static, HashSet<PathBuf>> {
    AT_WORK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Held while an import works.
pub struct AtWork(PathBuf);

impl Drop for AtWork {
    fn drop(&mut self) {
        at_work().remove(&self.0);
    }
}

/// The imports of one server.
#[derive(Debug, Clone)]
pub struct Jobs(PathBuf);

impl Jobs {
    pub fn of(data: &Path) -> Jobs {
        Jobs(data.join(DIR))
    }
    fn place(&self, id: &str) -> Option<PathBuf> {
        // An id of ours, and nothing that leads anywhere else.
        let is_ours = id.len() == once().len() && id.bytes().all(|b| b.is_ascii_hexdigit());
        is_ours.then(|| self.0.join(id))
    }
    pub fn list_file(&self, job: &Job) -> PathBuf {
        self.0.join(&job.id).join(LIST_FILE)
    }
    pub fn errors_file(&self, job: &Job) -> PathBuf {
        self.0.join(&job.id).join(ERRORS_FILE)
    }

    /// A new place for a file; its job is saved when the file is there.
    pub fn begin(&self, job: &Job) -> io::Result<PathBuf> {
        self.sweep();
        let mut all = self.all();
        while all.len() >= JOBS_MAX {
            let Some(at) = all.iter().rposition(|job| !job.state.is_at_work()) else { break };
            self.remove(&all.remove(at));
        }
        let place = self.0.join(&job.id);
        DirBuilder::new().recursive(true).mode(0o700).create(&place)?;
        Ok(place.join(LIST_FILE))
    }
    /// Written whole or not at all.
    pub fn save(&self, job: &Job) -> io::Result<()> {
        let place = self.0.join(&job.id);
        let new = place.join("import.new");
        fs::write(&new, serde_json::to_vec(job).map_err(io::Error::other)?)?;
        fs::rename(new, place.join(JOB_FILE))
    }
    pub fn find(&self, id: &str) -> Option<Job> {
        let place = self.place(id)?;
        let mut job: Job = serde_json::from_slice(&fs::read(place.join(JOB_FILE)).ok()?).ok()?;
        if job.state.is_at_work() && !at_work().contains(&place) {
            job.state = if job.state == State::Running { State::Stopped } else { State::Uploaded };
        }
        Some(job)
    }
    /// The newest first.
    pub fn all(&self) -> Vec<Job> {
        let Ok(list) = fs::read_dir(&self.0) else { return Vec::new() };
        let names = list.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut all: Vec<Job> = names.filter_map(|name| self.find(&name)).collect();
        all.sort_by_key(|job| std::cmp::Reverse(job.created_at));
        all
    }
    /// The right to work on it: one import of a server at a time, so that tills find room.
    pub fn take(&self, job: &Job) -> Option<AtWork> {
        let mut working = at_work();
        let place = self.0.join(&job.id);
        let is_free = !working.iter().any(|other| other.starts_with(&self.0));
        is_free.then(|| {
            working.insert(place.clone());
            AtWork(place)
        })
    }
    pub fn remove(&self, job: &Job) {
        remove(&self.0.join(&job.id));
    }
    /// The list of a finished import is needed no more.
    pub fn forget_list(&self, job: &Job) {
        let _ = fs::remove_file(self.list_file(job));
    }

    /// Removes lists whose day is over, and what is left of old imports.
    pub fn sweep(&self) {
        let Ok(list) = fs::read_dir(&self.0) else { return };
        for place in list.flatten().map(|entry| entry.path()) {
            if at_work().contains(&place) {
                continue;
            }
            let touched = [JOB_FILE, LIST_FILE].map(|name| modified(&place.join(name)));
            let touched = touched.into_iter().flatten().max().or_else(|| modified(&place));
            let Some(touched) = touched else { continue };
            let is_done = || {
                let name = place.file_name().and_then(|name| name.to_str());
                name.and_then(|id| self.find(id)).is_some_and(|job| job.state == State::Done)
            };
            if is_older(touched, FIGURES_KEPT) || is_older(touched, LIST_KEPT) && !is_done() {
                remove(&place);
            } else if is_older(touched, LIST_KEPT) {
                for name in [LIST_FILE, ERRORS_FILE] {
                    let _ = fs::remove_file(place.join(name));
                }
            }
        }
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

fn remove(place: &Path) {
    if let Err(error) = fs::remove_dir_all(place) {
        tracing::warn!(%error, "an import's files are still there");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    fn job() -> Job {
        Job {
            id: once(),
            program: 1,
            kind: Kind::Members,
            file: "list.csv".to_owned(),
            bytes: 3,
            operator: "anna".to_owned(),
            created_at: 0,
            state: State::Uploaded,
            map: Vec::new(),
            options: Options::default(),
            rows: 0,
            rows_in_all: None,
            figures: Vec::new(),
            refused: 0,
            holds: false,
            trouble: None,
        }
    }

    fn kept(jobs: &Jobs, job: &Job) {
        fs::write(jobs.begin(job).unwrap(), "id\n").unwrap();
        jobs.save(job).unwrap();
    }

    fn age(jobs: &Jobs, job: &Job, age: Duration) {
        for file in [jobs.list_file(job), jobs.0.join(&job.id).join(JOB_FILE)] {
            File::options().append(true).open(file).unwrap().set_modified(SystemTime::now() - age).unwrap();
        }
    }

    #[test]
    fn a_list_that_nobody_touches_is_gone_after_a_day_and_figures_stay() {
        let dir = tempfile::tempdir().unwrap();
        let jobs = Jobs::of(dir.path());
        let (waits, done, fresh) = (job(), Job { state: State::Done, ..job() }, job());
        for job in [&waits, &done, &fresh] {
            kept(&jobs, job);
        }
        age(&jobs, &waits, LIST_KEPT + Duration::from_secs(60));
        age(&jobs, &done, LIST_KEPT + Duration::from_secs(60));
        jobs.sweep();
        assert!(jobs.find(&waits.id).is_none());
        assert!(jobs.find(&done.id).is_some() && !jobs.list_file(&done).exists());
        assert!(jobs.list_file(&fresh).exists());
        age(&jobs, &fresh, Duration::ZERO);
        fs::write(jobs.list_file(&done), "").unwrap();
        age(&jobs, &done, FIGURES_KEPT + Duration::from_secs(60));
        jobs.sweep();
        assert_eq!(jobs.all(), [fresh]);
    }

    #[test]
    fn one_import_works_at_a_time_and_one_that_was_cut_can_go_on() {
        let dir = tempfile::tempdir().unwrap();
        let jobs = Jobs::of(dir.path());
        let (first, second) = (Job { state: State::Running, ..job() }, job());
        kept(&jobs, &first);
        kept(&jobs, &second);
        let work = jobs.take(&first);
        assert!(work.is_some() && jobs.take(&second).is_none());
        assert_eq!(jobs.find(&first.id).unwrap().state, State::Running);
        drop(work);
        assert_eq!(jobs.find(&first.id).unwrap().state, State::Stopped);
        assert!(jobs.take(&second).is_some());
    }

    #[test]
    fn an_id_leads_to_imports_alone_and_the_oldest_makes_way() {
        let dir = tempfile::tempdir().unwrap();
        let jobs = Jobs::of(dir.path());
        for id in ["", "..", "../../etc", "x", &"/".repeat(32), &"g".repeat(32)] {
            assert!(jobs.find(id).is_none(), "{id}");
        }
        let all: Vec<Job> = (0..=JOBS_MAX as i64).map(|at| Job { created_at: at, ..job() }).collect();
        all.iter().for_each(|job| kept(&jobs, job));
        assert_eq!(jobs.all().len(), JOBS_MAX);
        assert!(jobs.find(&all[0].id).is_none() && jobs.find(&all[1].id).is_some());
    }
}
