//! Lesson 09: frames, for its servers and clients.
//!
//! A frame is its length, 4 bytes big-endian, then that many bytes.

use std::io::{self, ErrorKind, Read, Write};

/// No frame is longer. Without a limit, 4 bytes from anybody would cost us 4 GiB.
pub const LIMIT: usize = 65_536;

/// The next frame; none where the stream ends between two frames.
pub fn read_frame(peer: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    // The first byte alone: no byte here is a goodbye, anywhere else it is an error.
    if peer.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    peer.read_exact(&mut length[1..])?;
    let length = u32::from_be_bytes(length) as usize;
    if length > LIMIT {
        // Before any memory is taken: so far this is only what a stranger says.
        return Err(io::Error::new(ErrorKind::InvalidData, too_long(length)));
    }
    let mut frame = vec![0; length];
    peer.read_exact(&mut frame)?;
    Ok(Some(frame))
}

/// Length and message in one write: two small ones can cost 40 ms (lesson 06). What the
/// peer would refuse is not sent.
pub fn write_frame(peer: &mut impl Write, message: &[u8]) -> io::Result<()> {
    if message.len() > LIMIT {
        let words = too_long(message.len());
        return Err(io::Error::new(ErrorKind::InvalidInput, words));
    }
    let length = u32::try_from(message.len()).map_err(io::Error::other)?;
    peer.write_all(&[&length.to_be_bytes(), message].concat())
}

fn too_long(length: usize) -> String {
    format!("a frame of {length} bytes, the limit is {LIMIT}")
}
