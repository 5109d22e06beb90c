//! 07-threaded-server
