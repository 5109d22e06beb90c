//! What was said in a step, both ways, kept to be shown when the step fails.

use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::failure::quoted;

/// The conversation of one step, with all its peers.
#[derive(Debug, Clone, Default)]
pub struct WireLog(Arc<Mutex<Vec<Event>>>);

#[derive(Debug)]
struct Event {
    peer: usize,
    what: What,
}

/// What happened on a connection.
#[derive(Debug)]
pub enum What {
    /// The checker sent these bytes.
    Said(Vec<u8>),
    /// The program sent these bytes.
    Heard(Vec<u8>),
    /// Something without bytes: `the checker half-closes`.
    Happened(&'static str),
}

/// How many events of a conversation are shown; what lies before is counted only.
const SHOWN: usize = 12;

impl WireLog {
    /// A number for a further peer.
    pub fn next_peer(&self) -> usize {
        self.lock()
            .iter()
            .map(|event| event.peer)
            .max()
            .unwrap_or(0)
            + 1
    }

    /// Adds an event. What is heard in several parts is one.
    pub fn add(&self, peer: usize, what: What) {
        let mut events = self.lock();
        if let (
            Some(Event {
                peer: last,
                what: What::Heard(known),
            }),
            What::Heard(more),
        ) = (events.last_mut(), &what)
            && *last == peer
        {
            known.extend(more);
            return;
        }
        events.push(Event { peer, what });
    }

    /// Forgets the conversation: a new step begins.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The conversation, a line for each event; empty, when nothing was said.
    pub fn told(&self) -> String {
        let events = self.lock();
        let peers = events.iter().map(|event| event.peer).max().unwrap_or(0);
        let mut text = String::new();
        let hidden = events.len().saturating_sub(SHOWN);
        if hidden > 0 {
            writeln!(text, "({hidden} lines before)").expect("a string");
        }
        for Event { peer, what } in events.iter().skip(hidden) {
            let who = if peers > 1 {
                format!("peer {peer}")
            } else {
                "checker".into()
            };
            match what {
                What::Said(bytes) => writeln!(text, "{who} -> {}", quoted(bytes)),
                What::Heard(bytes) => writeln!(text, "{who} <- {}", quoted(bytes)),
                What::Happened(words) => writeln!(text, "{who} {words}"),
            }
            .expect("a string");
        }
        text
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_called_so_be_it_a_client_or_a_server_and_by_number_where_there_are_more()
    {
        let wire_log = WireLog::default();
        wire_log.add(wire_log.next_peer(), What::Said(b"a".into()));
        assert_eq!(wire_log.told(), "checker -> \"a\"\n");
        wire_log.add(wire_log.next_peer(), What::Heard(b"b".into()));
        assert_eq!(wire_log.told(), "peer 1 -> \"a\"\npeer 2 <- \"b\"\n");
    }
}
