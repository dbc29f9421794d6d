//! A mail server that does at each stage what it is told, plain or encrypted.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What to do instead of what a server usually does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Say(&'static str),
    Close,
    Hang,
}

/// A certificate authority and a server's certificate of it.
pub(crate) struct Authority {
    pub(crate) root: CertificateDer<'static>,
    pub(crate) acceptor: TlsAcceptor,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()])
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        Self {
            root: issuer.der().clone(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }
    }
}

/// How a server behaves.
#[derive(Clone, Default)]
pub(crate) struct Script {
    /// By the first word of the command, or `greeting` and `end`.
    pub(crate) acts: HashMap<&'static str, Act>,
    /// What is offered after EHLO, beside STARTTLS where it is there.
    pub(crate) offers: Vec<&'static str>,
    pub(crate) tls: Option<TlsAcceptor>,
    /// Encrypted from the first byte.
    pub(crate) implicit: bool,
    /// Said in plain text together with the leave to encrypt.
    pub(crate) injected: &'static str,
    /// Closes after that many mails.
    pub(crate) mails_per_connection: Option<usize>,
}

impl Script {
    pub(crate) fn at(stage: &'static str, act: Act) -> Self {
        Self {
            acts: HashMap::from([(stage, act)]),
            ..Self::default()
        }
    }
}

/// A running server and what it saw.
pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    commands: Mutex<Vec<String>>,
    mails: Mutex<Vec<String>>,
}

impl Server {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let server = Self {
            addr,
            seen: Arc::clone(&seen),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.connections.fetch_add(1, Ordering::SeqCst);
                let (script, seen) = (script.clone(), Arc::clone(&seen));
                tokio::spawn(async move {
                    if let (true, Some(tls)) = (script.implicit, script.tls.clone()) {
                        if let Ok(stream) = tls.accept(stream).await {
                            talk(stream, &script, &seen, true).await;
                        }
                    } else if let Some(stream) = talk(stream, &script, &seen, true).await
                        && let Some(tls) = script.tls.clone()
                        && let Ok(stream) = tls.accept(stream).await
                    {
                        talk(stream, &script, &seen, false).await;
                    }
                });
            }
        });
        server
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        self.seen.commands.lock().clone()
    }

    /// The mails as they came, the dots before dots taken away.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.seen.mails.lock().clone()
    }
}

/// Speaks until the end, or until the client is given leave to encrypt: then the bare stream comes back.
async fn talk<S>(stream: S, script: &Script, seen: &Seen, greet: bool) -> Option<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    if greet {
        act(&mut stream, script, "greeting", "220 mail.example ready").await?;
    }
    let (mut asked, mut mails) = (0, 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        seen.commands.lock().push(line.to_owned());
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => {
                let mut lines = vec!["mail.example"];
                if script.tls.is_some() && greet && !script.implicit {
                    lines.push("STARTTLS");
                }
                lines.extend(&script.offers);
                let last = lines.len() - 1;
                let said: Vec<_> = lines
                    .iter()
                    .enumerate()
                    .map(|(at, line)| format!("250{}{line}", if at == last { ' ' } else { '-' }))
                    .collect();
                act(&mut stream, script, "EHLO", &said.join("\r\n")).await?;
            }
            "STARTTLS" => {
                let said = format!("220 go ahead{}", script.injected);
                act(&mut stream, script, "STARTTLS", &said).await?;
                return Some(stream.into_inner());
            }
            "AUTH" if line.starts_with("AUTH LOGIN") => {
                asked = 2;
                act(&mut stream, script, "AUTH", "334 VXNlcm5hbWU6").await?;
            }
            "AUTH" => act(&mut stream, script, "AUTH", "235 2.7.0 welcome").await?,
            "MAIL" => act(&mut stream, script, "MAIL", "250 2.1.0 ok").await?,
            "RCPT" => act(&mut stream, script, "RCPT", "250 2.1.5 ok").await?,
            "RSET" => act(&mut stream, script, "RSET", "250 2.0.0 ok").await?,
            "DATA" => {
                act(&mut stream, script, "DATA", "354 go ahead").await?;
                if matches!(script.acts.get("DATA"), Some(Act::Say(_))) {
                    continue;
                }
                if let Some(Act::Close) = script.acts.get("message") {
                    return None;
                }
                let mail = read_mail(&mut stream).await?;
                seen.mails.lock().push(mail);
                act(&mut stream, script, "end", "250 2.0.0 Ok: queued as 4F2A91").await?;
                mails += 1;
                if script.mails_per_connection == Some(mails) {
                    return None;
                }
            }
            "QUIT" => {
                say(&mut stream, "221 bye").await?;
                return None;
            }
            _ if asked > 0 => {
                asked -= 1;
                let said = if asked == 0 {
                    "235 welcome"
                } else {
                    "334 UGFzc3dvcmQ6"
                };
                act(&mut stream, script, "answer", said).await?;
            }
            _ => say(&mut stream, "500 what?").await?,
        }
    }
}

async fn act<S>(stream: &mut S, script: &Script, stage: &str, usual: &str) -> Option<()>
where
    S: AsyncWrite + Unpin,
{
    match script.acts.get(stage) {
        None => say(stream, usual).await,
        Some(Act::Say(other)) => say(stream, other).await,
        Some(Act::Close) => None,
        Some(Act::Hang) => std::future::pending().await,
    }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, text: &str) -> Option<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn read_mail<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        assert!(line.ends_with("\r\n"), "a bare line feed travelled: {line:?}");
        if line == ".\r\n" {
            return Some(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
