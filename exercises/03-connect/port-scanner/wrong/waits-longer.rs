//! Gives each port three times as long as it is to have.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
const WAIT: Duration = Duration::from_millis(600);
const WORKERS: usize = 48;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let host: IpAddr = a[1].parse().unwrap();
    let (first, last): (u32, u32) = (a[2].parse().unwrap(), a[3].parse().unwrap());
    let next = AtomicU32::new(first);
    let open = Mutex::new(vec![]);
    std::thread::scope(|s| {
        for _ in 0..WORKERS {
            s.spawn(|| {
                loop {
                    let p = next.fetch_add(1, Ordering::Relaxed);
                    if p > last {
                        break;
                    }
                    if try_one(host, p as u16) {
                        open.lock().unwrap().push(p)
                    }
                }
            });
        }
    });
    let mut open = open.into_inner().unwrap();
    open.sort();
    for p in &open {
        println!("{p}");
    }
}
fn try_one(host: IpAddr, p: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::new(host, p), WAIT).is_ok()
}
