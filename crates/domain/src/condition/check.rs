//! What is wrong with a condition, told when it is declared and never when it is evaluated.

use std::io;

use serde::Serialize;
use serde_json::Value;

use super::operator::{Needs, Operator, Pattern};
use super::{Condition, Leaf, Node, Side, Written};
use crate::duration::Span;
use crate::text::Faults;
use crate::time::parse_rfc3339;

/// Groups within groups.
const MOST_DEPTH: usize = 10;
/// Comparisons altogether.
const MOST_LEAVES: usize = 100;
/// The whole condition as JSON, in bytes.
const MOST_BYTES: usize = 64 * 1024;
/// Values of a written list.
const MOST_LISTED: usize = 1_000;
/// Characters of a pattern.
const MOST_PATTERN: usize = 1_000;

impl Condition {
    /// Checks it where it was declared, by JSON pointer.
    pub fn check(&self, pointer: &str, faults: &mut Faults) {
        if !fits(self, MOST_BYTES) {
            faults.push(
                pointer,
                "too_large",
                format!("must have at most {MOST_BYTES} bytes as JSON"),
            );
            return;
        }
        let mut check = Check { faults, leaves: 0 };
        check.condition(pointer, self, 0);
    }
}

/// Whether something has at most so many bytes as JSON; no more than those are written.
pub(crate) fn fits(value: &impl Serialize, most: usize) -> bool {
    serde_json::to_writer(Room(most), value).is_ok()
}

/// Takes so many bytes and keeps none.
struct Room(usize);

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::WriteZero)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Check<'a> {
    faults: &'a mut Faults,
    leaves: usize,
}

impl Check<'_> {
    fn condition(&mut self, pointer: &str, condition: &Condition, depth: usize) {
        if depth > MOST_DEPTH {
            let detail = format!("conditions stand at most {MOST_DEPTH} deep");
            return self.faults.push(pointer, "too_deep", detail);
        }
        match &condition.0 {
            Node::All(parts, Written::Long) => self.parts(&format!("{pointer}/all"), parts, depth),
            Node::All(parts, Written::Short(_)) => {
                for part in parts {
                    self.condition(pointer, part, depth);
                }
            }
            Node::Any(parts) => self.parts(&format!("{pointer}/any"), parts, depth),
            Node::Not(part) => self.condition(&format!("{pointer}/not"), part, depth + 1),
            Node::Leaf(leaf) => self.leaf(pointer, leaf),
        }
    }

    fn parts(&mut self, pointer: &str, parts: &[Condition], depth: usize) {
        self.faults.require(
            !parts.is_empty(),
            pointer,
            "required",
            "must have at least one condition",
        );
        for (index, part) in parts.iter().enumerate() {
            self.condition(&format!("{pointer}/{index}"), part, depth + 1);
        }
    }

    fn leaf(&mut self, pointer: &str, leaf: &Leaf) {
        self.leaves += 1;
        if self.leaves > MOST_LEAVES {
            // Once is enough.
            if self.leaves == MOST_LEAVES + 1 {
                let detail = format!("a condition has at most {MOST_LEAVES} comparisons");
                self.faults.push(pointer, "too_many", detail);
            }
            return;
        }
        leaf.path.check(&leaf.place(pointer, "path"), self.faults);
        let Some(operator) = leaf.operator else {
            let known: Vec<_> = Operator::ALL.into_iter().map(Operator::word).collect();
            let detail = format!("`{}` is not an operator; known: {}", leaf.is, known.join(", "));
            return self.faults.push(leaf.place(pointer, "is"), "unknown", detail);
        };
        self.faults.require(
            !leaf.ignore_case || operator.minds_case(),
            &leaf.place(pointer, "ignore_case"),
            "unfitting",
            "is for operators that compare texts",
        );
        self.value(&leaf.place(pointer, "value"), operator, leaf);
    }

    fn value(&mut self, pointer: &str, operator: Operator, leaf: &Leaf) {
        let (word, needs) = (operator.word(), operator.needs());
        let fault = match &leaf.value {
            None if needs == Needs::Nothing => None,
            None => Some(("required", format!("`{word}` needs a value: {}", needs.words()))),
            Some(_) if needs == Needs::Nothing => Some(("unfitting", format!("`{word}` takes no value"))),
            Some(Side::At(_)) if needs == Needs::Pattern => Some((
                "unfitting",
                "a pattern is written out, it cannot stand in the data".to_owned(),
            )),
            Some(Side::At(path)) => return path.check(&format!("{pointer}/path"), self.faults),
            Some(Side::Literal(value)) => needs.fault(value, leaf.ignore_case),
        };
        if let Some((code, detail)) = fault {
            self.faults.push(pointer, code, detail);
        }
    }
}

impl Needs {
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Any => "any value",
            Self::Ordered => "a number, or a time such as 2026-02-07T10:00:00Z",
            Self::Text => "a text",
            Self::Pattern => "a regular expression",
            Self::List => "a list",
            Self::Count => "a whole number, not negative",
            Self::Time => "a time such as 2026-02-07T10:00:00Z, or now",
            Self::Length => "a length of time such as 2h",
        }
    }

    /// What is wrong with a written value.
    fn fault(self, value: &Value, fold: bool) -> Option<(&'static str, String)> {
        let is_time = value.as_str().and_then(parse_rfc3339).is_some();
        let fits = match (self, value) {
            (Self::Pattern, Value::String(source)) => return pattern(source, fold),
            (Self::List, Value::Array(list)) if list.len() > MOST_LISTED => {
                return Some(("too_many", format!("must have at most {MOST_LISTED} values")));
            }
            (Self::List, Value::Array(list)) if list.is_empty() => {
                return Some(("required", "must have at least one value".to_owned()));
            }
            (Self::Length, Value::String(text)) => return Span::parse(text).err().map(|why| ("format", why)),
            (Self::Nothing | Self::Any, _)
            | (Self::Text, Value::String(_))
            | (Self::List, Value::Array(_))
            | (Self::Ordered, Value::Number(_)) => true,
            (Self::Count, _) => value.as_u64().is_some(),
            (Self::Ordered, _) => is_time,
            (Self::Time, _) => is_time || value == "now",
            _ => false,
        };
        (!fits).then(|| ("format", format!("must be {}", self.words())))
    }
}

fn pattern(source: &str, fold: bool) -> Option<(&'static str, String)> {
    if source.chars().count() > MOST_PATTERN {
        return Some(("too_long", format!("must have at most {MOST_PATTERN} characters")));
    }
    let detail = match Pattern::compile(source, fold).err()? {
        regex::Error::CompiledTooBig(_) => "is too large a regular expression: repeat less".to_owned(),
        // The last line says what, the ones before draw where.
        error => {
            let text = error.to_string();
            let what = text
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            format!("is not a regular expression: {what}")
        }
    };
    Some(("format", detail))
}

impl Leaf {
    /// Where a part of it stands as the author wrote it.
    fn place(&self, pointer: &str, field: &str) -> String {
        let key = || self.path.as_str().replace('~', "~0").replace('/', "~1");
        match &self.written {
            Written::Long => format!("{pointer}/{field}"),
            Written::Short(Some(word)) if field != "path" => {
                format!(
                    "{pointer}/{}/{}",
                    key(),
                    word.replace('~', "~0").replace('/', "~1")
                )
            }
            Written::Short(_) => format!("{pointer}/{}", key()),
        }
    }
}
