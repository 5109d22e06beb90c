//! The pictures of runs in a real browser: in light and dark themes, on a telephone and on
//! paper nothing is cut off, too small, or over something else; and a screen reader is told
//! what there is to see.

use serde_json::json;
use tests::tool;
use trace::draw::Picture;
use trace::{event, runs};

use super::devtools::Browser;
use super::pages;

/// How the pages are looked at: a theme, a width in pixels, and a medium.
const VIEWS: [(&str, u32, &str); 6] = [
    ("light", 390, "screen"),
    ("navy", 390, "screen"),
    ("coal", 390, "screen"),
    ("light", 1200, "screen"),
    ("light", 700, "print"),
    ("coal", 700, "print"),
];

#[test]
fn every_picture_is_whole_and_readable_on_a_telephone_and_on_paper_and_asks_no_host() {
    let chromium = tool!("chromium");
    let pages = pages::built();
    let mut browser = Browser::start(&chromium);
    for (theme, width, medium) in VIEWS {
        browser.is_wide(width, medium);
        let script = include_str!("figures.js").replace("THEME", theme);
        let mut shown = Vec::new();
        for page in pages.with_pictures() {
            browser.shows(&pages.folder().join(page));
            let found = browser.evaluates(&script);
            let at = format!("{page}, {theme}, {width} pixels, {medium}");
            assert_eq!(found["wrong"], json!([]), "{at}: {:#}", found["wrong"]);
            let ids = found["shown"].as_array().expect("a list").iter();
            shown.extend(ids.map(|id| id.as_str().expect("an id").to_string()));
            let others: Vec<_> = browser
                .requests()
                .filter(|url| !url.starts_with("file:") && !url.starts_with("data:"))
                .collect();
            assert!(others.is_empty(), "{at} asks for {others:?}");
        }
        for run in runs::all() {
            let name = run.picture().name;
            assert!(shown.contains(&name), "{name} is in no page");
        }
    }
}

/// The browser may take spaces and ends of lines together.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn twin(picture: &Picture, data: &str) -> String {
    let data = std::fs::read_to_string(tests::root().join(data)).expect("the data");
    let events = event::read(&data).expect("events");
    squeezed(&trace::twin::text(picture, &events))
}

#[test]
fn a_screen_reader_is_told_the_title_the_sentence_and_the_text_of_every_picture() {
    let chromium = tool!("chromium");
    let pages = pages::built();
    let mut browser = Browser::start(&chromium);
    let (mut folded, mut unfolded) = (Vec::new(), Vec::new());
    for page in pages.with_pictures() {
        browser.shows(&pages.folder().join(page));
        folded.extend(browser.accessible());
        // Some stand in the answer to a question, which is folded, too.
        browser.evaluates(
            "document.querySelectorAll('details').forEach(it => { it.open = true; })",
        );
        unfolded.extend(browser.accessible());
    }
    let unfolds = |(_, name): &&(String, String)| name == "The same as text";
    assert!(
        folded.iter().any(|node| unfolds(&node)),
        "no twin can be unfolded"
    );
    for run in runs::all() {
        let (picture, [data, _]) = (run.picture(), run.files());
        let name = squeezed(&format!("{} {}", picture.title, picture.desc));
        let told = |role: &str, text: &str| {
            let said =
                |(its, name): &&(String, String)| its == role && squeezed(name) == text;
            assert!(
                unfolded.iter().any(|node| said(&node)),
                "{}: no {role} says {text:?}",
                run.name
            );
        };
        told("image", &name);
        told("StaticText", &squeezed(&picture.caption));
        told("StaticText", &twin(&picture, &data));
    }
}
