//! Lesson 11. What several clients hear of each other is in tests/11-chat.

use tests::{peer, tool};

use crate::fd_setsize;
use crate::means::Injection;
use crate::row::{Client, Row, Server, client, server};

const HIGH: &str = "a_descriptor_above_fd_setsize_is_no_panic";
const BEYOND: &str = "a_client_beyond_fd_setsize_is_sent_away";
const SPURIOUS: &str = "a_spurious_readiness_is_survived";

pub fn rows() -> Vec<Row> {
    let chat = Server {
        default: "127.0.0.1:2626",
        greeting: "You're connected to the Rust chat server\r\n",
        // The others hear it, and who says it does not.
        asks: |word| ([word, b"\r\n"].concat(), Vec::new()),
        ..Server::default()
    };
    vec![
        server("chat", chat)
            .wrong(&[
                ("--patience 0", "`0` does not fit --patience"),
                ("--max-clients -1", "`-1` does not fit --max-clients"),
                ("--max-clients many", "`many` does not fit --max-clients"),
            ])
            .own(SPURIOUS, chat_spurious)
            .own(HIGH, fd_setsize::a_server_beyond_says_so)
            .own(BEYOND, fd_setsize::a_client_beyond_is_sent_away)
            .shown("chat-3", SPURIOUS, "it was heard no more")
            .cured("chat-4", SPURIOUS)
            .shown("chat-4", HIGH, "panicked")
            .shown("chat-4", BEYOND, "panicked"),
        client("chat-client", Client::default())
            .wrong(&[
                ("--timeout 0", "`0` does not fit --timeout"),
                ("--talk", "unknown option `--talk`"),
            ])
            .own(SPURIOUS, client_spurious)
            .own(HIGH, fd_setsize::a_client_beyond_says_so)
            .shown(
                "chat-client-3",
                SPURIOUS,
                "Resource temporarily unavailable",
            )
            .shown("chat-client-3", HIGH, "panicked"),
    ]
}

/// The kernel says readable, and the read finds nothing: select(2), BUGS.
fn chat_spurious(row: &Row) {
    let rule = "recvfrom:error=EAGAIN:when=1+2";
    let program = row.program("127.0.0.1:0", &[]);
    let (program, injection) = Injection::into(program, tool!("strace"), &[rule]);
    let up = row.up_from(row.as_server(), program);
    let (mut listener, mut speaker) = (up.client(), up.client());
    let joined = peer::read_line(&mut listener);
    assert!(joined.starts_with("Client joined "), "{joined}");
    for text in ["one", "two", "three"] {
        peer::write(&mut speaker, format!("{text}\n"));
        let heard = peer::read_line(&mut listener);
        let end = format!("] {text}\r\n");
        assert!(heard.ends_with(&end), "{heard:?}: it was heard no more");
    }
    injection.has_happened();
}

fn client_spurious(row: &Row) {
    let (address, server) = peer::serve_one(|mut stream| {
        peer::write(&mut stream, "hello\r\n");
        peer::read_to_end(&mut stream)
    });
    let rule = "recvfrom:error=EAGAIN:when=1";
    let program = row.program(address, &[]);
    let (program, injection) = Injection::into(program, tool!("strace"), &[rule]);
    let mut client = program.start();
    client.line("hello");
    injection.has_happened();
    client.types("still here\n");
    client.close_keyboard();
    client.ends().code(0);
    assert_eq!(server.join().expect("no panic"), b"still here\r\n");
}
