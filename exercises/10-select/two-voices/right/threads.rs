//! A thread for each peer; a line is printed with one call.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::thread;

fn main() -> io::Result<()> {
    let addresses = std::env::args().skip(1).take(2);
    let streams: Vec<_> = addresses
        .map(TcpStream::connect)
        .collect::<io::Result<_>>()?;
    let voices: Vec<_> = (1..)
        .zip(streams)
        .map(|(name, stream)| thread::spawn(move || voice(name, stream)))
        .collect();
    for voice in voices {
        voice.join().expect("no panic");
    }
    Ok(())
}

fn voice(name: usize, stream: TcpStream) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = format!("{name}: ").into_bytes();
        let nothing = line.len();
        // What came before a reset is in the line, too.
        stream.read_until(b'\n', &mut line).ok();
        if line.len() == nothing {
            return;
        }
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        io::stdout().lock().write_all(&line).ok();
    }
}
