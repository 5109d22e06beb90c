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
    let at = events[to].at;
    // It is no lie about the time.
    if let What::Returns { took, .. } = &mut event.what {
        *took = (*took + at).saturating_sub(event.at);
    }
    event.at = at;
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
    assert!(said.contains("without an RST"), "{said}");
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
    assert!(said.contains("without a SYN that came"), "{said}");
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

/// The numbers of a program's calls of this name, in order.
fn calls(events: &[Event], of: &str, named: &str) -> Vec<u32> {
    let found = events.iter().filter_map(|event| match &event.what {
        What::Calls(it) if it.program == of && it.name == named => Some(it.call),
        _ => None,
    });
    found.collect()
}

/// What is said of a call: its begin and its return.
fn of_call(event: &Event, number: u32) -> bool {
    match &event.what {
        What::Calls(it) => it.call == number,
        What::Returns { call, .. } => *call == number,
        _ => false,
    }
}

#[test]
fn a_wrong_time_asleep_is_seen() {
    let said = lie("second-client", |events| {
        let index = place(events, 3, |it| matches!(it, What::Returns { .. }));
        if let What::Returns { took, .. } = &mut events[index].what {
            *took += 1;
        }
    });
    assert!(said.contains("µs, not"), "{said}");
}

#[test]
fn another_result_than_the_number_of_the_bytes_is_seen() {
    for (of, named) in [("server", "recvfrom"), ("server", "sendto")] {
        let said = lie("second-client", |events| {
            let number = calls(events, of, named)[0];
            for event in events {
                if let What::Returns { call, result, .. } = &mut event.what
                    && *call == number
                {
                    *result = "7".into();
                }
            }
        });
        assert!(said.contains("= 7, and those are"), "{said}");
    }
}

#[test]
fn two_calls_that_have_changed_their_lifelines_are_seen() {
    let said = lie("second-client", |events| {
        let received = calls(events, "server", "recvfrom")[0];
        let sent = calls(events, "one", "write")[0];
        for event in events {
            let other = match () {
                () if of_call(event, received) => "one",
                () if of_call(event, sent) => "server",
                () => continue,
            };
            match &mut event.what {
                What::Calls(it) => it.program = other.into(),
                What::Returns { program, .. } => *program = other.into(),
                _ => {}
            }
        }
    });
    assert!(said.contains("never sent it"), "{said}");
}

#[test]
fn a_return_to_another_program_than_the_caller_is_seen() {
    let said = lie("connected", |events| {
        let index = place(events, 4, |it| matches!(it, What::Returns { .. }));
        if let What::Returns { program, .. } = &mut events[index].what {
            *program = "somebody".into();
        }
    });
    assert!(said.contains("returns from no call"), "{said}");
}

#[test]
fn a_descriptor_that_is_used_after_its_close_is_seen() {
    let said = lie("connected", |events| {
        let last = *calls(events, "server", "close").last().expect("a close");
        for event in events {
            if let What::Calls(it) = &mut event.what
                && it.call == last
            {
                it.descriptor = Some(4);
            }
        }
    });
    assert!(said.contains("on 4, which is closed"), "{said}");
}

#[test]
fn a_call_on_the_descriptor_of_another_connection_is_seen() {
    lie("second-client", |events| {
        let first = calls(events, "one", "write")[0];
        for event in events {
            if let What::Calls(it) = &mut event.what
                && it.call == first
            {
                it.connection = Some(2);
            }
        }
    });
}

#[test]
fn a_missing_accept_is_seen() {
    let said = lie("connected", |events| {
        let accept = calls(events, "server", "accept4")[0];
        events.retain(|event| !of_call(event, accept));
    });
    assert!(said.contains("neither made nor accepted"), "{said}");
}

#[test]
fn a_call_after_the_end_of_its_program_is_seen() {
    let said = lie("connected", |events| {
        let ends =
            |it: &What| matches!(it, What::Ends { program, .. } if program == "server");
        let (from, to) = (place(events, 0, ends), place(events, 0, is_fin));
        move_to(events, from, to);
    });
    assert!(said.contains("after its end"), "{said}");
}

#[test]
fn bytes_that_wait_and_are_left_out_are_seen() {
    let said = lie("second-client", |events| {
        let index = place(events, 0, |it| {
            matches!(it, What::Kernel { unread: 1.., .. })
        });
        if let What::Kernel { unread, .. } = &mut events[index].what {
            *unread = 0;
        }
    });
    assert!(said.contains("0 bytes wait"), "{said}");
}

#[test]
fn an_end_of_which_the_kernel_is_silent_is_seen() {
    let said = lie("second-client", |events| {
        let index = place(events, 0, |it| {
            matches!(it, What::Kernel { unread: 1.., .. })
        });
        events.remove(index);
    });
    assert!(said.contains("the kernel does not know"), "{said}");
}

#[test]
fn a_lost_datagram_is_seen() {
    let said = lie("udp-unheard", |events| {
        events.remove(place(events, 0, is_data));
    });
    assert!(said.contains("has travelled"), "{said}");
}

#[test]
fn a_refusal_of_a_datagram_that_nobody_has_sent_is_seen() {
    let said = lie("udp-refused", |events| {
        events.retain(|event| !matches!(&event.what, What::Segment(it) if it.has('I')));
    });
    assert!(said.contains("without an answer of ICMP"), "{said}");
}

#[test]
fn a_reset_that_never_came_is_seen() {
    let said = lie("connected", |events| {
        let number = calls(events, "server", "read")[0];
        for event in events {
            if let What::Returns { call, result, .. } = &mut event.what
                && *call == number
            {
                *result = "ECONNRESET".into();
            }
        }
    });
    assert!(said.contains("without an RST that came"), "{said}");
}

#[test]
fn a_segment_that_is_longer_than_its_data_is_seen() {
    let said = lie("second-client", |events| {
        let index = place(events, 0, is_data);
        if let What::Segment(segment) = &mut events[index].what {
            segment.length += 1;
        }
    });
    assert!(said.contains("these are others"), "{said}");
}
