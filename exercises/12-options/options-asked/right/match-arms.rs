//! A match for each of the two directions, and one line at the end for all.

use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

fn set(socket: SockRef, name: &str, wish: u32) -> Option<std::io::Result<()>> {
    Some(match name {
        "SO_RCVBUF" => socket.set_recv_buffer_size(wish as usize),
        "SO_SNDBUF" => socket.set_send_buffer_size(wish as usize),
        "SO_KEEPALIVE" => socket.set_keepalive(wish == 1),
        "SO_REUSEADDR" => socket.set_reuse_address(wish == 1),
        "TCP_NODELAY" => socket.set_tcp_nodelay(wish == 1),
        "IP_TTL" => socket.set_ttl_v4(wish),
        "SO_RCVTIMEO" if wish == 0 => socket.set_read_timeout(None),
        "SO_RCVTIMEO" => {
            socket.set_read_timeout(Some(Duration::from_millis(wish.into())))
        }
        _ => return None,
    })
}

fn ask(socket: SockRef, name: &str) -> Option<u128> {
    Some(match name {
        "SO_RCVBUF" => socket.recv_buffer_size().unwrap() as u128,
        "SO_SNDBUF" => socket.send_buffer_size().unwrap() as u128,
        "SO_KEEPALIVE" => socket.keepalive().unwrap().into(),
        "SO_REUSEADDR" => socket.reuse_address().unwrap().into(),
        "TCP_NODELAY" => socket.tcp_nodelay().unwrap().into(),
        "IP_TTL" => socket.ttl_v4().unwrap().into(),
        "SO_RCVTIMEO" => socket
            .read_timeout()
            .unwrap()
            .map_or(0, |time| time.as_millis()),
        _ => return None,
    })
}

fn main() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let mut text = String::new();
    for setting in std::env::args().skip(1) {
        let (name, wish) = setting.split_once('=').unwrap_or((&setting, ""));
        let done = match wish {
            "" => Some(Ok(())),
            _ => set(SockRef::from(&socket), name, wish.parse().unwrap()),
        };
        let word = match (done, ask(SockRef::from(&socket), name)) {
            (Some(Ok(())), Some(value)) => value.to_string(),
            (Some(Err(_)), _) => "refused".into(),
            _ => "unknown".into(),
        };
        text += &format!("{name} {word}\n");
    }
    print!("{text}");
}
