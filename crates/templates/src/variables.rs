//! Which paths of its context a template reads: what a console offers, and what a preview needs.

use std::collections::BTreeSet;

use crate::lex::{Kind, Token};
use crate::pieces::{Piece, Tag};

/// Words that stand where a variable could, and are none.
const WORDS: [&str; 15] = [
    "and", "or", "contains", "in", "nil", "null", "true", "false", "empty", "blank", "limit", "offset",
    "reversed", "forloop", "not",
];

/// The paths that the pieces read, without names that they assign themselves.
pub(crate) fn of(pieces: &[Piece<'_>]) -> BTreeSet<String> {
    let mut reader = Reader::default();
    for piece in pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Output(inner) => reader.tokens(&inner.tokens),
            Piece::Tag(tag) => reader.tag(tag),
        }
    }
    reader.found
}

#[derive(Default)]
struct Reader {
    found: BTreeSet<String>,
    /// What was assigned or captured so far.
    own: BTreeSet<String>,
    /// The items of open loops, and the path of the list each goes over, where it has one.
    items: Vec<(String, Option<String>)>,
}

impl Reader {
    fn tag(&mut self, tag: &Tag<'_>) {
        let tokens = &tag.inner.tokens;
        let named = match tokens.first() {
            Some(Token {
                kind: Kind::Word(name),
                ..
            }) => (*name).to_owned(),
            _ => String::new(),
        };
        match tag.name {
            "assign" => {
                self.tokens(tokens.get(2..).unwrap_or_default());
                self.own.insert(named);
            }
            "capture" | "increment" | "decrement" => {
                self.own.insert(named);
            }
            "for" => {
                let over = tokens.get(2..).unwrap_or_default();
                self.tokens(over);
                let list = path(over).0.and_then(|path| self.whole(&path));
                self.items.push((named, list));
            }
            "endfor" => {
                self.items.pop();
            }
            _ => self.tokens(tokens),
        }
    }

    fn tokens(&mut self, tokens: &[Token<'_>]) {
        let (mut at, mut before) = (0, Kind::Sign(""));
        while at < tokens.len() {
            let (path, length) = path(&tokens[at..]);
            let is_named = tokens.get(at + 1).map(|token| token.kind) == Some(Kind::Sign(":"));
            if let Some(path) = path.filter(|_| before != Kind::Sign("|") && !is_named)
                && let Some(path) = self.whole(&path)
            {
                self.found.insert(path);
            }
            // What stands in brackets is read too.
            let inside = tokens[at..at + length]
                .split(|token| matches!(token.kind, Kind::Sign("[" | "]")))
                .skip(1)
                .filter(|part| {
                    matches!(
                        part.first(),
                        Some(Token {
                            kind: Kind::Word(_),
                            ..
                        })
                    )
                });
            for part in inside {
                self.tokens(part);
            }
            before = tokens[at].kind;
            at += length;
        }
    }

    /// A path from the context on: that of a loop's item goes through its list. Names of its own have none.
    fn whole(&self, path: &str) -> Option<String> {
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let (root, rest) = path.split_at(end);
        if let Some((_, list)) = self.items.iter().rev().find(|(name, _)| name == root) {
            return list.as_ref().map(|list| format!("{list}[]{rest}"));
        }
        (!self.own.contains(root) && !WORDS.contains(&root)).then(|| path.to_owned())
    }
}

/// The path that `tokens` begin with, if they begin with a name, and of how many tokens it is made.
fn path(tokens: &[Token<'_>]) -> (Option<String>, usize) {
    let Some(Token {
        kind: Kind::Word(root),
        ..
    }) = tokens.first()
    else {
        return (None, 1);
    };
    let (mut path, mut at) = ((*root).to_owned(), 1);
    loop {
        let kind = |at: usize| tokens.get(at).map(|token| token.kind);
        match (kind(at), kind(at + 1), kind(at + 2)) {
            (Some(Kind::Sign(".")), Some(Kind::Word(key)), _) => {
                // These are no keys of the data.
                if !matches!(key, "size" | "first" | "last") {
                    path.push('.');
                    path.push_str(key);
                } else if key != "size" {
                    path.push_str("[]");
                }
                at += 2;
            }
            (Some(Kind::Sign("[")), Some(Kind::Text(key)), Some(Kind::Sign("]"))) => {
                path.push('.');
                path.push_str(key);
                at += 3;
            }
            (Some(Kind::Sign("[")), ..) => {
                path.push_str("[]");
                let close = closing(&tokens[at..]);
                at += close;
            }
            _ => return (Some(path), at),
        }
    }
}

/// How many tokens a bracket and what stands in it are.
fn closing(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Sign("[") => depth += 1,
            Kind::Sign("]") => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}
