//! Lesson 11, step 3: the client reads the keyboard without a buffer.
//!
//!     cargo run -p chat --bin chat-client-3              (the chat of this lesson runs)
//!
//! What it cannot do: be sure of its last words. On Ctrl+D it just closes, and when the
//! server has sent something meanwhile, that is a reset (lesson 05). And where the server
//! does not read, `write_all` sleeps. The last step mends both.

use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};

pub fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2626".to_string());
    let mut server = TcpStream::connect(address)?;
    // Not `io::stdin()`: a File has no buffer. Its read is one read(2).
    let mut keyboard = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    loop {
        let mut readable = FdSet::new();
        readable.insert(keyboard.as_fd());
        readable.insert(server.as_fd());
        select(None, &mut readable, None, None, None)?; // sleeps until one is readable
        let typed = readable.contains(keyboard.as_fd());
        let said = readable.contains(server.as_fd());

        if said {
            let mut buffer = [0; 4096];
            let count = server.read(&mut buffer)?;
            if count == 0 {
                return Ok(()); // the server has closed
            }
            print!("{}", String::from_utf8_lossy(&buffer[..count]));
        }
        if typed {
            let mut buffer = [0; 4096];
            let count = keyboard.read(&mut buffer)?;
            if count == 0 {
                return Ok(()); // Ctrl+D
            }
            let text = String::from_utf8_lossy(&buffer[..count]);
            server.write_all(text.replace('\n', "\r\n").as_bytes())?;
        }
    }
}
