//! A line between a store and its `PostgreSQL` that can be broken.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the line between the store and its database does.
#[derive(Clone, Copy)]
#[repr(u8)]
#[allow(dead_code, reason = "no suite breaks it in every way")]
pub(crate) enum Line {
    /// Carries everything.
    Fine,
    /// Takes the next thing to the server, loses what it answers, and breaks; fine from then on.
    LosesAnswer,
    /// As `LosesAnswer`, but only for a `COMMIT` of a transaction.
    LosesCommit,
    /// Breaks what comes, at once.
    Cut,
    /// Carries nothing, and stays open.
    Silent,
}

/// The line, and the statement whose transaction [`Line::LosesCommit`] means; every one where that is empty.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<AtomicU8>, Arc<Mutex<&'static str>>, Arc<Stranded>);

/// How many connections there were, and how many of the first of them carry nothing any more.
#[derive(Default)]
struct Stranded(AtomicUsize, AtomicUsize);

impl Proxy {
    /// A line to the server at this address; answers the port that it is reached by.
    pub(crate) async fn before(host: &str, port: u16) -> (u16, Self) {
        let to = (host.to_owned(), port);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let proxy = Self(Arc::default(), Arc::default(), Arc::default());
        let line = proxy.clone();
        #[expect(clippy::disallowed_methods, reason = "a line of a test ends with its runtime")]
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = line.2.0.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(carry(client, to.clone(), line.clone(), number));
            }
        });
        (own, proxy)
    }

    /// Loses the answer to the next `COMMIT` of a transaction in which a statement with these words was executed.
    #[allow(dead_code, reason = "no suite breaks it in every way")]
    pub(crate) fn lose_commit_of(&self, words: &'static str) {
        *self.1.lock().unwrap() = words;
        self.set(Line::LosesCommit);
    }

    /// Carries everything from now on, but nothing for the connections that there are.
    #[allow(dead_code, reason = "no suite breaks it in every way")]
    pub(crate) fn strand(&self) {
        self.2.1.store(self.2.0.load(Ordering::SeqCst), Ordering::SeqCst);
        self.set(Line::Fine);
    }

    fn is_silent(&self, number: usize) -> bool {
        self.is(Line::Silent) || number < self.2.1.load(Ordering::SeqCst)
    }

    pub(crate) fn set(&self, line: Line) {
        self.0.store(line as u8, Ordering::SeqCst);
    }

    pub(crate) fn is(&self, line: Line) -> bool {
        self.0.load(Ordering::SeqCst) == line as u8
    }

    /// Whether the answer to these bytes is to be lost: of all connections, that of the first.
    fn loses(&self, sent: &[u8], talk: &mut Talk) -> bool {
        talk.hear(sent, *self.1.lock().unwrap());
        let commit = contains(sent, b"COMMIT\0") && talk.meant;
        let wanted = if commit {
            [Line::LosesCommit, Line::LosesAnswer]
        } else {
            [Line::LosesAnswer; 2]
        };
        wanted.into_iter().any(|line| {
            let fine = Line::Fine as u8;
            self.0
                .compare_exchange(line as u8, fine, Ordering::SeqCst, Ordering::SeqCst)
                .is_ok()
        })
    }
}

/// What one connection said: a statement is sent in words once and called by its name from then on.
#[derive(Default)]
struct Talk {
    name: Option<Vec<u8>>,
    /// The transaction under way is one that is meant.
    meant: bool,
}

impl Talk {
    fn hear(&mut self, sent: &[u8], words: &str) {
        if let Some(at) = position(sent, words.as_bytes()) {
            let before = sent[..at].rsplit(|byte| *byte == 0).nth(1).unwrap_or_default();
            let name = position(before, b"sqlx_s_").map(|at| &before[at..]);
            self.name = name.map(|name| [&[0], name, &[0]].concat());
            self.meant = true;
        } else if contains(sent, b"BEGIN") {
            self.meant = false;
        } else if self.name.as_ref().is_some_and(|name| contains(sent, name)) {
            self.meant = true;
        }
    }
}

fn position(sent: &[u8], words: &[u8]) -> Option<usize> {
    if words.is_empty() {
        return Some(0);
    }
    sent.windows(words.len()).position(|window| window == words)
}

fn contains(sent: &[u8], words: &[u8]) -> bool {
    position(sent, words).is_some()
}

async fn carry(mut client: TcpStream, to: (String, u16), line: Proxy, number: usize) {
    #[expect(clippy::disallowed_methods, reason = "the test's own line to its own server")]
    let Ok(mut server) = TcpStream::connect(to).await else {
        return;
    };
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    let (mut losing, mut talk) = (false, Talk::default());
    loop {
        tokio::select! {
            read = client.read(&mut up) => match read {
                Ok(n) if n > 0 && !line.is(Line::Cut) => {
                    while line.is_silent(number) {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    losing |= line.loses(&up[..n], &mut talk);
                    if server.write_all(&up[..n]).await.is_err() { return }
                }
                _ => return,
            },
            read = server.read(&mut down) => match read {
                Ok(n) if n > 0 && !losing && !line.is(Line::Cut) => {
                    while line.is_silent(number) {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    if client.write_all(&down[..n]).await.is_err() { return }
                }
                _ => return,
            },
        }
    }
}
