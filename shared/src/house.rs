use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::time::Duration;

/// Who is in a server: how many requests, and over which connections. Known to the loop
/// that accepts, to every thread that serves, and to whoever ends the server. For the
/// servers after lesson 07, which counts its clients by hand.
///
/// A house is not open at first, then [`open`](Self::open), [`ending`](Self::end) from
/// the moment when somebody asks for it, and at last [`over`](Self::over).
#[derive(Default)]
pub struct House {
    guests: Mutex<Guests>,
    changed: Condvar,
}

#[derive(Default)]
struct Guests {
    open: bool,
    ending: bool,
    requests: usize,
    // Whoever serves a request owns its connection. We know of it, and keep it not open.
    streams: Vec<Weak<TcpStream>>,
}

/// A request's place in a [`House`]. Dropped, it is free again: also where a panic drops
/// it.
pub struct Seat {
    house: Arc<House>,
    came_too_late: bool,
}

impl House {
    /// The loop begins.
    pub fn open(&self) {
        self.change(|guests| guests.open = true);
    }

    /// Asks for the end: who waits for room is told that there will be none.
    pub fn end(&self) {
        self.change(|guests| guests.ending = true);
    }

    /// The loop has ended, and everybody has left who will.
    pub fn over(&self) {
        self.change(|guests| guests.open = false);
    }

    /// Whether the loop has begun and has not ended.
    pub fn is_open(&self) -> bool {
        self.lock().open
    }

    /// Whether the end was asked for.
    pub fn is_ending(&self) -> bool {
        self.lock().ending
    }

    /// Waits until fewer than `room` requests are here. `false`: the end was asked for.
    pub fn has_room(&self, room: usize) -> bool {
        let full = |guests: &mut Guests| guests.requests >= room && !guests.ending;
        let waited = self.changed.wait_while(self.lock(), full);
        !waited.expect("nobody panics with this lock").ending
    }

    /// A place for a request, and for its connection where it has one.
    pub fn seat(self: &Arc<Self>, stream: Option<&Arc<TcpStream>>) -> Seat {
        let mut guests = self.lock();
        guests.requests += 1;
        guests.streams.retain(|stream| stream.strong_count() > 0);
        guests.streams.extend(stream.map(Arc::downgrade));
        let (house, came_too_late) = (Arc::clone(self), guests.ending);
        Seat {
            house,
            came_too_late,
        }
    }

    /// Shuts down a half of every connection: with `Write` the peers see the end, with
    /// `Read` the threads that wait for them do.
    pub fn end_streams(&self, half: Shutdown) {
        for stream in self.lock().streams.iter().filter_map(Weak::upgrade) {
            stream.shutdown(half).ok(); // it fails only where the peer has gone
        }
    }

    /// Waits for so long, or until the end is asked for.
    pub fn wait_for_the_end(&self, longest: Duration) {
        self.wait(longest, |guests| !guests.ending);
    }

    /// Waits for so long, or until nobody is here any more.
    pub fn wait_until_empty(&self, longest: Duration) {
        self.wait(longest, |guests| guests.requests > 0);
    }

    /// Waits for so long, or until the house is [`over`](Self::over).
    pub fn wait_until_over(&self, longest: Duration) {
        self.wait(longest, |guests| guests.open);
    }

    fn lock(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().expect("nobody panics with this lock")
    }

    fn change(&self, change: impl FnOnce(&mut Guests)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn wait(&self, longest: Duration, so: impl FnMut(&mut Guests) -> bool) {
        drop(self.changed.wait_timeout_while(self.lock(), longest, so));
    }
}

impl Seat {
    /// Whether the end had been asked for when this place was taken.
    pub fn came_too_late(&self) -> bool {
        self.came_too_late
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.house.change(|guests| guests.requests -= 1);
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
    fn a_seat_that_is_dropped_makes_room_for_who_waits() {
        let house = Arc::new(House::default());
        let seat = house.seat(None);
        assert!(!seat.came_too_late());
        let waits = Arc::clone(&house);
        let waiting = thread::spawn(move || waits.has_room(1));
        drop(seat);
        assert!(waiting.join().expect("no panic"));
        house.wait_until_empty(LONG);
    }

    #[test]
    fn a_panic_gives_the_seat_back() {
        let house = Arc::new(House::default());
        let seat = house.seat(None);
        let unlucky = thread::spawn(move || {
            let _mine = seat;
            panic!("as it should");
        });
        assert!(unlucky.join().is_err());
        assert!(house.has_room(1));
    }

    #[test]
    fn streams_of_those_who_have_left_are_forgotten() {
        let house = Arc::new(House::default());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        for _ in 0..10 {
            let stream = TcpStream::connect(address).expect("a connection");
            drop(house.seat(Some(&Arc::new(stream))));
        }
        assert_eq!(house.lock().streams.len(), 1);
    }

    #[test]
    fn the_end_wakes_who_waits_for_room_or_for_a_while() {
        let house = Arc::new(House::default());
        house.open();
        let seat = house.seat(None);
        let start = Instant::now();
        let waiting = [(); 2].map(|()| Arc::clone(&house));
        let [room, pause] = waiting;
        let room = thread::spawn(move || room.has_room(1));
        let pause = thread::spawn(move || pause.wait_for_the_end(LONG));
        house.end();
        assert!(!room.join().expect("no panic"));
        pause.join().expect("no panic");
        assert!(start.elapsed() < LONG);
        assert!(house.seat(None).came_too_late());
        assert!(house.is_open(), "until the loop says that it has ended");
        house.over();
        house.wait_until_over(LONG);
        drop(seat);
    }

    #[test]
    fn the_streams_that_are_still_there_are_ended() {
        let house = Arc::new(House::default());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        let mut client = TcpStream::connect(address).expect("a connection");
        let stream = Arc::new(listener.accept().expect("the client").0);
        let _seat = house.seat(Some(&stream));
        house.end_streams(Shutdown::Write);
        assert_eq!(client.read(&mut [0]).expect("the end"), 0);
        house.end_streams(Shutdown::Read);
        assert_eq!((&*stream).read(&mut [0]).expect("the end"), 0);
    }
}
