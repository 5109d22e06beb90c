//! Help for lesson 17: the design `thread-each`, which is step 2 and survives a lack of
//! threads and of memory.

use std::hint::black_box;
use std::io;
use std::net::TcpStream;
use std::sync::{Arc, mpsc};
use std::thread;

use super::iterative::echo;
use crate::program::server::Server;

/// std reserves 2 MiB of address space for each thread. `echo` needs a few pages.
const STACK: usize = 128 * 1024;

/// Where memory is limited (`ulimit -v`), so much has to be left for everybody else: an
/// allocation that fails aborts the process.
const SPARE: usize = 4 * 1024 * 1024;

pub fn serve(server: &Server) -> io::Result<()> {
    loop {
        let client = server.accept()?;
        if let Err(error) = start(client) {
            shared::eprintln!("this client is lost: no thread for it: {error}");
        }
    }
}

fn start(client: Arc<TcpStream>) -> io::Result<()> {
    let mut spare: Vec<u8> = Vec::new();
    spare.try_reserve_exact(SPARE)?;
    drop(black_box(spare)); // or the compiler leaves both out
    // It takes more when it starts. The next one is to see what is left then.
    let (started, has_started) = mpsc::sync_channel(1);
    let thread = thread::Builder::new().stack_size(STACK);
    thread.spawn(move || {
        started.send(()).ok();
        echo(&client).ok()
    })?;
    has_started.recv().ok();
    Ok(())
}
