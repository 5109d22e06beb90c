//! Listens on another port than it is told.

fn main() {
    let listener = std::net::TcpListener::bind("127.0.0.1:7007").expect("a listener");
    for client in listener.incoming() {
        drop(client);
    }
}
