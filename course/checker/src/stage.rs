//! Where a check plays: the learner's program, the checker's peers, and chance.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::clock::{Clock, Wait};
use crate::datagrams::Datagrams;
use crate::door::{Door, Silence};
use crate::failure::{Failure, Kind};
use crate::peer::Peer;
use crate::program::{Program, Recipe};
use crate::wire_log::WireLog;

pub use growth::MOST;

mod address;
mod growth;
mod leftovers;
mod queue;

/// What the steps of one check share.
#[derive(Debug)]
pub struct Stage {
    /// Random values, all from the seed that is printed.
    pub chance: fastrand::Rng,
    recipe: Recipe,
    program: Option<Program>,
    address: SocketAddr,
    wire_log: WireLog,
    clock: Clock,
    /// Whether a panic that the program outlives is expected.
    panics: bool,
}

impl Stage {
    /// An empty stage, for a check that may take so long as a whole.
    pub fn new(recipe: Recipe, seed: u64, whole: Duration) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let port = chance.u16(20_000..30_000);
        let address = (Ipv4Addr::LOCALHOST, port).into();
        Self {
            chance,
            recipe,
            program: None,
            address,
            wire_log: WireLog::default(),
            clock: Clock::new(whole),
            panics: false,
        }
    }

    /// The end of a wait that begins now, and does not outlast the whole check.
    pub fn within(&self, wait: Duration) -> Instant {
        self.clock.within(wait)
    }

    /// A wait for what the program is to do.
    pub fn waits(&self, wait: Duration) -> Wait {
        self.clock.waits(wait)
    }

    /// Whether the check as a whole has taken too long.
    pub(crate) fn is_over(&self) -> bool {
        self.clock.is_over()
    }

    /// Where the learner's server is to listen: its first argument.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts the program as a server: with the address as its first argument. Waits until
    /// it listens.
    ///
    /// # Errors
    /// Failure, when it does not.
    pub fn starts_server(&mut self) -> Result<(), Failure> {
        self.address = free_address(&mut self.chance);
        self.restarts_server()
    }

    /// The same on this address of the machine, with a port that is free.
    ///
    /// # Errors
    /// Failure, when it does not listen.
    pub fn starts_server_on(&mut self, ip: IpAddr) -> Result<(), Failure> {
        let port = free_address(&mut self.chance).port();
        self.address = (ip, port).into();
        self.restarts_server()
    }

    /// The same with further arguments behind the address.
    ///
    /// # Errors
    /// Failure, when it does not listen.
    pub fn starts_server_with(
        &mut self,
        more: impl IntoIterator<Item = String>,
    ) -> Result<(), Failure> {
        self.address = free_address(&mut self.chance);
        let address = self.address;
        let args = std::iter::once(address.to_string()).chain(more);
        self.serves(args.collect(), address, Program::listens)
    }

    /// Has a peer say as much of it as the program takes while the peer receives nothing,
    /// and says how much that was. On a busy machine a program is slow to take more: it is
    /// full when it sleeps, and does not receive what lies there.
    ///
    /// # Errors
    /// As [`Peer::says`].
    pub fn fills(&mut self, peer: &mut Peer, bytes: &[u8]) -> Result<usize, Failure> {
        const TRIES: usize = 8; // one that never sleeps is no matter of this
        let mut taken = 0;
        for _ in 0..TRIES {
            taken += peer.says_until_full(&bytes[taken..])?;
            let sleeps = self.program()?.sleeps().is_ok();
            if sleeps && (peer.is_unread() || taken == bytes.len()) {
                break;
            }
        }
        Ok(taken)
    }

    /// Has a peer take its time, and do nothing: longer than the timeout that the program has
    /// set for it, if it has set a short one. A program without one is not waited for.
    ///
    /// # Errors
    /// Failure, when the program does not bear that.
    pub fn takes_its_time(&mut self, peer: &Peer) -> Result<(), Failure> {
        self.bears(peer, |_| peer.is_kept())
    }

    /// The same for a program that has ended its sending: it is to run on, and to receive.
    ///
    /// # Errors
    /// Failure, when it ends meanwhile.
    pub fn takes_its_time_after_the_end(&mut self, peer: &Peer) -> Result<(), Failure> {
        self.bears(peer, |stage| {
            let program = stage.program.as_mut();
            program.is_some_and(|program| program.ended().is_none())
        })
    }

    /// Waits for longer than the program's timeout, and looks whether that lasts.
    fn bears(
        &mut self,
        peer: &Peer,
        lasts: impl Fn(&mut Self) -> bool,
    ) -> Result<(), Failure> {
        const MOMENT: Duration = Duration::from_millis(50);
        const LONGEST: u32 = 4; // so many times are enough to fill all buffers
        self.program()?.sleeps().ok(); // so it waits already, and has set its timeout
        let patience = peer
            .here()
            .and_then(|here| self.program().ok()?.patience_with(here));
        let Some(patience) = patience else {
            return Ok(());
        };
        let whole = patience.whole() + patience.whole() / 4 + MOMENT;
        let longest = Instant::now() + LONGEST * whole;
        let (mut wait, mut before) = (self.waits(whole), peer.waiting());
        loop {
            let is_over = wait.is_over(); // before the look: it may end meanwhile
            if !lasts(self) {
                break;
            }
            if is_over {
                return Ok(()); // it tries again each time
            }
            let now = peer.waiting();
            if now != before && Instant::now() < longest {
                // A write has found room for a part, and waits anew.
                (wait, before) = (self.waits(whole), now);
            }
            std::thread::sleep(MOMENT); // between two looks
        }
        let expected = "a connection that bears some seconds in which nothing happens";
        let timeout = patience.timeout.as_millis();
        let seen = format!("it has ended, and its timeout is {timeout} ms");
        let cause = "the timeout on the socket is too short: a peer may take its time";
        Err(Failure::new(expected, seen).certain(cause))
    }

    /// Has a peer that has said this piece be silent for as long as it likes. No check waits for
    /// hours: a long timeout that the program has set on its socket is made a short one, which
    /// the recv after the piece has. A program that tries again each time bears that.
    ///
    /// # Errors
    /// Failure, when the program does not bear that, and those of [`Peer::says`].
    pub fn takes_for_ever(
        &mut self,
        peer: &mut Peer,
        piece: &[u8],
    ) -> Result<(), Failure> {
        const MOMENT: Duration = Duration::from_millis(50);
        let timeout = self.shortens_its_wait(peer, MOMENT);
        peer.says_apart([piece])?; // the program has it, whoever speaks next
        let Some(timeout) = timeout else {
            return Ok(());
        };
        let end = Instant::now() + 4 * MOMENT;
        while peer.is_kept() {
            if Instant::now() > end {
                return Ok(()); // it tries again each time
            }
            std::thread::sleep(MOMENT); // between two looks
        }
        let expected =
            "a connection on which nothing happens for as long as the peer likes";
        let seen = format!("its timeout of {timeout:?}, and then its end");
        Err(Failure::new(expected, seen))
    }

    /// Has nobody send the server of datagrams anything after `ask`, for as long as they like.
    /// A timeout that the program has set on its socket is made a short one, which the recv
    /// after that has. A program that tries again each time bears it.
    ///
    /// # Errors
    /// Failure, when the program has ended, and that of `ask`.
    pub fn hears_nobody_after(
        &mut self,
        ask: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        const MOMENT: Duration = Duration::from_millis(50);
        let address = self.address;
        let timeout = self.program()?.shortens_timeout_on(address, MOMENT);
        ask(self)?;
        let Some(timeout) = timeout else {
            return Ok(());
        };
        if self.program()?.wait(4 * MOMENT).is_err() {
            return Ok(()); // it tries again each time
        }
        let expected = "a server that waits, however long nothing comes";
        let seen = format!("its timeout of {timeout:?}, and then its end");
        Err(Failure::new(expected, seen))
    }

    /// Makes a longer timeout with which the program waits for this peer so short, from the next
    /// recv on, and says how long it was; none: it waits without one, or the system does not
    /// let us.
    pub fn shortens_its_wait(&mut self, peer: &Peer, to: Duration) -> Option<Duration> {
        let program = self.program().ok()?;
        program.shortens_timeout(peer.here()?, to)
    }

    /// From now on a panic on standard error is what the step wants to see, and no crash
    /// while the program goes on.
    pub fn expects_panics(&mut self) {
        self.panics = true;
    }

    /// Ends the server that may run, and starts it on the address of before.
    ///
    /// # Errors
    /// Failure, when it does not listen again.
    pub fn restarts_server(&mut self) -> Result<(), Failure> {
        let address = self.address;
        self.serves(vec![address.to_string()], address, Program::listens)
    }

    /// Starts the program, and waits until it has its socket. Elsewhere than on Linux each of
    /// our looks takes the port for a moment: a program that was refused then starts again.
    pub(crate) fn serves(
        &mut self,
        args: Vec<String>,
        address: SocketAddr,
        wait: fn(&mut Program, SocketAddr) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        const TRIES: usize = 3;
        for _ in 1..TRIES {
            let up = wait(self.starts(args.clone())?, address);
            let refused = up.is_err() && self.program()?.was_refused_its_port();
            if cfg!(target_os = "linux") || !refused {
                return up;
            }
        }
        wait(self.starts(args)?, address)
    }

    /// Starts the program once more, beside the one that runs.
    ///
    /// # Errors
    /// A checker error.
    pub fn another(
        &self,
        args: impl IntoIterator<Item = String>,
    ) -> Result<Program, Failure> {
        let args: Vec<_> = args.into_iter().collect();
        Program::start(&self.recipe, &args, self.clock)
    }

    /// The same for a UDP server: waits until its socket is bound.
    ///
    /// # Errors
    /// Failure, when it is not.
    pub fn starts_udp_server(&mut self) -> Result<(), Failure> {
        self.address = free_address(&mut self.chance);
        let address = self.address;
        self.serves(vec![address.to_string()], address, Program::receives)
    }

    /// Starts the program with these arguments. What ran before is ended.
    ///
    /// # Errors
    /// A checker error.
    pub fn starts(
        &mut self,
        args: impl IntoIterator<Item = String>,
    ) -> Result<&mut Program, Failure> {
        self.program = None;
        let args: Vec<_> = args.into_iter().collect();
        let program = Program::start(&self.recipe, &args, self.clock)?;
        Ok(self.program.insert(program))
    }

    /// The program that was started last.
    ///
    /// # Errors
    /// A checker error, when none was.
    pub fn program(&mut self) -> Result<&mut Program, Failure> {
        let none = || std::io::Error::other("no program was started");
        self.program
            .as_mut()
            .ok_or_else(|| Failure::checker("a program", &none()))
    }

    /// A new client of the learner's server.
    ///
    /// # Errors
    /// Failure, when it is not let in.
    pub fn client(&mut self) -> Result<Peer, Failure> {
        Peer::connect(self.address, &self.wire_log, self.clock)
    }

    /// The same over small segments, with little room for what comes: so the kernel keeps
    /// little of a server's answer while it is not received.
    ///
    /// # Errors
    /// Failure, when it is not let in.
    pub fn narrow_client(&mut self) -> Result<Peer, Failure> {
        Peer::connect_narrowly(self.address, &self.wire_log, self.clock)
    }

    /// A listener of the checker, for a program that is a client.
    ///
    /// # Errors
    /// A checker error.
    pub fn door(&mut self) -> Result<Door, Failure> {
        Door::open(&self.wire_log, self.clock)
    }

    /// The same with small segments, and little room for what comes: so the kernel keeps
    /// little of what a program says while it is not received.
    ///
    /// # Errors
    /// A checker error.
    pub fn narrow_door(&mut self) -> Result<Door, Failure> {
        Door::open_narrowly(&self.wire_log, self.clock)
    }

    /// A listener of the checker on this very address.
    ///
    /// # Errors
    /// A checker error.
    pub fn door_at(&mut self, address: SocketAddr) -> Result<Door, Failure> {
        Door::at(address, &self.wire_log, self.clock)
    }

    /// An address on which no connection is refused, and none is made.
    ///
    /// # Errors
    /// A checker error.
    pub fn silence(&mut self, address: SocketAddr) -> Result<Silence, Failure> {
        Silence::at(address)
    }

    /// A number of ports in a row, all below 30,000, on which nobody listens: the first.
    pub fn free_ports(&mut self, count: u16) -> u16 {
        loop {
            let first = self.chance.u16(20_000..30_000 - count);
            let ports = first..first + count;
            if !crate::sockets::listeners()
                .iter()
                .any(|one| ports.contains(&one.port()))
            {
                return first;
            }
        }
    }

    /// A UDP socket of the checker.
    ///
    /// # Errors
    /// A checker error.
    pub fn datagrams(&mut self) -> Result<Datagrams, Failure> {
        Datagrams::open(&self.wire_log, self.clock)
    }

    /// The same on this very address.
    ///
    /// # Errors
    /// A checker error, also where the system has no such address.
    pub fn datagrams_at(&mut self, address: SocketAddr) -> Result<Datagrams, Failure> {
        Datagrams::at(address, &self.wire_log, self.clock)
    }

    /// Makes these lines the program's `/etc/hosts`, where there is a sandbox. Whether it did.
    ///
    /// # Errors
    /// A checker error.
    pub fn hosts(&mut self, lines: &str) -> Result<bool, Failure> {
        crate::sandbox::hosts(&self.recipe.folder, lines)
            .map_err(|error| Failure::checker("a hosts file", &error))
    }

    /// A name that has these addresses, and no others are known then. Without a sandbox, or
    /// where the resolver looks elsewhere, it is `localhost`: ask [`Stage::resolves`].
    ///
    /// # Errors
    /// A checker error.
    pub fn named(&mut self, addresses: &[IpAddr]) -> Result<String, Failure> {
        let name = format!("{}.test", self.word());
        let lines = addresses
            .iter()
            .map(|address| format!("{address} {name}\n"));
        let lines: String = lines.collect();
        let own = format!("127.0.0.1 localhost\n::1 localhost\n{lines}");
        if self.hosts(&own)? && !self.resolves(&name, 0).is_empty() {
            return Ok(name);
        }
        Ok("localhost".into())
    }

    /// The same for a listener of the checker on 127.0.0.1: HOST:PORT with a name for HOST, or
    /// without one where its first address would be another.
    ///
    /// # Errors
    /// A checker error.
    pub fn named_door(&mut self, door: &Door) -> Result<String, Failure> {
        let name = self.named(&[Ipv4Addr::LOCALHOST.into()])?;
        let port = door.address().port();
        match self.resolves(&name, port).first() {
            Some(first) if *first == door.address() => Ok(format!("{name}:{port}")),
            _ => Ok(door.address().to_string()),
        }
    }

    /// The addresses that the resolver knows for a name, in its order, each once: the
    /// judge asks it as the program does.
    pub fn resolves(&self, name: &str, port: u16) -> Vec<SocketAddr> {
        let mut all = Vec::new();
        for address in (name, port).to_socket_addrs().into_iter().flatten() {
            if !all.contains(&address) {
                all.push(address);
            }
        }
        all
    }

    /// What the program has written to the file of this name in its folder; none: there is
    /// no such file.
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.recipe.folder.join(name)).ok()
    }

    /// What was said in this step.
    pub(crate) fn wire_log(&self) -> &WireLog {
        &self.wire_log
    }

    /// A word of 3 to 12 letters that is in no example.
    pub fn word(&mut self) -> String {
        let length = self.chance.usize(3..=12);
        (0..length).map(|_| self.chance.lowercase()).collect()
    }

    /// A word of so many letters, which are those of a short one again and again.
    pub fn long_word(&mut self, length: usize) -> String {
        let word = self.word();
        let mut long = word.repeat(length / word.len() + 1);
        long.truncate(length);
        long
    }

    /// Bytes of every kind, zeros and bytes that are no UTF-8 among them.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.chance.u8(..)).collect()
    }

    /// Sizes of pieces, each 1 to `most`, without end.
    pub fn sizes(&mut self, most: usize) -> impl Iterator<Item = usize> + use<> {
        let mut chance = self.chance.fork();
        std::iter::repeat_with(move || chance.usize(1..=most))
    }

    /// Looks whether the program has crashed meanwhile, or took more than a sandbox gives:
    /// then that is the cause. In a sandbox that is full the checker has failure, too.
    pub(crate) fn explains(&mut self, failure: Failure) -> Failure {
        if let Some(why) = crate::sandbox::overgrown() {
            let kind = match failure.kind {
                Kind::CheckerError => Kind::Fail,
                kind => kind,
            };
            return Failure { kind, ..failure }.certain(why);
        }
        match &mut self.program {
            Some(program) => {
                // The end of a stream is seen a moment before the end of its program.
                if failure.kind == Kind::Fail {
                    program.wait(Duration::from_millis(100)).ok();
                }
                if self.panics && program.ended().is_none() {
                    return failure;
                }
                program.crash(failure)
            }
            None => failure,
        }
    }

    /// Adds to a client's failure that the program has ended by itself and without an error,
    /// where it has: whoever comes then is refused or reset, as chance will have it.
    pub fn after_the_end(&mut self, failure: Failure, cause: &str) -> Failure {
        let ended = self.program.as_mut().is_some_and(|program| {
            let status = program.wait(Duration::from_millis(100));
            status.is_ok_and(|status| status.success())
        });
        match ended {
            true => failure.certain(cause),
            false => failure,
        }
    }

    /// What the program has printed on both outputs.
    pub(crate) fn printed(&self) -> (Vec<u8>, String) {
        let program = self.program.as_ref();
        program
            .map(|program| (program.output(), program.complaints()))
            .unwrap_or_default()
    }
}

/// An address of 127.0.0.1 on which nobody listens.
fn free_address(chance: &mut fastrand::Rng) -> SocketAddr {
    loop {
        let address = (Ipv4Addr::LOCALHOST, chance.u16(20_000..30_000)).into();
        if !crate::sockets::listens(address) {
            return address;
        }
    }
}
