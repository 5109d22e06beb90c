//! Takes the blanks off the end of each line.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::select::{FdSet, select};

/// The most that may wait for one client.
const QUEUE: usize = 1 << 20;

struct Client {
    stream: TcpStream,
    line: Vec<u8>,  // the beginning of a line whose end has not come yet
    queue: Vec<u8>, // what the kernel has not taken yet
    gone: bool,
}

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7111".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    let mut clients: Vec<Client> = Vec::new();
    loop {
        let (mut readable, mut writable) = (FdSet::new(), FdSet::new());
        readable.insert(listener.as_fd());
        for client in &clients {
            readable.insert(client.stream.as_fd());
            if !client.queue.is_empty() {
                writable.insert(client.stream.as_fd()); // only then, or it never sleeps
            }
        }
        match select(None, &mut readable, &mut writable, None, None) {
            Err(Errno::EINTR) => continue,
            result => result?,
        };
        let knocks = readable.contains(listener.as_fd());
        let ready = |index: &usize| readable.contains(clients[*index].stream.as_fd());
        let room = |index: &usize| writable.contains(clients[*index].stream.as_fd());
        let room: Vec<_> = (0..clients.len()).filter(room).collect();
        for speaker in (0..clients.len()).filter(ready).collect::<Vec<_>>() {
            let lines = clients[speaker].hear();
            for (index, other) in clients.iter_mut().enumerate() {
                if index != speaker {
                    other.tell(&lines);
                }
            }
        }
        room.into_iter().for_each(|index| clients[index].send());
        if knocks && let Ok((stream, _)) = listener.accept() {
            clients.push(Client::welcome(stream));
        }
        clients.retain(|client| !client.gone);
    }
}

impl Client {
    fn welcome(stream: TcpStream) -> Self {
        let gone = stream.set_nonblocking(true).is_err();
        let mut client = Self {
            stream,
            line: Vec::new(),
            queue: Vec::new(),
            gone,
        };
        client.tell(b"welcome\n");
        client
    }

    /// Takes what has come. Returns the lines that are whole now.
    fn hear(&mut self) -> Vec<u8> {
        let mut chunk = [0; 4096];
        match self.stream.read(&mut chunk) {
            Ok(count @ 1..) => self.line.extend(&chunk[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            _ => self.gone = true,
        }
        let end = self.line.iter().rposition(|byte| *byte == b'\n');
        let lines: Vec<_> = self.line.drain(..end.map_or(0, |end| end + 1)).collect();
        let lines = lines.split_inclusive(|byte| *byte == b'\n');
        lines
            .flat_map(|line| [line.trim_ascii_end(), b"\n"].concat())
            .collect()
    }

    /// Puts lines into the queue. Who lets too much pile up does not read, and is dropped.
    fn tell(&mut self, lines: &[u8]) {
        self.queue.extend(lines);
        self.send();
        self.gone |= self.queue.len() > QUEUE;
    }

    /// Hands the queue to the kernel: as much as it takes without a wait.
    fn send(&mut self) {
        match self.stream.write(&self.queue) {
            Ok(count) => drop(self.queue.drain(..count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => self.gone = true,
        }
    }
}
