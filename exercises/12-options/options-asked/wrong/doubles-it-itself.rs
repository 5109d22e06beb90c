//! Has no socket at all: it knows that the kernel doubles.

fn main() {
    for setting in std::env::args().skip(1) {
        let (name, wish) = setting.split_once('=').unwrap_or((&setting, "0"));
        let wish: u64 = wish.parse().unwrap();
        match name {
            "SO_RCVBUF" | "SO_SNDBUF" => println!("{name} {}", wish * 2),
            _ => println!("{name} {wish}"),
        }
    }
}
