// ANCHOR: all
//! Lesson 10: sockets in many states, and in which of the three sets select finds them.
//!
//!     cargo run -p select --bin ready

use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;
use std::{mem::MaybeUninit, process::ExitCode, thread, time::Duration};

use nix::{errno::Errno, sys::select, sys::time::TimeVal};
use shared::{Args, Context, exit_on_ctrl_c};
use shared::{explain, println, would_block};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Brings sockets into many states, and prints in which of the three sets of select they
are then: readable, writable, exceptional. Behind it stands what the next call does.

usage: ready

example: cargo run -p select --bin ready
";

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    args.no_address()?;
    let shown = streams().and_then(|()| connects());
    shown.and_then(|()| datagrams()).context("cannot go on")
}

fn streams() -> io::Result<()> {
    let listener = socket(Type::STREAM)?;
    listener.listen(1)?;
    show("a listener", &listener, "accept")?;
    let (_first, mut peer) = (dial(&listener)?, dial(&listener)?);
    show("clients are in its queue", &listener, "accept")?;

    let stream = accept_from(&listener, &peer)?;
    stream.set_nonblocking(true)?;
    peer.set_nonblocking(false)?;
    show("a connection", &stream, "recv")?;
    peer.send(b"hello")?;
    show("the peer has sent something", &stream, "recv")?;
    peer.send_out_of_band(b"!")?;
    show("the peer has sent an urgent byte", &stream, "recv urgent")?;
    let mut count = 0;
    while let Ok(more) = stream.send(&[0; 65536]) {
        count += more;
        thread::sleep(Duration::from_millis(1)); // the kernel moves it on to the peer
    }
    show("the peer does not read", &stream, "send")?;
    peer.read_exact(&mut vec![0; count])?;
    show("the peer has read all of it", &stream, "send")?;
    peer.shutdown(std::net::Shutdown::Write)?;
    show("the peer has ended its sending", &stream, "recv")?;
    drop(peer); // with unread input, so it resets the connection: lesson 05
    show("the peer has closed", &stream, "send")
}

/// The connection of this peer: others may stand in the queue before it.
fn accept_from(listener: &Socket, peer: &Socket) -> io::Result<Socket> {
    loop {
        let (stream, from) = listener.accept()?;
        if from.as_socket() == peer.local_addr()?.as_socket() {
            return Ok(stream);
        }
    }
}

fn connects() -> io::Result<()> {
    let listener = socket(Type::STREAM)?; // bound, but nobody listens yet
    show("connect: nobody listens", &dial(&listener)?, "SO_ERROR")?;
    listener.listen(0)?; // a queue for one
    show("connect: somebody listens", &dial(&listener)?, "SO_ERROR")?;
    show("connect: nobody answers", &dial(&listener)?, "SO_ERROR")
}

/// Begins to connect. It goes on in the background: that is EINPROGRESS.
fn dial(to: &Socket) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    match socket.connect(&to.local_addr()?) {
        Err(error) if !in_progress(&error) => Err(error),
        _ => Ok(socket),
    }
}

fn datagrams() -> io::Result<()> {
    let (server, client) = (socket(Type::DGRAM)?, socket(Type::DGRAM)?);
    show("a UDP socket", &server, "recv")?;
    client.send_to(b"", &server.local_addr()?)?;
    show("an empty datagram has come", &server, "recv")
}

fn socket(kind: Type) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, kind, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    Ok(socket)
}

fn show(what: &str, socket: &Socket, name: &str) -> io::Result<()> {
    thread::sleep(Duration::from_millis(50)); // what is on its way arrives
    let ready = look(socket)?;
    let said = match call(name, socket) {
        Ok(said) => said,
        Err(error) if would_block(&error) => "it would have to wait (EAGAIN)".to_string(),
        Err(error) => explain(&error).to_string(),
    };
    println!("{what:34} {ready:21} {name}: {said}");
    Ok(())
}

/// The sets that the socket is in now.
fn look(socket: &Socket) -> io::Result<String> {
    let mut all = select::FdSet::new();
    all.insert(socket.as_fd());
    let mut sets = [all; 3];
    let [readable, writable, exceptional] = &mut sets;
    let mut no_time = TimeVal::new(0, 0); // do not wait, only look
    match select::select(None, readable, writable, exceptional, &mut no_time) {
        Err(Errno::EINTR) => return look(socket),
        result => result?,
    };
    let names = ["readable", "writable", "exceptional"].iter().zip(sets);
    let ready = names.filter(|(_, set)| set.contains(socket.as_fd()));
    Ok(ready.map(|(name, _)| *name).collect::<Vec<_>>().join(", "))
}

fn call(name: &str, mut socket: &Socket) -> io::Result<String> {
    Ok(match name {
        "accept" => socket.accept().map(|_| "a connection".to_string())?,
        "recv" => format!("{} bytes", socket.read(&mut [0; 100])?),
        "recv urgent" => {
            let mut byte = [MaybeUninit::uninit(); 100];
            format!("{} byte", socket.recv_out_of_band(&mut byte)?)
        }
        "send" => format!("{} of 10000000 bytes", socket.send(&vec![0; 10_000_000])?),
        _ => (socket.take_error()?.as_ref().map(explain))
            .map_or("no error".to_string(), |error| error.to_string()),
    })
}

/// Whether a nonblocking connect has only begun (connect(2)). The socket becomes writable
/// when it is through, well or not.
fn in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(nix::libc::EINPROGRESS)
}
