//! The other two columns of the tables: `snippets.py` and `snippets.c` run here, and each
//! of them looks at what its lines did.

use std::path::PathBuf;

use tests::{Program, find_tool, tool};

/// A program compiled from a C file beside this one, with every warning an error; it is
/// deleted in the end. None where there is no C compiler.
pub fn compiled(file: &str) -> Option<Compiled> {
    let cc = find_tool("cc")?;
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("program");
    let source = tests::root().join("tests/appendix").join(file);
    let flags = [
        "-std=gnu11",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-pthread",
        "-o",
    ];
    let ended = Program::at(cc).args(flags).args([&program, &source]).run();
    ended.code(0);
    Some(Compiled {
        _folder: folder,
        program,
    })
}

pub struct Compiled {
    _folder: tempfile::TempDir,
    program: PathBuf,
}

impl Compiled {
    pub fn path(&self) -> &PathBuf {
        &self.program
    }
}

#[test]
fn every_line_of_the_python_column_does_what_it_says() {
    let script = tests::root().join("tests/appendix/snippets.py");
    let ended = Program::at(tool!("python3")).args([script]).run();
    ended.code(0);
    assert_eq!(ended.stdout, "all of it did what it says\n");
}

#[test]
fn every_function_of_the_python_column_is_called() {
    let text = crate::tables::read("tests/appendix/snippets.py");
    let (functions, main) = text.split_once("if __name__").expect("a main part");
    for line in functions.lines() {
        if let Some(name) = line.strip_prefix("def ")
            && let Some((name, _)) = name.split_once("():")
        {
            let calls = functions.matches(&format!("{name}()")).count();
            let called = main.contains(&format!("    {name}()\n"))
                || main.contains(&format!("submit({name})"))
                || calls > 1;
            assert!(called, "{name} is called by nobody");
        }
    }
}

#[test]
fn every_line_of_the_c_column_does_what_it_says() {
    let Some(program) = compiled("snippets.c") else {
        return;
    };
    let ended = Program::at(program.path()).run();
    ended.code(0);
    assert_eq!(ended.stdout, "all of it did what it says\n");
}
