//! A thread for each client: a panic ends that one only, and nobody waits.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(&client));
    }
}

fn serve(mut client: &TcpStream) {
    for line in BufReader::new(client).lines() {
        let line = line.unwrap();
        let numbers = line.split(' ').map(|word| word.parse::<u32>().unwrap());
        let numbers: Vec<_> = numbers.collect();
        let sum = numbers[0].checked_add(numbers[1]).unwrap();
        client.write_all(format!("{sum}\n").as_bytes()).unwrap();
    }
}
