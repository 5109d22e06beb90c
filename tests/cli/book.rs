//! `cargo run -- book`: the book's web server, on a small book of the tests' own.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::{Program, Running, peer, until_within};

use super::{PATIENCE, course, no_progress};

/// A book of one chapter, and the secret beside it that is no page.
fn small_book() -> TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        fs::create_dir_all(root.path().join("docs")).expect("made");
        fs::write(root.path().join(path), text).expect("written");
    };
    write("book.toml", "[book]\ntitle = \"Small\"\nsrc = \"docs\"\n");
    write("docs/SUMMARY.md", "# Summary\n\n- [One](one.md)\n");
    write("docs/one.md", "# One\n\nThe only page.\n");
    write("secret.txt", "not for you");
    root
}

fn book(root: &TempDir, args: &[&str]) -> Program {
    let (_folder, progress) = no_progress();
    drop(course(&progress, &[])); // builds the programs
    Program::of("book").args([root.path()]).args(args)
}

fn serve(root: &TempDir, args: &[&str]) -> (Running, SocketAddr) {
    started(book(root, args).args(["--no-open"]))
}

/// Starts the server, and returns the address on its first line.
pub fn started(server: Program) -> (Running, SocketAddr) {
    let mut running = server.start();
    until_within(PATIENCE, "the book is built", || {
        running.stderr().contains("Built in ").then_some(())
    });
    let line = running.line("");
    let address = line.strip_prefix("The book is on http://").expect(&line);
    (running, address.parse().expect("an address"))
}

/// The head of the answer, and its body.
fn ask(address: SocketAddr, method: &str, path: &str) -> (String, String) {
    let mut stream = peer::connect(address);
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    );
    peer::write(&mut stream, request);
    let answer = String::from_utf8_lossy(&peer::read_to_end(&mut stream)).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a blank line");
    (head.to_ascii_lowercase(), body.to_string())
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).expect("HTTP/1.1 STATUS")
}

#[test]
fn it_serves_the_pages_with_their_types() {
    let root = small_book();
    let (_running, address) = serve(&root, &["--port", "0"]);
    let (head, body) = ask(address, "GET", "/");
    assert_eq!(status(&head), "200");
    assert!(head.contains("content-type: text/html"), "{head}");
    assert!(body.contains("The only page."), "{body}");
    let (head, body) = ask(address, "HEAD", "/one.html?a=b");
    assert_eq!(status(&head), "200");
    assert!(
        head.contains("content-length: ") && body.is_empty(),
        "{head}"
    );
    let files = fs::read_dir(root.path().join("book")).expect("the pages");
    for file in files.flatten() {
        let name = file.file_name().into_string().expect("UTF-8");
        let content_type = match name.rsplit_once('.') {
            Some(("", _)) | None => continue,
            Some((_, "js")) => "text/javascript",
            Some((_, "css")) => "text/css",
            Some((_, "svg")) => "image/svg+xml",
            Some((_, "png")) => "image/png",
            Some(_) => "text/html",
        };
        let (head, _) = ask(address, "GET", &format!("/{name}"));
        let line = format!("content-type: {content_type}");
        assert!(head.contains(&line), "{name}: {head}");
    }
}

#[test]
fn a_page_that_is_not_there_is_the_books_own_404() {
    let root = small_book();
    let (_running, address) = serve(&root, &["--port", "0"]);
    for path in [
        "/two.html",
        "/one.html/",
        "/a/b/c",
        "/css/",
        "/%ff",
        "/a%00b",
    ] {
        let (head, body) = ask(address, "GET", path);
        assert_eq!(status(&head), "404", "{path}: {head}");
        assert!(body.contains("Document not found"), "{path}: {body}");
    }
    assert_eq!(status(&ask(address, "POST", "/").0), "405");
}

#[test]
fn no_path_leads_out_of_the_book() {
    let root = small_book();
    let (_running, address) = serve(&root, &["--port", "0"]);
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/css/../../secret.txt",
        "/css/..%2f..%2fsecret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "/.%2e/secret.txt%00.html",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/../../../../../../../../etc/passwd",
    ] {
        let (head, body) = ask(address, "GET", path);
        assert!(["404", "400"].contains(&status(&head)), "{path}: {head}");
        assert!(!body.contains("not for you"), "{path}");
        assert!(!body.contains("root:"), "{path}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn it_listens_on_loopback_only() {
    let root = small_book();
    let (running, address) = serve(&root, &["--port", "0"]);
    assert!(address.ip().is_loopback());
    assert_eq!(tests::kernel::listening(running.pid()), [address]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_sigterm_end_it_also_with_a_reader_connected() {
    use nix::sys::signal::Signal::{SIGINT, SIGTERM};
    for signal in [SIGINT, SIGTERM] {
        let root = small_book();
        let (running, address) = serve(&root, &["--port", "0"]);
        // A browser keeps its connections open.
        let mut reader = peer::connect(address);
        peer::write(&mut reader, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_eq!(peer::read_line(&mut reader), "HTTP/1.1 200 OK\r\n");
        let start = Instant::now();
        running.signal(signal);
        running.ends().code(0);
        assert!(start.elapsed() < Duration::from_secs(1), "{signal}");
        let again = TcpListener::bind(address);
        assert!(again.is_ok(), "the port is free at once: {again:?}");
    }
}

#[test]
fn a_port_that_was_asked_for_and_is_in_use_is_told() {
    let root = small_book();
    let (_listener, address) = peer::listener();
    let args = ["--no-open", "--port", &address.port().to_string()];
    let ended = book(&root, &args).run();
    ended.code(1);
    let said = format!("error: cannot listen on {address}: address already in use");
    assert!(ended.stderr.contains(&said), "{ended:#?}");
    assert!(
        ended
            .stderr
            .lines()
            .last()
            .expect("a hint")
            .starts_with("hint: ")
    );
}

#[test]
fn without_a_wish_and_with_port_3000_in_use_it_takes_another_one_and_says_so() {
    let root = small_book();
    // Where this fails, another program has the port: just as well.
    let _held = TcpListener::bind("127.0.0.1:3000");
    let (mut running, address) = serve(&root, &[]);
    assert_ne!(address.port(), 3000);
    running.line("(Port 3000 is in use; --port N chooses another.)");
    assert_eq!(status(&ask(address, "GET", "/").0), "200");
}

#[test]
fn build_only_builds_and_ends() {
    let root = small_book();
    let pages = root.path().join("elsewhere");
    let args = ["--build-only", "--dest", &pages.display().to_string()];
    for _ in 0..2 {
        // The second time it replaces its own pages.
        let ended = book(&root, &args).run();
        ended.code(0);
        assert!(ended.stdout.contains(&pages.display().to_string()));
        assert!(pages.join("one.html").is_file());
    }
    assert!(!root.path().join("book").exists());
}

#[test]
fn a_folder_that_holds_other_things_is_not_emptied() {
    let root = small_book();
    let docs = root.path().join("docs").display().to_string();
    let ended = book(&root, &["--build-only", "--dest", &docs]).run();
    ended.code(2);
    assert!(
        ended.stderr.contains("holds other things than a book"),
        "{ended:#?}"
    );
    assert!(root.path().join("docs/one.md").is_file());
}

#[test]
fn a_chapter_that_is_missing_is_told() {
    let root = small_book();
    fs::remove_file(root.path().join("docs/one.md")).expect("removed");
    let toml = "[book]\nsrc = \"docs\"\n[build]\ncreate-missing = false\n";
    fs::write(root.path().join("book.toml"), toml).expect("written");
    let ended = book(&root, &["--build-only"]).run();
    ended.code(1);
    assert!(
        ended.stderr.contains("error: cannot build the book: "),
        "{ended:#?}"
    );
    assert!(ended.stderr.contains("one.md"), "{ended:#?}");
}

#[test]
fn an_include_that_is_missing_is_told() {
    let root = small_book();
    let text = "# One\n\n{{#include nothing.rs}}\n";
    fs::write(root.path().join("docs/one.md"), text).expect("written");
    let ended = book(&root, &["--build-only"]).run();
    assert!(ended.stderr.contains("nothing.rs"), "{ended:#?}");
}

/// The browser's connection is not the only one: a reader who never asks blocks nobody.
#[test]
fn a_silent_reader_stops_nobody_else() {
    let root = small_book();
    let (_running, address) = serve(&root, &["--port", "0"]);
    let _silent: Vec<TcpStream> = (0..20).map(|_| peer::connect(address)).collect();
    assert_eq!(status(&ask(address, "GET", "/one.html").0), "200");
}

#[test]
fn the_guide_hands_its_options_to_the_book() {
    let (folder, progress) = no_progress();
    let pages = folder.path().join("pages");
    let dest = pages.display().to_string();
    let ended = course(&progress, &["book", "--build-only", "--dest", &dest]).start();
    let ended = ended.ends_within(Duration::from_secs(120));
    ended.code(0);
    assert!(
        ended.stdout.contains(&format!("The book is in {dest}")),
        "{ended:#?}"
    );
    assert!(pages.join("index.html").is_file());
}
