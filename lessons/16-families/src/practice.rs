//! Help for lesson 16: the server that its stream client talks to without an address.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::thread;
use std::time::Duration;

use socket2::Socket;

use shared::close_gracefully;

/// One end of a socketpair(2), for the stream client of lesson 16. At the other end a
/// thread of this program says `Welcome!`, and answers each line with `OK... ` and the
/// line.
///
/// # Errors
/// When there is no descriptor left; and on a system without socketpair.
pub fn socketpair() -> io::Result<Socket> {
    let (ours, theirs) = pair()?;
    thread::spawn(move || {
        // The client prints what it sees; a practice server has nothing to add.
        drop(serve(&theirs));
        close_gracefully(theirs, Duration::from_secs(1));
    });
    Ok(ours)
}

#[cfg(unix)]
fn pair() -> io::Result<(Socket, Socket)> {
    Socket::pair(socket2::Domain::UNIX, socket2::Type::STREAM, None)
}

#[cfg(not(unix))]
fn pair() -> io::Result<(Socket, Socket)> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "socketpair is Unix only",
    ))
}

fn serve(mut client: &Socket) -> io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(600)))?;
    client.write_all(b"Welcome!\n")?;
    let mut lines = BufReader::new(client);
    loop {
        let mut line = Vec::new();
        let length = lines.by_ref().take(4096).read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(());
        }
        client.write_all(&[b"OK... ", line.trim_ascii_end(), b"\n"].concat())?;
    }
}
