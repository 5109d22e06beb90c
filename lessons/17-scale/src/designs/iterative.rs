//! Help for lesson 17: the design iterative (`one-by-one`), which is step 1 with deadlines.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::program::server::Server;

pub fn serve(server: &Server) -> io::Result<()> {
    loop {
        let client = server.accept()?;
        // An error is that client's own: it has reset, or was silent for too long. A
        // server at work would count them.
        echo(&client).ok();
    }
}

/// What comes goes back, until the end of the stream.
pub fn echo(mut client: &TcpStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        match client.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => match client.write_all(&buffer[..count]) {
                // Our half is shut down: somebody has pressed Ctrl+C. Read to the end.
                Err(ref error) if error.kind() == ErrorKind::BrokenPipe => {}
                result => result?,
            },
            Err(ref error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
