//! connect without blocking, poll, SO_ERROR: what a timeout is made of.

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    use nix::poll::{PollFd, PollFlags, poll};
    use socket2::{Domain, Socket, Type};
    use std::net::ToSocketAddrs;
    use std::os::fd::AsFd;
    let server = std::env::args().nth(1).unwrap();
    let mut last = std::io::Error::other("no address");
    for address in server.to_socket_addrs()? {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.connect(&address.into()).ok();
        poll(
            &mut [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)],
            200_u16,
        )?;
        match socket.take_error()?.map_or_else(|| socket.peer_addr(), Err) {
            Ok(peer) => {
                println!("connected to {}", peer.as_socket().unwrap());
                return Ok(());
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(not(unix))]
fn main() {}
