//! Lesson 12, step 2: the kernel asks the silent peer.
//!
//!     cargo run -p options --bin options-keepalive-2
//!
//! What it cannot do: notice it where something was sent (the last step).

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (_server, _) = listener.accept()?;
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(2)) // after so much silence it asks
        .with_interval(Duration::from_secs(1)) // without an answer, it asks again
        .with_retries(2); // in vain, as often as this: the connection is lost
    SockRef::from(&client).set_tcp_keepalive(&keepalive)?;
    println!("connected; the peer says nothing");
    let start = Instant::now();
    let read = client.read(&mut [0; 100]);
    println!("after {} ms: {read:?}", start.elapsed().as_millis());
    Ok(())
}
