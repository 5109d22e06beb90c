use std::io::{self, ErrorKind};

/// Puts the pieces of lines together, as they come out of a stream: for programs that
/// cannot wait for the rest of a line, because they serve others meanwhile. What a line is
/// has been taught by lesson 09.
#[derive(Debug)]
pub struct Lines {
    limit: usize,
    start: Vec<u8>,
}

impl Lines {
    /// For lines of at most `limit` bytes, their end (`\n` or `\r\n`) included.
    pub fn up_to(limit: usize) -> Self {
        let start = Vec::new();
        Self { limit, start }
    }

    /// Takes what one read has brought; nothing means the end of the stream.
    ///
    /// Returns the lines that are complete now, byte for byte and without their ends, and
    /// whether it is over: at the end of the stream (the last line may lack its end), or with
    /// an error, where a line is longer than the limit. No more than the limit is kept.
    pub fn feed(&mut self, bytes: &[u8]) -> (Vec<Vec<u8>>, Option<io::Result<()>>) {
        if bytes.is_empty() {
            let rest = std::mem::take(&mut self.start);
            let last = (!rest.is_empty()).then(|| without_end(&rest).to_vec());
            return (last.into_iter().collect(), Some(Ok(())));
        }
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = piece.ends_with(b"\n");
            // Without an end it would only become longer.
            if self.start.len() + piece.len() + usize::from(!whole) > self.limit {
                self.start = Vec::new();
                let words = format!("a line may have {} bytes at most", self.limit);
                let error = io::Error::new(ErrorKind::InvalidData, words);
                return (lines, Some(Err(error)));
            }
            self.start.extend(piece);
            if whole {
                lines.push(without_end(&self.start).to_vec());
                self.start.clear();
            }
        }
        (lines, None)
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_arrive_in_pieces_and_together() {
        let mut lines = Lines::up_to(10);
        assert!(lines.feed(b"on").0.is_empty());
        assert!(lines.feed(b"e\r").0.is_empty());
        let (whole, over) = lines.feed(b"\n\ntw\ro\nth");
        assert_eq!(whole, [&b"one"[..], b"", b"tw\ro"]);
        assert!(over.is_none());
        let (whole, over) = lines.feed(b"");
        assert_eq!(whole, [b"th"]);
        assert!(matches!(over, Some(Ok(()))));
        let (whole, over) = lines.feed(b"");
        assert!(whole.is_empty() && over.is_some());
    }

    #[test]
    fn a_line_over_the_limit_is_an_error_and_those_before_it_are_not_lost() {
        let over = |bytes: &[u8]| {
            let mut lines = Lines::up_to(4);
            let (whole, over) = lines.feed(bytes);
            (whole.len(), over.is_some_and(|over| over.is_err()))
        };
        assert_eq!(over(b"abc\n"), (1, false));
        assert_eq!(over(b"abc"), (0, false));
        assert_eq!(over(b"abcd\n"), (0, true));
        assert_eq!(over(b"abcd"), (0, true));
        assert_eq!(over(b"a\nabcd\n"), (1, true));
    }
}
