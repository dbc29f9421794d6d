//! Mail addresses.

use std::fmt;

use egress::Host;

/// Why a text is not a mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It would break out of a header or a command.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// It is not one address.
    #[error("must be a mail address of the form name@domain")]
    Malformed,
}

/// One mail address, with its domain in the form that travels: lower case, and in punycode where it is not ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    lettre: lettre::Address,
}

impl Address {
    /// Reads an address. Domains in brackets (`[192.0.2.1]`) are not taken.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.chars().any(char::is_control) {
            return Err(AddressError::ControlCharacter);
        }
        let text = text.trim_matches(' ');
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Malformed)?;
        let odd = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | ':' | '\\');
        if local.len() > 64 || text.len() > 254 || local.chars().any(odd) || domain.contains('%') {
            return Err(AddressError::Malformed);
        }
        let Ok(Host::Name(domain)) = Host::parse(domain) else {
            return Err(AddressError::Malformed);
        };
        let lettre = lettre::Address::new(local, &*domain).map_err(|_| AddressError::Malformed)?;
        Ok(Self {
            text: format!("{local}@{domain}"),
            lettre,
        })
    }

    /// `name@domain`
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.text.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    pub(super) fn lettre(&self) -> lettre::Address {
        self.lettre.clone()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_travel_in_ascii() {
        for (written, travels) in [
            ("a@b.example", "a@b.example"),
            (" a@B.Example. ", "a@b.example"),
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("jörg@bücher.example", "jörg@xn--bcher-kva.example"),
            ("first.last+tag@b.example", "first.last+tag@b.example"),
            ("root@localhost", "root@localhost"),
        ] {
            assert_eq!(Address::parse(written).unwrap().as_str(), travels);
        }
    }

    #[test]
    fn what_is_not_one_address_is_refused() {
        for text in [
            "",
            "a",
            "@b.example",
            "a@",
            "a@b@",
            "a b@c.example",
            "a@b.example, c@d.example",
            "a@b.example>",
            "Ann <a@b.example>",
            ".a@b.example",
            "a..b@c.example",
            "a@127.1",
            "a@[127.0.0.1]",
            "a@b%2eexample",
            "a@b c.example",
            "a@-",
        ] {
            assert_eq!(Address::parse(text), Err(AddressError::Malformed), "{text}");
        }
        for text in [
            "a@b.example\r\nBcc: c@d.example",
            "a\0@b.example",
            "a@b.example\n",
        ] {
            assert_eq!(
                Address::parse(text),
                Err(AddressError::ControlCharacter),
                "{text:?}"
            );
        }
        let long = format!("{}@b.example", "a".repeat(65));
        assert_eq!(Address::parse(&long), Err(AddressError::Malformed));
    }
}
