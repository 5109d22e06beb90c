//! Help for lesson 13: who is connected, and how the server ends.

use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::time::Duration;

/// Who is in a server: how many requests, and over which connections. The loop
/// that accepts knows them, every thread that serves, and whoever ends the server: what
/// lesson 07 counts by hand.
///
/// The server is not open at first, then it is [open](Self::set_open), closing from the
/// moment when [somebody asks for it](Self::close), and at last
/// [closed](Self::set_closed).
#[derive(Default)]
pub struct Connections {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    open: bool,
    closing: bool,
    requests: usize,
    // Whoever serves a request owns its connection. A `Weak` does not keep it open.
    streams: Vec<Weak<TcpStream>>,
}

/// One of the requests that a [`Connections`] counts. Dropped, it is counted no more:
/// also where a panic drops it.
pub struct Permit {
    connections: Arc<Connections>,
    came_late: bool,
}

impl Connections {
    /// The loop begins.
    pub fn set_open(&self) {
        self.change(|state| state.open = true);
    }

    /// Asks for the end: whoever waits for room hears that there will be none.
    pub fn close(&self) {
        self.change(|state| state.closing = true);
    }

    /// The loop has ended, and everybody has left who will.
    pub fn set_closed(&self) {
        self.change(|state| state.open = false);
    }

    /// Whether the loop has begun and has not ended.
    pub fn is_open(&self) -> bool {
        self.lock().open
    }

    /// Whether the end was asked for.
    pub fn is_closing(&self) -> bool {
        self.lock().closing
    }

    /// Waits until fewer than `room` requests are here. `false`: the end was asked for.
    pub fn wait_for_room(&self, room: usize) -> bool {
        let full = |state: &mut State| state.requests >= room && !state.closing;
        let waited = self.changed.wait_while(self.lock(), full);
        !waited.expect("nobody panics with this lock").closing
    }

    /// A permit for a request, which counts it, and its connection where it has one.
    pub fn permit(self: &Arc<Self>, stream: Option<&Arc<TcpStream>>) -> Permit {
        let mut state = self.lock();
        state.requests += 1;
        state.streams.retain(|stream| stream.strong_count() > 0);
        state.streams.extend(stream.map(Arc::downgrade));
        let (connections, came_late) = (Arc::clone(self), state.closing);
        Permit {
            connections,
            came_late,
        }
    }

    /// Shuts down a half of every connection: with `Write` the peers see the end, with
    /// `Read` the threads that wait for them do.
    pub fn shutdown_all(&self, half: Shutdown) {
        for stream in self.lock().streams.iter().filter_map(Weak::upgrade) {
            stream.shutdown(half).ok(); // it fails only where the peer has gone
        }
    }

    /// Waits for so long, or until the end is asked for.
    pub fn wait_for_closing(&self, longest: Duration) {
        self.wait(longest, |state| !state.closing);
    }

    /// Waits for so long, or until nobody is here any more.
    pub fn wait_until_empty(&self, longest: Duration) {
        self.wait(longest, |state| state.requests > 0);
    }

    /// Waits for so long, or until the server is [closed](Self::set_closed).
    pub fn wait_until_closed(&self, longest: Duration) {
        self.wait(longest, |state| state.open);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with this lock")
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn wait(&self, longest: Duration, so: impl FnMut(&mut State) -> bool) {
        drop(self.changed.wait_timeout_while(self.lock(), longest, so));
    }
}

impl Permit {
    /// Whether the end had been asked for when it was given out.
    pub fn came_late(&self) -> bool {
        self.came_late
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.connections.change(|state| state.requests -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;
    use std::thread;
    use std::time::Instant;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_permit_that_is_dropped_makes_room_for_who_waits() {
        let connections = Arc::new(Connections::default());
        let permit = connections.permit(None);
        assert!(!permit.came_late());
        let waits = Arc::clone(&connections);
        let waiting = thread::spawn(move || waits.wait_for_room(1));
        drop(permit);
        assert!(waiting.join().expect("no panic"));
        connections.wait_until_empty(LONG);
    }

    #[test]
    fn a_panic_gives_the_permit_back() {
        let connections = Arc::new(Connections::default());
        let permit = connections.permit(None);
        let unlucky = thread::spawn(move || {
            let _mine = permit;
            panic!("as it should");
        });
        assert!(unlucky.join().is_err());
        assert!(connections.wait_for_room(1));
    }

    #[test]
    fn streams_of_those_who_have_left_are_forgotten() {
        let connections = Arc::new(Connections::default());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        for _ in 0..10 {
            let stream = TcpStream::connect(address).expect("a connection");
            drop(connections.permit(Some(&Arc::new(stream))));
        }
        assert_eq!(connections.lock().streams.len(), 1);
    }

    #[test]
    fn the_end_wakes_who_waits_for_room_or_for_a_while() {
        let connections = Arc::new(Connections::default());
        connections.set_open();
        let permit = connections.permit(None);
        let start = Instant::now();
        let waiting = [(); 2].map(|()| Arc::clone(&connections));
        let [room, pause] = waiting;
        let room = thread::spawn(move || room.wait_for_room(1));
        let pause = thread::spawn(move || pause.wait_for_closing(LONG));
        connections.close();
        assert!(!room.join().expect("no panic"));
        pause.join().expect("no panic");
        assert!(start.elapsed() < LONG);
        assert!(connections.permit(None).came_late());
        assert!(
            connections.is_open(),
            "until the loop says that it has ended"
        );
        connections.set_closed();
        connections.wait_until_closed(LONG);
        drop(permit);
    }

    #[test]
    fn the_streams_that_are_still_there_are_ended() {
        let connections = Arc::new(Connections::default());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        let mut client = TcpStream::connect(address).expect("a connection");
        let stream = Arc::new(listener.accept().expect("the client").0);
        let _permit = connections.permit(Some(&stream));
        connections.shutdown_all(Shutdown::Write);
        assert_eq!(client.read(&mut [0]).expect("the end"), 0);
        connections.shutdown_all(Shutdown::Read);
        assert_eq!((&*stream).read(&mut [0]).expect("the end"), 0);
    }
}
