//! Lists: `?limit=&cursor=` in, `{ data, next_cursor }` out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use store::Page;
use utoipa::{IntoParams, ToSchema};

use crate::problem::{Answer, Problem};
use crate::state::Api;

/// Rows of a page when none are asked for.
const USUAL: i64 = 20;

/// Which part of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Rows of the page.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Asks for the next page; `null` at the end.
    pub next_cursor: Option<String>,
}

impl Paging {
    /// As the store asks for it: one row more than shown tells whether there is a next page.
    pub(crate) fn page(&self, api: &Api) -> Answer<Page> {
        let limit = self.limit.unwrap_or(USUAL.min(api.settings.page_max));
        if !(1..=api.settings.page_max).contains(&limit) {
            let detail = format!("must be 1 to {}", api.settings.page_max);
            return Err(Problem::bad_request("?limit", "range", detail));
        }
        let after = self.cursor.as_deref().map(decode).transpose()?;
        Ok(Page {
            limit: limit + 1,
            after,
        })
    }
}

fn decode(cursor: &str) -> Answer<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let text = bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|text| !text.contains('\0'));
    text.ok_or_else(|| Problem::bad_request("?cursor", "cursor", "is not a cursor of this list"))
}

/// Makes a page of rows, cutting the one that only told that there are more. `key` is what the list is ordered by.
pub(crate) fn list<Row, T>(
    mut rows: Vec<Row>,
    page: &Page,
    key: impl Fn(&Row) -> String,
    view: impl Fn(Row) -> T,
) -> List<T> {
    let shown = usize::try_from(page.limit - 1).unwrap_or(0);
    let more = rows.len() > shown;
    rows.truncate(shown);
    let next_cursor = rows
        .last()
        .filter(|_| more)
        .map(|row| URL_SAFE_NO_PAD.encode(key(row)));
    List {
        data: rows.into_iter().map(view).collect(),
        next_cursor,
    }
}
