//! Prints what the task shows.

fn main() {
    println!("8008");
}
