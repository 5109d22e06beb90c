//! How long a program waits for an address that does not answer, as the kernel's table of
//! connections shows it. No clock of the program is asked, and no packet touched.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::ANSWER;
use crate::program::Program;
use crate::{proc, sockets};

const SYN_SENT: &str = "02";

/// The attempts of a program to connect to one address. A look at the table is not always
/// in time, so how long the longest of them took lies between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How many were seen.
    pub count: usize,
    /// The longest took no less.
    pub at_least: Duration,
    /// Nor more: where none was seen, it fits between two looks.
    pub at_most: Duration,
}

/// When an attempt was seen: after it was not there yet, and before it was gone.
#[derive(Debug, Clone, Copy)]
struct Sight {
    not_yet: Instant,
    first: Instant,
    last: Instant,
    gone: Instant,
}

impl Attempts {
    /// Watches the program's attempts to connect to this address, until it ends. None,
    /// where the system has no such table.
    pub fn of(program: &mut Program, address: SocketAddr) -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let table = if address.is_ipv4() { "tcp" } else { "tcp6" };
        let mut sights: BTreeMap<u16, Sight> = BTreeMap::new();
        let (end, mut before) = (Instant::now() + ANSWER, Instant::now());
        let mut gap = Duration::ZERO;
        loop {
            let over = program.ended().is_some() || Instant::now() > end;
            let asked = Instant::now();
            let rows = proc::sockets(table).into_iter();
            let rows = rows.filter(|row| row.state == SYN_SENT && row.remote == address);
            let ports: Vec<_> = rows.map(|row| row.local.port()).collect();
            let told = Instant::now();
            for sight in sights.values_mut().filter(|sight| sight.last == before) {
                sight.gone = told;
            }
            for port in ports {
                let sight = sights.entry(port).or_insert(Sight {
                    not_yet: before,
                    first: told,
                    last: asked,
                    gone: told,
                });
                sight.last = asked;
            }
            gap = gap.max(told - before);
            if over {
                return Some(Self::between(&sights, gap));
            }
            before = asked;
            thread::sleep(sockets::BETWEEN_TWO_LOOKS);
        }
    }

    fn between(sights: &BTreeMap<u16, Sight>, gap: Duration) -> Self {
        let longest = |length: fn(&Sight) -> Duration| sights.values().map(length).max();
        let least = longest(|one| one.last.saturating_duration_since(one.first));
        Self {
            count: sights.len(),
            at_least: least.unwrap_or_default(),
            at_most: longest(|one| one.gone - one.not_yet).unwrap_or(gap),
        }
    }
}
