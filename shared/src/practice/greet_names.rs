use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use crate::close_gracefully;

/// Says `Welcome!`, then `Hello, NAME!` for each line, until the line `exit`. For the
/// client of lesson 07.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn greet_names() -> io::Result<SocketAddr> {
    super::tcp(|stream| {
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        (&stream).write_all(b"Welcome!\n")?;
        let mut lines = BufReader::new(&stream);
        loop {
            let mut line = Vec::new();
            let length = lines.by_ref().take(1024).read_until(b'\n', &mut line)?;
            let name = line.trim_ascii_end();
            if length == 0 || name == b"exit" {
                break;
            }
            (&stream).write_all(&[b"Hello, ", name, b"!\n"].concat())?;
        }
        close_gracefully(stream, Duration::from_secs(1));
        Ok(())
    })
}
