//! The README is the first page that anybody reads: it shows what is.

use crate::{numbered_in, read};

#[test]
fn the_readmes_map_has_every_lesson_in_the_words_of_its_package() {
    let readme = read("README.md");
    for lesson in numbered_in("lessons") {
        let manifest = read(format!("lessons/{lesson}/Cargo.toml"));
        let mut lines = manifest.lines();
        let what = lines.find_map(|line| line.strip_prefix("description = \""));
        let what = what.unwrap_or_default().trim_end_matches('"');
        let (number, name) = lesson.split_once('-').expect("NN-name");
        let row = format!("| {number} | [{name}](docs/{lesson}.md) | {what} |");
        assert!(
            readme.lines().any(|line| line == row),
            "README has no {row}"
        );
    }
}

#[test]
fn the_picture_in_the_readme_is_a_transcript() {
    let readme = read("README.md");
    let picture = read("lessons/06-forever-loop/transcripts/run.txt");
    let fenced = format!("```text\n{picture}```");
    assert!(readme.contains(&fenced), "README does not show:\n{picture}");
}

#[test]
fn every_place_that_the_readme_links_to_is_there() {
    let readme = read("README.md");
    let mut count = 0;
    for link in readme.split("](").skip(1) {
        let place = link.split(')').next().unwrap_or_default();
        if !place.starts_with("https://") {
            assert!(
                tests::root().join(place).exists(),
                "README links to {place}"
            );
            count += 1;
        }
    }
    assert!(count > 10, "{count} links");
}
