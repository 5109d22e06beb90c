//! A hundred and twenty threads that were started before, and accept themselves.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap_or_default())?;
    thread::scope(|scope| {
        for _ in 0..120 {
            scope.spawn(|| {
                for client in listener.incoming().flatten() {
                    serve(client).ok();
                }
            });
        }
    });
    Ok(())
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Welcome!\n")?;
    let mut lines = BufReader::new(client);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let Some(name) = line.strip_suffix(b"\n") else {
            return Ok(());
        };
        let name = name.strip_suffix(b"\r").unwrap_or(name);
        if name == b"exit" {
            return Ok(());
        }
        let answer = [b"Hello, ", name, b"!\n"].concat();
        lines.get_mut().write_all(&answer)?;
        line.clear();
    }
    Ok(())
}
