//! What a template is made of once it is read: outputs, tags and blocks that spend before they do.

mod branch;
mod looping;
mod partial;
mod print;
mod variable;

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use liquid_core::parser::{
    BlockElement, BlockReflection, FilterChain, ParseBlock, ParseTag, TagBlock, TagReflection, TagToken,
    TagTokenIter,
};
use liquid_core::{Error, Expression, Language, Renderable, Result, Runtime, Template};

use crate::compile::Program;
use crate::escape::Escape;
use crate::filters::{FILTERS, Plug};
use crate::meter::{Origin, meter};

pub(crate) use print::Sink;
pub(crate) use variable::Taken;

/// What the elements of one source have in common.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) origin: Origin,
    pub(crate) escape: Escape,
    /// The texts between outputs and tags; they are named by their number.
    pub(crate) texts: Vec<String>,
    /// The partials it names.
    pub(crate) partials: HashMap<String, Arc<Program>>,
}

impl Source {
    /// Remembers where an evaluation failed.
    fn noting<T>(&self, runtime: &dyn Runtime, at: usize, result: Result<T>) -> Result<T> {
        result.inspect_err(|error| meter(runtime).failed_at(&self.origin, at, error))
    }
}

type Node = Result<Box<dyn Renderable>>;
type ReadTag = fn(&mut TagTokenIter<'_>, &Language, &Arc<Source>) -> Node;
type ReadBlock = fn(&mut TagTokenIter<'_>, &mut TagBlock<'_, '_>, &Language, &Arc<Source>) -> Node;

/// The words the templates of one source may use.
pub(crate) fn language(source: &Arc<Source>) -> Language {
    let mut language = Language::default();
    for filter in &FILTERS {
        language
            .filters
            .register(filter.name.to_owned(), Box::new(Plug(filter)));
    }
    let tags: [(&'static str, ReadTag); 13] = [
        ("_text", print::text),
        ("_out", print::escaped),
        ("_raw", print::raw),
        ("_br", print::breaks),
        ("_value", variable::value),
        ("assign", variable::assign),
        ("increment", variable::increment),
        ("decrement", variable::decrement),
        ("cycle", looping::cycle),
        ("break", looping::break_),
        ("continue", looping::continue_),
        ("render", partial::render),
        ("include", partial::include),
    ];
    for (name, read) in tags {
        let source = source.clone();
        language
            .tags
            .register(name.to_owned(), Box::new(Tag { name, read, source }));
    }
    let blocks: [(&'static str, &'static str, ReadBlock); 5] = [
        ("if", "endif", branch::if_),
        ("unless", "endunless", branch::unless),
        ("case", "endcase", branch::case),
        ("for", "endfor", looping::for_),
        ("capture", "endcapture", variable::capture),
    ];
    for (name, end, read) in blocks {
        let source = source.clone();
        language.blocks.register(
            name.to_owned(),
            Box::new(Block {
                name,
                end,
                read,
                source,
            }),
        );
    }
    language
}

#[derive(Clone)]
struct Tag {
    name: &'static str,
    read: ReadTag,
    source: Arc<Source>,
}

impl TagReflection for Tag {
    fn tag(&self) -> &str {
        self.name
    }

    fn description(&self) -> &'static str {
        ""
    }
}

impl ParseTag for Tag {
    fn parse(&self, mut arguments: TagTokenIter<'_>, language: &Language) -> Node {
        let node = (self.read)(&mut arguments, language, &self.source)?;
        nothing_more(&mut arguments)?;
        Ok(node)
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

#[derive(Clone)]
struct Block {
    name: &'static str,
    end: &'static str,
    read: ReadBlock,
    source: Arc<Source>,
}

impl BlockReflection for Block {
    fn start_tag(&self) -> &str {
        self.name
    }

    fn end_tag(&self) -> &str {
        self.end
    }

    fn description(&self) -> &'static str {
        ""
    }
}

impl ParseBlock for Block {
    fn parse(
        &self,
        mut arguments: TagTokenIter<'_>,
        mut block: TagBlock<'_, '_>,
        language: &Language,
    ) -> Node {
        let node = (self.read)(&mut arguments, &mut block, language, &self.source)?;
        block.assert_empty();
        Ok(node)
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self
    }
}

fn nothing_more(arguments: &mut TagTokenIter<'_>) -> Result<()> {
    match arguments.next() {
        Some(token) => {
            let message = format!("`{}` cannot stand here", token.as_str());
            Err(token.raise_custom_error(&message))
        }
        None => Ok(()),
    }
}

/// The number that was written before the author's own words.
fn hidden_number(arguments: &mut TagTokenIter<'_>) -> Result<usize> {
    let token = arguments.expect_next("a number is missing")?;
    let number = token.as_str().parse();
    number.map_err(|_| token.raise_custom_error("a number is missing"))
}

fn next<'a>(arguments: &mut TagTokenIter<'a>, missing: &str) -> Result<TagToken<'a>> {
    arguments.expect_next(missing)
}

fn value_of(token: TagToken<'_>) -> Result<Expression> {
    let message = format!("`{}` is no value", token.as_str());
    token.expect_value().into_result_custom_msg(&message)
}

fn expression(arguments: &mut TagTokenIter<'_>) -> Result<Expression> {
    value_of(next(arguments, "a value is missing")?)
}

fn name(arguments: &mut TagTokenIter<'_>, missing: &str) -> Result<String> {
    let token = next(arguments, missing)?;
    let name = token.expect_identifier().into_result_custom_msg(missing)?;
    Ok(crate::scope::plain(name).to_owned())
}

fn sign(arguments: &mut TagTokenIter<'_>, sign: &str) -> Result<()> {
    let missing = format!("`{sign}` is missing");
    next(arguments, &missing)?
        .expect_str(sign)
        .into_result_custom_msg(&missing)
}

fn chain(arguments: &mut TagTokenIter<'_>, language: &Language) -> Result<FilterChain> {
    let token = next(arguments, "a value is missing")?;
    let message = format!("`{}` is no value", token.as_str());
    token
        .expect_filter_chain(language)
        .into_result_custom_msg(&message)
}

/// Reads the elements of a block up to its end or the next middle tag, which is given back with its arguments.
fn body<'a>(
    block: &mut TagBlock<'a, '_>,
    language: &Language,
    middle: &[&str],
) -> Result<(Template, Option<(String, TagTokenIter<'a>)>)> {
    let mut elements = Vec::new();
    while let Some(element) = block.next()? {
        match element {
            BlockElement::Tag(tag) if middle.contains(&tag.name()) => {
                let name = tag.name().to_owned();
                return Ok((Template::new(elements), Some((name, tag.into_tokens()))));
            }
            element => elements.push(element.parse(block, language)?),
        }
    }
    Ok((Template::new(elements), None))
}

/// Writing fails only when a limit is reached, which the meter remembers.
fn write(writer: &mut dyn Write, text: &str) -> Result<()> {
    writer
        .write_all(text.as_bytes())
        .map_err(|_| Error::with_msg("the output is longer than allowed"))
}
