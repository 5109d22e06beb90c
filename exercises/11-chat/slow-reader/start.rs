//! Exercise slow-reader (repair): a chat that one sleeper brings to a halt.
//!
//! The server passes each line of a client on to all the others. Its users complain: "It
//! went well all morning. Then somebody suspended his nc with Ctrl+Z and went to lunch.
//! A while later nobody got anything any more, until he came back."
//!
//! It listens on the address that is its first argument, such as 127.0.0.1:7111. Who comes
//! in hears the line `welcome`, and from then on each line of the others, unchanged and
//! whole; nobody hears its own. A client's end or reset ends that client only. While
//! nobody speaks, the server sleeps.
//!
//! A client that does not read must not hold up the others, and they hear what it says. When
//! much has piled up for it, it may be dropped. But what it gets, before that or when it
//! reads again, is all that was said from the beginning on, without holes; and it comes
//! although nobody says anything more.
//!
//! (A line of any length is believed to end some day. That may stay so.)
//!
//! Check it:      cargo run -- check slow-reader
//! Try it:        cargo run -p mine --example slow-reader -- 127.0.0.1:7111, and in three
//!                terminals: nc 127.0.0.1 7111 (then Ctrl+Z), nc 127.0.0.1 7111, and
//!                yes "$(seq -s, 900)" | nc 127.0.0.1 7111 > /dev/null

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::select::{FdSet, select};

struct Client {
    stream: TcpStream,
    line: Vec<u8>, // the beginning of a line whose end has not come yet
    gone: bool,
}

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7111".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    let mut clients: Vec<Client> = Vec::new();
    loop {
        let mut readable = FdSet::new();
        readable.insert(listener.as_fd());
        for client in &clients {
            readable.insert(client.stream.as_fd());
        }
        match select(None, &mut readable, None, None, None) {
            Err(Errno::EINTR) => continue,
            result => result?,
        };
        let knocks = readable.contains(listener.as_fd());
        let ready = |index: &usize| readable.contains(clients[*index].stream.as_fd());
        for speaker in (0..clients.len()).filter(ready).collect::<Vec<_>>() {
            let lines = clients[speaker].hear();
            for (index, other) in clients.iter_mut().enumerate() {
                if index != speaker {
                    other.tell(&lines);
                }
            }
        }
        if knocks && let Ok((stream, _)) = listener.accept() {
            clients.push(Client::welcome(stream));
        }
        clients.retain(|client| !client.gone);
    }
}

impl Client {
    fn welcome(stream: TcpStream) -> Self {
        let mut client = Self {
            stream,
            line: Vec::new(),
            gone: false,
        };
        client.tell(b"welcome\n");
        client
    }

    /// Takes what has come. Returns the lines that are whole now.
    fn hear(&mut self) -> Vec<u8> {
        let mut chunk = [0; 4096];
        match self.stream.read(&mut chunk) {
            Ok(count @ 1..) => self.line.extend(&chunk[..count]),
            _ => self.gone = true,
        }
        let end = self.line.iter().rposition(|byte| *byte == b'\n');
        self.line.drain(..end.map_or(0, |end| end + 1)).collect()
    }

    /// Sends lines.
    fn tell(&mut self, lines: &[u8]) {
        if self.stream.write_all(lines).is_err() {
            self.gone = true;
        }
    }
}
