//! The rows of the table, a file for each lesson.

mod bind_listen_accept;
mod forever_loop;
mod threaded_server;
mod udp;

use crate::row::Row;

/// The rows of all lessons, in their order.
pub fn rows() -> Vec<Row> {
    [
        bind_listen_accept::rows(),
        forever_loop::rows(),
        threaded_server::rows(),
        udp::rows(),
    ]
    .concat()
}
