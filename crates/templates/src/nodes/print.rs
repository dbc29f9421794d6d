//! Texts and outputs: what ends up on the page.

use std::io::{self, Write};
use std::sync::Arc;

use liquid_core::model::ValueView;
use liquid_core::parser::{FilterChain, TagTokenIter};
use liquid_core::{Language, Renderable, Result, Runtime};

use super::{Node, Source, chain, hidden_number, write};
use crate::chain::Mode;
use crate::escape::Escape;
use crate::meter::{Meter, meter, weight};

/// Where a render writes. Each byte is paid for before it is kept.
#[derive(Debug)]
pub(crate) struct Sink<'m> {
    meter: &'m Meter,
    /// Whether the bytes are output, or only kept for later.
    output: bool,
    bytes: Vec<u8>,
}

impl<'m> Sink<'m> {
    /// For what is printed.
    pub(crate) fn output(meter: &'m Meter) -> Self {
        Self {
            meter,
            output: true,
            bytes: Vec::new(),
        }
    }

    /// For what is kept in a variable.
    pub(crate) fn kept(meter: &'m Meter) -> Self {
        Self {
            output: false,
            ..Self::output(meter)
        }
    }

    pub(crate) fn into_text(self) -> String {
        // Only whole texts are written.
        String::from_utf8(self.bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let paid = if self.output {
            self.meter.print(bytes.len())
        } else {
            self.meter.spend(bytes.len())
        };
        paid.map_err(|_| io::ErrorKind::StorageFull)?;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A text between outputs and tags.
#[derive(Debug)]
struct Text {
    source: Arc<Source>,
    number: usize,
}

pub(super) fn text(arguments: &mut TagTokenIter<'_>, _: &Language, source: &Arc<Source>) -> Node {
    Ok(Box::new(Text {
        source: source.clone(),
        number: hidden_number(arguments)?,
    }))
}

impl Renderable for Text {
    fn render_to(&self, writer: &mut dyn Write, _: &dyn Runtime) -> Result<()> {
        write(
            writer,
            self.source.texts.get(self.number).map_or("", String::as_str),
        )
    }
}

/// A value that is printed.
#[derive(Debug)]
struct Output {
    source: Arc<Source>,
    at: usize,
    value: FilterChain,
    mode: Mode,
}

pub(super) fn escaped(arguments: &mut TagTokenIter<'_>, language: &Language, source: &Arc<Source>) -> Node {
    output(arguments, language, source, Mode::Escaped)
}

pub(super) fn raw(arguments: &mut TagTokenIter<'_>, language: &Language, source: &Arc<Source>) -> Node {
    output(arguments, language, source, Mode::Raw)
}

pub(super) fn breaks(arguments: &mut TagTokenIter<'_>, language: &Language, source: &Arc<Source>) -> Node {
    output(arguments, language, source, Mode::Breaks)
}

fn output(arguments: &mut TagTokenIter<'_>, language: &Language, source: &Arc<Source>, mode: Mode) -> Node {
    Ok(Box::new(Output {
        source: source.clone(),
        at: hidden_number(arguments)?,
        value: chain(arguments, language)?,
        mode,
    }))
}

impl Output {
    fn print(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let meter = meter(runtime);
        meter.step()?;
        let value = self.value.evaluate(runtime)?;
        meter.spend(weight(value.as_view()))?;
        let text = value.to_kstr();
        match self.mode {
            Mode::Raw => write(writer, text.as_str()),
            Mode::Escaped => write(writer, &self.source.escape.escape(text.as_str())),
            Mode::Breaks => {
                let lines = Escape::Html.escape(text.as_str()).replace("\r\n", "\n");
                write(writer, &lines.replace('\n', "<br />\n"))
            }
        }
    }
}

impl Renderable for Output {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let printed = self.print(writer, runtime);
        self.source.noting(runtime, self.at, printed)
    }
}
