//! Who signs in to the console, and what they may do in an environment.

use crate::text::Faults;

/// What an account may do in an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Everything, the team and the environment's own keys as well.
    Operator,
    /// Everything but the team and the environment's own keys.
    Developer,
    /// Sees what a developer sees, and changes nothing.
    Viewer,
    /// Sets up one tenant's channels and webhooks, and sees nothing else.
    TenantAdmin,
}

impl Role {
    /// Every role, from the mightiest.
    pub const ALL: [Self; 4] = [Self::Operator, Self::Developer, Self::Viewer, Self::TenantAdmin];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Developer => "developer",
            Self::Viewer => "viewer",
            Self::TenantAdmin => "tenant_admin",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether it may change anything.
    pub fn may_change(self) -> bool {
        self != Self::Viewer
    }

    /// Whether it may say who else may do what.
    pub fn may_govern(self) -> bool {
        self == Self::Operator
    }
}

/// One thing that an account may do: a role in an environment, for an admin of a tenant in that tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The role.
    pub role: Role,
    /// The tenant, for [`Role::TenantAdmin`] and nobody else.
    pub tenant: Option<String>,
}

impl Access {
    /// Checks that a tenant is named where one is needed, and nowhere else.
    pub fn check(&self, faults: &mut Faults) {
        match (&self.tenant, self.role) {
            (Some(tenant), Role::TenantAdmin) => faults.key("/tenant", tenant),
            (None, Role::TenantAdmin) => faults.push("/tenant", "required", "must name the tenant"),
            (Some(_), _) => faults.push("/tenant", "unfitting", "is for the role tenant_admin"),
            (None, _) => {}
        }
    }
}

/// What a portal token opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// A tenant's channels, and the webhooks of its application.
    Tenant(String),
    /// The webhooks of an application.
    App(crate::id::AppId),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(role: Role, tenant: Option<&str>) -> Vec<(String, &'static str)> {
        let mut faults = Faults::default();
        let tenant = tenant.map(str::to_owned);
        Access { role, tenant }.check(&mut faults);
        let faults = faults.finish().err().unwrap_or_default();
        faults
            .into_iter()
            .map(|fault| (fault.pointer, fault.code))
            .collect()
    }

    #[test]
    fn an_admin_of_a_tenant_names_it_and_nobody_else_does() {
        for role in Role::ALL {
            let is_admin = role == Role::TenantAdmin;
            assert_eq!(faults(role, Some("acme")).is_empty(), is_admin, "{role:?}");
            assert_eq!(faults(role, None).is_empty(), !is_admin, "{role:?}");
            assert_eq!(Role::from_word(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_word("owner"), None);
    }

    #[test]
    fn roles_may_less_and_less() {
        let may = |role: Role| (role.may_govern(), role.may_change());
        assert_eq!(
            Role::ALL.map(may),
            [(true, true), (false, true), (false, false), (false, true)]
        );
    }
}
