//! `restart-at-once`: the task, and what its check does.

use std::net::Ipv6Addr;
use std::time::Duration;

use checker::{Exercise, Failure, FailureKind, Kind, Peer, RESET_AT_ONCE, Stage, Step};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "restart-at-once",
    lesson: "05-bind-listen-accept",
    kind: Kind::Repair,
    task: "make a server that can be started again at once, and only once at a time",
    section: "Step 2: SO_REUSEADDR",
    hints: [
        "Look at the connections after the server has ended: `ss -tan | grep 7005`. What \
         state are they in, and on which port?",
        "Who closes first keeps its end in TIME_WAIT for a minute, and bind does not pass \
         it. There is an option that lets it pass: SO_REUSEADDR.",
        "listener.set_reuse_address(true)? stands between Socket::new and bind. \
         SO_REUSEPORT is another option: it lets two servers share the port.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: listens,
        },
        Step {
            says: "a client is greeted, and sees a clean end",
            play: hello,
        },
        Step {
            says: "a restart on the same port works at once",
            play: restart,
        },
        Step {
            says: "the client after the restart is greeted",
            play: hello,
        },
        Step {
            says: "client after client is greeted, whatever one of them does",
            play: many,
        },
        Step {
            says: "a second copy on the same port is refused",
            play: second,
        },
        Step {
            says: "on an IPv6 address it is restarted at once, too",
            play: six,
        },
    ],
};

fn listens(stage: &mut Stage) -> Result<(), Failure> {
    stage.starts_server()?;
    stage.listens_there_only()
}

fn six(stage: &mut Stage) -> Result<(), Failure> {
    if std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        return Ok(()); // a machine without IPv6
    }
    stage
        .starts_server_on(Ipv6Addr::LOCALHOST.into())
        .map_err(|failure| {
            let cause =
                "an address of IPv6 needs a socket of its family: Domain::for_address";
            failure.certain(cause)
        })?;
    stage.listens_there_only()?;
    hello(stage)?;
    restart(stage)?;
    hello(stage)
}

fn hello(stage: &mut Stage) -> Result<(), Failure> {
    greeted(stage).map(drop)
}

/// A client that has been greeted, has seen the end, and has not closed yet.
fn greeted(stage: &mut Stage) -> Result<Peer, Failure> {
    let clean = "the server is to close first, and cleanly: without TIME_WAIT the question is \
                 avoided and not answered";
    let mut client = stage.client().map_err(|failure| {
        if failure.seen == RESET_AT_ONCE {
            return failure.certain(clean);
        }
        failure
    })?;
    client.hears("Hello, client!\n").map_err(|failure| {
        let cause = match failure.kind {
            FailureKind::Timeout => {
                "the server speaks first, as it did: the client says nothing"
            }
            _ => "the greeting `Hello, client!` must stay as it was",
        };
        failure.certain(cause)
    })?;
    // The server closes first: so the TIME_WAIT is on its side.
    client
        .hears_the_end()
        .map_err(|failure| failure.certain(clean))?;
    Ok(client)
}

fn restart(stage: &mut Stage) -> Result<(), Failure> {
    stage.restarts_server().map_err(|failure| {
        let cause = "connections of the run before are still there, in TIME_WAIT, and keep \
                     the port";
        failure.certain(cause).hint(1)
    })
}

fn many(stage: &mut Stage) -> Result<(), Failure> {
    let ended =
        "one of the clients has ended the whole server: it greets them all, and goes on";
    stage
        .client_gone_from_the_queue()
        .map_err(|failure| failure.certain(ended))?;
    let stays = greeted(stage).map_err(|failure| failure.certain(ended))?;
    hello(stage).map_err(|failure| match failure.kind {
        FailureKind::Timeout => failure.certain(
            "it waits until the client before has closed, too: that client has its greeting, \
             and the next one has its turn",
        ),
        _ => failure.certain(ended),
    })?;
    drop(stays);
    for _ in 0..20 {
        hello(stage).map_err(|failure| match failure.kind {
            FailureKind::Timeout => failure,
            _ => failure.certain(ended),
        })?;
    }
    Ok(())
}

fn second(stage: &mut Stage) -> Result<(), Failure> {
    let address = stage.address().to_string();
    let mut second = stage.another([address])?;
    let here = stage.address();
    let status = second.wait(Duration::from_secs(5)).map_err(|failure| {
        let listeners = checker::sockets::listeners();
        let here = listeners.iter().filter(|one| one.port() == here.port()).count();
        let cause = match (here, listeners.len()) {
            (2.., _) => "both copies listen on the port: SO_REUSEPORT allows that",
            (1, 2..) if checker::sandbox::sandboxed() => {
                "the second copy listens on another port: it is to fail"
            }
            _ => "the second copy does not listen, and does not end either: it waits for the \
                  port, or tries again",
        };
        failure.certain(cause).hint(3)
    })?;
    if status.success() {
        let failure = Failure::new("an error, as the port is taken", "exit code 0");
        return Err(failure.likely("a server that cannot listen must say so, and fail"));
    }
    hello(stage)
}
