//! Lesson 09: how messages stick together and split, and two ways to keep them apart.
//!
//!     cargo run -p framing

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use shared::{Args, Context, println};

const HELP: &str = "\
Shows how messages stick together and split in a TCP stream, and two ways to keep them
apart: a delimiter, and a length in front. It takes no argument.
example: cargo run -p framing
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    sticking().context("cannot show the sticking")?;
    splitting().context("cannot show the splitting")?;
    delimiter().context("cannot show the delimiter")?;
    frames().context("cannot show the frames")
}

fn sticking() -> io::Result<()> {
    println!("Three sends, one recv:");
    let (mut sender, mut receiver) = pair()?;
    // The usual advice, no Nagle, sends each at once. It does not keep them apart.
    sender.set_nodelay(true)?;
    for name in ["Michael", "Tracy", "Sarah"] {
        let count = sender.write(name.as_bytes())?;
        println!("  send  {count:2} bytes  \"{name}\"");
    }
    wait_until_all_is_there(&receiver, 17)?; // our program was busy for a moment
    recv(&mut receiver, 100)
}

fn splitting() -> io::Result<()> {
    println!("One send, three recvs, each with room for 7 bytes:");
    let (mut sender, mut receiver) = pair()?;
    let count = sender.write("Grüße, 世界!".as_bytes())?;
    println!("  send  {count:2} bytes  \"Grüße, 世界!\"");
    wait_until_all_is_there(&receiver, count)?;
    for _ in 0..3 {
        recv(&mut receiver, 7)?;
    }

    println!("One message of 10,000,000 bytes, with room for all of them:");
    // A thread: this is more than the kernel keeps for a reader that does not read.
    let writer = thread::spawn(move || sender.write_all(&vec![b'x'; 10_000_000]));
    let mut room = vec![0; 10_000_000];
    let (mut received, mut calls) = (0, 0);
    loop {
        let count = receiver.read(&mut room[received..])?;
        if count == 0 {
            break; // no room is left: all of it is there
        }
        received += count;
        calls += 1;
    }
    println!("  it came in {calls} recvs");
    writer.join().expect("the writer does not panic")
}

/// `read` on a socket is recv(2): what is there, and at most what there is room for.
fn recv(receiver: &mut TcpStream, room: usize) -> io::Result<()> {
    let mut buffer = vec![0; room];
    let count = receiver.read(&mut buffer)?;
    let shown = buffer[..count].escape_ascii();
    println!("  recv  {count:2} bytes  \"{shown}\"");
    Ok(())
}

fn delimiter() -> io::Result<()> {
    println!("A delimiter, \\n after each message; two sends that cut anywhere:");
    let (mut sender, receiver) = pair()?;
    sender.write_all(b"Michael\nTra")?;
    sender.write_all(b"cy\nSarah\nwith \n in it\n")?;
    drop(sender);
    // BufReader keeps what came after the delimiter for the next call.
    let mut stream = BufReader::new(receiver);
    let mut message = Vec::new();
    while stream.read_until(b'\n', &mut message)? > 0 {
        let shown = message.trim_ascii_end().escape_ascii();
        println!("  message         \"{shown}\"");
        message.clear();
    }
    Ok(())
}

fn frames() -> io::Result<()> {
    println!("Frames, the length in front of each message, all in one send:");
    let (mut sender, mut receiver) = pair()?;
    let mut bytes = Vec::new();
    for message in ["Michael", "", "Grüße, 世界!", "with \n in it"] {
        bytes.extend((message.len() as u32).to_be_bytes()); // highest byte first
        bytes.extend(message.as_bytes());
    }
    sender.write_all(&bytes)?;
    drop(sender);
    let mut length = [0; 4];
    // The end of the stream is a goodbye here, where a frame could begin.
    while receiver.read(&mut length[..1])? > 0 {
        receiver.read_exact(&mut length[1..])?;
        // We trust this length because we wrote it. framed-server trusts nobody's.
        let mut message = vec![0; u32::from_be_bytes(length) as usize];
        receiver.read_exact(&mut message)?;
        let text = String::from_utf8_lossy(&message); // whole, so no character is cut
        println!("  frame {:2} bytes  {text:?}", message.len());
    }
    Ok(())
}

/// Two connected sockets.
fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let sender = TcpStream::connect(listener.local_addr()?)?;
    loop {
        let (receiver, from) = listener.accept()?;
        // 127.0.0.1 is open to every program of this machine: is this really our own end?
        if from == sender.local_addr()? {
            return Ok((sender, receiver));
        }
    }
}

/// `peek` is recv with MSG_PEEK: it looks at what lies in the kernel's buffer, and leaves
/// it there.
fn wait_until_all_is_there(receiver: &TcpStream, count: usize) -> io::Result<()> {
    let mut room = [0; 100];
    while receiver.peek(&mut room)? < count {
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
