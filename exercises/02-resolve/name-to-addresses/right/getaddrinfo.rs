//! getaddrinfo as lesson 02 calls it, with a set against duplicates.

use std::collections::BTreeSet;
use std::process::exit;

use dns_lookup::getaddrinfo;

fn main() {
    let question = std::env::args().nth(1).unwrap();
    let Some((host, port)) = question.rsplit_once(':') else {
        eprintln!("HOST:PORT, please");
        exit(2)
    };
    let Ok(_) = port.parse::<u16>() else {
        eprintln!("{port} is no port");
        exit(2)
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match getaddrinfo(Some(host), Some(port), None) {
        Ok(list) => {
            let found: BTreeSet<_> = list.flatten().map(|info| info.sockaddr).collect();
            found.iter().for_each(|address| println!("{address}"));
        }
        Err(error) => {
            eprintln!("{host}: {error:?}");
            exit(1);
        }
    }
}
