//! The resolver may take its time: it is asked in a thread, and the answer sorted.

use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn main() -> ExitCode {
    let question = std::env::args().nth(1).unwrap();
    let (sender, answer) = mpsc::channel();
    thread::spawn(move || {
        let found = question.to_socket_addrs().map(|list| list.collect());
        sender.send(found).ok();
    });
    match answer.recv_timeout(Duration::from_secs(60)) {
        Ok(Ok(found)) => {
            let mut found: Vec<SocketAddr> = found;
            found.sort();
            found.dedup();
            for address in found {
                println!("{address}");
            }
            ExitCode::SUCCESS
        }
        Ok(Err(error)) => {
            eprintln!("{error}");
            ExitCode::from(3)
        }
        Err(error) => {
            eprintln!("no answer: {error}");
            ExitCode::FAILURE
        }
    }
}
