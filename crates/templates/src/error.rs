//! What can be wrong with a template, told so that its author finds the place.

use std::fmt;
use std::sync::Arc;

/// Why a source is not a template, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Line in the author's source, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// The line with a mark below the place.
    pub excerpt: String,
    /// The partial or layout it lies in, if it is not the template itself.
    pub partial: Option<String>,
}

impl SyntaxError {
    /// An error at the byte `offset` of `source`.
    pub(crate) fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        let place = Place::of(source, offset);
        Self {
            line: place.line,
            column: place.column,
            message: message.into(),
            excerpt: excerpt(source, offset, place.column),
            partial: None,
        }
    }

    /// The same error, lying in a partial. One that already has a place keeps it.
    pub(crate) fn within(mut self, partial: &str) -> Self {
        self.partial.get_or_insert_with(|| partial.to_owned());
        self
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(partial) = &self.partial {
            write!(f, "partial `{partial}`, ")?;
        }
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for SyntaxError {}

/// A place in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    pub(crate) fn of(source: &str, offset: usize) -> Self {
        let before = &source[..floor(source, offset)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// The nearest character boundary at or before `offset`.
fn floor(source: &str, offset: usize) -> usize {
    let mut at = offset.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// At most this many characters of a line are shown.
const SHOWN: usize = 80;

/// The line around the place, and a mark below it.
fn excerpt(source: &str, offset: usize, column: usize) -> String {
    let at = floor(source, offset);
    let start = source[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = source[at..].find('\n').map_or(source.len(), |length| at + length);
    let skipped = column.saturating_sub(SHOWN / 2);
    let shown: String = source[start..end]
        .chars()
        .skip(skipped)
        .take(SHOWN)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mark = " ".repeat(column - 1 - skipped.min(column - 1));
    format!("{}\n{mark}^", shown.trim_end())
}

/// Which limit a render went over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// Bytes of output.
    Output,
    /// Turns of all loops together.
    Iterations,
    /// Work done altogether: elements rendered, and bytes read and made by filters.
    Work,
}

/// Why a template could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// It grew past a limit.
    Limit(Exceeded),
    /// A value is not what a tag or a filter can work with, as in a division by zero.
    Value,
    /// The context is no JSON object.
    Context,
}

/// A render that failed: a fault of the template together with its data, so that trying again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderError {
    /// What kind of fault it is.
    pub cause: Cause,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// Line in the author's source, from 1; 0 where no place is known.
    pub line: usize,
    /// Column in characters, from 1; 0 where no place is known.
    pub column: usize,
    /// The partial or layout it lies in, if it is not the template itself.
    pub partial: Option<Arc<str>>,
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(partial) = &self.partial {
            write!(f, "partial `{partial}`, ")?;
        }
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenderError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m05_places_are_counted_in_characters() {
        let error = SyntaxError::at("ab\näö{{ x", "ab\näö".len(), "no");
        assert_eq!((error.line, error.column), (2, 3));
        assert_eq!(error.excerpt, "äö{{ x\n  ^");
        assert_eq!(error.to_string(), "line 2, column 3: no");
        assert_eq!(
            error.within("card").to_string(),
            "partial `card`, line 2, column 3: no"
        );
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let source = format!("{}!{}", "a".repeat(500), "b".repeat(500));
        let error = SyntaxError::at(&source, 500, "no");
        let (line, mark) = error.excerpt.split_once('\n').unwrap();
        assert!(line.chars().count() <= SHOWN);
        assert_eq!(line.chars().nth(mark.len() - 1), Some('!'));
    }

    #[test]
    fn places_at_the_end_and_within_characters_do_not_panic() {
        assert_eq!(Place::of("ä", 1), Place { line: 1, column: 1 });
        assert_eq!(Place::of("ä\n", 99), Place { line: 2, column: 1 });
        assert_eq!(SyntaxError::at("", 0, "no").excerpt, "\n^");
    }
}
