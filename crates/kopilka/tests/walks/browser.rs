//! A real browser, driven as a person would: by what stands on the page.
//!
//! Invariant: nothing is waited for by time alone; a walk goes on as soon as the page says what it waits
//! for, and ends with what the page said instead.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Set by `cargo xtask test`, which installs the browser; without it the walks are left out, so that plain
/// `cargo test` needs none.
pub const BROWSER: &str = "KOPILKA_TEST_BROWSER";
/// A page that draws itself after several answers, on a machine that builds something else beside.
const SAYS_WITHIN: Duration = Duration::from_secs(20);
const STARTS_MAX: usize = 5;
/// More than stands before anything a walk looks for: the menu, and a page of rows.
const TABS_MAX: usize = 150;
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub fn is_wanted() -> bool {
    std::env::var_os(BROWSER).is_some()
}

pub struct Browser {
    client: Client,
    base: String,
    _driver: Driver,
    /// Its profile, and what it downloads.
    pub folder: TempDir,
}

/// chromedriver and the browser that it holds; both end with this value.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Browser {
    /// A new window in English, wide enough for everything.
    pub async fn open(host: &str) -> Browser {
        Browser::sized(host, (1280, 1000)).await
    }

    pub async fn sized(host: &str, (width, height): (u32, u32)) -> Browser {
        let folder = TempDir::new().unwrap();
        let (driver, address) = driver();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en",
                format!("--window-size={width},{height}"), format!("--user-data-dir={}", at("profile"))],
            "prefs": { "intl.accept_languages": "en", "download.default_directory": at("saved"),
                "download.prompt_for_download": false },
        });
        let mut wanted = Capabilities::new();
        wanted.insert("goog:chromeOptions".to_owned(), options);
        let client = session(&address, &wanted).await;
        Browser { client, base: format!("http://{host}"), _driver: driver, folder }
    }

    pub async fn go(&self, path: &str) -> &Browser {
        let address = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        self.client.goto(&address).await.unwrap();
        self
    }
    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// Runs a script that returns something.
    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or(Value::Null)
    }
    /// The text that a person sees, pieces of the widget with it.
    pub async fn text(&self) -> String {
        let script = "const texts = (root) => [...root.querySelectorAll('*')].flatMap((one) => one.shadowRoot \
             ? [...one.shadowRoot.children].map((part) => part.innerText ?? '').concat(one.shadowRoot.textContent) \
             : []); return document.body.innerText + '\\n' + texts(document).join('\\n');";
        self.ask(script).await.as_str().unwrap_or_default().replace('\u{a0}', " ")
    }

    /// Waits until the page says it.
    pub async fn says(&self, words: &str) -> &Browser {
        let began = Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return self;
            }
            assert!(began.elapsed() < SAYS_WITHIN, "{} never says {words:?}:\n{text}", self.path().await);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    pub async fn never_says(&self, words: &str) -> &Browser {
        let text = self.text().await;
        assert!(!text.contains(words), "{} says {words:?}:\n{text}", self.path().await);
        self
    }

    /// Types into the field that the selector finds, in place of what stands there.
    pub async fn fill(&self, field: &str, text: &str) -> &Browser {
        let found = self.client.wait().at_most(SAYS_WITHIN).for_element(Locator::Css(field)).await;
        let found = found.unwrap_or_else(|error| panic!("no field {field}: {error}"));
        found.clear().await.unwrap_or_else(|error| panic!("{field}: {error}"));
        found.send_keys(text).await.unwrap_or_else(|error| panic!("{field}: {error}"));
        self
    }
    /// Chooses a file of that content in a field for files.
    pub async fn attach(&self, field: &str, name: &str, content: &str) -> &Browser {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let found = self.client.wait().at_most(SAYS_WITHIN).for_element(Locator::Css(field)).await.unwrap();
        found.send_keys(&path.display().to_string()).await.unwrap_or_else(|error| panic!("{field}: {error}"));
        self
    }
    /// Says yes to what the page asks before it does something.
    pub async fn agree(&self) -> &Browser {
        self.client.accept_alert().await.unwrap();
        self
    }
    /// What stands there, once it is there.
    pub async fn read(&self, what: &str) -> String {
        let found = self.client.wait().at_most(SAYS_WITHIN).for_element(Locator::Css(what)).await;
        let found = found.unwrap_or_else(|error| panic!("nothing is {what}: {error}"));
        found.text().await.unwrap()
    }
    /// Chooses an option by its value.
    pub async fn choose(&self, field: &str, value: &str) -> &Browser {
        let found = self.client.wait().at_most(SAYS_WITHIN).for_element(Locator::Css(field)).await.unwrap();
        found.select_by_value(value).await.unwrap_or_else(|error| panic!("{field} {value}: {error}"));
        self
    }
    /// Clicks what the selector finds.
    pub async fn click(&self, what: &str) -> &Browser {
        let found = self.client.wait().at_most(SAYS_WITHIN).for_element(Locator::Css(what)).await;
        let found = found.unwrap_or_else(|error| panic!("nothing is {what}: {error}"));
        found.click().await.unwrap_or_else(|error| panic!("{what}: {error}"));
        self
    }
    /// Clicks the button, or follows the link, that is called so.
    pub async fn press(&self, label: &str) -> &Browser {
        let path = format!("//*[self::button or self::a or self::summary][normalize-space()={label:?}]");
        let found = self.client.wait().at_most(SAYS_WITHIN).for_element(Locator::XPath(&path)).await;
        let Ok(found) = found else {
            panic!("{} has nothing called {label:?}:\n{}", self.path().await, self.text().await)
        };
        found.click().await.unwrap_or_else(|error| panic!("{label}: {error}"));
        self
    }
    /// Presses a key wherever the focus is.
    pub async fn key(&self, key: &str) -> &Browser {
        let focused = self.client.active_element().await.unwrap();
        focused.send_keys(key).await.unwrap();
        self
    }
    /// Presses Tab until the focus is on what the selector finds. On the way it is always seen where it is.
    pub async fn tab_to(&self, what: &str) -> &Browser {
        let script = format!(
            "const one = document.activeElement, box = one.getBoundingClientRect(); \
             const seen = box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight; \
             const marked = getComputedStyle(one).outlineStyle !== 'none'; \
             return [one.matches({what:?}), one === document.body || (seen && marked), \
             `${{one.outerHTML}} seen: ${{seen}} (${{box.top}} of ${{innerHeight}}), marked: ${{marked}}`]"
        );
        for _ in 0..TABS_MAX {
            // Keys that are sent to a field begin at its first part: a date would never be left.
            let tab = KeyActions::new("keyboard".to_owned())
                .then(KeyAction::Down { value: '\u{e004}' })
                .then(KeyAction::Up { value: '\u{e004}' });
            self.client.perform_actions(tab).await.unwrap();
            let told = self.ask(&script).await;
            assert_eq!(told[1], true, "{}: nobody sees the focus on {}", self.path().await, told[2]);
            if told[0] == true {
                return self;
            }
        }
        panic!("{}: no Tab leads to {what}", self.path().await)
    }
    /// What the focus is on, as a screen reader would call it.
    pub async fn focus(&self) -> String {
        let script = "const one = document.activeElement; const label = one.labels?.[0]?.innerText; \
             return (one.getAttribute('aria-label') || label || one.innerText || one.name || one.tagName).trim();";
        self.ask(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits for a file that was downloaded, and answers with its name and bytes.
    pub async fn downloaded(&self) -> (String, Vec<u8>) {
        let began = Instant::now();
        loop {
            let files = std::fs::read_dir(self.folder.path().join("saved")).into_iter().flatten().flatten();
            let is_whole = |path: &PathBuf| {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                !name.starts_with('.') && !name.ends_with(".crdownload")
            };
            let whole = files.map(|file| file.path()).find(is_whole);
            if let Some(path) = whole.filter(|path| path.metadata().is_ok_and(|about| about.len() > 0)) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let bytes = std::fs::read(&path).unwrap();
                std::fs::remove_file(path).unwrap();
                return (name, bytes);
            }
            assert!(began.elapsed() < SAYS_WITHIN, "nothing was downloaded");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    pub async fn sign_in(&self, login: &str, password: &str) -> &Browser {
        self.go("/admin/sign-in").await;
        self.fill("#login", login).await.fill("#password", password).await;
        self.click("form button.main").await
    }
}

/// A browser that the driver starts. On a machine that is busy one sometimes ends as it begins.
async fn session(address: &str, wanted: &Capabilities) -> Client {
    let mut told = String::new();
    for _ in 0..STARTS_MAX {
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        match ClientBuilder::new(connector).capabilities(wanted.clone()).connect(address).await {
            Ok(client) => return client,
            Err(error) => told = error.to_string(),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("no browser: {told}")
}

/// Starts chromedriver on a port of its own choice. Two that choose at one moment can choose alike, and then
/// one of them ends at once.
fn driver() -> (Driver, String) {
    let started = (0..STARTS_MAX).find_map(|_| {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = Driver(command.spawn().expect("chromedriver (Debian's chromium-driver)"));
        let lines = BufReader::new(driver.0.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut ports = lines.filter_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim().trim_end_matches('.').to_owned())
        });
        ports.next().map(|port| (driver, format!("http://127.0.0.1:{port}")))
    });
    started.expect("chromedriver told no port")
}
