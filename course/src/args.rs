//! Reads the command line of the guide, as its table of [`commands`](crate::commands) says.

use std::ffi::{OsStr, OsString};
use std::str::FromStr;

use lexopt::Arg;
use shared::{Error, Result};

use crate::commands::{Command, Flag, LEARNER, TEACHER, Task};
use crate::workspace;

fn commands() -> impl Iterator<Item = &'static Command> {
    LEARNER.iter().chain(TEACHER)
}

/// Reads the command line.
pub fn parse(
    args: impl IntoIterator<Item = OsString, IntoIter: 'static>,
) -> Result<Task> {
    let mut parser = lexopt::Parser::from_args(args);
    let name = match parser.next().map_err(unreadable)? {
        None => return Ok(Task::Map),
        Some(Arg::Long("help") | Arg::Short('h')) => return Ok(Task::Help(help())),
        Some(Arg::Value(command)) => text(command)?,
        Some(option) => {
            let options = commands().flat_map(|command| command.options);
            return Err(unknown_option(&option, options, ""));
        }
    };
    let command = named(&name)?;
    match command.given(parser)? {
        Some(given) => (command.task)(given),
        None => Ok(Task::Help(command.help())),
    }
}

/// What was typed after a command.
pub struct Given {
    command: &'static Command,
    words: std::vec::IntoIter<OsString>,
    options: Vec<(&'static str, OsString)>,
    /// What is passed on.
    pub rest: Vec<OsString>,
}

impl Command {
    /// Reads what is typed after it; none: help was asked for.
    fn given(&'static self, mut parser: lexopt::Parser) -> Result<Option<Given>> {
        let places = self.takes.split_whitespace().filter(|word| *word != "...");
        let (most, passes_on) = (places.count(), self.passes_on());
        let (mut words, mut options) = (Vec::new(), Vec::new());
        while !(passes_on && words.len() == most) {
            let arg = parser.next().map_err(unreadable)?;
            match arg {
                None => break,
                Some(Arg::Long("help") | Arg::Short('h')) => return Ok(None),
                Some(Arg::Value(word)) if words.len() < most => words.push(word),
                Some(other) => match self.flag(&other) {
                    Some(Flag(name, "", _)) => options.push((*name, OsString::new())),
                    Some(Flag(name, ..)) if !passes_on => {
                        options.push((*name, parser.value().map_err(unreadable)?));
                    }
                    _ => {
                        let command = format!("{} ", self.name);
                        return Err(unknown_option(&other, self.options, &command));
                    }
                },
            }
        }
        let mut rest: Vec<_> = match passes_on {
            true => parser.raw_args().map_err(unreadable)?.collect(),
            false => Vec::new(),
        };
        // With or without a `--` between.
        if most > 0 && rest.first().is_some_and(|first| first == "--") {
            rest.remove(0);
        }
        let words = words.into_iter();
        Ok(Some(Given {
            command: self,
            words,
            options,
            rest,
        }))
    }

    fn flag(&self, arg: &Arg<'_>) -> Option<&'static Flag> {
        self.options
            .iter()
            .find(|Flag(name, ..)| *arg == Arg::Long(name))
    }

    fn passes_on(&self) -> bool {
        self.takes.ends_with("...")
    }

    /// One that could be typed.
    fn example(&self) -> String {
        let words = self.takes.split_whitespace().map(|word| match word {
            "LESSON" => "01",
            "FOLDER" => "../handout",
            "[COMMAND]" => "check",
            "..." => "",
            _ => "greeting-server",
        });
        let words = [self.name].into_iter().chain(words);
        words.collect::<Vec<_>>().join(" ").trim_end().to_string()
    }

    /// `check --help`
    fn help(&self) -> String {
        let (first, rest) = self.about.split_at(1);
        let mut page = format!("{}{rest}.\n", first.to_uppercase());
        if !self.more.is_empty() {
            page = format!("{page}{}\n", self.more);
        }
        let options = match self.options.is_empty() || self.passes_on() {
            true => "",
            false => "[OPTIONS]",
        };
        let usage = [self.name, self.takes, options].map(str::to_string);
        let usage = usage.join(" ").replace("  ", " ");
        page += &format!("\nusage: cargo run -- {}\n\n", usage.trim_end());
        for Flag(name, value, about) in self.options {
            let head = format!("--{name} {value}");
            page += &format!("  {head:15} {about}\n");
        }
        let gap = if self.options.is_empty() { "" } else { "\n" };
        page + &format!("{gap}example: cargo run -- {}\n", self.example())
    }
}

/// `cargo run -- help check`
pub fn help_of(name: &str) -> Result<String> {
    named(name).map(Command::help)
}

/// `cargo run -- --help`
pub fn help() -> String {
    let mut page = String::from(
        "The guide of the course. Without a command it shows the map: the lessons, what\n\
         you have done, and what is next.\n\nusage: cargo run -- [COMMAND]\n\n",
    );
    let row = |command: &Command| {
        let head = format!("{} {}", command.name, command.takes);
        format!("  {head:20} {}\n", command.about)
    };
    page.extend(LEARNER.iter().map(row));
    page += "\nFor a teacher:\n\n";
    page.extend(TEACHER.iter().map(row));
    page.push_str(
        "\nWith --help after it, a command tells its options.\n\n\
         What you did is kept in the file .progress, a line each. COURSE_PROGRESS in the\n\
         environment names another file, COURSE_ROOT another copy of the course.\n\n\
         example: cargo run -- run 03 example.com:80\n",
    );
    page
}

impl Given {
    /// The next word that has to be there.
    pub fn word(&mut self) -> Result<OsString> {
        self.words.next().ok_or_else(|| {
            let what = self.command.takes.split(' ').next().unwrap_or_default();
            let example = self.command.example();
            Error::usage(format!("no {} was named", what.to_lowercase())).hint(match what
            {
                "EXERCISE" => "`cargo run -- list` shows them".to_string(),
                _ => format!("name one, as in `cargo run -- {example}`"),
            })
        })
    }

    pub fn text(&mut self) -> Result<String> {
        self.word().and_then(text)
    }

    pub fn optional_text(&mut self) -> Result<Option<String>> {
        self.words.next().map(text).transpose()
    }

    /// The value of an option, the last where it stands there twice.
    pub fn value(&self, name: &str) -> Option<OsString> {
        let mut options = self.options.iter().rev();
        let (_, value) = options.find(|(option, _)| *option == name)?;
        Some(value.clone())
    }

    /// The number after an option.
    pub fn number<T: FromStr>(&self, name: &str, hint: &str) -> Result<Option<T>> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let number = value.to_str().and_then(|value| value.parse().ok());
        let what = format!("`{}` is not a {name}", value.display());
        number
            .map(Some)
            .ok_or_else(|| Error::usage(what).hint(hint))
    }

    /// The options as they were typed, for another program.
    pub fn options_again(&self) -> Vec<OsString> {
        let options = self.options.iter().flat_map(|(name, value)| {
            let value = (!value.is_empty()).then(|| value.clone());
            [format!("--{name}").into()].into_iter().chain(value)
        });
        options.collect()
    }
}

fn named(name: &str) -> Result<&'static Command> {
    if let Some(command) = commands().find(|command| command.name == name) {
        return Ok(command);
    }
    let error = Error::usage(format!("unknown command `{name}`"));
    // `cargo run -- 03` can only mean one thing.
    let lessons = workspace::lessons(&workspace::root()).unwrap_or_default();
    if workspace::find(&lessons, name).is_ok() {
        return Err(error.hint(format!("did you mean `cargo run -- run {name}`?")));
    }
    let names = commands().map(|command| command.name);
    Err(match workspace::nearest(name, names) {
        Some(near) => error.hint(format!("did you mean `cargo run -- {near}`?")),
        None => error.hint("`cargo run -- --help` shows the commands"),
    })
}

fn unknown_option<'a>(
    option: &Arg<'_>,
    options: impl IntoIterator<Item = &'a Flag>,
    command: &str,
) -> Error {
    let what = match option {
        Arg::Long(name) => format!("unknown option `--{name}`"),
        Arg::Short(letter) => format!("unknown option `-{letter}`"),
        Arg::Value(value) => format!("one argument too many: `{}`", value.display()),
    };
    let names = options.into_iter().map(|Flag(name, ..)| *name);
    let near = match option {
        Arg::Long(name) => workspace::nearest(name, names.chain(["help"])),
        _ => None,
    };
    Error::usage(what).hint(match near {
        Some(near) if *option != Arg::Long(near) => format!("did you mean `--{near}`?"),
        _ => format!("`cargo run -- {command}--help` shows what there is"),
    })
}

fn unreadable(error: lexopt::Error) -> Error {
    Error::usage(error.to_string()).hint("`cargo run -- --help` shows the commands")
}

pub fn text(value: impl AsRef<OsStr>) -> Result<String> {
    let value = value.as_ref();
    value.to_str().map(str::to_string).ok_or_else(|| {
        Error::usage(format!("`{}` is not UTF-8", value.display()))
            .hint("commands and lessons are plain text")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        parse(words)
    }

    #[test]
    fn what_stands_behind_the_lesson_is_the_lessons_own() {
        for line in ["run 03 --help -x", "run 03 -- --help -x"] {
            let args = ["--help", "-x"].map(OsString::from).to_vec();
            let word = "03".to_string();
            assert_eq!(parsed(line).expect(line), Task::Run { word, args });
        }
    }

    #[test]
    fn help_is_asked_for_in_every_usual_way() {
        for line in ["help", "--help", "-h"] {
            assert_eq!(parsed(line).expect(line), Task::Help(help()), "{line}");
        }
        // The packages of these two read their own command lines.
        let has_its_own = |command: &&Command| ["grade", "trace"].contains(&command.name);
        for command in commands().filter(|command| !has_its_own(command)) {
            for way in ["--help", "-h"] {
                let line = format!("{} {way}", command.name);
                let page = Task::Help(command.help());
                assert_eq!(parsed(&line).expect(&line), page, "{line}");
            }
        }
    }

    #[test]
    fn every_page_of_help_fits_80_columns() {
        for page in commands().map(Command::help).chain([help()]) {
            for line in page.lines() {
                assert!(line.chars().count() < 80, "{line}");
            }
        }
    }

    #[test]
    fn what_a_command_shows_as_its_example_is_a_command_line() {
        for command in commands() {
            assert!(parsed(&command.example()).is_ok(), "{}", command.example());
        }
    }

    #[test]
    fn a_wrong_command_line_is_exit_code_2() {
        for line in [
            "run",
            "done",
            "--map",
            "-x",
            "dcotor",
            "done 01 02",
            "doctor now",
            "book now",
            "book --port",
            "book --port 70000",
            "book --watch",
            "watch --seed 5",
            "watch --sed",
            "watch -x",
            "watch 06 --seed 5",
            "watch 06 07",
            "run --dif 2",
            "help me",
        ] {
            assert_eq!(parsed(line).expect_err(line).exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn the_options_of_the_book_are_passed_on_as_they_were_typed() {
        let line = "--no-open --port 0 --dest pages";
        let args = line.split(' ').map(OsString::from).collect();
        let task = parsed(&format!("book {line}")).expect(line);
        assert_eq!(task, Task::Book { args });
    }

    #[test]
    fn watch_goes_without_an_exercise_and_with_one() {
        for (line, word) in [("watch", None), ("watch 06", Some("06".to_string()))] {
            assert_eq!(parsed(line).expect(line), Task::Watch(word), "{line}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_exercise_that_is_no_text_is_exit_code_2() {
        use std::os::unix::ffi::OsStringExt;
        for command in ["watch", "check"] {
            let word = OsString::from_vec(b"\xff".to_vec());
            let error = parse([command.into(), word]).expect_err(command);
            assert_eq!(error.exit_code(), 2, "{command}");
        }
    }

    #[test]
    fn an_option_of_another_command_is_not_offered_again() {
        let report = parsed("watch --seed 5").expect_err("no option").report();
        assert!(!report.contains("did you mean"), "{report}");
        let report = parsed("check --sed 5").expect_err("a slip").report();
        assert!(report.contains("did you mean `--seed`?"), "{report}");
    }
}
