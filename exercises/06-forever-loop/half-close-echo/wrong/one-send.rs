//! What the kernel has no room for is not sent again.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7007".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    for client in listener.incoming() {
        // One client's error is its own: `?` here would end the server for all.
        if let Err(error) = client.and_then(echo) {
            println!("a client is lost: {error}");
        }
    }
    Ok(())
}

/// Sends everything back until the client has ended its sending. The stream is ours: when
/// this function returns it is dropped, and the client sees the end.
fn echo(mut client: TcpStream) -> io::Result<()> {
    client.set_nonblocking(true)?;
    let mut chunk = [0; 4096];
    loop {
        match client.read(&mut chunk) {
            Ok(0) => return Ok(()),
            // What has no room is gone.
            Ok(count) => match client.write(&chunk[..count]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => drop(result?),
            },
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
