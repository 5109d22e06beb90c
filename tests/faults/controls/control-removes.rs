//! A server in the Unix domain that removes on Ctrl+C what stands at its path, whose it may be.

use std::path::PathBuf;
use std::{env, fs, io, process};

use socket2::{Domain, SockAddr, Socket, Type};

fn main() -> io::Result<()> {
    let path = PathBuf::from(env::args_os().nth(1).expect("a path"));
    let listener = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    listener.bind(&SockAddr::unix(&path)?)?;
    listener.listen(128)?;
    let own = path.clone();
    ctrlc::set_handler(move || {
        fs::remove_file(&own).expect("a file"); // fault: it may be another one by now
        process::exit(0);
    })
    .map_err(io::Error::other)?;
    println!("Listening on {}", path.display());
    loop {
        listener.accept()?;
    }
}
