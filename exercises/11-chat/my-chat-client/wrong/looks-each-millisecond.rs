//! It looks each millisecond whether something has come.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::process::ExitCode;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, Shutdown, send, shutdown};
use nix::unistd::{read, write};

const SOME: PollFlags = PollFlags::POLLIN;

fn main() -> ExitCode {
    let Some(address) = std::env::args().nth(1) else {
        eprintln!("an address, please");
        return ExitCode::FAILURE;
    };
    match run(&address) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("server closed the connection");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
    }
}

fn run(address: &str) -> io::Result<bool> {
    let server = TcpStream::connect(address)?;
    server.set_nonblocking(true)?;
    let stdin = io::stdin();
    let stdout = io::stdout();
    let mut outgoing: Vec<u8> = Vec::new();
    let mut keyboard_open = true;
    let mut shut = false;
    loop {
        let mut fds = Vec::new();
        let mut wanted = SOME;
        if !outgoing.is_empty() {
            wanted |= PollFlags::POLLOUT;
        }
        fds.push(PollFd::new(server.as_fd(), wanted));
        if keyboard_open && outgoing.is_empty() {
            fds.push(PollFd::new(stdin.as_fd(), SOME));
        }
        match poll(&mut fds, 1u16) {
            Err(Errno::EINTR) => continue,
            result => result?,
        };
        let from_server = fds[0].revents().unwrap_or(PollFlags::empty());
        let typed = fds.get(1).is_some_and(|fd| fd.any().unwrap_or(false));
        if from_server
            .intersects(PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR)
        {
            let mut buffer = [0; 65536];
            match read(&server, &mut buffer) {
                Ok(0) => return Ok(!keyboard_open),
                Ok(count) => say(stdout.as_fd(), &buffer[..count])?,
                Err(Errno::EAGAIN | Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if typed {
            let mut buffer = [0; 8192];
            match read(&stdin, &mut buffer) {
                Ok(0) => keyboard_open = false,
                Ok(count) => outgoing.extend_from_slice(&buffer[..count]),
                Err(Errno::EAGAIN | Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if !outgoing.is_empty() {
            match send(server.as_raw_fd(), &outgoing, MsgFlags::MSG_NOSIGNAL) {
                Ok(count) => drop(outgoing.drain(..count)),
                Err(Errno::EAGAIN | Errno::EINTR) => {}
                Err(Errno::EPIPE | Errno::ECONNRESET) => outgoing.clear(), // read says it
                Err(error) => return Err(error.into()),
            }
        }
        if !keyboard_open && !shut && outgoing.is_empty() {
            let _ = shutdown(server.as_raw_fd(), Shutdown::Write);
            shut = true;
        }
    }
}

fn say(out: BorrowedFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match write(out, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
