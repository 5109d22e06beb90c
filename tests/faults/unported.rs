//! The cells of lessons that still have their faults in `tests/NN-name/faults.rs`.

use std::collections::BTreeMap;
use std::fs;

/// Fault → programs, of the functions after `#[test]` in modules named after programs.
pub fn cells() -> BTreeMap<String, Vec<String>> {
    let mut cells: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let folders = fs::read_dir(tests::root().join("tests")).expect("tests/");
    let mut files: Vec<_> = folders
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.to_string_lossy().contains("tests/") && !path.ends_with("faults")
        })
        .map(|path| path.join("faults.rs"))
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
