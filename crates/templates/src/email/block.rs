//! The blocks of a mail, as JSON or YAML has them.

use serde::{Deserialize, Serialize};

use super::branding::Color;

/// One block. Every text is a Liquid template; its data is escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Block {
    /// A heading.
    Heading {
        /// Its words.
        text: String,
        /// 1 (the default) to 3.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<u8>,
    },
    /// A text in a small Markdown: `**bold**`, `*italic*`, `` `code` ``, `[label](url)`, lists. Line breaks stay.
    Text {
        /// Its words.
        text: String,
        /// Smaller and paler than the rest.
        #[serde(default, skip_serializing_if = "is_false")]
        muted: bool,
    },
    /// The one thing to do.
    Button {
        /// Its words.
        label: String,
        /// Where it leads.
        url: String,
    },
    /// A line across.
    Divider {},
    /// A picture.
    Image {
        /// Where it lies.
        url: String,
        /// What it shows, for those who do not see it.
        alt: String,
        /// Width in pixels, at most what the mail has room for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        width: Option<u16>,
        /// Where it leads.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
    },
    /// Blocks for each item of a list.
    List {
        /// The list: `activities`, `data.files | slice: 0, 5`.
        each: String,
        /// What an item is called in the blocks; `item` if nothing else is said. `forloop` is there too.
        #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What is shown of each.
        blocks: Vec<Block>,
        /// What is shown where there is none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        empty: Vec<Block>,
    },
    /// Something set off by a coloured line at its left.
    Callout {
        /// The colour of the line; the accent if nothing else is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        color: Option<Color>,
        /// A text, as the block `text` has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// Or blocks.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        blocks: Vec<Block>,
    },
    /// Names and their values, side by side.
    Fields {
        /// What is shown, in order. An empty value is left out together with its name.
        fields: Vec<Entry>,
    },
    /// HTML by the author. It stands as it is; the data in it is escaped.
    Html {
        /// The HTML.
        html: String,
    },
    /// Blocks that are shown under a condition.
    If {
        /// As Liquid has it: `data.score > 70`.
        condition: String,
        /// What is shown where it holds.
        blocks: Vec<Block>,
        /// What is shown where it does not.
        #[serde(default, rename = "else", skip_serializing_if = "Vec::is_empty")]
        otherwise: Vec<Block>,
    },
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name.
    pub label: String,
    /// Its value.
    pub value: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
