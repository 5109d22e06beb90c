//! Help for lesson 17: how many sockets a program may hold at once.

/// Raises the number of descriptors that this program may hold to the highest that it may
/// ask for, the hard limit, and returns that number. A program begins with the soft
/// limit, often 1024, because of `select` (getrlimit(2), RLIMIT_NOFILE); programs that it
/// starts inherit both.
///
/// Where the system has no such limit, or does not let us ask: 0 changes, and what is
/// returned is what there is, or `u64::MAX`.
pub fn limit() -> u64 {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
            return u64::MAX;
        };
        let limit = match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
            Ok(()) => hard,
            Err(_) => soft, // macOS: the hard limit says "any", and the kernel disagrees
        };
        #[allow(clippy::useless_conversion)] // FreeBSD's numbers have a sign
        limit.try_into().unwrap_or(u64::MAX)
    }
    #[cfg(not(unix))]
    u64::MAX
}

#[cfg(all(test, unix))]
mod tests {
    #[test]
    fn afterwards_the_limit_is_what_was_returned() {
        use nix::sys::resource::{Resource, getrlimit};
        let limit = super::limit();
        let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limits");
        assert_eq!(soft, limit);
    }
}
