//! The tables of the appendix: every call that tutorials list is in them, and every cell
//! is a line of a file that runs.

use std::collections::BTreeSet;
use std::fs;

/// The page.
const PAGE: &str = "docs/appendix-python-c-rust.md";

/// The calls of the Python tutorials, as the Python column writes them.
const CALLS: [&str; 62] = [
    "socket.socket(socket.",
    "s.bind(",
    "s.listen(",
    "s.accept(",
    "s.connect(",
    "s.connect_ex(",
    "s.recv(",
    "s.recvfrom(",
    "s.send(",
    "s.sendall(",
    "s.sendto(",
    "s.close(",
    "s.shutdown(",
    "s.getpeername(",
    "s.getsockname(",
    "s.getsockopt(",
    "s.setsockopt(",
    "s.setblocking(",
    "s.settimeout(5",
    "s.settimeout(None",
    "s.gettimeout(",
    "s.fileno(",
    "socket.fromfd(",
    "s.makefile(",
    "file.readline(",
    "socket.gethostname(",
    "socket.gethostbyname(",
    "socket.gethostbyaddr(",
    "socket.getfqdn(",
    "select.select(",
    "socketserver.TCPServer(",
    "socketserver.UDPServer(",
    "socketserver.ThreadingTCPServer(",
    "socketserver.ThreadingUDPServer(",
    "socketserver.BaseRequestHandler",
    "socketserver.StreamRequestHandler",
    "socketserver.DatagramRequestHandler",
    "server.serve_forever(",
    "server.shutdown(",
    "server.server_close(",
    // Further ones that a reader meets soon.
    "s.recv_into(",
    "s.dup(",
    "s.detach(",
    "s.getblocking(",
    "socket.socketpair(",
    "socket.create_connection(",
    "socket.create_server(",
    "socket.socket(fileno=",
    "socket.inet_pton(",
    "socket.inet_ntop(",
    "socket.htons(",
    "socket.ntohs(",
    "socket.getaddrinfo(",
    "socket.getnameinfo(",
    "socket.getservbyname(",
    "SO_REUSEADDR",
    "SO_KEEPALIVE",
    "SO_LINGER",
    "SO_ERROR",
    "TCP_NODELAY",
    "IPV6_V6ONLY",
    "waiting.poll(",
];

/// A file of the workspace.
pub fn read(path: &str) -> String {
    fs::read_to_string(tests::root().join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The rows of all tables of the page, as they stand there: trimmed cells.
pub fn rows() -> Vec<Vec<String>> {
    rows_of(&read(PAGE))
}

fn rows_of(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().filter(|line| line.starts_with("| "));
    rows.map(|row| {
        let cells = row.trim().trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_string()).collect()
    })
    .collect()
}

/// The rows of the tables of calls: Python, C, Rust, lesson.
fn calls() -> Vec<[String; 4]> {
    let page = read(PAGE);
    let tables = page.split("<div class=\"calls\">").skip(1);
    let tables = tables.map(|rest| rest.split_once("</div>").expect("a closed table").0);
    let rows = tables.flat_map(|table| rows_of(table).into_iter().skip(1));
    rows.map(|row| row.try_into().expect("four cells"))
        .collect()
}

/// The files and anchors that a cell includes: `snippets.rs`, `accept`.
fn includes(cell: &str) -> Vec<(String, String)> {
    let parts = cell.split("{{#include ../tests/appendix/").skip(1);
    parts
        .map(|part| {
            let (place, _) = part.split_once("}}").expect("a closed include");
            let (file, anchor) = place.split_once(':').expect("FILE:ANCHOR");
            (file.to_string(), anchor.to_string())
        })
        .collect()
}

/// What mdBook puts there: the lines between the two marks, without further marks.
fn included(file: &str, anchor: &str) -> String {
    let text = read(&format!("tests/appendix/{file}"));
    let end = format!("ANCHOR_END: {anchor}");
    let start = format!("ANCHOR: {anchor}");
    let mut inside = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.ends_with(&start) {
            inside = true;
        } else if line.ends_with(&end) {
            assert!(inside, "{file}: {anchor} ends before it begins");
            return lines.join("\n");
        } else if inside && !line.contains("ANCHOR") {
            lines.push(line);
        }
    }
    panic!("{file} has no anchor {anchor}");
}

#[test]
fn every_call_of_the_tutorials_is_in_a_row() {
    let python: Vec<String> = calls()
        .iter()
        .flat_map(|row| includes(&row[0]))
        .map(|(file, anchor)| included(&file, &anchor))
        .collect();
    for call in CALLS {
        let there = python.iter().any(|line| line.contains(call));
        assert!(there, "no row of the appendix shows {call}");
    }
}

#[test]
fn every_row_has_a_compiled_line_of_rust_and_of_python() {
    for row in calls() {
        for (cell, file) in [(&row[0], "snippets.py"), (&row[2], "snippets.rs")] {
            let from = includes(cell);
            assert!(!from.is_empty(), "{row:?}");
            assert!(from.iter().all(|(from, _)| from == file), "{row:?}");
        }
        let c = includes(&row[1]);
        assert!(c.iter().all(|(from, _)| from == "snippets.c"), "{row:?}");
        assert!(!row[1].is_empty(), "{row:?}");
    }
}

#[test]
fn every_included_line_fits_into_a_cell() {
    for row in calls() {
        for (file, anchor) in row.iter().flat_map(|cell| includes(cell)) {
            let line = included(&file, &anchor);
            assert!(!line.trim().is_empty(), "{file}:{anchor} is empty");
            // Each of these would end the cell, the row or the code in it.
            assert!(!line.contains(['|', '\n', '`']), "{file}:{anchor}: {line}");
        }
    }
}

#[test]
fn every_row_leads_to_a_chapter_of_its_lesson() {
    // `[12](12-options.md)`, or a second chapter of the lesson.
    let chapters: BTreeSet<String> = fs::read_dir(tests::root().join("docs"))
        .expect("the chapters")
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("UTF-8"))
        .filter_map(|name| {
            let (number, _) = name.split_once('-')?;
            Some(format!("[{number}]({name})"))
        })
        .collect();
    for row in calls() {
        for place in row[3].split(", ") {
            assert!(chapters.contains(place), "{place} is no chapter: {row:?}");
        }
    }
}

#[test]
fn every_anchor_is_shown() {
    let page = read(PAGE);
    for file in ["snippets.rs", "snippets.py", "snippets.c"] {
        let text = read(&format!("tests/appendix/{file}"));
        for line in text.lines() {
            if let Some((_, anchor)) = line.split_once("ANCHOR: ") {
                let include =
                    format!("{{{{#include ../tests/appendix/{file}:{anchor}}}}}");
                assert!(page.contains(&include), "nobody shows {file}:{anchor}");
            }
        }
    }
}
