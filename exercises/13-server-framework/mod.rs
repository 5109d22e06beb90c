//! What the checks of lesson 13 share.

use checker::{Failure, Peer};

/// Ends its sending, and expects the end in return.
pub fn leaves(mut client: Peer) -> Result<(), Failure> {
    client.half_closes();
    client.hears_the_end()
}
