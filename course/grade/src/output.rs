//! Where the points go: standard output, a file, or a file for each student.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use shared::{Context, Error, Result, print};

use crate::args::{self, Format, Options};
use crate::marks::{Marks, Student};
use crate::{csv, feedback, formats, table};

/// Writes them as the command line says, all of them at the end.
pub fn write(options: &Options, marks: &Marks) -> Result<()> {
    let text = match options.format {
        Format::Table => table::table(marks, options.due),
        Format::Csv => csv::students(marks, options.due)?,
        Format::Excel => format!("\u{feff}{}", csv::students(marks, options.due)?),
        Format::Steps => csv::steps(marks)?,
        Format::Junit => formats::junit(marks)?,
        Format::Gradescope | Format::Classroom50 => return write_each(options, marks),
    };
    put(options.output.as_deref(), &text)
}

/// Writes those that there are by now, `newest` among them: a machine can be switched off at
/// any time. On standard output, and on what else cannot be replaced, they are written once.
pub fn write_now(options: &Options, marks: &Marks, newest: &Student) -> Result<()> {
    if let Some(folder) = &options.feedback {
        let file = folder.join(format!("{}.txt", newest.name));
        put(
            Some(&file),
            &feedback::feedback(newest, marks.seed, options.due),
        )?;
    }
    let output = options.output.as_deref();
    match output.is_some_and(|output| output.is_dir() || can_be_replaced(output)) {
        true => write(options, marks),
        false => Ok(()),
    }
}

fn can_be_replaced(output: &Path) -> bool {
    let data = std::fs::symlink_metadata(output);
    data.map_or(true, |data| data.is_file())
}

/// Looks at the output before the work of minutes is done for it.
pub fn can_be_written(options: &Options, students: usize) -> Result<()> {
    if let Some(folder) = &options.feedback {
        make_folder(folder, "--feedback")?;
    }
    let Some(output) = &options.output else {
        return Ok(());
    };
    let place = output.display();
    if options.format.is_for_one() && (students > 1 || output.is_dir()) {
        return make_folder(output, "--output");
    }
    let parent = output.parent().unwrap_or(Path::new(""));
    if output.is_dir() {
        return Err(Error::usage(format!("{place} is a folder"))
            .hint("name a file in it, as in --output points.csv"));
    }
    if !parent.as_os_str().is_empty() && !parent.is_dir() {
        let what = format!("there is no folder {} to write into", parent.display());
        return Err(Error::usage(what).hint("make it first, or write to another one"));
    }
    Ok(())
}

fn make_folder(folder: &Path, option: &str) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::usage(format!(
            "cannot make the folder {}: {error}",
            folder.display()
        ))
        .hint(format!(
            "there is a file for each student, so {option} names a folder"
        ))
    })
}

/// The formats with a file for each student.
fn write_each(options: &Options, marks: &Marks) -> Result<()> {
    let (text, name): (fn(&Student) -> Result<String>, _) = match options.format {
        Format::Classroom50 => (formats::classroom50, "result.json"),
        _ => (formats::gradescope, "results.json"),
    };
    match (&options.output, &marks.students[..]) {
        (Some(folder), students) if students.len() > 1 || folder.is_dir() => {
            for student in students {
                let folder = folder.join(&student.name);
                std::fs::create_dir_all(&folder)
                    .context(format!("cannot make {}", folder.display()))?;
                put(Some(&folder.join(name)), &text(student)?)?;
            }
            Ok(())
        }
        (output, [student]) => put(output.as_deref(), &text(student)?),
        // The command line was looked at before anything was graded.
        (_, _) => Err(args::needs_folder()),
    }
}

fn put(output: Option<&Path>, text: &str) -> Result<()> {
    match output {
        None => {
            print!("{text}");
            Ok(())
        }
        Some(file) => replace(file, text.as_bytes())
            .context(format!("cannot write {}", file.display())),
    }
}

/// Writes a file as a whole, or not at all: a program that reads it meanwhile, or after a
/// power cut, never finds half of it (rename(2)).
fn replace(file: &Path, text: &[u8]) -> io::Result<()> {
    if !can_be_replaced(file) {
        return std::fs::write(file, text);
    }
    let mut name = OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(".new");
    let new = file.with_file_name(name);
    let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, file));
    if written.is_err() {
        std::fs::remove_file(&new).ok(); // where it could not even be made
    }
    written
}
