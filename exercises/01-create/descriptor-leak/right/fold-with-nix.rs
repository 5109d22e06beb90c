//! nix's own socket call, and a fold that hands the last one on.

#[cfg(unix)]
fn main() {
    use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let _last = (0..count).fold(None, |last, _| {
        drop(last);
        let made = socket(
            AddressFamily::Unix,
            SockType::Stream,
            SockFlag::empty(),
            None,
        );
        Some(made.unwrap())
    });
    println!("made {count}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[cfg(not(unix))]
fn main() {}
