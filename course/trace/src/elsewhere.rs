//! Elsewhere than on Linux nothing is recorded.

use std::ffi::OsString;
use std::path::Path;

use shared::{Error, Result};
use trace::event::Event;
use trace::runs::Run;

use super::Asked;

fn only_linux<T>() -> Result<T> {
    Err(Error::new("only Linux lets a program record this"))
}

pub fn record(_: &Run, _: &Path, _: bool) -> Result<Vec<Event>> {
    only_linux()
}

pub fn own_programs(_: &Asked) -> Result<()> {
    only_linux()
}

pub fn hear(_: Vec<OsString>) -> Result<()> {
    only_linux()
}

pub fn draw_check(_: Vec<OsString>) -> Result<()> {
    only_linux()
}

pub fn without_rights(_: Vec<OsString>) -> Result<()> {
    only_linux()
}

pub fn dies_with_us(_: Vec<OsString>) -> Result<()> {
    only_linux()
}
