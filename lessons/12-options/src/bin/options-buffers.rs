//! Lesson 12: SO_RCVBUF and SO_SNDBUF, and a reader that is slow.
//!
//!     cargo run -p options --bin options-buffers

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use shared::{Args, Context, exit_on_ctrl_c, println};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Sends to a peer that does not read, until the buffers are full; then the peer reads.

usage: options-buffers

example: cargo run -p options --bin options-buffers
";

const PIECE: [u8; 1000] = [b'x'; 1000];

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    exit_on_ctrl_c()?;
    for size in [None, Some(65_536), Some(4_096), Some(1)] {
        let (sender, reader) = connect(size).context("cannot make a connection")?;
        fill(sender, reader).context("cannot fill the buffers")?;
    }
    Ok(())
}

/// A connection whose buffers were asked to have this size: first the sender's end.
fn connect(size: Option<usize>) -> io::Result<(TcpStream, TcpStream)> {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let sender = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if let Some(size) = size {
        // On the listener, and before listen: the socket that accept returns has it from
        // there. Later is too late, because the handshake tells the peer how large the
        // window may become.
        listener.set_recv_buffer_size(size)?;
        sender.set_send_buffer_size(size)?;
    }
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    listener.listen(1)?;
    sender.connect(&listener.local_addr()?)?;
    let (reader, _) = listener.accept()?;
    match size {
        Some(size) => println!("both buffers are asked to have {size} bytes"),
        None => println!("both buffers as they are: the kernel lets them grow"),
    }
    let (rcvbuf, sndbuf) = (reader.recv_buffer_size()?, sender.send_buffer_size()?);
    println!("  SO_RCVBUF of the reader {rcvbuf}, SO_SNDBUF of the sender {sndbuf}");
    Ok((sender.into(), reader.into()))
}

fn fill(mut sender: TcpStream, mut reader: TcpStream) -> io::Result<()> {
    // Nonblocking: where send would have to wait, it says so.
    sender.set_nonblocking(true)?;
    let mut accepted = 0;
    loop {
        match sender.write(&PIECE) {
            Ok(length) => accepted += length,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => break,
                ErrorKind::Interrupted => {}
                _ => return Err(error),
            },
        }
    }
    println!("  the kernels take {accepted} bytes that nobody has read");

    // As many again, blocking: now the sender goes as fast as its reader.
    sender.set_nonblocking(false)?;
    let slow = thread::Builder::new().spawn(move || {
        thread::sleep(Duration::from_millis(200));
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)
    })?;
    let start = Instant::now();
    sender.write_all(&vec![b'x'; accepted])?;
    let waited = start.elapsed().as_millis();
    drop(sender);
    let read = slow.join().expect("the reader does not panic")?;
    println!("  the next {accepted} take {waited} ms: the peer reads after 200 ms");
    println!("  the peer has read {read} bytes");
    Ok(())
}
