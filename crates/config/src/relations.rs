//! What must hold between two keys. What concerns one alone is its range, in `sections.rs`.

use crate::{problem::Problem, sections::Config, units::Millis};

/// Seconds that stay between the end of the longest attempt and the end of its lease.
pub(crate) const LEASE_MARGIN: Millis = Millis::seconds(5);

struct Relation {
    /// The key to complain about, and the other one.
    keys: [&'static str; 2],
    holds: fn(&Config) -> bool,
    wrong: &'static str,
    accepted: &'static str,
}

const RELATIONS: &[Relation] = &[
    Relation {
        keys: ["delivery.lease", "egress.deadline"],
        holds: |c| c.delivery.lease.0 >= c.egress.deadline.0 + LEASE_MARGIN.0,
        wrong: "no attempt fits into the lease",
        accepted: "accepted: at least egress.deadline and 5 s",
    },
    Relation {
        keys: ["egress.connect_timeout", "egress.deadline"],
        holds: |c| c.egress.connect_timeout <= c.egress.deadline,
        wrong: "a connection may take longer than the whole attempt",
        accepted: "accepted: at most egress.deadline",
    },
    Relation {
        keys: ["stream.pong_timeout", "stream.heartbeat"],
        holds: |c| c.stream.pong_timeout <= c.stream.heartbeat,
        wrong: "the next ping would leave before the answer to the last is missed",
        accepted: "accepted: at most stream.heartbeat",
    },
    Relation {
        keys: ["tokens.default_lifetime", "tokens.max_lifetime"],
        holds: |c| c.tokens.default_lifetime <= c.tokens.max_lifetime,
        wrong: "a token minted without a lifetime would be refused",
        accepted: "accepted: at most tokens.max_lifetime",
    },
    Relation {
        keys: ["limits.event_data", "limits.body"],
        holds: |c| c.limits.event_data <= c.limits.body,
        wrong: "such an event does not fit into a request",
        accepted: "accepted: at most limits.body",
    },
    Relation {
        keys: ["limits.batch_body", "limits.body"],
        holds: |c| c.limits.batch_body >= c.limits.body,
        wrong: "a batch would hold less than a single request",
        accepted: "accepted: at least limits.body",
    },
    Relation {
        keys: ["secrets.key_file", "secrets.key"],
        holds: |c| c.secrets.key.is_none() || c.secrets.key_file.is_none(),
        wrong: "there is a key already",
        accepted: "accepted: one of secrets.key and secrets.key_file",
    },
    Relation {
        keys: ["metrics.listen", "server.listen"],
        holds: |c| c.server.listen.port() == 0 || c.metrics.listen != Some(c.server.listen),
        wrong: "the API listens there",
        accepted: "accepted: another address, or none to serve them beside the API",
    },
];

/// The relations that do not hold. One whose keys are wrong by themselves is left for the next time.
pub(crate) fn broken(config: &Config, problems: &[Problem]) -> Vec<Problem> {
    let sound = |relation: &&Relation| {
        !problems
            .iter()
            .any(|problem| relation.keys.contains(&problem.key.as_str()))
    };
    RELATIONS
        .iter()
        .filter(sound)
        .filter(|relation| !(relation.holds)(config))
        .map(|relation| Problem {
            key: relation.keys[0].to_owned(),
            source: config.source(relation.keys[0]),
            wrong: relation.wrong.to_owned(),
            accepted: Some(relation.accepted.to_owned()),
        })
        .collect()
}
