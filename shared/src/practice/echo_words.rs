use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use crate::close_gracefully;

/// Somebody to talk to in turn, for lesson 05's talk: answers each line with what it
/// heard, counted and turned around, until the other side closes.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn echo_words() -> io::Result<SocketAddr> {
    super::tcp(|stream| {
        stream.set_read_timeout(Some(Duration::from_secs(600)))?;
        let mut reader = BufReader::new(&stream);
        let mut line = Vec::new();
        loop {
            line.clear();
            (&mut reader).take(LONGEST).read_until(b'\n', &mut line)?;
            // No line end: the stream ended, or the line does not.
            if !line.ends_with(b"\n") {
                break;
            }
            let text = String::from_utf8_lossy(&line);
            (&stream).write_all(answer(text.trim()).as_bytes())?;
        }
        close_gracefully(stream, Duration::from_secs(1));
        Ok(())
    })
}

const LONGEST: u64 = 4096;

fn answer(heard: &str) -> String {
    let backwards: String = heard.chars().rev().collect();
    match heard.split_whitespace().count() {
        0 => "I heard an empty line.\n".to_string(),
        1 => format!("I heard one word. Backwards it is \"{backwards}\".\n"),
        words => format!("I heard {words} words. Backwards they are \"{backwards}\".\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_comes_from_what_was_heard() {
        assert_eq!(answer(""), "I heard an empty line.\n");
        let one = "I heard one word. Backwards it is \"olleh\".\n";
        assert_eq!(answer("hello"), one);
        let two = "I heard 2 words. Backwards they are \"ereht olleh\".\n";
        assert_eq!(answer("hello there"), two);
    }
}
