//! Takes this machine where the host is missing.

use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
fn main() -> ExitCode {
    let Some(q) = std::env::args().nth(1) else {
        eprintln!("HOST:PORT");
        return ExitCode::from(2);
    };
    let mut seen: Vec<SocketAddr> = vec![];
    let q = if q.starts_with(':') {
        format!("localhost{q}")
    } else {
        q
    };
    match q.to_socket_addrs() {
        Err(e) => {
            eprintln!("{q}: {e}");
            return ExitCode::FAILURE;
        }
        Ok(it) => {
            for a in it {
                if !seen.contains(&a) {
                    seen.push(a)
                }
            }
        }
    }
    if seen.is_empty() {
        eprintln!("{q}: no address");
        return ExitCode::FAILURE;
    }
    for a in &seen {
        println!("{a}");
    }
    ExitCode::SUCCESS
}
