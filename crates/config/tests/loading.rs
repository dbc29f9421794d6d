//! What a person meets: which source wins, and what is said about a mistake.

use config::{Bytes, Config, Days, File, Flag, Millis, Problem, Sources, entries, explain, print, reference};

fn sources(file: &str, env: &[(&str, &str)], flags: &[(&str, &str, &str)]) -> Sources {
    Sources {
        file: Some(File {
            path: "campanile.toml".into(),
            text: file.to_owned(),
        }),
        env: env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        flags: flags
            .iter()
            .map(|(name, key, value)| Flag::new(name, key, value))
            .collect(),
    }
}

fn from_file(text: &str) -> Result<Config, Vec<Problem>> {
    Config::load(sources(text, &[], &[]))
}

fn said(result: Result<Config, Vec<Problem>>) -> Vec<String> {
    result
        .expect_err("refused")
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn nothing_said_means_the_defaults() {
    let config = Config::load(Sources::default()).expect("the defaults hold");
    assert_eq!(config, Config::default());
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8300");
    assert_eq!(config.delivery.lease, Millis::seconds(30));
    assert_eq!(config.limits.batch_body, Bytes::mib(16));
    assert_eq!(config.retention.audit, Days(365));
}

#[test]
fn flags_win_over_variables_over_the_file() {
    let file = "[limits]\npage_max = 10\njson_depth = 10\nbatch_events = 10\n";
    let env = [
        ("CAMPANILE__LIMITS__JSON_DEPTH", "20"),
        ("CAMPANILE__LIMITS__BATCH_EVENTS", "20"),
    ];
    let flags = [("--batch-events", "limits.batch_events", "30")];
    let config = Config::load(sources(file, &env, &flags)).expect("sound");
    let limits = &config.limits;
    assert_eq!(
        (limits.page_max, limits.json_depth, limits.batch_events),
        (10, 20, 30)
    );
    assert_eq!(config.source("limits.page_max").to_string(), "campanile.toml:2");
    assert_eq!(
        config.source("limits.json_depth").to_string(),
        "CAMPANILE__LIMITS__JSON_DEPTH"
    );
    assert_eq!(config.source("limits.batch_events").to_string(), "--batch-events");
    assert_eq!(config.source("limits.in_flight").to_string(), "default");
}

#[test]
fn lists_are_lists_in_the_file_and_separated_by_commas_elsewhere() {
    let ranges = |config: &Config| {
        config
            .egress
            .allow
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    let file = from_file("[egress]\nallow = [\"10.0.0.0/8\", \"::1\"]\n").expect("sound");
    assert_eq!(ranges(&file), ["10.0.0.0/8", "::1/128"]);
    let env = Config::load(sources(
        "",
        &[("CAMPANILE__EGRESS__ALLOW", "10.0.0.0/8, 127.0.0.1")],
        &[],
    ));
    assert_eq!(ranges(&env.expect("sound")), ["10.0.0.0/8", "127.0.0.1/32"]);
    let flags = vec![Flag::list(
        "--egress-allow",
        "egress.allow",
        &["127.0.0.0/8", "fd00::/8"],
    )];
    let flag = Config::load(Sources {
        flags,
        ..Sources::default()
    })
    .expect("sound");
    assert_eq!(ranges(&flag), ["127.0.0.0/8", "fd00::/8"]);
}

#[test]
fn an_empty_variable_leaves_an_optional_key_out() {
    let file = "[database]\nurl = \"postgres://a@b/c\"\n";
    let config = Config::load(sources(file, &[("CAMPANILE__DATABASE__URL", "")], &[])).expect("sound");
    assert_eq!(config.database.url, None);
}

#[test]
fn numbers_stand_for_milliseconds_and_bytes() {
    let config = from_file("[egress]\ndeadline = 9000\nanswer_bytes = 4096\n").expect("sound");
    assert_eq!(
        (config.egress.deadline, config.egress.answer_bytes),
        (Millis::seconds(9), Bytes::kib(4))
    );
}

#[test]
fn other_variables_are_passed_over() {
    let env = [("CAMPANILE_BOOTSTRAP_KEY", "sk_x"), ("PATH", "/bin")];
    assert_eq!(Config::load(sources("", &env, &[])), Ok(Config::default()));
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let file =
        "port = 8300\nlevel = \"info\"\n[server]\nlisen = \"127.0.0.1:1\"\n[limit]\n[log]\ncolour = true\n";
    let env = [
        ("CAMPANILE__STREAM__HEART_BEAT", "1s"),
        ("CAMPANILE__WHATEVER__ELSE_AT_ALL", "1"),
    ];
    let flags = [("--lease", "delivery.leese", "1s")];
    let mut lines = said(Config::load(sources(file, &env, &flags)));
    lines.sort();
    assert_eq!(
        lines,
        [
            "delivery.leese (--lease): nothing of this name is known; the nearest is delivery.lease",
            "level (campanile.toml:2): nothing of this name is known; the nearest is log.level",
            "limit (campanile.toml:5): nothing of this name is known; the nearest is limits",
            "log.colour (campanile.toml:7): nothing of this name is known",
            "port (campanile.toml:1): nothing of this name is known",
            "server.lisen (campanile.toml:4): nothing of this name is known; the nearest is server.listen",
            "stream.heart_beat (CAMPANILE__STREAM__HEART_BEAT): nothing of this name is known; \
             the nearest is CAMPANILE__STREAM__HEARTBEAT",
            "whatever.else_at_all (CAMPANILE__WHATEVER__ELSE_AT_ALL): nothing of this name is known",
        ]
    );
}

/// Section, line, and what is said about it.
const BAD_VALUES: &[(&str, &str, &str)] = &[
    (
        "server",
        "listen = \"localhost\"",
        "\"localhost\" is not an address to listen on; accepted: an IP",
    ),
    (
        "server",
        "listen = 8300",
        "8300 does not fit here; accepted: an IP address and a port",
    ),
    (
        "server",
        "public_url = \"notify\"",
        "is not the URL of a server; accepted: an http or https URL",
    ),
    (
        "server",
        "public_url = \"https://u:p@h\"",
        "is not the URL of a server",
    ),
    ("server", "data = \"\"", "\"\" is not a path"),
    (
        "server",
        "cors_origins = \"*\"",
        "\"*\" is not a list; accepted: a list of origins",
    ),
    (
        "server",
        "cors_origins = [\"https://a/b\"]",
        "is not an origin: scheme, host and perhaps a port",
    ),
    (
        "server",
        "trusted_proxies = [\"proxy\"]",
        "\"proxy\" is not an address range",
    ),
    (
        "database",
        "synchronous = \"off\"",
        "\"off\" is not one of them; accepted: \"full\" or \"normal\"",
    ),
    (
        "database",
        "max_readers = 0",
        "0 is out of range; accepted: a whole number, from 1 to 512",
    ),
    ("database", "max_readers = -1", "-1 does not fit here"),
    (
        "database",
        "max_readers = 99999999999999999999",
        "accepted: a whole number, from 1 to 512",
    ),
    ("database", "max_readers = \"8\"", "\"8\" does not fit here"),
    (
        "limits",
        "body = \"1 mb\"",
        "\"1 mb\" is not a size; accepted: a size such as 512 B",
    ),
    ("limits", "body = \"1 GiB\"", "1 GiB is out of range"),
    ("limits", "json_depth = 1.5", "1.5 does not fit here"),
    (
        "egress",
        "deadline = \"soon\"",
        "\"soon\" is not a duration; accepted: a duration such as 500ms",
    ),
    ("egress", "deadline = [15]", "a list is not a duration"),
    ("egress", "user_agent = \"a\\nb\"", "cannot stand in a header"),
    ("egress", "allow = [1]", "1 does not fit here"),
    (
        "retention",
        "events = \"90 weeks\"",
        "\"90 weeks\" is not a number of days",
    ),
    (
        "log",
        "level = \"loud\"",
        "\"loud\" is not a log level; accepted: error, warn",
    ),
    ("log", "format = { a = 1 }", "a table does not fit here"),
    (
        "metrics",
        "enabled = \"yes\"",
        "\"yes\" is neither; accepted: true or false",
    ),
];

#[test]
fn every_bad_value_says_what_was_wrong_and_what_is_accepted() {
    for (section, line, expected) in BAD_VALUES {
        let lines = said(from_file(&format!("[{section}]\n{line}\n")));
        assert_eq!(lines.len(), 1, "{line}: {lines:?}");
        let key = line.split(' ').next().expect("a key");
        assert!(
            lines[0].starts_with(&format!("{section}.{key} (campanile.toml:2): ")),
            "{}",
            lines[0]
        );
        assert!(lines[0].contains(expected), "{}", lines[0]);
    }
}

#[test]
fn keys_must_agree_with_each_other() {
    for (file, key) in [
        ("[egress]\ndeadline = \"26s\"", "delivery.lease"),
        ("[egress]\nconnect_timeout = \"16s\"", "egress.connect_timeout"),
        ("[stream]\npong_timeout = \"31s\"", "stream.pong_timeout"),
        ("[tokens]\nmax_lifetime = \"30m\"", "tokens.default_lifetime"),
        ("[limits]\nevent_data = \"2 MiB\"", "limits.event_data"),
        ("[limits]\nbatch_body = \"512 KiB\"", "limits.batch_body"),
        ("[metrics]\nlisten = \"127.0.0.1:8300\"", "metrics.listen"),
        (
            "[secrets]\nkey_file = \"k\"\nkey = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"",
            "secrets.key_file",
        ),
    ] {
        let problems = from_file(file).expect_err(file);
        assert_eq!(
            problems
                .iter()
                .map(|problem| problem.key.as_str())
                .collect::<Vec<_>>(),
            [key],
            "{file}"
        );
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let file = "[egress]\ndeadline = \"soon\"\nproxy = 1\n[tokens]\nmax_lifetime = \"30m\"\n";
    let env = [("CAMPANILE__LOG__LEVEL", "loud")];
    let problems =
        Config::load(sources(file, &env, &[("--listen", "server.listen", "x")])).expect_err("refused");
    assert_eq!(problems.len(), 5, "{problems:?}");
    assert!(explain(&problems).starts_with("5 problems in the configuration:\n  egress.proxy"));
}

#[test]
fn what_is_not_toml_is_named_by_its_line() {
    let lines = said(from_file("[server]\nlisten = \n[log\n"));
    assert!(
        lines[0].starts_with("campanile.toml:2: this is not TOML: "),
        "{lines:?}"
    );
    let twice = said(from_file("[log]\nlevel = \"info\"\nlevel = \"warn\"\n"));
    assert!(
        twice[0].starts_with("campanile.toml:3: this is not TOML: duplicate"),
        "{twice:?}"
    );
}

#[test]
fn secrets_are_never_shown() {
    let key = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=";
    let file = format!(
        "[database]\nurl = \"postgres://me:hunter2@db/x?sslmode=require&password=hunter2\"\n[secrets]\nkey = \"{key}\"\n"
    );
    let config = from_file(&file).expect("sound");
    assert!(
        config
            .database
            .url
            .as_ref()
            .is_some_and(|url| url.reveal().contains("hunter2"))
    );
    let shown = format!("{}\n{config:?}\n{:?}", print(&config), entries(&config));
    assert!(!shown.contains("hunter2") && !shown.contains(key), "{shown}");
    assert!(shown.contains("key = \"[hidden]\" # campanile.toml:4"), "{shown}");
    assert!(
        shown.contains("postgres://me:[hidden]@db/x?sslmode=require&password=[hidden]"),
        "{shown}"
    );
    for wrong in [
        "[database]\nurl = \"mysql://me:hunter2@db\"",
        "[secrets]\nkey = \"hunter2\"",
        "[secrets]\nkey = 482",
    ] {
        let lines = said(from_file(wrong)).concat();
        assert!(!lines.contains("hunter2") && !lines.contains("482"), "{lines}");
    }
}

#[test]
fn the_printed_configuration_is_toml_and_names_its_sources() {
    let config = Config::load(sources(
        "[log]\nformat = \"json\"\n",
        &[("CAMPANILE__DEMO__ENABLED", "true")],
        &[],
    ));
    let printed = print(&config.expect("sound"));
    assert!(
        printed.contains("format = \"json\" # campanile.toml:2\n"),
        "{printed}"
    );
    assert!(
        printed.contains("enabled = true # CAMPANILE__DEMO__ENABLED\n"),
        "{printed}"
    );
    assert!(printed.contains("page_max = 100 # default\n"), "{printed}");
    assert!(printed.contains("# url is left out # default\n"), "{printed}");
    let again = from_file(&printed).expect("it reads back");
    assert!(again.demo.enabled);
}

#[test]
fn the_reference_reads_back_as_the_defaults() {
    let config = from_file(&reference()).expect("the reference is sound");
    let (read, defaults) = (entries(&config), entries(&Config::default()));
    for (read, default) in read.iter().zip(&defaults) {
        assert_eq!((&read.key, &read.value), (&default.key, &default.value));
    }
    assert_eq!(read.len(), defaults.len());
}

#[test]
fn the_examples_of_the_reference_are_accepted() {
    let skipped = ["key = \"…\"", "key_file = "];
    let text: String = reference()
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = \"") && !skipped.iter().any(|skip| rest.starts_with(skip)) => {
                rest
            }
            _ => line,
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let config = from_file(&text).expect("the examples are sound");
    assert!(
        config.database.url.is_some() && config.server.public_url.is_some(),
        "{text}"
    );
    assert!(
        config.metrics.listen.is_some() && config.egress.ca_file.is_some(),
        "{text}"
    );
}

#[test]
fn the_committed_reference_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/config.toml");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == reference(),
        "docs/config.toml is stale; refresh it with: campanile config reference > docs/config.toml"
    );
}
