//! From an author's source to what is rendered.
//!
//! The source is taken apart and checked here, then written anew for the Liquid parser: each text as a number, each output
//! as a tag that knows how to escape and where it lies. So the parser sees no text (it needs the square of a run of spaces
//! in time), no numbers that it cannot hold and no brackets without an end, and where it finds a fault, the place is
//! carried back to the author's source.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use liquid_core::Template;

use crate::chain::{self, Mode};
use crate::error::SyntaxError;
use crate::escape::Escape;
use crate::lex::{Fault, Kind, Token};
use crate::meter::Origin;
use crate::nodes::{Source, language};
use crate::partials::Partials;
use crate::pieces::{Inner, Piece, Tag, split};
use crate::scope::GUARD;
use crate::variables;

/// Partials lie in partials at most this deep.
const MAX_DEPTH: usize = 8;

/// A source, read and checked.
#[derive(Debug)]
pub(crate) struct Program {
    body: Template,
    /// The paths it reads.
    pub(crate) variables: BTreeSet<String>,
}

impl Program {
    pub(crate) fn body(&self) -> &Template {
        &self.body
    }
}

/// Reads sources; remembers the partials it has read.
pub(crate) struct Compiler<'p> {
    partials: &'p Partials,
    escape: Escape,
    read: HashMap<String, Arc<Program>>,
    /// The partials that are being read, outermost first.
    open: Vec<String>,
    /// The variable that stands raw: a layout's content.
    raw: Option<&'static str>,
}

/// The partials that a source names; none where it cannot be read.
pub(crate) fn named(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for piece in split(source).unwrap_or_default() {
        if let Piece::Tag(Tag {
            name: "render" | "include",
            inner,
            ..
        }) = &piece
            && let Ok((_, name)) = partial_name(inner)
        {
            names.push(name.to_owned());
        }
    }
    names
}

/// What a source is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    /// A text with outputs and tags.
    Text,
    /// A single value with filters, which is handed out, not printed.
    Value,
    /// A condition as `if` takes it, which prints `1` where it holds.
    Condition,
}

impl<'p> Compiler<'p> {
    pub(crate) fn new(partials: &'p Partials, escape: Escape) -> Self {
        Self {
            partials,
            escape,
            read: HashMap::new(),
            open: Vec::new(),
            raw: None,
        }
    }

    /// For a layout, whose content is a page that was made before.
    pub(crate) fn for_layout(partials: &'p Partials, escape: Escape) -> Self {
        Self {
            raw: Some("content"),
            ..Self::new(partials, escape)
        }
    }

    pub(crate) fn compile(&mut self, source: &str, kind: As) -> Result<Program, SyntaxError> {
        let pieces = match kind {
            As::Text => split(source)?,
            As::Value | As::Condition => {
                vec![Piece::Output(
                    Inner::whole(source).map_err(|fault| at(source, fault))?,
                )]
            }
        };
        let partials = self.partials_of(source, &pieces)?;
        let mut variables = variables::of(&pieces);
        for program in partials.values() {
            variables.extend(program.variables.iter().cloned());
        }
        let mut written = Written::default();
        self.write(&pieces, kind, &mut written)
            .map_err(|fault| at(source, fault))?;
        let origin = Origin {
            source: source.into(),
            partial: self.open.last().map(|name| name.as_str().into()),
        };
        let source_of_nodes = Arc::new(Source {
            origin,
            escape: self.escape,
            texts: std::mem::take(&mut written.texts),
            partials,
        });
        let elements = liquid_core::parser::parse(&written.text, &language(&source_of_nodes))
            .map_err(|error| at(source, written.fault(&error)))?;
        Ok(Program {
            body: Template::new(elements),
            variables,
        })
    }

    /// Reads the partials that a source names.
    fn partials_of(
        &mut self,
        source: &str,
        pieces: &[Piece<'_>],
    ) -> Result<HashMap<String, Arc<Program>>, SyntaxError> {
        let mut found = HashMap::new();
        for piece in pieces {
            let Piece::Tag(Tag {
                name: "render" | "include",
                inner,
                ..
            }) = piece
            else {
                continue;
            };
            let name = partial_name(inner).map_err(|fault| at(source, fault))?;
            if !found.contains_key(name.1) {
                let program = self.partial(source, name)?;
                found.insert(name.1.to_owned(), program);
            }
        }
        Ok(found)
    }

    fn partial(&mut self, source: &str, (place, name): (usize, &str)) -> Result<Arc<Program>, SyntaxError> {
        let fault = |message| Err(SyntaxError::at(source, place, message));
        if self.open.iter().any(|open| open == name) {
            let way = [self.open.as_slice(), &[name.to_owned()]].concat().join("` in `");
            return fault(format!("a partial cannot lie in itself: `{way}`"));
        }
        if self.open.len() == MAX_DEPTH {
            return fault(format!(
                "partials lie in each other deeper than {MAX_DEPTH} levels"
            ));
        }
        if let Some(program) = self.read.get(name) {
            return Ok(program.clone());
        }
        let Some(partial) = self.partials.get(name) else {
            let hint = crate::pieces::did_you_mean(name, self.partials.names());
            return fault(format!("there is no partial `{name}`{hint}"));
        };
        self.open.push(name.to_owned());
        let program = self
            .compile(partial, As::Text)
            .map_err(|error| error.within(name));
        self.open.pop();
        let program = Arc::new(program?);
        self.read.insert(name.to_owned(), program.clone());
        Ok(program)
    }

    /// Reads a partial for its own sake.
    pub(crate) fn compile_partial(&mut self, name: &str, source: &str) -> Result<(), SyntaxError> {
        self.open.push(name.to_owned());
        let read = self.compile(source, As::Text);
        self.open.pop();
        read.map(|_| ())
    }

    fn write(&self, pieces: &[Piece<'_>], kind: As, written: &mut Written) -> Result<(), Fault> {
        for piece in pieces {
            match piece {
                Piece::Text(text) => written.text(text),
                Piece::Output(inner) if kind == As::Condition => {
                    chain::no_filters(&inner.tokens)?;
                    written.open("if", &[], inner.start);
                    written.tokens(&inner.tokens);
                    written.close(inner.end());
                    written.text("1");
                    written.open("endif", &[], inner.end());
                    written.close(inner.end());
                }
                Piece::Output(inner) if kind == As::Value => {
                    chain::check(&inner.tokens, inner.end())?;
                    written.open("_value", &[inner.at], inner.start);
                    written.tokens(&inner.tokens);
                    written.close(inner.end());
                }
                Piece::Output(inner) => self.output(inner, written)?,
                Piece::Tag(tag) => self.tag(tag, written)?,
            }
        }
        Ok(())
    }

    fn output(&self, inner: &Inner<'_>, written: &mut Written) -> Result<(), Fault> {
        chain::check(&inner.tokens, inner.end())?;
        let (mode, kept) = chain::mode(&inner.tokens, self.escape);
        let is_raw =
            matches!(&inner.tokens[..], [Token { kind: Kind::Word(word), .. }] if self.raw == Some(*word));
        let name = match mode {
            _ if is_raw => "_raw",
            Mode::Raw => "_raw",
            Mode::Escaped => "_out",
            Mode::Breaks => "_br",
        };
        written.open(name, &[inner.at], inner.start);
        written.tokens(&inner.tokens[..kept]);
        written.close(inner.end());
        Ok(())
    }

    fn tag(&self, tag: &Tag<'_>, written: &mut Written) -> Result<(), Fault> {
        let inner = &tag.inner;
        match tag.name {
            "echo" => return self.output(inner, written),
            "assign" => {
                let behind = inner.tokens.get(2..).unwrap_or_default();
                chain::check(behind, inner.end())?;
            }
            _ => chain::no_filters(&inner.tokens)?,
        }
        match tag.name {
            "for" => written.open(tag.name, &[inner.at, tag.body], inner.start),
            "assign" | "capture" | "render" | "include" => written.open(tag.name, &[inner.at], inner.start),
            name => written.open(name, &[], inner.start),
        }
        written.tokens(&inner.tokens);
        written.close(inner.end());
        Ok(())
    }
}

fn at(source: &str, (offset, message): Fault) -> SyntaxError {
    SyntaxError::at(source, offset, message)
}

/// The name of the partial that a tag names, and its place.
fn partial_name<'s>(inner: &Inner<'s>) -> Result<(usize, &'s str), Fault> {
    match inner.tokens.first() {
        Some(Token { at, kind: Kind::Text(name) }) => Ok((*at, name)),
        Some(token) => Err((
            token.at,
            "the name of a partial is a text in quotation marks: partials are bound when the template is read".to_owned(),
        )),
        None => Err((inner.end(), "the name of a partial is missing".to_owned())),
    }
}

/// A source as the Liquid parser sees it, and where each of its words came from.
#[derive(Debug, Default)]
struct Written {
    text: String,
    texts: Vec<String>,
    /// Byte here, byte in the author's source.
    marks: Vec<(usize, usize)>,
}

impl Written {
    fn text(&mut self, text: &str) {
        // Writing to a string never fails.
        let _ = write!(self.text, "{{%_text {} %}}", self.texts.len());
        self.texts.push(text.to_owned());
    }

    fn open(&mut self, name: &str, numbers: &[usize], at: usize) {
        self.marks.push((self.text.len(), at));
        self.text.push_str("{%");
        self.text.push_str(name);
        for number in numbers {
            let _ = write!(self.text, " {number}");
        }
    }

    fn close(&mut self, at: usize) {
        self.marks.push((self.text.len(), at));
        self.text.push_str(" %}");
    }

    fn tokens(&mut self, tokens: &[Token<'_>]) {
        let mut before = Kind::Sign("");
        for (number, token) in tokens.iter().enumerate() {
            if !joined(before, token.kind) {
                self.text.push(' ');
            }
            self.marks.push((self.text.len(), token.at));
            let behind = tokens.get(number + 1).map(|token| token.kind);
            match token.kind {
                Kind::Word(word) => {
                    if is_root(before, behind) && begins_with_literal(word) {
                        self.text.push_str(GUARD);
                    }
                    self.text.push_str(word);
                }
                Kind::Number(number) => self.text.push_str(number),
                Kind::Sign(sign) => self.text.push_str(sign),
                Kind::Text(text) => {
                    let quote = if text.contains('"') { '\'' } else { '"' };
                    self.text.extend([quote]);
                    self.text.push_str(text);
                    self.text.push(quote);
                }
            }
            before = token.kind;
        }
    }

    /// What the Liquid parser says is wrong, at its place in the author's source.
    fn fault(&self, error: &liquid_core::Error) -> Fault {
        let told = error.to_string();
        let here = told.lines().find_map(place).map_or(0, |place| self.offset(place));
        let mark = self.marks.partition_point(|(written, _)| *written <= here);
        let at = mark.checked_sub(1).map_or(0, |mark| self.marks[mark].1);
        (at, message(&told))
    }

    fn offset(&self, (line, column): (usize, usize)) -> usize {
        let mut lines = self.text.split_inclusive('\n');
        let before: usize = lines.by_ref().take(line.saturating_sub(1)).map(str::len).sum();
        let line = lines.next().unwrap_or("");
        before
            + line
                .chars()
                .take(column.saturating_sub(1))
                .map(char::len_utf8)
                .sum::<usize>()
    }
}

/// Whether nothing may stand between two words: those of a path.
fn joined(before: Kind<'_>, token: Kind<'_>) -> bool {
    matches!(token, Kind::Sign("." | "[" | "]")) || matches!(before, Kind::Sign("." | "["))
}

/// Whether a word names a variable, not a key below it, a filter or an argument.
fn is_root(before: Kind<'_>, behind: Option<Kind<'_>>) -> bool {
    !matches!(before, Kind::Sign("." | "|")) && behind != Some(Kind::Sign(":"))
}

/// Whether the grammar would take the beginning of a name for a literal.
fn begins_with_literal(word: &str) -> bool {
    ["nil", "null", "empty", "blank", "true", "false"]
        .iter()
        .any(|literal| word.len() > literal.len() && word.starts_with(literal))
}

/// Reads `liquid:  --> 1:5`.
fn place(line: &str) -> Option<(usize, usize)> {
    let (line, column) = line.split_once("--> ")?.1.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// The sentence of an error: that of its last line which begins with ` = `.
fn message(told: &str) -> String {
    let line = told
        .lines()
        .rev()
        .find_map(|line| line.trim_start().strip_prefix("= "));
    match line {
        // The grammar's own names say nothing to an author.
        Some(line) if line.starts_with("expected") || line.starts_with("unexpected") => {
            "this cannot stand here".to_owned()
        }
        Some(line) => line.trim_end_matches('.').to_owned(),
        None => "this cannot be read".to_owned(),
    }
}
