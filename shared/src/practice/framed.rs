use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use crate::close_gracefully;

/// The framed server of lesson 09, for its client: each frame NAME comes back as a frame
/// `Hello, NAME!`. A frame above 64 KiB is answered with an error frame, and the end.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn framed() -> io::Result<SocketAddr> {
    super::tcp(|mut stream| {
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
pub(super) fn read_frame(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
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

pub(super) fn write_frame(stream: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), frame].concat())
}
