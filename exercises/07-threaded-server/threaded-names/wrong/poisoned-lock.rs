//! Panics with a lock in its hand when a client has gone: it is poisoned for all.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;

static GREETED: Mutex<u64> = Mutex::new(0);

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(client).ok());
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Welcome!\n")?;
    let mut lines = BufReader::new(client.try_clone()?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let Some(name) = line.strip_suffix(b"\n") else {
            break;
        };
        let name = name.strip_suffix(b"\r").unwrap_or(name);
        if name == b"exit" {
            break;
        }
        let sent = client.write_all(&[b"Hello, ", name, b"!\n"].concat());
        let mut greeted = GREETED.lock().unwrap();
        sent.unwrap();
        *greeted += 1;
        line.clear();
    }
    Ok(())
}
