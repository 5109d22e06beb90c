//! Waits a second for a client that was refused, and then ends itself.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        match serve(client.unwrap()) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            _ => {}
        }
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    let (mut kept, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let count = client.read(&mut chunk)?;
        kept.extend_from_slice(&chunk[..count]);
        while let Some(end) = kept.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = kept.drain(..=end).collect();
            let line = &line[..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.len() > 1000 {
                return refuse(client);
            }
            client.write_all(&[b"[", line, b"]\n"].concat())?;
        }
        if kept.len() > 1001 {
            return refuse(client);
        }
        if count == 0 {
            if !kept.is_empty() {
                client.write_all(b"cut off\n")?;
            }
            return Ok(());
        }
    }
}

fn refuse(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"too long\n")?;
    client.shutdown(Shutdown::Write)?;
    client.set_read_timeout(Some(Duration::from_secs(1)))?;
    io::copy(&mut client, &mut io::sink())?;
    Ok(())
}
