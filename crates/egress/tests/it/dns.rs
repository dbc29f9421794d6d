//! W3: names. A name server of our own that can change its mind, and listeners that count who comes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use egress::{Client, Dns, FailureKind, Resolution, Settings};
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;
use tokio::time::Instant;

use crate::support::{AMPLE, OK, Peer, SHORT, answer_all, policy, post, settings, target};

/// Stands for the public address: the only one the policy of these tests opens.
const OPEN: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const DENIED: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What the name server says to the `n`th question about addresses.
type Script = fn(n: usize, name: &Name, kind: RecordType) -> Reply;
/// `None` is silence.
type Reply = Option<(ResponseCode, Vec<Record>)>;

struct NameServer {
    addr: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl NameServer {
    async fn start(script: Script) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let addr = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut packet = [0; 2048];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                let mut message = Message::from_vec(&packet[..length]).unwrap();
                let query = message.queries[0].clone();
                let is_a = query.query_type() == RecordType::A;
                let n = if is_a {
                    counter.fetch_add(1, Ordering::SeqCst)
                } else {
                    counter.load(Ordering::SeqCst)
                };
                let Some((code, answers)) = script(n, query.name(), query.query_type()) else {
                    continue;
                };
                message.metadata.message_type = MessageType::Response;
                message.metadata.recursion_available = true;
                message.metadata.response_code = code;
                message.insert_answers(answers);
                socket.send_to(&message.to_vec().unwrap(), from).await.unwrap();
            }
        });
        Self { addr, asked }
    }

    fn client(&self, settings: Settings) -> Client {
        let resolver = Arc::new(Dns::server(self.addr).unwrap());
        Client::new(Settings {
            policy: policy(&["127.0.0.2/32"]),
            resolver: Some(resolver),
            ..settings
        })
        .unwrap()
    }
}

/// Answers with the addresses of the asked family among `addresses`.
#[expect(clippy::unnecessary_wraps, reason = "it is the whole body of most scripts")]
fn addresses(name: &Name, kind: RecordType, ttl: u32, addresses: &[IpAddr]) -> Reply {
    let records = addresses.iter().filter_map(|ip| match (ip, kind) {
        (IpAddr::V4(ip), RecordType::A) => Some(RData::A(A(*ip))),
        (IpAddr::V6(ip), RecordType::AAAA) => Some(RData::AAAA(AAAA(*ip))),
        _ => None,
    });
    Some((
        ResponseCode::NoError,
        records
            .map(|data| Record::from_rdata(name.clone(), ttl, data))
            .collect(),
    ))
}

/// One peer on the open and one on the denied address, on the same port.
async fn both_peers() -> (Peer, Peer) {
    for _ in 0..50 {
        let open = Peer::on((OPEN, 0), |stream| answer_all(stream, OK)).await;
        if std::net::TcpListener::bind((DENIED, open.addr.port())).is_ok() {
            let denied = Peer::on((DENIED, open.addr.port()), |stream| answer_all(stream, OK)).await;
            return (open, denied);
        }
    }
    panic!("no port is free on both addresses");
}

fn url(peer: &Peer) -> String {
    format!("http://flip.example:{}/", peer.addr.port())
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

/// Settings under which every request makes a new connection.
fn no_pool() -> Settings {
    Settings {
        pool_idle_per_host: 0,
        ..settings()
    }
}

#[tokio::test]
async fn a_name_that_flips_to_a_denied_address_is_not_followed() {
    let server = NameServer::start(|n, name, kind| {
        addresses(name, kind, 0, &[if n.is_multiple_of(2) { OPEN } else { DENIED }])
    })
    .await;
    let (open, denied) = both_peers().await;
    let client = server.client(no_pool());
    let (mut answered, mut refused) = (0, 0);
    for _ in 0..40 {
        let target = target(&client, &url(&open));
        // Created while it looked harmless, or refused at once; sent to all the same.
        let _ = client.dialer().check_resolved(&target, soon()).await;
        let _ = client.dialer().check_resolved(&target, soon()).await;
        let _ = client.dialer().check_resolved(&target, soon()).await;
        match post(&client, &url(&open), AMPLE).await {
            Ok(answer) => answered += usize::from(answer.status == 200),
            Err(failure) => {
                assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
                assert!(!failure.detail.contains("127.0.0.1"), "{failure}");
                refused += 1;
            }
        }
        // Shifts which of the next round's questions gets which answer.
        let _ = client.dialer().check_resolved(&target, soon()).await;
        if answered == refused {
            let _ = client.dialer().check_resolved(&target, soon()).await;
        }
    }
    assert!(
        answered > 0 && refused > 0,
        "{answered} answered, {refused} refused: the name did not flip"
    );
    assert_eq!(denied.connections(), 0);
    assert_eq!(open.connections(), answered);
    assert!(
        server.asked.load(Ordering::SeqCst) > 100,
        "the answers were cached in spite of their lifetime"
    );
}

#[tokio::test]
async fn good_at_creation_denied_at_delivery() {
    let server =
        NameServer::start(|n, name, kind| addresses(name, kind, 0, &[if n == 0 { OPEN } else { DENIED }]))
            .await;
    let (open, denied) = both_peers().await;
    let client = server.client(no_pool());
    let target = target(&client, &url(&open));
    assert_eq!(
        client.dialer().check_resolved(&target, soon()).await,
        Ok(Resolution::Reachable)
    );
    let failure = post(&client, &url(&open), AMPLE).await.unwrap_err();
    assert_eq!((failure.kind, failure.sent), (FailureKind::Refused, false));
    assert_eq!((open.connections(), denied.connections()), (0, 0));
}

#[tokio::test]
async fn of_mixed_records_only_the_allowed_are_used() {
    let server = NameServer::start(|n, name, kind| {
        let mixed: [IpAddr; 4] = [
            DENIED,
            OPEN,
            "::1".parse().unwrap(),
            "::ffff:127.0.0.1".parse().unwrap(),
        ];
        let turned: Vec<IpAddr> = mixed.into_iter().cycle().skip(n % 4).take(4).collect();
        addresses(name, kind, 0, &turned)
    })
    .await;
    let (open, denied) = both_peers().await;
    let client = server.client(no_pool());
    for _ in 0..8 {
        assert_eq!(post(&client, &url(&open), AMPLE).await.unwrap().status, 200);
    }
    assert_eq!((open.connections(), denied.connections()), (8, 0));
}

#[tokio::test]
async fn an_allowed_address_that_is_down_does_not_lead_to_a_denied_one() {
    let server = NameServer::start(|_, name, kind| addresses(name, kind, 0, &[OPEN, DENIED])).await;
    let denied = Peer::answering(OK).await;
    let client = server.client(no_pool());
    let failure = post(&client, &url(&denied), AMPLE).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Connect, "{failure}");
    assert_eq!(denied.connections(), 0);
}

#[tokio::test]
async fn an_alias_to_a_metadata_service_is_refused_without_telling() {
    let server = NameServer::start(|_, name, kind| {
        let metadata = Name::from_ascii("metadata.google.internal.").unwrap();
        let alias = Record::from_rdata(name.clone(), 0, RData::CNAME(CNAME(metadata.clone())));
        let (code, mut records) = addresses(&metadata, kind, 0, &["169.254.169.254".parse().unwrap()])?;
        records.insert(0, alias);
        Some((code, records))
    })
    .await;
    let client = server.client(no_pool());
    for url in [
        "http://innocent.example/",
        "http://metadata.google.internal/computeMetadata/v1/",
    ] {
        let target = target(&client, url);
        let refused = client.dialer().check_resolved(&target, soon()).await.unwrap_err();
        assert_eq!(refused.code(), "address_denied");
        assert!(!refused.to_string().contains("169.254"), "{refused}");
        let failure = post(&client, url, AMPLE).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused);
        assert!(!failure.to_string().contains("169.254"), "{failure}");
    }
}

#[tokio::test]
async fn a_name_without_addresses_is_unresolved_then_a_failure() {
    let server = NameServer::start(|_, name, _| {
        let exists = name.to_ascii().starts_with("empty");
        Some((
            if exists {
                ResponseCode::NoError
            } else {
                ResponseCode::NXDomain
            },
            vec![],
        ))
    })
    .await;
    let client = server.client(no_pool());
    for url in ["http://empty.example/", "http://missing.example/"] {
        let target = target(&client, url);
        assert_eq!(
            client.dialer().check_resolved(&target, soon()).await,
            Ok(Resolution::Unresolved)
        );
        let failure = post(&client, url, AMPLE).await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.sent),
            (FailureKind::Resolve, false),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn a_failing_name_server_is_a_failure_to_resolve() {
    let server = NameServer::start(|_, _, _| Some((ResponseCode::ServFail, vec![]))).await;
    let failure = post(&server.client(no_pool()), "http://a.example/", AMPLE)
        .await
        .unwrap_err();
    assert_eq!(
        (failure.kind, failure.sent),
        (FailureKind::Resolve, false),
        "{failure}"
    );
}

#[tokio::test]
async fn a_silent_name_server_ends_with_the_deadline() {
    let server = NameServer::start(|_, _, _| None).await;
    let client = server.client(no_pool());
    let start = Instant::now();
    let failure = post(&client, "http://a.example/", SHORT).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.sent),
        (FailureKind::Timeout, false),
        "{failure}"
    );
    let target = target(&client, "http://a.example/");
    let resolution = client
        .dialer()
        .check_resolved(&target, Instant::now() + SHORT)
        .await;
    assert_eq!(resolution, Ok(Resolution::Unresolved));
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn answers_are_kept_for_their_lifetime() {
    let server = NameServer::start(|_, name, kind| addresses(name, kind, 60, &[OPEN])).await;
    let (open, _denied) = both_peers().await;
    let client = server.client(no_pool());
    for _ in 0..5 {
        post(&client, &url(&open), AMPLE).await.unwrap();
    }
    assert_eq!((open.connections(), server.asked.load(Ordering::SeqCst)), (5, 1));
}

#[tokio::test]
async fn a_kept_connection_follows_a_moved_name_once_it_is_old() {
    let server =
        NameServer::start(|n, name, kind| addresses(name, kind, 0, &[if n == 0 { OPEN } else { DENIED }]))
            .await;
    let (open, denied) = both_peers().await;
    let client = server.client(Settings {
        max_connection_age: Duration::from_millis(300),
        ..settings()
    });
    let start = Instant::now();
    let failure = loop {
        match post(&client, &url(&open), AMPLE).await {
            Ok(answer) => assert_eq!(answer.status, 200),
            Err(failure) => break failure,
        }
        assert!(start.elapsed() < AMPLE, "the connection outlived its age");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    assert!(
        start.elapsed() >= Duration::from_millis(250),
        "it was not kept at all"
    );
    assert_eq!((open.connections(), denied.connections()), (1, 0));
}

#[tokio::test]
async fn the_hosts_file_is_honoured() {
    let peer = Peer::answering(OK).await;
    let dns = Arc::new(Dns::system().unwrap());
    let client = Client::new(Settings {
        resolver: Some(dns),
        ..settings()
    })
    .unwrap();
    let url = format!("http://localhost:{}/", peer.addr.port());
    assert_eq!(post(&client, &url, AMPLE).await.unwrap().status, 200);
}
