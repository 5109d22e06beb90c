//! Help for lesson 17: the design `thread-each`, which is step 2 and survives a lack of
//! threads and of memory.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};

use super::iterative::echo;
use crate::program::server::Server;

/// std reserves 2 MiB of address space for each thread. `echo` needs a few pages.
const STACK: usize = 128 * 1024;

/// What a thread takes of it in all: also its guard page, and what the allocator keeps for it.
const THREAD: usize = STACK + 64 * 1024;

pub fn serve(server: &Server) -> io::Result<()> {
    let (most, permit) = (most_threads(), Arc::new(()));
    loop {
        let client = server.accept()?;
        let threads = Arc::strong_count(&permit) - 1;
        let started = match threads < most {
            true => start(client, Arc::clone(&permit)),
            false => Err(ErrorKind::OutOfMemory.into()),
        };
        if let Err(error) = started {
            shared::eprintln!("this client is lost: no thread for it: {error}");
        }
    }
}

/// The limit of addresses (setrlimit(2)); FreeBSD gives it another name.
#[cfg(not(target_os = "freebsd"))]
const MEMORY: Resource = Resource::RLIMIT_AS;
#[cfg(target_os = "freebsd")]
const MEMORY: Resource = Resource::RLIMIT_VMEM;

/// Where memory is limited (`ulimit -v`), half of it is for threads: an allocation that fails
/// aborts the process, and with it all clients.
fn most_threads() -> usize {
    match getrlimit(MEMORY) {
        Ok((limit, _)) if limit != RLIM_INFINITY => limit as usize / 2 / THREAD,
        _ => usize::MAX,
    }
}

fn start(client: Arc<TcpStream>, permit: Arc<()>) -> io::Result<()> {
    let thread = thread::Builder::new().stack_size(STACK);
    thread.spawn(move || {
        echo(&client).ok();
        drop(permit);
    })?;
    Ok(())
}
