//! `wrong.txt`: what the checker says of each wrong answer to an exercise. A line with the
//! name of its file stands before the words, and an empty line after them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

/// The answers are judged at the same time: one after the other reads or writes, so that
/// nobody reads a file that is half written.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The words by the names of the files.
pub fn read(file: &Path) -> BTreeMap<String, String> {
    let _turn = ONE_AT_A_TIME.lock().expect("no panic while writing");
    sections(file)
}

fn sections(file: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let sections = text
        .split("\n\n")
        .filter_map(|section| section.split_once('\n'));
    sections
        .map(|(name, words)| (name.to_string(), format!("{}\n", words.trim_end())))
        .collect()
}

/// Writes the words of one answer among those of the others.
pub fn write(file: &Path, name: &str, words: &str) {
    let _turn = ONE_AT_A_TIME.lock().expect("no panic while writing");
    let mut all = sections(file);
    all.insert(name.to_string(), words.to_string());
    let answers = file.with_extension(""); // the folder `wrong` beside it
    all.retain(|name, _| answers.join(name).is_file());
    let sections: Vec<_> = all
        .iter()
        .map(|(name, words)| format!("{name}\n{words}"))
        .collect();
    fs::write(file, sections.join("\n")).expect("written");
}
