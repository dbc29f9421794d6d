//! Certificates and handshakes, good and bad.

use std::sync::Arc;

use egress::{Client, FailureKind, Settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::support::{AMPLE, Names, OK, Peer, SHORT, hold, post, settings};

/// A certificate authority of our own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn root(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    fn issue(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        acceptor(certificate.der().clone(), &key)
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn peer(acceptor: TlsAcceptor) -> Peer {
    Peer::start(move |stream| serve(acceptor.clone(), stream)).await
}

/// Answers requests that fit one read, and leaves without `close_notify`.
async fn serve(acceptor: TlsAcceptor, stream: TcpStream) {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let mut request = [0; 4096];
    while let Ok(1..) = stream.read(&mut request).await {
        let close = request.starts_with(b"POST /close");
        let answer = if close {
            b"HTTP/1.1 200 OK\r\n\r\nuntil close"
        } else {
            OK
        };
        stream.write_all(answer).await.unwrap();
        if close {
            return;
        }
    }
}

fn client(authority: &Authority) -> Client {
    let resolver = Some(Names::one("good.example", vec!["127.0.0.1".parse().unwrap()]));
    Client::new(Settings {
        resolver,
        extra_roots: vec![authority.root()],
        ..settings()
    })
    .unwrap()
}

fn url(host: &str, peer: &Peer) -> String {
    format!("https://{host}:{}/", peer.addr.port())
}

#[tokio::test]
async fn a_trusted_certificate_is_accepted_and_the_connection_kept() {
    let authority = Authority::new();
    for host in ["good.example", "127.0.0.1"] {
        let peer = peer(authority.issue(host, |_| ())).await;
        let client = client(&authority);
        for _ in 0..3 {
            assert_eq!(post(&client, &url(host, &peer), AMPLE).await.unwrap().status, 200);
        }
        assert_eq!((peer.connections(), client.idle_connections()), (1, 1));
    }
}

#[tokio::test]
async fn a_body_until_close_may_end_without_the_closing_alert() {
    let authority = Authority::new();
    let peer = peer(authority.issue("good.example", |_| ())).await;
    let url = format!("{}close", url("good.example", &peer));
    let answer = post(&client(&authority), &url, AMPLE).await.unwrap();
    assert_eq!(&answer.body[..], b"until close");
}

#[tokio::test]
async fn bad_certificates_are_refused_before_anything_is_sent() {
    let authority = Authority::new();
    let expired = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    };
    let early = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2990, 1, 1);
        params.not_after = date_time_ymd(2999, 1, 1);
    };
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(["good.example".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    for (name, acceptor) in [
        ("expired", authority.issue("good.example", expired)),
        ("not yet valid", authority.issue("good.example", early)),
        ("another name", authority.issue("other.example", |_| ())),
        ("an address for a name", authority.issue("127.0.0.1", |_| ())),
        (
            "unknown authority",
            Authority::new().issue("good.example", |_| ()),
        ),
        ("self-signed", acceptor(own.der().clone(), &key)),
    ] {
        let peer = peer(acceptor).await;
        let failure = post(&client(&authority), &url("good.example", &peer), AMPLE)
            .await
            .expect_err(name);
        assert_eq!(
            (failure.kind, failure.sent),
            (FailureKind::Tls, false),
            "{name}: {failure}"
        );
    }
}

#[tokio::test]
async fn handshakes_that_go_wrong() {
    let authority = Authority::new();
    for (name, says) in [
        ("plain http", &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..]),
        ("nothing", b""),
    ] {
        let peer = Peer::start(move |mut stream| async move {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(says).await;
        })
        .await;
        let failure = post(&client(&authority), &url("good.example", &peer), AMPLE)
            .await
            .expect_err(name);
        assert_eq!(
            (failure.kind, failure.sent),
            (FailureKind::Tls, false),
            "{name}: {failure}"
        );
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_ends_with_the_deadline() {
    let authority = Authority::new();
    let silent = Peer::start(hold).await;
    let dripping = Peer::start(|mut stream| async move {
        // The start of a record that claims 16 KiB.
        for byte in b"\x16\x03\x03\x40\0".iter().chain(std::iter::repeat(&2)) {
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;
    for peer in [silent, dripping] {
        let failure = post(&client(&authority), &url("good.example", &peer), SHORT)
            .await
            .unwrap_err();
        assert_eq!(
            (failure.kind, failure.sent),
            (FailureKind::Timeout, false),
            "{failure}"
        );
        assert!(failure.elapsed < AMPLE / 2);
    }
}
