//! Counts: what throttles let through, what is under way, what was called off. (They are written by the group commit.)

use domain::environment::Env;

use crate::error::Result;
use crate::{Conn, on};

/// What was counted under these names.
pub async fn many(conn: &mut Conn, env: Env, names: &[String]) -> Result<Vec<(String, String)>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT name, state FROM tallies WHERE environment = $1 AND name {}",
        conn.among("$2")
    ));
    let list = serde_json::json!(names).to_string();
    Ok(on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(list)
        .fetch_all(c)
        .await?))
}
