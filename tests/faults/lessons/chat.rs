//! Lesson 11. What several clients hear of each other is in tests/11-chat.

use crate::row::{Client, Row, Server, client, server};

pub fn rows() -> Vec<Row> {
    let chat = Server {
        default: "127.0.0.1:2626",
        greeting: "You're connected to the Rust chat server\r\n",
        // The others hear it, and who says it does not.
        asks: |word| ([word, b"\r\n"].concat(), Vec::new()),
        ..Server::default()
    };
    vec![
        server("chat", chat).wrong(&[
            ("--patience 0", "`0` does not fit --patience"),
            ("--max-clients -1", "`-1` does not fit --max-clients"),
            ("--max-clients many", "`many` does not fit --max-clients"),
        ]),
        client("chat-client", Client::default()).wrong(&[
            ("--timeout 0", "`0` does not fit --timeout"),
            ("--talk", "unknown option `--talk`"),
        ]),
    ]
}
