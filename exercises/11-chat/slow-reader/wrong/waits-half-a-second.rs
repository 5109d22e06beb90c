//! A write waits half a second for room, and then its client is dropped.

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
            stream.set_write_timeout(Some(std::time::Duration::from_millis(500)))?;
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
