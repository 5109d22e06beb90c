//! The rows of the table, a file for each lesson.

mod bind_listen_accept;
mod chat;
mod connect;
mod create;
mod families;
mod forever_loop;
mod framing;
mod http;
mod mail;
mod options;
mod resolve;
mod scale;
mod select;
mod send_recv;
mod server_framework;
mod threaded_server;
mod udp;

use crate::row::Row;

/// The rows of all lessons, in their order.
pub fn rows() -> Vec<Row> {
    [
        create::rows(),
        resolve::rows(),
        connect::rows(),
        send_recv::rows(),
        bind_listen_accept::rows(),
        forever_loop::rows(),
        threaded_server::rows(),
        udp::rows(),
        framing::rows(),
        select::rows(),
        chat::rows(),
        options::rows(),
        server_framework::rows(),
        http::rows(),
        mail::rows(),
        families::rows(),
        scale::rows(),
    ]
    .concat()
}
