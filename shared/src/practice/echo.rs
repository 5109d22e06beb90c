use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Sends back what comes, until the client closes: RFC 862. Lesson 17's partner.
///
/// Returns the address of the server.
///
/// # Errors
/// When the system has no socket left.
pub fn echo() -> io::Result<SocketAddr> {
    super::tcp(serve)
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    loop {
        match client.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => client.write_all(&buffer[..count])?,
            Err(ref error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
