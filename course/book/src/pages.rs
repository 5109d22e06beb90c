//! From `docs/*.md` to HTML.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use mdbook_driver::MDBook;
use shared::{Error, Result, eprintln};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// Builds the book whose `book.toml` is in `root`, and returns the folder of its pages.
pub fn build(root: &Path, dest: Option<PathBuf>) -> Result<PathBuf> {
    // What mdBook would print: an include that does not exist is a warning, no error.
    tracing::subscriber::set_global_default(Warnings)
        .map_err(|error| Error::new(format!("cannot hear mdBook's warnings: {error}")))?;
    if !root.join("book.toml").is_file() {
        let what = format!("there is no book.toml in {}", root.display());
        return Err(Error::usage(what).hint("name the folder of a book, or none"));
    }
    eprintln!("Building the book ...");
    let start = Instant::now();
    let mut book = MDBook::load(root).map_err(not_built)?;
    if let Some(dest) = dest {
        book.config.build.build_dir = may_be_emptied(dest)?;
    }
    book.build().map_err(not_built)?;
    eprintln!("Built in {:.1?}", start.elapsed());
    Ok(book.build_dir_for("html"))
}

/// mdBook empties the folder before it writes. One that holds other things than an older
/// book is refused.
fn may_be_emptied(dest: PathBuf) -> Result<PathBuf> {
    let dest = std::path::absolute(&dest).unwrap_or(dest);
    let empty = fs::read_dir(&dest).map_or(true, |mut entries| entries.next().is_none());
    // mdBook puts this file into every book.
    if empty || dest.join(".nojekyll").is_file() {
        return Ok(dest);
    }
    let what = format!("{} holds other things than a book", dest.display());
    Err(Error::usage(what).hint("name a new folder: everything in it would be deleted"))
}

fn not_built(error: impl std::fmt::Display) -> Error {
    let error = format!("{error:#}").replace('\n', " ");
    Error::new(format!("cannot build the book: {error}"))
        .hint("correct the file that it names: book.toml, docs/SUMMARY.md or a chapter")
}

/// Prints mdBook's warnings and errors, a line each. What can do more is a crate that would
/// be compiled for longer than this is read.
struct Warnings;

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut words = Words(String::new());
        event.record(&mut words);
        eprintln!("{} {}", event.metadata().level(), words.0);
    }

    // mdBook's spans are not shown: this is as little as the trait asks for.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// The words of an event.
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
