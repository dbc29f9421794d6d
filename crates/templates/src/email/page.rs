//! The document around the content: a card on a background, as wide as there is room for, light or dark.

use std::fmt::Write as _;

use super::Look;
use super::branding::{Branding, Colors, Link};
use super::compose::Node;
use super::html::{Writer, background, escaped};
use super::link;

/// The whole HTML part.
pub(super) fn page(subject: &str, preheader: &str, nodes: &[Node], look: &Look<'_>) -> String {
    let branding = look.branding;
    let colors = &branding.colors;
    let mut writer = Writer::new(branding);
    writer.nodes(nodes);
    let content = writer.finish();
    let (width, radius, padding) = (
        branding.kept_width(),
        branding.kept_radius(),
        branding.kept_padding(),
    );
    let (ground, font) = (colors.background, &branding.font);
    let card = background(colors.card, colors.background);
    let border = &colors.border;
    format!(
        r#"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="x-apple-disable-message-reformatting">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<meta name="color-scheme" content="{scheme}">
<meta name="supported-color-schemes" content="{scheme}">
<title>{title}</title>
<style>{style}</style>
</head>
<body class="bg" style="margin:0;padding:0;width:100%;background-color:{ground};font-family:{font};-webkit-text-size-adjust:100%;-ms-text-size-adjust:100%">
{hidden}<table role="presentation" class="bg" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="{ground}" style="background-color:{ground}"><tr><td class="out" align="center" style="padding:32px 16px;font-family:{font}">
<!--[if mso]><table role="presentation" width="{width}" cellpadding="0" cellspacing="0" border="0" align="center"><tr><td><![endif]-->
<div style="max-width:{width}px;margin:0 auto;text-align:left">
{header}<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="{card};border:1px solid {border};border-radius:{radius}px;border-collapse:separate"><tr><td class="pad" style="padding:{padding}px">
{content}
</td></tr></table>
{footer}</div>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>
</body>
</html>
"#,
        lang = escaped(look.lang),
        scheme = scheme(branding),
        title = escaped(subject),
        style = style(branding),
        hidden = hidden(preheader),
        header = header(branding),
        footer = footer(branding, look.links),
    )
}

/// What the mail says of itself: where it has colours for dark screens it may be shown in either, else only as it is.
fn scheme(branding: &Branding) -> &'static str {
    match (&branding.dark, branding.colors.is_dark()) {
        (Some(_), false) => "light dark",
        (_, true) => "dark",
        (None, false) => "light",
    }
}

fn style(branding: &Branding) -> String {
    let mut style = String::from(
        "a{text-underline-offset:2px}@media (max-width:480px){.pad{padding:20px !important}.out{padding:16px 10px !important}}",
    );
    if let Some(dark) = branding.dark.as_ref().filter(|_| !branding.colors.is_dark()) {
        let _ = write!(style, "@media (prefers-color-scheme:dark){{{}}}", recolored(dark));
    }
    style
}

fn recolored(colors: &Colors) -> String {
    let (ground, card, border) = (
        colors.background,
        colors.card.over(colors.background),
        colors.border,
    );
    let (heading, text, muted, link) = (colors.heading, colors.text, colors.muted, colors.link());
    let (accent, words, footer) = (colors.accent.over(card), colors.on_accent(), colors.footer());
    format!(
        ".bg{{background-color:{ground} !important}}.card{{background-color:{card} !important;border-color:{border} !important}}\
         .line{{border-color:{border} !important}}.h{{color:{heading} !important}}.t{{color:{text} !important}}.m{{color:{muted} !important}}\
         .f{{color:{footer} !important}}.a{{color:{link} !important}}.btn{{background-color:{accent} !important}}.btn-a{{color:{words} !important}}"
    )
}

/// What inboxes show behind the subject; what follows it keeps them from showing the content there too.
fn hidden(preheader: &str) -> String {
    if preheader.is_empty() {
        return String::new();
    }
    let fill = "&#847;&zwnj;&nbsp;".repeat(60);
    format!(
        "<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">{}{fill}</div>\n",
        escaped(preheader)
    )
}

fn header(branding: &Branding) -> String {
    if !branding.header {
        return String::new();
    }
    let name = escaped(&branding.name);
    let logo = branding
        .logo_url
        .as_deref()
        .and_then(|url| link::allowed(url, None));
    let shown = match logo.filter(|url| url.starts_with("https:")) {
        Some(url) => format!(
            r#"<img src="{}" alt="{name}" width="{width}" style="display:block;width:{width}px;max-width:100%;height:auto;border:0">"#,
            escaped(&url),
            width = branding.logo_width.clamp(16, 400)
        ),
        None if name.is_empty() => return String::new(),
        None => {
            let color = branding.colors.heading;
            format!(
                r#"<span class="h" style="font-size:15px;line-height:20px;font-weight:600;color:{color}">{name}</span>"#
            )
        }
    };
    format!("<div style=\"padding:0 4px 16px\">{shown}</div>\n")
}

fn footer(branding: &Branding, more: &[Link]) -> String {
    let color = branding.colors.footer();
    let mut lines = Vec::new();
    let text = branding.footer_text.trim();
    if !text.is_empty() {
        lines.push(escaped(text).replace('\n', "<br>"));
    }
    let links = branding.footer_links.iter().chain(more);
    let links = links.filter_map(|other| {
        let url = escaped(&link::allowed(&other.url, None)?);
        let label = escaped(&other.label);
        Some(format!(
            r#"<a class="f" href="{url}" style="color:{color}">{label}</a>"#
        ))
    });
    let links: Vec<_> = links.collect();
    if !links.is_empty() {
        lines.push(links.join(" &nbsp;·&nbsp; "));
    }
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "<div class=\"f\" style=\"padding:16px 4px 0;font-size:12px;line-height:18px;color:{color}\">{}</div>\n",
        lines.join("<br>")
    )
}
