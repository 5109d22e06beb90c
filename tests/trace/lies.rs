//! A picture cannot lie: each way to falsify a recording is seen by the check.

use trace::check::check;
use trace::event::{Event, What};
use trace::runs;

use crate::kept;

/// The recording of a run, after something was done to it; what the check says.
fn lie(name: &str, falsify: impl FnOnce(&mut Vec<Event>)) -> String {
    let run = runs::all().find(|run| run.name == name).expect("a run");
    let mut events = kept(run);
    let honest = events.clone();
    falsify(&mut events);
    assert_ne!(events, honest, "nothing was falsified");
    check(&events).expect_err("the check did not see it")
}

/// The place of the nth event that is so.
fn place(events: &[Event], nth: usize, is: fn(&What) -> bool) -> usize {
    let all = events.iter().enumerate();
    let mut found = all.filter(|(_, event)| is(&event.what));
    found.nth(nth).expect("there is one").0
}

fn is_syn(what: &What) -> bool {
    matches!(what, What::Segment(it) if it.flags == "S")
}

fn is_syn_ack(what: &What) -> bool {
    matches!(what, What::Segment(it) if it.flags == "S.")
}

fn is_data(what: &What) -> bool {
    matches!(what, What::Segment(it) if it.length > 0)
}

fn is_fin(what: &What) -> bool {
    matches!(what, What::Segment(it) if it.has('F'))
}

/// Moves an event to another place, with that one's time.
fn move_to(events: &mut Vec<Event>, from: usize, to: usize) {
    let mut event = events.remove(from);
    event.at = events[to].at;
    events.insert(to, event);
}

#[test]
fn a_lost_syn_is_seen() {
    let said = lie("connected", |events| {
        events.remove(place(events, 0, is_syn));
    });
    assert!(said.contains("acknowledges"), "{said}");
}

#[test]
fn a_lost_syn_ack_is_seen() {
    lie("connected", |events| {
        events.remove(place(events, 0, is_syn_ack));
    });
}

#[test]
fn a_lost_segment_with_data_is_seen() {
    for nth in 0..3 {
        lie("second-client", |events| {
            events.remove(place(events, nth, is_data));
        });
    }
}

#[test]
fn a_lost_fin_is_seen() {
    lie("connected", |events| {
        events.remove(place(events, 0, is_fin));
    });
}

/// The server has shut its receiving half down: only therefore its recv may return 0.
#[test]
fn a_lost_shutdown_is_seen() {
    let said = lie("shutdown", |events| {
        for event in events {
            if let What::Calls(call) = &mut event.what
                && (call.name.as_str(), call.program.as_str()) == ("shutdown", "server")
            {
                call.asks = "Write".to_string();
            }
        }
    });
    assert!(said.contains("reads the end before it came"), "{said}");
}

#[test]
fn a_lost_reset_is_seen() {
    let said = lie("refused", |events| {
        let is_rst = |it: &What| matches!(it, What::Segment(it) if it.has('R'));
        events.remove(place(events, 0, is_rst));
    });
    assert!(said.contains("refused"), "{said}");
}

#[test]
fn other_data_than_the_program_sent_is_seen() {
    lie("second-client", |events| {
        let index = place(events, 0, is_data);
        if let What::Segment(segment) = &mut events[index].what {
            segment.data = segment.data.to_uppercase();
        }
    });
}

#[test]
fn a_wrong_state_is_seen() {
    let said = lie("second-client", |events| {
        let is = |it: &What| matches!(it, What::Kernel { .. });
        let index = place(events, 0, is);
        if let What::Kernel { state, .. } = &mut events[index].what {
            *state = "FIN_WAIT2".into();
        }
    });
    assert!(said.contains("FIN_WAIT2 for the kernel"), "{said}");
}

#[test]
fn a_wrong_number_of_waiting_bytes_is_seen() {
    let said = lie("second-client", |events| {
        let is = |it: &What| matches!(it, What::Kernel { unread: 1.., .. });
        let index = place(events, 0, is);
        if let What::Kernel { unread, .. } = &mut events[index].what {
            *unread += 1;
        }
    });
    assert!(said.contains("bytes wait"), "{said}");
}

#[test]
fn a_recv_before_its_bytes_is_seen() {
    let said = lie("second-client", |events| {
        let read =
            |it: &What| matches!(it, What::Returns { data, .. } if !data.is_empty());
        let (from, to) = (place(events, 0, read), place(events, 0, is_data));
        assert!(from > to);
        move_to(events, from, to);
    });
    assert!(said.contains("before it has come"), "{said}");
}

#[test]
fn an_accept_before_the_syn_is_seen() {
    let said = lie("connected", |events| {
        let accepts = |it: &What| matches!(it, What::Calls(it) if it.name == "accept4");
        let index = place(events, 0, accepts);
        let What::Calls(accept) = &events[index].what else {
            panic!("a call");
        };
        let number = accept.call;
        let returns = events.iter().position(
            |event| matches!(&event.what, What::Returns { call, .. } if *call == number),
        );
        let syn = place(events, 0, is_syn);
        move_to(events, returns.expect("it returned"), syn);
    });
    assert!(said.contains("accepts whom nobody heard"), "{said}");
}

#[test]
fn a_call_inside_another_call_of_the_same_thread_is_seen() {
    let said = lie("connected", |events| {
        let connects = |it: &What| matches!(it, What::Calls(it) if it.name == "connect");
        let closes = |it: &What| matches!(it, What::Calls(it) if it.name == "close");
        let (from, to) = (place(events, 0, closes), place(events, 0, connects) + 1);
        move_to(events, from, to);
    });
    assert!(said.contains("inside"), "{said}");
}

#[test]
fn a_wrong_order_of_times_is_seen() {
    let said = lie("refused", |events| {
        let last = events.len() - 1;
        events.swap(1, last);
    });
    assert!(said.contains("stands after"), "{said}");
}

/// Without that call the recv would have had to sleep on.
#[test]
fn an_end_that_nobody_has_sent_is_seen() {
    let said = lie("wake-threads", |events| {
        let is_read = |it: &What| matches!(it, What::Calls(call) if call.asks == "Read" && call.program == "server");
        let index = place(events, 0, is_read);
        if let What::Calls(call) = &mut events[index].what {
            call.asks = "Write".into();
        }
    });
    assert!(said.contains("reads the end before it came"), "{said}");
}
