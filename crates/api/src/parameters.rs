//! A query takes what the document says of its operation and nothing else: a misspelt filter must not answer with what was to be left out.

use std::collections::HashMap;
use std::sync::Arc;

use app::Error;
use app::auth::Caller;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::text::Fault;
use http::Method;
use http::request::Parts;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

use crate::extract::{Authed, Credential};
use crate::problem::{Answer, Problem};
use crate::state::Api;

/// Says of an operation what names of parameters may begin with, beside those that are listed.
const BEGINNING: &str = "x-parameters-beginning";
/// Most faults of a query that are told.
const TOLD: usize = 10;

/// What each operation takes in its query.
#[derive(Debug)]
pub(crate) struct Documented(HashMap<String, Vec<(Method, Taken)>>);

#[derive(Debug)]
struct Taken {
    names: Vec<String>,
    beginning: Option<String>,
}

impl Documented {
    /// As the document has it.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter().map(|(path, item)| {
            let operations = [
                (Method::GET, &item.get),
                (Method::PUT, &item.put),
                (Method::POST, &item.post),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            let taken = operations
                .into_iter()
                .filter_map(|(method, operation)| Some((method, Taken::by(operation.as_ref()?))));
            (path.clone(), taken.collect())
        });
        Self(paths.collect())
    }

    fn refusal(&self, request: &Request) -> Option<(Problem, &Taken)> {
        let query = request.uri().query().filter(|query| !query.is_empty())?;
        let path = request.extensions().get::<MatchedPath>()?;
        let method = match request.method() {
            &Method::HEAD => &Method::GET,
            method => method,
        };
        let operations = self.0.get(path.as_str())?.iter();
        let (_, taken) = operations.into_iter().find(|(of, _)| of == method)?;
        Some((taken.refusal(query)?, taken))
    }
}

impl Taken {
    fn by(operation: &Operation) -> Self {
        let names = operation
            .parameters
            .iter()
            .flatten()
            .filter_map(|parameter| match parameter {
                RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => {
                    Some(parameter.name.clone())
                }
                _ => None,
            });
        let extensions = operation.extensions.as_ref();
        let beginning = extensions.and_then(|extensions| extensions.get(BEGINNING)?.as_str());
        Self {
            names: names.collect(),
            beginning: beginning.map(ToOwned::to_owned),
        }
    }

    fn takes(&self, name: &str) -> bool {
        let begins = |beginning: &String| name.starts_with(beginning);
        self.names.iter().any(|known| known == name) || self.beginning.as_ref().is_some_and(begins)
    }

    fn refusal(&self, query: &str) -> Option<Problem> {
        let unknown = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !self.takes(name));
        let mut faults: Vec<_> = unknown
            .take(TOLD)
            .map(|(name, _)| Fault::new(format!("?{name}"), "shape", format!("unknown parameter `{name}`")))
            .collect();
        let first = faults.first_mut()?;
        if self.names.is_empty() {
            first.detail.push_str(", none is taken here");
        } else {
            first.detail.push_str(", expected one of: ");
            first.detail.push_str(&self.names.join(", "));
        }
        Some(Error::BadRequest(faults).into())
    }
}

/// Refuses what is not documented, to those who proved who they are.
pub(crate) async fn only_documented(
    State((api, documented)): State<(Api, Arc<Documented>)>,
    request: Request,
    next: Next,
) -> Response {
    let Some((refusal, taken)) = documented.refusal(&request) else {
        return next.run(request).await;
    };
    let (parts, _) = request.into_parts();
    match caller(&api, parts, taken).await {
        Ok(_) => refusal.into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// Who asks; by the query only where the operation takes credentials there.
async fn caller(api: &Api, mut parts: Parts, taken: &Taken) -> Answer<Caller> {
    if taken.takes("token") {
        return Ok(Credential::of(&parts)?.check(api).await?);
    }
    let Authed(caller) = Authed::from_request_parts(&mut parts, api).await?;
    Ok(caller)
}
