//! Lesson 09. What is in a frame of the remote command is in tests/09-framing.

use crate::row::{Client, Kind, Lost, Row, Server, client, server};

/// A message after its length.
fn frame(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("a short message");
    [&length.to_be_bytes(), message].concat()
}

const WRONG: &[(&str, &str)] = &[
    ("--patience 0", "`0` does not fit --patience"),
    ("--patience soon", "`soon` does not fit --patience"),
    ("--max-clients -1", "`-1` does not fit --max-clients"),
    ("127.0.0.1:0 127.0.0.1:0", "one argument too many"),
];

const AT_THE_END: &str = "a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting";

pub fn rows() -> Vec<Row> {
    let framed_server = Server {
        default: "127.0.0.1:9000",
        asks: |word| (frame(word), frame(&[b"Hello, ", word, b"!"].concat())),
        lost: Lost::Printed("was let go: error: "),
        late: "timed out (ETIMEDOUT)",
        too_late: "\0\0\0\x1cerror: timed out (ETIMEDOUT)",
        too_long: (
            "\0\0\x006error: a frame of 2021161080 bytes, the limit is 65536",
            "a frame of 2021161080 bytes, the limit is 65536",
        ),
        closes_at: || {
            let bomb = [&[0xff; 4], &[b'x'; 60_000][..]].concat();
            let refused = "\0\0\0\x0bHello, Ada!\0\0\x006error: a frame of 4294967295 bytes, the limit is 65536";
            ([frame(b"Ada"), bomb].concat(), refused)
        },
        ..Server::default()
    };
    let framed_client = Client {
        timeout: "--patience",
        script: &[
            // All three in one write.
            ("\0\0\0\x05Sarah", "\0\0\0\x0fHello, Michael!"),
            ("", "\0\0\0\x0dHello, Tracy!"),
            ("", "\0\0\0\x0dHello, Sarah!"),
        ],
        prints: "frame of 13 bytes: \"Hello, Sarah!\"\n",
        closed: "closed before the last answer",
        half: "the stream ended in the middle",
        endless: "a frame of 2021161080 bytes, the limit is 65536",
        ..Client::default()
    };
    let remote_client = Client {
        timeout: "",
        ..Client::default()
    };
    vec![
        Row::new("framing", Kind::Other).wrong(&[
            ("127.0.0.1:9000", "`127.0.0.1:9000`"),
            ("nonsense", "`nonsense`"),
        ]),
        server("framed-server", framed_server.clone())
            .wrong(WRONG)
            .not(AT_THE_END, "lesson 17")
            .shown(
                "framed-server-1",
                "an_endless_message_is_refused",
                "58 bytes: ",
            ),
        server("remote-server", framed_server)
            .not(AT_THE_END, "lesson 17")
            .wrong(WRONG)
            .wrong(&[
                ("--allow=", "`` does not fit --allow"),
                ("--allow=date\t+%F", "`date\t+%F` does not fit --allow"),
            ]),
        client("framed-client", framed_client),
        client("remote-client", remote_client)
            .prepare(|program| program.env("REMOTE_TOKEN", "x")),
    ]
}
