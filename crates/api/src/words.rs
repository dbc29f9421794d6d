//! Closed sets of words as the document lists them, taken from where they are defined.
//!
//! Requests read most of these as text all the same: a word that is none is answered with the ones there are, which a parser would not say.

use app::resource;
use domain::access::Role;
use domain::callback;
use domain::channel::Channel;
use domain::delivery::DeliveryState;
use domain::effects::Actor;
use domain::endpoint::EndpointStatus;
use domain::feed::{Mark, Status};
use domain::notification;
use domain::retry::Policy;
use domain::run;
use domain::token::Algorithm;
use store::delivery::OUTCOMES;
use store::key::Kind;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident = $words:expr;)+) => {$(
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words: schema::Object = ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(concat!($($doc),*).trim()))
                    .enum_values(Some($words))
                    .build();
                words.into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

words! {
    /// Where a notification stands with its user.
    NotificationStatus = Status::ALL.map(Status::as_str);
    /// What a user may make of a notification.
    NewStatus = Status::ALL.into_iter().filter(|status| *status != Status::Expired).map(Status::as_str);
    /// What a mark of everything says.
    MarkStatus = Mark::ALL.map(Mark::as_str);
    /// How much a notification matters.
    Priority = notification::Priority::ALL.map(notification::Priority::as_str);
    /// Whether a webhook takes deliveries: its owner paused it, or the server disabled it.
    WebhookStatus = EndpointStatus::ALL.map(EndpointStatus::as_str);
    /// How often a failed delivery is tried again.
    RetryPolicy = Policy::ALL.map(Policy::name);
    /// Where a delivery stands.
    DeliveryStatus = DeliveryState::ALL.map(DeliveryState::as_str);
    /// The way something reaches somebody.
    ChannelName = Channel::ALL.map(Channel::as_str);
    /// What an environment is made of.
    ResourceKind = resource::Kind::ALL.map(resource::Kind::as_str);
    /// Where a run stands.
    RunStatus = run::RunStatus::ALL.map(run::RunStatus::as_str);
    /// What became of a step of a run.
    StepOutcome = run::StepOutcome::ALL.map(run::StepOutcome::as_str);
    /// How one try of a delivery ended; `unknown` where the process that made it ended first.
    AttemptOutcome = OUTCOMES;
    /// What a provider told of a delivery afterwards.
    Aftermath = callback::Aftermath::ALL.map(callback::Aftermath::as_str);
    /// Why an address gets nothing any more.
    SuppressionReason = callback::Suppressed::ALL.map(callback::Suppressed::as_str);
    /// What a key opens.
    AnyKeyKind = Kind::ALL.map(Kind::as_str);
    /// How a user token is signed, where the key is registered.
    TokenAlgorithm = [Algorithm::Rs256, Algorithm::EdDsa].map(Algorithm::name);
    /// What somebody who signs in to the console may do.
    ConsoleRole = Role::ALL.map(Role::as_str);
    /// Who acts.
    ActorKind = Actor::KINDS;
}
