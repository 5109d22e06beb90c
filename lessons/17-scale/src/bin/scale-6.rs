//! Lesson 17, step 6: epoll, the kernel keeps the list and names only who is ready.
//!
//!     cargo run -p scale --bin scale-6        then: nc 127.0.0.1 7777
//!
//! What it costs: one call to put a client on the list; after that, only what happens.
//! What it cannot do: wait for a client that is slow to take its answers. It drops it,
//! because it has no place to keep what is left over. In step 7 the compiler makes one.
//! And Ctrl+Z with `fg` ends it: epoll_wait reports EINTR after that (lesson 04).

use std::collections::HashMap;
use std::env;
use std::io::{self, ErrorKind, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(0);

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:7777".to_string());
    let listener = std::net::TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    listener.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(listener);
    let mut poll = Poll::new()?;
    let list = poll.registry().try_clone()?;
    list.register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut clients: HashMap<Token, TcpStream> = HashMap::new();
    let mut next = 1;
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            let token = event.token();
            if token == LISTENER {
                while let Some((mut client, _)) = if_any(listener.accept())? {
                    list.register(&mut client, Token(next), Interest::READABLE)?;
                    clients.insert(Token(next), client);
                    next += 1;
                }
            } else if let Some(client) = clients.get_mut(&token)
                && echo(client).is_err()
            {
                clients.remove(&token); // closed, and so off the kernel's list
            }
        }
    }
}

/// Until nothing is left to read: of what we leave, nobody tells us again.
fn echo(client: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    while let Some(count) = if_any(client.read(&mut buffer))? {
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        client.write_all(&buffer[..count])?;
    }
    Ok(())
}

/// None where there is nothing now: the socket is empty, or nobody is in the queue.
fn if_any<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}
