//! The exercises, in the order of the book. Each has one folder, `NN-lesson/NAME/`:
//!
//! - `start.rs`: what the learner begins with;
//! - `check.rs`: its task, its hints, and the steps of its check;
//! - `solution.rs`, and `right/` with other answers that pass;
//! - `wrong/` with answers that must not, and `wrong.txt` with what the checker says of each.
//!
//! A further one is such a folder, its line below, and its paragraph in the chapter.

#![warn(missing_docs)]
// A check fails at most once: the size of its failure costs nothing.
#![allow(clippy::result_large_err)]

use checker::Exercise;

/// Names each exercise once, and has its check compiled.
macro_rules! exercises {
    ($($name:ident $check:literal,)*) => {
        $(
            #[path = $check]
            mod $name;
        )*
        /// All of them, in the order of the book.
        pub static ALL: &[Exercise] = &[$($name::EXERCISE),*];
    };
}

exercises! {
    descriptor_leak "01-create/descriptor-leak/check.rs",
    socket_kinds "01-create/socket-kinds/check.rs",
    name_to_addresses "02-resolve/name-to-addresses/check.rs",
    address_book "02-resolve/address-book/check.rs",
    port_scanner "03-connect/port-scanner/check.rs",
    reach_the_server "03-connect/reach-the-server/check.rs",
    sendall "04-send-recv/sendall/check.rs",
    greeting_client "04-send-recv/greeting-client/check.rs",
    page_saver "04-send-recv/page-saver/check.rs",
    fickle_page "04-send-recv/fickle-page/check.rs",
    greeting_server "05-bind-listen-accept/greeting-server/check.rs",
    restart_at_once "05-bind-listen-accept/restart-at-once/check.rs",
    half_close_echo "06-forever-loop/half-close-echo/check.rs",
    impatient_client "06-forever-loop/impatient-client/check.rs",
    threaded_names "07-threaded-server/threaded-names/check.rs",
    waiting_room "07-threaded-server/waiting-room/check.rs",
    udp_upper "08-udp/udp-upper/check.rs",
    udp_client_with_retries "08-udp/udp-client-with-retries/check.rs",
    frame_reader "09-framing/frame-reader/check.rs",
    length_bomb "09-framing/length-bomb/check.rs",
    line_reader "09-framing/line-reader/check.rs",
    two_voices "10-select/two-voices/check.rs",
    sleepy_select "10-select/sleepy-select/check.rs",
    my_chat_client "11-chat/my-chat-client/check.rs",
    slow_reader "11-chat/slow-reader/check.rs",
    options_asked "12-options/options-asked/check.rs",
    slow_small_writes "12-options/slow-small-writes/check.rs",
    thread_pool "13-server-framework/thread-pool/check.rs",
    handler_panic "13-server-framework/handler-panic/check.rs",
    chunked_reader "14-http/chunked-reader/check.rs",
}

// What the checks of one lesson share.
#[path = "03-connect/mod.rs"]
mod connect;
#[path = "09-framing/mod.rs"]
mod framing;
#[path = "02-resolve/mod.rs"]
mod resolve;
#[path = "10-select/mod.rs"]
mod select;
#[path = "04-send-recv/mod.rs"]
mod send_recv;
#[path = "13-server-framework/mod.rs"]
mod server_framework;
#[path = "08-udp/mod.rs"]
mod udp;

/// All exercises, in the order of the lessons.
pub fn all() -> impl Iterator<Item = &'static Exercise> {
    ALL.iter()
}
