//! The log on standard error, written by a thread of its own.
//!
//! Invariant: what was logged before the [`Log`] is dropped is written when it has been dropped.

use clap::ValueEnum;
use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    Text,
    Json,
}

/// Lines that wait to be written: a few megabytes at most. Whoever logs beyond them waits, and no line is
/// lost.
const LINES_WAITING: usize = 8_192;

enum Word {
    Line(Vec<u8>),
    Stop,
}

/// The running log; it ends with this value.
#[derive(Debug)]
pub struct Log {
    lines: SyncSender<Word>,
    writer: Option<JoinHandle<()>>,
}

/// Starts the log; `quiet` is how much is told where RUST_LOG says nothing.
pub fn start(form: LogForm, quiet: &str) -> Result<Log, String> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(quiet));
    let (lines, waiting) = sync_channel(LINES_WAITING);
    let writer =
        thread::Builder::new().name("log".to_owned()).spawn(move || write_all(&waiting, io::stderr()));
    let writer = writer.map_err(|error| format!("no thread for the log: {error}"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Lines(lines.clone()));
    match form {
        LogForm::Text => log.with_ansi(false).init(),
        LogForm::Json => log.json().flatten_event(true).init(),
    }
    Ok(Log { lines, writer: Some(writer) })
}

impl Drop for Log {
    fn drop(&mut self) {
        // A thread that has ended needs no word.
        let _ = self.lines.send(Word::Stop);
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// Writes what waits, as many lines in one write as there are, and nothing later than it must.
fn write_all(lines: &Receiver<Word>, out: impl Write) {
    let mut out = BufWriter::new(out);
    loop {
        let word = match lines.try_recv() {
            Err(TryRecvError::Empty) => {
                // There is nobody to tell that the log cannot be written.
                let _ = out.flush();
                lines.recv().ok()
            }
            other => other.ok(),
        };
        match word {
            Some(Word::Line(line)) => {
                let _ = out.write_all(&line);
            }
            Some(Word::Stop) | None => break,
        }
    }
    let _ = out.flush();
}

/// Hands each line to the thread, or writes it here once the thread has ended.
#[derive(Debug, Clone)]
struct Lines(SyncSender<Word>);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.send(Word::Line(line.to_vec())).is_err() {
            io::stderr().write_all(line)?;
        }
        Ok(line.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Lines;
    fn make_writer(&self) -> Lines {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<(Vec<u8>, usize)>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut kept = self.0.lock().unwrap();
            kept.0.extend_from_slice(bytes);
            kept.1 += 1;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_wait_are_written_together_and_in_order() {
        let (lines, waiting) = sync_channel(LINES_WAITING);
        let expected: String = (0..100).map(|n| format!("line {n}\n")).collect();
        for n in 0..100 {
            Lines(lines.clone()).write_all(format!("line {n}\n").as_bytes()).unwrap();
        }
        lines.send(Word::Stop).unwrap();
        let kept = Kept::default();
        write_all(&waiting, kept.clone());
        let kept = kept.0.lock().unwrap();
        assert_eq!((String::from_utf8_lossy(&kept.0).as_ref(), kept.1), (expected.as_str(), 1));
    }

    #[test]
    fn a_line_is_written_at_once_where_no_other_waits() {
        let (lines, waiting) = sync_channel(LINES_WAITING);
        let kept = Kept::default();
        let out = kept.clone();
        let writer = thread::spawn(move || write_all(&waiting, out));
        Lines(lines.clone()).write_all(b"alone\n").unwrap();
        while kept.0.lock().unwrap().0.is_empty() {
            thread::yield_now();
        }
        drop(lines);
        writer.join().unwrap();
        assert_eq!(kept.0.lock().unwrap().0, b"alone\n");
    }
}
