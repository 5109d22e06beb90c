// ANCHOR: all
//! Puts the pieces of lines together: for both programs of this lesson.

use std::io::{self, ErrorKind};

/// Takes the first line out of what has come, without its end. None, where that is not
/// there yet. When the stream has ended, the last line may lack it.
///
/// # Errors
/// Where a line is longer than `longest`, its end counted.
pub fn take_line(
    rest: &mut Vec<u8>,
    longest: usize,
    ended: bool,
) -> io::Result<Option<Vec<u8>>> {
    let length = match rest.iter().position(|byte| *byte == b'\n') {
        Some(end) => end + 1,
        None if ended && rest.is_empty() => return Ok(None),
        None if ended => rest.len(),
        None if rest.len() < longest => return Ok(None),
        None => rest.len() + 1, // it can only become longer
    };
    if length > longest {
        rest.clear();
        let words = format!("a line may have {longest} bytes at most");
        return Err(io::Error::new(ErrorKind::InvalidData, words));
    }
    let line: Vec<u8> = rest.drain(..length).collect();
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    Ok(Some(line.strip_suffix(b"\r").unwrap_or(line).to_vec()))
}
// ANCHOR_END: all

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of these pieces, with a limit of 10 bytes.
    fn lines(pieces: &[&[u8]]) -> io::Result<Vec<Vec<u8>>> {
        let (mut rest, mut lines) = (Vec::new(), Vec::new());
        for piece in pieces {
            rest.extend(*piece);
            while let Some(line) = take_line(&mut rest, 10, piece.is_empty())? {
                lines.push(line);
            }
        }
        Ok(lines)
    }

    #[test]
    fn lines_arrive_in_pieces_and_together() {
        let pieces: [&[u8]; 4] = [b"on", b"e\r", b"\n\ntw\ro\nth", b""];
        let whole = lines(&pieces).expect("short lines");
        assert_eq!(whole, [&b"one"[..], b"", b"tw\ro", b"th"]);
    }

    #[test]
    fn a_line_over_the_limit_is_an_error() {
        assert!(lines(&[b"123456789\n"]).is_ok());
        assert!(lines(&[b"123456789"]).is_ok());
        for long in [&b"1234567890\n"[..], b"1234567890"] {
            assert!(lines(&[long]).is_err());
        }
    }
}
