//! What is left of one client is put before what the next one sends.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut kept = Vec::new();
    for client in listener.incoming() {
        serve(client.unwrap(), &mut kept).ok();
    }
}

fn serve(mut client: TcpStream, kept: &mut Vec<u8>) -> io::Result<()> {
    let mut chunk = [0; 4096];
    loop {
        let count = client.read(&mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        kept.extend_from_slice(&chunk[..count]);
        let mut answers = Vec::new();
        while let Some(head) = kept.first_chunk() {
            let length = u32::from_be_bytes(*head) as usize;
            if length > 65_536 {
                client.write_all(&answers)?;
                return Ok(());
            }
            if kept.len() < 4 + length {
                break;
            }
            let frame: Vec<u8> = kept.drain(..4 + length).collect();
            answers.extend_from_slice(&frame[..4]);
            answers.extend(frame[4..].iter().rev());
        }
        client.write_all(&answers)?;
    }
}
