//! Ends when a client cannot be greeted.

use socket2::{Domain, Socket, Type};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
fn main() -> io::Result<()> {
    let at: SocketAddr = std::env::args().nth(1).unwrap().parse().unwrap();
    let s = Socket::new(Domain::for_address(at), Type::STREAM, None)?;
    s.set_reuse_address(true)?;
    s.bind(&at.into())?;
    s.listen(128)?;
    let l: TcpListener = s.into();
    println!("Listening on {at}");
    for c in l.incoming() {
        let Ok(mut c) = c else { continue };
        if let Err(e) = c.write_all(b"Hello, client!\n") {
            return Err(e);
        }
    }
    Ok(())
}
