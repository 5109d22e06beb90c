//! Help for lesson 10: a slow peer, and the peers of a program that was given no address.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use shared::{Address, Args, Context, close_gracefully, practice, println};

/// Two addresses, the positional argument and the value of an option; in place of one
/// that is missing, a practice server as for
/// [`Args::address_or_practice`]: for clients of two servers.
///
/// # Errors
/// As [`Args::address_or_practice`]. Nothing is started then.
pub fn two_or_practice(args: &Args, option: &str) -> shared::Result<[Address; 2]> {
    let given = args.values(option).last().map(str::parse).transpose()?;
    let first = args.address_or_practice(practice::echo_words)?;
    if let Some(second) = given {
        return Ok([first, second]);
    }
    let second = slow().context("cannot start a practice server")?;
    println!(
        "No --{option} given: a practice server in this program listens on {second}"
    );
    Ok([first, second.into()])
}

/// Somebody slow: greets its client unasked, answers each line two seconds
/// late, and when it has heard nothing for eight seconds, it asks.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
fn slow() -> io::Result<SocketAddr> {
    practice::tcp(|stream| talk(stream, Duration::from_secs(2), Duration::from_secs(8)))
}

fn talk(stream: TcpStream, late: Duration, patience: Duration) -> io::Result<()> {
    stream.set_read_timeout(Some(patience))?;
    (&stream).write_all(b"Hello. I am slow: I answer two seconds late.\n")?;
    let mut reader = BufReader::new(&stream);
    let mut line = Vec::new();
    loop {
        match (&mut reader).take(4096).read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {
                thread::sleep(late);
                let heard = String::from_utf8_lossy(line.trim_ascii_end());
                (&stream).write_all(format!("You said: {heard}\n").as_bytes())?;
                line.clear();
            }
            // Its patience is over: Unix says WouldBlock, Windows says TimedOut.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut
                ) =>
            {
                (&stream).write_all(b"Are you still there?\n")?;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    close_gracefully(stream, Duration::from_secs(1));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpListener};

    #[test]
    fn it_greets_answers_late_and_asks_when_it_hears_nothing() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
        let address = listener.local_addr().expect("its address");
        let client = TcpStream::connect(address).expect("a connection");
        let (server, _) = listener.accept().expect("the client");
        let ms = Duration::from_millis;
        let serving = thread::spawn(move || talk(server, ms(1), ms(50)));
        (&client).write_all(b"hello\n").expect("it reads");
        let mut lines = BufReader::new(&client).lines();
        for expected in [
            "Hello. I am slow: I answer two seconds late.",
            "You said: hello",
            "Are you still there?",
            "Are you still there?",
        ] {
            let line = lines.next().expect("a line").expect("a line");
            assert_eq!(line, expected);
        }
        client.shutdown(std::net::Shutdown::Write).expect("a half");
        serving.join().expect("no panic").expect("it ends");
    }
}
