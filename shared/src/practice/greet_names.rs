use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use crate::{LineReader, close_gracefully};

/// Says `Welcome!`, then `Hello, NAME!` for each line, until the line `exit`. For the
/// client of lesson 07.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn greet_names() -> io::Result<SocketAddr> {
    super::tcp(|stream| {
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        (&stream).write_all(b"Welcome!\n")?;
        let mut lines = LineReader::new(&stream, 1024);
        loop {
            let line = lines.read_line()?;
            let name = line.trim_ascii_end();
            if line.is_empty() || name == b"exit" {
                break;
            }
            (&stream).write_all(&[b"Hello, ", name, b"!\n"].concat())?;
        }
        close_gracefully(stream, Duration::from_secs(1));
        Ok(())
    })
}
