//! Has cargo build the learner's file.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use checker::{Exercise, MINE};
use shared::{Context, Result, eprintln};

use crate::mine;
use course::beside;

/// What came of a build.
#[derive(Debug)]
pub enum Built {
    /// The program.
    Command(Vec<OsString>),
    /// It cannot be built, and cargo has said why.
    Refused,
    /// Ctrl+C ended cargo.
    Stopped,
}

/// Builds the exercise's file. When `stop` says so, cargo is ended.
///
/// # Errors
/// When cargo cannot be started, or was ended from outside.
pub fn build(exercise: &Exercise, stop: &dyn Fn() -> bool) -> Result<Built> {
    let (mut command, profile) = beside::build(MINE)?;
    let text = fs::read(mine::file(exercise)).unwrap_or_default(); // cargo says it, if not
    command.args(["--quiet", "--example", exercise.name]);
    // A handler of panics needs them, whatever this machine's cargo is told to do.
    command.args(["--config", "profile.dev.panic=\"unwind\""]);
    command.arg("--message-format=json-render-diagnostics");
    let mut cargo = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let pipe = cargo.stdout.take();
    let reader = thread::spawn(move || pipe.and_then(program_of));
    let Some(status) = waited_for(&mut cargo, stop).context("cannot wait for cargo")?
    else {
        return Ok(Built::Stopped);
    };
    if !status.success() {
        return without_a_program(status);
    }
    keep(&record(&profile, exercise), &text);
    let name = format!("{}{}", exercise.name, std::env::consts::EXE_SUFFIX);
    let usual = profile.join("examples").join(name);
    let program = reader.join().unwrap_or_default().unwrap_or(usual);
    Ok(Built::Command(vec![program.into()]))
}

/// Waits for cargo's end; none: `stop` has ended it. It says nothing of its own while another
/// cargo holds the lock, as the one of an editor does, nor while it compiles libraries.
fn waited_for(
    cargo: &mut Child,
    stop: &dyn Fn() -> bool,
) -> io::Result<Option<ExitStatus>> {
    const SILENT: Duration = Duration::from_secs(3);
    let (start, mut told) = (Instant::now(), false);
    loop {
        if let Some(status) = cargo.try_wait()? {
            return Ok(Some(status));
        }
        if stop() {
            cargo.kill()?;
            cargo.wait()?;
            return Ok(None);
        }
        if !told && start.elapsed() > SILENT {
            told = true;
            eprintln!(
                "cargo is at work: it compiles libraries, or waits for another cargo, \
                 perhaps your editor's"
            );
        }
        thread::sleep(Duration::from_millis(2)); // between two looks
    }
}

/// Where cargo has put the program: the user's own settings can move it (`build.target`).
fn program_of(messages: impl Read) -> Option<PathBuf> {
    let lines = BufReader::new(messages).lines().map_while(io::Result::ok);
    // All are read, so that cargo never waits for a reader.
    lines.filter_map(|line| executable(&line)).last()
}

/// The path in a message of cargo's, `…"executable":"/a/b"…`: a text of JSON.
fn executable(line: &str) -> Option<PathBuf> {
    let (_, rest) = line.split_once("\"executable\":\"")?;
    let (mut path, mut letters) = (String::new(), rest.chars());
    loop {
        match letters.next()? {
            '"' => return Some(path.into()),
            '\\' => match letters.next()? {
                'u' => {
                    let digits: String = letters.by_ref().take(4).collect();
                    path.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                letter => path.push(letter), // a backslash or a quote: no path has more
            },
            letter => path.push(letter),
        }
    }
}

/// Gives a file that has changed a new date, if it has an old one, as a copy or a backup that
/// was put back: cargo compares dates, and would judge the program of the file before.
///
/// # Errors
/// When this program does not know where it is.
pub fn make_newer(exercise: &Exercise) -> Result<()> {
    let (_, profile) = beside::build(MINE)?;
    let (file, record) = (mine::file(exercise), record(&profile, exercise));
    let date = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    let is_newer = match (date(&file), date(&record)) {
        (Ok(own), Ok(built)) => own > built,
        _ => false,
    };
    if !is_newer && fs::read(&file).ok() != fs::read(record).ok() {
        let opened = fs::File::options().append(true).open(file);
        let touched = opened.and_then(|file| file.set_modified(SystemTime::now()));
        touched.ok(); // a file that nobody may write stays as it is
    }
    Ok(())
}

/// Where the text is kept of which the program was built.
fn record(profile: &Path, exercise: &Exercise) -> PathBuf {
    profile.join("checked").join(exercise.name)
}

/// Keeps what was built, to be compared the next time.
fn keep(record: &Path, text: &[u8]) {
    let folder = record.parent().map_or(Ok(()), fs::create_dir_all);
    folder.and_then(|()| fs::write(record, text)).ok(); // then it is built once more
}

/// A terminal sends Ctrl+C to all that run in it, cargo among them: that says nothing of
/// the learner's file, nor does any other signal.
#[cfg(unix)]
fn without_a_program(status: ExitStatus) -> Result<Built> {
    use std::os::unix::process::ExitStatusExt;

    use nix::sys::signal::Signal;
    use shared::Error;

    let Some(number) = status.signal() else {
        return Ok(Built::Refused);
    };
    match Signal::try_from(number) {
        // Those that this program ends by, too.
        Ok(Signal::SIGINT | Signal::SIGTERM | Signal::SIGHUP) => Ok(Built::Stopped),
        signal => {
            let name = signal.map_or("a signal", Signal::as_str);
            let what = format!("cargo was ended by {name}, and nothing was checked");
            let hint = "check again; the kernel does that (SIGKILL) when memory is short";
            Err(Error::new(what).hint(hint))
        }
    }
}

/// Windows has an exit code for it: STATUS_CONTROL_C_EXIT.
#[cfg(not(unix))]
fn without_a_program(status: ExitStatus) -> Result<Built> {
    const CTRL_C: i32 = 0xC000_013A_u32.cast_signed();
    Ok(match status.code() {
        Some(CTRL_C) => Built::Stopped,
        _ => Built::Refused,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_where_cargo_says() {
        let line =
            r#"{"reason":"compiler-artifact","executable":"/a b/\u00fc/x","fresh":true}"#;
        assert_eq!(executable(line), Some("/a b/ü/x".into()));
        let line = r#"{"executable":"C:\\x\\y.exe"}"#;
        assert_eq!(executable(line), Some("C:\\x\\y.exe".into()));
        let library = r#"{"reason":"compiler-artifact","executable":null}"#;
        assert_eq!(executable(library), None);
    }
}
