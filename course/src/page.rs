//! What the guide shows: colours on a terminal, none in a pipe or with NO_COLOR
//! (no-color.org), nothing broader than 80 columns.

use std::io::{self, IsTerminal, Write};
use std::process::Stdio;

use anstyle::{AnsiColor, Style};

pub const TITLE: Style = Style::new().bold();
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
pub const NOTE: Style = AnsiColor::Yellow.on_default().bold();
pub const BAD: Style = AnsiColor::Red.on_default().bold();
pub const COMMAND: Style = AnsiColor::Cyan.on_default();

/// Prints a whole page. When nobody reads (`cargo run | head -1`), that is the reader's
/// choice: the error is dropped on purpose.
pub fn show(page: &str) {
    let mut stdout = anstream::AutoStream::auto(io::stdout());
    let shown = stdout.write_all(page.as_bytes());
    shown.and_then(|()| stdout.flush()).ok();
}

/// Prints on standard error what is no part of a program's output.
pub fn show_beside(page: &str) {
    let mut stderr = anstream::AutoStream::auto(io::stderr());
    stderr.write_all(page.as_bytes()).ok();
}

/// A path as it is typed in the course's folder.
pub fn relative(path: &std::path::Path) -> String {
    let root = crate::workspace::root();
    path.strip_prefix(&root)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Breaks plain text into lines that end before column 80, each behind `indent` spaces.
/// A command in backticks stays in one piece: it is there to be copied.
pub fn wrapped(text: &str, indent: usize) -> String {
    fitted(text, indent, 80)
}

/// A name in the first ten columns, and what there is to say beside it.
pub fn beside(name: &str, text: &str, columns: usize) -> String {
    const NAME: usize = 11;
    let text = fitted(text, NAME, columns);
    format!("{name:10} {}", text.trim_start())
}

/// How broad the terminal is; none: it goes to no terminal.
pub fn columns() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    // Standard input is the same terminal, mostly. `stty` says `24 80`.
    let mut stty = std::process::Command::new("stty");
    let said = stty.arg("size").stdin(Stdio::inherit()).output().ok();
    let said = said.and_then(|said| String::from_utf8(said.stdout).ok());
    let columns = said.and_then(|said| said.split_whitespace().nth(1)?.parse().ok());
    Some(columns.filter(|columns| *columns >= 40).unwrap_or(80))
}

fn fitted(text: &str, indent: usize, columns: usize) -> String {
    let pieces = text
        .split('`')
        .enumerate()
        .map(|(number, piece)| match number % 2 {
            0 => piece.to_string(),
            _ => format!("`{}`", piece.replace(' ', NO_BREAK)),
        });
    let text: String = pieces.collect();
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let width = word.chars().count();
        if column > 0 && column + 1 + width < columns {
            lines.push(' ');
            column += 1 + width;
        } else {
            if column > 0 {
                lines.push('\n');
            }
            lines.push_str(&" ".repeat(indent));
            column = indent + width;
        }
        lines.push_str(word);
    }
    lines.push('\n');
    lines.replace(NO_BREAK, " ")
}

/// What fits into so many columns: whole words, and an ellipsis for the others.
pub fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_string();
    }
    let fits: String = text.chars().take(columns - 1).collect();
    let end = fits.rfind(' ').unwrap_or(fits.len());
    format!("{} …", fits[..end].trim_end_matches([',', ':', ' ']))
}

/// A space where [`wrapped`] breaks no line.
pub const NO_BREAK: &str = "\u{a0}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_broken_before_column_80() {
        let text = "word ".repeat(60);
        let lines = wrapped(&text, 7);
        assert_eq!(lines.lines().count(), 5);
        for line in lines.lines() {
            assert!(
                line.len() < 80 && line.starts_with("       word"),
                "{line:?}"
            );
        }
        assert_eq!(lines.split_whitespace().count(), 60);
    }

    #[test]
    fn what_does_not_fit_is_cut_after_a_word() {
        for (columns, shown) in [(12, "one two, six"), (11, "one two …"), (7, "one …")]
        {
            assert_eq!(cut("one two, six", columns), shown);
        }
    }

    #[test]
    fn what_stands_beside_a_name_is_broken_where_the_terminal_ends() {
        let text = beside("likely", &"word ".repeat(20), 40);
        assert_eq!(
            text.lines().next(),
            Some("likely     word word word word word")
        );
        assert!(
            text.lines()
                .skip(1)
                .all(|line| line.starts_with("           word"))
        );
        assert!(text.lines().all(|line| line.len() < 40), "{text}");
    }

    #[test]
    fn a_command_is_not_broken() {
        let text = format!("{} `ip link set lo up` there", "x".repeat(70));
        let lines = wrapped(&text, 0);
        assert_eq!(lines.lines().last(), Some("`ip link set lo up` there"));
    }
}
