//! The pages on http://127.0.0.1.
//!
//! A thread for each connection, and one answer on each: a reader on this machine needs no
//! more, and what a web server's library is made of would be compiled for a minute before
//! the first page.
//!
//! What is absent: keep-alive, ranges, compression; and a page that does not lie in the
//! folder. A path is taken apart before it is used: a piece of it is a plain name, or the
//! page is not found.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use shared::{Context, Result, println};

const PORT: u16 = 3000;

/// Serves the folder until Ctrl+C.
pub fn serve(folder: &Path, port: Option<u16>, open: bool) -> Result<()> {
    let (listener, note) = listen(port)?;
    let address = listener
        .local_addr()
        .context("cannot read the own address")?;
    println!("The book is on http://{address}");
    if let Some(note) = note {
        println!("{note}");
    }
    println!("Ctrl+C ends it.");
    if open && has_a_browser() {
        // Where it does not open, the address stands above.
        open::that_detached(format!("http://{address}")).ok();
    }
    let folder: Arc<Path> = folder.into();
    for connection in listener.incoming() {
        let folder = Arc::clone(&folder);
        let answer = move || connection.and_then(|stream| answer(stream, &folder));
        // A reader who went away is no reason to end, and without a thread one who comes
        // has to ask again.
        thread::Builder::new().spawn(answer).ok();
    }
    Ok(())
}

/// Other machines never reach the book: it is on the loopback address only. Without a
/// wish, 3000, and where that is in use any other port: the reader wants the book.
fn listen(port: Option<u16>) -> Result<(TcpListener, Option<String>)> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let said = |port| format!("cannot listen on 127.0.0.1:{port}");
    if let Some(port) = port {
        return Ok((bind(port).context(said(port))?, None));
    }
    match bind(PORT) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let note = format!("(Port {PORT} is in use; --port N chooses another.)");
            Ok((bind(0).context(said(0))?, Some(note)))
        }
        listener => Ok((listener.context(said(PORT))?, None)),
    }
}

/// How long a reader may take, to ask and to read.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest request: browsers send about one kilobyte.
const LONGEST: usize = 16 * 1024;

/// Reads one request and answers it.
fn answer(mut stream: TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut request = Vec::new();
    let (status, file, with_body) = loop {
        if read_some(&mut stream, &mut request)? == 0 {
            return Ok(()); // it asked nothing
        }
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut head = httparse::Request::new(&mut headers);
        match head.parse(&request) {
            Ok(state) if state.is_partial() && request.len() < LONGEST => {}
            Ok(state) if state.is_complete() => break meant(&head, folder),
            _ => break ("400 Bad Request", None, true),
        }
    };
    let body = match &file {
        Some(file) => fs::read(file)?,
        None => format!("{status}\n").into_bytes(),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\
         Cache-Control: no-cache\r\nConnection: close\r\n\r\n",
        content_type(file.as_deref()),
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    if with_body {
        stream.write_all(&body)?;
    }
    // What it still sends is read: unread, it would make the kernel send a reset, and the
    // reader could lose the page.
    stream.shutdown(Shutdown::Write)?;
    io::copy(&mut stream.take(1 << 20), &mut io::sink())?;
    Ok(())
}

fn read_some(stream: &mut TcpStream, request: &mut Vec<u8>) -> io::Result<usize> {
    let mut piece = [0; 4096];
    let count = stream.read(&mut piece)?;
    request.extend_from_slice(&piece[..count]);
    Ok(count)
}

/// The status, the file to send, and whether it is sent with its body.
fn meant(
    request: &httparse::Request<'_, '_>,
    folder: &Path,
) -> (&'static str, Option<PathBuf>, bool) {
    let with_body = match request.method {
        Some("GET") => true,
        Some("HEAD") => false,
        _ => return ("405 Method Not Allowed", None, true),
    };
    match request.path.and_then(|path| page(path, folder)) {
        Some(file) => ("200 OK", Some(file), with_body),
        None => {
            let own = folder.join("404.html");
            ("404 Not Found", own.is_file().then_some(own), with_body)
        }
    }
}

/// The file that a path names; none outside of the folder, whatever the path is made of.
fn page(path: &str, folder: &Path) -> Option<PathBuf> {
    let path = path.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = decoded(path)?;
    let (path, is_folder) = match path.strip_suffix('/') {
        Some(path) => (path, true),
        None => (path.as_str(), path.is_empty()),
    };
    let mut file = folder.to_path_buf();
    for name in path.split('/').filter(|_| !path.is_empty()) {
        let mut components = Path::new(name).components();
        let is_name = matches!(
            (components.next(), components.next()),
            (Some(Component::Normal(only)), None) if only == name
        );
        // On Windows, a colon names another stream of a file.
        if !is_name || name.contains([':', '\\', '\0']) {
            return None;
        }
        file.push(name);
    }
    if is_folder {
        file.push("index.html");
    }
    file.is_file().then_some(file)
}

/// `%41` is an A; none where that is not UTF-8.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest
            .get(..2)
            .filter(|two| two.iter().all(u8::is_ascii_hexdigit))?;
        let digits = std::str::from_utf8(digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

/// Told by the ending, of the kinds that mdBook writes.
fn content_type(file: Option<&Path>) -> &'static str {
    let ending = file.map(|file| file.extension().unwrap_or_default().to_string_lossy());
    match ending.as_deref() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("woff") => "font/woff",
        _ => "text/plain; charset=utf-8",
    }
}

/// Without a desktop, what opens pages may be a text browser, which would take the
/// terminal away.
fn has_a_browser() -> bool {
    let desktops = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    cfg!(any(target_os = "macos", windows))
        || desktops
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_lead_to_a_page() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("pages");
        fs::create_dir_all(folder.join("a b")).expect("made");
        fs::write(root.path().join("secret"), "").expect("written");
        for file in ["index.html", "ü.html", "a b/index.html", "a b/c"] {
            fs::write(folder.join(file), "").expect("written");
        }
        for (path, file) in [
            ("/", "index.html"),
            ("/?a=/b", "index.html"),
            ("/%C3%bc.html", "ü.html"),
            ("/a%20b/", "a b/index.html"),
            ("/a%20b/c", "a b/c"),
        ] {
            assert_eq!(page(path, &folder), Some(folder.join(file)), "{path}");
        }
        for path in [
            "",
            "x",
            "/.",
            "/..",
            "/../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "/a b/../../secret",
            "/a b",
            "/a b/c/",
            "/index.html/",
            "/%",
            "/%f",
            "/%+1",
            "/%ff",
            "/index.html%00",
            "/./index.html",
            "//index.html",
        ] {
            assert_eq!(page(path, &folder), None, "{path}");
        }
    }
}
