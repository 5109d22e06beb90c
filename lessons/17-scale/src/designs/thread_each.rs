// ANCHOR: all
//! A thread for each client: lesson 07.

use std::io;
use std::thread;

use super::one_by_one::echo;
use crate::house::House;

pub fn serve(house: &House) -> io::Result<()> {
    loop {
        let client = house.accept()?;
        let serve = move || echo(&client).ok();
        if let Err(error) = thread::Builder::new().spawn(serve) {
            shared::eprintln!("this client is lost: no thread for it: {error}");
        }
    }
}
// ANCHOR_END: all
