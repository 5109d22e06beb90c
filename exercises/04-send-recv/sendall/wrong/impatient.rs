//! Gives up a peer that receives nothing for a moment.

use socket2::{Domain, Socket, Type};
use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let n: usize = a[2].parse().unwrap();
    match run(a[1].parse().unwrap(), n) {
        Ok(()) => println!("{n} bytes sent"),
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1)
        }
    }
}
fn run(to: SocketAddr, n: usize) -> io::Result<()> {
    let s = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    s.set_send_buffer_size(16384)?;
    s.set_write_timeout(Some(std::time::Duration::from_millis(300)))?;
    s.connect(&to.into())?;
    // 251 times 64, so every piece begins as the first one
    let block: Vec<u8> = (0..251u8).cycle().take(251 * 64 + 251).collect();
    let mut done = 0;
    while done < n {
        let from = done % 251;
        let till = block.len().min(from + n - done);
        match s.send(&block[from..till]) {
            Ok(k) => done += k,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        }
    }
    s.shutdown(Shutdown::Write)
}
