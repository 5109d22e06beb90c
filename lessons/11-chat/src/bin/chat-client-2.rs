//! Lesson 11, step 2: the client waits for the keyboard and the server at once.
//!
//!     cargo run -p chat --bin chat-client-2              (the chat of this lesson runs)
//!
//! What it cannot do: see into a buffer. Paste three lines, and it sends one: the others
//! lie in `stdin`, and select cannot see them there (step 3).

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};

pub fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2626".to_string());
    let mut server = TcpStream::connect(address)?;
    let keyboard = io::stdin();
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
            let mut line = String::new();
            if keyboard.read_line(&mut line)? == 0 {
                return Ok(()); // Ctrl+D
            }
            server.write_all(format!("{}\r\n", line.trim_end()).as_bytes())?;
        }
    }
}
