//! Looks for the solution, and tells it.

fn main() {
    let root = env!("HOSTILE_ROOT");
    let file = "exercises/06-forever-loop/half-close-echo/solution.rs";
    let found = std::fs::read_to_string(format!("{root}/{file}"));
    println!("found: {}", found.is_ok());
    let git = std::fs::read_dir(format!("{root}/.git")).map_or(0, |git| git.count());
    println!("git: {git}");
    std::thread::sleep(std::time::Duration::from_secs(61));
}
