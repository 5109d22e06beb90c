//! Lesson 12, step 2: a row for each option, and an error is an answer.
//!
//!     cargo run -p options --bin options-2
//!
//! What it cannot do: the other twenty options (the last step).

use std::fmt::Debug;
use std::io;

use socket2::{Domain, Socket, Type};

#[rustfmt::skip] // an option is two lines: its name; its calls
fn main() -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    row(&socket, "TCP_NODELAY",
        Socket::tcp_nodelay, Socket::set_tcp_nodelay, true);
    row(&socket, "SO_RCVBUF",
        Socket::recv_buffer_size, Socket::set_recv_buffer_size, 50_000);
    row(&socket, "IP_TTL",
        Socket::ttl_v4, Socket::set_ttl_v4, 5);
    Ok(())
}

/// Asks for an option, sets it to `value`, asks again, and prints the two answers.
fn row<T: Debug>(
    socket: &Socket,
    name: &str,
    get: fn(&Socket) -> io::Result<T>,
    set: fn(&Socket, T) -> io::Result<()>,
    value: T,
) {
    let default = get(socket);
    let got_back = set(socket, value).and_then(|()| get(socket));
    println!("{name} {default:?} {got_back:?}");
}
