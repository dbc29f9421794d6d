//! Takes an author's source apart: text, outputs, tags. Knows where each piece lies, and whether the blocks are closed.

use crate::error::SyntaxError;
use crate::lex::{Fault, Token, tokens};

/// One piece of a source, in its order.
#[derive(Debug)]
pub(crate) enum Piece<'s> {
    /// Stands for itself.
    Text(&'s str),
    /// `{{ … }}`.
    Output(Inner<'s>),
    /// `{% name … %}`.
    Tag(Tag<'s>),
}

/// What stands inside of an output, or of a tag behind its name.
#[derive(Debug)]
pub(crate) struct Inner<'s> {
    /// Where the whole piece begins, in bytes of the source.
    pub(crate) at: usize,
    /// Where `source` begins.
    pub(crate) start: usize,
    pub(crate) source: &'s str,
    pub(crate) tokens: Vec<Token<'s>>,
}

#[derive(Debug)]
pub(crate) struct Tag<'s> {
    pub(crate) name: &'s str,
    pub(crate) inner: Inner<'s>,
    /// How many bytes of source the block holds, for a tag that opens one.
    pub(crate) body: usize,
}

/// A source is at most this long, in bytes.
pub(crate) const MAX_SOURCE: usize = 64 * 1024;

/// Blocks nest at most this deep: each level takes its part of the stack.
const MAX_DEPTH: usize = 32;

const BLOCKS: [&str; 5] = ["if", "unless", "case", "for", "capture"];
const SINGLE: [&str; 9] = [
    "assign",
    "break",
    "continue",
    "cycle",
    "decrement",
    "echo",
    "include",
    "increment",
    "render",
];
const MIDDLE: [&str; 3] = ["else", "elsif", "when"];

/// Takes a source apart.
pub(crate) fn split(source: &str) -> Result<Vec<Piece<'_>>, SyntaxError> {
    if source.len() > MAX_SOURCE {
        let message = format!(
            "a template has at most {} KiB, this one has {}",
            MAX_SOURCE / 1024,
            source.len().div_ceil(1024)
        );
        return Err(SyntaxError::at(source, MAX_SOURCE, message));
    }
    let mut splitter = Splitter {
        source,
        at: 0,
        trim: false,
        pieces: Vec::new(),
        open: Vec::new(),
    };
    splitter
        .run()
        .map_err(|(at, message)| SyntaxError::at(source, at, message))?;
    Ok(splitter.pieces)
}

struct Splitter<'s> {
    source: &'s str,
    at: usize,
    /// Whether the text that follows loses its leading white space.
    trim: bool,
    pieces: Vec<Piece<'s>>,
    open: Vec<Open<'s>>,
}

/// A block that waits for its end.
struct Open<'s> {
    name: &'s str,
    at: usize,
    /// Its place among the pieces.
    piece: usize,
    /// Where its body begins.
    body: usize,
    has_else: bool,
    has_when: bool,
}

/// One `{{ … }}` or `{% … %}` as found.
struct Mark<'s> {
    at: usize,
    start: usize,
    inner: &'s str,
    end: usize,
}

impl<'s> Splitter<'s> {
    fn run(&mut self) -> Result<(), Fault> {
        while let Some(at) = self.next_mark() {
            let is_tag = self.source[at..].starts_with("{%");
            let trims = self.source[at + 2..].starts_with('-');
            self.text(at, trims);
            let mark = self.mark(at, trims, if is_tag { "%}" } else { "}}" })?;
            self.at = mark.end;
            if is_tag {
                self.tag(&mark)?;
            } else {
                self.output(&mark)?;
            }
        }
        self.text(self.source.len(), false);
        match self.open.last() {
            Some(open) => Err((
                open.at,
                format!(
                    "`{{% {0} %}}` is not closed: `{{% end{0} %}}` is missing",
                    open.name
                ),
            )),
            None => Ok(()),
        }
    }

    fn next_mark(&self) -> Option<usize> {
        let bytes = self.source.as_bytes();
        (self.at..bytes.len().saturating_sub(1))
            .find(|&at| bytes[at] == b'{' && matches!(bytes[at + 1], b'{' | b'%'))
    }

    fn text(&mut self, end: usize, trims: bool) {
        let mut text = &self.source[self.at..end];
        if self.trim {
            text = text.trim_start();
        }
        if trims {
            text = text.trim_end();
        }
        self.trim = false;
        if !text.is_empty() {
            self.pieces.push(Piece::Text(text));
        }
    }

    /// Finds the end of the mark at `at`; one inside quotation marks does not count.
    fn mark(&mut self, at: usize, trims: bool, close: &str) -> Result<Mark<'s>, Fault> {
        let start = at + 2 + usize::from(trims);
        let rest = &self.source[start..];
        let end = end_of(rest, close).ok_or_else(|| unclosed(self.source, at, close))?;
        let (end, inner) = (start + end + close.len(), &rest[..end]);
        // `{{-}}` has one hyphen, which is at the beginning.
        self.trim = inner.ends_with('-');
        let inner = inner.strip_suffix('-').unwrap_or(inner);
        Ok(Mark {
            at,
            start,
            inner,
            end,
        })
    }

    fn output(&mut self, mark: &Mark<'s>) -> Result<(), Fault> {
        let inner = Inner::read(mark.at, mark.start, mark.inner)?;
        if inner.tokens.is_empty() {
            return Err((mark.at, "nothing stands between `{{` and `}}`".to_owned()));
        }
        self.pieces.push(Piece::Output(inner));
        Ok(())
    }

    fn tag(&mut self, mark: &Mark<'s>) -> Result<(), Fault> {
        let lead = mark.inner.len() - mark.inner.trim_start().len();
        let rest = &mark.inner[lead..];
        if rest.starts_with('#') {
            return Ok(());
        }
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let (name, at) = (&rest[..length], mark.start + lead);
        match name {
            "" => Err((at, "a tag begins with its name".to_owned())),
            "raw" | "comment" => self.skip(name, mark.at),
            _ => {
                let inner = Inner::read(mark.at, at + length, &rest[length..])?;
                self.structure(name, at, inner, mark.end)
            }
        }
    }

    /// Walks over a `raw` or a `comment`, whose content is not looked at.
    fn skip(&mut self, name: &str, at: usize) -> Result<(), Fault> {
        let body = self.at;
        let mut depth = 1;
        while let Some(mark) = self.source[self.at..].find("{%").map(|found| self.at + found) {
            let inner = self.source[mark + 2..].trim_start_matches('-').trim_start();
            self.at = mark + 2;
            let word = &inner[..inner
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(inner.len())];
            let Some(end) = end_of_bare(inner, word) else {
                continue;
            };
            // Comments nest, so that a part with a comment in it can be commented out; raw ends at its first end.
            depth += usize::from(word == "comment" && name == "comment");
            if word.strip_prefix("end") != Some(name) {
                continue;
            }
            depth -= 1;
            if depth == 0 {
                let after = self.source.len() - inner.len() + end;
                self.close_skipped(name, body, mark, after);
                return Ok(());
            }
        }
        Err((
            at,
            format!("`{{% {name} %}}` is not closed: `{{% end{name} %}}` is missing"),
        ))
    }

    fn close_skipped(&mut self, name: &str, body: usize, mark: usize, after: usize) {
        if name == "raw" {
            self.at = body;
            self.text(mark, self.source[mark + 2..].starts_with('-'));
        }
        self.at = after;
        self.trim = self.source[..after].ends_with("-%}");
    }

    fn structure(&mut self, name: &'s str, at: usize, inner: Inner<'s>, end: usize) -> Result<(), Fault> {
        let piece = self.pieces.len();
        if BLOCKS.contains(&name) {
            if self.open.len() == MAX_DEPTH {
                return Err((at, format!("blocks are nested deeper than {MAX_DEPTH} levels")));
            }
            self.open.push(Open {
                name,
                at: inner.at,
                piece,
                body: end,
                has_else: false,
                has_when: false,
            });
        } else if let Some(closed) = name.strip_prefix("end").filter(|name| BLOCKS.contains(name)) {
            self.close(closed, at, &inner)?;
        } else if MIDDLE.contains(&name) {
            self.middle(name, at, &inner)?;
        } else if !SINGLE.contains(&name) {
            return Err((at, unknown(name)));
        } else if matches!(name, "break" | "continue") {
            if !self.open.iter().any(|open| open.name == "for") {
                return Err((at, format!("`{name}` stands in no `for`")));
            }
            nothing_behind(name, &inner)?;
        }
        self.pieces.push(Piece::Tag(Tag { name, inner, body: 0 }));
        Ok(())
    }

    fn close(&mut self, name: &str, at: usize, inner: &Inner<'_>) -> Result<(), Fault> {
        let open = self
            .open
            .pop()
            .ok_or_else(|| (at, format!("`{{% end{name} %}}` closes nothing")))?;
        if open.name != name {
            let line = crate::error::Place::of(self.source, open.at).line;
            return Err((
                at,
                format!(
                    "`{{% end{name} %}}` cannot close `{{% {} %}}` of line {line}",
                    open.name
                ),
            ));
        }
        if open.name == "case" && !open.has_when {
            return Err((open.at, "`case` has no `when`".to_owned()));
        }
        nothing_behind(&format!("end{name}"), inner)?;
        if let Piece::Tag(tag) = &mut self.pieces[open.piece] {
            tag.body = at.saturating_sub(open.body);
        }
        Ok(())
    }

    fn middle(&mut self, name: &str, at: usize, inner: &Inner<'_>) -> Result<(), Fault> {
        let open = self.open.last_mut();
        let allowed = matches!(
            (name, open.as_ref().map(|open| open.name)),
            ("else", Some("if" | "unless" | "case" | "for"))
                | ("elsif", Some("if" | "unless"))
                | ("when", Some("case"))
        );
        let (true, Some(open)) = (allowed, open) else {
            return Err((at, format!("`{name}` belongs to no open block here")));
        };
        if open.has_else {
            return Err((at, format!("`{name}` cannot follow `else`")));
        }
        if open.name == "case" {
            if !open.has_when {
                self.pieces
                    .drain(open.piece + 1..)
                    .try_for_each(|piece| between(&piece, at))?;
            }
            if name == "else" && !open.has_when {
                return Err((at, "`case` has no `when` before `else`".to_owned()));
            }
            open.has_when = true;
        }
        if name == "else" {
            open.has_else = true;
            nothing_behind(name, inner)?;
        }
        Ok(())
    }
}

impl<'s> Inner<'s> {
    fn read(at: usize, start: usize, source: &'s str) -> Result<Self, Fault> {
        Ok(Self {
            at,
            start,
            source,
            tokens: tokens(source, start)?,
        })
    }

    /// A source that is a single value or condition, without braces around it.
    pub(crate) fn whole(source: &'s str) -> Result<Self, Fault> {
        if source.len() > MAX_SOURCE {
            return Err((0, format!("an expression has at most {} KiB", MAX_SOURCE / 1024)));
        }
        let inner = Self::read(0, 0, source)?;
        if inner.tokens.is_empty() {
            return Err((0, "an expression is missing".to_owned()));
        }
        Ok(inner)
    }

    /// The byte behind it.
    pub(crate) fn end(&self) -> usize {
        self.start + self.source.len()
    }
}

/// What stands between `case` and its first `when` is shown by nobody.
fn between(piece: &Piece<'_>, at: usize) -> Result<(), Fault> {
    match piece {
        Piece::Text(text) if text.trim().is_empty() => Ok(()),
        Piece::Text(_) => Err((
            at,
            "text between `case` and its first `when` is never shown".to_owned(),
        )),
        Piece::Output(Inner { at, .. })
        | Piece::Tag(Tag {
            inner: Inner { at, .. },
            ..
        }) => Err((
            *at,
            "nothing may stand between `case` and its first `when`".to_owned(),
        )),
    }
}

fn nothing_behind(name: &str, inner: &Inner<'_>) -> Result<(), Fault> {
    match inner.tokens.first() {
        Some(token) => {
            let hint = if name == "else" { "; is `elsif` meant?" } else { "" };
            Err((
                token.at,
                format!("{} cannot stand behind `{name}`{hint}", token.kind.shown()),
            ))
        }
        None => Ok(()),
    }
}

/// Where `close` stands outside of quotation marks.
fn end_of(rest: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) => {
                if byte == open {
                    quote = None;
                }
            }
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, _) => {
                if rest.as_bytes()[at..].starts_with(close.as_bytes()) {
                    return Some(at);
                }
            }
        }
    }
    None
}

/// Behind the `%}` of a tag that is nothing but `word`.
fn end_of_bare(inner: &str, word: &str) -> Option<usize> {
    let rest = inner[word.len()..].trim_start();
    let rest = rest.strip_prefix('-').unwrap_or(rest).strip_prefix("%}")?;
    Some(inner.len() - rest.len())
}

/// An end that is missing, or one that an open quotation mark swallowed.
fn unclosed(source: &str, at: usize, close: &str) -> Fault {
    let open = &source[at..at + 2];
    match source[at..].find(close) {
        Some(end) => {
            let inner = &source[at..at + end];
            let quote = inner.find(['\'', '"']).map_or(at, |quote| at + quote);
            (quote, "the text that begins here does not end".to_owned())
        }
        None => (at, format!("`{open}` is not closed: `{close}` is missing")),
    }
}

fn unknown(name: &str) -> String {
    match name {
        "tablerow" => "`tablerow` is not offered; write the table with `for`".to_owned(),
        "liquid" => "`liquid` is not offered; write each tag by itself".to_owned(),
        "layout" | "extends" | "block" => {
            format!("`{name}` is not offered; a layout is chosen beside the template")
        }
        "elseif" | "elif" | "else_if" => format!("there is no tag `{name}`; is `elsif` meant?"),
        "end" => "there is no tag `end`; each block has its own, as `endif`".to_owned(),
        _ => {
            let all = BLOCKS.iter().chain(&SINGLE).chain(&MIDDLE).copied();
            format!("there is no tag `{name}`{}", did_you_mean(name, all))
        }
    }
}

/// A question after the nearest of `names`, where one is near.
pub(crate) fn did_you_mean<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> String {
    names
        .map(|name| (distance(word, name), name))
        .filter(|(distance, name)| *distance <= 2 && *distance < name.len())
        .min()
        .map_or_else(String::new, |(_, name)| format!("; is `{name}` meant?"))
}

/// How many letters must be changed, added or left out. Long words are far from everything.
fn distance(one: &str, other: &str) -> usize {
    if one.len() > 40 {
        return usize::MAX;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, c) in one.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], line + 1);
        for (at, d) in other.iter().enumerate() {
            let changed = corner + usize::from(c != *d);
            corner = row[at + 1];
            row[at + 1] = changed.min(corner + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}
