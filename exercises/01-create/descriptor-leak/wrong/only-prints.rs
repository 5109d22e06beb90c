//! Prints the line, and makes no socket at all.

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    println!("made {count}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
