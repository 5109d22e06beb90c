//! Help for lesson 09: the servers that its two clients talk to without an address.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use shared::{close_gracefully, practice};

use crate::frames::{read_frame, write_frame};

/// The framed server of lesson 09, for its client: each frame NAME comes back as a frame
/// `Hello, NAME!`. A frame above 64 KiB is answered with an error frame, and the end.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn framed() -> io::Result<SocketAddr> {
    practice::tcp(|mut stream| {
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        loop {
            match read_frame(&mut stream) {
                Ok(Some(name)) => write_frame(
                    &mut stream,
                    &[b"Hello, ", name.as_slice(), b"!"].concat(),
                )?,
                Ok(None) => break,
                Err(error) => {
                    write_frame(&mut stream, format!("error: {error}").as_bytes())?;
                    break;
                }
            }
        }
        close_gracefully(stream, Duration::from_secs(1));
        Ok(())
    })
}

const COMMANDS: &str = "count echo fail help nihao";

/// The remote command server of lesson 09, for its client: it speaks the same protocol
/// and has five commands of its own. It starts no program, so any token will do.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn remote() -> io::Result<SocketAddr> {
    practice::tcp(|mut stream| {
        stream.set_read_timeout(Some(Duration::from_secs(600)))?;
        if read_frame(&mut stream)?.is_some() {
            reply(&mut stream, b'w', COMMANDS.as_bytes())?;
        }
        while let Some(line) = read_frame(&mut stream)? {
            let line = String::from_utf8_lossy(&line).into_owned();
            obey(&mut stream, &line)?;
        }
        close_gracefully(stream, Duration::from_secs(1));
        Ok(())
    })
}

/// The output in frames, then the frame that ends the reply.
fn obey(stream: &mut TcpStream, line: &str) -> io::Result<()> {
    let mut words = line.split_whitespace();
    let (tag, last) = match words.next().unwrap_or_default() {
        "echo" => {
            let said: Vec<_> = words.collect();
            reply(stream, b'o', format!("{}\n", said.join(" ")).as_bytes())?;
            (b'x', "0")
        }
        // Many frames for one command.
        "count" => match words.next().unwrap_or("3").parse::<u16>() {
            Ok(last) => {
                for number in 1..=last {
                    reply(stream, b'o', format!("{number}\n").as_bytes())?;
                }
                (b'x', "0")
            }
            Err(error) => {
                reply(stream, b'e', format!("count: {error}\n").as_bytes())?;
                (b'x', "1")
            }
        },
        "fail" => {
            reply(stream, b'e', b"fail: this command always fails\n")?;
            (b'x', "3")
        }
        // The two characters of "hello" in Chinese, in GBK: not UTF-8.
        "nihao" => {
            reply(stream, b'o', b"\xc4\xe3\xba\xc3\n")?;
            (b'x', "0")
        }
        "help" => {
            reply(stream, b'o', format!("{COMMANDS}\n").as_bytes())?;
            (b'x', "0")
        }
        _ => (b'!', "the practice server has no such command; try help"),
    };
    reply(stream, tag, last.as_bytes())
}

fn reply(stream: &mut TcpStream, tag: u8, data: &[u8]) -> io::Result<()> {
    write_frame(stream, &[&[tag], data].concat())
}
