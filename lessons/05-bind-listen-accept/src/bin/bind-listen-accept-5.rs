//! Lesson 05, step 5: a close that does not destroy the answer.
//!
//!     cargo run -p bind-listen-accept --bin bind-listen-accept-5
//!     nc 127.0.0.1 8888                       (in a second terminal)
//!
//! What it cannot do: listen on a name or on all of IPv6, end with exit code 0 on Ctrl+C,
//! say who may have the port. The last step, `bind-listen-accept`, mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

const PATIENCE: Duration = Duration::from_secs(30); // so long a client may be silent
const GOODBYE: Duration = Duration::from_secs(1); // so long we wait until it closes, too

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    #[cfg(unix)] // on Windows the option means something else
    listener.set_reuse_address(true)?; // before bind, which looks at it
    listener.bind(&address.into())?; // from here on the address is ours,
    listener.listen(10)?; // and from here on the kernel answers clients for us
    let own = listener.local_addr()?.as_socket().expect("an IP address");
    println!("Listening on {own}");

    loop {
        let (client, peer) = listener.accept()?; // sleeps until somebody comes
        println!("{} is connected", peer.as_socket().expect("an IP address"));
        match serve(client) {
            Ok(()) => return Ok(()), // this server is for one client
            Err(error) => println!("{error}; next client, please"),
        }
    }
}

fn serve(mut client: Socket) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?;
    let mut buffer = [0; 100];
    let count = client.read(&mut buffer)?;
    if count == 0 {
        return Err(io::Error::other("it closed without saying anything"));
    }
    println!("it says: {:?}", String::from_utf8_lossy(&buffer[..count]));
    client.write_all(b"Hello, client!\n")?;
    close_gracefully(client)
}

/// Ends the connection so that the answer arrives.
fn close_gracefully(mut client: Socket) -> io::Result<()> {
    client.shutdown(Shutdown::Write)?; // our end of the stream: this was all
    client.set_read_timeout(Some(GOODBYE))?;
    let end = Instant::now() + GOODBYE;
    let mut rest = [0; 4096]; // what is read into it is thrown away
    while Instant::now() < end {
        match client.read(&mut rest) {
            Ok(0) => break, // the client has closed, too
            Ok(_) => {}
            Err(_) => break, // it has said no more for a second, or it has gone
        }
    }
    Ok(())
}
