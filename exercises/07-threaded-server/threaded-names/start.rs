//! Exercise threaded-names (build): greet many clients at once, a thread for each.
//!
//! Your server listens on the address that is its first argument, such as 127.0.0.1:7070.
//! To each client it says `Welcome!` and `\n` at once. Then each line from the client,
//! ended by `\n` or `\r\n`, is a name, and the answer is `Hello, NAME!` and `\n`. The
//! line `exit` has no answer: the server closes this connection. A name is any number of
//! bytes, blanks are a part of it, and it may be empty. It may come in pieces, and
//! several names may come at once. What has no end of a line when the client leaves is no
//! name. A hundred clients may be there, silent for as long as they like: they do not
//! wait for each other, and whatever becomes of one, the others are served on. Of a
//! client that has gone nothing stays behind, no socket and no thread.
//!
//! Check it:      cargo run -- check threaded-names
//! Try it:        cargo run -p mine --example threaded-names -- 127.0.0.1:7070
//!                then, in two other terminals: nc 127.0.0.1 7070

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7070".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        match listener.accept() {
            Ok((client, _)) => start(client),
            Err(error) => println!("a client is lost: {error}"),
        }
    }
}

/// Gives the client to a thread of its own, and does not wait for it.
fn start(client: TcpStream) {
    let _talk = move || serve(client);
    todo!("a thread that does this, and prints the error if there is one")
}

/// Talks to one client until it says exit, or leaves.
fn serve(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Welcome!\n")?;
    todo!("line after line, until exit or the end")
}
