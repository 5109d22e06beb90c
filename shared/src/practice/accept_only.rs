use std::io::{self, Read};
use std::net::SocketAddr;

/// Accepts every client, says nothing, and waits until the client closes. For lesson 03,
/// which only connects.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn accept_only() -> io::Result<SocketAddr> {
    super::tcp(|mut stream| {
        let mut rest = [0; 512];
        while stream.read(&mut rest)? > 0 {}
        Ok(())
    })
}
