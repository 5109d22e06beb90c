use std::io::{self, PipeReader};
use std::net::{Shutdown as Half, SocketAddr, TcpStream};
use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;
use socket2::{Domain, Socket, Type};

use crate::{Context, Error, from_here};

/// The clean end of a program on Ctrl+C (SIGINT), SIGTERM or a closed terminal (SIGHUP).
///
/// A signal handler may do almost nothing (signal-safety(7)). ctrlc's handler only posts
/// a semaphore; a thread of its own waits for that and does the work here. The kernel
/// then goes on with the interrupted call (SA_RESTART), so a blocked `accept` or `recv`
/// does not notice the signal: something has to wake it. That is what the actions are
/// for.
#[derive(Default)]
pub struct Shutdown {
    requested: AtomicBool,
    exits: AtomicBool,
    actions: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

/// There is one set of signal handlers in a process, so there is one `Shutdown`. Installing
/// it can fail, and then the next caller may try again: `OnceCell::get_or_try_init`, which
/// std's `OnceLock` does not have yet.
static SHUTDOWN: OnceCell<Shutdown> = OnceCell::new();

impl Shutdown {
    /// Installs the signal handlers, once, however often it is called.
    ///
    /// # Errors
    /// When the program has installed a handler of its own before.
    pub fn on_ctrl_c() -> Result<&'static Self, Error> {
        SHUTDOWN.get_or_try_init(|| {
            ctrlc::set_handler(|| SHUTDOWN.wait().request()).map_err(|error| {
                Error::new(format!("cannot watch for Ctrl+C: {error}"))
            })?;
            Ok(Self::default())
        })
    }

    /// As [`on_ctrl_c`](Self::on_ctrl_c), with an alarm: a pipe that comes to its end when
    /// the end is asked for, because its other side is dropped then. `select` and `poll` see
    /// that, whichever thread the signal met.
    ///
    /// # Errors
    /// As [`on_ctrl_c`](Self::on_ctrl_c), those of pipe(2), and where select(2) could not
    /// watch it.
    pub fn with_alarm() -> Result<(&'static Self, PipeReader), Error> {
        let shutdown = Self::on_ctrl_c()?;
        let (alarm, cord) = io::pipe().context("cannot make a pipe")?;
        #[cfg(unix)]
        crate::crowd::watchable(&alarm).context("cannot watch for Ctrl+C")?;
        shutdown.then(move || drop(cord));
        Ok((shutdown, alarm))
    }

    /// Ends the program with exit code 0 on Ctrl+C or SIGTERM. The kernel closes its
    /// sockets. For programs that have nobody to say goodbye to. Actions run before.
    ///
    /// # Errors
    /// As [`on_ctrl_c`](Self::on_ctrl_c).
    pub fn exit_on_ctrl_c() -> Result<(), Error> {
        let shutdown = Self::on_ctrl_c()?;
        shutdown.exits.store(true, Ordering::SeqCst);
        // Only where the signal came between these two lines.
        if shutdown.requested() {
            process::exit(0);
        }
        Ok(())
    }

    /// Whether the end was asked for.
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    /// Where [`exit_on_ctrl_c`](Self::exit_on_ctrl_c) was called, the program ends in a moment:
    /// on another thread, after the actions. Until then nobody should take the end for an
    /// error of the peer's.
    pub(crate) fn wait_for_the_exit(&self) {
        while self.exits.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// What to do when the end is asked for: wake a blocked call, close a connection.
    /// Actions run in the order in which they were given, on ctrlc's thread; one that
    /// comes too late runs at once.
    pub fn then(&self, action: impl FnOnce() + Send + 'static) {
        let mut actions = self.actions.lock().expect("no action panics");
        if self.requested() {
            drop(actions);
            action();
        } else {
            actions.push(Box::new(action));
        }
    }

    /// As [`then`](Self::then), and takes [`exit_on_ctrl_c`](Self::exit_on_ctrl_c) back:
    /// from now on the action has to see to it that the program ends.
    pub fn instead_of_exit(&self, action: impl FnOnce() + Send + 'static) {
        self.exits.store(false, Ordering::SeqCst);
        self.then(action);
    }

    /// Wakes the `accept` of a listener of this program, when the end is asked for, by
    /// connecting to it: the one way that works on every system and does not reset the
    /// clients that wait in the queue (shutdown(2) on a Linux listener does).
    ///
    /// Where no connection gets through for three seconds, its address is gone, and nothing
    /// will wake it any more: then the program exits, with code 0.
    pub fn wake_accept_on(&self, listener: SocketAddr) {
        let address = from_here(listener);
        // Made now: accept takes the descriptor for its next client before it sleeps, and
        // where that was the last one of the process, none would be left for this call.
        let caller = Socket::new(Domain::for_address(address), Type::STREAM, None);
        self.then(move || {
            if !connects(&caller, address) {
                // Either the queue is full: then accept is awake in any case. Or there is no
                // way to our own address, for a moment, while the network changes, or for ever.
                let thread = thread::Builder::new();
                drop(thread.spawn(move || insist(&caller, address)));
            }
        });
    }

    /// As [`wake_accept_on`](Self::wake_accept_on), for a listener of any family, and also
    /// where no connection gets through.
    ///
    /// In the Unix domain its name may be gone, or be another's by now. There shutdown(2) on
    /// the listener does it, and clients in the queue are still accepted (unix_accept in
    /// Linux). Of IPv4 and IPv6 it would reset them, and is what is left when the connection
    /// fails.
    ///
    /// # Errors
    /// When the listener has no address, or there is no descriptor for a second one.
    pub(crate) fn wake_accept(&self, listener: &Socket) -> io::Result<()> {
        let own = listener.local_addr()?;
        let listener = listener.try_clone()?;
        self.then(move || {
            let in_time = Duration::from_millis(300);
            let woken = match own.as_socket().map(from_here) {
                Some(address) => TcpStream::connect_timeout(&address, in_time).map(drop),
                None => Err(io::ErrorKind::Unsupported.into()),
            };
            // Where a system refuses this too, nothing is left to try.
            woken.or_else(|_| listener.shutdown(Half::Both)).ok();
        });
        Ok(())
    }

    /// Sleeps, but not beyond the moment when the end is asked for.
    pub(crate) fn sleep_until_asked(longest: Duration) {
        let end = Instant::now() + longest;
        while !SHUTDOWN.get().is_some_and(Self::requested) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            thread::sleep(left.min(Duration::from_millis(50)));
        }
    }

    pub(crate) fn request(&self) {
        let actions = {
            let mut actions = self.actions.lock().expect("no action panics");
            self.requested.store(true, Ordering::SeqCst);
            std::mem::take(&mut *actions)
        };
        for action in actions {
            action();
        }
        if self.exits.load(Ordering::SeqCst) {
            process::exit(0);
        }
    }
}

fn connects(caller: &io::Result<Socket>, address: SocketAddr) -> bool {
    let longest = Duration::from_millis(300);
    let connect =
        |caller: &Socket| caller.connect_timeout(&address.into(), longest).is_ok();
    caller.as_ref().is_ok_and(connect)
}

/// Ends the program where nothing else can. It may have ended long before.
fn insist(caller: &io::Result<Socket>, address: SocketAddr) {
    let end = Instant::now() + Duration::from_secs(3);
    while !connects(caller, address) {
        if Instant::now() > end {
            process::exit(0);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn an_action_runs_once_also_when_it_comes_too_late() {
        let shutdown = Shutdown::default();
        let count = Arc::new(AtomicUsize::new(0));
        for _ in 0..2 {
            let count = Arc::clone(&count);
            shutdown.then(move || {
                count.fetch_add(1, Ordering::SeqCst);
            });
        }
        assert_eq!(count.load(Ordering::SeqCst), 0);
        shutdown.request();
        shutdown.request();
        assert_eq!(count.load(Ordering::SeqCst), 2);
        let late = Arc::clone(&count);
        shutdown.then(move || {
            late.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(count.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn a_blocked_accept_is_woken() {
        let listener = TcpListener::bind("0.0.0.0:0").expect("a listener");
        let shutdown = Shutdown::default();
        shutdown.wake_accept_on(listener.local_addr().expect("its address"));
        let accepting = thread::spawn(move || listener.accept().map(drop));
        shutdown.request();
        accepting.join().expect("no panic").expect("accept woke up");
    }
}
