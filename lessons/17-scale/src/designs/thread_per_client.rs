// ANCHOR: all
//! A thread for each client: lesson 07.

use std::io;
use std::thread;

use super::iterative::echo;
use crate::server::Server;

pub fn serve(server: &Server) -> io::Result<()> {
    loop {
        let client = server.accept()?;
        let serve = move || echo(&client).ok();
        if let Err(error) = thread::Builder::new().spawn(serve) {
            shared::eprintln!("this client is lost: no thread for it: {error}");
        }
    }
}
// ANCHOR_END: all
