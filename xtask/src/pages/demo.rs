//! A demo shop of its own for looking at, with its owner signed in.

use crate::http::{Answer, Connection, Form};
use crate::shell::{self, Profile};
use std::cell::OnceCell;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Who looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitor {
    /// The owner, signed in to the admin.
    Owner,
    /// A member in the cabinet.
    Shopper,
    /// Somebody whom nobody knows.
    Guest,
}

/// A running demo; it ends with this value.
pub struct Demo {
    child: Child,
    pub host: String,
    session: String,
    /// The short name of the program, and the session of a shopper in its cabinet.
    cabinet: OnceCell<(String, String)>,
    /// Removed with this value, unless the shop was asked to stay.
    _data: Option<TempDir>,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Demo {
    /// Builds the binary, makes the shop and signs its owner in.
    pub fn start(profile: Profile, members: u32, orders: u32) -> Result<Demo, String> {
        let data = TempDir::new().map_err(|e| e.to_string())?;
        let mut demo = Demo::start_in(data.path(), profile, members, orders)?;
        demo._data = Some(data);
        Ok(demo)
    }

    /// The same in a folder that stays; a shop that is there already goes on.
    pub fn start_in(data: &Path, profile: Profile, members: u32, orders: u32) -> Result<Demo, String> {
        let binary = shell::build("kopilka", profile)?;
        let (child, host, login, password) = serve(&binary, data, members, orders)?;
        let mut demo = Demo { child, host, session: String::new(), cabinet: OnceCell::new(), _data: None };
        demo.sign_in(&login, &password)?;
        Ok(demo)
    }

    fn sign_in(&mut self, login: &str, password: &str) -> Result<(), String> {
        let form = Form { path: "/admin/sign-in", fields: &[("login", login), ("password", password)] };
        let answer = Connection::new(&self.host).post_form(&form, "")?;
        let cookie = answer.header("set-cookie").and_then(|line| line.split(';').next());
        self.session = cookie.map(str::to_owned).ok_or_else(|| format!("no session: {}", answer.body))?;
        Ok(())
    }

    /// The short name of the program, and the session of a shopper in its cabinet, opened as the sample
    /// shop's page opens it.
    pub fn cabinet(&self) -> Result<(String, String), String> {
        if let Some(known) = self.cabinet.get() {
            return Ok(known.clone());
        }
        let opened = self.open_cabinet()?;
        Ok(self.cabinet.get_or_init(|| opened).clone())
    }

    fn open_cabinet(&self) -> Result<(String, String), String> {
        let mut connection = Connection::new(&self.host);
        let mut post = |path, fields: &[(&str, &str)], cookies: &str| {
            connection.post_form(&Form { path, fields }, cookies)
        };
        let cookie = |answer: &Answer| {
            let line = answer.header("set-cookie").and_then(|line| line.split(';').next());
            line.map(str::to_owned).ok_or_else(|| format!("no session: {}", answer.body))
        };
        let shopper = cookie(&post("/demo/shop/as", &[("shopper", "c1")], "")?)?;
        let told = post("/demo/shop/token", &[], &shopper)?.json()?;
        let token = told["token"].as_str().ok_or("the sample shop gives no token")?.to_owned();
        let slug = self.slug()?;
        let opened = post(&format!("/cabinet/{slug}/open"), &[("member_token", &token)], "")?;
        Ok((slug, cookie(&opened)?))
    }

    fn slug(&self) -> Result<String, String> {
        let page = self.page("/admin/program", "en", "light")?.body;
        let slug = page.split("href=\"/terms/").nth(1).and_then(|rest| rest.split('"').next());
        slug.map(str::to_owned).ok_or_else(|| "the program has no terms".to_owned())
    }

    /// A page as the owner's browser gets it.
    pub fn page(&self, path: &str, language: &str, theme: &str) -> Result<Answer, String> {
        self.page_of(Visitor::Owner, path, language, theme)
    }

    /// A page as a visitor's browser gets it.
    pub fn page_of(&self, who: Visitor, path: &str, lang: &str, theme: &str) -> Result<Answer, String> {
        let session = match who {
            Visitor::Owner => format!("{}; ", self.session),
            Visitor::Shopper => format!("{}; ", self.cabinet()?.1),
            Visitor::Guest => String::new(),
        };
        let cookies = format!("{session}kopilka_language={lang}; kopilka_theme={theme}");
        Connection::new(&self.host).page(path, &cookies)
    }
}

type Served = (Child, String, String, String);

fn serve(binary: &Path, data: &Path, members: u32, orders: u32) -> Result<Served, String> {
    let mut command = Command::new(binary);
    command.env_remove("KOPILKA_DATABASE").args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    command.args(["--members", &members.to_string(), "--orders", &orders.to_string()]);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|e| format!("the demo: {e}"))?;
    let out = child.stdout.take().ok_or("the demo prints nothing")?;
    let mut host = None;
    for line in BufReader::new(out).lines() {
        let line = line.map_err(|e| e.to_string())?;
        if let Some(address) = line.strip_prefix("listening on http://") {
            host = Some(address.trim().to_owned());
        }
        // `admin  http://…/admin   login / password`
        if let (Some(host), Some((left, password))) = (&host, line.split_once(" / "))
            && let Some(login) = left.split_whitespace().last().filter(|_| left.trim().starts_with("admin"))
        {
            return Ok((child, host.clone(), login.to_owned(), password.trim().to_owned()));
        }
    }
    let _ = child.kill();
    Err("the demo told no owner".to_owned())
}
