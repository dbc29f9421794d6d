//! `date`: a point in time as people write it. "Now" is what the context says: a template has no clock.

use jiff::civil::Time;
use jiff::fmt::strtime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use liquid_core::model::{Value, ValueView};

use super::number::Number;
use super::{Fault, made, text_at, text_of};
use crate::meter::Meter;

/// Larger numbers are milliseconds, smaller ones seconds: this many seconds are the year 5138.
const SECONDS: i64 = 100_000_000_000;

/// A format is at most this long: some of its signs make ten characters each.
const MAX_FORMAT: usize = 256;

/// `date: "%e %B %Y, %H:%M"`, and in which time zone if not in that of the time itself. What is no time stays as it is.
pub(super) fn date(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Result<Value, Fault> {
    let format = text_at(arguments, 0);
    let Some(time) = read(input) else {
        return Ok(input.to_value());
    };
    if format.len() > MAX_FORMAT {
        return Err(Fault::Value(format!(
            "a format has at most {MAX_FORMAT} characters"
        )));
    }
    meter.spend(1024)?;
    let time = match arguments.get(1).filter(|zone| !zone.is_nil()) {
        Some(zone) => time.with_time_zone(time_zone(&text_of(zone.as_view()))?),
        None => time,
    };
    let shown = strtime::format(&*format, &time).map_err(|error| Fault::Value(error.to_string()))?;
    Ok(made(shown))
}

fn time_zone(name: &str) -> Result<TimeZone, Fault> {
    TimeZone::get(name).map_err(|_| Fault::Value(format!("there is no time zone `{name}`")))
}

/// Seconds or milliseconds since 1970, or a date as RFC 3339 has it; without an offset it is UTC.
fn read(input: &dyn ValueView) -> Option<Zoned> {
    if input.type_name().ends_with("number") {
        return since_1970(Number::of(input).float() as i64);
    }
    let text = text_of(input);
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return since_1970(text.parse().ok()?);
    }
    let text = spelt(text);
    let pieces = Pieces::parse(&text).ok()?;
    let time = pieces
        .date()
        .to_datetime(pieces.time().unwrap_or(Time::midnight()));
    let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
    let zone = if offset == Offset::UTC {
        TimeZone::UTC
    } else {
        TimeZone::fixed(offset)
    };
    Some(offset.to_timestamp(time).ok()?.to_zoned(zone))
}

fn since_1970(number: i64) -> Option<Zoned> {
    let time = if number.unsigned_abs() >= SECONDS.unsigned_abs() {
        Timestamp::from_millisecond(number)
    } else {
        Timestamp::from_second(number)
    };
    Some(time.ok()?.to_zoned(TimeZone::UTC))
}

/// `2024-01-01 10:00:00 +0200` and `… UTC` as the parser wants them.
fn spelt(text: &str) -> String {
    match text.rsplit_once(' ') {
        Some((time, "UTC" | "GMT" | "Z")) => format!("{time}Z"),
        Some((time, offset)) if offset.starts_with(['+', '-']) => format!("{time}{offset}"),
        _ => text.to_owned(),
    }
}
