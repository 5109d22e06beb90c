use std::io::{self, ErrorKind};
use std::time::Duration;

#[cfg(unix)]
use crate::{Context, Error};
use crate::{eprintln, explain, stop_signal::STOP};

/// Which errors of `accept` a server survives, and how long it waits.
///
/// - An interrupted call, or a client that gave up in the queue: the next one, at once.
/// - No descriptor or no memory left (EMFILE, ENFILE, ENOBUFS, ENOMEM): the client stays
///   in the queue, so an immediate retry fails again and burns a whole processor. Wait,
///   5 ms at first, twice as long each time, one second at most.
/// - Trouble of the network that the kernel reports at this place, or a firewall: it may be over
///   with the next client. So it is treated like a lack, with the same wait.
/// - Anything else is a fault of the server itself.
///
/// accept(2), sections "Error handling" and ERRORS.
#[derive(Debug, Default)]
pub struct Backoff {
    wait: Duration,
    #[cfg(unix)]
    pause: Option<Duration>,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(5);
    const LONGEST: Duration = Duration::from_secs(1);

    /// After an `accept` that worked: the next wait is short again.
    pub fn reset(&mut self) {
        self.wait = Duration::ZERO;
    }

    /// After an `accept` that failed: waits where that helps, and says so once. The wait
    /// ends early when [`StopSignal`](crate::StopSignal) has come.
    ///
    /// # Errors
    /// The same error, where no waiting helps.
    pub fn wait_or_fail(&mut self, error: io::Error) -> io::Result<()> {
        let wait = self.wait_after(&error)?;
        STOP.sleep(wait);
        Ok(())
    }

    /// As [`wait_or_fail`](Self::wait_or_fail), but leaves the waiting to the caller:
    /// zero, or how long to leave `accept` alone. For servers that wait in `select`.
    ///
    /// # Errors
    /// The same error, where no waiting helps.
    pub fn wait_after(&mut self, error: &io::Error) -> io::Result<Duration> {
        if matches!(
            error.kind(),
            ErrorKind::Interrupted | ErrorKind::ConnectionAborted
        ) {
            return Ok(Duration::ZERO);
        }
        if !may_pass(error) {
            return Err(match error.raw_os_error() {
                Some(number) => io::Error::from_raw_os_error(number),
                None => error.kind().into(),
            });
        }
        if self.wait.is_zero() {
            eprintln!("cannot accept: {}; new clients wait", explain(error));
        }
        self.wait = (self.wait * 2).clamp(Self::FIRST, Self::LONGEST);
        Ok(self.wait)
    }
}

/// For servers that wait in `select`, and accept until nobody is left in the queue.
#[cfg(unix)]
impl Backoff {
    /// After a nonblocking `accept`: remembers how long to leave the listener alone.
    ///
    /// # Errors
    /// Those of `accept` that no waiting helps against.
    pub fn after_accept(&mut self, accepted: io::Result<()>) -> Result<(), Error> {
        match accepted {
            Ok(()) => self.reset(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.reset(),
            Err(error) => {
                let wait = self.wait_after(&error).context("cannot accept")?;
                self.pause = Some(wait);
            }
        }
        Ok(())
    }

    /// How long the next `select` is to wait at most, without the listener; none where
    /// nothing is wrong. To be asked once for each `select`.
    pub fn pause(&mut self) -> Option<nix::sys::time::TimeVal> {
        use nix::sys::time::{TimeVal, TimeValLike};
        let pause = self.pause.take()?.as_micros();
        Some(TimeVal::microseconds(pause.try_into().unwrap_or(i64::MAX)))
    }
}

/// Whether the next `accept` may fare better: a lack of something, or trouble of the
/// network. EOPNOTSUPP is not among them, though accept(2) names it: also this listener
/// may be none.
fn may_pass(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use nix::libc::{EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH};
        use nix::libc::{EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOPROTOOPT, EPERM, EPROTO};
        #[rustfmt::skip]
        let passing = [
            EMFILE, ENFILE, ENOBUFS, ENOMEM,
            EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ENOPROTOOPT, EPERM, EPROTO,
            #[cfg(target_os = "linux")] nix::libc::ENONET,
        ];
        let number = error.raw_os_error();
        number.is_some_and(|number| passing.contains(&number))
    }
    #[cfg(not(unix))]
    {
        // WSAEMFILE and WSAENOBUFS.
        matches!(error.raw_os_error(), Some(10024 | 10055))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aborted_or_interrupted_accept_is_retried_at_once() {
        let mut backoff = Backoff::default();
        for kind in [ErrorKind::ConnectionAborted, ErrorKind::Interrupted] {
            let wait = backoff.wait_after(&kind.into()).expect("survived");
            assert_eq!(wait, Duration::ZERO);
        }
    }

    #[cfg(unix)]
    #[test]
    fn trouble_of_the_network_is_waited_for_and_a_fault_of_the_listener_is_not() {
        use nix::libc::{EBADF, EHOSTUNREACH, EINVAL, ENETDOWN, ENOTSOCK, EOPNOTSUPP};
        let wait = |number| {
            let error = io::Error::from_raw_os_error(number);
            Backoff::default().wait_after(&error).ok()
        };
        for passing in [ENETDOWN, EHOSTUNREACH, nix::libc::EPROTO, nix::libc::EPERM] {
            assert_eq!(wait(passing), Some(Backoff::FIRST));
        }
        for fault in [EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP] {
            assert_eq!(wait(fault), None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_lack_of_descriptors_waits_from_5_ms_up_to_a_second() {
        let error = io::Error::from_raw_os_error(nix::libc::EMFILE);
        let mut backoff = Backoff::default();
        let mut wait = || backoff.wait_after(&error).expect("survived").as_millis();
        let waits: Vec<_> = (0..10).map(|_| wait()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
        backoff.reset();
        assert_eq!(backoff.wait_after(&error).expect("survived").as_millis(), 5);
    }

    #[cfg(unix)]
    #[test]
    fn an_accept_that_found_nobody_ends_the_pauses() {
        let lack = || Err(io::Error::from_raw_os_error(nix::libc::EMFILE));
        let mut backoff = Backoff::default();
        let mut pause_after = |accepted| {
            backoff.after_accept(accepted).expect("survived");
            backoff.pause().map(|pause| pause.tv_usec())
        };
        assert_eq!(pause_after(lack()), Some(5_000));
        assert_eq!(pause_after(lack()), Some(10_000));
        assert_eq!(pause_after(Err(ErrorKind::WouldBlock.into())), None);
        assert_eq!(pause_after(lack()), Some(5_000));
        assert_eq!(pause_after(Ok(())), None);
    }

    #[test]
    fn a_fault_of_the_server_itself_is_returned() {
        let error = io::Error::from(ErrorKind::InvalidInput);
        assert!(Backoff::default().wait_or_fail(error).is_err());
    }
}
