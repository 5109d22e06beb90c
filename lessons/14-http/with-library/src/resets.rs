// ANCHOR: all
//! Lesson 14, a part of `cargo run -p http-with-library`: a reset is no end of a page.
//!
//! Where a body ends with the connection, ureq takes a reset for that end, and half a
//! page for a whole one. So each of its connections gets a layer of ours, which gives a
//! reset another kind: then it is an error like any other.

use std::io::{self, ErrorKind};

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, Transport,
};

pub const RESET: &str = "connection reset by the peer";

/// Puts the layer around what the connector before it has made.
#[derive(Debug)]
pub struct ResetIsAnError;

#[derive(Debug)]
pub struct Layer<T>(T);

impl<T: Transport> Connector<T> for ResetIsAnError {
    type Out = Layer<T>;

    fn connect(
        &self,
        _: &ConnectionDetails,
        below: Option<T>,
    ) -> Result<Option<Layer<T>>, Error> {
        Ok(below.map(Layer))
    }
}

impl<T: Transport> Transport for Layer<T> {
    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout).map_err(|error| match error {
            Error::Io(error) if error.kind() == ErrorKind::ConnectionReset => {
                Error::Io(io::Error::other(RESET))
            }
            error => error,
        })
    }

    // All else is done by the layer below.
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }
    fn transmit_output(
        &mut self,
        count: usize,
        timeout: NextTimeout,
    ) -> Result<(), Error> {
        self.0.transmit_output(count, timeout)
    }
    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }
    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
