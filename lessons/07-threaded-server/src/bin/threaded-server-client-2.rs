//! Lesson 07, step 2: to the client a message is a line, in both directions.
//!
//!     cargo run -p threaded-server --bin threaded-server-client-2
//!
//! What it cannot do: give up. A server that says nothing, or never ends its line, keeps
//! it for ever; and it does not look whether an answer is the word that the server is
//! full. The last step, `threaded-server-client`, mends these.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let mut server = TcpStream::connect(address)?;
    let mut answers = BufReader::new(server.try_clone()?);
    receive(&mut answers)?; // Welcome!
    for name in ["Michael", "Tracy", "Sarah"] {
        server.write_all(format!("{name}\n").as_bytes())?; // one write: lesson 06
        receive(&mut answers)?;
    }
    server.write_all(b"exit\n")
}

fn receive(answers: &mut BufReader<TcpStream>) -> io::Result<()> {
    let mut line = String::new();
    answers.read_line(&mut line)?; // as many recv as it takes
    print!("{line}");
    Ok(())
}
