//! Texts by locale: one by default, others for those who read another language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Something in one language by default and, where it was translated, in others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localized<T> {
    /// For everybody else.
    pub default: T,
    /// By language tag: `de`, `de-CH`, `pt-BR`.
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    pub by_locale: BTreeMap<String, T>,
}

impl<T> Localized<T> {
    /// The same for everybody.
    pub fn new(default: T) -> Self {
        Self {
            default,
            by_locale: BTreeMap::new(),
        }
    }

    /// What fits `locale` best: `de-CH`, else `de`, else the default. Case does not matter, nor `_` for `-`.
    pub fn get(&self, locale: &str) -> &T {
        self.find(locale).map_or(&self.default, |(_, value)| value)
    }

    /// What fits `locale` best, with the tag it was found under; nothing where only the default is left.
    pub fn find(&self, locale: &str) -> Option<(&str, &T)> {
        let mut wanted = normal(locale);
        loop {
            let found = self.by_locale.iter().find(|(tag, _)| normal(tag) == wanted);
            if let Some((tag, value)) = found {
                return Some((tag, value));
            }
            wanted.truncate(wanted.rfind('-')?);
        }
    }

    /// Every text with its locale, the default (which has none) first.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&str>, &T)> {
        let others = self
            .by_locale
            .iter()
            .map(|(tag, value)| (Some(tag.as_str()), value));
        std::iter::once((None, &self.default)).chain(others)
    }

    /// Makes something of each, or says for which locale it could not be made.
    pub fn try_map<U, E>(
        &self,
        mut make: impl FnMut(&T) -> Result<U, E>,
    ) -> Result<Localized<U>, (Option<String>, E)> {
        let default = make(&self.default).map_err(|error| (None, error))?;
        let mut by_locale = BTreeMap::new();
        for (tag, value) in &self.by_locale {
            let made = make(value).map_err(|error| (Some(tag.clone()), error))?;
            by_locale.insert(tag.clone(), made);
        }
        Ok(Localized { default, by_locale })
    }
}

fn normal(tag: &str) -> String {
    tag.trim().to_ascii_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greetings() -> Localized<&'static str> {
        let mut greetings = Localized::new("Hello");
        greetings.by_locale.insert("de".to_owned(), "Hallo");
        greetings.by_locale.insert("de-CH".to_owned(), "Grüezi");
        greetings
    }

    #[test]
    fn the_nearest_locale_is_found() {
        let greetings = greetings();
        for (locale, expected) in [
            ("de-CH", "Grüezi"),
            ("de_ch", "Grüezi"),
            ("de-CH-1996", "Grüezi"),
            ("de-AT", "Hallo"),
            ("DE", "Hallo"),
            ("fr", "Hello"),
            ("d", "Hello"),
            ("", "Hello"),
            ("-", "Hello"),
        ] {
            assert_eq!(*greetings.get(locale), expected, "{locale}");
        }
        assert_eq!(greetings.find("de-AT"), Some(("de", &"Hallo")));
    }

    #[test]
    fn what_fails_names_its_locale() {
        let failed = greetings().try_map(|text| {
            if text.starts_with('G') {
                Err(1)
            } else {
                Ok(text.len())
            }
        });
        assert_eq!(failed, Err((Some("de-CH".to_owned()), 1)));
        let lengths = greetings().try_map(|text| Ok::<_, ()>(text.len())).unwrap();
        assert_eq!(lengths.get("de-AT"), &5);
        assert_eq!(lengths.iter().count(), 3);
    }
}
