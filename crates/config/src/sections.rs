//! Every section and key: its documentation, type, default and range. The only list there is.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;

use crate::{
    keys::sections,
    master_key::MasterKey,
    settings::{BaseUrl, DatabaseUrl, LogFilter, LogFormat, Name, Origin, Synchronous, UserAgent},
    units::{Bytes, Days, Millis},
};

sections! {
    /// Where the server listens and where it keeps its files.
    server: Server {
        /// Address to listen on. Port 0 takes a free one, and the `ready` line names it. `--listen`.
        listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8300));
        /// Address under which people and programs reach this server, for links in what it sends. Left out:
        /// the address it listens on.
        public_url: Option<BaseUrl> = None, example "https://notify.example.com";
        /// Directory of the embedded database and the generated key; made when it is missing. `--data`.
        data: PathBuf = PathBuf::from("campanile-data");
        /// Time that requests and attempts in flight have to end after the first stop signal.
        shutdown_grace: Millis = Millis::seconds(30), in Millis::ZERO..=Millis::minutes(10);
        /// Origins whose pages may call the API from a browser; "*" allows every one.
        cors_origins: Vec<Origin> = Vec::new();
        /// Addresses of reverse proxies whose `Forwarded` and `X-Forwarded-For` headers are believed.
        trusted_proxies: Vec<IpNet> = Vec::new();
    }

    /// Where rows are kept.
    database: Database {
        /// A PostgreSQL database, needed by more than one node. Left out: SQLite in the data directory.
        /// `--database-url`.
        url: Option<DatabaseUrl> = None, example "postgres://campanile:password@localhost/campanile";
        /// Connections for reading. Writing has its own.
        max_readers: u32 = 8, in 1..=512;
        /// When a commit on SQLite counts as done: "full" flushes it to the disk first, "normal" can lose
        /// the last ones when the power fails.
        synchronous: Synchronous = Synchronous::Full;
    }

    /// Bounds on what a caller may ask for. What exceeds one is refused and told which.
    limits: Limits {
        /// Largest body of a request.
        body: Bytes = Bytes::mib(1), in Bytes::kib(16)..=Bytes::mib(64);
        /// Largest body of a batch of events.
        batch_body: Bytes = Bytes::mib(16), in Bytes::kib(16)..=Bytes::mib(256);
        /// Largest request line and headers together.
        header_bytes: Bytes = Bytes::kib(32), in Bytes::kib(8)..=Bytes::mib(1);
        /// Deepest nesting of a JSON document.
        json_depth: usize = 64, in 8..=120;
        /// Most entries of one page of a list.
        page_max: usize = 100, in 1..=1000;
        /// Largest `data` of an event.
        event_data: Bytes = Bytes::kib(256), in Bytes::kib(1)..=Bytes::mib(16);
        /// Most events of one batch.
        batch_events: usize = 1000, in 1..=10_000;
        /// Requests answered at the same time; those beyond it get 503 at once. Live streams do not count.
        in_flight: usize = 2048, in 16..=65_536;
        /// Bodies of one user's own requests that may be waited for at the same time; requests beyond it get 429.
        waiting_bodies_per_user: usize = 64, in 1..=65_536;
        /// Time for the body of a request to arrive.
        body_timeout: Millis = Millis::seconds(30), in Millis(100)..=Millis::minutes(30);
    }

    /// What leaves the server, and where it may go.
    egress: Egress {
        /// Private address ranges that endpoints may point to. Everything that is not public is refused
        /// otherwise. `--egress-allow`.
        allow: Vec<IpNet> = Vec::new();
        /// Time for a connection to stand, name lookup and TLS included.
        connect_timeout: Millis = Millis::seconds(5), in Millis(100)..=Millis::minutes(1);
        /// Time for one whole attempt, from the name lookup to the last byte of the answer.
        deadline: Millis = Millis::seconds(15), in Millis(100)..=Millis::minutes(5);
        /// How much of an answer is read and kept; the rest is dropped with the connection.
        answer_bytes: Bytes = Bytes::kib(16), in Bytes::kib(1)..=Bytes::mib(1);
        /// The `User-Agent` of every request that leaves.
        user_agent: UserAgent = UserAgent::standard();
        /// A PEM file of certificate authorities trusted beside the system's.
        ca_file: Option<PathBuf> = None, example "/etc/campanile/ca.pem";
    }

    /// How deliveries are worked off.
    delivery: Delivery {
        /// Attempts at the same time to one endpoint.
        concurrency_per_endpoint: usize = 64, in 1..=1024;
        /// Attempts at the same time altogether.
        in_flight: usize = 2048, in 1..=65_536;
        /// Deliveries of one destination that wait in memory; the others wait in the database.
        lane_memory: usize = 512, in 1..=65_536;
        /// How long a node owns a delivery it has claimed. An attempt starts only if the whole deadline
        /// plus 5 s fits into what is left.
        lease: Millis = Millis::seconds(30), in Millis::seconds(6)..=Millis::minutes(30);
        /// Failures in a row after which an endpoint is disabled.
        disable_after: u32 = 100, in 1..=1_000_000;
        /// Failures in a row after which an endpoint is left alone for a while.
        circuit_failures: u32 = 10, in 1..=10_000;
        /// How long it is left alone before one attempt finds out.
        circuit_open: Millis = Millis::seconds(30), in Millis(100)..=Millis::hours(1);
    }

    /// The live stream over WebSocket and SSE.
    stream: Stream {
        /// Time between two pings.
        heartbeat: Millis = Millis::seconds(30), in Millis(100)..=Millis::minutes(10);
        /// Time a client has to answer a ping before it is closed.
        pong_timeout: Millis = Millis::seconds(10), in Millis(100)..=Millis::minutes(10);
        /// Frames that wait for a slow reader before it is closed and has to resume.
        queue: usize = 256, in 16..=65_536;
        /// Connections open at the same time; those beyond it get 503.
        max_connections: usize = 20_000, in 1..=1_000_000;
    }

    /// How long things are kept in a new environment. Those that are there keep their own: PATCH /api/v1/environment changes it.
    retention: Retention {
        /// Events. What is retried is made from its event, and the longest retry policy goes on for 28 hours.
        events: Days = Days(90), in Days(2)..=Days(36_500);
        /// Notifications and their states.
        notifications: Days = Days(90), in Days(1)..=Days(36_500);
        /// Finished deliveries and their attempts.
        deliveries: Days = Days(30), in Days(1)..=Days(36_500);
        /// Entries of the audit log.
        audit: Days = Days(365), in Days(1)..=Days(36_500);
    }

    /// User tokens.
    tokens: Tokens {
        /// Longest time a token may be valid for; one that claims more is refused.
        max_lifetime: Millis = Millis::days(7), in Millis::minutes(1)..=Millis::days(365);
        /// Lifetime of a token minted without one.
        default_lifetime: Millis = Millis::hours(1), in Millis::minutes(1)..=Millis::days(365);
    }

    /// The master key, under which secrets that must be used again are encrypted in the database. Nodes that
    /// share a database need the same one. Left out: a key file is made in the data directory.
    secrets: Secrets {
        /// The key itself, as from `openssl rand -base64 32`.
        key: Option<MasterKey> = None, example "…";
        /// A file that holds the key in the same form.
        key_file: Option<PathBuf> = None, example "/run/secrets/campanile-key";
    }

    /// What the server says about itself while it runs, on standard error.
    log: Log {
        /// "text" for people, "json" for programs.
        format: LogFormat = LogFormat::Text;
        /// How much is said, also for single rooms: "info,engine=debug".
        level: LogFilter = LogFilter::info();
    }

    /// Measurements for Prometheus at `/metrics`.
    metrics: Metrics {
        /// Whether they are served.
        enabled: bool = true;
        /// An address of their own. Left out: beside the API.
        listen: Option<SocketAddr> = None, example "127.0.0.1:8301";
    }

    /// Events that a product's own transactions leave in the product's own database: `campanile outbox install URL` puts
    /// the function `campanile.publish` there.
    outbox: Outbox {
        /// The product's PostgreSQL. Left out: there is none.
        url: Option<DatabaseUrl> = None, example "postgres://product:password@localhost/product";
        /// The environment its events are published in.
        environment: Name = Name::standard();
        /// The application in whose name those are published that name none: its uid or id.
        application: Option<Name> = None, example "shop";
        /// How often it is looked at.
        every: Millis = Millis(250), in Millis(50)..=Millis::minutes(1);
    }

    /// The pages inside the binary.
    pages: Pages {
        /// Serves the console at `/`, and the portal. Elements and the API do not need it.
        console: bool = true;
        /// Origins whose pages may show the portal in a frame, such as `https://app.example.com`.
        portal_frames: Vec<Origin> = Vec::new();
    }

    /// The demonstration page.
    demo: Demo {
        /// Serves the page, its receiver and its data. Not for an address that others reach. `--demo`.
        enabled: bool = false;
    }
}
