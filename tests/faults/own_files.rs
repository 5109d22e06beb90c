//! What is so much a program's own that it is tried beside the other tests of its lesson: the
//! tests in `tests/NN-name/own_faults.rs`, named after a fault, in a module named after the
//! program. There is then no trial for it here.

use std::collections::BTreeMap;
use std::fs;

/// Fault → programs, of the functions after `#[test]` in modules named after programs.
pub fn cells() -> BTreeMap<String, Vec<String>> {
    let mut cells: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let folders = fs::read_dir(tests::root().join("tests")).expect("tests/");
    let mut files: Vec<_> = folders
        .map(|entry| entry.expect("an entry").path())
        .map(|path| path.join("own_faults.rs"))
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).expect("a file");
        let (mut module, mut is_test) = (String::new(), false);
        for line in text.lines() {
            let code = line.trim_start();
            if let Some(name) = line.strip_prefix("mod ")
                && let Some((name, _)) = name.split_once(" {")
            {
                module = name.replace('_', "-");
            } else if code.starts_with("#[test]") {
                is_test = true;
            } else if is_test && let Some(name) = code.strip_prefix("fn ") {
                let name = name.split('(').next().unwrap_or_default();
                cells
                    .entry(name.to_string())
                    .or_default()
                    .push(module.clone());
                is_test = false;
            }
        }
    }
    cells
}
