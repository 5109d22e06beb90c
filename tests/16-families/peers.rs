//! The programs of lesson 16 beside nc, socat, ping and Python.
