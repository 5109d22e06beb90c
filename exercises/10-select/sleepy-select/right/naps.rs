//! Nonblocking sockets that are asked in turn, and a nap when neither has anything.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().expect("two addresses"));
    let peers = [connect()?, connect()?];
    let mut speaking = [true; 2];
    while speaking != [false; 2] {
        let mut nothing = true;
        for index in [0, 1]
            .into_iter()
            .filter(|index| speaking[*index])
            .collect::<Vec<_>>()
        {
            let (mut from, mut to) = (&peers[index], &peers[1 - index]);
            let mut chunk = [0; 8192];
            from.set_nonblocking(true)?;
            let read = from.read(&mut chunk);
            to.set_nonblocking(false)?;
            match read {
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Ok(count @ 1..) if to.write_all(&chunk[..count]).is_ok() => {}
                _ => {
                    to.shutdown(Shutdown::Write).ok();
                    speaking[index] = false;
                }
            }
            nothing = false;
        }
        if nothing {
            thread::sleep(Duration::from_millis(5));
        }
    }
    Ok(())
}
