//! Practice servers: what a client talks to when it was given no address.
//!
//! Each runs inside the client's own process, on 127.0.0.1 and a port that the kernel
//! chooses, and ends with it. They are built on std's own types: the lessons that follow
//! build such servers by hand.

mod accept_only;
mod chat;
mod echo;
mod echo_words;
mod greet_names;
mod greeter;
mod page;
mod upper_case;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

use crate::Backoff;

pub use accept_only::accept_only;
pub use chat::chat;
pub use echo::echo;
pub use echo_words::echo_words;
pub use greet_names::greet_names;
pub use greeter::greeter;
pub use page::page;
pub use upper_case::upper_case;

/// Serves each client with `serve`, on a thread of its own. Returns the address.
///
/// A client that fails ends its own connection and nothing else.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn tcp(serve: fn(TcpStream) -> io::Result<()>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    // `thread::spawn` would panic where the system has no thread left: lesson 07.
    thread::Builder::new().spawn(move || {
        let mut backoff = Backoff::default();
        for stream in listener.incoming() {
            match stream {
                // The client prints what it sees; a practice server has nothing to add.
                // Where there is no thread for it, it sees the end of its stream.
                Ok(stream) => {
                    drop(thread::Builder::new().spawn(move || drop(serve(stream))));
                }
                Err(error) => {
                    if backoff.wait_or_fail(error).is_err() {
                        return; // no waiting helps: nobody is served any more
                    }
                }
            }
        }
    })?;
    Ok(address)
}
