//! What stands around the loop of a server that waits for many clients at once, once the
//! lessons have taught it (05–09).

use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use once_cell::sync::Lazy;
use socket2::{SockRef, Socket, TcpKeepalive};

use crate::{Context, Error, explain, from_here, hang_up_all, println};

/// How long a client has to hear our last words.
const GOODBYE: Duration = Duration::from_millis(300);

/// Makes a socket ready for a program that waits for several things at once: its calls do
/// not block, what it sends goes out at once (TCP_NODELAY), and its connection fails with
/// ETIMEDOUT when the peer's machine has shown no sign of life for `patience`.
///
/// Silence alone is no fault: the kernel asks a silent peer for a sign of life
/// (SO_KEEPALIVE), after half of `patience`, a second at least. TCP_USER_TIMEOUT counts for
/// what was sent, too, and for a peer that takes nothing any more (tcp(7)).
///
/// # Errors
/// Those of fcntl(2) and setsockopt(2); and where select(2) could not watch it.
pub fn prepare<'a>(socket: impl Into<SockRef<'a>>, patience: Duration) -> io::Result<()> {
    let socket = socket.into();
    #[cfg(unix)]
    watchable(&*socket)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    let second = Duration::from_secs(1);
    let keepalive = TcpKeepalive::new()
        .with_time((patience / 2).max(second))
        .with_interval((patience / 8).max(second));
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(patience))?;
    Ok(())
}

/// Whether `select` can watch this descriptor: its sets end at FD_SETSIZE (select(2)).
///
/// # Errors
/// Where it cannot.
#[cfg(unix)]
pub fn watchable(descriptor: &impl std::os::fd::AsRawFd) -> io::Result<()> {
    let number = descriptor.as_raw_fd();
    if usize::try_from(number).is_ok_and(|number| number < nix::sys::select::FD_SETSIZE) {
        return Ok(());
    }
    let words = format!("select cannot watch descriptor {number}");
    Err(io::Error::new(ErrorKind::Unsupported, words))
}

/// Whether a nonblocking call has met the end of a connection, or of the keyboard; then it
/// says so. It is not lost where there was only [nothing to do](nothing_yet).
///
/// The kernel tells the error of a connection once, to the call that comes first: look at
/// what write says, too.
pub fn is_lost(name: &str, error: &io::Error) -> bool {
    if nothing_yet(error) {
        return false;
    }
    println!("[{name} is lost: {}]", explain(error));
    true
}

/// A nonblocking listener with a long queue, [`prepare`]d: accepted connections inherit its
/// options (Linux, BSD), but on Linux not that they are nonblocking.
///
/// std's listener may take a port that waits in TIME_WAIT, but has a queue of 128 only; to
/// listen again makes it longer.
///
/// # Errors
/// Those of socket, bind, listen and setsockopt.
pub fn listen(address: SocketAddr, patience: Duration) -> Result<TcpListener, Error> {
    let open = || {
        let listener = TcpListener::bind(address)?;
        SockRef::from(&listener).listen(1024)?;
        prepare(&listener, patience)?;
        Ok(listener)
    };
    open().context(format!("cannot listen on {address}"))
}

/// Says where the listener is, and how to talk to it: the first two lines of a server.
///
/// # Errors
/// Those of getsockname(2).
pub fn announce(listener: &TcpListener) -> Result<(), Error> {
    let own = listener.local_addr().context("cannot read our address")?;
    println!("Listening on {own}");
    println!("try: nc {} {}", from_here(own).ip(), own.port());
    Ok(())
}

/// Whether a nonblocking call has only found nothing to do, or was interrupted. A timeout is
/// none of these: on a nonblocking socket it means that the peer's machine is gone.
pub fn nothing_yet(error: &io::Error) -> bool {
    let kind = error.kind();
    kind == ErrorKind::WouldBlock || kind == ErrorKind::Interrupted
}

/// Ends a connection politely, and waits for nobody: what `words` holds is still sent, then
/// it is ended as [`hang_up`](crate::hang_up) does, all within 0.3 seconds and on a thread
/// of its own, the doorman of lesson 07. If 64 stand at the door already, it is just closed.
pub fn see_off(connection: impl Into<Socket>, words: impl Into<Vec<u8>>) {
    static DOOR: Lazy<SyncSender<(Socket, Vec<u8>)>> = Lazy::new(|| {
        let (door, leaving) = mpsc::sync_channel(64);
        // Without a thread the other end of the channel is gone, and so is who comes.
        drop(thread::Builder::new().spawn(move || doorman(leaving)));
        door
    });
    // Both are dropped where it fails, and that closes the connection.
    drop(DOOR.try_send((connection.into(), words.into())));
}

fn doorman(leaving: Receiver<(Socket, Vec<u8>)>) {
    while let Ok(first) = leaving.recv() {
        let end = Instant::now() + GOODBYE;
        let mut crowd = vec![first];
        crowd.extend(leaving.try_iter()); // who else stands there by now
        see_all_off(crowd, end);
    }
}

/// [`see_off`] for those who stand at the door together, all until `end`.
fn see_all_off(mut crowd: Vec<(Socket, Vec<u8>)>, end: Instant) {
    // Those who take all of it at once first: they do not wait for the others.
    for patient in [false, true] {
        for (socket, words) in &mut crowd {
            if send_rest(socket, words, end, patient) {
                socket.shutdown(std::net::Shutdown::Write).ok();
            }
        }
    }
    let sockets = crowd.into_iter().map(|(socket, _)| socket);
    hang_up_all(sockets, end.saturating_duration_since(Instant::now()));
}

/// Whether all of it is sent now. What is sent is no longer in `words`.
fn send_rest(socket: &Socket, words: &mut Vec<u8>, end: Instant, patient: bool) -> bool {
    while !words.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero()
            || socket.set_nonblocking(!patient).is_err()
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

/// The end of a server: each of these connections, and those that still wait in the queue,
/// sees the end of its stream, and has 0.3 seconds to close. The listener is nonblocking.
///
/// # Errors
/// None: it returns what a lesson returns.
pub fn goodbye(
    listener: &TcpListener,
    connections: impl Iterator<Item = impl Into<Socket>>,
) -> Result<(), Error> {
    let queued = listener.incoming().map_while(|client| client.ok());
    let all = connections.map(Into::into).chain(queued.map(Into::into));
    hang_up_all(all, GOODBYE);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpStream;

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
        let crowd = vec![
            (server.into(), words.clone()),
            (second.into(), b"bye".to_vec()),
        ];
        // As the doorman does it, with more time: how fast this machine is is not the question.
        let door = thread::spawn(|| {
            see_all_off(crowd, Instant::now() + Duration::from_secs(60))
        });
        let mut heard = Vec::new();
        other.read_to_end(&mut heard).expect("an end, no reset");
        assert_eq!(heard, b"bye");
        drop(other);
        heard.clear();
        client.read_to_end(&mut heard).expect("an end, no reset");
        assert_eq!(heard.len(), words.len());
        drop(client);
        door.join().expect("nothing else to do");
    }

    #[test]
    fn who_takes_nothing_is_seen_off_all_the_same() {
        let (mut client, server) = pair();
        see_off(server, vec![b'x'; 8_000_000]);
        // With a first byte the doorman is at work, and now nobody reads: his clock ends it.
        client.read_exact(&mut [0]).expect("a first byte");
        let (mut next, second) = pair();
        see_off(second, b"bye");
        let mut heard = Vec::new();
        next.read_to_end(&mut heard).expect("an end, no reset");
        assert_eq!(heard, b"bye");
        drop(client);
    }

    #[test]
    fn the_options_of_the_listener_are_inherited() {
        let patience = Duration::from_secs(20);
        let any = "127.0.0.1:0".parse().expect("an address");
        let listener = listen(any, patience).unwrap_or_else(|error| panic!("{error}"));
        let own = listener.local_addr().expect("its address");
        let _client = TcpStream::connect(own).expect("a connection");
        let (accepted, _) = listener.accept().expect("the client");
        let socket = SockRef::from(&accepted);
        assert!(socket.keepalive().expect("SO_KEEPALIVE"));
        assert!(socket.tcp_nodelay().expect("TCP_NODELAY"));
        #[cfg(target_os = "linux")]
        {
            assert_eq!(socket.tcp_user_timeout().expect("set"), Some(patience));
            assert_eq!(socket.tcp_keepalive_time().expect("set"), patience / 2);
        }
    }
}
