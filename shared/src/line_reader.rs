use std::io::{self, BufRead, BufReader, ErrorKind, Read};

/// Reads lines out of a stream, whatever the pieces in which they come (lesson 09), and
/// keeps no more of one than a limit: a line without an end must not fill the memory.
#[derive(Debug)]
pub struct LineReader<R> {
    stream: BufReader<R>,
    limit: usize,
    line: Vec<u8>,
}

impl<R: Read> LineReader<R> {
    /// For lines of at most `limit` bytes, their end (`\n` or `\r\n`) included.
    pub fn new(stream: R, limit: usize) -> Self {
        let stream = BufReader::new(stream);
        let line = Vec::new();
        Self {
            stream,
            limit,
            line,
        }
    }

    /// The stream, to write to it or to set its deadline.
    pub fn get_mut(&mut self) -> &mut R {
        self.stream.get_mut()
    }

    /// The next line, with its end. At the end of the stream the last one may lack it,
    /// and then an empty one comes.
    ///
    /// # Errors
    /// [`InvalidData`](ErrorKind::InvalidData), where a line is longer than the limit;
    /// and those of read(2). After a timeout nothing is lost: the next call goes on.
    pub fn read_line(&mut self) -> io::Result<Vec<u8>> {
        let room = (self.limit - self.line.len()) as u64;
        let mut limited = self.stream.by_ref().take(room);
        limited.read_until(b'\n', &mut self.line)?;
        let line = std::mem::take(&mut self.line);
        if line.len() == self.limit && !line.ends_with(b"\n") {
            let words = format!("a line may have {} bytes at most", self.limit);
            return Err(io::Error::new(ErrorKind::InvalidData, words));
        }
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that brings one piece for each read; an empty one is a timeout.
    struct Pieces(Vec<&'static [u8]>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.pop() {
                None => Ok(0),
                Some(b"") => Err(ErrorKind::WouldBlock.into()),
                Some(mut piece) => piece.read(buffer),
            }
        }
    }

    #[test]
    fn lines_arrive_in_pieces_and_together_and_outlive_a_timeout() {
        let pieces = [&b"on"[..], b"e\r", b"", b"\n\ntw\ro\nth"];
        let mut lines = LineReader::new(Pieces(pieces.into_iter().rev().collect()), 10);
        let error = lines.read_line().expect_err("a timeout");
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        for line in [&b"one\r\n"[..], b"\n", b"tw\ro\n", b"th", b"", b""] {
            assert_eq!(lines.read_line().expect("a line"), line);
        }
    }

    #[test]
    fn a_line_over_the_limit_is_an_error_and_those_before_it_are_not_lost() {
        let mut lines = LineReader::new(&b"abc\nabcd\n"[..], 4);
        assert_eq!(lines.read_line().expect("it fits"), b"abc\n");
        let error = lines.read_line().expect_err("one byte too long");
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    }
}
