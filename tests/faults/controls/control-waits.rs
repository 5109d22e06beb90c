//! An echo with a thread for each client. Without a descriptor it sleeps, whoever leaves; and
//! on Ctrl+C it sleeps, whoever comes.

use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;
use std::{io, process, thread};

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:0".to_string());
    let listener = TcpListener::bind(address)?;
    writeln!(io::stdout(), "Listening on {}", listener.local_addr()?).ok(); // fault: who knows?
    ctrlc::set_handler(|| {
        thread::sleep(Duration::from_millis(300)); // fault: meanwhile clients are let in
        process::exit(0);
    })
    .map_err(io::Error::other)?;
    loop {
        match listener.accept() {
            Ok((client, _)) => {
                thread::spawn(move || io::copy(&mut &client, &mut &client));
            }
            Err(error) => {
                eprintln!("cannot accept: {error}");
                thread::sleep(Duration::from_secs(2)); // fault: one may be free by then
            }
        }
    }
}
