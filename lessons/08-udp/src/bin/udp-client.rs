// ANCHOR: all
//! Lesson 08: sends each line as a datagram, and asks again when no answer comes.
//!
//!     cargo run -p udp --bin udp-client
//!     cargo run -p udp --bin udp-client -- 127.0.0.1:9000 --timeout 0.5 --tries 5

use std::io::{self, BufRead, ErrorKind, Read};
use std::net::{SocketAddr, UdpSocket};
use std::num::NonZeroU8;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::{Args, Context, exit_on_ctrl_c, practice, println};
use socket2::{Domain, Protocol, Socket, Type};

const HELP: &str = "\
Sends each line that you type as one datagram, and prints the answer.

usage: udp-client [HOST:PORT] [--timeout SECONDS] [--tries N] [--buffer BYTES]

  HOST:PORT          the server; without it, a practice server inside this program
  --timeout SECONDS  how long to wait for an answer (1)
  --tries N          how often to send a line before giving up (3)
  --buffer BYTES     the room for an answer (65535); a longer one is cut off

example: cargo run -p udp --bin udp-client -- 127.0.0.1:9000
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 1.0)?;
    let tries = args.value::<NonZeroU8>("tries")?.map_or(3, NonZeroU8::get);
    let room = usize::from(args.value("buffer")?.unwrap_or(u16::MAX));
    let address = args.address_or_practice(practice::upper_case)?;
    if args.positional().is_none() {
        println!("It loses every third datagram, on purpose.");
    }
    let addresses = address.resolve();
    let mut addresses = addresses.context(format!("cannot resolve {}", address.host))?;
    let mut socket = connect_to_any(&mut addresses)?;
    println!("Each line goes out as one datagram; Ctrl+D ends.");

    // One byte more than there is room for: an answer that reaches it was too long.
    let mut buffer = vec![0; room + 1];
    while let Some(line) = read_line().context("cannot read the keyboard")? {
        let mut asked = ask(&socket, &line, &mut buffer, timeout, tries);
        // connect sends nothing. Only asking shows that nobody is at this address.
        while addresses.len() > 1 && is_refused(&asked) {
            println!("[{} refuses; the next address]", addresses.remove(0));
            socket = connect_to_any(&mut addresses)?;
            asked = ask(&socket, &line, &mut buffer, timeout, tries);
        }
        let length = asked.context(format!("cannot ask {}", addresses[0]))?;
        println!("{}", String::from_utf8_lossy(&buffer[..length.min(room)]));
        if length > room {
            println!("[cut off: it was longer than {room} bytes, and the rest is lost]");
        }
    }
    Ok(())
}

fn is_refused(asked: &io::Result<usize>) -> bool {
    match asked {
        Ok(_) => false,
        Err(error) => error.kind() == ErrorKind::ConnectionRefused,
    }
}

/// Connects to the first address that there is a way to, and forgets those before it.
fn connect_to_any(addresses: &mut Vec<SocketAddr>) -> shared::Result<UdpSocket> {
    while addresses.len() > 1 && connect(addresses[0]).is_err() {
        addresses.remove(0);
    }
    connect(addresses[0]).context(format!("cannot ask {}", addresses[0]))
}

fn connect(server: SocketAddr) -> io::Result<UdpSocket> {
    let domain = Domain::for_address(server);
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    // Nothing goes over the network here. The kernel chooses our port and notes the
    // server's address: there `send` sends, only from there `recv` receives, and an
    // error that comes back from there is reported to us.
    socket.connect(&server.into())?;
    // As in lesson 03: our port may be the one that we ask. Then we would ask ourselves.
    if socket.local_addr()?.as_socket() == Some(server) {
        return Err(ErrorKind::ConnectionRefused.into());
    }
    Ok(socket.into())
}

/// Sends the line, and again when no answer comes in time. Returns the answer's length.
fn ask(
    socket: &UdpSocket,
    line: &[u8],
    buffer: &mut [u8],
    timeout: Duration,
    tries: u8,
) -> io::Result<usize> {
    // The answer is the line in upper case, so we know it when we see it.
    let answer = line[..line.len().min(buffer.len())].to_ascii_uppercase();
    for number in 1..=tries {
        if number > 1 {
            println!("[no answer in {timeout:?}; try {number} of {tries}]");
        }
        send(socket, line)?;
        let sent = Instant::now();
        loop {
            let left = timeout.saturating_sub(sent.elapsed());
            if left.is_zero() {
                break; // to the kernel a timeout of 0 would mean: wait for ever
            }
            socket.set_read_timeout(Some(left))?;
            match socket.recv(buffer) {
                Ok(length) if buffer[..length] == answer => return Ok(length),
                Ok(length) => println!("[{length} bytes that do not answer this line]"),
                Err(error) if is_no_answer_yet(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Err(ErrorKind::TimedOut.into())
}

/// A send that a signal interrupts has sent nothing.
fn send(socket: &UdpSocket, line: &[u8]) -> io::Result<()> {
    loop {
        match socket.send(line) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result.map(drop),
        }
    }
}

/// The time is up (Unix says WouldBlock, Windows TimedOut), or a signal came.
fn is_no_answer_yet(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

/// A line of the keyboard as bytes; none at its end.
fn read_line() -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    // Longer than any datagram: `send` will say so, and the memory has its limit.
    let mut keyboard = io::stdin().lock().take(1 << 16);
    if keyboard.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") {
        line.pop();
    }
    Ok(Some(line))
}
