//! Ends with exit code 1 where an option was unknown.

use std::io;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// An option: its name, how to ask for it, how to set it. All values are numbers here.
type Row = (
    &'static str,
    fn(&Socket) -> io::Result<usize>,
    fn(&Socket, usize) -> io::Result<()>,
);

const OPTIONS: &[Row] = &[
    (
        "SO_RCVBUF",
        Socket::recv_buffer_size,
        Socket::set_recv_buffer_size,
    ),
    (
        "SO_SNDBUF",
        Socket::send_buffer_size,
        Socket::set_send_buffer_size,
    ),
    (
        "SO_KEEPALIVE",
        |socket| socket.keepalive().map(usize::from),
        |socket, wish| socket.set_keepalive(wish != 0),
    ),
    (
        "SO_REUSEADDR",
        |socket| socket.reuse_address().map(usize::from),
        |socket, wish| socket.set_reuse_address(wish != 0),
    ),
    (
        "TCP_NODELAY",
        |socket| socket.tcp_nodelay().map(usize::from),
        |socket, wish| socket.set_tcp_nodelay(wish != 0),
    ),
    ("SO_RCVTIMEO", milliseconds, |socket, wish| {
        socket.set_read_timeout(Some(Duration::from_millis(wish as u64)))
    }),
    (
        "IP_TTL",
        |socket| socket.ttl_v4().map(|ttl| ttl as usize),
        |socket, wish| socket.set_ttl_v4(wish as u32),
    ),
];

fn main() -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let mut unknown = false;
    for setting in std::env::args().skip(1) {
        let (name, wish) = match setting.split_once('=') {
            Some((name, wish)) => (name, wish.parse().ok()),
            None => (setting.as_str(), None),
        };
        let answer = answer(&socket, name, wish);
        println!("{name} {answer}");
        unknown |= answer == "unknown";
    }
    std::process::exit(i32::from(unknown))
}

/// Sets the option where there is a wish, asks the kernel, and says what it said.
fn answer(socket: &Socket, name: &str, wish: Option<usize>) -> String {
    let Some((_, ask, set)) = OPTIONS.iter().find(|row| row.0 == name) else {
        return "unknown".to_string();
    };
    // No `?` that ends the program: a refusal is an answer, and the next setting follows.
    let set = wish.map_or(Ok(()), |wish| set(socket, wish));
    match set.and_then(|()| ask(socket)) {
        Ok(value) => value.to_string(),
        Err(_) => "refused".to_string(),
    }
}

/// The timeout; none is 0.
fn milliseconds(socket: &Socket) -> io::Result<usize> {
    let timeout = socket.read_timeout()?.unwrap_or_default();
    Ok(timeout.as_millis() as usize)
}
