//! The lingering close: how a connection ends so that the last words arrive (lesson 05).

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use once_cell::sync::Lazy;
use socket2::{SockRef, Socket};

/// How long a client of [`close_in_background`] has to take our last words.
const LINGER: Duration = Duration::from_millis(300);

/// Ends a connection so that the peer gets everything that was sent to it.
///
/// A socket that is closed while input waits in it sends a reset, and a reset throws away
/// what the peer has not read yet (RFC 1122 section 4.2.2.13). So: shut down our half,
/// which tells the peer that this was the end; read away what still comes, until the
/// peer closes too or `patience` is over; then close.
///
/// Takes std's streams and socket2's sockets. Errors are not reported: the connection
/// ends in any case.
pub fn close_gracefully(connection: impl Into<Socket>, patience: Duration) {
    close_all([connection], patience);
}

/// The part of [`close_gracefully`] that comes before the close, for a connection that
/// others hold too: it is closed when the last of them lets go of it.
pub fn shutdown_and_drain<'a>(connection: impl Into<SockRef<'a>>, patience: Duration) {
    let socket = connection.into();
    if socket.shutdown(Shutdown::Write).is_ok() {
        drain(&socket, Instant::now() + patience);
    }
}

/// [`close_gracefully`] for many connections, with one common `patience`: every peer sees
/// the end first, then each is waited for.
pub fn close_all(
    connections: impl IntoIterator<Item = impl Into<Socket>>,
    patience: Duration,
) {
    let end = Instant::now() + patience;
    let connections = connections.into_iter().map(Into::into);
    // Where shutdown fails, the peer has reset the connection: nobody to be polite to.
    let notified =
        connections.filter(|socket: &Socket| socket.shutdown(Shutdown::Write).is_ok());
    for socket in notified.collect::<Vec<_>>() {
        drain(&socket, end);
    }
}

fn drain(mut socket: &Socket, end: Instant) {
    if socket.set_nonblocking(false).is_err() {
        return;
    }
    let mut rest = [0; 4096];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || socket.set_read_timeout(Some(left)).is_err() {
            return;
        }
        match socket.read(&mut rest) {
            Ok(0) => return,
            Ok(_) => {}
            Err(ref error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// [`close_gracefully`], without waiting: what is in `last_words` is still sent, all
/// within 0.3 seconds and on a thread of its own, one for all connections. If 64 are in
/// its queue already, this one is just closed.
pub fn close_in_background(
    connection: impl Into<Socket>,
    last_words: impl Into<Vec<u8>>,
) {
    static CLOSER: Lazy<SyncSender<(Socket, Vec<u8>)>> = Lazy::new(|| {
        let (closer, leaving) = mpsc::sync_channel(64);
        // Without a thread the other end of the channel is gone, and so is who comes.
        drop(thread::Builder::new().spawn(move || close_each(leaving)));
        closer
    });
    // Both are dropped where it fails, and that closes the connection.
    drop(CLOSER.try_send((connection.into(), last_words.into())));
}

fn close_each(leaving: Receiver<(Socket, Vec<u8>)>) {
    while let Ok(first) = leaving.recv() {
        let end = Instant::now() + LINGER;
        let mut all = vec![first];
        all.extend(leaving.try_iter()); // whoever else is in the queue by now
        close_with_words(all, end);
    }
}

fn close_with_words(mut all: Vec<(Socket, Vec<u8>)>, end: Instant) {
    // Those who take all of it at once first: they do not wait for the others.
    for waits in [false, true] {
        for (socket, words) in &mut all {
            if send_rest(socket, words, end, waits) {
                socket.shutdown(Shutdown::Write).ok();
            }
        }
    }
    let sockets = all.into_iter().map(|(socket, _)| socket);
    close_all(sockets, end.saturating_duration_since(Instant::now()));
}

/// Whether all of it is sent now. What is sent is no longer in `words`.
fn send_rest(socket: &Socket, words: &mut Vec<u8>, end: Instant, waits: bool) -> bool {
    while !words.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero()
            || socket.set_nonblocking(!waits).is_err()
            || socket.set_write_timeout(Some(left)).is_err()
        {
            return false;
        }
        match (&mut &*socket).write(words) {
            Ok(count) => drop(words.drain(..count)),
            Err(ref error) if error.kind() == ErrorKind::Interrupted => {}
            Err(ref error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(_) => words.clear(), // nobody is there to hear them
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        let client = TcpStream::connect(address).expect("a connection");
        let patience = Duration::from_secs(20);
        client.set_read_timeout(Some(patience)).expect("set");
        (client, listener.accept().expect("the client").0)
    }

    #[test]
    fn last_words_arrive_also_where_they_fit_in_no_buffer_and_input_is_unread() {
        let words = vec![b'x'; 8_000_000];
        let (mut client, server) = pair();
        client.write_all(b"unread").expect("the other end is there");
        let (mut other, second) = pair();
        let all = vec![
            (server.into(), words.clone()),
            (second.into(), b"bye".to_vec()),
        ];
        // As the closing thread does it, with more time: how fast this machine is is not
        // the question.
        let closing = thread::spawn(|| {
            close_with_words(all, Instant::now() + Duration::from_secs(60))
        });
        let mut heard = Vec::new();
        other.read_to_end(&mut heard).expect("an end, no reset");
        assert_eq!(heard, b"bye");
        drop(other);
        heard.clear();
        client.read_to_end(&mut heard).expect("an end, no reset");
        assert_eq!(heard.len(), words.len());
        drop(client);
        closing.join().expect("nothing else to do");
    }

    #[test]
    fn a_client_that_takes_nothing_is_closed_all_the_same() {
        let (mut client, server) = pair();
        close_in_background(server, vec![b'x'; 8_000_000]);
        // With a first byte the closing thread is at work, and now nobody reads: its
        // clock ends it.
        client.read_exact(&mut [0]).expect("a first byte");
        let (mut next, second) = pair();
        close_in_background(second, b"bye");
        let mut heard = Vec::new();
        next.read_to_end(&mut heard).expect("an end, no reset");
        assert_eq!(heard, b"bye");
        drop(client);
    }
}
