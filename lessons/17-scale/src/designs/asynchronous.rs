// ANCHOR: all
//! async: a task for each client, and as many as you like on one thread. Reads like a
//! thread for each, works like epoll: tokio stands on mio.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use shared::Backoff;
use tokio::io::AsyncReadExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::time::{sleep, timeout};

use crate::server::Server;

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
            Err(error) => sleep(backoff.wait_after(&error)?).await,
        }
    }
}

/// What comes goes back. Each `await` is a place where other tasks get their turn. What
/// lives across one is kept in the task, for every client: here, the buffer.
async fn echo(
    mut reader: OwnedReadHalf,
    writer: Arc<Writer>,
    patience: Duration,
) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let count = timeout(patience, reader.read(&mut buffer)).await??;
        if count == 0 {
            return Ok(());
        }
        timeout(patience, writer.write_all(&buffer[..count])).await??;
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
// ANCHOR_END: all
