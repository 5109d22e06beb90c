//! The list of the faults: what is right, the lesson that teaches it, and the function that
//! provokes it, for each kind of program.

use crate::row::{Client, Kind, Row, Server, UdpServer};
use crate::{clients, datagrams, every_program, servers};

/// A fault, and how it is provoked.
pub struct Fault {
    /// The right behaviour, as the name of a trial.
    pub name: &'static str,
    /// The lesson that teaches it.
    pub home: &'static str,
    /// What happens.
    pub what: &'static str,
    /// What a program does about it.
    pub right: &'static str,
    /// Why programs of other kinds are not tried.
    pub others: &'static str,
    /// Whose function no program can fail, and why.
    pub no_control: Option<(Whom, &'static str)>,
    every: Option<fn(&Row)>,
    server: Option<fn(&Row, &Server)>,
    client: Option<fn(&Row, &Client)>,
    talks: bool,
    udp_server: Option<fn(&Row, &UdpServer)>,
}

impl Fault {
    const fn new(
        name: &'static str,
        home: &'static str,
        what: &'static str,
        right: &'static str,
    ) -> Self {
        Self {
            name,
            home,
            what,
            right,
            others: "",
            no_control: None,
            every: None,
            server: None,
            client: None,
            talks: false,
            udp_server: None,
        }
    }

    const fn every(mut self, check: fn(&Row)) -> Self {
        self.every = Some(check);
        self
    }

    const fn servers(mut self, check: fn(&Row, &Server)) -> Self {
        self.server = Some(check);
        self
    }

    const fn clients(mut self, check: fn(&Row, &Client)) -> Self {
        self.client = Some(check);
        self
    }

    /// Clients whose talk is known to the table; the others are tried in their lessons.
    const fn talkers(mut self, check: fn(&Row, &Client)) -> Self {
        self.talks = true;
        self.clients(check)
    }

    const fn udp_servers(mut self, check: fn(&Row, &UdpServer)) -> Self {
        self.udp_server = Some(check);
        self
    }

    const fn others(mut self, reason: &'static str) -> Self {
        self.others = reason;
        self
    }

    const fn no_control(mut self, whom: Whom, reason: &'static str) -> Self {
        self.no_control = Some((whom, reason));
        self
    }

    /// How the fault is tried with this program; none where it does not apply.
    pub fn check(&self, row: &Row) -> Option<Check> {
        if row.not.iter().any(|(fault, _)| *fault == self.name) {
            return None;
        }
        if let Some((_, own)) = row.own.iter().find(|(fault, _)| *fault == self.name) {
            return Some(Box::new(*own));
        }
        self.of_its_kind(row)
    }

    /// How the fault is tried with programs of this kind.
    pub fn of_its_kind(&self, row: &Row) -> Option<Check> {
        self.function(row).map(|(_, check)| check)
    }

    /// Whose function tries this program; none where the program has its own.
    pub fn function_for(&self, row: &Row) -> Option<Whom> {
        let has_own = row.own.iter().any(|(fault, _)| *fault == self.name);
        if has_own || self.check(row).is_none() {
            return None;
        }
        self.function(row).map(|(whom, _)| whom)
    }

    fn function(&self, row: &Row) -> Option<(Whom, Check)> {
        fn bind<K: Clone + Send + 'static>(check: fn(&Row, &K), kind: &K) -> Check {
            let kind = kind.clone();
            Box::new(move |row| check(row, &kind))
        }
        let (whom, of_kind) = match &row.kind {
            Kind::Server(kind) => (Whom::Servers, self.server.map(|f| bind(f, kind))),
            Kind::Client(_) if self.talks && !row.talks() => (Whom::Clients, None),
            Kind::Client(kind) => (Whom::Clients, self.client.map(|f| bind(f, kind))),
            Kind::UdpServer(kind) => {
                (Whom::UdpServers, self.udp_server.map(|f| bind(f, kind)))
            }
            Kind::Other => (Whom::All, None),
        };
        let of_all = self.every.map(|f| (Whom::All, Box::new(f) as Check));
        of_kind.map(|check| (whom, check)).or(of_all)
    }
}

/// Whom one function of a fault tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    Servers,
    Clients,
    UdpServers,
    All,
}

impl Whom {
    pub const EACH: [Self; 4] =
        [Self::Servers, Self::Clients, Self::UdpServers, Self::All];

    /// As the table calls them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Servers => "servers",
            Self::Clients => "clients",
            Self::UdpServers => "UDP servers",
            Self::All => "all programs",
        }
    }
}

/// A function of a fault, for a row of its kind.
pub type Check = Box<dyn Fn(&Row) + Send>;

/// All faults, in the order of `tests/faults.md`.
pub const FAULTS: &[Fault] = &[
    Fault::new(
        "pieces_are_put_together",
        "04, 09",
        "Partial and coalesced reads",
        "a loop up to the boundary; the rest is kept",
    )
    .servers(servers::pieces_are_put_together)
    .talkers(clients::pieces_are_put_together)
    .others("no stream that it reads"),
    Fault::new(
        "a_peer_that_does_not_read_stops_nobody_else",
        "04, 06, 11",
        "Short writes, a peer that does not read",
        "a deadline, and others are served",
    )
    .servers(servers::a_peer_that_does_not_read_stops_nobody_else)
    .udp_servers(datagrams::a_peer_that_does_not_read_stops_nobody_else)
    .others("sends a few bytes, or serves nobody else"),
    Fault::new(
        "an_interrupted_call_is_made_again",
        "04",
        "EINTR",
        "the call is made again",
    )
    .servers(servers::an_interrupted_call_is_made_again)
    .talkers(clients::an_interrupted_call_is_made_again)
    .udp_servers(datagrams::an_interrupted_call_is_made_again)
    .others("waits for nobody but itself"),
    Fault::new(
        "a_peer_that_closed_ends_that_connection_only",
        "04",
        "EPIPE: write 1 succeeds, write 2 fails",
        "only that connection ends",
    )
    .servers(servers::a_peer_that_closed_ends_that_connection_only)
    .talkers(clients::a_peer_that_closed_ends_that_connection_only)
    .others("no connection over which it writes"),
    Fault::new(
        "a_closed_output_is_no_panic",
        "01",
        "Closed stdout, as before `head`",
        "no panic",
    )
    .every(every_program::a_closed_output_is_no_panic)
    .servers(servers::a_closed_output_is_no_panic)
    .udp_servers(datagrams::a_closed_output_is_no_panic),
    Fault::new(
        "a_full_disk_behind_its_output_is_told",
        "01",
        "A full disk behind stdout",
        "an error at the end; a server serves until then",
    )
    .every(every_program::a_full_disk_behind_its_output_is_told)
    .servers(servers::a_full_disk_behind_its_output_is_told)
    .udp_servers(datagrams::a_full_disk_behind_its_output_is_told),
    Fault::new(
        "an_output_that_nobody_reads_stops_nobody",
        "07",
        "A full pipe behind stdout, as before `less`",
        "clients are served, and Ctrl+C ends it",
    )
    .servers(servers::an_output_that_nobody_reads_stops_nobody)
    .udp_servers(datagrams::an_output_that_nobody_reads_stops_nobody)
    .others("what it prints is for who reads it: it waits"),
    Fault::new(
        "a_reset_in_the_middle_ends_that_connection_only",
        "05",
        "ECONNRESET in the middle of a read",
        "only that connection ends",
    )
    .servers(servers::a_reset_in_the_middle_ends_that_connection_only)
    .talkers(clients::a_reset_in_the_middle_ends_that_connection_only)
    .others("no connection from which it reads"),
    Fault::new(
        "a_reset_before_accept_is_survived",
        "06",
        "accept succeeds, then ENOTCONN",
        "peer_addr is never unwrapped",
    )
    .servers(servers::a_reset_before_accept_is_survived)
    .others("accepts nobody"),
    Fault::new(
        "an_aborted_accept_is_survived",
        "06",
        "ECONNABORTED from accept",
        "the next one",
    )
    .servers(servers::an_aborted_accept_is_survived)
    .others("accepts nobody"),
    Fault::new(
        "without_descriptors_it_waits_and_recovers",
        "07",
        "EMFILE in accept",
        "no busy loop, and it recovers",
    )
    .servers(servers::without_descriptors_it_waits_and_recovers)
    .others("needs no further descriptor for a further peer"),
    Fault::new(
        "a_half_closed_peer_gets_its_answer",
        "04",
        "The peer ends its sending",
        "the reply is still sent",
    )
    .servers(servers::a_half_closed_peer_gets_its_answer)
    .others("answers nobody on a stream"),
    Fault::new(
        "unread_input_does_not_cost_the_last_answer",
        "05",
        "Close with unread input",
        "shutdown, drain with a deadline, close",
    )
    .servers(servers::unread_input_does_not_cost_the_last_answer)
    .others("nobody waits for a last answer of its"),
    Fault::new(
        "it_restarts_at_once_on_the_same_port",
        "05",
        "TIME_WAIT at restart",
        "SO_REUSEADDR before bind",
    )
    .servers(servers::it_restarts_at_once_on_the_same_port)
    .udp_servers(datagrams::it_restarts_at_once_on_the_same_port)
    .no_control(Whom::UdpServers, "no TIME_WAIT holds a port of UDP")
    .others("listens nowhere"),
    Fault::new(
        "a_slow_or_idle_peer_stops_nobody_else",
        "05, 07, 09",
        "A slow or idle client",
        "a deadline, and others are served",
    )
    .servers(servers::a_slow_or_idle_peer_stops_nobody_else)
    .others("serves nobody"),
    Fault::new(
        "an_endless_message_is_refused",
        "06, 09",
        "Length bomb, endless line",
        "a limit before memory is taken; a clear error",
    )
    .servers(servers::an_endless_message_is_refused)
    .talkers(clients::an_endless_message_is_refused)
    .others("what it receives has a fixed size at most"),
    Fault::new(
        "the_end_in_the_middle_of_a_message_is_told",
        "04, 09",
        "The stream ends in the middle of a message",
        "never taken for success",
    )
    .talkers(clients::the_end_in_the_middle_of_a_message_is_told)
    .others("no messages with an end"),
    Fault::new(
        "bytes_that_are_not_text_are_no_panic",
        "04, 09",
        "Split or wrong UTF-8, NUL, telnet's IAC",
        "bytes until the message is complete",
    )
    .servers(servers::bytes_that_are_not_text_are_no_panic)
    .talkers(clients::bytes_that_are_not_text_are_no_panic)
    .udp_servers(datagrams::bytes_that_are_not_text_are_no_panic)
    .others("receives nothing from outside"),
    Fault::new(
        "an_empty_datagram_is_a_datagram",
        "08",
        "A datagram of length 0",
        "it is no end",
    )
    .udp_servers(datagrams::an_empty_datagram_is_a_datagram)
    .others("no datagrams, or only to itself"),
    Fault::new(
        "trouble_of_one_call_is_survived",
        "08",
        "ENOMEM or EHOSTUNREACH from recvfrom",
        "the next datagram",
    )
    .udp_servers(datagrams::trouble_of_one_call_is_survived)
    .others("no datagrams of its own"),
    Fault::new(
        "a_truncated_datagram_is_told",
        "08",
        "A datagram longer than the buffer",
        "a buffer that fits, or it is reported",
    )
    .udp_servers(datagrams::a_truncated_datagram_is_told)
    .others("no datagrams of its own"),
    Fault::new(
        "lost_and_doubled_datagrams_are_survived",
        "08",
        "Loss, duplicates, another order",
        "timeout, retry, reply matched to request",
    )
    .udp_servers(datagrams::lost_and_doubled_datagrams_are_survived)
    .others("no datagrams, or only to itself"),
    Fault::new(
        "a_dead_port_is_told",
        "03, 08",
        "Nothing listens there",
        "ECONNREFUSED reported; no end of a UDP server",
    )
    .clients(clients::a_dead_port_is_told)
    .udp_servers(datagrams::a_dead_port_is_told)
    .others("connects to nobody else"),
    Fault::new(
        "a_stranger_is_not_believed",
        "08",
        "A third socket answers first",
        "connect, or the source is checked",
    )
    .udp_servers(datagrams::a_stranger_is_not_believed)
    .others("no datagrams, or only to itself"),
    Fault::new(
        "a_full_queue_is_told_after_the_timeout",
        "05",
        "Backlog overflow",
        "the client times out with a clear message",
    )
    .clients(clients::a_full_queue_is_told_after_the_timeout)
    .others("begins no TCP connection"),
    Fault::new(
        "unreachable_places_are_told_apart",
        "03",
        "No route, host unreachable",
        "distinct messages",
    )
    .clients(clients::unreachable_places_are_told_apart)
    .others("begins nothing"),
    Fault::new(
        "a_connection_to_itself_is_refused",
        "03",
        "A dialled ephemeral port can be its own",
        "refused",
    )
    .clients(clients::a_connection_to_itself_is_refused)
    .others("begins nothing"),
    Fault::new(
        "a_name_that_does_not_exist_is_told",
        "02",
        "DNS failure",
        "the resolver's own words",
    )
    .servers(every_program::a_name_that_does_not_exist_is_told)
    .udp_servers(every_program::a_name_that_does_not_exist_is_told)
    .clients(every_program::a_name_that_does_not_exist_is_told)
    .others("takes no name"),
    Fault::new(
        "a_scoped_address_is_understood",
        "02, 16",
        "`fe80::1%eth0`",
        "understood, in brackets",
    )
    .servers(servers::a_scoped_address_is_understood)
    .clients(clients::a_scoped_address_is_understood)
    .udp_servers(datagrams::a_scoped_address_is_understood)
    .others("takes no address, or none with a scope"),
    Fault::new(
        "ctrl_c_and_sigterm_end_it_cleanly",
        "06",
        "Ctrl+C and SIGTERM",
        "all see the end, exit 0 in a second, the port is free",
    )
    .servers(servers::ctrl_c_and_sigterm_end_it_cleanly)
    .talkers(clients::ctrl_c_and_sigterm_end_it_cleanly)
    .udp_servers(datagrams::ctrl_c_and_sigterm_end_it_cleanly)
    .others("ends by itself within milliseconds"),
    Fault::new(
        "ctrl_c_ends_it_though_clients_neither_read_nor_close",
        "06",
        "Ctrl+C, and clients that do nothing of what they should",
        "exit 0 within a second",
    )
    .servers(servers::ctrl_c_ends_it_though_clients_neither_read_nor_close)
    .others("has no such clients"),
    Fault::new(
        "a_peer_that_vanished_is_given_up",
        "04, 12",
        "The peer is silently gone",
        "a timeout of the application",
    )
    .servers(servers::a_peer_that_vanished_is_given_up)
    .others("waits for no peer, or shows the waiting itself"),
    Fault::new(
        "a_wrong_argument_is_told",
        "01",
        "A wrong argument",
        "two lines: what is wrong, what to type; exit 2",
    )
    .every(every_program::a_wrong_argument_is_told)
    .servers(every_program::a_wrong_address_is_told)
    .udp_servers(every_program::a_wrong_address_is_told)
    .clients(every_program::a_wrong_address_is_told),
    Fault::new(
        "a_port_in_use_is_told",
        "05",
        "A port in use",
        "two lines: who might hold it, what to do; exit 1",
    )
    .servers(servers::a_port_in_use_is_told)
    .udp_servers(datagrams::a_port_in_use_is_told)
    .others("listens nowhere"),
    Fault::new(
        "ten_thousand_resets_leave_nothing_behind",
        "06",
        "10,000 reset connections",
        "descriptors, threads and memory do not grow",
    )
    .servers(servers::ten_thousand_resets_leave_nothing_behind)
    .udp_servers(datagrams::ten_thousand_resets_leave_nothing_behind)
    .others("serves nobody, or one client"),
    Fault::new(
        "it_listens_on_loopback_only",
        "05",
        "Started without an argument",
        "nothing beyond loopback: the kernel is asked",
    )
    .servers(servers::it_listens_on_loopback_only)
    .udp_servers(datagrams::it_listens_on_loopback_only)
    .others("listens nowhere"),
    Fault::new(
        "a_spurious_readiness_is_survived",
        "10",
        "Spurious readiness",
        "nonblocking descriptors; EAGAIN is normal",
    )
    .others("waits in no such call"),
    Fault::new(
        "a_descriptor_above_fd_setsize_is_no_panic",
        "10",
        "FD_SETSIZE",
        "refused politely by select, no matter to poll",
    )
    .others("calls no select, or holds few descriptors"),
    Fault::new(
        "a_nonblocking_connect_is_writable_and_so_error_says_how_it_went",
        "10",
        "Nonblocking connect",
        "writable, then SO_ERROR",
    )
    .others("connects with std or socket2, which do this inside"),
    Fault::new(
        "ctrl_c_ends_it_well_for_clients_in_the_queue",
        "06, 11",
        "Ctrl+C with clients in the queue",
        "they see a clean end, too",
    )
    .servers(servers::ctrl_c_ends_it_well_for_clients_in_the_queue)
    .others("no queue"),
    Fault::new(
        "a_file_that_was_left_behind_is_replaced",
        "16",
        "The file of a socket that nobody listens on",
        "removed, bound again",
    )
    .others("makes no file under a name that stays"),
    Fault::new(
        "what_is_no_file_of_ours_is_not_removed",
        "16",
        "A file, folder, link or live socket at the path",
        "EADDRINUSE, untouched",
    )
    .others("makes no file under a name that stays"),
    Fault::new(
        "at_the_end_it_removes_its_own_file_and_no_other",
        "16",
        "Its name was taken over meanwhile",
        "it ends, and leaves the other's file",
    )
    .others("makes no file under a name that stays"),
    Fault::new(
        "another_user_is_kept_out",
        "16",
        "Another user",
        "EACCES by the file's mode, or SO_PEERCRED",
    )
    .others("is not for one user"),
    Fault::new(
        "dots_and_bare_line_feeds_end_no_text",
        "15",
        "Lines of dots and bare line feeds in a mail",
        "only CRLF.CRLF ends it",
    )
    .others("messages with other ends"),
    Fault::new(
        "a_client_beyond_fd_setsize_is_sent_away",
        "17",
        "More clients than FD_SETSIZE allows",
        "a polite refusal",
    )
    .others("calls no select, or serves nobody"),
    Fault::new(
        "an_urgent_byte_stops_nothing",
        "17",
        "A receive that stops at an urgent byte",
        "read until EAGAIN: what follows is served, too",
    )
    .others("is told again of what it leaves, or does not wait for changes"),
    Fault::new(
        "a_freed_descriptor_ends_the_wait_of_an_event_loop",
        "17",
        "A descriptor is free again while accept pauses",
        "the pause ends, at most a tenth of a second later",
    )
    .others("no echo server with an event loop"),
    Fault::new(
        "a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting",
        "17",
        "A client comes during the goodbye",
        "ECONNREFUSED at once",
    )
    .servers(servers::a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting)
    .others("no server"),
    Fault::new(
        "a_thread_each_leaves_memory_for_the_others",
        "17",
        "A thread for each client takes the last memory (`ulimit -v`)",
        "the client is refused, the process goes on",
    )
    .others("has no thread for each client, or a limit on clients"),
    Fault::new(
        "a_server_that_does_not_start_is_told",
        "17",
        "A program to be measured does not start",
        "reported, and the others go on",
    )
    .others("starts no other programs"),
    Fault::new(
        "nothing_that_it_started_stays_behind",
        "17",
        "It ends in whatever way",
        "no program that it started is left",
    )
    .others("starts no other programs"),
    Fault::new(
        "a_missing_right_is_explained",
        "16",
        "Neither ping nor raw sockets allowed",
        "EPERM, a hint with both rights",
    )
    .others("needs no right"),
];
