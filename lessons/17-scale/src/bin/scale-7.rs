//! Lesson 17, step 7: async, a task for each client, and one thread for all tasks.
//!
//!     cargo run -p scale --bin scale-7        then: nc 127.0.0.1 7777
//!
//! What it costs: for each client what its task has to remember, here the buffer. And a
//! library of another kind: what waits, waits by its calls, and nothing may block.
//! What it cannot do: use a second processor, say goodbye, or pass an urgent byte without
//! stalling. The last program has all designs, and what earlier lessons have taught.

use std::env;
use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:7777".to_string());
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(serve(address))
}

async fn serve(address: String) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept().await?;
        tokio::spawn(async {
            if let Err(error) = echo(client).await {
                println!("a client is lost: {error}");
            }
        });
    }
}

/// What comes goes back, until the end of the stream.
async fn echo(mut client: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let count = client.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        client.write_all(&buffer[..count]).await?;
    }
}
