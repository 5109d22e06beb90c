use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use crate::close_gracefully;

/// The server of lesson 05, for its client: hears what one recv returns, answers
/// `Hello, client!` and closes. Who says nothing gets no answer.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn greeter() -> io::Result<SocketAddr> {
    super::tcp(|mut stream| {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let count = loop {
            match stream.read(&mut [0; 1024]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        if count > 0 {
            stream.write_all(b"Hello, client!\n")?;
        }
        close_gracefully(stream, Duration::from_secs(1));
        Ok(())
    })
}
