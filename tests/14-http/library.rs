//! What the library adds: TLS, and proxies.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

use tests::{Program, Running, peer, tool};

use crate::{
    accept, answer, is_not_saved, keeps, port_of, program, read_request, saved, server,
};

/// Makes a certificate that nobody has signed but itself, and its key.
pub fn certificate(openssl: &Path, folder: &Path, name: &str) -> PathBuf {
    let args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
                -keyout key.pem -out cert.pem";
    let subject = format!("/CN={name}");
    let names = format!("subjectAltName=DNS:{name}");
    Program::at(openssl)
        .args(args.split_whitespace())
        .args(["-subj", &subject, "-addext", &names])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .in_folder(folder)
        .run()
        .code(0);
    folder.join("cert.pem")
}

const TLS_SERVER: &str = "
import http.server, ssl
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('cert.pem', 'key.pem')
server.socket = context.wrap_socket(server.socket, server_side=True)
print('on port', server.server_port, flush=True)
server.serve_forever()";

/// Python's web server over a folder, behind TLS, and its port.
pub fn tls_server(python: &Path, folder: &Path) -> (Running, u16) {
    let program = Program::at(python).args(["-c", TLS_SERVER]);
    let server = program.in_folder(folder).start();
    let port = port_of(&server);
    (server, port)
}

fn with_ca(url: &str, ca: &Path) -> Program {
    program("http-with-library").args([url, "--ca"]).args([ca])
}

#[test]
fn with_tls_the_page_is_the_same() {
    let (python, openssl) = (tool!("python3"), tool!("openssl"));
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = certificate(&openssl, folder.path(), "localhost");
    let page = crate::noise(300_000);
    std::fs::write(folder.path().join("page.bin"), &page).expect("written");
    let (_server, port) = tls_server(&python, folder.path());
    let url = format!("https://localhost:{port}/page.bin");
    assert!(saved(with_ca(&url, &certificate)) == page, "another body");
}

#[test]
fn a_certificate_that_nobody_known_has_signed_is_refused() {
    let (python, openssl) = (tool!("python3"), tool!("openssl"));
    let folder = tempfile::tempdir().expect("a folder");
    certificate(&openssl, folder.path(), "localhost");
    let (_server, port) = tls_server(&python, folder.path());
    let url = format!("https://localhost:{port}/");
    let told = format!("cannot fetch {url}: invalid peer certificate: UnknownIssuer");
    is_not_saved(program("http-with-library").args([&url]), &told);
    // Another one of the same name is not this one.
    let other = tempfile::tempdir().expect("a folder");
    let others = certificate(&openssl, other.path(), "localhost");
    is_not_saved(with_ca(&url, &others), "invalid peer certificate");
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let (python, openssl) = (tool!("python3"), tool!("openssl"));
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = certificate(&openssl, folder.path(), "bank.example");
    let (_server, port) = tls_server(&python, folder.path());
    let url = format!("https://localhost:{port}/");
    let told = "invalid peer certificate: certificate not valid for name \"localhost\"";
    is_not_saved(with_ca(&url, &certificate), told);
}

#[test]
fn what_goes_over_the_wire_with_tls_cannot_be_read() {
    // The first bytes of a TLS connection: a record of the handshake (22), version 3.1, and
    // in it the name of the server, in the clear. The path is not there.
    let (address, first) = peer::serve_one(|mut stream| {
        let head = peer::read_bytes(&mut stream, 5);
        let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
        let hello = peer::read_bytes(&mut stream, length);
        (head, hello)
    });
    let url = format!("https://localhost:{}/secret-path", address.port());
    program("http-with-library").args([&url]).run().code(1);
    let (head, hello) = first.join().expect("a handshake");
    assert_eq!(head[..2], [22, 3]);
    let contains = |text: &str| {
        hello
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(contains("localhost"), "the name of the server (SNI)");
    assert!(!contains("secret"), "and nothing of the request");
}

#[test]
fn a_certificate_file_that_is_none_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cert.pem");
    let missing = with_ca("https://localhost:1/", &file).run();
    missing.code(1).complained_after_notes("cannot read ");
    std::fs::write(&file, "no certificate").expect("written");
    let empty = with_ca("https://localhost:1/", &file).run();
    empty
        .code(1)
        .complained_after_notes("there is no certificate in ");
}

#[test]
fn http_spoken_to_a_server_with_tls_and_the_other_way_round_is_told() {
    let (python, openssl) = (tool!("python3"), tool!("openssl"));
    let folder = tempfile::tempdir().expect("a folder");
    certificate(&openssl, folder.path(), "localhost");
    let (_server, port) = tls_server(&python, folder.path());
    for name in crate::BOTH {
        let asking = program(name).args([format!("http://localhost:{port}/")]);
        is_not_saved(asking, "cannot ");
    }
    let (address, _served) = peer::serve_one(|mut stream| {
        peer::read_bytes(&mut stream, 5);
        peer::write(&mut stream, "HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let url = format!("https://localhost:{}/", address.port());
    is_not_saved(
        program("http-with-library").args([&url]),
        "cannot fetch https://",
    );
}

/// A proxy for one client, as RFC 9110 section 9.3.6 has it: the client names a server, and
/// from then on the bytes go through. Join the handle to get what it was asked for.
fn proxy() -> (SocketAddr, thread::JoinHandle<String>) {
    let (listener, address) = peer::listener();
    let thread = thread::spawn(move || {
        let mut client = accept(&listener);
        let request = read_request(&mut client);
        let target = request.split(' ').nth(1).expect("a target").to_string();
        let server = peer::connect(target.as_str());
        peer::write(&mut client, "HTTP/1.1 200 Connection established\r\n\r\n");
        let there = {
            let (client, server) = (copy_of(&client), copy_of(&server));
            thread::spawn(move || pass_on(client, server))
        };
        pass_on(server, client);
        there.join().expect("no panic");
        request
    });
    (address, thread)
}

fn copy_of(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a descriptor")
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    // Either side may have gone.
    io::copy(&mut from, &mut to).ok();
    to.shutdown(Shutdown::Write).ok();
}

#[test]
fn a_proxy_named_by_the_option_or_the_environment_is_asked() {
    for by_option in [true, false] {
        let (server, _served) = server([keeps(&[&answer("through the proxy")])]);
        let (proxy, asked) = proxy();
        let proxy = format!("http://{proxy}");
        let asking = program("http-with-library").args([server.to_string()]);
        let asking = match by_option {
            true => asking.args(["--proxy", &proxy]),
            false => asking.env("HTTP_PROXY", &proxy),
        };
        assert_eq!(saved(asking), b"through the proxy");
        let asked = asked.join().expect("the proxy was asked");
        assert!(
            asked.starts_with(&format!("CONNECT {server} HTTP/1.1\r\n")),
            "{asked}"
        );
    }
}

#[test]
fn through_a_proxy_tls_reaches_from_end_to_end() {
    let (python, openssl) = (tool!("python3"), tool!("openssl"));
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = certificate(&openssl, folder.path(), "localhost");
    std::fs::write(folder.path().join("page.txt"), "secret").expect("written");
    let (_server, port) = tls_server(&python, folder.path());
    let (proxy, asked) = proxy();
    let url = format!("https://localhost:{port}/page.txt");
    let asking =
        with_ca(&url, &certificate).args(["--proxy", &format!("http://{proxy}")]);
    assert_eq!(saved(asking), b"secret");
    let asked = asked.join().expect("the proxy was asked");
    assert!(asked.starts_with("CONNECT "), "{asked}");
    assert!(!asked.contains("page.txt"), "{asked}");
}

#[test]
fn a_proxy_that_refuses_is_told_and_the_practice_server_needs_none() {
    let (proxy, _asked) = crate::answering("HTTP/1.1 403 Forbidden\r\n\r\n");
    let proxy = format!("http://{proxy}");
    let asking = program("http-with-library").args(["127.0.0.1:1", "--proxy", &proxy]);
    is_not_saved(asking, "proxy server responded 403");
    let asking = program("http-with-library").env("HTTP_PROXY", "http://127.0.0.1:1");
    asking.run().code(0);
}

/// ureq takes it for the end of the page: `with-library/src/resets.rs` stands against that.
#[test]
fn a_reset_is_no_end_of_a_body_without_a_length() {
    for name in crate::BOTH {
        for page in ["", "half a page", &"x".repeat(200_000)] {
            let page = format!("HTTP/1.1 200 OK\r\n\r\n{page}");
            let (address, _server) = peer::serve_one(move |mut stream| {
                read_request(&mut stream);
                peer::write(&mut stream, page);
                peer::reset(stream);
            });
            let told = "connection reset by the peer (ECONNRESET)";
            is_not_saved(program(name).args([address.to_string()]), told);
        }
    }
}

/// The end of a TLS connection is a message. Here it is missing: only TCP has ended.
///
/// Claim: With TLS a page is whole when the connection ends.
/// Truth: only if the end was told (close_notify) and the client looks for it; many do
/// not: trust a length or chunks (RFC 9112 section 9.8).
#[test]
fn the_library_takes_no_notice_of_an_end_that_tls_has_not_told() {
    let (python, openssl) = (tool!("python3"), tool!("openssl"));
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = certificate(&openssl, folder.path(), "localhost");
    let script = "
import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('cert.pem', 'key.pem')
server = socket.create_server(('127.0.0.1', 0))
print('on port', server.getsockname()[1], flush=True)
for head in (b'', b'Content-Length: 1000\\r\\n'):
    client, _ = server.accept()
    client = context.wrap_socket(client, server_side=True)
    client.recv(65536)
    client.sendall(b'HTTP/1.1 200 OK\\r\\n' + head + b'\\r\\nhalf a page')
    socket.socket(fileno=client.detach()).shutdown(socket.SHUT_WR)";
    let serving = Program::at(python).args(["-c", script]);
    let server = serving.in_folder(folder.path()).start();
    let url = format!("https://localhost:{}/", port_of(&server));
    assert_eq!(saved(with_ca(&url, &certificate)), b"half a page");
    is_not_saved(with_ca(&url, &certificate), "Peer disconnected");
}

#[test]
fn the_library_asks_no_second_time_where_http_does() {
    // Both look whether the kept connection is still quiet. What comes after that look, the
    // end, the library leaves to its caller.
    let (listener, address) = peer::listener();
    let serving = thread::spawn(move || {
        let mut stream = accept(&listener);
        read_request(&mut stream);
        peer::write(&mut stream, answer("one\n"));
        read_request(&mut stream);
    });
    let paths = ["--path", "/one", "--path", "/two"];
    let ended = program("http-with-library")
        .args([&address.to_string()])
        .args(paths)
        .run();
    ended.code(1).complained_after_notes("cannot fetch http://");
    serving.join().expect("no panic");
}
