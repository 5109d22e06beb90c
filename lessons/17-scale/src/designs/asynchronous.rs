//! Help for lesson 17: the design async, which is step 7 with deadlines and a goodbye.

use std::future::pending;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use shared::Backoff;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use crate::program::server::Server;

const TURNS: u64 = 16; // of one client, before the others have theirs

pub fn serve(server: &Server) -> io::Result<()> {
    let mut runtime = runtime::Builder::new_current_thread();
    runtime.enable_all().build()?.block_on(accept_all(server))
}

async fn accept_all(server: &Server) -> io::Result<()> {
    server.listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(server.listener.try_clone()?)?;
    let mut backoff = Backoff::default();
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                backoff.reset();
                let (reader, writer) = halves(client);
                server.remember(&writer);
                tokio::spawn(echo(reader, writer, server.patience));
            }
            Err(_) if server.is_stopping() => pending().await, // the end has begun
            Err(error) => sleep(backoff.wait_after(&error)?).await,
        }
    }
}

/// What comes goes back. Each `await` is a place where other tasks get their turn. What
/// lives across one is kept in the task, for every client: here, the buffer.
async fn echo(
    reader: OwnedReadHalf,
    writer: Arc<Writer>,
    patience: Duration,
) -> io::Result<()> {
    let mut buffer = [0; 4096];
    for turn in 1.. {
        let count = timeout(patience, read(&reader, &mut buffer)).await??;
        if count == 0 {
            break;
        }
        timeout(patience, writer.write_all(&buffer[..count])).await??;
        if turn % TURNS == 0 {
            yield_now().await; // neither of the two has waited for this client, perhaps
        }
    }
    Ok(())
}

/// tokio's own `read` takes a short one for the sign of an empty socket, and waits for the
/// next change. But `recv` stops at an urgent byte, too, and then there may be no change.
async fn read(reader: &OwnedReadHalf, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.try_read(buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                reader.readable().await?;
            }
            result => return result,
        }
    }
}

/// The half that writes. The server says goodbye through it.
struct Writer(OwnedWriteHalf);

fn halves(client: TcpStream) -> (OwnedReadHalf, Arc<Writer>) {
    client.set_nodelay(true).ok();
    let (reader, writer) = client.into_split();
    (reader, Arc::new(Writer(writer)))
}

impl Writer {
    async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.0.try_write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.0.writable().await?;
                }
                // Our half is shut down: somebody has pressed Ctrl+C. Read to the end.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl AsFd for Writer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_ref().as_fd()
    }
}
