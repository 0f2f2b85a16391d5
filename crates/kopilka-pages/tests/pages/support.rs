//! A server of its own for each test, and browsers that keep their cookies.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use kopilka_core::holder::HolderNo;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_pages::{Need, doors, routes};
use kopilka_service::outside::OutsideOptions;
use kopilka_service::{
    Accept, Background, Caller, Change, Done, Grant, Invite, OpenOptions, Publish, Role, Service, SignIn,
    SignedIn, Write,
};
use kopilka_web::{App, Metrics, router_with};
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

pub const SPORTS: &str = include_str!("../../../../examples/sports-store.yaml");
pub const PASSWORD: &str = "шесть синих китов";

pub struct House {
    pub app: Arc<App>,
    pub router: Router,
    _background: Background,
    _dir: TempDir,
}

/// A server with nothing published and nobody in the team.
pub fn empty_house() -> House {
    house_with(OutsideOptions::default())
}

/// A server with the sports store that may reach a gateway for messages on this machine.
pub async fn house_with_gateways() -> House {
    let allowed = vec!["127.0.0.0/8".parse().unwrap()];
    let house = house_with(OutsideOptions { allowed, ..OutsideOptions::default() });
    house.publish(SPORTS).await;
    house
}

fn house_with(outside: OutsideOptions) -> House {
    let dir = TempDir::new().unwrap();
    let service = Service::open(OpenOptions { outside, ..OpenOptions::in_dir(dir.path()) }).unwrap();
    let background = service.start_background();
    let app = Arc::new(App { service, metrics: Metrics::install(), guesses: Default::default() });
    let router = router_with(app.clone(), routes(&app));
    House { app, router, _background: background, _dir: dir }
}

/// A server with the sports store.
pub async fn house() -> House {
    let house = empty_house();
    house.publish(SPORTS).await;
    house
}

impl House {
    pub fn service(&self) -> &Service {
        &self.app.service
    }
    pub async fn publish(&self, text: &str) -> ProgramId {
        let publish = Publish {
            text: text.to_owned(),
            author: "test".to_owned(),
            note: String::new(),
            sandbox: true,
            effective_from: None,
        };
        self.service().publish(publish).await.unwrap().program
    }
    pub fn program(&self) -> ProgramId {
        self.service().programs()[0].id
    }
    /// The points that a member can spend now, in whole points of the sports store.
    pub async fn available(&self, member: kopilka_core::ids::MemberId) -> i64 {
        let (program, now) = (self.program(), self.service().now(self.program()));
        let row = self.service().read(move |reader| reader.member(program, member)).await.unwrap().unwrap();
        row.member.balance_at(now).available.0
    }
    /// Writes as the API does.
    pub async fn write(&self, change: Change) -> Done {
        let write = Write {
            program: self.program(),
            scope: "test".to_owned(),
            key: None,
            input_hash: [0; 16],
            operator: Some("test".to_owned()),
            reason: Some("test".to_owned()),
            change,
        };
        self.service().write(write).await.unwrap()
    }
    pub fn doors(&self) -> Vec<(String, &'static str, Need)> {
        let list = doors(&self.app).list;
        list.into_iter().map(|door| (door.method.to_string(), door.path, door.need)).collect()
    }
    /// A token as the shop makes one for its page.
    pub async fn member_token(&self, member: MemberId, holder: Option<HolderNo>) -> String {
        let caller = Caller {
            program: self.program(),
            shop: "main".to_owned(),
            scopes: Vec::new(),
            key_id: "k".to_owned(),
            name: "k".to_owned(),
            member: None,
            holder: None,
        };
        self.service().make_token(&caller, (member, holder), 600).await.unwrap().0
    }
    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new(), token: String::new() }
    }
    /// Somebody with this role in every program, signed in.
    pub async fn signed_in(&self, role: Role) -> Browser {
        let login = format!("{}@shop.example", role.name());
        self.signed_in_with(&login, vec![Grant { program: None, role }]).await
    }
    /// Somebody with these grants, signed in.
    pub async fn signed_in_with(&self, login: &str, grants: Vec<Grant>) -> Browser {
        let login = login.to_owned();
        let invite = Invite { name: login.clone(), grants, by: None, operator: None };
        let (link, _) = self.service().invite(invite).await.unwrap().unwrap();
        let accept = Accept {
            login: login.clone(),
            name: login.clone(),
            password: PASSWORD.to_owned(),
            language: None,
        };
        self.service().accept_invitation(&link, accept).await.unwrap().unwrap();
        let asked = SignIn { login, password: PASSWORD.to_owned(), agent: "test".to_owned() };
        let SignedIn::Session(token) = self.service().sign_in(asked).await.unwrap().unwrap() else {
            panic!("no code was set up");
        };
        let mut browser = self.browser();
        browser.cookies.insert("kopilka_session".to_owned(), token);
        browser.get("/admin/account").await.ok();
        browser
    }
}

/// One browser: what it was told to keep, and the token of the last page it saw.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    pub token: String,
}

#[derive(Debug)]
pub struct Seen {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Seen {
    #[track_caller]
    pub fn ok(self) -> Seen {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self
    }
    #[track_caller]
    pub fn is(self, status: u16) -> Seen {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
    #[track_caller]
    pub fn says(self, words: &str) -> Seen {
        assert!(self.text.contains(words), "no «{words}» in {}", self.text);
        self
    }
    #[track_caller]
    pub fn never_says(self, words: &str) -> Seen {
        assert!(!self.text.contains(words), "«{words}» in {}", self.text);
        self
    }
    /// Where a redirect leads.
    #[track_caller]
    pub fn goal(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.headers.get(header::LOCATION).and_then(|goal| goal.to_str().ok()).unwrap()
    }
    /// The value of a form's field, by its name.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        field(&self.text, name).unwrap_or_else(|| panic!("no field {name} in {}", self.text))
    }
}

impl Seen {
    /// The value of a field by its id.
    #[track_caller]
    pub fn field_by_id(&self, id: &str) -> String {
        let tag = self.text.split(&format!("id=\"{id}\"")).nth(1).and_then(|rest| rest.split('>').next());
        let value = tag.and_then(|tag| tag.split("value=\"").nth(1)).and_then(|rest| rest.split('"').next());
        value.unwrap_or_else(|| panic!("no field {id} in {}", self.text)).to_owned()
    }
}

fn field(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split('"').next()?.to_owned())
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Seen {
        let request = self.request("GET", path).body(Body::empty()).unwrap();
        self.send(request).await
    }
    /// Follows redirects, as a browser does.
    pub async fn visit(&mut self, path: &str) -> Seen {
        let mut seen = self.get(path).await;
        for _ in 0..5 {
            if seen.status != StatusCode::SEE_OTHER {
                break;
            }
            let goal = seen.goal().to_owned();
            seen = self.get(&goal).await;
        }
        seen
    }
    /// Sends a form with the token of the last page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.token.clone();
        let mut fields = fields.to_vec();
        fields.push(("token", &token));
        self.post_raw(path, &fields).await
    }
    /// Sends a form as it is.
    pub async fn post_raw(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.finish()))
            .unwrap();
        self.send(request).await
    }

    /// Sends a form with a file and the token of the last page, which comes first as in our forms.
    pub async fn post_file(&mut self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Seen {
        let token = self.token.clone();
        let mut all = vec![("token", token.as_str())];
        all.extend_from_slice(fields);
        self.post_parts(path, &all, Some(file)).await
    }
    /// Sends the parts of a form as they are, the file last.
    pub async fn post_parts(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &[u8])>,
    ) -> Seen {
        let mut body: Vec<u8> = Vec::new();
        for (name, value) in fields {
            let part =
                format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.as_bytes());
        }
        if let Some((name, bytes)) = file {
            let head = "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=";
            body.extend(format!("{head}\"{name}\"\r\ncontent-type: text/csv\r\n\r\n").as_bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--edge--\r\n");
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }
    /// Looks again until nothing moves any more, as a page that follows itself does.
    pub async fn follow(&mut self, path: &str) -> Seen {
        for _ in 0..600 {
            let seen = self.get(path).await.ok();
            if !seen.text.contains("data-follow") {
                return seen;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{path} does not come to its end")
    }

    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let builder = Request::builder().method(method).uri(path).header(header::HOST, "kopilka.test");
        match cookies.is_empty() {
            true => builder,
            false => builder.header(header::COOKIE, cookies.join("; ")),
        }
    }
    /// The body of an answer that is no text.
    pub async fn bytes(&self, request: Request<Body>) -> Vec<u8> {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()
    }
    pub async fn send(&mut self, request: Request<Body>) -> Seen {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value.is_empty() {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        if let Some(token) = field(&text, "token") {
            self.token = token;
        }
        Seen { status: parts.status, headers: parts.headers, text }
    }
}
