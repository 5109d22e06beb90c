//! Prints the lines of the example.

fn main() {
    println!("SO_RCVBUF 20000\nTCP_NODELAY 1");
}
