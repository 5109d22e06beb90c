//! The numbers of the C header netdb.h that the resolver takes as flags: they differ from
//! system to system, and std has none of them.

#[cfg(unix)]
pub use nix::libc::{AI_CANONNAME, AI_NUMERICHOST, NI_NAMEREQD};

/// getaddrinfo(3): give the official name, too. The number is that of ws2tcpip.h.
#[cfg(windows)]
pub const AI_CANONNAME: i32 = 2;

/// getaddrinfo(3): the name is an address already; ask nobody. ws2tcpip.h.
#[cfg(windows)]
pub const AI_NUMERICHOST: i32 = 4;

/// getnameinfo(3): an address without a name is an error. ws2tcpip.h.
#[cfg(windows)]
pub const NI_NAMEREQD: i32 = 4;
