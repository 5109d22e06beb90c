//! Help for lesson 09: the servers that its two clients talk to without an address.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use shared::{close_gracefully, practice};

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

/// The next frame; none at an end between two frames.
fn read_frame(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    if stream.take(4).read_to_end(&mut head)? == 0 {
        return Ok(None);
    }
    let head = head.try_into().map_err(|_| ErrorKind::UnexpectedEof)?;
    let length = u64::from(u32::from_be_bytes(head));
    if length > 65_536 {
        let words = "a frame may have 65536 bytes at most";
        return Err(io::Error::new(ErrorKind::InvalidData, words));
    }
    let mut frame = Vec::new();
    if (stream.take(length).read_to_end(&mut frame)? as u64) < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(frame))
}

fn write_frame(stream: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), frame].concat())
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
