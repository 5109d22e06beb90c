//! The other side of the wire: plain std sockets with deadlines, patient or hostile.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use crate::{ANSWER, kernel};

/// Connects, and gives every later read and write a deadline of [`ANSWER`].
pub fn connect(address: impl ToSocketAddrs) -> TcpStream {
    let address = address
        .to_socket_addrs()
        .expect("an address")
        .next()
        .expect("an address");
    let stream = TcpStream::connect_timeout(&address, ANSWER)
        .unwrap_or_else(|error| panic!("cannot connect to {address}: {error}"));
    with_deadlines(stream)
}

/// Gives a stream's reads and writes a deadline of [`ANSWER`].
pub fn with_deadlines(stream: TcpStream) -> TcpStream {
    stream
        .set_read_timeout(Some(ANSWER))
        .expect("a read timeout");
    stream
        .set_write_timeout(Some(ANSWER))
        .expect("a write timeout");
    stream
}

/// A listener on 127.0.0.1 and a port that the kernel chose.
pub fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

/// A port on 127.0.0.1 where nothing listens, and where nothing will as long as this
/// process lives: it is bound, so that nobody else gets it, and never listened on.
pub fn dead_port() -> SocketAddr {
    static BOUND: Mutex<Vec<Socket>> = Mutex::new(Vec::new());
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).expect("a port");
    let address = socket.local_addr().expect("its address").as_socket();
    BOUND.lock().expect("no panic").push(socket);
    address.expect("IPv4")
}

/// A listener whose queue is full, the client that fills it, and its address: Linux drops
/// further handshakes, and so does a firewall. Keep the first two as long as it shall.
#[cfg(target_os = "linux")]
pub fn full_listener() -> (Socket, TcpStream, SocketAddr) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    listener.bind(&any.into()).expect("a port");
    listener.listen(0).expect("a queue for one");
    let address = listener.local_addr().expect("its address").as_socket();
    let address = address.expect("IPv4");
    let queued = connect(address);
    (listener, queued, address)
}

/// A server for one client, on a thread of its own: what a client lesson talks to.
///
/// Join the handle to see what `serve` returned, or its panic.
pub fn serve_one<T: Send + 'static>(
    serve: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let (listener, address) = listener();
    let thread = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        serve(with_deadlines(stream))
    });
    (address, thread)
}

/// Reads one line, its `\n` included. Byte by byte, so that nothing behind it is lost.
///
/// At the end of the stream: what there was before, maybe nothing.
pub fn read_line(stream: &mut impl Read) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        match stream.read(&mut byte) {
            Ok(0) => break,
            Ok(_) => line.push(byte[0]),
            Err(ref error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                panic!(
                    "no line came: {error}; so far: {:?}",
                    String::from_utf8_lossy(&line)
                )
            }
        }
        if byte[0] == b'\n' {
            break;
        }
    }
    String::from_utf8(line).expect("UTF-8")
}

/// Reads exactly `count` bytes.
pub fn read_bytes(stream: &mut impl Read, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    stream
        .read_exact(&mut bytes)
        .unwrap_or_else(|error| panic!("{count} bytes: {error}"));
    bytes
}

/// Reads until the peer closes.
pub fn read_to_end(stream: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        panic!(
            "no end came: {error}; so far: {:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
    bytes
}

/// Expects the end of the stream, and nothing before it.
#[track_caller]
pub fn sees_the_end(stream: &mut impl Read) {
    let count = stream.read(&mut [0; 64]);
    assert_eq!(count.expect("the end, and no reset"), 0);
}

/// Writes all of it.
pub fn write(stream: &mut impl Write, bytes: impl AsRef<[u8]>) {
    stream
        .write_all(bytes.as_ref())
        .expect("the peer takes what we write");
}

/// Writes one byte at a time, a millisecond apart, each in a packet of its own, when the peer
/// has received the one before. A peer that receives nothing is waited for one second in all.
///
/// # Errors
/// When the peer no longer takes them.
pub fn write_slowly(stream: &mut TcpStream, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let end = Instant::now() + Duration::from_secs(1);
    for byte in bytes.as_ref() {
        stream.write_all(&[*byte])?;
        thread::sleep(Duration::from_millis(1)); // the dawdling itself
        while kernel::is_unread(stream) && Instant::now() < end {
            thread::sleep(Duration::from_millis(1)); // between two looks
        }
    }
    Ok(())
}

/// Ends the connection with a reset: close with a linger time of 0 (socket(7)).
pub fn reset(stream: TcpStream) {
    SockRef::from(&stream)
        .set_linger(Some(Duration::ZERO))
        .expect("SO_LINGER");
    drop(stream);
}
