//! The seventeenth guest at a time is sent away.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

static HERE: AtomicU32 = AtomicU32::new(0);

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7071".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    for (guest, number) in listener.incoming().zip(1..) {
        if HERE.load(Relaxed) == 16 {
            continue;
        }
        HERE.fetch_add(1, Relaxed);
        // The loop does not wait for the thread: it goes back to accept. A panic is told
        // by Rust itself.
        thread::spawn(move || {
            match guest.and_then(|guest| serve(guest, number)) {
                Ok(()) => println!("guest {number} had its turn"),
                Err(error) => println!("guest {number} is lost: {error}"),
            }
            HERE.fetch_sub(1, Relaxed);
        });
    }
    Ok(())
}

/// Gives one guest its number and its turn.
fn serve(mut guest: TcpStream, number: u32) -> io::Result<()> {
    guest.write_all(format!("You are number {number}.\n").as_bytes())?;
    let mut name = Vec::new();
    BufReader::new(&guest).read_until(b'\n', &mut name)?;
    let name = name.trim_ascii_end();
    guest.write_all(&[b"It is your turn, ", name, b".\n"].concat())
}
