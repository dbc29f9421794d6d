//! Conditions: what must hold before a workflow starts, a step is taken, or a preference applies.
//!
//! A condition is `{all: […]}`, `{any: […]}`, `{not: …}`, or a leaf `{path, is, value}`, such as
//! `{path: data.significanceScore, is: at_least, value: 70}`. Leaves may be written short, `{data.significanceScore: {at_least: 70}}` or
//! `{data.kind: push}`; they are kept in the long form. A value of `{path: …}` is what stands there.
//!
//! Nothing that is found in data can make an evaluation fail: a value of the wrong type makes its leaf false. A `null` counts as not
//! being there, and what is not there equals `null`. `not_equals`, `not_in` and `not_contains` are the opposites of their
//! namesakes, so they hold for what is not there.

mod check;
mod form;
mod operator;

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use check::fits;
pub use operator::Operator;

use self::operator::Pattern;
use crate::path::Path;

/// Deciding leaves that an evaluation names at most.
const MOST_NAMED: usize = 20;
/// Characters of a value that an evaluation shows at most.
const MOST_SHOWN: usize = 200;

/// What must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    All(Vec<Condition>, Written),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Leaf(Box<Leaf>),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
struct Leaf {
    path: Path,
    /// The operator's word; what is no operator is told by the check and never holds.
    is: String,
    operator: Option<Operator>,
    value: Option<Side>,
    ignore_case: bool,
    written: Written,
    pattern: Pattern,
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq)]
enum Side {
    Literal(Value),
    At(Path),
}

/// How the author wrote it, so that the check points to the right place. It is no part of what a condition says.
#[derive(Debug, Clone)]
enum Written {
    /// In the long form.
    Long,
    /// Under its path, and there under this word if one was written.
    Short(Option<String>),
}

impl PartialEq for Written {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Whether a condition holds, and which comparisons decided it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Whether it holds.
    pub holds: bool,
    /// The failing ones of an `all`, the first holding one of an `any`, else all of them; at most 20.
    pub because: Vec<Compared>,
}

/// A comparison that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What was looked at.
    pub path: String,
    /// The operator's word.
    pub operator: String,
    /// What it was compared with, cut to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
    /// What stood there, cut to 200 characters; `None` where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value>,
    /// Whether this comparison holds.
    pub holds: bool,
}

impl Condition {
    /// Whether it holds of what is known at `now` (milliseconds since the Unix epoch), and why.
    pub fn evaluate(&self, known: &Value, now: i64) -> Evaluation {
        let mut because = Vec::new();
        let holds = self.holds(known, now);
        self.explain(known, now, &mut because);
        Evaluation { holds, because }
    }

    /// Whether it holds, without saying why.
    pub fn holds(&self, known: &Value, now: i64) -> bool {
        match &self.0 {
            Node::All(parts, _) => parts.iter().all(|part| part.holds(known, now)),
            Node::Any(parts) => parts.iter().any(|part| part.holds(known, now)),
            Node::Not(part) => !part.holds(known, now),
            Node::Leaf(leaf) => leaf.holds(known, now),
        }
    }

    /// Gathers the leaves that decide.
    fn explain(&self, known: &Value, now: i64, because: &mut Vec<Compared>) {
        if because.len() >= MOST_NAMED {
            return;
        }
        let (parts, decides) = match &self.0 {
            Node::Leaf(leaf) => return because.push(leaf.compared(known, now)),
            Node::Not(part) => return part.explain(known, now, because),
            Node::All(parts, _) => (parts, false),
            Node::Any(parts) => (parts, true),
        };
        let mut deciding = parts
            .iter()
            .filter(|part| part.holds(known, now) == decides)
            .peekable();
        if deciding.peek().is_none() {
            for part in parts {
                part.explain(known, now, because);
            }
            return;
        }
        // One is enough for an `any`; of an `all` every failing one is worth knowing.
        let most = if decides { 1 } else { MOST_NAMED };
        deciding
            .take(most)
            .for_each(|part| part.explain(known, now, because));
    }
}

impl Leaf {
    fn holds(&self, known: &Value, now: i64) -> bool {
        // The check refuses a pattern that stands in the data: whoever writes data must not choose how long a look at it takes.
        if self.operator == Some(Operator::Matches) && matches!(self.value, Some(Side::At(_))) {
            return false;
        }
        let left = self.path.get(known).filter(|value| !value.is_null());
        let right = self.value.as_ref().map_or(&Value::Null, |side| side.get(known));
        self.operator
            .is_some_and(|operator| operator.holds(left, right, self.ignore_case, &self.pattern, now))
    }

    fn compared(&self, known: &Value, now: i64) -> Compared {
        Compared {
            path: self.path.to_string(),
            operator: self.word().to_owned(),
            expected: self.value.as_ref().map(|side| shown(side.get(known))),
            actual: self.path.get(known).map(shown),
            holds: self.holds(known, now),
        }
    }

    fn word(&self) -> &str {
        self.operator.map_or(self.is.as_str(), |operator| operator.word())
    }
}

impl Side {
    fn get<'a>(&'a self, known: &'a Value) -> &'a Value {
        match self {
            Self::Literal(value) => value,
            Self::At(path) => path.get(known).unwrap_or(&Value::Null),
        }
    }
}

/// A value to be shown: whole when it is short, else the beginning of its text.
fn shown(value: &Value) -> Value {
    let mut text = Cut::default();
    let whole = match value {
        Value::String(string) => text.write_str(string).is_ok(),
        _ => write!(text, "{value}").is_ok(),
    };
    if whole {
        value.clone()
    } else {
        Value::String(text.text + "…")
    }
}

/// Takes so many characters of a text and refuses the rest, so that nothing long is written only to be cut.
#[derive(Default)]
struct Cut {
    text: String,
    taken: usize,
}

impl fmt::Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.taken == MOST_SHOWN {
                return Err(fmt::Error);
            }
            self.text.push(c);
            self.taken += 1;
        }
        Ok(())
    }
}
