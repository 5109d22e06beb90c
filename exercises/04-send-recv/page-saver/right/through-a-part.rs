//! Saves in another file, and gives it its name at last.

use std::{
    fs,
    io::{self, Read, Write},
    net::TcpStream,
    path::Path,
};
fn main() -> io::Result<()> {
    let [host, path, file]: [String; 3] = std::env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .expect("three");
    let part = format!("{file}.part");
    let result = go(&host, &path, Path::new(&part));
    match result {
        Ok(()) => fs::rename(&part, &file),
        Err(e) => {
            let _ = fs::remove_file(&part);
            Err(e)
        }
    }
}
fn go(host: &str, path: &str, part: &Path) -> io::Result<()> {
    let mut s = TcpStream::connect(host)?;
    s.write_all(
        [
            "GET ",
            path,
            " HTTP/1.1\r\nHost: ",
            host,
            "\r\nConnection: close\r\n\r\n",
        ]
        .concat()
        .as_bytes(),
    )?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut b = [0];
        s.read_exact(&mut b)?;
        head.push(b[0]);
    }
    let mut want = None;
    for l in head.split(|&b| b == b'\n') {
        if l.len() > 15 && l[..15].eq_ignore_ascii_case(b"content-length:") {
            want = std::str::from_utf8(l[15..].trim_ascii())
                .ok()
                .and_then(|t| t.parse::<u64>().ok());
        }
    }
    let mut f = fs::File::create(part)?;
    let n = io::copy(&mut s.take(want.unwrap_or(u64::MAX)), &mut f)?;
    if want.is_some_and(|w| w != n) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    f.sync_all()
}
