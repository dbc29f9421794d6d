//! Instants as text: RFC 3339 in UTC with milliseconds, the one spelling Campanile writes.
//!
//! Every answer and every webhook carries such texts, so they are written without a calendar library: the arithmetic of the
//! proleptic Gregorian calendar on whole days. Time zones and daylight saving are not here; `jiff` has them.

const MS_PER_DAY: i64 = 86_400_000;
/// The earliest instant with a four-digit year, `0000-01-01T00:00:00.000Z`.
pub const MIN_MS: i64 = -62_167_219_200_000;
/// The latest instant with a four-digit year, `9999-12-31T23:59:59.999Z`.
pub const MAX_MS: i64 = 253_402_300_799_999;

/// Writes milliseconds since the Unix epoch as `2026-02-07T10:00:00.000Z`.
///
/// Instants outside the years 0000 to 9999 are written as the nearest one inside.
pub fn rfc3339(ms: i64) -> String {
    let mut out = String::with_capacity(24);
    push_rfc3339(ms, &mut out);
    out
}

/// Appends what [`rfc3339`] returns.
pub fn push_rfc3339(ms: i64, out: &mut String) {
    let ms = ms.clamp(MIN_MS, MAX_MS);
    let (year, month, day) = civil(ms.div_euclid(MS_PER_DAY));
    let of_day = ms.rem_euclid(MS_PER_DAY);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    digits(&mut text[0..4], year);
    digits(&mut text[5..7], month);
    digits(&mut text[8..10], day);
    digits(&mut text[11..13], of_day / 3_600_000);
    digits(&mut text[14..16], of_day / 60_000 % 60);
    digits(&mut text[17..19], of_day / 1000 % 60);
    digits(&mut text[20..23], of_day % 1000);
    out.extend(text.iter().map(|&byte| char::from(byte)));
}

/// Reads an RFC 3339 date-time into milliseconds since the Unix epoch.
///
/// Strict: upper-case `T` and `Z`, two-digit fields, real dates, no leap second, one to nine digits of fraction (cut to
/// milliseconds), an offset up to ±23:59. `None` for everything else and for instants outside the years 0000 to 9999.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if !(20..=35).contains(&bytes.len()) {
        return None;
    }
    let shape = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if shape.iter().any(|&(at, sign)| bytes[at] != sign) {
        return None;
    }
    let (year, month, day) = (
        number(&bytes[0..4])?,
        number(&bytes[5..7])?,
        number(&bytes[8..10])?,
    );
    let (hour, minute, second) = (
        number(&bytes[11..13])?,
        number(&bytes[14..16])?,
        number(&bytes[17..19])?,
    );
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (fraction, zone) = fraction(&bytes[19..])?;
    let local =
        days(year, month, day) * MS_PER_DAY + hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction;
    Some(local - offset(zone)?).filter(|ms| (MIN_MS..=MAX_MS).contains(ms))
}

/// Reads an optional `.123…`; returns its milliseconds and what follows.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some(after) = rest.strip_prefix(b".") else {
        return Some((0, rest));
    };
    let length = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&length) {
        return None;
    }
    let (digits, zone) = after.split_at(length);
    let ms = (0..3).fold(0, |sum, at| {
        sum * 10 + digits.get(at).map_or(0, |digit| i64::from(digit - b'0'))
    });
    Some((ms, zone))
}

/// Reads `Z` or `±HH:MM` as milliseconds east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    match zone {
        b"Z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            let east = (hours <= 23 && minutes <= 59).then_some(hours * 3_600_000 + minutes * 60_000)?;
            Some(if *sign == b'+' { east } else { -east })
        }
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'))
    })
}

fn digits(field: &mut [u8], mut value: i64) {
    for byte in field.iter_mut().rev() {
        *byte = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since the Unix epoch of a date. Years start in March here, so that the leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since the Unix epoch; the inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (year + era * 400 + i64::from(month <= 2), month, day)
}
