//! How a tenant's mails look. Values that end up in styles are read into types: nothing else of them gets through.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A tenant's look. What is not said is sensible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Branding {
    /// Stands above the mail, and for the logo where pictures are not shown.
    pub name: String,
    /// A picture above the mail: an `https` address.
    pub logo_url: Option<String>,
    /// Width of the logo in pixels.
    pub logo_width: u16,
    /// Whether name or logo stand above the mail.
    pub header: bool,
    /// Font families, best first.
    pub font: Font,
    /// Width of the mail in pixels, 320 to 600; on a narrower screen it shrinks.
    pub width: u16,
    /// Radius of the card's corners in pixels.
    pub radius: u8,
    /// Space between the card's border and its content in pixels.
    pub padding: u8,
    /// The colours.
    pub colors: Colors,
    /// Colours for readers who prefer a dark screen. Without them, and with colours of its own, a mail looks the same to all.
    pub dark: Option<Colors>,
    /// Stands below the mail.
    pub footer_text: String,
    /// Links below the mail.
    pub footer_links: Vec<Link>,
}

/// A link with its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// The colours of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Colors {
    /// Behind the card.
    pub background: Color,
    /// The card that holds the content.
    pub card: Color,
    /// The card's border, and lines across.
    pub border: Color,
    /// Headings and bold text.
    pub heading: Color,
    /// Text.
    pub text: Color,
    /// Names of fields, small print, the footer.
    pub muted: Color,
    /// The footer, where it is not `muted`.
    pub footer: Option<Color>,
    /// Buttons, and the line of a callout.
    pub accent: Color,
    /// The words on a button; black or white if nothing is said, whichever reads better.
    pub on_accent: Option<Color>,
    /// Links in text; the accent if nothing is said.
    pub link: Option<Color>,
}

impl Default for Branding {
    fn default() -> Self {
        Self {
            name: String::new(),
            logo_url: None,
            logo_width: 120,
            header: true,
            font: Font::default(),
            width: 600,
            radius: 12,
            padding: 28,
            colors: Colors::default(),
            dark: Some(Colors::dark()),
            footer_text: String::new(),
            footer_links: Vec::new(),
        }
    }
}

impl Branding {
    /// The width in pixels that is kept to.
    pub(crate) fn kept_width(&self) -> u16 {
        self.width.clamp(320, 600)
    }

    /// The radius in pixels that is kept to.
    pub(crate) fn kept_radius(&self) -> u8 {
        self.radius.min(32)
    }

    /// The padding in pixels that is kept to.
    pub(crate) fn kept_padding(&self) -> u8 {
        self.padding.min(48)
    }
}

impl Default for Colors {
    fn default() -> Self {
        Self {
            background: Color::rgb(0xf4, 0xf5, 0xf7),
            card: Color::rgb(0xff, 0xff, 0xff),
            border: Color::rgb(0xe3, 0xe6, 0xea),
            heading: Color::rgb(0x11, 0x18, 0x27),
            text: Color::rgb(0x37, 0x41, 0x51),
            muted: Color::rgb(0x6b, 0x72, 0x80),
            footer: None,
            accent: Color::rgb(0x4f, 0x46, 0xe5),
            on_accent: None,
            link: None,
        }
    }
}

impl Colors {
    /// For a dark screen.
    pub fn dark() -> Self {
        Self {
            background: Color::rgb(0x0b, 0x0d, 0x12),
            card: Color::rgb(0x16, 0x1a, 0x22),
            border: Color::rgb(0x2a, 0x30, 0x3c),
            heading: Color::rgb(0xf8, 0xfa, 0xfc),
            text: Color::rgb(0xcb, 0xd2, 0xdc),
            muted: Color::rgb(0x94, 0x9d, 0xac),
            footer: None,
            accent: Color::rgb(0x81, 0x8c, 0xf8),
            on_accent: None,
            link: None,
        }
    }

    /// The words on a button.
    pub(crate) fn on_accent(&self) -> Color {
        let readable = || {
            let light = self.accent.over(self.background).luminance() > 0.18;
            if light {
                Color::rgb(0x0b, 0x0d, 0x12)
            } else {
                Color::rgb(0xff, 0xff, 0xff)
            }
        };
        self.on_accent.unwrap_or_else(readable)
    }

    pub(crate) fn link(&self) -> Color {
        self.link.unwrap_or(self.accent)
    }

    pub(crate) fn footer(&self) -> Color {
        self.footer.unwrap_or(self.muted)
    }

    /// Whether the text is lighter than what it stands on.
    pub(crate) fn is_dark(&self) -> bool {
        self.background.luminance() < self.text.luminance()
    }
}

/// A colour: `#rgb`, `#rrggbb`, `rgb(1, 2, 3)` or `rgba(1, 2, 3, 0.5)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
    /// Thousandths of opacity.
    opacity: u16,
}

impl Color {
    /// An opaque colour.
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self {
            red,
            green,
            blue,
            opacity: 1000,
        }
    }

    /// Reads a colour.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let read = match text.strip_prefix('#') {
            Some(digits) => Self::hex(digits),
            None => Self::function(text),
        };
        read.ok_or_else(|| format!("`{text}` is no colour; write `#06b6d4` or `rgba(24, 26, 31, 0.8)`"))
    }

    fn hex(digits: &str) -> Option<Self> {
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let part = |at: usize, length: usize| {
            let value = u8::from_str_radix(&digits[at..at + length], 16).ok()?;
            Some(if length == 1 { value * 17 } else { value })
        };
        match digits.len() {
            3 => Some(Self::rgb(part(0, 1)?, part(1, 1)?, part(2, 1)?)),
            6 => Some(Self::rgb(part(0, 2)?, part(2, 2)?, part(4, 2)?)),
            _ => None,
        }
    }

    fn function(text: &str) -> Option<Self> {
        let inner = text
            .strip_prefix("rgba(")
            .or_else(|| text.strip_prefix("rgb("))?
            .strip_suffix(')')?;
        let parts: Vec<&str> = inner.split(',').map(str::trim).collect();
        let (3 | 4) = parts.len() else { return None };
        let part = |at: usize| parts[at].parse::<u8>().ok();
        let opacity = match parts.get(3) {
            Some(opacity) => opacity
                .parse::<f64>()
                .ok()
                .filter(|opacity| (0.0..=1.0).contains(opacity))?,
            None => 1.0,
        };
        Some(Self {
            opacity: (opacity * 1000.0).round() as u16,
            ..Self::rgb(part(0)?, part(1)?, part(2)?)
        })
    }

    pub(crate) fn is_opaque(self) -> bool {
        self.opacity >= 1000
    }

    /// The opaque colour that shows when this one lies over `below`, for clients that know no transparency.
    pub(crate) fn over(self, below: Self) -> Self {
        let opacity = u32::from(self.opacity.min(1000));
        let mix = |above: u8, below: u8| {
            let mixed = (u32::from(above) * opacity + u32::from(below) * (1000 - opacity) + 500) / 1000;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Self::rgb(
            mix(self.red, below.red),
            mix(self.green, below.green),
            mix(self.blue, below.blue),
        )
    }

    /// How bright it is to the eye, 0 to 1.
    fn luminance(self) -> f64 {
        let part = |value: u8| (f64::from(value) / 255.0).powf(2.2);
        0.2126 * part(self.red) + 0.7152 * part(self.green) + 0.0722 * part(self.blue)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            red,
            green,
            blue,
            opacity,
        } = self;
        if self.is_opaque() {
            write!(f, "#{red:02x}{green:02x}{blue:02x}")
        } else {
            write!(f, "rgba({red},{green},{blue},{})", f64::from(*opacity) / 1000.0)
        }
    }
}

impl TryFrom<String> for Color {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.to_string()
    }
}

/// Font families: letters, digits, spaces, hyphens, commas and quotation marks, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Font(String);

impl Font {
    /// Reads a list of families.
    pub fn parse(text: &str) -> Result<Self, String> {
        let families: Result<Vec<String>, String> = text.split(',').map(family).collect();
        Ok(Self(families?.join(",")))
    }
}

/// A family's name, in quotation marks where it has several words.
fn family(text: &str) -> Result<String, String> {
    let name = text.trim().trim_matches(['"', '\'']);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_');
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        return Err(format!("`{}` is no font family", text.trim()));
    }
    // Single quotation marks, since styles stand in double ones.
    Ok(if name.contains(' ') {
        format!("'{name}'")
    } else {
        name.to_owned()
    })
}

impl Default for Font {
    fn default() -> Self {
        Self(
            "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif".to_owned(),
        )
    }
}

impl fmt::Display for Font {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Font {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Font> for String {
    fn from(font: Font) -> Self {
        font.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m12_colours_are_read_and_nothing_else() {
        assert_eq!(Color::parse("#06B6D4").unwrap().to_string(), "#06b6d4");
        assert_eq!(Color::parse("#fff").unwrap(), Color::rgb(255, 255, 255));
        let card = Color::parse("rgba(24,26,31,0.8)").unwrap();
        assert_eq!(card.to_string(), "rgba(24,26,31,0.8)");
        assert_eq!(card.over(Color::rgb(0, 0, 0)).to_string(), "#131519");
        for text in [
            "",
            "red;background:url(x)",
            "#12345",
            "#ggg",
            "#é1",
            "rgb(1,2)",
            "rgb(1,2,256)",
            "rgba(1,2,3,2)",
            "rgba(1,2,3,NaN)",
            "url(x)",
            "red",
        ] {
            assert!(Color::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn m12_fonts_are_read_and_nothing_else() {
        let font = Font::parse("IBM Plex Sans, \"Segoe UI\", sans-serif").unwrap();
        assert_eq!(font.to_string(), "'IBM Plex Sans','Segoe UI',sans-serif");
        for text in ["", "a;b", "a{b", "url(x)", "a,,b", "a'b", "<b>"] {
            assert!(Font::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn branding_is_read_with_defaults_and_without_unknown_names() {
        let read = |json: &str| serde_json::from_str::<Branding>(json);
        assert_eq!(read("{}").unwrap(), Branding::default());
        let branding = read(r#"{"name":"R","colors":{"card":"rgba(24,26,31,0.8)"},"dark":null}"#).unwrap();
        assert_eq!(branding.colors.text, Colors::default().text);
        assert!(read(r#"{"colour":"x"}"#).is_err());
        assert!(read(r#"{"colors":{"card":"red;x"}}"#).is_err());
    }

    #[test]
    fn words_on_a_button_can_be_read() {
        let on = |accent: &str| {
            let colors = Colors {
                accent: Color::parse(accent).unwrap(),
                ..Colors::default()
            };
            colors.on_accent().to_string()
        };
        assert_eq!(on("#4f46e5"), "#ffffff");
        assert_eq!(on("#06b6d4"), "#0b0d12");
        assert_eq!(on("#ffff00"), "#0b0d12");
    }
}
