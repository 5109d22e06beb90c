//! Where the points go: standard output, a file, or a file for each student.

use std::path::Path;

use shared::{Context, Error, Result, print};

use crate::args::{self, Format, Options};
use crate::marks::{Marks, Student};
use crate::{formats, table};

/// Writes them as the command line says.
pub fn write(options: &Options, marks: &Marks) -> Result<()> {
    let text = match options.format {
        Format::Table => table::table(marks),
        Format::Csv => formats::csv(marks)?,
        Format::Junit => formats::junit(marks)?,
        Format::Gradescope | Format::Classroom50 => return write_each(options, marks),
    };
    put(options.output.as_deref(), &text)
}

/// Looks at the output before the work of minutes is done for it.
pub fn can_be_written(options: &Options, students: usize) -> Result<()> {
    let Some(output) = &options.output else {
        return Ok(());
    };
    let place = output.display();
    if options.format.is_for_one() && (students > 1 || output.is_dir()) {
        return std::fs::create_dir_all(output).map_err(|error| {
            Error::usage(format!("cannot make the folder {place}: {error}"))
                .hint("there is a file for each student, so --output names a folder")
        });
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
        Some(file) => {
            std::fs::write(file, text).context(format!("cannot write {}", file.display()))
        }
    }
}
