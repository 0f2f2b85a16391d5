//! Somebody outside who is told of events: a small HTTP server that answers as a test wants and remembers
//! what it heard.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What a receiver was told, and how it answered.
#[derive(Debug, Clone)]
pub struct Heard {
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    pub answered: u16,
}

impl Heard {
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }
    pub fn object(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
    pub fn kind(&self) -> String {
        self.object()["type"].as_str().unwrap().to_owned()
    }
    pub fn member(&self) -> String {
        self.object()["data"]["member"].as_str().unwrap().to_owned()
    }
    pub fn is_acknowledged(&self) -> bool {
        self.answered == 200
    }
    /// Whether one of its signatures is of this secret, by an HMAC of our own.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        use base64::Engine;
        let base64 = base64::engine::general_purpose::STANDARD;
        let secret = base64.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut block = [0_u8; 64];
        block[..secret.len()].copy_from_slice(&secret);
        let pad = |with: u8| block.map(|byte| byte ^ with);
        let signed = format!("{}.{}.", self.id(), self.headers["webhook-timestamp"]);
        let inner = Sha256::digest([&pad(0x36)[..], signed.as_bytes(), &self.body].concat());
        let expected = base64.encode(Sha256::digest([&pad(0x5c)[..], &inner].concat()));
        let signatures = self.headers["webhook-signature"].split(' ');
        signatures.filter_map(|signature| signature.strip_prefix("v1,")).any(|given| given == expected)
    }
}

type Answers = Arc<Mutex<Box<dyn Fn(&Heard) -> u16 + Send>>>;

/// Never answers.
pub const SILENCE: u16 = 0;

pub struct Receiver {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Answers,
    says: Arc<Mutex<String>>,
}

impl Receiver {
    /// Acknowledges everything until it is told otherwise.
    pub async fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let answers: Answers = Arc::new(Mutex::new(Box::new(|_| 200)));
        let says = Arc::new(Mutex::new("ok".to_owned()));
        let (all, answer, body) = (heard.clone(), answers.clone(), says.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, all.clone(), answer.clone(), body.clone()));
            }
        });
        Receiver { address, heard, answers, says }
    }
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }
    pub fn answers(&self, with: impl Fn(&Heard) -> u16 + Send + 'static) {
        *self.answers.lock().unwrap() = Box::new(with);
    }
    /// What its answers say from now on.
    pub fn says(&self, body: &str) {
        body.clone_into(&mut self.says.lock().unwrap());
    }
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
    /// Ids that were acknowledged, in order.
    pub fn acknowledged(&self) -> Vec<String> {
        let heard = self.heard();
        heard.iter().filter(|h| h.is_acknowledged()).map(|h| h.id().to_owned()).collect()
    }
    pub fn forget(&self) {
        self.heard.lock().unwrap().clear();
    }
}

async fn serve(stream: TcpStream, all: Arc<Mutex<Vec<Heard>>>, answers: Answers, says: Arc<Mutex<String>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if !matches!(stream.read_line(&mut line).await, Ok(read) if read > 0) {
            return;
        }
        let path = line.strip_prefix("POST ").unwrap_or_else(|| panic!("{line}"));
        let path = path.split(' ').next().unwrap().to_owned();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            assert!(headers.insert(name.to_lowercase(), value.to_owned()).is_none(), "{name} comes twice");
        }
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        let mut heard = Heard { path, headers, body, answered: 0 };
        heard.answered = answers.lock().unwrap()(&heard);
        let answered = heard.answered;
        all.lock().unwrap().push(heard);
        if answered == SILENCE {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
        }
        let said = says.lock().unwrap().clone();
        let answer = format!(
            "HTTP/1.1 {answered} Said\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: {}\r\n\r\n{said}",
            said.len()
        );
        stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
    }
}
