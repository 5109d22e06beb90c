//! `send-recv` and web servers that nobody here wrote.

use std::fs;
use std::path::Path;

use tests::{Program, Running, peer, tool};

use crate::{is_not_saved, noise, read_request, saved, send_recv};

const BIG: usize = 5 * 1024 * 1024;

/// Python's web server over a folder, and its port.
pub fn python_server(python: &Path, folder: &Path) -> (Running, u16) {
    let args = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"];
    let mut server = Program::at(python).args(args).in_folder(folder).start();
    let line = server.line(" port ");
    let port = line.rsplit(" port ").next().unwrap_or_default();
    let port: String = port.chars().take_while(char::is_ascii_digit).collect();
    (server, port.parse().expect("a port"))
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

/// A folder with a text, an empty page and a big one that is no text.
fn site() -> (tempfile::TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let big = noise(BIG);
    fs::write(folder.path().join("notes.txt"), "one\ntwo é\n").expect("written");
    fs::write(folder.path().join("empty.bin"), "").expect("written");
    fs::write(folder.path().join("big.bin"), &big).expect("written");
    (folder, big)
}

/// Fetches every page of the [`site`], byte for byte.
fn fetches_the_site(port: u16, big: &[u8]) {
    let get = |path: &str| send_recv(format!("127.0.0.1:{port}")).args(["--path", path]);
    let folder = tempfile::tempdir().expect("a folder");
    assert!(saved(get("/big.bin"), folder.path()) == big, "another body");
    assert_eq!(saved(get("/empty.bin"), folder.path()), b"");
    assert_eq!(
        saved(get("/notes.txt"), folder.path()),
        "one\ntwo é\n".as_bytes()
    );
    let ended = get("/notes.txt").run();
    ended.code(0);
    assert_eq!(ended.stdout, "one\ntwo é\n", "{ended:?}");
    is_not_saved(get("/missing"), "the server answered 404 ");
}

#[test]
fn it_fetches_from_pythons_web_server_byte_for_byte() {
    let python = tool!("python3");
    let (folder, big) = site();
    let (_server, port) = python_server(&python, folder.path());
    fetches_the_site(port, &big);
}

#[cfg(target_os = "linux")]
#[test]
fn it_fetches_from_nginx_byte_for_byte() {
    let path = tool!("nginx");
    let (folder, big) = site();
    let (_server, port) = nginx(&path, folder.path(), "");
    fetches_the_site(port, &big);
}

#[cfg(target_os = "linux")]
#[test]
fn what_nginx_sends_in_chunks_is_told() {
    let path = tool!("nginx");
    let (folder, _) = site();
    fs::write(
        folder.path().join("page.html"),
        "<!--# echo var='x' -->hello",
    )
    .expect("written");
    // It fills the page in while it sends it, and does not know its length before.
    let (_server, port) = nginx(&path, folder.path(), "ssi on;");
    let program = send_recv(format!("127.0.0.1:{port}")).args(["--path", "/page.html"]);
    is_not_saved(program, "the body comes in chunks");
}

/// Why the lesson does not shut down its sending half after the request.
#[cfg(target_os = "linux")]
#[test]
fn nginx_gives_up_a_client_that_half_closes_while_the_answer_is_being_made() {
    let path = tool!("nginx");
    let folder = tempfile::tempdir().expect("a folder");
    let (behind, address) = peer::listener();
    let pass = format!("location / {{ proxy_pass http://{address}; }}");
    let (_server, port) = nginx(&path, folder.path(), &pass);
    let mut client = peer::connect(("127.0.0.1", port));
    peer::write(
        &mut client,
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    let (waiting, _) = behind.accept().expect("nginx asks the server behind it");
    read_request(&mut peer::with_deadlines(
        waiting.try_clone().expect("a descriptor"),
    ));
    client
        .shutdown(std::net::Shutdown::Write)
        .expect("connected");
    assert_eq!(peer::read_to_end(&mut client), b"", "no answer at all");
    drop(waiting);
}

#[test]
fn it_saves_the_same_bytes_as_curl() {
    let (python, curl) = (tool!("python3"), tool!("curl"));
    let (folder, _) = site();
    let (_server, port) = python_server(&python, folder.path());
    let path = folder.path().join("curl.bin");
    let url = format!("http://127.0.0.1:{port}/big.bin");
    let args = ["--silent", "--output", path.to_str().expect("UTF-8"), &url];
    Program::at(curl).args(args).run().code(0);
    let own = tempfile::tempdir().expect("a folder");
    let program = send_recv(format!("127.0.0.1:{port}")).args(["--path", "/big.bin"]);
    assert!(
        saved(program, own.path()) == fs::read(path).expect("curl's"),
        "another body"
    );
}

/// A person with a netcat as the server, who types the answer by hand and ends it.
#[cfg(target_os = "linux")]
fn fetches_from_netcat(netcat: Program) {
    let mut netcat = netcat.start();
    let pid = netcat.pid();
    let address = tests::kernel::comes_to_listen(pid);
    let client = send_recv(format!("127.0.0.1:{}", address.port())).start();
    netcat.line("GET / HTTP/1.1");
    netcat.line("Connection: close");
    netcat.types("HTTP/1.0 200 OK\r\n\r\ntyped by hand\n");
    netcat.close_keyboard();
    let ended = client.ends();
    ended.code(0);
    assert!(
        ended.stderr.ends_with("\n\nHTTP/1.0 200 OK\n\n"),
        "{ended:?}"
    );
    assert_eq!(ended.stdout, "typed by hand\n");
}

#[cfg(target_os = "linux")]
#[test]
fn it_fetches_what_is_typed_into_nc_of_openbsd() {
    let netcat = tool!("nc.openbsd");
    fetches_from_netcat(Program::at(netcat).args(["-N", "-l", "127.0.0.1", "0"]));
}

#[cfg(target_os = "linux")]
#[test]
fn it_fetches_what_is_typed_into_nc_traditional() {
    let netcat = tool!("nc.traditional");
    let args = ["-l", "-q", "0", "-s", "127.0.0.1"];
    fetches_from_netcat(Program::at(netcat).args(args));
}

#[test]
fn pythons_socket_module_fetches_the_same_page_from_the_same_server() {
    // The loop that Python tutorials print, and ours: the same bytes go both ways.
    let python = tool!("python3");
    let answer = crate::answer("the same page\n");
    let mut requests = Vec::new();
    let mut bodies = Vec::new();
    for ours in [true, false] {
        let (address, server) = {
            let answer = answer.clone();
            peer::serve_one(move |mut stream| {
                let request = read_request(&mut stream);
                peer::write(&mut stream, answer);
                request
            })
        };
        let program = if ours {
            send_recv(address)
        } else {
            let script = format!(
                "
import socket
s = socket.create_connection(('127.0.0.1', {0}))
s.sendall(b'GET / HTTP/1.1\\r\\nHost: 127.0.0.1:{0}\\r\\nConnection: close\\r\\n\\r\\n')
buffer = []
while True:
    d = s.recv(1024)
    if d:
        buffer.append(d)
    else:
        break
header, html = b''.join(buffer).split(b'\\r\\n\\r\\n', 1)
print(html.decode('utf-8'), end='')",
                address.port()
            );
            Program::at(&python).args(["-c", &script])
        };
        let ended = program.run();
        ended.code(0);
        let port = address.port().to_string();
        requests.push(server.join().expect("a request").replace(&port, "PORT"));
        bodies.push(
            ended
                .stdout
                .rsplit("\n\n")
                .next()
                .unwrap_or_default()
                .to_string(),
        );
    }
    assert_eq!(requests[0], requests[1]);
    assert_eq!(bodies, ["the same page\n", "the same page\n"]);
}
