//! A person of the demo shop is exported and erased, as an operator does it; afterwards no file has a trace.

use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What the person's fields are filled with, and the reason an operator gives.
const MARKS: [&str; 9] = [
    "Marked-Name",
    "+79991112233",
    "marked@person.example",
    "4006381333931",
    "MARKED-EXT",
    "Marked-Reason",
    "Marked-Region",
    "Marked-Proof",
    "887766554433",
];

/// A running demo that logs all it can into a file.
struct Demo {
    process: Child,
    address: String,
    key: String,
}

impl Drop for Demo {
    /// A failed test leaves no server behind.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Demo {
    fn start(data: &Path, log: &Path) -> Demo {
        let mut process = Command::new(env!("CARGO_BIN_EXE_kopilka"))
            .args(["demo", "--members", "300", "--orders", "600", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("RUST_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(File::create(log).unwrap())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (mut address, mut key) = (String::new(), String::new());
        for line in lines.map(Result::unwrap) {
            if let Some((_, rest)) = line.split_once("http://") {
                let end =
                    rest.find(|c: char| c == '/' || c.is_whitespace() || c == '\'').unwrap_or(rest.len());
                rest[..end].clone_into(&mut address);
            }
            if line.trim_start().starts_with("key ") {
                line.split_whitespace().last().unwrap().clone_into(&mut key);
            }
            if line.starts_with("Ctrl-C") {
                break;
            }
        }
        Demo { process, address, key }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let (body, host, key) = (body.to_string(), &self.address, &self.key);
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: {method}\
             {path}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
    }

    fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(told.success() && self.process.wait().unwrap().success());
    }
}

fn kopilka(arguments: &[&str], data: &Path) -> (bool, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_kopilka")).args(arguments).arg("--data").arg(data).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// Marks that stand in a file of the folder.
fn found_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
    {
        let bytes = fs::read(&path).unwrap();
        let has = |mark: &&&str| bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
        found.extend(MARKS.iter().filter(has).map(|mark| format!("{mark} in {}", path.display())));
    }
    found
}

#[test]
fn an_erased_person_is_in_no_file_and_the_books_are_proved() {
    let place = tempfile::tempdir().unwrap();
    let (data, logs) = (place.path().join("shop"), place.path().join("logs"));
    fs::create_dir(&logs).unwrap();
    let demo = Demo::start(&data, &logs.join("server.log"));
    let told = demo.ask("GET", "/v1/members/ext:c1", &json!({}));
    let member = told["id"].as_str().unwrap().to_owned();
    let person = json!({ "ext": MARKS[4], "name": MARKS[0], "phones": [MARKS[1]], "emails": [MARKS[2]],
        "cards": [MARKS[3]], "birth_date": "1987-06-05", "region": MARKS[6],
        "telegram": 887_766_554_433_i64 });
    demo.ask("PATCH", &format!("/v1/members/{member}"), &person);
    let by_ext = format!("/v1/members/ext:{}", MARKS[4]);
    let consent = json!({ "purpose": "marketing", "channel": "sms", "proof": MARKS[7] });
    demo.ask("POST", &format!("{by_ext}/consents"), &json!({ "consents": [consent] }));
    // A message that nobody takes waits, with whom it is for and what it says.
    let request = json!({ "url": "https://gateway.invalid/", "body": "[{{ digits }}, {{ text }}]" });
    demo.ask("PUT", "/v1/senders/sms", &json!({ "request": request }));
    let told = json!({ "points_accrued": { "channels": ["sms"], "class": "service" } });
    demo.ask("PUT", "/v1/messaging", &json!({ "events": told }));
    let given = json!({ "points": "5", "reason": MARKS[5], "operator": "olga" });
    demo.ask("POST", &format!("{by_ext}/adjustments"), &given);
    demo.ask("POST", "/v1/members/lookup", &json!({ "phone": MARKS[1] }));
    let told = demo.ask("GET", &format!("{by_ext}/export"), &json!({}));
    let everything = told.to_string();
    assert!(MARKS.iter().all(|mark| everything.contains(mark)), "{everything}");
    demo.stop();
    assert_eq!(found_in(&data).len(), MARKS.len(), "{:?}", found_in(&data));

    let (fine, text) = kopilka(&["members", "export", &format!("ext:{}", MARKS[4])], &data);
    assert!(fine, "{text}");
    let exported: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(exported["orders"], told["orders"]);
    let erase = ["members", "erase", &member, "--operator", "olga", "--reason", "asked by letter"];
    let (fine, text) = kopilka(&erase, &data);
    assert!(fine && text.contains(&format!("{member} is erased")), "{text}");

    let copies = place.path().join("copies");
    fs::create_dir(&copies).unwrap();
    let (fine, text) = kopilka(&["backup", "--with-key", copies.join("copy.db").to_str().unwrap()], &data);
    assert!(fine, "{text}");
    let found: Vec<String> =
        [&data, &logs, &copies].into_iter().flat_map(|folder| found_in(folder)).collect();
    assert_eq!(found, Vec::<String>::new());
    let (fine, text) = kopilka(&["verify"], &data);
    assert!(fine && text.contains("differences 0"), "{text}");
    let (fine, text) = kopilka(&erase, &data);
    assert!(!fine && text.contains("error:"), "{text}");
    let (fine, text) = kopilka(&["members", "export", "ext:nobody"], &data);
    assert!(!fine && text.contains("error:"), "{text}");
    let (fine, text) = kopilka(&["compact"], &data);
    assert!(fine, "{text}");
}
