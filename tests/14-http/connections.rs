//! One connection for several requests, and when there has to be a new one.

use std::thread;

use tests::peer;

use crate::{
    BOTH, accept, answer, chunked, closes, http, is_not_saved, keeps, program,
    read_request, server,
};

const TWO: [&str; 4] = ["--path", "/one", "--path", "/two"];

/// The number of requests on each connection.
fn counts(served: thread::JoinHandle<Vec<Vec<String>>>) -> Vec<usize> {
    let served = served.join().expect("all connections came");
    served.iter().map(Vec::len).collect()
}

/// Claim: An HTTP answer ends where the server closes.
#[test]
fn two_requests_go_over_one_connection() {
    for name in BOTH {
        for first in [answer("one\n"), chunked(b"one\n", &[3]), answer("")] {
            let (address, served) = server([keeps(&[&first, &answer("two\n")])]);
            let ended = program(name).args([&address.to_string()]).args(TWO).run();
            ended.code(0);
            assert!(ended.stdout.ends_with("two\n"), "{ended:?}");
            let requests = served.join().expect("one connection");
            assert_eq!(requests[0].len(), 2, "{requests:?}");
            assert!(requests[0][0].starts_with("GET /one "), "{requests:?}");
            assert!(requests[0][1].starts_with("GET /two "), "{requests:?}");
        }
    }
}

#[test]
fn where_the_server_will_not_keep_it_the_second_request_has_its_own() {
    let fields = "Content-Length: 4\r\n\r\none\n";
    for name in BOTH {
        for first in [
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{fields}"),
            format!("HTTP/1.1 200 OK\r\nconnection: x, CLOSE\r\n{fields}"),
            // HTTP/1.0 closes, and we do not negotiate.
            format!("HTTP/1.0 200 OK\r\n{fields}"),
        ] {
            // The server said so, and still waits: it is the client that closes.
            let second = answer("two\n");
            let (address, served) =
                server([keeps(&[first.as_bytes()]), keeps(&[&second])]);
            let ended = program(name).args([&address.to_string()]).args(TWO).run();
            ended.code(0);
            assert!(ended.stdout.contains("one\n"), "{ended:?}");
            assert!(ended.stdout.ends_with("two\n"), "{ended:?}");
            assert_eq!(counts(served), [1, 1], "{name} {first}");
        }
        // Closing was the end of the body.
        let first = b"HTTP/1.1 200 OK\r\n\r\none\n";
        let (address, served) = server([closes(&[first]), keeps(&[&answer("two\n")])]);
        let ended = program(name).args([&address.to_string()]).args(TWO).run();
        ended.code(0);
        assert!(ended.stdout.ends_with("two\n"), "{ended:?}");
        assert_eq!(counts(served), [1, 1]);
    }
}

/// Claim: An open connection can be used again.
/// Truth: the server may have closed it, or close it while the request is under way:
/// look before, and send again only what may be done twice (RFC 9110 section 9.2.2).
#[test]
fn a_connection_that_the_server_has_closed_meanwhile_is_replaced() {
    for _ in 0..10 {
        // The end comes before the second request, or crosses it: both are well.
        let (address, served) =
            server([closes(&[&answer("one\n")]), keeps(&[&answer("two\n")])]);
        let ended = http(address).args(TWO).run();
        ended.code(0);
        assert!(ended.stdout.ends_with("two\n"), "{ended:?}");
        assert_eq!(ended.stderr.matches("* connected").count(), 2, "{ended:?}");
        assert_eq!(counts(served), [1, 1]);
    }
}

/// Claim: An open connection can be used again.
#[test]
fn a_request_that_nobody_answered_is_sent_once_more_over_a_new_connection() {
    for resets in [false, true] {
        let (listener, address) = peer::listener();
        let serving = thread::spawn(move || {
            let mut stream = accept(&listener);
            read_request(&mut stream);
            peer::write(&mut stream, answer("one\n"));
            let second = read_request(&mut stream);
            if resets {
                peer::reset(stream);
            } else {
                drop(stream);
            }
            let mut stream = accept(&listener);
            let again = read_request(&mut stream);
            peer::write(&mut stream, answer("two\n"));
            (second, again)
        });
        let ended = http(address).args(TWO).run();
        ended.code(0);
        let told = "* the same connection again\n> GET /two HTTP/1.1\n";
        assert!(ended.stderr.contains(told), "{ended:?}");
        assert!(ended.stderr.contains("* the server has closed it\n"));
        assert!(ended.stdout.ends_with("two\n"), "{ended:?}");
        let (second, again) = serving.join().expect("no panic");
        assert_eq!(second, again);
        assert!(second.starts_with("GET /two "), "{second}");
    }
}

#[test]
fn it_is_sent_again_only_once_and_never_on_a_new_connection() {
    // Nobody answers the second request, twice.
    let nothing: &[u8] = b"";
    let (address, served) =
        server([closes(&[&answer("one\n"), nothing]), closes(&[nothing])]);
    let ended = http(address).args(TWO).run();
    ended.code(1).complained_after_notes(
        "cannot get an answer: the server closed without an answer",
    );
    assert_eq!(counts(served), [2, 1]);
    // Nor the first: the connection is new, so it is no fault of its age.
    let (address, served) = server([closes(&[nothing])]);
    is_not_saved(http(address), "the server closed without an answer");
    assert_eq!(counts(served), [1]);
}

#[test]
fn half_an_answer_is_an_error_and_not_asked_for_again() {
    for half in ["H", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
        let first = answer("one\n");
        let (address, served) = server([closes(&[&first, half.as_bytes()])]);
        let ended = http(address).args(TWO).run();
        ended.code(1).complained_after_notes("the server closed");
        assert_eq!(counts(served), [2], "{half}");
    }
}

#[test]
fn bytes_that_nobody_asked_for_are_not_taken_for_the_next_answer() {
    for name in BOTH {
        // A second answer stands behind the first, at once.
        let both = [answer("one\n"), answer("a stranger's\n")].concat();
        let more = keeps(&[&answer("two\n")]);
        let (address, served) = server([keeps(&[&both]), more]);
        let ended = program(name).args([&address.to_string()]).args(TWO).run();
        ended.code(0);
        assert!(!ended.stdout.contains("stranger"), "{name}: {ended:?}");
        assert!(ended.stdout.ends_with("two\n"), "{ended:?}");
        assert_eq!(counts(served), [1, 1], "{name}");
    }
}

#[test]
fn bytes_that_wait_in_the_socket_are_not_taken_for_the_next_answer_either() {
    for name in BOTH {
        // Head and body fill what the client reads at once, and the rest stays behind.
        let mut first = b"HTTP/1.1 200 OK\r\nContent-Length: 8000\r\nX: ".to_vec();
        first.resize(8 * 1024 - 8000 - 4, b'x');
        first.extend(b"\r\n\r\n");
        first.resize(8 * 1024, b'1');
        let both = [first, answer("a stranger's\n")].concat();
        let more = keeps(&[&answer("two\n")]);
        let (address, served) = server([keeps(&[&both]), more]);
        let ended = program(name).args([&address.to_string()]).args(TWO).run();
        ended.code(0);
        assert!(!ended.stdout.contains("stranger"), "{name}: {ended:?}");
        assert!(ended.stdout.ends_with("two\n"), "{ended:?}");
        assert_eq!(counts(served), [1, 1], "{name}");
    }
}

#[test]
fn another_server_gets_another_connection() {
    for name in BOTH {
        let (there, served_there) = server([keeps(&[&answer("there\n")])]);
        let (here, served_here) = server([keeps(&[&answer("here\n")])]);
        let elsewhere = format!("http://{there}/x");
        let paths = ["--path", "/a", "--path", &elsewhere];
        let ended = program(name).args([&here.to_string()]).args(paths).run();
        ended.code(0);
        assert!(ended.stdout.ends_with("there\n"), "{ended:?}");
        assert_eq!(counts(served_here), [1]);
        assert_eq!(counts(served_there), [1]);
    }
}

/// Claim: A receive timeout limits how long a download takes.
#[test]
fn one_deadline_holds_for_the_whole_of_an_answer() {
    for (name, told) in [
        ("http", "the answer takes too long"),
        ("http-with-library", "timeout: "),
    ] {
        for start in [
            "",
            "HTTP/1.1 200 OK\r\nX: ",
            "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
        ] {
            if start.is_empty() && name != "http" {
                continue; // it is not content with `x` as the start of an answer
            }
            let (address, server) = peer::serve_one(move |mut stream| {
                read_request(&mut stream);
                peer::write(&mut stream, start);
                // A byte now and then: each recv gets one in time.
                let drip = if start.contains("chunked") {
                    "1\r\nx\r\n"
                } else {
                    "x"
                };
                let drip = drip.repeat(10_000);
                peer::write_slowly(&mut stream, drip).is_err()
            });
            let asking = program(name).args([&address.to_string(), "--timeout", "0.3"]);
            is_not_saved(asking, told);
            assert!(server.join().expect("no panic"), "the client had to leave");
        }
    }
}

#[test]
fn each_answer_has_the_whole_time() {
    // The deadline is set anew for each request: 20 × 50 ms are more than 0.5 s.
    let (listener, address) = peer::listener();
    let serving = thread::spawn(move || {
        let mut stream = accept(&listener);
        for _ in 0..20 {
            read_request(&mut stream);
            thread::sleep(std::time::Duration::from_millis(50)); // it dawdles
            peer::write(&mut stream, answer("x"));
        }
    });
    let paths = ["--path", "/x"].repeat(20);
    let ended = http(address).args(["--timeout", "0.9"]).args(paths).run();
    ended.code(0);
    serving.join().expect("no panic");
}

#[test]
fn a_kept_connection_is_not_used_for_a_redirects_target_elsewhere() {
    let (there, served_there) = server([keeps(&[&answer("there\n")])]);
    let moved = crate::redirect("301 Moved", &format!("http://{there}/"));
    let (here, served_here) = server([keeps(&[&moved])]);
    http(here).run().code(0);
    assert_eq!(counts(served_here), [1]);
    assert_eq!(counts(served_there), [1]);
}
