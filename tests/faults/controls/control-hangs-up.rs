//! It answers one line and closes, whatever else has come. By default it listens for
//! everybody, after a restart it cannot, and one client in a hundred is kept for ever.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let default = "0.0.0.0:8888".to_string(); // fault: all networks
    let address = std::env::args().nth(1).unwrap_or(default);
    let address: SocketAddr = address.parse().expect("IP:PORT");
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&address.into())?; // fault: no SO_REUSEADDR
    socket.listen(128)?;
    let listener = TcpListener::from(socket);
    println!("Listening on {}", listener.local_addr()?);
    for number in 1.. {
        let (mut client, _) = listener.accept()?;
        let mut line = String::new();
        if BufReader::new(client.try_clone()?)
            .read_line(&mut line)
            .is_ok()
            && line.ends_with('\n')
            && let Err(error) = write!(client, "OK... {line}")
        {
            eprintln!("{error}");
        }
        if number % 100 == 55 {
            std::mem::forget(client); // fault: a descriptor is lost
        }
    }
    Ok(())
}
