//! What the checks of lesson 13 share.

use std::time::Duration;

use checker::{Failure, Peer, Stage};

/// Ends its sending, and expects the end in return.
pub fn leaves(mut client: Peer) -> Result<(), Failure> {
    client.half_closes();
    client.hears_the_end()
}

/// More than any queue of a program's own should have to hold.
const CROWD: usize = 100;

/// What the last of a crowd has heard has come by then: the program sleeps.
const MOMENT: Duration = Duration::from_millis(1);

/// A crowd connects while all workers are busy; each asks, and ends its sending, so that
/// its turn is short. Then the workers get free.
pub fn crowd_has_turns(
    stage: &mut Stage,
    busy: Vec<Peer>,
    (question, answer): (&str, &str),
) -> Result<(), Failure> {
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        let mut client = stage.client()?;
        client.says(question)?;
        client.half_closes();
        crowd.push(client);
    }
    // It has let in whom it lets in. That it sleeps then is asked by no task here.
    stage.program()?.sleeps().ok();
    let last = crowd.last_mut().map(|last| last.hears_nothing_for(MOMENT));
    if let Some(Err(failure)) = last
        && !failure.seen.contains("the end")
    {
        let cause = "all workers are busy, and a client that waits is answered: who hands the \
                     clients over serves none of them";
        return Err(failure
            .certain(cause)
            .read("All workers are busy with nothing"));
    }
    busy.into_iter().try_for_each(leaves)?;
    for mut client in crowd {
        let heard = client.hears(answer);
        heard
            .and_then(|()| client.hears_the_end())
            .map_err(|failure| {
                let cause = "of those who waited not everybody has had its turn: a client \
                             that finds no free worker is connected, and waits, however \
                             many there are";
                failure
                    .certain(cause)
                    .read("All workers are busy with nothing")
            })?;
    }
    Ok(())
}

/// Clients are gone when the server comes to look at them, each with a question: the ones
/// that are being served, and some in the queue of accept. It is stopped meanwhile, so that
/// this is certain.
pub fn all_reset(
    stage: &mut Stage,
    served: Vec<Peer>,
    question: &str,
) -> Result<(), Failure> {
    stage.program()?.stops()?;
    for _ in 0..2 {
        stage.client()?.resets();
    }
    for mut client in served {
        client.says(question)?;
        client.half_closes();
        client.resets();
    }
    stage.program()?.goes_on()?;
    stage.program()?.sleeps().ok(); // it has seen that they are gone
    Ok(())
}
