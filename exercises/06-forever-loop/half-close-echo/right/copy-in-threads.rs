//! A thread for each client, and std's own loop.

use std::io;
use std::net::TcpListener;
use std::thread;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_default();
    let listener = TcpListener::bind(address)?;
    for client in listener.incoming().flatten() {
        thread::spawn(move || {
            let (mut from, mut to) = (&client, &client);
            io::copy(&mut from, &mut to).ok();
        });
    }
    Ok(())
}
