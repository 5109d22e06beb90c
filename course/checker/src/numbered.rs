//! Whether as many sockets were made as a program says. A socket that is closed again leaves
//! no trace but this one: the kernel gives the next inode another number.

#[cfg(target_os = "linux")]
pub use linux::Numbered;

/// Elsewhere the numbers tell nothing.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub struct Numbered;

#[cfg(not(target_os = "linux"))]
impl Numbered {
    /// None: nobody knows.
    pub fn from_here() -> Option<Self> {
        None
    }

    /// Nobody knows.
    pub fn until_now(&self) -> Option<u32> {
        None
    }

    /// All that one likes.
    pub fn at_most(&self, _last: u32) -> u32 {
        u32::MAX
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::os::fd::AsRawFd;

    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;
    use socket2::{Domain, Socket, Type};

    /// Counts the sockets that are made while it lives. Each processor numbers the inodes of
    /// its own sockets upwards (get_next_ino in the kernel's fs/inode.c): so this thread, and
    /// the programs that it starts, have one processor only meanwhile.
    #[derive(Debug)]
    pub struct Numbered {
        before: CpuSet,
        first: u32,
    }

    impl Numbered {
        /// Counts from here on; none: on this system the numbers do not go up one by one.
        pub fn from_here() -> Option<Self> {
            let own = Pid::from_raw(0);
            let before = sched_getaffinity(own).ok()?;
            let mut first = (0..CpuSet::count())
                .filter(|number| before.is_set(*number).unwrap_or(false));
            let mut one = CpuSet::new();
            one.set(first.next()?).ok()?;
            sched_setaffinity(own, &one).ok()?;
            let mut counts = Self { before, first: 0 };
            counts.first = number()?;
            const FEW: u32 = 100; // others on this processor make sockets, too
            (1..FEW)
                .contains(&counts.at_most(number()?))
                .then_some(counts)
        }

        /// No more sockets than that were made until now; none: nobody knows.
        pub fn until_now(&self) -> Option<u32> {
            Some(self.at_most(number()?))
        }

        /// No more sockets than that were made, up to the one with this number.
        pub fn at_most(&self, last: u32) -> u32 {
            last.wrapping_sub(self.first)
        }
    }

    impl Drop for Numbered {
        fn drop(&mut self) {
            // Where it fails, the check goes on with one processor.
            sched_setaffinity(Pid::from_raw(0), &self.before).ok();
        }
    }

    /// The number of a socket that is made now: its descriptor is a link to `socket:[NUMBER]`.
    fn number() -> Option<u32> {
        let socket = Socket::new(Domain::UNIX, Type::DGRAM, None).ok()?;
        let link = format!("/proc/self/fd/{}", socket.as_raw_fd());
        crate::proc::socket_number(link.as_ref())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn sockets_are_counted_that_are_closed_again() {
            let Some(counts) = Numbered::from_here() else {
                println!("not counted: this system numbers its sockets in another way");
                return;
            };
            assert!(counts.at_most(number().expect("a number")) < 3000);
            for _ in 0..3000 {
                Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
            }
            assert!(counts.at_most(number().expect("a number")) >= 3000);
        }
    }
}
