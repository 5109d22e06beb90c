//! The \r is taken off only where something stands before it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

/// The most bytes in a line, its end not counted.
const LIMIT: usize = 1000;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7209".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept()?;
        if let Err(error) = serve(client) {
            println!("a client is lost: {error}");
        }
    }
}

/// Answers each line of a client. What was wrong is an answer, too.
fn serve(client: TcpStream) -> io::Result<()> {
    let mut lines = Lines {
        client,
        kept: Vec::new(),
    };
    let wrong = loop {
        match lines.next() {
            Ok(Some(line)) => {
                lines
                    .client
                    .write_all(&[b"[", &line[..], b"]\n"].concat())?;
            }
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break "cut off\n",
            Err(error) if error.kind() == ErrorKind::InvalidData => break "too long\n",
            Err(error) => return Err(error),
        }
    };
    lines.client.write_all(wrong.as_bytes())?;
    hang_up(lines.client)
}

/// A client, and what it has sent of lines that were not asked for yet.
struct Lines {
    client: TcpStream,
    kept: Vec<u8>,
}

impl Lines {
    /// The next line without its end; none at the client's end.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut chunk = [0; 512];
        loop {
            let end = self.kept.iter().position(|byte| *byte == b'\n');
            if let Some(end) = end {
                // The line leaves `kept`; what came behind it stays for the next call.
                let mut line: Vec<u8> = self.kept.drain(..=end).collect();
                line.pop();
                if line.len() > 1 {
                    line.pop_if(|byte| *byte == b'\r');
                }
                return if line.len() > LIMIT {
                    Err(too_long())
                } else {
                    Ok(Some(line))
                };
            }
            // One byte more may be the \r of a line that is just long enough.
            if self.kept.len() > LIMIT + 1 {
                return Err(too_long());
            }
            match self.client.read(&mut chunk) {
                Ok(0) if self.kept.is_empty() => return Ok(None),
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.kept.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn too_long() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "a line is too long")
}

/// Ends our half, and reads and drops what still comes: else the connection would be reset.
fn hang_up(mut client: TcpStream) -> io::Result<()> {
    client.shutdown(Shutdown::Write)?;
    client.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut rest = [0; 4096];
    for _ in 0..256 {
        if client.read(&mut rest)? == 0 {
            break;
        }
    }
    Ok(())
}
