//! The answer ends as the line did, with \r\n.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        serve(client.unwrap()).ok();
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    let (mut kept, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let count = client.read(&mut chunk)?;
        kept.extend_from_slice(&chunk[..count]);
        while let Some(end) = kept.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = kept.drain(..=end).collect();
            let (line, crlf) = match line[..end].strip_suffix(b"\r") {
                Some(line) => (line, &b"]\r\n"[..]),
                None => (&line[..end], &b"]\n"[..]),
            };
            if line.len() > 1000 {
                return refuse(client);
            }
            client.write_all(&[b"[", line, crlf].concat())?;
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
    io::copy(&mut client, &mut io::sink())?;
    Ok(())
}
