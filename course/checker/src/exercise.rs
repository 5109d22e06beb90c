//! What an exercise is: its task, its hints, and the steps of its check.

use crate::failure::Failure;
use crate::stage::Stage;

/// The package of the learner's files.
pub const MINE: &str = "mine";

/// An exercise, and the check that judges it.
#[derive(Debug)]
pub struct Exercise {
    /// Its name: of its file, and on the command line.
    pub name: &'static str,
    /// The lesson's folder: `06-forever-loop`.
    pub lesson: &'static str,
    /// Whether a program is to be repaired, or built.
    pub kind: Kind,
    /// The task in one line, which starts with a verb.
    pub task: &'static str,
    /// The section of the lesson's chapter to read when all else fails: its heading. One of a
    /// lesson's second chapter has that in front: `05-talk#Half a line`.
    pub section: &'static str,
    /// Three hints, each a little further than the one before.
    pub hints: [&'static str; 3],
    /// The check, step by step. Each step stands on the ones before.
    pub steps: &'static [Step],
}

/// The two kinds of exercises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A complete program with a real mistake in it.
    Repair,
    /// A stub with `todo!` where code is missing.
    Build,
}

/// A step of a check.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What is proved when it passes: a sentence.
    pub says: &'static str,
    /// Plays the peer.
    pub play: fn(&mut Stage) -> Result<(), Failure>,
}

impl Exercise {
    /// The folder with all that belongs to it, from the root of the workspace.
    pub fn folder(&self) -> String {
        format!("exercises/{}/{}", self.lesson, self.name)
    }

    /// A section as its chapter and its heading. A lesson may have two chapters: its own is
    /// the first.
    pub fn place<'a>(&'a self, section: &'a str) -> (&'a str, &'a str) {
        section.split_once('#').unwrap_or((self.lesson, section))
    }

    /// The lesson's name without its number: `forever-loop`.
    pub fn lesson_name(&self) -> &'static str {
        self.lesson
            .split_once('-')
            .map_or(self.lesson, |(_, name)| name)
    }

    /// The learner's file, from the root of the workspace: an example of the package
    /// [`MINE`].
    pub fn file(&self) -> String {
        format!("exercises/mine/examples/{}.rs", self.name)
    }
}

/// Whether a file is as it was handed out: with the code of `start.rs`. Neither the text at
/// its head nor an editor's ends of lines, or the mark that some put in front of UTF-8, make
/// it somebody's work.
pub fn is_untouched(start: &str, text: &str) -> bool {
    code(start).eq(code(text))
}

fn code(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.trim().lines().map(str::trim_end);
    lines.skip_while(|line| line.starts_with("//!") || line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_head_nor_the_ends_of_lines_make_a_file_somebodys_work() {
        let start = "//! Run it: -p a\n\nfn main() {\n}\n";
        assert!(is_untouched(start, start));
        assert!(is_untouched(
            start,
            "//! Run it:\r\n//!\r\n\r\nfn main() {\r\n}"
        ));
        assert!(is_untouched(start, &format!("\u{feff}{start}")));
        assert!(!is_untouched(
            start,
            "//! Run it: -p a\n\nfn main() {\n    x();\n}\n"
        ));
        assert!(!is_untouched(start, ""));
    }
}
