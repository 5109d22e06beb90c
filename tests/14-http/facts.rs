//! What the chapter claims of the kernel and of others, on real sockets.
