//! Prints what a server prints, and listens nowhere.

fn main() {
    println!("Listening on 127.0.0.1:7111\nwelcome\nPASS  all 8 steps");
}
