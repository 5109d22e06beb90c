//! Closes at the client's end, also while answers wait for room.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap_or_default())?;
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(&client).ok());
    }
    Ok(())
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
    client.set_nonblocking(true)?;
    let (mut questions, mut answers, mut chunk) = (Vec::new(), Vec::new(), [0; 8192]);
    loop {
        let mut what = PollFlags::POLLIN;
        what.set(PollFlags::POLLOUT, !answers.is_empty());
        poll(&mut [PollFd::new(client.as_fd(), what)], PollTimeout::NONE)?;
        match client.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(0) => return Ok(()),
            count => questions.extend(&chunk[..count?]),
        }
        while let Some(end) = questions.iter().position(|byte| *byte == b'\n') {
            answers.extend(format!("{end}\n").into_bytes());
            answers.extend(questions[..end].to_ascii_uppercase());
            questions.drain(..=end);
        }
        match client.write(&answers) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            count => drop(answers.drain(..count?)),
        }
    }
}
