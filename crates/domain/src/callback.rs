//! Callbacks: what a provider tells afterwards of something it took.

use crate::delivery::DeliveryState;

/// What became of something that a provider took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aftermath {
    /// It arrived.
    Delivered,
    /// It does not arrive for now; the provider goes on trying.
    Delayed,
    /// It came back, for a reason that may pass.
    SoftBounced,
    /// It came back, and so will everything else that goes to this address.
    Bounced,
    /// Who got it called it spam.
    Complained,
    /// The provider could not send it after all.
    Failed,
}

impl Aftermath {
    /// Everything that may become of it.
    pub const ALL: [Self; 6] = [
        Self::Delivered,
        Self::Delayed,
        Self::SoftBounced,
        Self::Bounced,
        Self::Complained,
        Self::Failed,
    ];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Delayed => "delayed",
            Self::SoftBounced => "soft_bounced",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Failed => "failed",
        }
    }

    /// The state a delivery takes that stands so; `None` where it stays. Callbacks come in any order: what was delivered is
    /// not on its way again, and what came back was delivered to nobody.
    pub fn moves(self, state: DeliveryState) -> Option<DeliveryState> {
        match (self, state) {
            (Self::Delivered | Self::Complained, DeliveryState::Sent) => Some(DeliveryState::Delivered),
            (
                Self::SoftBounced | Self::Bounced | Self::Failed,
                DeliveryState::Sent | DeliveryState::Delivered,
            ) => Some(DeliveryState::Failed),
            _ => None,
        }
    }

    /// Why its address is not to be used again, where it is not.
    pub fn suppresses(self) -> Option<Suppressed> {
        match self {
            Self::Bounced => Some(Suppressed::Bounced),
            Self::Complained => Some(Suppressed::Complained),
            _ => None,
        }
    }
}

/// Why an address gets nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suppressed {
    /// What was sent there came back for good.
    Bounced,
    /// Who reads there called it spam.
    Complained,
    /// Its own server said that there is nobody of that name.
    Refused,
    /// Somebody said so.
    Manual,
}

impl Suppressed {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Bounced, Self::Complained, Self::Refused, Self::Manual];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Refused => "refused",
            Self::Manual => "manual",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_come_in_any_order() {
        use DeliveryState as S;
        for (aftermath, state, becomes) in [
            (Aftermath::Delivered, S::Sent, Some(S::Delivered)),
            (Aftermath::Delivered, S::Delivered, None),
            (Aftermath::Delivered, S::Failed, None),
            (Aftermath::Delayed, S::Sent, None),
            (Aftermath::Bounced, S::Delivered, Some(S::Failed)),
            (Aftermath::SoftBounced, S::Sent, Some(S::Failed)),
            (Aftermath::Failed, S::Sent, Some(S::Failed)),
            (Aftermath::Complained, S::Sent, Some(S::Delivered)),
            (Aftermath::Bounced, S::Exhausted, None),
            (Aftermath::Delivered, S::Retrying, None),
        ] {
            assert_eq!(aftermath.moves(state), becomes, "{aftermath:?} on {state:?}");
        }
    }

    #[test]
    fn only_what_is_for_good_ends_an_address() {
        let ends = Aftermath::ALL.map(|aftermath| aftermath.suppresses().map(Suppressed::as_str));
        assert_eq!(
            ends,
            [None, None, None, Some("bounced"), Some("complained"), None]
        );
    }
}
