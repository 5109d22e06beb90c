//! What a server finds when it looks again: clients that came, and some that have gone.

use super::Stage;
use crate::failure::Failure;
use crate::peer::Peer;

impl Stage {
    /// Plays while the program is stopped. All of it lies in the kernel when the program
    /// looks again, so that its order does not depend on who has a processor.
    ///
    /// # Errors
    /// Those of the play, and a checker error.
    pub fn while_it_is_stopped<T>(
        &mut self,
        play: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.program()?.stops()?;
        let played = play(self);
        self.program()?.goes_on()?;
        played
    }

    /// A client connects, and resets the connection before the program can accept it. On
    /// Linux accept returns its socket all the same. When this returns, the program has
    /// done with it, or has ended.
    ///
    /// # Errors
    /// Failure, when it is not let in, and a checker error.
    pub fn client_gone_from_the_queue(&mut self) -> Result<(), Failure> {
        self.while_it_is_stopped(|stage| stage.client().map(Peer::resets))?;
        self.program()?.sleeps().ok();
        Ok(())
    }

    /// A client says this and closes before the program has read any of it. The program's
    /// first write is answered with a reset, and the next fails with EPIPE. When this
    /// returns, the program has done with it, or has ended.
    ///
    /// # Errors
    /// Failure, when it is not let in, and a checker error.
    pub fn client_gone_before_its_answers(
        &mut self,
        bytes: &[u8],
    ) -> Result<(), Failure> {
        self.while_it_is_stopped(|stage| stage.client()?.says(bytes))?;
        self.program()?.sleeps().ok();
        Ok(())
    }
}
