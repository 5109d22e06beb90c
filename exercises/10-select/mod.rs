//! What the checks of lesson 10 share.

use checker::{Door, Failure, Peer, Stage};

/// Starts the program with two peers of the checker's, and lets it in.
pub fn two_peers(stage: &mut Stage) -> Result<[Peer; 2], Failure> {
    let doors = [stage.door()?, stage.door()?];
    lets_in(stage, &doors)
}

/// The same with peers for whom the kernel keeps little that they have not received yet.
pub fn two_narrow_peers(stage: &mut Stage) -> Result<[Peer; 2], Failure> {
    let doors = [stage.narrow_door()?, stage.narrow_door()?];
    lets_in(stage, &doors)
}

fn lets_in(stage: &mut Stage, doors: &[Door; 2]) -> Result<[Peer; 2], Failure> {
    stage.starts(doors.iter().map(|door| door.address().to_string()))?;
    let cause = "the program is to connect to both of its arguments before it waits for \
                 anybody";
    let program = stage.program()?;
    let mut lets_in = |door: &Door| door.lets_in(program).map_err(|it| it.likely(cause));
    Ok([lets_in(&doors[0])?, lets_in(&doors[1])?])
}

pub fn connects(stage: &mut Stage) -> Result<(), Failure> {
    two_peers(stage).map(drop)
}

pub fn sleeps(stage: &mut Stage) -> Result<(), Failure> {
    let _peers = two_peers(stage)?;
    let circles = "it asks again and again, and never sleeps: a call that waits is missing, or it asks \
         for what is there nearly always, such as room to send";
    let rests = stage.program()?.sleeps();
    rests.map_err(|failure| failure.certain(circles).read("A loop that never sleeps"))
}
