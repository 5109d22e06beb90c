// ANCHOR: all
//! A pool: so many threads, and each of them is the server of lesson 06. They all wait in
//! `accept` on one listener; the kernel gives each client to one of them. Whoever comes
//! when all are busy waits in the kernel's queue until one of the others leaves.

use std::io;
use std::thread;

use super::iterative;
use crate::server::Server;

pub fn serve(server: &Server) -> io::Result<()> {
    thread::scope(|scope| {
        for _ in 1..server.workers {
            scope.spawn(|| iterative::serve(server));
        }
        iterative::serve(server)
    })
}
// ANCHOR_END: all
