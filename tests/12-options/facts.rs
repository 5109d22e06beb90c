//! todo
pub const LEAST_RCVBUF: u64 = 2304;
pub const LEAST_SNDBUF: u64 = 4608;
