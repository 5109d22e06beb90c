use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use lexopt::Arg;

use crate::output::all_printed;
use crate::{Address, Context, Error, eprintln, print, println};

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(1_000_000_000);

/// The frame of every program's `main`: reads the arguments, calls the program, and turns
/// its error into two lines on standard error.
///
/// `help` is the declaration of the options, and what `--help` and `-h` print: a `--name`
/// in there takes a value where one is named after it in capitals, `--timeout SECONDS`,
/// and is a flag otherwise. The line `example: ...` declares nothing. One positional
/// argument is allowed.
///
/// Returns 0, the exit code of the program's [`Error`] (1), or 2 for a wrong argument. What
/// could not be printed is an error, too.
pub fn run(help: &str, program: fn(Args) -> Result<(), Error>) -> ExitCode {
    let result = match Args::parse(help, std::env::args_os().skip(1)) {
        Ok(args) if args.help => {
            print!("{help}");
            Ok(())
        }
        Ok(args) => program(args),
        Err(error) => Err(error),
    };
    let result = result.and_then(|()| all_printed().context("cannot print all of it"));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", error.report());
            ExitCode::from(error.exit_code())
        }
    }
}

/// The arguments of a lesson: at most one positional, and the options it declared.
#[derive(Debug, Default)]
pub struct Args {
    positional: Option<String>,
    options: Vec<(String, Option<String>)>,
    help: bool,
}

impl Args {
    fn parse(
        help: &str,
        args: impl IntoIterator<Item = OsString, IntoIter: 'static>,
    ) -> Result<Self, Error> {
        let declared = declared(help);
        let mut found = Self::default();
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(arg) = parser.next().map_err(unreadable)? {
            match arg {
                Arg::Long("help") | Arg::Short('h') => found.help = true,
                Arg::Long(name) => {
                    let name = name.to_string();
                    let value = match declared.get(name.as_str()) {
                        Some(true) => Some(text(parser.value().map_err(unreadable)?)?),
                        Some(false) => None,
                        None => return Err(unknown(&format!("--{name}"))),
                    };
                    found.options.push((name, value));
                }
                Arg::Short(letter) => return Err(unknown(&format!("-{letter}"))),
                Arg::Value(value) => {
                    let value = text(value)?;
                    if found.positional.is_some() {
                        return Err(Error::usage(format!(
                            "one argument too many: `{value}`"
                        ))
                        .hint("--help says what this program takes"));
                    }
                    found.positional = Some(value);
                }
            }
        }
        Ok(found)
    }

    /// For programs that take no positional argument at all.
    ///
    /// # Errors
    /// Exit code 2, when there is one.
    pub fn no_address(&self) -> Result<(), Error> {
        match self.positional() {
            None => Ok(()),
            Some(argument) => {
                let error = Error::usage(format!("one argument too many: `{argument}`"));
                Err(error.hint("this program takes no address"))
            }
        }
    }

    /// The positional argument as it was typed.
    pub fn positional(&self) -> Option<&str> {
        self.positional.as_deref()
    }

    /// The positional argument as an address.
    ///
    /// # Errors
    /// Exit code 2, when it is not `HOST:PORT`.
    pub fn address(&self) -> Result<Option<Address>, Error> {
        self.positional().map(str::parse).transpose()
    }

    /// The positional argument as an address, or `default` without one: for servers.
    ///
    /// # Errors
    /// Exit code 2, when it is not `HOST:PORT`.
    pub fn address_or(&self, default: &str) -> Result<Address, Error> {
        self.positional().unwrap_or(default).parse()
    }

    /// The positional argument as an address; without one, starts the given practice
    /// server inside this process, says so, and returns its address: for clients.
    ///
    /// # Errors
    /// Exit code 2, when it is not `HOST:PORT`; 1 when no server could be started.
    pub fn address_or_practice(
        &self,
        start: impl FnOnce() -> io::Result<SocketAddr>,
    ) -> Result<Address, Error> {
        if let Some(address) = self.address()? {
            return Ok(address);
        }
        let address = start().context("cannot start the practice server")?;
        println!(
            "No address given: a practice server in this program listens on {address}"
        );
        Ok(address.into())
    }

    /// Whether the flag was given.
    pub fn flag(&self, name: &str) -> bool {
        self.options.iter().any(|(given, _)| given == name)
    }

    /// The value of an option, parsed; the last one where it was given twice.
    ///
    /// # Errors
    /// Exit code 2, when the value does not parse.
    pub fn value<T: FromStr>(&self, name: &str) -> Result<Option<T>, Error> {
        let Some(text) = self.values(name).last() else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            Error::usage(format!("`{text}` does not fit --{name}"))
                .hint(format!("--help says what --{name} takes"))
        })
    }

    /// The value of an option in seconds, fractions allowed, or `default` seconds.
    ///
    /// # Errors
    /// Exit code 2, when it is not a number from 0.001 to a billion. (A timeout of 0
    /// would mean "none" to the kernel, socket(7); more than any clock holds would be a
    /// panic.)
    pub fn seconds(&self, name: &str, default: f64) -> Result<Duration, Error> {
        let text = self.values(name).last();
        let seconds = text.map_or(Ok(default), str::parse);
        match seconds.map(Duration::try_from_secs_f64) {
            Ok(Ok(duration)) if (SHORTEST..=LONGEST).contains(&duration) => Ok(duration),
            _ => {
                let wrong = text.unwrap_or_default();
                Err(Error::usage(format!("`{wrong}` does not fit --{name}"))
                    .hint("write seconds, from 0.001 to a billion, as in 0.5 or 10"))
            }
        }
    }

    /// All values of an option that may be given several times, in their order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_that_name = self.options.iter().filter(move |(given, _)| given == name);
        of_that_name.filter_map(|(_, value)| value.as_deref())
    }
}

/// The options that a help text names, and whether they take a value.
fn declared(help: &str) -> BTreeMap<&str, bool> {
    let mut declared = BTreeMap::new();
    let (help, _) = help.split_once("\nexample:").unwrap_or((help, ""));
    for (_, rest) in help
        .match_indices("--")
        .map(|(at, _)| help.split_at(at + 2))
    {
        let of_a_name = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        let end = rest.find(|letter| !of_a_name(letter)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let value = rest.strip_prefix(' ').and_then(|rest| rest.chars().next());
        let takes_one = value.is_some_and(|letter| letter.is_ascii_uppercase());
        *declared.entry(name).or_default() |= takes_one;
    }
    declared
}

fn unknown(option: &str) -> Error {
    Error::usage(format!("unknown option `{option}`"))
        .hint("--help lists the options that there are")
}

fn unreadable(error: lexopt::Error) -> Error {
    let what = match error {
        lexopt::Error::MissingValue { option } => {
            format!("`{}` needs a value", option.unwrap_or_default())
        }
        lexopt::Error::UnexpectedValue { option, .. } => {
            format!("`{option}` takes no value")
        }
        other => other.to_string(),
    };
    Error::usage(what).hint("--help lists the options that there are")
}

fn text(value: OsString) -> Result<String, Error> {
    value.into_string().map_err(|value| {
        Error::usage(format!("`{}` is not UTF-8", value.display()))
            .hint("arguments of the lessons are plain text")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "\
usage: program [HOST:PORT] [--timeout SECONDS] [--allow NAME]...

  --timeout SECONDS  how long
  --count, --allow   how often (--count as you like), and what
  --count N, --reverse
  --reverse          a flag

example: cargo run --bin program -- --allow ls
";

    #[test]
    fn the_help_text_declares_the_options() {
        let options: Vec<_> = declared(HELP).into_iter().collect();
        let expected = ["allow", "count", "timeout"].map(|name| (name, true));
        assert_eq!(
            options,
            [&expected[..2], &[("reverse", false)], &expected[2..]].concat()
        );
    }

    fn parse(line: &str) -> Result<Args, Error> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Args::parse(HELP, words)
    }

    #[test]
    fn options_stand_before_or_after_the_address() {
        for line in ["--timeout 2 --reverse ::1", "::1 --reverse --timeout=2"] {
            let args = parse(line).expect(line);
            assert_eq!(args.positional(), Some("::1"));
            assert_eq!(args.value("timeout").expect("a number"), Some(2));
            assert!(args.flag("reverse"));
        }
    }

    #[test]
    fn a_program_without_an_address_refuses_one() {
        parse("--reverse")
            .expect("a flag")
            .no_address()
            .expect("no address");
        let args = parse("::1").expect("it is text");
        let error = args.no_address().expect_err("an address");
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("`::1`"), "{error}");
    }

    #[test]
    fn an_option_may_be_given_several_times() {
        let args = parse("--allow ls --allow date").expect("two values");
        assert_eq!(args.values("allow").collect::<Vec<_>>(), ["ls", "date"]);
    }

    #[test]
    fn a_wrong_argument_is_exit_code_2() {
        let wrong = ["--nonsense", "-x", "a:1 b:2", "--timeout", "--reverse=1"];
        for line in wrong {
            assert_eq!(parse(line).expect_err(line).exit_code(), 2, "{line}");
        }
        let args = parse("--timeout soon").expect("it is text");
        assert_eq!(
            args.value::<u64>("timeout")
                .expect_err("no number")
                .exit_code(),
            2
        );
        for seconds in ["0", "0.0009", "-1", "1e10", "1e19", "nan", "inf", "soon"] {
            let args = parse(&format!("--timeout={seconds}")).expect("it is text");
            let error = args.seconds("timeout", 1.0).expect_err(seconds);
            assert_eq!(error.exit_code(), 2);
            assert_eq!(
                error.report(),
                format!(
                    "error: `{seconds}` does not fit --timeout\n\
                     hint: write seconds, from 0.001 to a billion, as in 0.5 or 10"
                )
            );
        }
    }

    #[test]
    fn a_value_that_is_missing_or_too_many_is_reported_like_everything_else() {
        for (line, words) in [
            ("--timeout", "`--timeout` needs a value"),
            ("--reverse=1", "`--reverse` takes no value"),
        ] {
            assert_eq!(parse(line).expect_err(line).to_string(), words);
        }
    }
}
