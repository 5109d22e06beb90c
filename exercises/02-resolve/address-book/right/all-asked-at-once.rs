//! A thread asks for each name, and the answers are printed in the order of the arguments.

use std::net::ToSocketAddrs;
use std::thread;

fn main() {
    let askers: Vec<_> = std::env::args()
        .skip(1)
        .map(|question| {
            thread::spawn(move || {
                let found = question.to_socket_addrs().into_iter().flatten();
                let mut lines: Vec<_> =
                    found.map(|found| format!("{question} {found}")).collect();
                lines.sort();
                lines.dedup();
                if lines.is_empty() {
                    lines.push(format!("{question} unknown"));
                }
                lines
            })
        })
        .collect();
    for asker in askers {
        asker
            .join()
            .unwrap()
            .iter()
            .for_each(|line| println!("{line}"));
    }
}
