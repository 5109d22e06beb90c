//! Welcomes a client, and takes its time until it is on the list.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

struct Seat {
    number: usize,
    queue: SyncSender<Arc<[u8]>>,
    stream: TcpStream,
}

static SEATS: Mutex<Vec<Seat>> = Mutex::new(Vec::new());

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).expect("an address"))?;
    for (number, stream) in listener.incoming().enumerate() {
        let stream = stream?;
        let (queue, lines) = sync_channel(1000);
        let seat = Seat {
            number,
            queue,
            stream: stream.try_clone()?,
        };
        seat.queue
            .send((*b"welcome\n").into())
            .expect("room for one");
        let writer = stream.try_clone()?;
        thread::spawn(move || write(writer, lines));
        thread::sleep(Duration::from_millis(200));
        SEATS.lock().expect("no panic").push(seat);
        thread::spawn(move || {
            read(number, &stream).ok();
            SEATS
                .lock()
                .expect("no panic")
                .retain(|seat| seat.number != number);
        });
    }
    Ok(())
}

fn read(number: usize, stream: &TcpStream) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            return Ok(());
        }
        let line: Arc<[u8]> = line.into();
        // A queue that is full: its client does not read.
        SEATS.lock().expect("no panic").retain(|seat| {
            let takes =
                seat.number == number || seat.queue.try_send(line.clone()).is_ok();
            if !takes {
                seat.stream.shutdown(Shutdown::Both).ok();
            }
            takes
        });
    }
}

fn write(mut stream: TcpStream, lines: Receiver<Arc<[u8]>>) {
    for line in lines {
        if stream.write_all(&line).is_err() {
            return;
        }
    }
}
