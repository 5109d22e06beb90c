//! Help for lesson 17: the design pool, which is step 3 and survives a lack of threads.

use std::io;
use std::thread;

use super::iterative;
use crate::program::server::Server;

pub fn serve(server: &Server) -> io::Result<()> {
    thread::scope(|scope| {
        for _ in 1..server.workers {
            let worker = thread::Builder::new();
            if let Err(error) = worker.spawn_scoped(scope, || iterative::serve(server)) {
                shared::eprintln!("the pool is smaller: no thread: {error}");
                break;
            }
        }
        iterative::serve(server)
    })
}
