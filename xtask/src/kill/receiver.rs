//! A receiver of events that fails at random: it refuses, falls silent in the middle, or takes an event and
//! dies before it says so.
//!
//! Invariant: what it has taken it remembers by id, as every receiver should; whatever contradicts what it
//! heard before is written down.

use crate::dice::Dice;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What a receiver has heard so far.
#[derive(Debug, Default)]
pub struct Book {
    /// Bodies by id, taken or not.
    pub heard: HashMap<String, String>,
    /// Ids in the order in which they were taken first, by member.
    pub taken: HashMap<String, Vec<String>>,
    pub requests: usize,
    pub refused: usize,
    /// Taken before and told again.
    pub again: usize,
    pub wrong: Vec<String>,
}

impl Book {
    pub fn taken_count(&self) -> usize {
        self.taken.values().map(Vec::len).sum()
    }

    fn hear(&mut self, id: &str, body: &str) -> Result<String, String> {
        self.requests += 1;
        let object: Value = serde_json::from_str(body).map_err(|e| format!("{id}: not JSON: {e}"))?;
        if object["id"] != id {
            return Err(format!("{id}: the body is of {}", object["id"]));
        }
        let known = self.heard.entry(id.to_owned()).or_insert_with(|| body.to_owned());
        if known != body {
            return Err(format!("{id}: told as {known}, then as {body}"));
        }
        let member = object["data"]["member"].as_str();
        member.map(str::to_owned).ok_or_else(|| format!("{id}: of no member"))
    }

    fn take(&mut self, member: String, id: &str) {
        let taken = self.taken.entry(member).or_default();
        match taken.iter().any(|known| known == id) {
            true => self.again += 1,
            false => taken.push(id.to_owned()),
        }
    }
}

/// How a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Takes,
    Refuses,
    /// Closes the connection without having taken anything.
    Breaks,
    /// Has taken it and closes the connection all the same.
    TakesAndBreaks,
}

fn mood(dice: &mut Dice) -> Mood {
    match dice.below(40) {
        0..2 => Mood::Refuses,
        2 => Mood::Breaks,
        3 => Mood::TakesAndBreaks,
        _ => Mood::Takes,
    }
}

/// Listens until the process ends.
#[derive(Debug)]
pub struct Receiver {
    pub url: String,
    book: Arc<Mutex<Book>>,
}

impl Receiver {
    pub fn start(seed: u64) -> Result<Receiver, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("a receiver: {e}"))?;
        let address = listener.local_addr().map_err(|e| format!("a receiver: {e}"))?;
        let book: Arc<Mutex<Book>> = Arc::default();
        let dice = Arc::new(Mutex::new(Dice::new(seed)));
        let heard = book.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (book, dice) = (heard.clone(), dice.clone());
                // A broken connection is what the sender's death looks like.
                thread::spawn(move || drop(serve(stream, &book, &dice)));
            }
        });
        Ok(Receiver { url: format!("http://{address}/events"), book })
    }
    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(stream: TcpStream, book: &Mutex<Book>, dice: &Mutex<Dice>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut id, mut length, mut line) = (String::new(), 0, String::new());
        while stream.read_line(&mut line)? > 2 {
            if let Some((name, value)) = line.trim_end().split_once(": ") {
                match name.to_ascii_lowercase().as_str() {
                    "webhook-id" => id = value.to_owned(),
                    "content-length" => length = value.parse().unwrap_or_default(),
                    _ => {}
                }
            }
            line.clear();
        }
        if id.is_empty() {
            return Ok(());
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let mood = mood(&mut dice.lock().unwrap_or_else(PoisonError::into_inner));
        note(&mut book.lock().unwrap_or_else(PoisonError::into_inner), &id, &body, mood);
        let status = match mood {
            Mood::Takes => "200 OK",
            Mood::Refuses => "503 Service Unavailable",
            Mood::Breaks | Mood::TakesAndBreaks => return Ok(()),
        };
        write!(stream.get_mut(), "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")?;
    }
}

fn note(book: &mut Book, id: &str, body: &[u8], mood: Mood) {
    match book.hear(id, &String::from_utf8_lossy(body)) {
        Err(wrong) => book.wrong.push(wrong),
        Ok(member) if matches!(mood, Mood::Takes | Mood::TakesAndBreaks) => book.take(member, id),
        Ok(_) => book.refused += 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_contradicts_itself_is_written_down() {
        let mut book = Book::default();
        let body =
            |id: &str, points: u8| format!(r#"{{"id":"{id}","data":{{"member":"m","points":"{points}"}}}}"#);
        note(&mut book, "a", body("a", 1).as_bytes(), Mood::Refuses);
        note(&mut book, "a", body("a", 1).as_bytes(), Mood::Takes);
        note(&mut book, "a", body("a", 1).as_bytes(), Mood::Takes);
        note(&mut book, "b", body("b", 1).as_bytes(), Mood::TakesAndBreaks);
        assert_eq!(
            (book.taken["m"].as_slice(), book.again, book.refused),
            (&["a".into(), "b".into()][..], 1, 1)
        );
        assert!(book.wrong.is_empty());
        note(&mut book, "a", body("a", 2).as_bytes(), Mood::Takes);
        note(&mut book, "c", body("a", 1).as_bytes(), Mood::Takes);
        note(&mut book, "d", b"x", Mood::Takes);
        assert_eq!(book.wrong.len(), 3, "{:?}", book.wrong);
    }
}
