//! Takes all that came at once for one line, when it ends with an end.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        serve(client.unwrap()).ok();
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    let (mut kept, mut chunk) = (Vec::new(), [0; 65_536]);
    loop {
        let count = client.read(&mut chunk)?;
        kept.extend_from_slice(&chunk[..count]);
        if let Some(line) = kept.strip_suffix(b"\n") {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            client.write_all(&[b"[", line, b"]\n"].concat())?;
            kept.clear();
        }
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
    io::copy(&mut client, &mut io::sink())?;
    Ok(())
}
