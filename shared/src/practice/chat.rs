use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::{LineReader, close_gracefully};

/// A chat server for the client of lesson 11, with one other participant: it joins, says
/// hello, and answers each line. It lives inside the server; only its port is real.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn chat() -> io::Result<SocketAddr> {
    super::tcp(|mut stream| {
        // Held, so that nobody else has this port meanwhile.
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let partner = listener.local_addr()?;
        let hello = "Hello! Who are you?";
        let start = format!(
            "You're connected to the Rust chat server\r\n\
             Client joined {partner}\r\n[{partner}] {hello}\r\n"
        );
        stream.write_all(start.as_bytes())?;
        answer_all(&mut stream, partner)?;
        close_gracefully(stream, Duration::from_secs(1));
        Ok(())
    })
}

fn answer_all(stream: &mut TcpStream, partner: SocketAddr) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(600)))?;
    let mut lines = LineReader::new(stream, 4096);
    loop {
        let line = lines.read_line()?;
        if line.is_empty() {
            return Ok(());
        }
        let answer = answer(&String::from_utf8_lossy(&line));
        let words = format!("[{partner}] {answer}\r\n");
        lines.get_mut().write_all(words.as_bytes())?;
    }
}

fn answer(said: &str) -> String {
    match said.split_whitespace().count() {
        0 => "You said nothing at all.".to_string(),
        1 => format!("\"{}\", that is all?", said.trim()),
        words => format!("You have said {words} words to me. Go on!"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_comes_from_what_was_said() {
        assert_eq!(answer(" "), "You said nothing at all.");
        assert_eq!(answer("hi"), "\"hi\", that is all?");
        assert_eq!(answer("I am new"), "You have said 3 words to me. Go on!");
    }
}
