//! Filters on numbers. Whole numbers stay whole; what does not fit becomes a fractional one.

use liquid_core::model::{Value, ValueView};

use super::{Fault, text_of};
use crate::meter::Meter;

type Made = Result<Value, Fault>;

#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Whole(i64),
    Fraction(f64),
}

impl Number {
    /// A value as a number. Text that is none counts as 0, as does nothing.
    pub(super) fn of(value: &dyn ValueView) -> Self {
        let Some(scalar) = value.as_scalar() else {
            return Self::Whole(0);
        };
        match value.type_name() {
            "whole number" => Self::Whole(scalar.to_integer().unwrap_or(0)),
            "fractional number" => Self::Fraction(scalar.to_float().unwrap_or(0.0)),
            "string" => Self::read(&text_of(value)),
            _ => Self::Whole(0),
        }
    }

    fn read(text: &str) -> Self {
        let text = text.trim();
        text.parse().map_or_else(
            |_| {
                let fraction = text.parse::<f64>().ok().filter(|number| number.is_finite());
                fraction.map_or(Self::Whole(0), Self::Fraction)
            },
            Self::Whole,
        )
    }

    pub(super) fn float(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Fraction(number) => number,
        }
    }

    pub(super) fn value(self) -> Made {
        match self {
            Self::Whole(number) => Ok(Value::scalar(number)),
            Self::Fraction(number) if number.is_finite() => Ok(Value::scalar(number)),
            Self::Fraction(_) => Err(Fault::Value("the number is too large".to_owned())),
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        both(self, other, i64::checked_add, |a, b| a + b)
    }
}

fn both(
    one: Number,
    other: Number,
    whole: fn(i64, i64) -> Option<i64>,
    fraction: fn(f64, f64) -> f64,
) -> Number {
    if let (Number::Whole(a), Number::Whole(b)) = (one, other)
        && let Some(number) = whole(a, b)
    {
        return Number::Whole(number);
    }
    Number::Fraction(fraction(one.float(), other.float()))
}

fn argument(arguments: &[Value]) -> Number {
    arguments
        .first()
        .map_or(Number::Whole(0), |value| Number::of(value.as_view()))
}

/// An argument that says how many.
pub(super) fn count(arguments: &[Value], at: usize, default: usize) -> Result<usize, Fault> {
    match arguments.get(at) {
        None | Some(Value::Nil) => Ok(default),
        Some(value) => match Number::of(value.as_view()) {
            Number::Whole(number) if number >= 0 => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
            _ => Err(Fault::Value("a whole number from 0 is needed".to_owned())),
        },
    }
}

pub(super) fn plus(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    Number::of(input).plus(argument(arguments)).value()
}

pub(super) fn minus(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    both(
        Number::of(input),
        argument(arguments),
        i64::checked_sub,
        |a, b| a - b,
    )
    .value()
}

pub(super) fn times(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    both(
        Number::of(input),
        argument(arguments),
        i64::checked_mul,
        |a, b| a * b,
    )
    .value()
}

/// Whole numbers are divided without a rest, rounded down.
pub(super) fn divided_by(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let divisor = not_zero(arguments)?;
    let whole = |a: i64, b: i64| {
        let quotient = a.checked_div(b)?;
        let down = a.checked_rem(b)? != 0 && (a < 0) != (b < 0);
        Some(quotient - i64::from(down))
    };
    both(Number::of(input), divisor, whole, |a, b| a / b).value()
}

/// The rest has the sign of the divisor.
pub(super) fn modulo(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let divisor = not_zero(arguments)?;
    let whole = |a: i64, b: i64| {
        let rest = a.checked_rem(b)?;
        Some(if rest != 0 && (rest < 0) != (b < 0) {
            rest + b
        } else {
            rest
        })
    };
    both(Number::of(input), divisor, whole, |a, b| a - b * (a / b).floor()).value()
}

fn not_zero(arguments: &[Value]) -> Result<Number, Fault> {
    let divisor = argument(arguments);
    if divisor.float() == 0.0 {
        return Err(Fault::Value("nothing can be divided by 0".to_owned()));
    }
    Ok(divisor)
}

pub(super) fn abs(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    let number = Number::of(input);
    both(number, number, |a, _| a.checked_abs(), |a, _| a.abs()).value()
}

pub(super) fn at_least(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    both(
        Number::of(input),
        argument(arguments),
        |a, b| Some(a.max(b)),
        f64::max,
    )
    .value()
}

pub(super) fn at_most(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    both(
        Number::of(input),
        argument(arguments),
        |a, b| Some(a.min(b)),
        f64::min,
    )
    .value()
}

pub(super) fn ceil(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    to_whole(Number::of(input), f64::ceil).value()
}

pub(super) fn floor(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    to_whole(Number::of(input), f64::floor).value()
}

/// Beyond this a double no longer holds every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn to_whole(number: Number, round: fn(f64) -> f64) -> Number {
    match number {
        Number::Fraction(fraction) if fraction.abs() < EXACT => Number::Whole(round(fraction) as i64),
        number => number,
    }
}

/// To so many digits behind the point (0), at most 10.
pub(super) fn round(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let (number, digits) = (Number::of(input), count(arguments, 0, 0)?.min(10));
    match number {
        Number::Fraction(fraction) if digits > 0 && fraction.abs() < EXACT => {
            let scale = 10_f64.powi(i32::try_from(digits).unwrap_or(10));
            Number::Fraction((fraction * scale).round() / scale).value()
        }
        number => to_whole(number, f64::round).value(),
    }
}

/// `{{ n }} {{ n | pluralize: "item", "items" }}`
pub(super) fn pluralize(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let one = (Number::of(input).float() - 1.0).abs() < f64::EPSILON;
    Ok(arguments[usize::from(!one)].clone())
}
