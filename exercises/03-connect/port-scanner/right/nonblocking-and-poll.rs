//! A hundred connections at a time without blocking, and one poll for all of them.

#[cfg(unix)]
fn main() {
    use nix::poll::{PollFd, PollFlags, poll};
    use socket2::{Domain, Socket, Type};
    use std::net::{IpAddr, SocketAddr};
    use std::os::fd::AsFd;
    use std::time::{Duration, Instant};
    let args: Vec<String> = std::env::args().collect();
    let host: IpAddr = args[1].parse().unwrap();
    let (first, last): (u16, u16) = (args[2].parse().unwrap(), args[3].parse().unwrap());
    let ports: Vec<u16> = (first..=last).collect();
    for some in ports.chunks(100) {
        let sockets: Vec<_> = some
            .iter()
            .map(|port| {
                let address = SocketAddr::new(host, *port);
                let socket =
                    Socket::new(Domain::for_address(address), Type::STREAM, None)
                        .unwrap();
                socket.set_nonblocking(true).unwrap();
                socket.connect(&address.into()).ok();
                socket
            })
            .collect();
        let end = Instant::now() + Duration::from_millis(200);
        let mut done = vec![false; sockets.len()];
        while done.contains(&false) {
            let left = end.saturating_duration_since(Instant::now()).as_millis() as u16;
            let waiting: Vec<_> = (0..sockets.len()).filter(|i| !done[*i]).collect();
            let mut asked: Vec<_> = waiting
                .iter()
                .map(|i| PollFd::new(sockets[*i].as_fd(), PollFlags::POLLOUT))
                .collect();
            if poll(&mut asked, left).unwrap() == 0 {
                break;
            }
            for (asked, i) in asked.iter().zip(&waiting) {
                done[*i] = asked.any().unwrap_or(false);
            }
        }
        for (port, socket) in some.iter().zip(&sockets) {
            if socket.take_error().unwrap().is_none() && socket.peer_addr().is_ok() {
                println!("{port}");
            }
        }
    }
}

#[cfg(not(unix))]
fn main() {}
