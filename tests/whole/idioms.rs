//! A reader knows the Rust Book up to chapter 15. What a lesson uses beyond that is
//! explained where it first stands, or before.

use crate::{chapters_of, numbered_in, programs, read};

/// What stands in a program, and the words of the chapter that explain it. In the order of
/// the lessons that need it first.
const IDIOMS: &[(&str, &str)] = &[
    ("as_raw_fd()", "fd"),
    ("#[cfg(", "`#[cfg(unix)]`"),
    ("cfg!(", "`cfg!("),
    (".map_or(", "`option.map_or("),
    (".unwrap_or_else(", "`result.unwrap_or_else("),
    (".to_socket_addrs()", "`to_socket_addrs`"),
    (".split_once(", "`split_once("),
    ("::default()\n", "::default()`"),
    ("env::args()", "the first word after the program's name"),
    ("io::Error::other", "`map_err(io::Error::other)`"),
    (".as_socket()", "`as_socket()`"),
    ("try_clone()", "`try_clone`"),
    (".by_ref()", "`by_ref`"),
    (".concat()", "`concat`"),
    (".strip_suffix(", "`strip_suffix`"),
    ("AtomicBool", "`AtomicBool`"),
    ("SeqCst", "`SeqCst`"),
    ("Mutex<", "`Mutex`"),
    ("\nstatic ", "`static`"),
    (") if ENDING", "*match guard*"),
    (".ok();", "`.ok()`"),
    ("set_nonblocking", "`set_nonblocking`"),
    ("thread::spawn(move", "`move`"),
    ("thread::Builder", "`thread::Builder`"),
    ("JoinHandle", "`JoinHandle`"),
    ("Arc<", "`Arc`"),
    ("Weak<", "`Weak`"),
    (".retain(", "`retain`"),
    ("split_inclusive", "`split_inclusive`"),
    ("NonZero", "`NonZero"),
    ("saturating_sub(", "`saturating_sub`"),
    ("matches!(", "`matches!("),
    ("from_be_bytes", "`from_be_bytes`"),
    ("FdSet", "`FdSet`"),
    ("&& let ", "*let chain*"),
    ("for (name, mut peer) in [", "`Read` for `TcpStream`"),
    ("io::pipe()", "`io::pipe`"),
];

#[test]
fn what_the_rust_book_has_not_taught_is_explained_where_it_first_stands() {
    let mut missing = Vec::new();
    for (code, words) in IDIOMS {
        let mut explained = false;
        let mut used = false;
        for lesson in numbered_in("lessons") {
            let chapters: String = chapters_of(&lesson).map(|(_, text)| text).collect();
            explained |= chapters.contains(words);
            let uses = |(_, file): &(String, std::path::PathBuf)| {
                let text = read(file);
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                text.contains(code)
            };
            if let Some((program, _)) = programs(&lesson).iter().find(|one| uses(one)) {
                used = true;
                if !explained {
                    missing.push(format!(
                        "{program} has `{code}`; no chapter before has {words}"
                    ));
                }
                break;
            }
        }
        assert!(
            used,
            "no lesson has `{code}` any more: take it off the list"
        );
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
