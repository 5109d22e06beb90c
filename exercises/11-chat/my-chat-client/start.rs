//! Exercise my-chat-client (build): the keyboard and the server at the same time.
//!
//! Your client connects to the address that is its first argument, such as 127.0.0.1:2626.
//! From then on it passes on both ways, each as soon as it comes, and byte for byte: lines
//! of the keyboard to the server; all that the server says, also half a line, to standard
//! output. While nobody does anything, it sleeps.
//!
//! At the end of the keyboard (Ctrl+D) it shuts down its sending, and still prints what
//! comes. When the server then ends, too, the program ends with exit code 0. When the
//! server ends first, or resets (be it after the keyboard's end), the program says so on
//! standard error, and ends at once with exit code 1: nobody has to press another key.
//!
//! (A server that does not read may make everything wait.)
//!
//! Check it:      cargo run -- check my-chat-client
//! Try it:        cargo run -p chat, and in two other terminals
//!                cargo run -p mine --example my-chat-client -- 127.0.0.1:2626

use std::fs::File;
use std::io;
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::process::ExitCode;

fn main() -> ExitCode {
    match talk() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the chat has ended: {error}");
            ExitCode::FAILURE
        }
    }
}

fn talk() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:2626".into());
    let mut server = TcpStream::connect(address)?;
    // Not io::stdin() itself: what lies in its buffer, select does not see.
    let mut keyboard = Some(File::from(io::stdin().as_fd().try_clone_to_owned()?));
    loop {
        let (typed, heard) = wait(keyboard.as_ref(), &server)?;
        if typed {
            send(&mut keyboard, &mut server)?;
        }
        if heard && !print(&mut server)? {
            return match keyboard {
                None => Ok(()),
                Some(_) => Err(io::Error::other("the server has gone")),
            };
        }
    }
}

/// Sleeps until the keyboard or the server has something. Says which.
fn wait(_keyboard: Option<&File>, _server: &TcpStream) -> io::Result<(bool, bool)> {
    todo!("ask select or poll for both")
}

/// Sends what was typed. At the end of the keyboard there is no keyboard any more.
fn send(_keyboard: &mut Option<File>, _server: &mut TcpStream) -> io::Result<()> {
    todo!("read once, and write_all; at the end shut down, and set it to None")
}

/// Prints what the server has said. False: the server has ended.
fn print(_server: &mut TcpStream) -> io::Result<bool> {
    todo!("read once, write_all to standard output, and flush it")
}
