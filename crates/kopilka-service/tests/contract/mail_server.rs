//! A mail server that takes letters as a test wants and remembers them.

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The name that its certificate is for.
pub const HOST: &str = "mail.example";

/// A letter that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub from: String,
    pub to: Vec<String>,
    pub bytes: Vec<u8>,
    /// The connection was encrypted when the letter came.
    pub encrypted: bool,
    /// As whom the client logged in, and with what.
    pub login: Option<String>,
}

impl Taken {
    pub fn message_id(&self) -> String {
        self.read().message_id().unwrap().to_owned()
    }
    pub fn read(&self) -> mail_parser::Message<'_> {
        mail_parser::MessageParser::default().parse(&self.bytes).unwrap()
    }
    pub fn text(&self) -> String {
        self.read().body_text(0).unwrap().replace("\r\n", "\n")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Plain,
    Starttls,
    /// Offers no encryption where it should.
    Stripped,
    /// Slips a command's answer in before it encrypts.
    Injecting,
    Tls,
}

type Answers = Arc<Mutex<Box<dyn Fn(&str) -> Option<String> + Send>>>;

#[derive(Clone)]
pub struct MailServer {
    pub address: SocketAddr,
    pub certificate: CertificateDer<'static>,
    mode: Mode,
    tls: TlsAcceptor,
    taken: Arc<Mutex<Vec<Taken>>>,
    /// Lines of clients, as they came in clear or encrypted.
    lines: Arc<Mutex<Vec<String>>>,
    answers: Answers,
}

impl MailServer {
    pub async fn start(mode: Mode) -> MailServer {
        let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let certificate = made.cert.der().clone();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.clone()], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = MailServer {
            address: listener.local_addr().unwrap(),
            certificate,
            mode,
            tls: TlsAcceptor::from(Arc::new(config)),
            taken: Arc::default(),
            lines: Arc::default(),
            answers: Arc::new(Mutex::new(Box::new(|_| None))),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                // A client that goes away in the middle is what some tests are about.
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        server
    }
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
    /// Answers a command's line otherwise, where it says something.
    pub fn answers(&self, with: impl Fn(&str) -> Option<String> + Send + 'static) {
        *self.answers.lock().unwrap() = Box::new(with);
    }

    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        match self.mode {
            Mode::Tls => self.talk(self.tls.accept(stream).await?, true, true).await.map(|_| ()),
            Mode::Plain | Mode::Stripped => self.talk(stream, false, true).await.map(|_| ()),
            Mode::Starttls | Mode::Injecting => {
                if self.talk(&mut stream, false, true).await? {
                    let ready: &[u8] = match self.mode {
                        Mode::Injecting => b"220 ready\r\n250 injected\r\n",
                        _ => b"220 ready\r\n",
                    };
                    stream.write_all(ready).await?;
                    self.talk(self.tls.accept(stream).await?, true, false).await?;
                }
                Ok(())
            }
        }
    }

    /// Whether the client asks for encryption.
    async fn talk(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        encrypted: bool,
        greets: bool,
    ) -> std::io::Result<bool> {
        let mut stream = BufReader::new(stream);
        if greets {
            stream.write_all(b"220 mail.example ESMTP\r\n").await?;
        }
        let mut letter =
            Taken { from: String::new(), to: Vec::new(), bytes: Vec::new(), encrypted, login: None };
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(false);
            }
            let line = line.trim_end().to_owned();
            self.lines.lock().unwrap().push(line.clone());
            let otherwise = self.answers.lock().unwrap()(&line);
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            let answer = match (otherwise, verb.as_str()) {
                (Some(answer), _) => answer,
                (None, "EHLO") if !encrypted && matches!(self.mode, Mode::Starttls | Mode::Injecting) => {
                    "250-mail.example\r\n250-8BITMIME\r\n250 STARTTLS".to_owned()
                }
                (None, "EHLO") => "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN".to_owned(),
                (None, "STARTTLS") => return Ok(true),
                (None, "AUTH") => {
                    use base64::Engine;
                    let given = line.rsplit(' ').next().unwrap();
                    let given = base64::engine::general_purpose::STANDARD.decode(given).unwrap();
                    letter.login =
                        Some(String::from_utf8(given).unwrap().replace('\0', " ").trim().to_owned());
                    "235 welcome".to_owned()
                }
                (None, "MAIL") => {
                    letter.from = address(&line);
                    "250 ok".to_owned()
                }
                (None, "RCPT") => {
                    letter.to.push(address(&line));
                    "250 ok".to_owned()
                }
                (None, "DATA") => {
                    stream.write_all(b"354 go on\r\n").await?;
                    letter.bytes = data(&mut stream).await?;
                    self.taken.lock().unwrap().push(letter.clone());
                    letter.to.clear();
                    "250 taken".to_owned()
                }
                (None, "QUIT") => "221 bye".to_owned(),
                (None, _) => "500 what".to_owned(),
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
            if verb == "QUIT" {
                return Ok(false);
            }
        }
    }
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap().to_owned()
}

/// Up to the dot alone, dots at the beginning of lines made one again.
async fn data(stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await?;
        if line == b".\r\n" || line.is_empty() {
            return Ok(bytes);
        }
        bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
