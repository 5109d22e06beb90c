//! One line of the keyboard, one line of the server, and so on.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() {
    let mut server = TcpStream::connect(std::env::args().nth(1).unwrap()).unwrap();
    let mut answers = BufReader::new(server.try_clone().unwrap()).lines();
    for line in io::stdin().lines().map_while(Result::ok) {
        server.write_all((line + "\n").as_bytes()).unwrap();
        println!("{}", answers.next().unwrap().unwrap());
    }
}
