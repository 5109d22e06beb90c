//! The compiler's words, as a learner can use them.

use std::io::Read;

/// How many bytes of them are kept.
const WORDS: usize = 16 << 10;

/// When the compiler fails itself, for want of memory mostly, it adds much about its own
/// inside. That is left out, and what is too long is cut.
pub fn of_use(words: &str) -> String {
    const LINES: usize = 60;
    let lines = words.lines().take_while(|line| *line != "Caused by:");
    let mut inside = false;
    let lines = lines.filter(|line| {
        inside = match *line {
            "stack backtrace:" => true,
            line => inside && !line.starts_with("error"),
        };
        !inside
    });
    let lines: Vec<_> = lines.collect();
    let mut text = lines[..lines.len().min(LINES)].join("\n");
    if lines.len() > LINES {
        text.push_str("\n… (cut)");
    }
    text.trim_end().to_string() + "\n"
}

/// The beginning of what comes; the rest is read, and dropped.
pub fn first_words(mut pipe: impl Read) -> String {
    let mut words = Vec::new();
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = pipe.read(&mut buffer) {
        let room = WORDS.saturating_sub(words.len());
        words.extend(&buffer[..count.min(room)]);
    }
    let mut text = String::from_utf8_lossy(&words).into_owned();
    if words.len() == WORDS {
        text.push_str("\n… (cut)\n");
    }
    text
}

/// Whether they show an error in this file, by its path as cargo names it. A full disk, a
/// missing linker or a dependency that is not there have no place in it.
pub fn blame(words: &str, file: &str) -> bool {
    let mut in_error = false;
    words.lines().any(|line| {
        in_error = match line {
            "" => false, // a blank line ends each message
            line if line.starts_with("error") => true,
            _ => in_error,
        };
        let place = line.trim_start().replace('\\', "/");
        let place = place.strip_prefix("--> ").or(place.strip_prefix("::: "));
        in_error && place.is_some_and(|place| place.starts_with(&format!("{file}:")))
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    const FILE: &str = "exercises/mine/examples/b.rs";

    #[test]
    fn a_compiler_that_failed_itself_does_not_tell_of_its_inside() {
        let words = "memory allocation failed\nstack backtrace:\n   0: core::fmt\n\
                     error: could not compile\n\nCaused by:\n  rustc --crate-name\n";
        assert_eq!(
            of_use(words),
            "memory allocation failed\nerror: could not compile\n"
        );
        let long = of_use(&"error\n".repeat(100));
        assert_eq!(long.lines().count(), 61);
    }

    #[test]
    fn a_flood_of_words_is_cut() {
        let words = first_words(io::repeat(b'x').take(1 << 20));
        assert!(words.len() < WORDS + 20 && words.ends_with("(cut)\n"));
    }

    #[test]
    fn only_an_error_in_the_file_itself_blames_it() {
        let error = "error[E0308]: mismatched types\n --> exercises/mine/examples/b.rs:1:9\n  |\n";
        assert!(blame(error, FILE));
        assert!(blame(&error.replace('/', "\\"), FILE));
        let in_std = "error[E0080]: evaluation panicked\n  --> /rustc/core.rs:1:1\n   |\n  \
                      ::: exercises/mine/examples/b.rs:3:4\n";
        assert!(blame(in_std, FILE));
        let warned = "warning: unused\n --> exercises/mine/examples/b.rs:1:9\n  |\n\n";
        for words in [
            warned,
            &format!("{warned}error: linking with `cc` failed: exit status: 1\n  |\n"),
            &format!("{warned}error: could not compile `a` (example \"b\")\n"),
            "error: no matching package named `nix` found\n",
            "error: No space left on device (os error 28)\n",
            "cannot start the check: EPERM: Operation not permitted\n",
            &error.replace("b.rs", "another.rs"),
            "memory allocation of 1073741824 bytes failed\n",
            "",
        ] {
            assert!(!blame(words, FILE), "{words}");
        }
    }
}
