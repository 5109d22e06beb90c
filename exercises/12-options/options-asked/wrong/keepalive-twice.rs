//! Says SO_REUSEADDR, and means SO_KEEPALIVE.

use std::time::Duration;

use socket2::{Domain, Socket, Type};

fn main() {
    let s = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    for setting in std::env::args().skip(1) {
        let (name, wish) = setting.split_once('=').unwrap_or((&setting, ""));
        println!("{name} {}", answer(&s, name, wish.parse().ok()).unwrap());
    }
}

fn answer(s: &Socket, name: &str, wish: Option<u64>) -> std::io::Result<String> {
    if let Some(wish) = wish {
        let done = match name {
            "SO_RCVBUF" => s.set_recv_buffer_size(wish as usize),
            "SO_SNDBUF" => s.set_send_buffer_size(wish as usize),
            "SO_KEEPALIVE" => s.set_keepalive(wish == 1),
            "SO_REUSEADDR" => s.set_keepalive(wish == 1),
            "TCP_NODELAY" => s.set_tcp_nodelay(wish == 1),
            "IP_TTL" => s.set_ttl_v4(wish as u32),
            "SO_RCVTIMEO" => s.set_read_timeout(Some(Duration::from_millis(wish))),
            _ => return Ok("unknown".into()),
        };
        if done.is_err() {
            return Ok("refused".into());
        }
    }
    Ok(match name {
        "SO_RCVBUF" => s.recv_buffer_size()?.to_string(),
        "SO_SNDBUF" => s.send_buffer_size()?.to_string(),
        "SO_KEEPALIVE" => u8::from(s.keepalive()?).to_string(),
        "SO_REUSEADDR" => u8::from(s.keepalive()?).to_string(),
        "TCP_NODELAY" => u8::from(s.tcp_nodelay()?).to_string(),
        "IP_TTL" => s.ttl_v4()?.to_string(),
        "SO_RCVTIMEO" => s
            .read_timeout()?
            .unwrap_or_default()
            .as_millis()
            .to_string(),
        _ => "unknown".into(),
    })
}
