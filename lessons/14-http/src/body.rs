// ANCHOR: all
//! Lesson 14, a part of `cargo run -p http`: the body of an answer, up to its end.

use std::io::{self, BufRead, ErrorKind, Read, Write};

use httparse::Status::Complete;
use shared::{Context, Error};

use crate::response::Length;

const MAX_LINE: u64 = 16 * 1024; // bytes: a chunk's size, or all fields after the chunks

/// Where a body comes from, and how many bytes of it we still take.
pub struct Body<'a, R> {
    pub reader: &'a mut R,
    pub room: u64,
}

impl<R: BufRead> Body<'_, R> {
    /// Passes the body on to `to`, piece by piece, and nothing of what comes after it.
    pub fn receive(&mut self, length: Length, to: &mut impl Write) -> shared::Result<()> {
        match length {
            Length::Exactly(count) => self.pass_on(count, to),
            Length::UntilClose => loop {
                match self.wait()?.len() {
                    0 => return Ok(()), // the server has closed
                    count => self.pass_on(count as u64, to)?,
                }
            },
            Length::Chunked => self.receive_chunks(to),
        }
    }

    /// The bytes that are here; where there are none, waits for some.
    fn wait(&mut self) -> shared::Result<&[u8]> {
        self.reader.fill_buf().context("cannot receive the body")
    }

    /// So many bytes and no more.
    fn pass_on(&mut self, count: u64, to: &mut impl Write) -> shared::Result<()> {
        let room = self.room.checked_sub(count);
        self.room = room.ok_or_else(|| {
            Error::new("the body is longer than --max-body allows")
                .hint("--max-body allows more, if you trust this server")
        })?;
        let mut left = count;
        while left > 0 {
            let bytes = self.wait()?;
            if bytes.is_empty() {
                return early(format!("the server closed, {left} bytes are missing"));
            }
            let piece = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            to.write_all(&bytes[..piece])
                .context("cannot save the body")?;
            self.reader.consume(piece);
            left -= piece as u64;
        }
        Ok(())
    }

    /// Each chunk is a line with its size, in hexadecimal, that many bytes, and a line
    /// end. A chunk of size 0 is the last one; fields can follow it, then an empty line.
    fn receive_chunks(&mut self, to: &mut impl Write) -> shared::Result<()> {
        loop {
            let line = self.line(MAX_LINE)?;
            // For httparse, no digit at all is a 0, and would be the end of the body.
            let begins = line.first().is_some_and(u8::is_ascii_hexdigit);
            match httparse::parse_chunk_size(&line) {
                Ok(Complete((_, 0))) if begins => break,
                Ok(Complete((_, size))) if begins => self.pass_on(size, to)?,
                _ => return wrong("a chunk has no size"),
            }
            if self.line(2)? != b"\r\n" {
                return wrong("a chunk is longer than it said");
            }
        }
        let mut room = MAX_LINE;
        while room > 0 {
            let line = self.line(room)?;
            if line == b"\r\n" {
                return Ok(()); // we have no use for the fields before it
            }
            room -= line.len() as u64;
        }
        wrong("the fields after the chunks are longer than 16 KiB")
    }

    /// A line with its end; or `most` bytes, where it is longer.
    fn line(&mut self, most: u64) -> shared::Result<Vec<u8>> {
        let mut line = Vec::new();
        let read = self.reader.take(most).read_until(b'\n', &mut line);
        let count = read.context("cannot receive the body")?;
        if !line.ends_with(b"\n") && (count as u64) < most {
            return early("the server closed between two chunks".to_string());
        }
        if line.ends_with(b"\n") && !line.ends_with(b"\r\n") {
            return wrong("a line between the chunks has no \\r before its \\n");
        }
        Ok(line)
    }
}

fn early<T>(what: String) -> shared::Result<T> {
    Err(io::Error::new(ErrorKind::UnexpectedEof, what)).context("cannot receive the body")
}

fn wrong<T>(what: &str) -> shared::Result<T> {
    Err(Error::new(format!("cannot receive the body: {what}"))
        .hint("this server's answers cannot be trusted; tell its owner"))
}
