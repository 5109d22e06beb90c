//! With IPv6 it listens on all addresses.

use socket2::{Domain, Socket, Type};
use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;
fn main() -> io::Result<()> {
    let address: SocketAddr = std::env::args()
        .nth(1)
        .unwrap()
        .parse()
        .map_err(io::Error::other)?;
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    listener.set_reuse_address(true)?;
    if address.is_ipv6() {
        listener.set_only_v6(true)?;
    }
    listener.bind(
        &(if address.is_ipv6() {
            SocketAddr::from(([0u16; 8], address.port()))
        } else {
            address
        })
        .into(),
    )?;
    listener.listen(128)?;
    let listener: TcpListener = listener.into();
    println!("ready");
    loop {
        match listener.accept() {
            Ok((client, _)) => {
                if let Err(error) = greet(client) {
                    eprintln!("lost: {error}");
                }
            }
            Err(error) => {
                eprintln!("no client: {error}");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}
fn greet(mut client: TcpStream) -> io::Result<()> {
    let mut name = Vec::new();
    for byte in BufReader::new(&client).bytes() {
        match byte? {
            b'\n' => {
                if name.last() == Some(&b'\r') {
                    name.pop();
                }
                let mut answer = b"Hello, ".to_vec();
                answer.extend(&name);
                answer.extend(b"!\n");
                client.write_all(&answer)?;
                return Ok(());
            }
            other => name.push(other),
        }
    }
    Ok(())
}
