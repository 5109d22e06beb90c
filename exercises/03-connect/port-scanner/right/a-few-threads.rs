//! Eight threads take ports from a common counter; the results are sorted at the end.

use std::net::{IpAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let host: IpAddr = args[1].parse().unwrap();
    let (first, last): (u32, u32) = (args[2].parse().unwrap(), args[3].parse().unwrap());
    let (next, open) = (AtomicU32::new(first), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let port = next.fetch_add(1, Ordering::Relaxed);
                    if port > last {
                        return;
                    }
                    let address = (host, port as u16).into();
                    let time = Duration::from_millis(200);
                    if TcpStream::connect_timeout(&address, time).is_ok() {
                        open.lock().unwrap().push(port);
                    }
                }
            });
        }
    });
    let mut open = open.into_inner().unwrap();
    open.sort();
    open.iter().for_each(|port| println!("{port}"));
}
