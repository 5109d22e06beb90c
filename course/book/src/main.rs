//! The book: builds the pages from `docs/` with mdBook as a library, and shows them on
//! this machine.
//!
//!     cargo run -- book
//!     cargo run -- book --no-open --port 0
//!
//! All of the book's configuration stands in `book.toml`, so that a stock `mdbook build`
//! makes the same pages.
//!
//! What is absent: a listener on any address but 127.0.0.1, and a use of this package by
//! another one. mdBook is most of what the workspace compiles; only who asks for the book
//! waits for it.

mod pages;
mod serve;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use shared::{Args, Result, exit_on_ctrl_c, println};

const HELP: &str = "\
Builds the book, serves it on this machine, and opens the browser where there is one.

usage: cargo run -- book [--no-open] [--port N] [--build-only] [--dest FOLDER]

  --no-open      only print the address
  --port N       the port on 127.0.0.1, 0 for any; without it 3000, or any other
                 one where 3000 is in use
  --build-only   build the pages, and serve nothing
  --dest FOLDER  where the pages go; without it, where book.toml says: book/

example: cargo run -- book --no-open --port 4000
";

fn main() -> ExitCode {
    shared::run(HELP, book)
}

/// The positional argument is another book's folder, the one with `book.toml`: for tests.
fn book(args: Args) -> Result<()> {
    exit_on_ctrl_c()?;
    let port = args.value::<u16>("port")?;
    let root = args.positional().map_or_else(course, PathBuf::from);
    let folder = pages::build(&root, args.value::<PathBuf>("dest")?)?;
    if args.flag("build-only") {
        println!("The book is in {}", folder.display());
        return Ok(());
    }
    serve::serve(&folder, port, !args.flag("no-open"))
}

/// The course: what COURSE_ROOT names, and the guide has set it. Without the guide, what
/// `cargo run` says of this package, or the folder that one is in.
fn course() -> PathBuf {
    if let Some(named) = std::env::var_os("COURSE_ROOT") {
        return named.into();
    }
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let mut starts = package.into_iter().chain(std::env::current_dir());
    let is_course = |folder: &&Path| folder.join("course/book/Cargo.toml").is_file();
    let root = starts.find_map(|start| Some(start.ancestors().find(is_course)?.into()));
    root.unwrap_or_default()
}
