use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;

/// Sends each datagram back with its ASCII letters in upper case, but loses every third
/// one, as a network may. For lesson 08, whose client asks again.
///
/// # Errors
/// When no socket can be bound on 127.0.0.1.
pub fn upper_case() -> io::Result<SocketAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = socket.local_addr()?;
    thread::Builder::new().spawn(move || {
        let mut buffer = vec![0; usize::from(u16::MAX)];
        for number in 1.. {
            let received = socket.recv_from(&mut buffer);
            // Windows tells here that an earlier answer found nobody.
            let Ok((length, sender)) = received else {
                continue;
            };
            if number % 3 == 0 {
                continue;
            }
            buffer[..length].make_ascii_uppercase();
            // An answer that cannot be sent is one more that is lost.
            drop(socket.send_to(&buffer[..length], sender));
        }
    })?;
    Ok(address)
}
