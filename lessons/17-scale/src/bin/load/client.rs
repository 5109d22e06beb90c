//! Help for lesson 17: one client of `load`, a socket that does not block, and a question
//! at a time.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use mio::net::TcpStream;
use shared::visible;

pub struct Client {
    pub stream: TcpStream,
    pub connected: bool,
    pub served: bool,
    question: Question,
    sent: usize,
    got: usize,
    due: VecDeque<Instant>, // questions that wait until the one before is answered
}

enum Question {
    None,
    Greeting, // to be accepted: not measured
    DueAt(Instant),
}

impl Client {
    pub fn new(stream: TcpStream) -> Self {
        let question = Question::Greeting;
        let (connected, served, due) = (false, false, VecDeque::new());
        Self {
            stream,
            connected,
            served,
            question,
            sent: 0,
            got: 0,
            due,
        }
    }

    /// Puts a question that was due then: now, or as soon as the last one is answered.
    pub fn ask(&mut self, due: Instant, message: &[u8]) -> io::Result<()> {
        if !matches!(self.question, Question::None) {
            self.due.push_back(due);
            return Ok(());
        }
        (self.question, self.sent, self.got) = (Question::DueAt(due), 0, 0);
        self.send(message)
    }

    /// Since when questions of this client have been due that have no answer.
    pub fn open_questions(&self) -> impl Iterator<Item = Instant> {
        let now = match self.question {
            Question::DueAt(due) => Some(due),
            _ => None,
        };
        now.into_iter().chain(self.due.iter().copied())
    }

    /// What can be done without waiting. Some: a question is answered, and was due then.
    /// `closed`: the end of the stream has come, and is to be found, too.
    pub fn step(
        &mut self,
        message: &[u8],
        buffer: &mut [u8],
        closed: bool,
    ) -> io::Result<Option<Instant>> {
        if !self.connected && !self.has_connected()? {
            return Ok(None);
        }
        self.send(message)?;
        loop {
            let count = match self.stream.read(buffer) {
                Err(ref error) if error.kind() == ErrorKind::WouldBlock => {
                    return Ok(None);
                }
                Err(ref error) if error.kind() == ErrorKind::Interrupted => continue,
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                count => count?,
            };
            let expected = message.get(self.got..self.got + count).unwrap_or_default();
            self.got += count;
            if buffer[..count] != *expected || self.got > self.sent {
                return Err(not_an_echo(&buffer[..count]));
            }
            if self.got == message.len() {
                return self.answered(message);
            }
            if count < buffer.len() && !closed {
                return Ok(None); // the socket is empty: mio reports when there is more
            }
        }
    }

    fn has_connected(&mut self) -> io::Result<bool> {
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        match self.stream.peer_addr() {
            // Connected to itself (lesson 03): nobody listens there.
            Ok(peer) if peer == self.stream.local_addr()? => {
                Err(ErrorKind::ConnectionRefused.into())
            }
            Ok(_) => {
                self.connected = true;
                self.stream.set_nodelay(true)?;
                Ok(true)
            }
            Err(ref error) if error.kind() == ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn answered(&mut self, message: &[u8]) -> io::Result<Option<Instant>> {
        self.served = true;
        let answered = match std::mem::replace(&mut self.question, Question::None) {
            Question::DueAt(due) => Some(due),
            _ => None,
        };
        if let Some(due) = self.due.pop_front() {
            self.ask(due, message)?;
        }
        Ok(answered)
    }

    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        while !matches!(self.question, Question::None) && self.sent < message.len() {
            match self.stream.write(&message[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(ref error) if error.kind() == ErrorKind::Interrupted => {}
                Err(ref error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// What the server says instead. Ours has a sentence for whom it sends away.
fn not_an_echo(bytes: &[u8]) -> io::Error {
    let text = String::from_utf8_lossy(bytes);
    let Some(why) = text.strip_prefix("error: ") else {
        let what = "what comes back is not what was sent";
        return io::Error::new(ErrorKind::InvalidData, what);
    };
    let what = format!("the server says: {}", visible(why.trim_end()));
    io::Error::new(ErrorKind::ResourceBusy, what)
}
