//! Details that a picture must not get wrong: a SYN that is dropped, a FIN that nobody has
//! read, what a call was asked for, whose thread it was.

use trace::comparable::comparable;
use trace::draw::{Picture, svg};
use trace::event::{Call, Event, Segment, What};
use trace::twin;

fn at(at: u64, what: What) -> Event {
    Event { at, what }
}

fn picture() -> Picture {
    Picture {
        name: "run-details".into(),
        lifelines: vec!["client".into(), "server".into()],
        ..Picture::default()
    }
}

fn segment(from: &str, to: &str, flags: &str, ack: u32) -> What {
    What::Segment(Segment {
        from: from.into(),
        to: to.into(),
        connection: 1,
        flags: flags.into(),
        ack,
        ..Segment::default()
    })
}

fn call(number: u32, name: &str, asks: &str) -> What {
    What::Calls(Call {
        program: "client".into(),
        call: number,
        name: name.into(),
        asks: asks.into(),
        ..Call::default()
    })
}

fn returns(number: u32, result: &str, took: u64) -> What {
    What::Returns {
        program: "client".into(),
        call: number,
        result: result.into(),
        data: String::new(),
        took,
    }
}

/// Where the queue is full, the kernel drops the SYN, and has no such connection.
#[test]
fn a_server_is_in_syn_recv_from_its_answer_on_and_not_before() {
    let mut events = vec![at(0, segment("client", "server", "S", 0))];
    let drawn = svg(&picture(), &events);
    assert!(drawn.contains("SYN-SENT"), "{drawn}");
    assert!(!drawn.contains("SYN-RECV"), "{drawn}");
    events.push(at(9, segment("server", "client", "S.", 1)));
    let drawn = svg(&picture(), &events);
    assert!(drawn.contains("SYN-RECV"), "{drawn}");
}

#[test]
fn a_fin_that_nobody_has_read_is_no_byte_that_waits() {
    let kernel = |state: &str, unread| {
        let kernel = What::Kernel {
            program: "client".into(),
            connection: 1,
            state: state.into(),
            unread,
        };
        let events = [at(0, kernel)];
        (svg(&picture(), &events), twin::text(&picture(), &events))
    };
    let (drawn, text) = kernel("CLOSE_WAIT", 1);
    assert!(!drawn.contains("bytes wait"), "{drawn}");
    assert_eq!(text, "");
    let (drawn, text) = kernel("CLOSE_WAIT", 7);
    assert!(drawn.contains(">6 bytes wait<"), "{drawn}");
    assert!(text.contains("6 bytes unread"), "{text}");
    let (drawn, _) = kernel("ESTABLISHED", 6);
    assert!(drawn.contains(">6 bytes wait<"), "{drawn}");
}

#[test]
fn it_is_shown_which_set_select_is_asked_about_and_which_half_is_shut_down() {
    let events = [
        at(0, call(1, "pselect6", "[3 4]")),
        at(20_000, returns(1, "1", 20_000)),
        at(20_001, call(2, "shutdown", "Write")),
        at(20_002, returns(2, "0", 1)),
    ];
    let drawn = svg(&picture(), &events);
    assert!(drawn.contains(">select [3 4] …<"), "{drawn}");
    assert!(drawn.contains(">shutdown Write<"), "{drawn}");
    let text = twin::text(&picture(), &events);
    assert!(text.contains("select([3 4]) = 1"), "{text}");
    assert!(text.contains("shutdown(Write) = 0"), "{text}");
}

#[test]
fn a_call_that_the_picture_cuts_in_two_stands_once_in_its_text() {
    let events = [
        at(0, call(1, "close", "")),
        at(0, What::Stops),
        at(1, returns(1, "0", 1)),
    ];
    let text = twin::text(&picture(), &events);
    assert_eq!(text, "0.000 client: close() = 0\n");
}

#[test]
fn of_datagrams_it_is_shown_which_one_came() {
    let mut asked = call(1, "recvfrom", "");
    if let What::Calls(call) = &mut asked {
        call.address = "127.0.0.1:9000".into();
    }
    let mut came = returns(1, "3", 1);
    if let What::Returns { data, .. } = &mut came {
        *data = "ONE".into();
    }
    let drawn = svg(&picture(), &[at(0, asked), at(1, came)]);
    assert!(drawn.contains(">recv = 3 ONE<"), "{drawn}");
}

/// Where python3 is a script that looks for the right one, it starts others first.
#[cfg(target_os = "linux")]
#[test]
fn what_a_program_starts_on_its_way_is_no_thread_of_it() {
    use trace::record::events;
    use trace::stage::{Recorded, Recording};

    let strace = "\
10 1.000000 read(3, \"\", 1) = 0 <0.000001>
11 1.100000 read(3, \"\", 1) = 0 <0.000001>
11 1.100010 +++ exited with 0 +++
10 1.200000 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3 <0.000001>
12 1.300000 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 4 <0.000001>
10 1.400000 +++ exited with 0 +++
";
    let actor = Recorded {
        name: "server".into(),
        itself: "server itself".into(),
        strace: strace.into(),
    };
    let recording = Recording {
        actors: vec![actor],
        packets: Vec::new(),
        notes: Vec::new(),
    };
    let events = events(&recording, &[None, None]);
    let threads = events.iter().filter_map(|event| match &event.what {
        What::Calls(call) => Some(call.thread),
        _ => None,
    });
    assert_eq!(threads.collect::<Vec<_>>(), [0, 1]);
    let ends = |event: &&Event| matches!(event.what, What::Ends { .. });
    assert_eq!(events.iter().filter(ends).count(), 1);
}

/// Where two threads own a socket, it is chance which one is the last.
#[test]
fn which_thread_closes_is_not_compared_and_that_it_is_closed_is() {
    let closed_by = |thread| {
        let mut close = call(1, "close", "");
        if let What::Calls(call) = &mut close {
            (call.thread, call.connection, call.descriptor) = (thread, Some(1), Some(4));
        }
        comparable(&[at(0, close), at(1, returns(1, "0", 1))])
    };
    assert_eq!(closed_by(0), closed_by(2));
    assert_ne!(closed_by(0), comparable(&[]));
}

/// The threads of a program do not wait for each other when it ends; and one that connects to
/// itself has two lifelines.
#[test]
fn a_close_that_the_end_of_its_program_has_forestalled_is_not_missed() {
    let named = |program: &str| program.to_string();
    let starts = |program: &str| What::Starts {
        program: named(program),
        text: named("./server"),
    };
    let ends = What::Ends {
        program: named("server"),
        text: named("0"),
    };
    let mut close = call(1, "close", "");
    if let What::Calls(call) = &mut close {
        (call.connection, call.descriptor) = (Some(1), Some(4));
    }
    let closes = [
        at(0, starts("server")),
        at(0, starts("client")), // the other lifeline of the server
        at(1, close),
        at(2, returns(1, "0", 1)),
        at(3, ends),
    ];
    let forestalled: Vec<_> = [0, 1, 4].map(|index| closes[index].clone()).into();
    assert_eq!(comparable(&closes), comparable(&forestalled));
}
