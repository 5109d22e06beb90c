//! What TCP servers meet: each function provokes one fault, and asserts that the server is
//! none the worse for it.

use std::io::{ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal::{SIGINT, SIGTERM};
use tests::{Running, kernel, namespace, no_way, peer, tool, until};

use crate::every_program::DISK_IS_FULL;
use crate::means::{
    Injection, burns_no_processor, dawdles_until_hung_up_on, free_below, held, is_free,
    joined, limit_descriptors, settles, writes_until_stuck,
};
use crate::row::{Crowd, Row, Server, Up};

pub fn pieces_are_put_together(row: &Row, server: &Server) {
    let mut up = row.up(server, &[]);
    let mut client = up.client();
    let ask = |word: &str| (server.asks)(word.as_bytes()).0;
    peer::write_slowly(&mut client, ask("é, slowly")).expect("the server reads");
    up.answers(&mut client, "é, slowly");
    // Two and a half in one packet, and then the rest.
    let third = ask("three");
    let (start, rest) = third.split_at(third.len() / 2);
    peer::write(&mut client, [&ask("one"), &ask("two"), start].concat());
    up.answers(&mut client, "one");
    up.answers(&mut client, "two");
    peer::write(&mut client, rest);
    up.answers(&mut client, "three");
    up.stays_well(client);
}

pub fn a_peer_that_does_not_read_stops_nobody_else(row: &Row, server: &Server) {
    // Much longer than the time after which we call ourselves stuck: a server that has given
    // us up reads again, and throws it away.
    let mut up = row.up(server, &[server.patience, "1"]);
    let questions = (server.asks)("x".repeat(99).as_bytes()).0.repeat(1_000);
    let mut greedy = peer::connect(up.address);
    assert!(
        writes_until_stuck(&mut greedy, &questions),
        "the server still reads what nobody takes the answers of"
    );
    up.asks_at_once("my turn");
    up.has_lost("");
    let last = up.asks_at_once("and mine");
    up.stays_well(last);
}

pub fn an_interrupted_call_is_made_again(row: &Row, server: &Server) {
    let mut up = row.up(server, &[]);
    up.running.interrupt_its_call(); // in accept
    let mut client = up.client();
    up.running.interrupt_its_call(); // in recv
    for word in ["one", "two", "three"] {
        up.asks(&mut client, word);
        if server.crowd == Crowd::One && server.at_the_keyboard.is_none() {
            return up.stays_well(client);
        }
        up.running.interrupt_its_call();
    }
    if server.crowd == Crowd::One {
        return up.stays_well(client);
    }
    drop(client);
    up.running.interrupt_its_call();
    up.serves("four");
}

pub fn a_peer_that_closed_ends_that_connection_only(row: &Row, server: &Server) {
    let mut up = row.up(server, &[]);
    drop(up.client());
    if server.crowd != Crowd::One {
        let other = (server.crowd == Crowd::Many).then(|| up.client());
        // Its kernel answers write 1 with a reset. On a busy machine that comes after the
        // last write now and then: the server sees an orderly end, and nothing is shown.
        let before = up.losses_told();
        let is_shown = (0..20).any(|_| {
            goes_before_the_answers(&mut up);
            up.tells_soon_of_more_losses_than(before)
        });
        assert!(is_shown, "20 times, no write met a peer that has gone");
        up.has_lost("");
        if let Some(mut other) = other {
            up.asks(&mut other, "still there?");
        }
    }
    up.serves("still there?");
}

/// Write 1 succeeds, write 2 gives EPIPE.
fn goes_before_the_answers(up: &mut Up) {
    let mut client = up.client();
    up.asks(&mut client, "hello");
    let with_it = kernel::descriptors(up.running.pid());
    up.running.stop();
    peer::write(&mut client, (up.server.asks)(b"and on").0.repeat(5_000));
    drop(client);
    up.running.go_on();
    until("its descriptor is closed", || {
        (kernel::descriptors(up.running.pid()) < with_it).then_some(())
    });
}

pub fn a_closed_output_is_no_panic(row: &Row, server: &Server) {
    let running = row.program("127.0.0.1:0", &[]).start_with_closed_output();
    let address = kernel::comes_to_listen(running.pid());
    let mut up = Up::unseen(row, server, running, address);
    let mut client = up.client();
    up.asks(&mut client, "hello");
    drop(client);
    if server.crowd != Crowd::One {
        let mut second = up.client();
        up.asks(&mut second, "hello again");
        up.running.interrupt();
    }
    let ended = up.running.ends();
    ended.code(0);
    assert_eq!(ended.stderr, "");
}

/// Clients are served. That nobody could know where it listens is told at the end.
pub fn a_full_disk_behind_its_output_is_told(row: &Row, server: &Server) {
    let running = row.program("127.0.0.1:0", &[]).start_with_full_disk();
    let address = kernel::comes_to_listen(running.pid());
    let mut up = Up::unseen(row, server, running, address);
    let mut client = up.client();
    up.asks(&mut client, "hello");
    drop(client);
    if server.crowd != Crowd::One {
        up.running.interrupt();
    }
    let ended = up.running.ends();
    ended.code(1).complained(DISK_IS_FULL);
}

pub fn an_output_that_nobody_reads_stops_nobody(row: &Row, server: &Server) {
    let program = row.program("127.0.0.1:0", &[]);
    let (running, mut output) = program.start_with_unread_output();
    let address = kernel::comes_to_listen(running.pid());
    let mut up = Up::unseen(row, server, running, address);
    let mut client = up.client();
    up.asks(&mut client, "it has printed where it listens");
    output.fill_beside(&up.running);
    drop(client);
    for word in ["one", "two", "three"] {
        let mut client = up.client();
        up.asks(&mut client, word);
    }
    up.running.interrupt();
    up.running.ends_within(Duration::from_secs(2)).code(0);
}

pub fn a_reset_in_the_middle_ends_that_connection_only(row: &Row, server: &Server) {
    let mut up = row.up(server, &[]);
    let other = (server.crowd == Crowd::Many).then(|| up.client());
    let mut client = up.client();
    if server.crowd != Crowd::One {
        up.asks(&mut client, "hello");
        if !server.one_recv_is_a_message {
            peer::write(&mut client, up.half());
        }
    }
    peer::reset(client);
    up.has_lost("connection reset by the peer (ECONNRESET)");
    if let Some(mut other) = other {
        up.asks(&mut other, "still there?");
    }
    up.serves("still there?");
}

pub fn a_reset_before_accept_is_survived(row: &Row, server: &Server) {
    let mut up = row.up(server, &[]);
    up.running.stop();
    let clients = [up.address; 5].map(peer::connect);
    let mut last = peer::connect(up.address);
    clients.into_iter().for_each(peer::reset);
    up.running.go_on();
    up.greets(&mut last);
    for _ in 0..5 {
        up.has_lost("");
    }
    up.asks(&mut last, "still there?");
    up.stays_well(last);
}

pub fn an_aborted_accept_is_survived(row: &Row, server: &Server) {
    let strace = tool!("strace");
    let rule = "accept,accept4:error=ECONNABORTED:when=1";
    let program = row.program("127.0.0.1:0", &[]);
    let (program, injection) = Injection::into(program, strace, &[rule]);
    let up = row.up_from(server, program);
    up.serves("hello");
    injection.has_happened();
}

pub fn without_descriptors_it_waits_and_recovers(row: &Row, server: &Server) {
    let prlimit = tool!("prlimit");
    let mut up = row.up(server, &[]);
    let mut inside = (server.crowd == Crowd::Many).then(|| up.client());
    // An accept that sleeps has its descriptor already. One that is made again gets none.
    up.running.stop();
    let free = free_below(up.running.pid(), 1024);
    limit_descriptors(&prlimit, &up.running, free[0]);
    drop(peer::connect(up.address));
    let mut waiting = peer::connect(up.address);
    up.running.go_on();
    if !row.is_plain {
        let told = "too many open files in this program (EMFILE); new clients wait";
        up.running.complains(told);
    }
    burns_no_processor(&up.running);
    if let Some(inside) = &mut inside {
        up.asks(inside, "and meanwhile?");
    }
    limit_descriptors(&prlimit, &up.running, 1024);
    up.greets(&mut waiting);
    up.asks(&mut waiting, "and now?");
    up.stays_well(waiting);
}

pub fn a_half_closed_peer_gets_its_answer(row: &Row, server: &Server) {
    let mut up = row.up(server, &[]);
    let mut client = up.client();
    peer::write(&mut client, (server.asks)(b"a question").0);
    client.shutdown(Shutdown::Write).expect("it is open");
    up.answers(&mut client, "a question");
    assert_eq!(peer::read_to_end(&mut client), b"");
    drop(client);
    if server.crowd == Crowd::One {
        up.running.ends().code(0);
    } else {
        up.serves("the next");
    }
}

pub fn unread_input_does_not_cost_the_last_answer(row: &Row, server: &Server) {
    let up = row.up(server, &[]);
    let mut client = up.client();
    let (said, answers) = (server.closes_at)();
    peer::write(&mut client, said);
    // Only when it has closed do we read: a reset would have destroyed what waits for us.
    let own = client.local_addr().expect("its address");
    until("the server has closed", || {
        let mut rows = kernel::tcp_sockets_on(own.port()).into_iter();
        // Another test's connection may have our port, and another's address at its end.
        let ours = rows.find(|row| row.local == own && row.remote == up.address);
        ours.is_none_or(|row| row.state == kernel::CLOSE_WAIT)
            .then_some(())
    });
    let read = peer::read_to_end(&mut client);
    assert_eq!(String::from_utf8_lossy(&read), answers, "what arrived");
    if server.crowd == Crowd::One {
        up.running.ends().code(0);
    } else {
        up.serves("the next");
    }
}

/// Of an echo, which never closes first: a client has said more than was read when Ctrl+C
/// comes, sees the end, and goes on talking for a moment.
pub fn unread_input_does_not_cost_the_last_echo(row: &Row) {
    let mut up = row.up(row.as_server(), &[]);
    let mut client = up.client();
    up.asks(&mut client, "hello");
    peer::write(&mut client, "last");
    assert_eq!(peer::read_bytes(&mut client, 1), b"l");
    up.running.interrupt();
    until("the end has begun", || {
        let mut rows = kernel::tcp_sockets_on(up.address.port()).into_iter();
        rows.find(|row| row.state == kernel::FIN_WAIT_2)
    });
    peer::write(&mut client, "x".repeat(20_000));
    assert_eq!(peer::read_to_end(&mut client), b"ast");
    drop(client);
    up.running.ends().code(0);
}

pub fn it_restarts_at_once_on_the_same_port(row: &Row, server: &Server) {
    // On an address of its own, so that no other test takes the port in between.
    let mut up = row.up_from(server, row.program("127.0.8.1:0", &[]));
    let address = up.address;
    let mut client = up.client();
    if server.crowd != Crowd::One {
        up.asks(&mut client, "hello");
    }
    // The server closes first: its end of the connection waits in TIME_WAIT.
    up.running.interrupt();
    assert_eq!(peer::read_to_end(&mut client), b"");
    drop(client);
    let ended = up.running.ends();
    if !row.is_plain {
        ended.code(0); // a step that does not know of Ctrl+C yet dies of it
    }
    until("the old connection is in TIME_WAIT", || {
        let mut rows = kernel::tcp_sockets_on(address.port()).into_iter();
        rows.find(|row| row.state == kernel::TIME_WAIT)
    });
    let second = row.up_from(server, row.program(address, &[]));
    assert_eq!(second.address, address);
    second.serves("hello again");
}

pub fn a_slow_or_idle_peer_stops_nobody_else(row: &Row, server: &Server) {
    let mut up = row.impatient(server);
    let idle: Vec<TcpStream> = match server.crowd {
        Crowd::Many => (0..5).map(|_| up.client()).collect(),
        _ => vec![up.client()],
    };
    // A byte each millisecond, never a message: each recv is quick, and yet it ends.
    let drips = !server.one_recv_is_a_message && server.bears_a_drip;
    let slow = drips.then(|| {
        let slow = peer::connect(up.address);
        let mut question = (server.asks)(&[b'x'; 3_000]).0;
        question.pop();
        thread::spawn(move || dawdles_until_hung_up_on(slow, question))
    });
    let start = Instant::now();
    if server.crowd != Crowd::One {
        up.asks_at_once("my turn at last");
        // Two patiences, and two goodbyes of 0.3 s.
        let waited = start.elapsed();
        assert!(
            waited < Duration::from_millis(2_500),
            "served after {waited:?}"
        );
    }
    for _ in 0..idle.len() + usize::from(slow.is_some()) {
        up.has_lost(server.late);
    }
    for mut client in idle {
        let read = peer::read_to_end(&mut client);
        assert_eq!(String::from_utf8_lossy(&read), server.too_late);
    }
    if let Some(slow) = slow {
        joined(slow);
    }
    let last = up.asks_at_once("and mine");
    up.stays_well(last);
}

/// Of a server that greets each client, and closes: nobody waits until the others close, too.
pub fn an_idle_peer_is_greeted_and_stops_nobody_else(row: &Row) {
    let up = row.up(row.as_server(), &[]);
    let start = Instant::now();
    let mut idle: Vec<_> = (0..50).map(|_| peer::connect(up.address)).collect();
    drop(up.client());
    // One after the other they would take a third of a second each.
    let waited = start.elapsed();
    assert!(waited < Duration::from_secs(3), "greeted after {waited:?}");
    for client in &mut idle {
        up.greets(client);
        assert_eq!(peer::read_to_end(client), b"");
    }
    up.serves("and one more");
}

pub fn an_endless_message_is_refused(row: &Row, server: &Server) {
    let mut up = row.up(server, &[]);
    let client = up.client();
    let mut writer = client.try_clone().expect("a second handle");
    let writing = thread::spawn(move || {
        let piece = [b'x'; 64 * 1024];
        // 10 MB at most; an error says that the server wants no more.
        (0..160).all(|_| writer.write_all(&piece).is_ok())
    });
    let (answer, why) = server.too_long;
    let mut client = client;
    let read = peer::read_bytes(&mut client, answer.len());
    assert_eq!(String::from_utf8_lossy(&read), answer);
    drop(client);
    joined(writing);
    up.has_lost(why);
    let peak = kernel::peak_kib(up.running.pid());
    assert!(peak < 50_000, "it has held {peak} KiB");
    up.serves("a short one");
}

pub fn bytes_that_are_not_text_are_no_panic(row: &Row, server: &Server) {
    let mut up = row.up(server, &[]);
    let mut client = up.client();
    // Half an é and its other half, NUL, what telnet sends for Ctrl+C, what clears a screen.
    let words = [
        &b"\xc3"[..],
        b"\xa9",
        b"a\0b",
        b"\xff\xf4\xff\xfd\x06",
        b"\x1b[2J",
    ];
    for word in words {
        up.asks(&mut client, word);
    }
    if !server.one_recv_is_a_message {
        // A letter in two pieces is whole again: the message is put together first.
        let question = (server.asks)("café".as_bytes()).0;
        let half = question.iter().position(|byte| *byte == 0xc3);
        let (start, rest) = question.split_at(half.expect("an é") + 1);
        peer::write(&mut client, start);
        peer::write(&mut client, rest);
        up.answers(&mut client, "café");
    }
    drop(client);
    up.serves("and text");
}

pub fn ctrl_c_and_sigterm_end_it_cleanly(row: &Row, server: &Server) {
    for signal in [SIGINT, SIGTERM] {
        for count in [0, if server.crowd == Crowd::One { 1 } else { 10 }] {
            let mut up = row.up_from(server, row.program("127.0.8.2:0", &[]));
            let mut clients: Vec<_> = (0..count)
                .map(|number| match (server.crowd, number) {
                    (Crowd::Many, _) | (_, 0) => up.client(),
                    _ => peer::connect(up.address), // it is in the queue
                })
                .collect();
            if server.crowd != Crowd::One && count > 0 {
                up.asks(&mut clients[0], "I am served");
                peer::write(&mut clients[1], (server.asks)(b"said in haste").0);
                if !server.one_recv_is_a_message {
                    peer::write(&mut clients[0], up.half());
                }
                if server.crowd == Crowd::Many {
                    up.answers(&mut clients[1], "said in haste");
                }
            }
            let start = Instant::now();
            up.running.signal(signal);
            for client in &mut clients {
                assert_eq!(peer::read_to_end(client), b"", "the end of a stream");
                client.shutdown(Shutdown::Write).expect("it is open");
            }
            let ended = up.running.ends();
            let took = start.elapsed();
            ended.code(0);
            assert_eq!(ended.stderr, "");
            assert!(took < Duration::from_secs(1), "{signal}: {took:?}");
            is_free(up.address);
        }
    }
}

/// Some say nothing, one says much and takes no answer, and nobody closes.
pub fn ctrl_c_ends_it_though_clients_neither_read_nor_close(row: &Row, server: &Server) {
    let up = row.up(server, &[]);
    let mut greedy = up.client();
    let (question, answer) = (server.asks)("x".repeat(99).as_bytes());
    if !answer.is_empty() {
        writes_until_stuck(&mut greedy, &question.repeat(1_000));
    }
    let _idle = [up.address; 2].map(peer::connect);
    up.running.interrupt();
    let ended = up.running.ends_within(Duration::from_secs(1));
    ended.code(0);
}

/// They are connected, and nobody has accepted them.
pub fn ctrl_c_ends_it_well_for_clients_in_the_queue(row: &Row, server: &Server) {
    let up = row.up(server, &[]);
    up.running.stop();
    let mut queued: Vec<_> = (0..10).map(|_| peer::connect(up.address)).collect();
    up.running.interrupt();
    up.running.go_on();
    for client in &mut queued {
        let read = peer::read_to_end(client);
        let read = String::from_utf8_lossy(&read);
        assert!(
            read.is_empty() || read.starts_with(&server.greeting_for(client)),
            "{read:?}"
        );
    }
    drop(queued);
    up.running.ends().code(0);
}

/// The goodbye takes its time, because somebody does not close. Nobody new is let in.
pub fn a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting(
    row: &Row,
    server: &Server,
) {
    let mut up = row.up(server, &[]);
    let mut idle = up.client();
    up.asks(&mut idle, "hello");
    up.running.interrupt();
    until("it is refused", || {
        let error = TcpStream::connect(up.address).err()?;
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        Some(())
    });
    let still_runs = kernel::descriptors(up.running.pid()) > 0;
    assert!(still_runs, "it has ended, and refused nobody before");
    up.running.ends().code(0);
}

pub fn a_peer_that_vanished_is_given_up(row: &Row, server: &Server) {
    let ip = tool!("ip");
    let python = tool!("python3");
    if !namespace::allowed() {
        return;
    }
    // In a network of its own: a client has talked, and then the network is down. No FIN,
    // no RST, nothing will ever come.
    let talks = server.crowd != Crowd::One || server.at_the_keyboard.is_some();
    let (question, answer) = if talks {
        (server.asks)(b"hello")
    } else {
        (Vec::new(), Vec::new())
    };
    let hex: String = question.iter().map(|byte| format!("{byte:02x}")).collect();
    let client = format!(
        "
import socket, subprocess, time
left = 1
while left > 0:  # on a busy machine the server may give us up before we have said anything
    try:
        s = socket.create_connection(('127.0.0.1', 8888))
        s.send(bytes.fromhex('{hex}'))
        left = {}
        while left > 0 and (piece := s.recv(left)):
            left -= len(piece)
    except OSError:
        time.sleep(0.01)
subprocess.run(['{}', 'link', 'set', 'lo', 'down'])
print('the network is down', flush=True)
time.sleep(20)
",
        server.greeting.len() + answer.len(),
        ip.display(),
    );
    let setup = format!("ip link set lo up\n{} -c \"{client}\" &", python.display());
    let program = row.program("127.0.0.1:8888", &[server.patience, "0.5"]);
    let mut up = row.up_from(server, namespace::around(program, &setup));
    if let (true, Some(at_the_keyboard)) = (talks, server.at_the_keyboard) {
        let (shown, typed) = at_the_keyboard("hello");
        up.running.line(&shown);
        up.running.types(typed);
    }
    up.running.line("the network is down");
    up.has_lost(server.late);
    until("the connection is closed on this side", || {
        let all = kernel::tcp_sockets_of(up.running.pid());
        let is_open = |row: &kernel::TcpRow| {
            row.local == up.address && row.state == kernel::ESTABLISHED
        };
        (!all.iter().any(is_open)).then_some(())
    });
}

pub fn a_port_in_use_is_told(row: &Row, _: &Server) {
    let (_holder, address) = peer::listener();
    let ended = row.program(address, &[]).run();
    let told = format!("cannot listen on {address}: address already in use (EADDRINUSE)");
    ended.code(1).complained(&told);
    let shows_which = match tests::windows_programs() {
        Some(_) => "`netstat -ano`",
        None => "`ss -tlnp`",
    };
    assert!(ended.stderr.contains(shows_which), "{ended:?}");
    assert_eq!(ended.stdout, "");
}

pub fn a_scoped_address_is_understood(row: &Row, _: &Server) {
    no_way::scoped_listener(|address| row.program(address, &[]));
}

pub fn ten_thousand_resets_leave_nothing_behind(row: &Row, server: &Server) {
    let up = row.up(server, &[]);
    // What one recv returns would be the message after which such a server ends.
    let is_said_to_be_all = server.crowd == Crowd::One && server.one_recv_is_a_message;
    let reset_a_thousand = |address: SocketAddr| {
        for _ in 0..100 {
            for _ in 0..9 {
                let mut client = peer::connect(address);
                if !is_said_to_be_all {
                    peer::write(&mut client, up.half());
                }
                peer::reset(client);
            }
            // The tenth sees the end of its stream when it was its turn, so that the queue
            // never overflows.
            let mut tenth = peer::connect(address);
            tenth.shutdown(Shutdown::Write).expect("it is open");
            let read = peer::read_to_end(&mut tenth);
            let greeting = server.greeting_for(&tenth);
            assert_eq!(String::from_utf8_lossy(&read), greeting);
        }
    };
    let pid = up.running.pid();
    reset_a_thousand(up.address);
    reset_a_thousand(up.address);
    let idle = settles(pid);
    let at_rest = || {
        until("as many threads and descriptors as before", || {
            (held(pid) == idle).then(|| kernel::resident_kib(pid))
        })
    };
    let before = at_rest();
    (2..10).for_each(|_| reset_a_thousand(up.address));
    let grown = at_rest().saturating_sub(before);
    assert!(grown < 1024, "{grown} KiB more than after 2,000 resets");
    up.serves("and now?");
}

pub fn it_listens_on_loopback_only(row: &Row, server: &Server) {
    if !namespace::allowed() {
        return;
    }
    // The default itself, in a network of its own where nobody else has the port.
    let program = namespace::around(row.bare(), "ip link set lo up");
    let mut running: Running = program.start();
    assert_eq!(running.address().to_string(), server.default);
    let default: SocketAddr = server.default.parse().expect("an address");
    assert!(default.ip().is_loopback());
    assert_eq!(kernel::listening(running.pid()), [default]);
}
