//! Who is who: applications, keys, users, tenants, tokens; and what was done is in the audit log.

mod apps;
mod audit;
mod keys;
pub(crate) mod tokens;
mod users;
