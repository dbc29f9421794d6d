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
            // Of one whose attempts are used up, the outcome of some may have been unknown.
            (Self::Delivered | Self::Complained, DeliveryState::Sent | DeliveryState::Exhausted) => {
                Some(DeliveryState::Delivered)
            }
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

/// An address as it is compared: whoever writes it in capitals, with a name before it, or its domain in another alphabet's letters or in
/// punycode, means the same.
pub fn compared(address: &str) -> String {
    let bare = match (address.rfind('<'), address.rfind('>')) {
        (Some(from), Some(to)) if from < to => &address[from + 1..to],
        _ => address,
    };
    let bare = bare.trim().trim_end_matches('.').to_lowercase();
    let Some((local, domain)) = bare.rsplit_once('@') else {
        return bare;
    };
    match url::Host::parse(domain) {
        // (The full stop may have been one of another alphabet.)
        Ok(url::Host::Domain(domain)) => format!("{local}@{}", domain.trim_end_matches('.')),
        _ => bare,
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
            (Aftermath::Delivered, S::Exhausted, Some(S::Delivered)),
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

    #[test]
    fn addresses_are_compared_as_people_mean_them() {
        for (written, compared_as) in [
            ("Ada@Example.com.", "ada@example.com"),
            ("Ada <ada@example.com>", "ada@example.com"),
            ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
            ("ann@b.example\u{3002}", "ann@b.example"),
            ("+49 170", "+49 170"),
            ("a@", "a@"),
        ] {
            assert_eq!(compared(written), compared_as, "{written}");
        }
    }
}
