//! It looks each millisecond whether something has come.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

const MUCH: usize = 32 * 1024 * 1024;

struct Person {
    stream: TcpStream,
    begun: Vec<u8>,
    queue: VecDeque<u8>,
    lost: bool,
}

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).expect("an address");
    let listener = TcpListener::bind(&address)?;
    listener.set_nonblocking(true)?;
    println!("Listening on {}", listener.local_addr()?);
    let mut people: HashMap<u64, Person> = HashMap::new();
    let mut next = 0;
    loop {
        let ids: Vec<u64> = people.keys().copied().collect();
        let mut fds = vec![PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
        for id in &ids {
            let person = &people[id];
            let mut wanted = PollFlags::POLLIN;
            if !person.queue.is_empty() {
                wanted |= PollFlags::POLLOUT;
            }
            fds.push(PollFd::new(person.stream.as_fd(), wanted));
        }
        match poll(&mut fds, 1u16) {
            Err(Errno::EINTR) => continue,
            result => result?,
        };
        let events: Vec<PollFlags> = fds
            .iter()
            .map(|fd| fd.revents().unwrap_or(PollFlags::empty()))
            .collect();
        drop(fds);
        for (id, event) in ids.iter().zip(&events[1..]) {
            if event
                .intersects(PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR)
            {
                let said = people.get_mut(id).expect("here").hear();
                for (_, other) in people.iter_mut().filter(|(key, _)| *key != id) {
                    other.queue.extend(&said);
                }
            }
        }
        if !events[0].is_empty() {
            while let Ok((stream, _)) = listener.accept() {
                stream.set_nonblocking(true)?;
                let queue = VecDeque::from(*b"welcome\n");
                people.insert(
                    next,
                    Person {
                        stream,
                        begun: Vec::new(),
                        queue,
                        lost: false,
                    },
                );
                next += 1;
            }
        }
        for person in people.values_mut() {
            person.send();
        }
        people.retain(|_, person| !person.lost);
    }
}

impl Person {
    fn hear(&mut self) -> Vec<u8> {
        let mut chunk = [0; 16384];
        let count = match self.stream.read(&mut chunk) {
            Ok(0) => {
                self.lost = true;
                return Vec::new();
            }
            Ok(count) => count,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) =>
            {
                return Vec::new();
            }
            Err(_) => {
                self.lost = true;
                return Vec::new();
            }
        };
        self.begun.extend_from_slice(&chunk[..count]);
        let Some(end) = self.begun.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        self.begun.drain(..=end).collect()
    }

    fn send(&mut self) {
        while !self.lost && !self.queue.is_empty() {
            match self.stream.write(self.queue.as_slices().0) {
                Ok(count) => drop(self.queue.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.lost = true,
            }
        }
        if self.queue.len() > MUCH {
            self.lost = true;
        }
    }
}
