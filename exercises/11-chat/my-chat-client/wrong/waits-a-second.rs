//! Waits a second for the server after the end of the keyboard.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::select::{FdSet, select};

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
fn wait(keyboard: Option<&File>, server: &TcpStream) -> io::Result<(bool, bool)> {
    let mut readable = FdSet::new(); // a new one each time: select changes it
    readable.insert(server.as_fd());
    if let Some(keyboard) = keyboard {
        readable.insert(keyboard.as_fd());
    }
    match select(None, &mut readable, None, None, None) {
        Err(Errno::EINTR) => return Ok((false, false)), // the set says nothing now
        result => result?,
    };
    let typed = keyboard.is_some_and(|keyboard| readable.contains(keyboard.as_fd()));
    Ok((typed, readable.contains(server.as_fd())))
}

/// Sends what was typed. At the end of the keyboard there is no keyboard any more.
fn send(keyboard: &mut Option<File>, server: &mut TcpStream) -> io::Result<()> {
    let Some(keys) = keyboard else { return Ok(()) };
    let mut chunk = [0; 4096];
    let count = keys.read(&mut chunk)?;
    server.write_all(&chunk[..count])?;
    if count == 0 {
        *keyboard = None; // or it would be readable for ever
        server.shutdown(Shutdown::Write)?;
        thread::spawn(|| {
            thread::sleep(Duration::from_secs(1));
            std::process::exit(0)
        });
    }
    Ok(())
}

/// Prints what the server has said. False: the server has ended.
fn print(server: &mut TcpStream) -> io::Result<bool> {
    let mut chunk = [0; 4096];
    let count = server.read(&mut chunk)?;
    let mut screen = io::stdout();
    screen.write_all(&chunk[..count])?;
    screen.flush()?; // or half a line would stay in its buffer
    Ok(count > 0)
}
