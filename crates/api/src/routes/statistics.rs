//! Statistics: how much happened, and how the server is.

use app::channel::Stands;
use axum::Json;
use axum::extract::State;
use domain::channel::Channel;
use domain::environment::Env;
use domain::statistics::{Counted, LAST_BUCKET, bucket_of, quantile};
use domain::time::rfc3339;
use serde::{Deserialize, Serialize};
use store::statistics::Step;
use utoipa::{IntoParams, ToSchema};

use super::events::time;
use crate::extract::{Manage, Params};
use crate::problem::{Answer, Problem, ProblemView};
use crate::state::Api;
use crate::words;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
/// Steps of one answer.
const MOST_STEPS: i64 = 1_500;
/// As far as what waits is counted.
const MOST_WAITING: i64 = 10_000;

/// Which time.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatisticsQuery {
    /// Not before (RFC 3339); a day before `to` when absent. What happened is kept for a month.
    pub from: Option<String>,
    /// Before (RFC 3339); now when absent.
    pub to: Option<String>,
    /// Seconds of a step, whole minutes; such that there are about a hundred when absent.
    #[param(minimum = 60, maximum = 86_400)]
    pub step: Option<i64>,
}

/// What is counted, step by step.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeriesView {
    /// `events`, `notifications`, `deliveries.sent`, `deliveries.failed`, `deliveries.exhausted` or `attempts.failed`.
    pub name: &'static str,
    /// The channel, of deliveries and attempts.
    #[schema(value_type = Option<words::ChannelName>)]
    pub channel: Option<&'static str>,
    /// How much of it in each step.
    pub points: Vec<i64>,
}

/// How long attempts took.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LatencyView {
    /// The channel.
    #[schema(value_type = words::ChannelName)]
    pub channel: &'static str,
    /// Milliseconds within which half of them ended.
    pub p50_ms: f64,
    /// Milliseconds within which 99 of a hundred ended.
    pub p99_ms: f64,
}

/// A process that shares the work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NodeView {
    /// What it is called.
    pub name: String,
}

/// How a channel is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelHealth {
    /// The channel.
    #[schema(value_type = words::ChannelName)]
    pub channel: &'static str,
    /// `up`, `sandbox` where messages are kept and shown, or `off`.
    pub status: &'static str,
    /// What that means.
    pub detail: Option<&'static str>,
}

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServerHealth {
    /// `up`: an answer was read from it.
    pub database: &'static str,
    /// Processes that share the work.
    pub nodes: Vec<NodeView>,
    /// Deliveries that are due and not sent yet; no more than 10,000 are counted.
    pub backlog: i64,
    /// Seconds that the outbox is behind; null, since it is not measured yet.
    pub outbox_lag_s: Option<f64>,
    /// The channels that can be set up.
    pub channels: Vec<ChannelHealth>,
}

/// How much happened, and how the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatisticsView {
    /// When the first step begins.
    #[schema(format = DateTime)]
    pub from: String,
    /// Seconds of a step.
    pub step_seconds: i64,
    /// What was counted. What never happened is not listed.
    pub series: Vec<SeriesView>,
    /// How long attempts took, over the whole time.
    pub latency: Vec<LatencyView>,
    /// How the server is now.
    pub health: ServerHealth,
}

/// From which minute until before which, in steps of how many minutes.
fn window(query: &StatisticsQuery, now: i64) -> Answer<(i64, i64, i64)> {
    let to = time(query.to.as_deref(), "?to")?.unwrap_or(now + MINUTE);
    let from = time(query.from.as_deref(), "?from")?.unwrap_or(to - DAY);
    let (from, to) = (from.div_euclid(MINUTE), to.div_euclid(MINUTE));
    if from >= to {
        return Err(Problem::bad_request("?from", "range", "must be before ?to"));
    }
    let minutes = match query.step {
        None => (to - from).div_euclid(100).max(1),
        Some(step) if (60..=86_400).contains(&step) && step % 60 == 0 => step / 60,
        Some(_) => {
            let detail = "must be 60 to 86400 seconds, whole minutes";
            return Err(Problem::bad_request("?step", "range", detail));
        }
    };
    if (to - from).div_euclid(minutes) >= MOST_STEPS {
        let detail = format!("must be so long that there are less than {MOST_STEPS} steps");
        return Err(Problem::bad_request("?step", "range", detail));
    }
    Ok((from, to, minutes))
}

/// Read how much happened in the environment, and how the server is.
#[utoipa::path(get, path = "/statistics", tag = "statistics", params(StatisticsQuery),
    responses((status = 200, body = StatisticsView), (status = "4XX", body = ProblemView)))]
pub(crate) async fn get(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(query): Params<StatisticsQuery>,
) -> Answer<Json<StatisticsView>> {
    let now = api.ctx.now();
    let (from, to, minutes) = window(&query, now)?;
    let mut reader = api.ctx.store.read(env).await?;
    let steps = store::statistics::steps(&mut reader, env, (from, to), minutes).await?;
    let health = ServerHealth {
        database: "up",
        nodes: store::node::names(&mut reader)
            .await?
            .into_iter()
            .map(|name| NodeView { name })
            .collect(),
        backlog: store::statistics::backlog(&mut reader, env, MOST_WAITING, now).await?,
        outbox_lag_s: None,
        channels: channels(&api, env).await?,
    };
    let count = usize::try_from((to - from + minutes - 1).div_euclid(minutes)).unwrap_or(0);
    Ok(Json(StatisticsView {
        from: rfc3339(from * MINUTE),
        step_seconds: minutes * 60,
        series: series(&steps, count),
        latency: latency(&steps),
        health,
    }))
}

/// The channels that can be set up, without asking their providers.
async fn channels(api: &Api, env: Env) -> Answer<Vec<ChannelHealth>> {
    let mut all = Vec::new();
    for channel in [
        Channel::InApp,
        Channel::Email,
        Channel::Slack,
        Channel::Teams,
        Channel::Webhook,
    ] {
        let (status, detail) = match channel {
            Channel::InApp | Channel::Webhook => ("up", None),
            _ => match api.ctx.channel_stands(env, channel).await? {
                Stands::Sends => ("up", None),
                Stands::Keeps => ("sandbox", Some("Messages stay in the sandbox.")),
                Stands::Off => ("off", Some("No provider is set up.")),
            },
        };
        all.push(ChannelHealth {
            channel: channel.as_str(),
            status,
            detail,
        });
    }
    Ok(all)
}

fn series(steps: &[Step], count: usize) -> Vec<SeriesView> {
    let mut series = Vec::new();
    for counted in Counted::ALL {
        for channel in Channel::ALL {
            let mut points = vec![0; count];
            let own = |step: &&Step| step.counted == counted.number() && step.channel == channel as i16;
            for step in steps.iter().filter(own) {
                let point = usize::try_from(step.step).ok().and_then(|at| points.get_mut(at));
                if let Some(point) = point {
                    *point += step.amount;
                }
            }
            if points.iter().any(|amount| *amount > 0) {
                let has_channel = !matches!(counted, Counted::Event | Counted::Notification);
                series.push(SeriesView {
                    name: counted.as_str(),
                    channel: has_channel.then(|| channel.as_str()),
                    points,
                });
            }
        }
    }
    series
}

fn latency(steps: &[Step]) -> Vec<LatencyView> {
    let of = |channel: Channel| {
        let mut buckets = [0; LAST_BUCKET as usize + 1];
        for step in steps.iter().filter(|step| step.channel == channel as i16) {
            if let Some(bucket) = bucket_of(step.counted) {
                buckets[usize::from(bucket)] += u64::try_from(step.amount).unwrap_or(0);
            }
        }
        Some(LatencyView {
            channel: channel.as_str(),
            p50_ms: quantile(&buckets, 0.5)?,
            p99_ms: quantile(&buckets, 0.99)?,
        })
    };
    Channel::ALL.into_iter().filter_map(of).collect()
}
