//! Practice servers: what a client talks to when it was given no address.
//!
//! Each runs inside the client's own process, on 127.0.0.1 and a port that the kernel
//! chooses, and ends with it. They are built on std's own types: the lessons that follow
//! build such servers by hand.

mod chat;
mod echo;
mod framed;
mod greeter;
mod late;
pub mod mail;
mod other_end;
mod page;
mod partner;
mod quiet;
mod remote;
mod upper_case;
mod web;
mod welcome;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

use crate::Backoff;

pub use chat::chat;
pub use echo::echo;
pub use framed::framed;
pub use greeter::greeter;
pub use late::late;
pub use other_end::other_end;
pub use page::page;
pub use partner::partner;
pub use quiet::quiet;
pub use remote::remote;
pub use upper_case::upper_case;
pub use web::web;
pub use welcome::welcome;

/// Serves each client with `serve`, on a thread of its own. Returns the address.
///
/// A client that fails ends its own connection and nothing else.
fn tcp(serve: fn(TcpStream) -> io::Result<()>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        let mut backoff = Backoff::default();
        for stream in listener.incoming() {
            match stream {
                // The client prints what it sees; a practice server has nothing to add.
                Ok(stream) => drop(thread::spawn(move || drop(serve(stream)))),
                Err(error) => {
                    if backoff.survive(error).is_err() {
                        return; // no waiting helps: nobody is served any more
                    }
                }
            }
        }
    });
    Ok(address)
}
