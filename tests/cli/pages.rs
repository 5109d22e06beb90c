//! The course's book as a whole: its links, its includes, and what its pages ask for.
//!
//! mdBook says nothing, or too little, when a link or an anchor leads nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use once_cell::sync::Lazy;
use regex_lite::Regex;
use tests::Program;

use super::{PATIENCE, course, no_progress};

/// The pages of the course's book.
pub struct Pages {
    folder: PathBuf,
    /// Each page's path below the folder, and its HTML.
    html: BTreeMap<String, String>,
}

/// They are built once for all tests: that is seconds of work.
pub fn built() -> &'static Pages {
    static PAGES: Lazy<Pages> = Lazy::new(build);
    &PAGES
}

fn build() -> Pages {
    let (_folder, progress) = no_progress();
    drop(course(&progress, &[])); // builds the programs
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages-of-the-course");
    let dest = folder.display().to_string();
    let book = Program::of("book").args(["--build-only", "--dest", &dest]);
    let ended = book.start().ends_within(PATIENCE);
    ended.code(0);
    let warned: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(warned.len(), 2, "mdBook warns: {warned:#?}");
    let html = files_below(&folder)
        .into_iter()
        .filter(|path| path.ends_with(".html"))
        .map(|path| (path.clone(), read(&folder.join(path))))
        .collect();
    Pages { folder, html }
}

impl Pages {
    /// The folder of the pages.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The chapters with pictures of runs.
    pub fn with_pictures(&self) -> impl Iterator<Item = &str> {
        let has = |page: &&str| self.html[*page].contains("<figure class=\"run\"");
        self.chapters()
            .filter(|page| *page != "print.html")
            .filter(has)
    }

    /// The pages that a reader sees: not the frame for browsers without scripts.
    pub fn chapters(&self) -> impl Iterator<Item = &str> {
        let pages = self.html.keys().map(String::as_str);
        pages.filter(|page| *page != "toc.html")
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder, as paths with slashes.
fn files_below(folder: &Path) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(folder.join(&inner)).expect("a folder") {
            let entry = entry.expect("an entry");
            let path = inner.join(entry.file_name());
            if entry.file_type().expect("its type").is_dir() {
                folders.push(path);
            } else {
                files.insert(path.display().to_string().replace('\\', "/"));
            }
        }
    }
    files
}

/// The values of some attributes, each with its element: `("a", "href", "x.html")`.
/// mdBook writes `<` and `&` of the text as entities, and every value in double quotes.
fn attributes(html: &str) -> Vec<(String, String, String)> {
    static SCRIPT: Lazy<Regex> = Lazy::new(|| {
        Regex::new(r"(?s)(<script[^>]*>).*?</script>|<!--.*?-->").expect("a pattern")
    });
    static TAG: Lazy<Regex> = Lazy::new(|| {
        Regex::new(r#"<([a-zA-Z][a-zA-Z0-9-]*)((?:[^<>"]|"[^"]*")*)>"#)
            .expect("a pattern")
    });
    static ATTRIBUTE: Lazy<Regex> =
        Lazy::new(|| Regex::new(r#"([a-zA-Z-]+)="([^"]*)""#).expect("a pattern"));
    let html = SCRIPT.replace_all(html, "$1");
    let mut found = Vec::new();
    for tag in TAG.captures_iter(&html) {
        for attribute in ATTRIBUTE.captures_iter(&tag[2]) {
            let value = attribute[2].replace("&amp;", "&");
            found.push((tag[1].to_ascii_lowercase(), attribute[1].to_string(), value));
        }
    }
    found
}

fn leads_elsewhere(url: &str) -> bool {
    static SCHEME: Lazy<Regex> =
        Lazy::new(|| Regex::new(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)").expect("a pattern"));
    SCHEME.is_match(url)
}

/// `css/../a.html` below `page`'s folder, or from the root for `/a.html`.
fn resolved(page: &str, path: &str) -> String {
    let mut parts: Vec<&str> = match path.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => page
            .rsplit_once('/')
            .map_or(Vec::new(), |(folder, _)| folder.split('/').collect()),
    };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => assert!(
                parts.pop().is_some(),
                "{page}: {path} leads out of the book"
            ),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_within_the_book_leads_to_a_page_and_an_anchor_that_are_there() {
    let pages = built();
    let files = files_below(pages.folder());
    let ids: BTreeMap<&str, BTreeSet<String>> = pages
        .html
        .iter()
        .map(|(page, html)| {
            let ids = attributes(html).into_iter();
            let ids = ids.filter(|(_, name, _)| name == "id" || name == "name");
            (page.as_str(), ids.map(|(_, _, value)| value).collect())
        })
        .collect();
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for (page, html) in &pages.html {
        for (element, name, url) in attributes(html) {
            // `<base href="/">` of the 404 page is no link.
            let link = name == "href" || name == "src";
            if !link || element == "base" || leads_elsewhere(&url) {
                continue;
            }
            looked_at += 1;
            let (path, anchor) = url.split_once('#').unwrap_or((&url, ""));
            let path = path.split('?').next().unwrap_or_default();
            let target = match path {
                "" => page.clone(),
                path => resolved(page, path),
            };
            let target = if target.is_empty() {
                "index.html".into()
            } else {
                target
            };
            if !files.contains(&target) {
                wrong.push(format!("{page}: {url}: no such file"));
            } else if !anchor.is_empty()
                && !ids.get(&*target).is_some_and(|ids| ids.contains(anchor))
            {
                wrong.push(format!("{page}: {url}: no such anchor"));
            }
        }
    }
    assert!(looked_at > 200, "only {looked_at} links");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_page_loads_anything_from_another_host() {
    let pages = built();
    let mut wrong = Vec::new();
    for (page, html) in &pages.html {
        // Where there is one of these, mdBook's script asks play.rust-lang.org.
        if html.contains("class=\"playground") {
            wrong.push(format!("{page}: a run button; see runnable in book.toml"));
        }
        for (element, name, url) in attributes(html) {
            // A link that the reader may click is no request.
            let loads = match name.as_str() {
                "src" | "srcset" | "poster" | "data" => true,
                "href" => element != "a",
                _ => false,
            };
            if loads && leads_elsewhere(&url) && !url.starts_with("data:") {
                wrong.push(format!("{page}: <{element} {name}=\"{url}\">"));
            }
        }
    }
    let url = Regex::new(r#"(?:url\(|@import)\s*["']?((?:https?:)?//[^"')]+)"#);
    let url = url.expect("a pattern");
    for path in files_below(pages.folder()) {
        if path.ends_with(".css") {
            let text = read(&pages.folder().join(&path));
            wrong.extend(
                url.captures_iter(&text)
                    .map(|url| format!("{path}: {}", &url[1])),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_include_is_left_in_the_pages() {
    for (page, html) in &built().html {
        assert!(
            !html.contains("{{#"),
            "{page} has an include that mdBook left"
        );
    }
}

#[test]
fn every_include_leads_to_a_file_and_an_anchor_that_are_there() {
    let docs = tests::root().join("docs");
    let include = Regex::new(r"\{\{\s*#(?:rustdoc_)?include\s+([^}\s]+)\s*\}\}");
    let include = include.expect("a pattern");
    let mut looked_at = 0;
    for path in files_below(&docs)
        .iter()
        .filter(|path| path.ends_with(".md"))
    {
        let chapter = docs.join(path);
        for found in include.captures_iter(&read(&chapter)) {
            looked_at += 1;
            let (file, part) = found[1].split_once(':').unwrap_or((&found[1], ""));
            let file = chapter.parent().expect("docs/").join(file);
            let text = fs::read_to_string(&file);
            let text =
                text.unwrap_or_else(|error| panic!("{path}: {}: {error}", &found[0]));
            // `7:` is the seventh line and all after it.
            let is_number = |it: &str| it.is_empty() || it.parse::<u32>().is_ok();
            let lines = |part: &str| part.split(':').all(is_number);
            if part.is_empty() || lines(part) {
                assert!(!text.trim().is_empty(), "{path}: {} is empty", &found[0]);
                continue;
            }
            let marks: Vec<_> = text
                .lines()
                .filter(|line| line.contains("ANCHOR"))
                .collect();
            // One line may end a part and begin the next: `ANCHOR_END: a, ANCHOR: b`.
            let is = |mark: &str, line: &str| {
                let mark = format!("{mark}: {part}");
                line.trim().split(", ").any(|one| one.ends_with(&mark))
            };
            let start = marks.iter().position(|line| is("ANCHOR", line));
            let start =
                start.unwrap_or_else(|| panic!("{path}: {}: no ANCHOR", &found[0]));
            // Without an end, mdBook shows the rest of the file: the whole (`all`), or
            // a part with no other behind it.
            let ends = marks.iter().any(|line| is("ANCHOR_END", line));
            let is_last = part == "all" || start + 1 == marks.len();
            assert!(ends || is_last, "{path}: {}: no ANCHOR_END", &found[0]);
        }
    }
    assert!(looked_at > 5, "only {looked_at} includes");
}

#[test]
fn the_books_configuration_needs_no_plug_in() {
    let toml = read(&tests::root().join("book.toml"));
    for line in toml.lines() {
        let output = line.starts_with("[output.") && !line.starts_with("[output.html");
        assert!(!output && !line.starts_with("[preprocessor."), "{line}");
    }
}
