//! Help for lesson 17: the design `thread-each`, which is step 2 and survives a lack of threads.

use std::io;
use std::thread;

use super::iterative::echo;
use crate::server::Server;

/// std reserves 2 MiB for each. Where the address space is limited (`ulimit -v`), that is used
/// up after some clients, and then the next allocation of anybody aborts the process.
const STACK: usize = 128 * 1024;

pub fn serve(server: &Server) -> io::Result<()> {
    loop {
        let client = server.accept()?;
        let serve = move || echo(&client).ok();
        if let Err(error) = thread::Builder::new().stack_size(STACK).spawn(serve) {
            shared::eprintln!("this client is lost: no thread for it: {error}");
        }
    }
}
