//! What a form with a file has sent.
//!
//! Invariant: nothing of a file is read before the session's token has come and is right; no file is larger
//! than its limit, packed or unpacked; and a file that nobody keeps is gone with the request.

use crate::posted::{FormToken, Heard, Posted, TOKEN_FIELD, same};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::MultiGzDecoder;
use kopilka_web::App;
use kopilka_web::problem::Problem;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A million members with balances are some hundred megabytes of text, and a fifth of that packed. Larger
/// lists are for the command line, which takes any.
pub const FILE_MAX: u64 = 100 << 20;
/// What is read whole, such as an order history, stands in memory while it is: a packed file must not unpack
/// to more than a server has.
const UNPACKED_MAX: u64 = 256 << 20;
/// A form beside its file is some words; more are no form of ours.
const FIELDS_MAX: usize = 500;
const FIELD_MAX: usize = 16 << 10;
/// So much of a file's name is kept, as words to know it by.
const NAME_CHARS_MAX: usize = 100;
/// Where files are while they come in.
const DIR: &str = "uploads";
/// No request takes as long: what is older in the folder was left there by a server that died.
const LEFT_AFTER: Duration = Duration::from_secs(60 * 60);
const MEGABYTE: u64 = 1 << 20;
/// How a packed file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Of a packed file so much is unpacked at a time, to be counted and forgotten.
const PIECE: usize = 64 << 10;

/// A form with its file, if one was chosen.
pub struct Upload {
    pub posted: Posted,
    pub file: Option<Uploaded>,
}

/// A file that has come in whole. It is removed when this is dropped, unless somebody keeps it.
pub struct Uploaded {
    path: PathBuf,
    /// As its owner calls it: words, never a path.
    pub name: String,
    pub bytes: u64,
}

impl Drop for Uploaded {
    fn drop(&mut self) {
        // One that was kept is somewhere else.
        let _ = fs::remove_file(&self.path);
    }
}

impl Uploaded {
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// Moves it to where it is kept: the same folder's file system, so nothing is copied.
    pub fn keep(self, at: &Path) -> io::Result<()> {
        fs::rename(&self.path, at)
    }
}

impl Upload {
    /// The file, where the form needs one.
    pub fn file(&mut self) -> Result<Uploaded, Problem> {
        self.file.take().ok_or_else(|| Problem::of("file_missing"))
    }
}

impl FromRequest<Arc<App>> for Upload {
    type Rejection = Response;
    async fn from_request(mut request: Request, app: &Arc<App>) -> Result<Upload, Response> {
        let is_multipart = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"multipart/form-data"));
        if !is_multipart {
            // Any other form has no file; its token is asked for all the same.
            return Ok(Upload { posted: Posted::from_request(request, app).await?, file: None });
        }
        let Some(FormToken(own)) = request.extensions().get::<FormToken>().cloned() else {
            return Err(Problem::of("form_expired").into_response());
        };
        let heard = request.extensions().get::<Heard>().cloned();
        DefaultBodyLimit::max(FILE_MAX as usize + FIELDS_MAX * FIELD_MAX).apply(&mut request);
        let form = Multipart::from_request(request, app).await;
        let form = form.map_err(|_| Problem::of("form_invalid").into_response())?;
        let dir = folder(app.service.data_dir()).map_err(|error| unwritten(&error).into_response())?;
        let upload = read(form, &own, &dir).await.map_err(IntoResponse::into_response)?;
        if let Some(heard) = heard {
            heard.hear(&upload.posted);
        }
        Ok(upload)
    }
}

/// The folder is its owner's alone, as the data folder is.
fn folder(data: &Path) -> io::Result<PathBuf> {
    let dir = data.join(DIR);
    DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    Ok(dir)
}

async fn read(mut form: Multipart, own: &str, dir: &Path) -> Result<Upload, Problem> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut file = None;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        // The token is the first field of our forms; before it nothing is read.
        if fields.is_empty() && (name != TOKEN_FIELD || field.file_name().is_some()) {
            return Err(Problem::of("form_expired"));
        }
        if let Some(named) = field.file_name().map(own_name) {
            let uploaded = store(&mut field, named, dir).await?;
            // A field of a file in which none was chosen sends an empty one.
            file = file.or(uploaded.filter(|uploaded| uploaded.bytes > 0));
            continue;
        }
        let value = text(&mut field).await?;
        if fields.is_empty() && !same(&value, own) {
            return Err(Problem::of("form_expired"));
        }
        fields.push((name, value));
        if fields.len() > FIELDS_MAX {
            return Err(Problem::of("form_invalid"));
        }
    }
    if fields.is_empty() {
        return Err(Problem::of("form_expired"));
    }
    Ok(Upload { posted: Posted::from_fields(fields), file })
}

async fn text(field: &mut Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD_MAX {
            return Err(Problem::of("form_invalid"));
        }
    }
    String::from_utf8(bytes).map_err(|_| Problem::of("form_invalid"))
}

/// The last part of what may be a path of another machine, without what moves a cursor.
fn own_name(told: &str) -> String {
    let last = told.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
}

/// Writes a file piece by piece as it comes; a piece is what a socket hands over, so no thread waits long.
async fn store(field: &mut Field<'_>, name: String, dir: &Path) -> Result<Option<Uploaded>, Problem> {
    let mut uploaded = Uploaded { path: dir.join(crate::frame::once()), name, bytes: 0 };
    let mut file = create(&uploaded.path).map_err(|error| unwritten(&error))?;
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        uploaded.bytes += chunk.len() as u64;
        if uploaded.bytes > FILE_MAX {
            return Err(Problem::of("body_too_large").with("limit", FILE_MAX));
        }
        file.write_all(&chunk).map_err(|error| unwritten(&error))?;
    }
    let path = uploaded.path.clone();
    let unpacked = tokio::task::spawn_blocking(move || unpacks_to_more(&path)).await;
    if unpacked.unwrap_or(true) {
        return Err(Problem::of("file_too_large").with("limit", UNPACKED_MAX / MEGABYTE));
    }
    Ok(Some(uploaded))
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Whether it is too large unpacked. One that cannot be unpacked is told by whoever reads it.
fn unpacks_to_more(path: &Path) -> bool {
    let Ok(mut file) = File::open(path) else { return false };
    let mut magic = [0; 2];
    let is_packed = file.read_exact(&mut magic).is_ok() && magic == GZIP;
    if !is_packed || file.rewind().is_err() {
        return false;
    }
    let mut unpacked = MultiGzDecoder::new(file).take(UNPACKED_MAX + 1);
    let mut piece = vec![0; PIECE];
    let mut bytes = 0;
    // What is broken further on ends the count there, as it will end the reading.
    while let Ok(read) = unpacked.read(&mut piece) {
        bytes += read as u64;
        if read == 0 || bytes > UNPACKED_MAX {
            break;
        }
    }
    bytes > UNPACKED_MAX
}

fn broken(error: MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::of("body_too_large").with("limit", FILE_MAX),
        _ => Problem::of("form_invalid"),
    }
}

/// What the disk does not take.
pub fn unwritten(error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::FileTooLarge | io::ErrorKind::QuotaExceeded => {
            Problem::of("storage_full")
        }
        _ => {
            tracing::error!(%error, "a file that was sent is not kept");
            Problem::of("storage_failed")
        }
    }
}

/// Removes what a server that died has left half received.
pub fn sweep(data: &Path) {
    let Ok(list) = fs::read_dir(data.join(DIR)) else { return };
    for entry in list.flatten() {
        if entry.metadata().is_ok_and(|meta| meta.modified().is_ok_and(|at| is_older(at, LEFT_AFTER))) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether so much time has passed on this machine's clock; files have no other.
pub fn is_older(at: SystemTime, age: Duration) -> bool {
    SystemTime::now().duration_since(at).is_ok_and(|passed| passed > age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_last_part_alone() {
        for (told, kept) in [
            ("list.csv", "list.csv"),
            ("olga\\lists\\список.csv", "список.csv"),
            ("../../etc/passwd", "passwd"),
            ("a\r\nb\u{0}.csv", "ab.csv"),
            ("", ""),
        ] {
            assert_eq!(own_name(told), kept, "{told:?}");
        }
        assert_eq!(own_name(&"x".repeat(1_000)).len(), NAME_CHARS_MAX);
    }
}
