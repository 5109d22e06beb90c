//! What is `send-recv`'s own of the table of faults (`tests/faults`): pages, whole and broken.

mod send_recv {
    use std::io::Write;
    use std::time::Duration;

    #[cfg(target_os = "linux")]
    use tests::namespace;
    use tests::peer;

    use crate::{
        answer, answering, is_not_saved, names_in, read_request, saved, send_recv,
    };

    #[test]
    fn pieces_are_put_together() {
        // Each byte in a packet of its own: the four of the blank line, and the two of é.
        let folder = tempfile::tempdir().expect("a folder");
        let (address, _server) = peer::serve_one(|mut stream| {
            read_request(&mut stream);
            peer::write_slowly(&mut stream, answer("é, slowly")).expect("it reads");
        });
        assert_eq!(
            saved(send_recv(address), folder.path()),
            "é, slowly".as_bytes()
        );
        // And the last bytes of the header together with the first ones of the body.
        let (address, _server) = peer::serve_one(|mut stream| {
            read_request(&mut stream);
            stream.set_nodelay(true).expect("TCP_NODELAY");
            for piece in [
                "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r",
                "\nin\n",
                "two",
            ] {
                peer::write(&mut stream, piece);
                std::thread::sleep(Duration::from_millis(20)); // the dawdling itself
            }
        });
        assert_eq!(saved(send_recv(address), folder.path()), b"in\ntwo");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        let (listener, address) = peer::listener();
        let mut running = send_recv(address).start();
        let (stream, _) = listener.accept().expect("a client");
        let mut stream = peer::with_deadlines(stream);
        read_request(&mut stream);
        for piece in [
            "HTTP/1.1 200 OK\r\nContent-",
            "Length: 4\r\n\r\n",
            "ok",
            "!\n",
        ] {
            // It waits in recv, which SIGCONT interrupts where a timeout is set (signal(7)).
            running.interrupt_its_call();
            assert!(running.runs());
            peer::write(&mut stream, piece);
        }
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stdout, "ok!\n", "{ended:?}");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        // It closes without an answer.
        let (address, _server) = answering("");
        is_not_saved(send_recv(address), "no blank line came");
        // It closes without having read the request, which the kernel answers with a reset.
        let (address, _server) = peer::serve_one(|stream| {
            let mut byte = [0];
            stream.peek(&mut byte).expect("the request has come");
        });
        is_not_saved(
            send_recv(address),
            "connection reset by the peer (ECONNRESET)",
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_closed_output_is_no_panic() {
        let (address, _server) = answering(answer("hello\n"));
        let mut running = send_recv(address).start_with_closed_output();
        running.close_keyboard();
        let ended = running.ends();
        ended.code(0);
        assert!(ended.stderr.ends_with("Content-Length: 6\n\n"), "{ended:?}");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        // In the body, whether its length is known or not, and in the header.
        for start in [
            "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf a page",
            "HTTP/1.1 200 OK\r\n\r\nhalf a page",
            "HTTP/1.1 200 OK\r\nCont",
        ] {
            let (address, _server) = peer::serve_one(move |mut stream| {
                read_request(&mut stream);
                peer::write(&mut stream, start);
                peer::reset(stream);
            });
            is_not_saved(
                send_recv(address),
                "connection reset by the peer (ECONNRESET)",
            );
        }
    }

    #[test]
    fn an_endless_message_is_refused() {
        let (address, server) = peer::serve_one(|mut stream| {
            read_request(&mut stream);
            peer::write(&mut stream, "HTTP/1.1 200 OK\r\n");
            let lines = [b'x'; 10_000];
            (0..1000).all(|_| stream.write_all(&lines).is_ok())
        });
        is_not_saved(send_recv(address), "it is longer than 64 KiB");
        let took_all = server.join().expect("no panic");
        assert!(!took_all, "10 MB of header were received");
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        for (start, error) in [
            ("HTTP/1.1 200 OK\r\nContent-Le", "no blank line came"),
            ("HTTP/1.1 200 OK\r\n\n", "no blank line came"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
                "cannot receive the last 10 bytes of the body",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcdefghi",
                "cannot receive the last 1 bytes of the body",
            ),
        ] {
            let (address, _server) = answering(start);
            is_not_saved(send_recv(address), error);
            let (address, _server) = answering(start);
            let ended = send_recv(address).run();
            ended.code(1).complained_after_notes(error);
            assert!(!ended.stdout.contains("abc"), "{ended:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let header =
            b"HTTP/1.1 200 O\xffK\r\nX: \x1b[31m\x07 \xc3\r\nContent-Length: 3\r\n\r\n";
        let (address, _server) = answering([header, &b"\xff\xf4\0"[..]].concat());
        let ended = send_recv(address).run();
        ended
            .code(1)
            .complained_after_notes("3 bytes are not shown: not plain text");
        let shown = "HTTP/1.1 200 O\u{fffd}K\n\
                     X: \u{fffd}[31m\u{fffd} \u{fffd}\n\
                     Content-Length: 3\n\n";
        assert!(ended.stderr.contains(shown), "{ended:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        let python = tests::tool!("python3");
        if !namespace::allowed() {
            return;
        }
        // A server at a link-local address, which means nothing without its card. It
        // answers with the Host that it was sent.
        let script = "
import socket, subprocess, sys
card = socket.if_nametoindex('card0')
server = socket.create_server(('fe80::1', 8000, 0, card), family=socket.AF_INET6)
client = subprocess.Popen(sys.argv[1:])
stream, _ = server.accept()
request = stream.recv(65536)
host = request.split(b'\\r\\n')[1]
stream.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\nit said ' + host + b'\\n')
stream.close()
sys.exit(client.wait())";
        let program = send_recv("[fe80::1%card0]:8000").through(python, ["-c", script]);
        let ended = namespace::around(program, namespace::LINK_LOCAL).run();
        ended.code(0);
        assert!(
            ended.stdout.ends_with("it said Host: [fe80::1]:8000\n"),
            "{ended:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in ["SIGINT", "SIGTERM"] {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("page.html");
            let (listener, address) = peer::listener();
            let program = send_recv(address).args(["--save"]).args([&file]);
            let running = program.start();
            let (stream, _) = listener.accept().expect("a client");
            let mut stream = peer::with_deadlines(stream);
            read_request(&mut stream);
            peer::write(&mut stream, "HTTP/1.1 200 OK\r\n\r\nhalf a page");
            tests::until("the page is on its way", || {
                let names = names_in(folder.path());
                let part = folder.path().join(names.first()?);
                (std::fs::read(part).ok()? == b"half a page").then_some(())
            });
            let asked = std::time::Instant::now();
            running.signal(signal.parse().expect("a signal"));
            let ended = running.ends();
            assert!(asked.elapsed() < Duration::from_secs(1), "{ended:?}");
            ended.code(0);
            let told = format!("interrupted: nothing is saved as {}\n", file.display());
            assert!(ended.stderr.ends_with(&told), "{ended:?}");
            assert!(names_in(folder.path()).is_empty(), "half a page is left");
            assert!(
                peer::read_to_end(&mut stream).is_empty(),
                "the server sees the end"
            );
        }
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        // From here it looks the same whether its cable was cut or it is only silent.
        for (start, when) in [
            ("", "cannot receive a header"),
            ("HTTP/1.1 200 OK\r\nCont", "cannot receive a header"),
            (
                "HTTP/1.1 200 OK\r\n\r\nhalf a page",
                "cannot receive the body",
            ),
        ] {
            let (address, server) = peer::serve_one(move |mut stream| {
                read_request(&mut stream);
                peer::write(&mut stream, start);
                peer::read_to_end(&mut stream);
            });
            let program = send_recv(address).args(["--timeout", "0.2"]);
            is_not_saved(
                program,
                &format!("{when}: nothing happened in time (EAGAIN)"),
            );
            server.join().expect("it saw the client leave");
        }
    }
}
