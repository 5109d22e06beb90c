//! Works on all that has come at once: `split` gives the lines, and the rest is kept.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

const LIMIT: usize = 1000;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        serve(&client).ok();
    }
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
    let (mut rest, mut chunk) = (Vec::new(), vec![0; 70_000]);
    loop {
        let count = client.read(&mut chunk)?;
        rest.extend_from_slice(&chunk[..count]);
        let mut answer = Vec::new();
        let mut parts = rest.split(|byte| *byte == b'\n').peekable();
        let mut open = &b""[..];
        let mut too_long = false;
        while let Some(part) = parts.next() {
            let line = part.strip_suffix(b"\r").unwrap_or(part);
            too_long = line.len() > LIMIT;
            if too_long {
                break;
            }
            if parts.peek().is_some() {
                answer.extend([b"[", line, b"]\n"].concat());
            } else {
                open = part;
            }
        }
        if too_long {
            answer.extend(b"too long\n");
        } else if count == 0 && !open.is_empty() {
            answer.extend(b"cut off\n");
        }
        client.write_all(&answer)?;
        if too_long {
            client.shutdown(Shutdown::Write)?;
            while client.read(&mut chunk)? > 0 {}
        }
        if too_long || count == 0 {
            return Ok(());
        }
        rest = open.to_vec();
    }
}
