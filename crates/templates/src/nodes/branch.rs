//! `if`, `unless`, `case`: which of several bodies is shown.

use std::cmp::Ordering;
use std::io::Write;
use std::sync::Arc;

use liquid_core::model::{State, ValueView, ValueViewCmp};
use liquid_core::parser::{TagBlock, TagToken, TagTokenIter};
use liquid_core::{Expression, Language, Renderable, Result, Runtime, Template};

use super::{Node, Source, body, expression, nothing_more, value_of};
use crate::meter::{Meter, meter, weight};

/// Bodies, the first of which is shown whose condition holds; one without a condition is `else`.
#[derive(Debug)]
struct Branches(Vec<(Option<Condition>, Template)>);

/// `a and b or c and d`: one of the groups holds whole.
#[derive(Debug)]
struct Condition {
    groups: Vec<Vec<Test>>,
    /// For `unless`.
    negated: bool,
}

#[derive(Debug)]
struct Test {
    left: Expression,
    right: Option<(Operator, Expression)>,
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    Greater,
    AtMost,
    AtLeast,
    Contains,
}

impl Operator {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "==" => Self::Equal,
            "!=" | "<>" => Self::NotEqual,
            "<" => Self::Less,
            ">" => Self::Greater,
            "<=" => Self::AtMost,
            ">=" => Self::AtLeast,
            "contains" => Self::Contains,
            _ => return None,
        })
    }

    fn holds(self, left: &dyn ValueView, right: &dyn ValueView) -> bool {
        let (one, other) = (ValueViewCmp::new(left), ValueViewCmp::new(right));
        let order = || one.partial_cmp(&other);
        match self {
            Self::Equal => one == other,
            Self::NotEqual => one != other,
            Self::Less => order() == Some(Ordering::Less),
            Self::Greater => order() == Some(Ordering::Greater),
            Self::AtMost => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
            Self::AtLeast => matches!(order(), Some(Ordering::Greater | Ordering::Equal)),
            Self::Contains => contains(left, right),
        }
    }
}

/// Whether a text holds another, a list an item, an object a key. Nothing holds nothing.
fn contains(left: &dyn ValueView, right: &dyn ValueView) -> bool {
    if right.is_nil() || left.is_nil() {
        return false;
    }
    if let Some(list) = left.as_array() {
        return list
            .values()
            .any(|item| ValueViewCmp::new(item) == ValueViewCmp::new(right));
    }
    let wanted = right.to_kstr();
    match left.as_object() {
        Some(object) => object.contains_key(wanted.as_str()),
        None => left.to_kstr().contains(wanted.as_str()),
    }
}

impl Test {
    fn holds(&self, runtime: &dyn Runtime, meter: &Meter) -> Result<bool> {
        meter.step()?;
        let left = self.left.evaluate(runtime)?;
        let Some((operator, right)) = &self.right else {
            return Ok(left.query_state(State::Truthy));
        };
        let right = right.evaluate(runtime)?;
        // Each item of a list may be held against the right side.
        let times = left.as_array().map_or(1, |list| list.size().max(1));
        let times = usize::try_from(times).unwrap_or(1);
        meter.spend(weight(left.as_view()).saturating_add(weight(right.as_view()).saturating_mul(times)))?;
        Ok(operator.holds(left.as_view(), right.as_view()))
    }
}

impl Condition {
    fn read(arguments: &mut TagTokenIter<'_>, negated: bool) -> Result<Self> {
        let mut groups = vec![Vec::new()];
        let mut word = None;
        loop {
            let (test, behind) = test(arguments)?;
            if word == Some("or") {
                groups.push(Vec::new());
            }
            if let Some(group) = groups.last_mut() {
                group.push(test);
            }
            word = match behind {
                None => return Ok(Self { groups, negated }),
                Some(token) if token.as_str() == "and" => Some("and"),
                Some(token) if token.as_str() == "or" => Some("or"),
                Some(token) => return Err(unexpected(token)),
            };
        }
    }

    fn holds(&self, runtime: &dyn Runtime, meter: &Meter) -> Result<bool> {
        for group in &self.groups {
            let mut all = true;
            for test in group {
                all = test.holds(runtime, meter)?;
                if !all {
                    break;
                }
            }
            if all {
                return Ok(!self.negated);
            }
        }
        Ok(self.negated)
    }
}

/// One test, and the word behind it.
fn test<'a>(arguments: &mut TagTokenIter<'a>) -> Result<(Test, Option<TagToken<'a>>)> {
    let left = expression(arguments)?;
    let Some(token) = arguments.next() else {
        return Ok((Test { left, right: None }, None));
    };
    match Operator::read(token.as_str()) {
        Some(operator) => {
            let right = Some((operator, expression(arguments)?));
            Ok((Test { left, right }, arguments.next()))
        }
        None => Ok((Test { left, right: None }, Some(token))),
    }
}

fn unexpected(token: TagToken<'_>) -> liquid_core::Error {
    let message = match token.as_str() {
        "=" => "`=` compares nothing; is `==` meant?".to_owned(),
        "not" => "there is no `not`; use `unless`, or compare with `false`".to_owned(),
        word => format!("`{word}` cannot stand here; `and`, `or` or a comparison can"),
    };
    token.raise_custom_error(&message)
}

pub(super) fn if_(
    arguments: &mut TagTokenIter<'_>,
    block: &mut TagBlock<'_, '_>,
    language: &Language,
    _: &Arc<Source>,
) -> Node {
    branches(Condition::read(arguments, false)?, block, language)
}

pub(super) fn unless(
    arguments: &mut TagTokenIter<'_>,
    block: &mut TagBlock<'_, '_>,
    language: &Language,
    _: &Arc<Source>,
) -> Node {
    branches(Condition::read(arguments, true)?, block, language)
}

fn branches(first: Condition, block: &mut TagBlock<'_, '_>, language: &Language) -> Node {
    let mut branches = Vec::new();
    let mut condition = Some(first);
    loop {
        let (shown, behind) = body(block, language, &["elsif", "else"])?;
        branches.push((condition.take(), shown));
        match behind {
            None => return Ok(Box::new(Branches(branches))),
            Some((name, mut arguments)) if name == "elsif" => {
                condition = Some(Condition::read(&mut arguments, false)?);
            }
            Some(_) => {}
        }
    }
}

impl Renderable for Branches {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let meter = meter(runtime);
        for (condition, shown) in &self.0 {
            let holds = condition
                .as_ref()
                .map_or(Ok(true), |condition| condition.holds(runtime, &meter))?;
            if holds {
                return shown.render_to(writer, runtime);
            }
        }
        Ok(())
    }
}

/// A value, and the body of the first `when` that names it.
#[derive(Debug)]
struct Case {
    value: Expression,
    whens: Vec<(Vec<Expression>, Template)>,
    otherwise: Option<Template>,
}

pub(super) fn case(
    arguments: &mut TagTokenIter<'_>,
    block: &mut TagBlock<'_, '_>,
    language: &Language,
    _: &Arc<Source>,
) -> Node {
    let value = expression(arguments)?;
    nothing_more(arguments)?;
    let mut case = Case {
        value,
        whens: Vec::new(),
        otherwise: None,
    };
    let (_, mut behind) = body(block, language, &["when", "else"])?;
    while let Some((name, mut arguments)) = behind {
        let wanted = if name == "when" {
            Some(wanted(&mut arguments)?)
        } else {
            None
        };
        let (shown, next) = body(block, language, &["when", "else"])?;
        match wanted {
            Some(wanted) => case.whens.push((wanted, shown)),
            None => case.otherwise = Some(shown),
        }
        behind = next;
    }
    Ok(Box::new(case))
}

/// `when "a", "b" or "c"`
fn wanted(arguments: &mut TagTokenIter<'_>) -> Result<Vec<Expression>> {
    let mut wanted = vec![expression(arguments)?];
    while let Some(token) = arguments.next() {
        if !matches!(token.as_str(), "," | "or") {
            let message = format!("`{}` cannot stand here; `,` or `or` can", token.as_str());
            return Err(token.raise_custom_error(&message));
        }
        let token = super::next(arguments, "a value is missing")?;
        wanted.push(value_of(token)?);
    }
    Ok(wanted)
}

impl Case {
    fn chosen(&self, runtime: &dyn Runtime, meter: &Meter) -> Result<Option<&Template>> {
        meter.step()?;
        let value = self.value.evaluate(runtime)?;
        for (wanted, shown) in &self.whens {
            for wanted in wanted {
                meter.step()?;
                let wanted = wanted.evaluate(runtime)?;
                meter.spend(weight(wanted.as_view()))?;
                if ValueViewCmp::new(value.as_view()) == ValueViewCmp::new(wanted.as_view()) {
                    return Ok(Some(shown));
                }
            }
        }
        Ok(self.otherwise.as_ref())
    }
}

impl Renderable for Case {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        match self.chosen(runtime, &meter(runtime))? {
            Some(shown) => shown.render_to(writer, runtime),
            None => Ok(()),
        }
    }
}
