//! How long a program waits for an address that does not answer, as the kernel's table of
//! connections shows it. No clock of the program is asked, and no packet touched.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::ANSWER;
use crate::proc;
use crate::program::Program;

const SYN_SENT: u8 = 2;

/// A look at the whole table costs the kernel about as much.
const BETWEEN_TWO_LOOKS: Duration = Duration::from_millis(5);

/// The attempts of a program to connect to addresses that do not answer. A look at the table
/// is not always in time: so how long an attempt took lies between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How many were seen.
    pub count: usize,
    /// From the first of them to the end of the program, no less.
    pub whole: Duration,
    /// The shortest took no less than the first, and no more than the second. One that was
    /// not seen, of an address that had none, fits between two looks.
    pub shortest: (Duration, Duration),
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
    /// Watches the program's attempts to connect to these addresses of IPv4, until it ends,
    /// or has run so long after the first that it is enough. None, where the system has no
    /// such table.
    pub fn of(
        program: &mut Program,
        addresses: &[SocketAddr],
        enough: Duration,
    ) -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let mut sights: BTreeMap<u16, Sight> = BTreeMap::new();
        // The first attempt may be older than the first look, but not than the program.
        let now = Instant::now();
        let (end, mut before) = (now + ANSWER, now - program.age());
        let mut gap = Duration::ZERO;
        loop {
            // It is asked before the table: what it did last is then seen to be gone.
            let over = program.ended().is_some() || Instant::now() > end;
            let asked = Instant::now();
            let rows = proc::sockets("tcp").into_iter();
            let rows = rows
                .filter(|row| row.state == SYN_SENT && addresses.contains(&row.remote));
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
            let wanted = over.then_some(addresses.len());
            let seen = Self::between(&sights, wanted, gap, asked);
            if over || seen.whole >= enough {
                return Some(seen);
            }
            before = asked;
            thread::sleep(BETWEEN_TWO_LOOKS);
        }
    }

    /// A program that runs has not ended its last attempt, and may have others before it: when
    /// it has ended, one for each address is `wanted`.
    fn between(
        sights: &BTreeMap<u16, Sight>,
        wanted: Option<usize>,
        gap: Duration,
        now: Instant,
    ) -> Self {
        let missing = wanted.is_some_and(|wanted| sights.len() < wanted);
        let unseen = missing.then_some((Duration::ZERO, gap));
        let sights = sights.values();
        let first = sights.clone().map(|one| one.first).min();
        let whole = first.map(|first| now.saturating_duration_since(first));
        let least = |one: &Sight| one.last.saturating_duration_since(one.first);
        let ended = sights.clone().any(|one| one.last < now);
        let judged = sights.clone();
        let judged = judged.filter(|one| wanted.is_some() || !ended || one.last < now);
        let least = judged.clone().map(least);
        let most = judged.map(|one| one.gone - one.not_yet);
        Self {
            count: sights.count(),
            whole: whole.unwrap_or_default(),
            shortest: (
                least
                    .chain(unseen.map(|one| one.0))
                    .min()
                    .unwrap_or_default(),
                most.chain(unseen.map(|one| one.1)).min().unwrap_or(gap),
            ),
        }
    }
}
