//! Exercise length-bomb (repair): the server that dies some nights.
//!
//! This server reads frames: a length of 4 bytes, big-endian, and then that many bytes.
//! It answers each with a frame that says how many bytes the message had: `5 bytes`. It
//! works. But some nights it dies, and all its clients with it. Nobody has sent it more
//! than a page, they say, and there was memory enough for that. Repair it.
//!
//! A message has at most 65,536 bytes. A client whose frame is longer gets at once,
//! before it has sent the message, a frame that begins with `error: `, and then a clean
//! end: no reset, though it goes on sending for a while. The other clients notice nothing.
//! What the server did well stays: a client may be silent for some seconds, and the server
//! counts whole messages, also none of a frame that is cut off.
//!
//! Check it:      cargo run -- check length-bomb
//! Try it:        cargo run -p mine --example length-bomb -- 127.0.0.1:7009
//!                then, in another terminal:
//!                printf '\0\0\0\5hello' | nc -N 127.0.0.1 7009

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

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
        write_frame(&mut client, answer.as_bytes())?;
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
