//! `http` and `http-with-library` with web servers that nobody here wrote, and curl.

use std::fs;
use std::path::Path;

use tests::{Program, Running, peer, tool};

use crate::{BOTH, is_not_saved, noise, port_of, program, saved};

const BIG: usize = 3 * 1024 * 1024;

/// Python's web server over a folder, and its port.
fn python_server(python: &Path, folder: &Path) -> (Running, u16) {
    let args = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"];
    let program = Program::at(python).args(args);
    let server = program.in_folder(folder).start();
    let port = port_of(&server);
    (server, port)
}

/// nginx over a folder, in the foreground, and its port. It cannot take port 0: where
/// somebody was quicker at the port that was free, another one is tried.
#[cfg(target_os = "linux")]
fn nginx(nginx: &Path, folder: &Path, more: &str) -> (Running, u16) {
    let own = folder.join("nginx");
    fs::create_dir_all(&own).expect("a folder");
    for _ in 0..10 {
        let port = peer::listener().1.port();
        let config = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr;
             events {{}}
             http {{
                 access_log off;
                 client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
                 uwsgi_temp_path t4; scgi_temp_path t5;
                 server {{ listen 127.0.0.1:{port}; root {}; {more} }}
             }}",
            folder.display()
        );
        fs::write(own.join("nginx.conf"), config).expect("written");
        let mut server = Program::at(nginx)
            .args(["-p", own.to_str().expect("UTF-8"), "-c", "nginx.conf"])
            .start();
        let listens = tests::until("nginx listens, or has ended", || {
            if !server.runs() {
                return Some(false);
            }
            let all = tests::kernel::listening(server.pid());
            all.iter().any(|own| own.port() == port).then_some(true)
        });
        if listens {
            return (server, port);
        }
        let said = server.stderr();
        assert!(said.contains("Address already in use"), "{said}");
    }
    panic!("ten ports were taken");
}

/// A folder with a text, an empty page, a big one that is no text, and a folder.
fn site() -> (tempfile::TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let big = noise(BIG);
    let at = |name: &str| folder.path().join(name);
    fs::write(at("notes.txt"), "one\ntwo é\n").expect("written");
    fs::write(at("empty.bin"), "").expect("written");
    fs::write(at("big.bin"), &big).expect("written");
    fs::create_dir(at("inner")).expect("made");
    fs::write(at("inner/index.html"), "the inner page\n").expect("written");
    (folder, big)
}

fn url(port: u16, path: &str) -> String {
    format!("http://127.0.0.1:{port}{path}")
}

/// Fetches every page of the [`site`], byte for byte, and what is not there.
fn fetches_the_site(name: &str, port: u16, big: &[u8]) {
    let get = |path: &str| program(name).args([url(port, path)]);
    assert!(saved(get("/big.bin")) == big, "another body");
    assert_eq!(saved(get("/empty.bin")), b"");
    assert_eq!(saved(get("/notes.txt")), "one\ntwo é\n".as_bytes());
    is_not_saved(get("/missing"), "the server answered 404 ");
    // Without the slash behind it, a folder is somewhere else.
    let ended = get("/inner").run();
    ended.code(0);
    assert!(
        ended.stderr.contains("* redirect 1: http://127.0.0.1:"),
        "{ended:?}"
    );
    assert!(ended.stdout.ends_with("the inner page\n"), "{ended:?}");
    let ended = get("/big.bin").args(["--head"]).run();
    ended.code(0);
    let length = format!("< content-length: {BIG}\n");
    assert!(ended.stderr.to_lowercase().contains(&length), "{ended:?}");
}

#[test]
fn they_fetch_from_pythons_web_server_byte_for_byte() {
    let python = tool!("python3");
    let (folder, big) = site();
    // HTTP/1.0, unless it is told otherwise: a connection for each page.
    let (_server, port) = python_server(&python, folder.path());
    for name in BOTH {
        fetches_the_site(name, port, &big);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn they_fetch_from_nginx_byte_for_byte() {
    let path = tool!("nginx");
    let (folder, big) = site();
    let (_server, port) = nginx(&path, folder.path(), "");
    for name in BOTH {
        fetches_the_site(name, port, &big);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn many_pages_of_nginx_go_over_one_connection() {
    let path = tool!("nginx");
    let (folder, _) = site();
    let (_server, port) = nginx(&path, folder.path(), "");
    let paths = [
        "--path",
        "/notes.txt",
        "--path",
        "/inner",
        "--path",
        "/empty.bin",
    ];
    let ended = program("http").args([url(port, "")]).args(paths).run();
    ended.code(0);
    assert_eq!(
        ended.stderr.matches("* connected to").count(),
        1,
        "{ended:?}"
    );
    let again = "* the same connection again\n";
    assert_eq!(ended.stderr.matches(again).count(), 3, "{ended:?}");
    // A server that allows two requests on each connection.
    let (_server, port) = nginx(&path, folder.path(), "keepalive_requests 2;");
    let paths = ["--path", "/notes.txt"].repeat(4);
    let ended = program("http").args([url(port, "")]).args(paths).run();
    ended.code(0);
    assert_eq!(
        ended.stderr.matches("* connected to").count(),
        2,
        "{ended:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn what_nginx_sends_in_chunks_is_put_together() {
    let path = tool!("nginx");
    let (folder, _) = site();
    let body = "x".repeat(100_000);
    let page = format!("<!--# echo var='x' -->{body}");
    fs::write(folder.path().join("page.html"), page).expect("written");
    // It fills the page in while it sends it, and does not know its length before.
    let (_server, port) = nginx(&path, folder.path(), "ssi on;");
    for name in BOTH {
        let get = || program(name).args([url(port, "/page.html")]);
        let shown = get().run().stderr.to_lowercase();
        assert!(shown.contains("< transfer-encoding: chunked\n"), "{shown}");
        assert_eq!(saved(get()), format!("(none){body}").as_bytes());
    }
}

#[test]
fn they_save_the_same_bytes_as_curl() {
    let (python, curl) = (tool!("python3"), tool!("curl"));
    let (folder, _) = site();
    let (_server, port) = python_server(&python, folder.path());
    for path in ["/big.bin", "/inner", "/inner/", "/notes.txt"] {
        let file = folder.path().join("curl.bin");
        let args = ["--silent", "--location", "--output"];
        let page = url(port, path);
        let asking = Program::at(&curl).args(args).args([&file]).args([&page]);
        asking.run().code(0);
        for name in BOTH {
            let own = saved(program(name).args([&page]));
            assert!(own == fs::read(&file).expect("curl's"), "{name} {path}");
        }
    }
}

#[test]
fn curl_refuses_these_answers_too() {
    let curl = tool!("curl");
    for answer in [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        "SSH-2.0-x\r\n\r\n",
    ] {
        let (address, _server) = crate::answering(answer);
        let asking = Program::at(&curl).args(["--silent", &format!("http://{address}/")]);
        assert_ne!(asking.run().code, Some(0), "{answer}");
        let (address, _server) = crate::answering(answer);
        crate::http(address).run().code(1);
    }
}

#[test]
fn curl_gets_what_the_practice_server_of_http_serves() {
    // It stands in the lesson's own process; so this is a look at our own server.
    let curl = tool!("curl");
    let slow = ["--path", "/slow"];
    let mut running = program("http").args(slow).start();
    let line = running.line("a practice server in this program listens on ");
    let address = line.rsplit(' ').next().expect("its address").to_string();
    for (path, body) in [
        (
            "/old",
            "This page has a length: you know where it ends before it begins.\n",
        ),
        ("/chunked", "This page comes in chunks, as it is made.\n"),
        ("/close", "This page ends where the server closes.\n"),
        ("/none", "There is no such page here.\n"),
    ] {
        let page = format!("http://{address}{path}");
        let ended = Program::at(&curl)
            .args(["--silent", "--show-error", "--location", &page])
            .run();
        ended.code(0);
        assert_eq!(ended.stdout, body, "{path}");
    }
}
