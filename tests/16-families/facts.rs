//! What chapter 16 says of the kernel, on real sockets.
