//! A server that says that the page is elsewhere.

use crate::{
    BOTH, answer, chunked, closes, http, is_not_saved, keeps, program, redirect, saved,
    server,
};

#[test]
fn each_kind_of_redirect_is_followed() {
    for name in BOTH {
        for status in ["301 Moved", "302 x", "303 x", "307 x", "308 x"] {
            let (address, served) =
                server([keeps(&[&redirect(status, "/new?x=1"), &answer("new\n")])]);
            let ended = program(name).args([format!("http://{address}/old")]).run();
            ended.code(0);
            let told = format!("* redirect 1: http://{address}/new?x=1\n");
            assert!(ended.stderr.contains(&told), "{ended:?}");
            assert!(ended.stdout.ends_with("new\n"), "{ended:?}");
            let requests = served.join().expect("one connection");
            assert!(requests[0][1].starts_with("GET /new?x=1 "), "{requests:?}");
        }
    }
}

#[test]
fn other_answers_lead_nowhere() {
    for name in BOTH {
        for (status, code) in [("200 x", 0), ("201 x", 0), ("300 x", 1), ("304 x", 1)] {
            if name != "http" && status == "300 x" {
                continue; // several places to choose from: ureq takes the one of Location
            }
            let (address, served) = server([keeps(&[&redirect(status, "/new")])]);
            program(name).args([address.to_string()]).run().code(code);
            assert_eq!(served.join().expect("served")[0].len(), 1, "{status}");
        }
    }
    // Nor is there anywhere to go without a Location.
    let (address, _served) = server([keeps(&[
        b"HTTP/1.1 302 x\r\nContent-Length: 5\r\n\r\nwell\n",
    ])]);
    is_not_saved(http(address), "the server answered 302 x");
}

#[test]
fn a_place_is_seen_from_the_page_that_names_it() {
    for (location, target) in [
        ("new", "/a/new"),
        ("../new", "/new"),
        ("/x/./y/../new", "/x/new"),
        ("?q", "/a/b?q"),
        ("new#part", "/a/new"),
        ("/n%20w", "/n%20w"),
        ("/n w", "/n%20w"),
        ("/caf\u{e9}", "/caf%C3%A9"),
    ] {
        let (address, served) =
            server([keeps(&[&redirect("302 x", location), &answer("new")])]);
        assert_eq!(saved(http(format!("http://{address}/a/b?c"))), b"new");
        let requests = served.join().expect("one connection");
        let line = format!("GET {target} HTTP/1.1\r\n");
        assert!(
            requests[0][1].starts_with(&line),
            "{location}: {requests:?}"
        );
    }
}

#[test]
fn a_place_that_is_no_utf_8_keeps_its_bytes() {
    let moved =
        b"HTTP/1.1 302 x\r\nLocation: /caf\xe9?q=\xe8\r\nContent-Length: 0\r\n\r\n";
    let (address, served) = server([keeps(&[moved, &answer("new")])]);
    assert_eq!(saved(http(address)), b"new");
    let requests = served.join().expect("one connection");
    assert!(requests[0][1].starts_with("GET /caf%E9?q=%E8 HTTP/1.1\r\n"));
}

#[test]
fn another_server_may_be_named_with_and_without_its_scheme() {
    for name in BOTH {
        for scheme in ["http:", ""] {
            let (there, served) = server([keeps(&[&answer("there")])]);
            let moved = redirect("301 x", &format!("{scheme}//{there}/page"));
            let (here, _served) = server([keeps(&[&moved])]);
            let asking = program(name).args([here.to_string()]);
            assert_eq!(saved(asking), b"there");
            let requests = served.join().expect("one connection");
            let host = format!("host: {there}\r\n");
            assert!(
                requests[0][0].to_lowercase().contains(&host),
                "{requests:?}"
            );
        }
    }
}

#[test]
fn the_body_of_a_redirect_is_not_the_page() {
    for name in BOTH {
        let body = "moved ".repeat(1000);
        let length = body.len();
        let with_length = format!(
            "HTTP/1.1 302 x\r\nLocation: /x\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let head = "HTTP/1.1 302 x\r\nLocation: /x\r\nTransfer-Encoding: chunked";
        let in_chunks = chunked(body.as_bytes(), &[100]);
        let start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked".len();
        let in_chunks = [head.as_bytes(), &in_chunks[start..]].concat();
        for first in [with_length.into_bytes(), in_chunks] {
            let (address, served) = server([keeps(&[&first, &answer("the page")])]);
            let asking = program(name).args([address.to_string()]);
            assert_eq!(saved(asking), b"the page");
            // Read to its end, it is no reason for a new connection.
            assert_eq!(served.join().expect("one connection")[0].len(), 2);
        }
    }
    let until_close = b"HTTP/1.1 302 x\r\nLocation: /x\r\n\r\nmoved";
    let (address, _served) =
        server([closes(&[until_close]), keeps(&[&answer("the page")])]);
    assert_eq!(saved(http(address)), b"the page");
}

#[test]
fn a_head_stays_a_head() {
    for name in BOTH {
        let moved = redirect("303 See Other", "/x");
        let last = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
        let (address, served) = server([keeps(&[&moved, last])]);
        let asking = program(name).args([&address.to_string(), "--head"]);
        asking.run().code(0);
        let requests = served.join().expect("one connection");
        assert!(
            requests[0]
                .iter()
                .all(|request| request.starts_with("HEAD "))
        );
        assert_eq!(requests[0].len(), 2, "{name}");
    }
}

/// From /0 to /1 to /2 …, `count` times, and then a page.
fn row(count: usize) -> Vec<Vec<u8>> {
    let mut answers: Vec<_> = (1..=count)
        .map(|number| redirect("302 x", &format!("/{number}")))
        .collect();
    answers.push(answer("the end\n"));
    answers
}

#[test]
fn so_many_redirects_and_no_more() {
    for (name, told) in [
        ("http", "more than 3 redirects"),
        ("http-with-library", "too many redirects"),
    ] {
        let serve = |count: usize| {
            let answers = row(count);
            let answers: Vec<_> = answers.iter().map(Vec::as_slice).collect();
            server([keeps(&answers)])
        };
        let three = ["--max-redirects", "3"];
        let (address, served) = serve(3);
        let ended = program(name).args([address.to_string()]).args(three).run();
        ended.code(0);
        assert!(ended.stdout.ends_with("the end\n"), "{ended:?}");
        assert!(ended.stderr.contains("* redirect 3: http://"), "{ended:?}");
        assert_eq!(served.join().expect("one connection")[0].len(), 4);

        let (address, _served) = serve(4);
        let asking = program(name).args([address.to_string()]).args(three);
        is_not_saved(asking, told);
    }
}

#[test]
fn by_default_ten_are_followed() {
    for name in BOTH {
        for (count, code) in [(10, 0), (11, 1)] {
            let answers = row(count);
            let answers: Vec<_> = answers.iter().map(Vec::as_slice).collect();
            let (address, _served) = server([keeps(&answers)]);
            program(name).args([address.to_string()]).run().code(code);
        }
    }
}

#[test]
fn with_0_the_redirect_itself_is_the_answer() {
    for name in BOTH {
        let (address, served) =
            server([keeps(&[&redirect("301 Moved Permanently", "/x")])]);
        let asking = program(name).args([&address.to_string(), "--max-redirects", "0"]);
        let ended = asking.run();
        ended
            .code(1)
            .complained_after_notes("the server answered 301 Moved Permanently");
        let line = "< HTTP/1.1 301 Moved Permanently\n";
        assert!(ended.stderr.contains(line), "{ended:?}");
        assert_eq!(served.join().expect("served")[0].len(), 1);
    }
}

#[test]
fn a_circle_is_told() {
    // Two pages that lead to each other.
    let answers = [redirect("302 x", "/b"), redirect("302 x", "/a")];
    let answers: Vec<_> = answers.iter().map(Vec::as_slice).collect();
    let (address, served) = server([keeps(&answers)]);
    let told = format!("the redirects go round: http://{address}/a again");
    is_not_saved(http(format!("http://{address}/a")), &told);
    assert_eq!(served.join().expect("served")[0].len(), 2);
}

#[test]
fn a_place_that_http_cannot_reach_is_told() {
    for (location, told) in [
        (
            "https://localhost:1/x",
            "cannot fetch https://localhost:1/x: there is no TLS",
        ),
        ("ftp://localhost/x", "neither http:// nor https://"),
        (
            "mailto:me@example.com",
            "cannot go to mailto:me@example.com: ",
        ),
        ("http://me:secret@localhost/", "a name or a password"),
        ("http://:80/", "it has no host"),
        ("http://localhost:x/", "a port is a number"),
    ] {
        let (address, _served) = server([keeps(&[&redirect("302 x", location)])]);
        is_not_saved(http(address), told);
    }
}
