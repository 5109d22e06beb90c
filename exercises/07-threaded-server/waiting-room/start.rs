//! Exercise waiting-room (repair): a thread for each guest, and they wait all the same.
//!
//! This server listens on the address that is its first argument. A guest who comes gets
//! `You are number 1.` and `\n`, the next one number 2, and so on. Then the guest says its
//! name, a line of any bytes; the answer is `It is your turn, NAME.` and `\n`, and the
//! server closes.
//!
//! Its users say: "If I am alone, all is well. But when somebody before me is looking for
//! his glasses, and says nothing, I do not even get a number until he has gone. And yet
//! the programmer swears that each guest has a thread of its own." Repair it: all guests
//! get their number and their turn at once, whoever else is here. Nobody is sent away,
//! however many they are, and however long they are silent. Of a guest who has gone
//! nothing stays behind, no socket and no thread.
//!
//! Check it:      cargo run -- check waiting-room
//! Try it:        cargo run -p mine --example waiting-room -- 127.0.0.1:7071
//!                then, in two other terminals: nc 127.0.0.1 7071

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7071".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    for (guest, number) in listener.incoming().zip(1..) {
        let thread = thread::spawn(move || serve(guest?, number));
        // What has become of this guest?
        match thread.join() {
            Ok(Ok(())) => println!("guest {number} had its turn"),
            Ok(Err(error)) => println!("guest {number} is lost: {error}"),
            Err(_) => println!("guest {number} is lost: its thread has panicked"),
        }
    }
    Ok(())
}

/// Gives one guest its number and its turn.
fn serve(mut guest: TcpStream, number: u32) -> io::Result<()> {
    guest.write_all(format!("You are number {number}.\n").as_bytes())?;
    let mut name = Vec::new();
    BufReader::new(&guest).read_until(b'\n', &mut name)?;
    let name = name.trim_ascii_end();
    guest.write_all(&[b"It is your turn, ", name, b".\n"].concat())
}
