//! The demo as a newcomer meets it: it starts, its printed lines work as they are, it stops, it goes on.

use kopilka_service::{OpenOptions, Service, SignIn};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A running demo, and what it printed.
struct Demo {
    process: Child,
    out: BufReader<std::process::ChildStdout>,
    printed: Vec<String>,
}

impl Drop for Demo {
    /// A failed test leaves no server behind.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Demo {
    /// Starts one and reads on until it has said everything.
    fn start(data: &Path) -> Demo {
        let mut process = Command::new(env!("CARGO_BIN_EXE_kopilka"))
            .args(["demo", "--members", "40", "--orders", "200", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let mut demo = Demo { process, out, printed: Vec::new() };
        loop {
            let mut line = String::new();
            if demo.out.read_line(&mut line).unwrap() == 0 {
                let mut errors = String::new();
                demo.process.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
                panic!("the demo ended: {errors}");
            }
            let last = line.starts_with("Ctrl-C");
            demo.printed.push(line.trim_end().to_owned());
            if last {
                return demo;
            }
        }
    }

    fn lines(&self) -> Vec<String> {
        self.printed.iter().filter(|line| line.starts_with("curl ")).cloned().collect()
    }
    /// Login and password of the owner.
    fn owner(&self) -> (String, String) {
        let line = self.printed.iter().find(|line| line.trim_start().starts_with("admin ")).unwrap();
        let (before, password) = line.split_once(" / ").unwrap();
        (before.split_whitespace().last().unwrap().to_owned(), password.to_owned())
    }
    fn key(&self) -> &str {
        let line = self.printed.iter().find(|line| line.trim_start().starts_with("key ")).unwrap();
        line.split_whitespace().last().unwrap()
    }

    /// Asks it to end, as the system does.
    fn stop(mut self) -> ExitStatus {
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(told.success());
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        self.process.wait().unwrap()
    }
}

fn run(line: &str) -> Value {
    let output = Command::new("sh").args(["-c", line]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{line} answered {text}"));
    assert!(answer.get("code").is_none(), "{line} was refused: {text}");
    answer
}

#[test]
fn the_printed_lines_work_as_they_are_printed_and_a_second_start_carries_on() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("curl is not installed: nothing to run the printed lines with");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("shop");
    let demo = Demo::start(&data);
    let (key, owner) = (demo.key().to_owned(), demo.owner());
    let lines = demo.lines();
    assert_eq!(lines.len(), 5, "{:?}", demo.printed);

    let found = run(&lines[0]);
    assert_eq!(found["member"]["ext"], "c1");
    let quote = run(&lines[1]);
    assert_eq!(quote["goods_total"], "16570.00");
    assert!(quote["read_aloud"].as_str().unwrap().contains("to pay"));
    let order = run(&lines[2]);
    assert_eq!((&order["order"]["status"], &order["order"]["to_pay"]), (&"paid".into(), &quote["to_pay"]));
    let back = run(&lines[3]);
    assert_ne!(back["refund"], "0.00");
    let why = run(&lines[4]);
    assert_eq!(why["entries"].as_array().unwrap().len(), 2);
    assert!(why["entries"][0]["trace"][0]["words"].is_string());
    let (id, entry) = (&order["order"]["order_id"], &why["entries"][0]["id"]);
    explained_beside_the_server(&data, id.as_str().unwrap(), entry.as_str().unwrap(), &why);
    // Once more each: nothing is done twice.
    let again: Vec<Value> = lines.iter().map(|line| run(line)).collect();
    assert_eq!(again[3], back);
    assert_eq!(again[4], why);

    // Two processes would write the same books.
    let second = Command::new(env!("CARGO_BIN_EXE_kopilka"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another process"));
    assert!(demo.stop().success());

    let demo = Demo::start(&data);
    assert_eq!((demo.key(), demo.owner()), (key.as_str(), owner));
    assert!(demo.printed.iter().any(|line| line.contains("goes on")), "{:?}", demo.printed);
    assert_eq!(run(&demo.lines()[4])["entries"], why["entries"]);
    assert!(demo.stop().success());

    let proof =
        Command::new(env!("CARGO_BIN_EXE_kopilka")).args(["verify", "--data"]).arg(&data).output().unwrap();
    assert!(proof.status.success(), "{}", String::from_utf8_lossy(&proof.stdout));
}

fn sign_in(data: &Path, (login, password): &(String, String)) -> bool {
    let service = Service::open(OpenOptions::in_dir(data)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ask = SignIn { login: login.clone(), password: password.clone(), agent: String::new() };
    let told = runtime.block_on(service.sign_in(ask)).unwrap();
    service.stop();
    told.is_ok()
}

#[test]
fn the_owners_password_that_is_printed_works_or_none_is_printed() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("shop");
    let demo = Demo::start(&data);
    let owner = demo.owner();
    assert!(!demo.printed.iter().any(|line| line.starts_with("first owner")), "{:?}", demo.printed);
    assert!(demo.stop().success());
    assert_eq!(owner.0, "owner@demo.example");
    assert!(sign_in(&data, &owner));
    let file = data.join("demo.owner");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    std::fs::write(&file, "another password").unwrap();
    let demo = Demo::start(&data);
    assert_eq!(demo.owner().1, "the password that was chosen");
    assert!(demo.stop().success());

    std::fs::remove_file(&file).unwrap();
    let demo = Demo::start(&data);
    let newer = demo.owner();
    assert!(demo.stop().success());
    assert!(sign_in(&data, &newer) && !sign_in(&data, &owner));
}

/// The command line tells what the API told, while the server runs.
fn explained_beside_the_server(data: &Path, order: &str, entry: &str, why: &Value) {
    let explain = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_kopilka"))
            .arg("explain")
            .args(arguments)
            .arg("--data")
            .arg(data)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    let (fine, text) = explain(&["order", order, "--format", "json"]);
    assert!(fine, "{text}");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), *why);
    let (fine, text) = explain(&["entry", entry, "--format", "json", "--lang", "ru"]);
    assert!(fine && text.contains(entry) && text.contains("Оформлен заказ"), "{text}");
    let (fine, text) = explain(&["order", order]);
    let words = why["entries"][0]["movements"].as_array().unwrap().iter().find_map(|m| m["words"].as_str());
    assert!(fine && text.contains(words.unwrap()) && !text.contains("rule_"), "{text}");
    let (fine, text) = explain(&["order", order, "--format", "table"]);
    assert!(fine && text.contains(entry) && text.contains("rule_fired"), "{text}");
    let (fine, text) = explain(&["order", "nothing-of-it"]);
    assert!(!fine && text.contains("holds nothing"), "{text}");
    let (fine, text) = explain(&["entry", "12"]);
    assert!(!fine && text.contains("is no entry"), "{text}");
}

#[test]
fn the_same_seed_makes_the_same_shop() {
    let figures = |seed: &str| {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("shop");
        let mut process = Command::new(env!("CARGO_BIN_EXE_kopilka"))
            .args([
                "demo",
                "--members",
                "20",
                "--orders",
                "60",
                "--listen",
                "127.0.0.1:0",
                "--seed",
                seed,
                "--data",
            ])
            .arg(&data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        out.lines().find(|line| line.as_ref().is_ok_and(|l| l.starts_with("Ctrl-C"))).unwrap().unwrap();
        assert!(Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap().success());
        assert!(process.wait().unwrap().success());
        let verify =
            Command::new(env!("CARGO_BIN_EXE_kopilka")).args(["verify", "--data"]).arg(&data).output();
        String::from_utf8(verify.unwrap().stdout).unwrap()
    };
    let one = figures("1");
    assert_eq!(one, figures("1"));
    assert_ne!(one, figures("2"));
}

#[test]
fn a_server_whose_words_nobody_reads_serves_all_the_same() {
    let place = tempfile::tempdir().unwrap();
    // Free a moment ago; nobody else asks for it by its number.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut process = Command::new(env!("CARGO_BIN_EXE_kopilka"))
        .args(["demo", "--members", "4", "--orders", "4", "--listen", &address, "--data"])
        .arg(place.path().join("data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    let answers = || std::net::TcpStream::connect(&address).is_ok();
    while !answers() {
        assert!(process.try_wait().unwrap().is_none(), "it ended before it served");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // It has tried to print by then, or will at once; what it serves comes after that.
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    std::io::Write::write_all(&mut stream, b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 200 "), "{answer}");
    assert!(Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap().success());
    assert!(process.wait().unwrap().success());
}
