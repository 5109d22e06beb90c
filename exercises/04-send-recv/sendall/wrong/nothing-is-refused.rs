//! A COUNT of 0 is an error.

use socket2::{Domain, Socket, Type};
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::process::exit;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let address: SocketAddr = args[1].parse().expect("an address");
    let count: u64 = args[2].parse().expect("a count");
    if count == 0 {
        eprintln!("nothing");
        exit(1)
    }
    if let Err(error) = talk(address, count) {
        eprintln!("not all is sent: {error}");
        exit(1);
    }
    println!("{count} bytes sent");
}
fn talk(address: SocketAddr, count: u64) -> io::Result<()> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.connect(&address.into())?;
    let round: Vec<u8> = (0..251u32 * 200).map(|i| (i % 251) as u8).collect();
    let mut sent = 0u64;
    while sent < count {
        let from = (sent % 251) as usize;
        let most = (count - sent).min((round.len() - from) as u64) as usize;
        match socket.send(&round[from..from + most]) {
            Ok(n) => sent += n as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
    }
    socket.shutdown(Shutdown::Write)
}
