//! Sets `cfg(answers)` where the exercises have their answers. A handout comes without them,
//! and so without the tests that need them.

use std::path::Path;

fn main() {
    let answer = Path::new("../exercises/06-forever-loop/half-close-echo/solution.rs");
    println!("cargo::rustc-check-cfg=cfg(answers)");
    println!("cargo::rerun-if-changed={}", answer.display());
    if answer.is_file() {
        println!("cargo::rustc-cfg=answers");
    }
}
