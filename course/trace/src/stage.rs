//! The stage of a run: its programs with a keyboard each, and what is recorded of them.

mod actor;

use std::collections::HashSet;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use shared::{Context, Error, Result};
use tempfile::TempDir;

use crate::network::{self, Capture, Heard, Packet, Row, connections, now};
use actor::Actor;

/// How long a program may take for one answer.
const ANSWER: Duration = Duration::from_secs(10);

/// What a recording consists of, before it is put together.
pub struct Recording {
    pub actors: Vec<Recorded>,
    pub packets: Vec<Packet>,
    pub notes: Vec<Note>,
}

/// A program's name, and what strace wrote of it.
pub struct Recorded {
    pub name: String,
    /// What its end is called where it connects to itself.
    pub itself: String,
    pub strace: String,
}

/// What the stage itself did or saw, and when (microseconds since 1970).
#[derive(Clone)]
pub struct Note {
    pub at: u64,
    pub program: String,
    pub what: Noted,
}

#[derive(Clone)]
pub enum Noted {
    Starts(String),
    Types(String),
    Presses(&'static str),
    Kernel(Vec<Row>),
    /// The program has a socket on this port.
    Has(u16),
    Begins,
    Stops,
}

/// What the stage keeps, for who watches meanwhile.
#[derive(Clone)]
pub struct Kept(Arc<Mutex<Files>>, Heard);

#[derive(Default)]
struct Files {
    programs: Vec<Written>,
    notes: Vec<Note>,
}

/// A program, and the file in which strace writes what it calls.
struct Written {
    name: String,
    /// What its end is called where it connects to itself.
    itself: String,
    file: PathBuf,
}

impl Kept {
    fn files(&self) -> MutexGuard<'_, Files> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is recorded until now.
    pub fn recording(&self) -> Result<Recording> {
        let packets = self.1.packets(); // before the calls that have sent them return
        let files = self.files();
        let mut actors = Vec::new();
        for program in &files.programs {
            let strace = match fs::read_to_string(&program.file) {
                Err(error) if error.kind() == ErrorKind::NotFound => String::new(), // yet
                strace => strace.context("cannot read what strace wrote")?,
            };
            actors.push(Recorded {
                name: program.name.clone(),
                itself: program.itself.clone(),
                strace,
            });
        }
        Ok(Recording {
            actors,
            packets,
            notes: files.notes.clone(),
        })
    }
}

/// Starts programs, types to them, and waits for what they do.
pub struct Stage {
    folder: TempDir,
    capture: Option<Capture>,
    actors: Vec<Actor>,
    kept: Kept,
    /// Whether strace is there to see the calls.
    calls: bool,
    /// Whether the network is there.
    cable: bool,
}

impl Stage {
    /// An empty stage. The process has its own network already.
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        let capture = Capture::start().context("cannot listen to the packets")?;
        let kept = Kept(Arc::default(), capture.so_far());
        Ok(Self {
            folder,
            capture: Some(capture),
            actors: Vec::new(),
            kept,
            calls: true,
            cable: true,
        })
    }

    /// One without strace: what travels is recorded, and no call.
    pub fn of_packets() -> Result<Self> {
        let mut stage = Self::new()?;
        stage.calls = false;
        Ok(stage)
    }

    /// What is recorded while it goes on.
    pub fn kept(&self) -> Kept {
        self.kept.clone()
    }

    /// Starts a program under strace, without rights in the network.
    pub fn start(&mut self, name: &str, shown: &str, command: &[String]) -> Result<()> {
        let number = self.actors.len();
        let file = self.folder.path().join(format!("{number}.strace"));
        self.note(name, Noted::Starts(shown.to_string()));
        self.kept.files().programs.push(Written {
            name: name.to_string(),
            itself: format!("{name} itself"),
            file: file.clone(),
        });
        let traced = self.calls;
        self.actors.push(Actor::start(name, command, file, traced)?);
        Ok(())
    }

    /// From here on new sockets have buffers of so many bytes, to receive and to send: a
    /// picture has no room for the megabytes that fill the usual ones.
    pub fn buffers(&mut self, receive: u32, send: u32) -> Result<()> {
        network::buffers(receive, send).context("cannot set the sizes of the buffers")
    }

    /// From here on the system keeps the two families apart, as root can tell it to.
    pub fn only_v6(&mut self) -> Result<()> {
        network::only_v6().context("cannot keep IPv4 and IPv6 apart")
    }

    /// Where the program connects to itself, the end that connects gets this name, and so a
    /// lifeline of its own.
    pub fn own_client(&mut self, name: &str, client: &str) -> Result<()> {
        for program in &mut self.kept.files().programs {
            if program.name == name {
                program.itself = client.to_string();
            }
        }
        Ok(())
    }

    /// Waits until the program has printed `text`, in what it has printed since the last time.
    pub fn prints(&mut self, name: &str, text: &str) -> Result<()> {
        let actor = self.actor(name)?;
        let end = actor.output.wait_for(actor.read_up_to, text)?;
        actor.read_up_to = end;
        Ok(())
    }

    /// Types a line.
    pub fn types(&mut self, name: &str, line: &str) -> Result<()> {
        self.note(name, Noted::Types(line.to_string()));
        let actor = self.actor(name)?;
        let keyboard = actor.keyboard.as_mut();
        let keyboard =
            keyboard.ok_or_else(|| Error::new(format!("{name} has no keyboard")))?;
        keyboard
            .write_all(format!("{line}\n").as_bytes())
            .context(format!("{name} does not read its keyboard"))
    }

    /// Ctrl+D: the end of the keyboard.
    pub fn presses_ctrl_d(&mut self, name: &str) -> Result<()> {
        self.note(name, Noted::Presses("^D"));
        self.actor(name)?.keyboard = None;
        Ok(())
    }

    /// Ctrl+C, to the program and not to strace.
    pub fn presses_ctrl_c(&mut self, name: &str) -> Result<()> {
        self.note(name, Noted::Presses("^C"));
        let pid = self.actor(name)?.pid()?;
        kill(pid, Signal::SIGINT)
            .map_err(std::io::Error::from)
            .context(format!("cannot interrupt {name}"))
    }

    /// Takes the network away, as if somebody had pulled the cable; the note stands at `name`.
    pub fn pulls_the_cable(&mut self, name: &str) -> Result<()> {
        self.note(name, Noted::Presses("the cable is pulled"));
        self.cable = false;
        network::loopback(false).context("cannot take the network away")
    }

    /// Waits for so many packets more, and until all is quiet after them.
    pub fn hears(&mut self, packets: usize) -> Result<()> {
        let heard = |stage: &Self| stage.capture.as_ref().map_or(0, Capture::heard);
        let wanted = heard(self) + packets;
        let what = format!("there are no {packets} packets more");
        until(&what, || Ok((heard(self) >= wanted).then_some(())))?;
        self.quiet()
    }

    /// Waits for the program's end.
    pub fn ends(&mut self, name: &str) -> Result<()> {
        let actor = self.actor(name)?;
        let what = format!("{name} does not end");
        until(&what, || {
            let status = actor.strace.try_wait();
            Ok(status.context("cannot wait")?.map(|_| ()))
        })
    }

    /// Waits until somebody listens on the port.
    pub fn listens(&mut self, port: u16) -> Result<()> {
        until(&format!("nobody listens on port {port}"), || {
            let rows = connections().context("cannot read /proc/net/tcp")?;
            let is = |row: &Row| row.local == port && row.state == "LISTEN";
            Ok(rows.iter().any(is).then_some(()))
        })
    }

    /// Waits until every program sleeps and no packet is on its way, and keeps what the
    /// kernel says of all connections then.
    pub fn quiet(&mut self) -> Result<()> {
        self.quiet_since().map(drop)
    }

    /// The same, and says when that was.
    fn quiet_since(&mut self) -> Result<u64> {
        let mut before = None;
        let mut ports = HashSet::new();
        // Before the last look: a timer of the kernel may send something after it.
        let mut at = now();
        until("the programs do not come to rest", || {
            at = now();
            let rows = connections().context("cannot read /proc/net/tcp")?;
            let heard = self.capture.as_ref().map_or(0, Capture::heard);
            let calls = self.actors.iter().map(Actor::written).sum::<u64>();
            let asleep = self.actors.iter().all(Actor::sleeps);
            ports.extend(self.actors.iter().flat_map(Actor::ports));
            let seen = Some((rows, heard, calls));
            let rests = asleep && before == seen;
            before = seen;
            Ok(rests.then_some(()))
        })?;
        for (program, port) in ports {
            self.note(&program, Noted::Has(port));
        }
        // Without a network an end can be in a state that no segment tells of.
        if let Some((rows, ..)) = before.filter(|_| self.cable) {
            self.note_at(at, "", Noted::Kernel(rows));
        }
        Ok(at)
    }

    /// Waits until somebody is connected to the port.
    pub fn connected(&mut self, port: u16) -> Result<()> {
        until(&format!("nobody is connected to port {port}"), || {
            let rows = connections().context("cannot read /proc/net/tcp")?;
            let is = |row: &Row| row.local == port && row.state == "ESTABLISHED";
            Ok(rows.iter().any(is).then_some(()))
        })
    }

    /// Waits until so many bytes wait at one end of a connection of this port.
    pub fn keeps(&mut self, port: u16, bytes: u64) -> Result<()> {
        until(&format!("{bytes} bytes do not wait on port {port}"), || {
            let rows = connections().context("cannot read /proc/net/tcp")?;
            let has_port = |row: &Row| row.local == port || row.remote == port;
            let is = |row: &Row| row.unread == bytes && row.state == "ESTABLISHED";
            let is = |row: &Row| has_port(row) && is(row);
            Ok(rows.iter().any(is).then_some(()))
        })
    }

    /// Lets somebody think: that is what is shown, not a way to wait.
    pub fn thinks(&mut self, time: Duration) -> Result<()> {
        self.quiet()?;
        thread::sleep(time);
        Ok(())
    }

    /// The picture begins here.
    pub fn picture_begins(&mut self) -> Result<()> {
        self.quiet()?;
        self.note("", Noted::Begins);
        Ok(())
    }

    /// The picture ends when all is quiet, and nothing of what comes is kept. That is before
    /// now: strace says when a call begins and how long it takes, and loses the milliseconds
    /// in which it is kept from a processor between both. So a sleep that lasts until the
    /// program is ended may seem to end before.
    pub fn picture_ends(&mut self) -> Result<()> {
        let at = self.quiet_since()?;
        self.note_at(at + 1, "", Noted::Stops); // after what the kernel said then
        Ok(())
    }

    /// Ends what still runs, and hands out what was recorded.
    pub fn finish(mut self) -> Result<Recording> {
        for actor in &mut self.actors {
            let ended = actor.strace.try_wait().context("cannot wait")?.is_some();
            if !ended && let Ok(pid) = actor.pid() {
                kill(pid, Signal::SIGKILL)
                    .map_err(std::io::Error::from)
                    .context("cannot end a program")?;
            }
            actor.strace.wait().context("cannot wait")?;
        }
        let capture = self.capture.take();
        let capture = capture.ok_or_else(|| Error::new("there was no capture"))?;
        capture.stop().context("cannot read the packets")?;
        self.kept.recording()
    }

    fn actor(&mut self, name: &str) -> Result<&mut Actor> {
        let found = self.actors.iter_mut().find(|actor| actor.name == name);
        found.ok_or_else(|| Error::new(format!("no program is called {name}")))
    }

    fn note(&mut self, program: &str, what: Noted) {
        self.note_at(now(), program, what);
    }

    fn note_at(&mut self, at: u64, program: &str, what: Noted) {
        let program = program.to_string();
        self.kept.files().notes.push(Note { at, program, what });
    }
}

/// Nothing outlives the stage.
impl Drop for Stage {
    fn drop(&mut self) {
        for actor in &mut self.actors {
            if matches!(actor.strace.try_wait(), Ok(None)) {
                if let Ok(pid) = actor.pid() {
                    kill(pid, Signal::SIGKILL).ok(); // it may have ended just now
                }
                actor.strace.wait().ok();
            }
        }
    }
}

/// Looks until something is there, or [`ANSWER`] is over.
fn until(what: &str, mut look: impl FnMut() -> Result<Option<()>>) -> Result<()> {
    let end = Instant::now() + ANSWER;
    loop {
        if look()?.is_some() {
            return Ok(());
        }
        if Instant::now() >= end {
            return Err(Error::new(what));
        }
        thread::sleep(Duration::from_millis(4)); // between two looks, not instead of one
    }
}
