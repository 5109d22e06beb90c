//! A page with one picture, for a browser.

use crate::draw::{Picture, escape, figure};
use crate::event::Event;

/// The book's own style of the pictures.
const STYLE: &str = include_str!("../../../docs/theme/runs.css");

/// A whole page; its colours follow the system's, as in the book's first two themes.
pub fn page(picture: &Picture, events: &[Event]) -> String {
    let title = escape(&picture.title);
    let figure = figure(picture, events);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>\n\
         :root {{ color-scheme: light dark; --bg: #fff; --fg: #000; --links: #20609f; }}\n\
         @media (prefers-color-scheme: dark) {{\n\
         :root {{ --bg: #161923; --fg: #bcbdd0; --links: #2b79a2; }}\n}}\n\
         body {{ background: var(--bg); color: var(--fg); font-family: sans-serif; }}\n\
         h1 {{ font-size: 1.3em; max-width: 480px; margin: 0.5em auto; }}\n\
         {STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{figure}</body>\n</html>\n"
    )
}
