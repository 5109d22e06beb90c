//! Help for lesson 12: for programs that show what one end does when the other end does
//! something, and measure it.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

/// A connection over 127.0.0.1 whose two ends are both in this program: first the end
/// that connected, then the end that was accepted. The listener is closed again.
///
/// Another program of this machine can get to the listener first: such a stranger is
/// turned away, and the next one accepted.
///
/// # Errors
/// Those of bind(2), listen(2), connect(2) and accept(2).
pub fn tcp_pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    let own = client.local_addr()?;
    loop {
        let (server, peer) = listener.accept()?;
        if peer == own {
            return Ok((client, server));
        }
    }
}

/// The middle one of the durations in their order: unlike the mean, it does not notice
/// that one of them was interrupted. Zero where there are none.
pub fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations
        .get(durations.len() / 2)
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_ends_are_each_others_peers() {
        let (client, server) = tcp_pair().expect("a pair");
        let address = |at: io::Result<std::net::SocketAddr>| at.expect("an address");
        assert_eq!(address(client.local_addr()), address(server.peer_addr()));
        assert_eq!(address(server.local_addr()), address(client.peer_addr()));
    }

    #[test]
    fn the_median_is_the_middle_one() {
        let seconds =
            |all: &[u64]| all.iter().copied().map(Duration::from_secs).collect();
        assert_eq!(median(seconds(&[9, 1, 2])), Duration::from_secs(2));
        assert_eq!(median(vec![]), Duration::ZERO);
    }
}
