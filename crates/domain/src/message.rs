//! Messages: what is sent to a person through a channel, rendered once and kept with its delivery.

use std::sync::Arc;

use crate::channel::Channel;
use crate::id::{ConfigId, RunId};

/// The rendered content of a delivery to a person, written together with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The channel it goes through.
    pub channel: Channel,
    /// The run it comes from.
    pub run: RunId,
    /// The workflow of that run.
    pub workflow: Arc<str>,
    /// The step of that workflow.
    pub step: Arc<str>,
    /// Whom it is for.
    pub user: Option<String>,
    /// The tenant it happened in.
    pub tenant: Option<String>,
    /// The address it goes to, as the channel has addresses.
    pub recipient: Option<String>,
    /// The tenant's choice of channel that it goes by.
    pub config: Option<ConfigId>,
    /// The content as JSON: what `channels` reads at every attempt. Empty for what is skipped.
    pub content: Arc<str>,
}
