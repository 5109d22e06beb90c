//! What the lessons need of this machine, asked by doing it: a connection over loopback,
//! a socket of each kind, the lessons' own ports.
//!
//! Nothing here leaves this machine, and nothing is changed.

mod network;
mod tools;

use std::fmt::Write;
use std::process::ExitCode;

use course::page::{self, BAD, GOOD, NOTE, TITLE, wrapped};
use course::workspace::Lesson;

/// What a check has found.
struct Finding {
    grade: Grade,
    /// What was looked at, at most 16 characters.
    what: String,
    /// What is so.
    is: String,
    /// What that means for the lessons, and what to do.
    hint: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Grade {
    Good,
    /// Every lesson can be done, one of them in another form.
    Note,
    /// A lesson cannot be done.
    Bad,
}

impl Finding {
    fn good(what: impl Into<String>, is: impl Into<String>) -> Self {
        let (what, is) = (what.into(), is.into());
        Self {
            grade: Grade::Good,
            what,
            is,
            hint: None,
        }
    }

    fn note(
        what: impl Into<String>,
        is: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let hint = Some(hint.into());
        Self {
            grade: Grade::Note,
            hint,
            ..Self::good(what, is)
        }
    }

    fn bad(
        what: impl Into<String>,
        is: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            grade: Grade::Bad,
            ..Self::note(what, is, hint)
        }
    }
}

/// Shows every finding. Exit code 0 when all lessons can be done in some form, else 1.
pub fn doctor(lessons: &[Lesson]) -> ExitCode {
    let mut findings = network::findings(lessons);
    findings.extend(tools::findings());
    page::show(&page(&findings));
    let bad = findings.iter().any(|finding| finding.grade == Grade::Bad);
    ExitCode::from(u8::from(bad))
}

fn page(findings: &[Finding]) -> String {
    let mut page = format!("{TITLE}Can this machine do every lesson?{TITLE:#}\n\n");
    for finding in findings {
        let (style, word) = match finding.grade {
            Grade::Good => (GOOD, "ok  "),
            Grade::Note => (NOTE, "note"),
            Grade::Bad => (BAD, "BAD "),
        };
        let what = &finding.what;
        let line = format!("{style}{word}{style:#}  {what:16} {}", finding.is);
        writeln!(page, "{line}").expect("a string takes all");
        if let Some(hint) = &finding.hint {
            page.push_str(&wrapped(hint, 23));
        }
    }
    let count = |grade| {
        findings
            .iter()
            .filter(|finding| finding.grade == grade)
            .count()
    };
    page.push('\n');
    page.push_str(&match (count(Grade::Bad), count(Grade::Note)) {
        (0, 0) => "Yes, every lesson.\n".to_string(),
        (0, 1) => "Yes, every lesson; one thing above is worth knowing.\n".to_string(),
        (0, notes) => {
            format!("Yes, every lesson; {notes} things above are worth knowing.\n")
        }
        _ => "No: what is marked BAD stands in the way.\n".to_string(),
    });
    page
}
