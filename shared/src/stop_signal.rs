use std::io::{self, PipeReader};
use std::net::{Shutdown, SocketAddr};
use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;
use socket2::{Domain, SockRef, Socket, Type};

use crate::output::all_printed;
use crate::{Context, Error, eprintln, reachable};

/// Ctrl+C (SIGINT), SIGTERM or a closed terminal (SIGHUP), for a program that ends
/// itself.
///
/// A signal handler may do almost nothing (signal-safety(7)). ctrlc's handler only posts
/// a semaphore; a thread of its own waits for that and does the work here. The kernel
/// then goes on with the interrupted call (SA_RESTART), so a blocked `accept` or `recv`
/// does not notice the signal: something has to wake it, with [`on_stop`](Self::on_stop),
/// [`wake_accept`](Self::wake_accept) or [`wake_rx`](Self::wake_rx).
pub struct StopSignal {
    requested: AtomicBool,
    exits: AtomicBool,
    actions: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

/// There is one set of signal handlers in a process, so there is one signal.
pub(crate) static STOP: StopSignal = StopSignal::new();

/// Ends the program with exit code 0 on Ctrl+C or SIGTERM. The kernel closes its sockets.
/// For programs that owe nobody a polite end. What was given to
/// [`on_stop`](StopSignal::on_stop) runs before.
///
/// # Errors
/// When the program has installed a handler of its own before.
pub fn exit_on_ctrl_c() -> Result<(), Error> {
    let stop = StopSignal::installed()?;
    stop.exits.store(true, Ordering::SeqCst);
    // Only where the signal came between these two lines.
    if stop.requested() {
        exit();
    }
    Ok(())
}

/// Ends the program: with exit code 0, if all that it has printed is there.
fn exit() -> ! {
    let code = match all_printed().context("cannot print all of it") {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{}", error.report());
            error.exit_code()
        }
    };
    process::exit(code.into());
}

impl StopSignal {
    pub(crate) const fn new() -> Self {
        Self {
            requested: AtomicBool::new(false),
            exits: AtomicBool::new(false),
            actions: Mutex::new(Vec::new()),
        }
    }

    /// Watches for the signal. The program sees to its end itself from now on: this takes
    /// [`exit_on_ctrl_c`] back.
    ///
    /// # Errors
    /// When the program has installed a handler of its own before.
    pub fn watch() -> Result<&'static Self, Error> {
        let stop = Self::installed()?;
        stop.exits.store(false, Ordering::SeqCst);
        Ok(stop)
    }

    /// Installs the signal handlers, once. That can fail, and then the next caller may
    /// try again: `OnceCell::get_or_try_init`, which std's `OnceLock` does not have yet.
    pub(crate) fn installed() -> Result<&'static Self, Error> {
        static HANDLERS: OnceCell<()> = OnceCell::new();
        HANDLERS.get_or_try_init(|| {
            ctrlc::set_handler(|| STOP.request())
                .map_err(|error| Error::new(format!("cannot watch for Ctrl+C: {error}")))
        })?;
        Ok(&STOP)
    }

    /// Whether the signal has come.
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }

    /// What to do when the signal comes: wake a blocked call, close a connection. Actions
    /// run in the order in which they were given, on ctrlc's thread; one that is given
    /// too late runs at once.
    pub fn on_stop(&self, action: impl FnOnce() + Send + 'static) {
        let mut actions = self.actions.lock().expect("no action panics");
        if self.requested() {
            drop(actions);
            action();
        } else {
            actions.push(Box::new(action));
        }
    }

    /// The reading end of a pipe that becomes readable (its end has come) with the
    /// signal, because the writing end is dropped then: the "self-pipe" of a loop that
    /// sleeps in `select` or `poll`, whichever thread the signal meets.
    ///
    /// # Errors
    /// Those of pipe(2), and where select(2) could not watch it.
    pub fn wake_rx(&self) -> Result<PipeReader, Error> {
        let (wake_rx, wake_tx) = io::pipe().context("cannot make a pipe")?;
        #[cfg(unix)]
        crate::fits_fd_set(&wake_rx).context("cannot watch for Ctrl+C")?;
        self.on_stop(move || drop(wake_tx));
        Ok(wake_rx)
    }

    /// Wakes the `accept` of a listener of this program, when the signal comes, by
    /// connecting to it: the one way that works on every system and does not reset the
    /// clients that wait in the queue (shutdown(2) on a Linux listener does).
    ///
    /// Where no connection gets through for three seconds, its address is gone, and
    /// nothing will wake it any more: then the program exits, with code 0.
    ///
    /// In the Unix domain its name may be gone, or be another's by now. There shutdown(2)
    /// on the listener wakes it, and clients in the queue are still accepted (unix_accept
    /// in Linux).
    ///
    /// # Errors
    /// When the listener has no address, or there is no descriptor for a second one.
    pub fn wake_accept<'a>(&self, listener: impl Into<SockRef<'a>>) -> io::Result<()> {
        let listener = listener.into();
        let Some(address) = listener.local_addr()?.as_socket().map(reachable) else {
            let listener = listener.try_clone()?;
            // Where a system refuses this, nothing is left to try.
            self.on_stop(move || drop(listener.shutdown(Shutdown::Both)));
            return Ok(());
        };
        // Made now: accept takes the descriptor for its next client before it sleeps, and
        // where that was the last one of the process, none would be left for this call.
        let caller = Socket::new(Domain::for_address(address), Type::STREAM, None);
        self.on_stop(move || {
            if !connects(&caller, address) {
                // Either the queue is full: then accept is awake in any case. Or there is
                // no way to our own address, for a moment, while the network changes, or
                // for ever.
                let thread = thread::Builder::new();
                drop(thread.spawn(move || insist(&caller, address)));
            }
        });
        Ok(())
    }

    /// Where [`exit_on_ctrl_c`] was called, the program ends in a moment: on another
    /// thread, after the actions. Until then nobody should take the end for an error of
    /// the peer's.
    pub(crate) fn wait_for_the_exit(&self) {
        while self.exits.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sleeps, but not beyond the moment when the signal comes.
    pub(crate) fn sleep(&self, longest: Duration) {
        let end = Instant::now() + longest;
        while !self.requested() {
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
            exit();
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
        let stop = StopSignal::new();
        let count = Arc::new(AtomicUsize::new(0));
        for _ in 0..2 {
            let count = Arc::clone(&count);
            stop.on_stop(move || {
                count.fetch_add(1, Ordering::SeqCst);
            });
        }
        assert_eq!(count.load(Ordering::SeqCst), 0);
        stop.request();
        stop.request();
        assert_eq!(count.load(Ordering::SeqCst), 2);
        let late = Arc::clone(&count);
        stop.on_stop(move || {
            late.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(count.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn a_blocked_accept_is_woken() {
        let listener = TcpListener::bind("0.0.0.0:0").expect("a listener");
        let stop = StopSignal::new();
        stop.wake_accept(&listener).expect("its address");
        let accepting = thread::spawn(move || listener.accept().map(drop));
        stop.request();
        accepting.join().expect("no panic").expect("accept woke up");
    }
}
