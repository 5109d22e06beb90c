//! Takes a client that has ended its sending for one that has gone.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(client).ok());
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Welcome!\n")?;
    let mut lines = BufReader::new(client.try_clone()?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let Some(name) = line.strip_suffix(b"\n") else {
            break;
        };
        let name = name.strip_suffix(b"\r").unwrap_or(name);
        if name == b"exit" {
            break;
        }
        let mut events = [PollFd::new(client.as_fd(), PollFlags::POLLRDHUP)];
        if poll(&mut events, PollTimeout::ZERO)? > 0 {
            break;
        }
        client.write_all(&[b"Hello, ", name, b"!\n"].concat())?;
        line.clear();
    }
    Ok(())
}
