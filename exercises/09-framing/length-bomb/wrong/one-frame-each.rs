//! The first frame of a client is answered, and then its connection ends.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// The most bytes in a message.
const LIMIT: usize = 65_536;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7009".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept()?;
        thread::spawn(move || {
            if let Err(error) = serve(&client) {
                println!("a client is lost: {error}");
            }
        });
    }
}

/// Answers a client's frames. What was wrong with them is an answer, too.
fn serve(mut client: &TcpStream) -> io::Result<()> {
    loop {
        let answer = match read_frame(&mut client) {
            Ok(None) => return Ok(()),
            Ok(Some(frame)) => format!("{} bytes", frame.len()),
            Err(error) => {
                write_frame(&mut client, format!("error: {error}").as_bytes())?;
                return hang_up(client);
            }
        };
        return write_frame(&mut client, answer.as_bytes());
    }
}

/// The next frame; none where the stream ends between two frames.
fn read_frame(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    if from.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut head[1..])?;
    let length = u32::from_be_bytes(head) as usize;
    if length > LIMIT {
        // So far the length is only what a stranger says. No memory before this line.
        let words = format!("a message of {length} bytes, the limit is {LIMIT}");
        return Err(io::Error::new(ErrorKind::InvalidData, words));
    }
    let mut frame = vec![0; length];
    from.read_exact(&mut frame)?;
    Ok(Some(frame))
}

fn write_frame(to: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len()).map_err(io::Error::other)?;
    to.write_all(&[&length.to_be_bytes(), message].concat())
}

/// Ends our half, and reads and drops what still comes: a socket that is closed with unread
/// input would reset the connection, and the answer could get lost.
fn hang_up(mut client: &TcpStream) -> io::Result<()> {
    client.shutdown(Shutdown::Write)?;
    client.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut rest = [0; 4096];
    for _ in 0..256 {
        if client.read(&mut rest)? == 0 {
            break;
        }
    }
    Ok(())
}
