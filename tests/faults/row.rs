//! A row of the table: a program, its kind, how one talks to it, and what is its own.

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tests::{Program, Running, kernel, peer, until};

/// How a program is tried for a fault in a way of its own.
pub type OwnCheck = fn(&Row);
/// What a client says, and what it hears.
pub type QuestionAndAnswer = (Vec<u8>, Vec<u8>);
/// What a program prints, and what is typed to it.
pub type ShownAndTyped = (String, String);

/// A program of the course, as the functions of the faults see it.
#[derive(Clone)]
pub struct Row {
    /// The program's name.
    pub name: &'static str,
    /// What stands after the name in a trial's: one of several designs.
    pub variant: &'static str,
    /// What it is, and how one talks to it.
    pub kind: Kind,
    /// Options that it is always started with.
    pub options: &'static [&'static str],
    /// What else it needs: variables of its environment.
    pub prepare: fn(Program) -> Program,
    /// Arguments of its own that are wrong, and words of the error.
    pub wrong: Vec<(&'static str, &'static str)>,
    /// The faults of its kind that do not apply to it, and why.
    pub not: Vec<(&'static str, &'static str)>,
    /// The faults that it is tried for in a way of its own.
    pub own: Vec<(&'static str, OwnCheck)>,
    /// The programs that have a fault, or are just cured of it.
    pub steps: Vec<Step>,
    /// A step or a control: it takes no option, and says only where it listens.
    pub is_plain: bool,
}

/// A program that is written to fail, or the next one that no longer does.
#[derive(Clone)]
pub struct Step {
    /// Its name: a step of the lesson, or `control-NAME` of `tests/faults/controls`.
    pub program: &'static str,
    /// The fault.
    pub fault: &'static str,
    /// The words that name the fault where the step has it; none where it is cured.
    pub fails: Option<&'static str>,
}

/// What a program is to those who talk to it.
#[derive(Clone)]
pub enum Kind {
    /// It accepts TCP connections.
    Server(Server),
    /// It makes one TCP connection.
    Client(Client),
    /// It answers datagrams.
    UdpServer(UdpServer),
    /// Anything else: all that is tried is its own, or holds for every program.
    Other,
}

/// Whom a server serves while a client is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Crowd {
    /// Nobody else: it ends after the first client that has talked.
    One,
    /// The next one when this one has left.
    InTurn,
    /// Everybody at once.
    Many,
}

/// Where a server reports that it has lost a connection, and what stands before the reason.
#[derive(Clone, Copy, PartialEq)]
pub enum Lost {
    /// On standard output.
    Printed(&'static str),
    /// On standard error.
    Complained(&'static str),
    /// Nowhere: it is a matter of every day.
    Silently,
}

/// A TCP server. What is left out is that of [`Server::default`].
#[derive(Clone)]
pub struct Server {
    /// Where it listens without an argument.
    pub default: &'static str,
    /// The option that sets how many seconds it waits for a client.
    pub patience: &'static str,
    /// Whom it serves at once.
    pub crowd: Crowd,
    /// What each client is sent first; `{client}` in it is the client's address.
    pub greeting: &'static str,
    /// A question that holds this word, and its answer.
    pub asks: fn(&[u8]) -> QuestionAndAnswer,
    /// Whether what one recv returns is a message: no line is put together.
    pub one_recv_is_a_message: bool,
    /// Whether a client that sends a byte now and then is given up: a deadline for the whole
    /// message, which lesson 09 teaches.
    pub bears_a_drip: bool,
    /// What the server prints of this word, and what is then typed there.
    pub at_the_keyboard: Option<fn(&str) -> ShownAndTyped>,
    /// Where it reports a lost connection, and what stands before the reason.
    pub lost: Lost,
    /// The reason, where a client says nothing.
    pub late: &'static str,
    /// What a client that says nothing is sent at last.
    pub too_late: &'static str,
    /// What a client with an endless message is sent, and the reason that is printed.
    pub too_long: (&'static str, &'static str),
    /// What makes the server answer, and close with much of it unread; and all answers.
    pub closes_at: fn() -> (Vec<u8>, &'static str),
}

impl Default for Server {
    fn default() -> Self {
        Self {
            default: "",
            patience: "--patience",
            crowd: Crowd::Many,
            greeting: "",
            asks: |word| (line(word), line(word)),
            one_recv_is_a_message: false,
            bears_a_drip: true,
            at_the_keyboard: None,
            lost: Lost::Printed("is lost: "),
            late: "nothing happened in time (EAGAIN)",
            too_late: "",
            too_long: ("", ""),
            closes_at: || (Vec::new(), ""),
        }
    }
}

impl Server {
    /// What this client is sent first.
    pub fn greeting_for(&self, client: &TcpStream) -> String {
        let own = client.local_addr().expect("its address");
        self.greeting.replace("{client}", &own.to_string())
    }
}

/// A UDP server.
#[derive(Clone)]
pub struct UdpServer {
    /// Where it listens without an argument.
    pub default: &'static str,
    /// The answer to a datagram.
    pub answer: fn(&[u8]) -> Vec<u8>,
    /// What it says when it could not answer this client, and why.
    pub lost: fn(SocketAddr, &str) -> String,
}

/// A TCP client. What is left out is that of [`Client::default`].
#[derive(Clone)]
pub struct Client {
    /// The option that sets how many seconds it waits for the server.
    pub timeout: &'static str,
    /// What is typed to it.
    pub typed: &'static str,
    /// The end of what it sends, and what a server answers to that. It starts with `""`
    /// where the server speaks first.
    pub script: &'static [(&'static str, &'static str)],
    /// The end of what it prints when all went well.
    pub prints: &'static str,
    /// The reason, where the server closes instead of answering.
    pub closed: &'static str,
    /// The reason, where the server closes in the middle of its last answer.
    pub half: &'static str,
    /// The reason, where an answer has no end.
    pub endless: &'static str,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            timeout: "--timeout",
            typed: "",
            script: &[],
            prints: "",
            closed: "",
            half: "",
            endless: "",
        }
    }
}

/// The word with a line end.
pub fn line(word: &[u8]) -> Vec<u8> {
    [word, b"\n"].concat()
}

/// The row of a TCP server.
pub fn server(name: &'static str, server: Server) -> Row {
    Row::new(name, Kind::Server(server))
}

/// The row of a UDP server.
pub fn udp_server(name: &'static str, server: UdpServer) -> Row {
    Row::new(name, Kind::UdpServer(server))
}

/// The row of a TCP client.
pub fn client(name: &'static str, client: Client) -> Row {
    Row::new(name, Kind::Client(client))
}

impl Row {
    /// A row without anything of its own.
    pub fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            variant: "",
            kind,
            options: &[],
            prepare: |program| program,
            wrong: Vec::new(),
            not: Vec::new(),
            own: Vec::new(),
            steps: Vec::new(),
            is_plain: false,
        }
    }

    /// Options that it is always started with.
    pub fn options(mut self, options: &'static [&'static str]) -> Self {
        self.options = options;
        self
    }

    /// One of several designs: its name in a trial's, and its options.
    pub fn variant(
        mut self,
        name: &'static str,
        options: &'static [&'static str],
    ) -> Self {
        self.variant = name;
        self.options(options)
    }

    /// What else it needs: variables of its environment.
    pub fn prepare(mut self, prepare: fn(Program) -> Program) -> Self {
        self.prepare = prepare;
        self
    }

    /// Arguments, with spaces in between, that are wrong for this program, and words of its
    /// error: `its line`, or `its line hint: the next line`.
    pub fn wrong(mut self, arguments: &[(&'static str, &'static str)]) -> Self {
        self.wrong.extend(arguments);
        self
    }

    /// A fault of its kind that it cannot have.
    pub fn not(mut self, fault: &'static str, reason: &'static str) -> Self {
        self.not.push((fault, reason));
        self
    }

    /// A fault that is provoked in another way than that of its kind.
    pub fn own(mut self, fault: &'static str, check: OwnCheck) -> Self {
        self.own.push((fault, check));
        self
    }

    /// A step or a control that has the fault: the same check fails with these words. Where
    /// it can be noticed on either side first, ` | ` stands between the words of the two.
    pub fn shown(
        mut self,
        program: &'static str,
        fault: &'static str,
        words: &'static str,
    ) -> Self {
        self.steps.push(Step {
            program,
            fault,
            fails: Some(words),
        });
        self
    }

    /// The same program shows several faults: fault and words.
    pub fn shows(
        self,
        program: &'static str,
        faults: &[(&'static str, &'static str)],
    ) -> Self {
        let shown = |row: Self, (fault, words): &(&'static str, &'static str)| {
            row.shown(program, fault, words)
        };
        faults.iter().fold(self, shown)
    }

    /// A step that no longer has the fault: it passes the same check.
    pub fn cured(mut self, program: &'static str, fault: &'static str) -> Self {
        self.steps.push(Step {
            program,
            fault,
            fails: None,
        });
        self
    }

    /// What it is as a server, for what is tried in a way of its own.
    pub fn as_server(&self) -> &Server {
        match &self.kind {
            Kind::Server(server) => server,
            _ => unreachable!("{} is a server", self.name),
        }
    }

    /// Whether it is a client whose talk is known to the table.
    pub fn talks(&self) -> bool {
        matches!(&self.kind, Kind::Client(client) if !client.script.is_empty())
    }

    /// What is typed to it.
    pub fn typed(&self) -> &'static str {
        match &self.kind {
            Kind::Client(client) => client.typed,
            _ => "",
        }
    }

    /// The same row for a step in place of the program.
    pub fn of_step(&self, program: &'static str) -> Self {
        Self {
            name: program,
            is_plain: true,
            steps: Vec::new(),
            ..self.clone()
        }
    }

    /// The name in a trial's.
    pub fn label(&self) -> String {
        match self.variant {
            "" => self.name.to_string(),
            variant => format!("{}-{variant}", self.name),
        }
    }

    /// The program, not started, without an address.
    pub fn bare(&self) -> Program {
        let program = match self.name.strip_prefix("control-") {
            Some(_) => Program::example("tests", self.name),
            None => Program::of(self.name),
        };
        // Nor has a step those that choose a design.
        let options = if self.is_plain { &[][..] } else { self.options };
        (self.prepare)(program).args(options)
    }

    /// The program, not started, for this address. A step has no options.
    pub fn program(&self, address: impl ToString, options: &[&str]) -> Program {
        // An option without a name is one that this program does not have.
        let has_none = options.first().is_some_and(|option| option.is_empty());
        let options = if self.is_plain || has_none {
            &[]
        } else {
            options
        };
        self.bare().args([address.to_string()]).args(options)
    }

    /// A server that runs on a port of its own.
    pub fn up<'a>(&'a self, server: &'a Server, options: &[&str]) -> Up<'a> {
        self.up_from(server, self.program("127.0.0.1:0", options))
    }

    /// As [`Row::up`], with a short patience for its clients.
    pub fn impatient<'a>(&'a self, server: &'a Server) -> Up<'a> {
        self.up(server, &[server.patience, "0.3"])
    }

    /// A server that is started in this way.
    pub fn up_from<'a>(&'a self, server: &'a Server, program: Program) -> Up<'a> {
        let mut running = program.start();
        let address = running.address();
        Up {
            running,
            address,
            server,
            is_plain: self.is_plain,
            is_seen: true,
            complaints: 0,
        }
    }
}

/// A server that runs.
pub struct Up<'a> {
    pub running: Running,
    pub address: SocketAddr,
    pub server: &'a Server,
    pub is_plain: bool,
    /// Whether anybody reads what it prints.
    pub is_seen: bool,
    /// How many lost connections it has reported on standard error.
    pub complaints: usize,
}

impl<'a> Up<'a> {
    /// A server whose output nobody reads, and that listens here.
    pub fn unseen(
        row: &Row,
        server: &'a Server,
        running: Running,
        address: SocketAddr,
    ) -> Self {
        Self {
            running,
            address,
            server,
            is_plain: row.is_plain,
            is_seen: false,
            complaints: 0,
        }
    }

    /// A client that the server has accepted and greeted.
    #[track_caller]
    pub fn client(&self) -> TcpStream {
        let mut client = peer::connect(self.address);
        self.greets(&mut client);
        client
    }

    /// The server accepts this client.
    #[track_caller]
    pub fn greets(&self, client: &mut TcpStream) {
        let greeting = self.server.greeting_for(client);
        if greeting.is_empty() {
            self.has_accepted_all();
        } else {
            let read = peer::read_bytes(client, greeting.len());
            assert_eq!(String::from_utf8_lossy(&read), greeting);
        }
    }

    /// Waits until nobody is in the queue of the listener.
    #[track_caller]
    pub fn has_accepted_all(&self) {
        self.has_in_its_queue(0);
    }

    /// Waits until so many clients are in the queue of the listener.
    #[track_caller]
    pub fn has_in_its_queue(&self, count: usize) {
        until(&format!("{count} clients in the server's queue"), || {
            let mut rows = kernel::tcp_sockets_on(self.address.port()).into_iter();
            let listens =
                rows.find(|row| row.state == kernel::LISTEN && row.local == self.address);
            let listens = listens.expect("the server listens no more");
            (listens.receive_queue == count).then_some(())
        });
    }

    /// A client asks, and the answer is the right one.
    #[track_caller]
    pub fn asks(&mut self, client: &mut TcpStream, word: impl AsRef<[u8]>) {
        let word = word.as_ref();
        peer::write(client, (self.server.asks)(word).0);
        self.answers(client, word);
    }

    /// A client that asks before it can be too late: the server is not patient.
    #[track_caller]
    pub fn asks_at_once(&mut self, word: &str) -> TcpStream {
        let mut client = peer::connect(self.address);
        peer::write(&mut client, (self.server.asks)(word.as_bytes()).0);
        let greeting = self.server.greeting_for(&client);
        let read = peer::read_bytes(&mut client, greeting.len());
        assert_eq!(String::from_utf8_lossy(&read), greeting);
        self.answers(&mut client, word);
        client
    }

    /// The answer to what was asked, from the one at the keyboard where there is one.
    #[track_caller]
    pub fn answers(&mut self, client: &mut TcpStream, word: impl AsRef<[u8]>) {
        let word = word.as_ref();
        if let Some(at_the_keyboard) = self.server.at_the_keyboard {
            let (shown, typed) = at_the_keyboard(&String::from_utf8_lossy(word));
            if self.is_seen {
                self.running.line(&shown);
            }
            self.running.types(typed);
        }
        let answer = (self.server.asks)(word).1;
        let read = peer::read_bytes(client, answer.len());
        assert_eq!(
            String::from_utf8_lossy(&read),
            String::from_utf8_lossy(&answer)
        );
    }

    /// A client that behaves is served from its coming to its leaving, and the server is
    /// none the worse for whatever was before.
    #[track_caller]
    pub fn serves(mut self, word: &str) {
        let mut client = self.client();
        self.asks(&mut client, word);
        self.stays_well(client);
    }

    /// The same, where the client is there already.
    #[track_caller]
    pub fn stays_well(mut self, mut client: TcpStream) {
        client.shutdown(Shutdown::Write).expect("it is open");
        assert_eq!(peer::read_to_end(&mut client), b"");
        drop(client);
        if self.server.crowd == Crowd::One {
            let ended = self.running.ends();
            ended.code(0);
            assert!(!ended.stderr.contains("panicked"), "{ended:?}");
        } else {
            let stderr = self.running.stderr();
            assert!(!stderr.contains("panicked"), "{stderr}");
            assert!(self.running.runs(), "it has ended");
        }
    }

    /// The half of a question: what nobody can answer yet.
    pub fn half(&self) -> Vec<u8> {
        let mut question = (self.server.asks)(b"and then half of it").0;
        question.truncate(question.len() / 2);
        question
    }

    /// How often the server has said so far that it has lost a client. A step never does.
    pub fn losses_told(&self) -> usize {
        let (output, told) = match self.server.lost {
            Lost::Silently => return 0,
            Lost::Printed(told) => (self.running.printed(), told),
            Lost::Complained(told) => (self.running.stderr().into(), told),
        };
        String::from_utf8_lossy(&output).matches(told).count()
    }

    /// Whether it says so within a second. Of who says nothing, it is believed.
    pub fn tells_soon_of_more_losses_than(&self, before: usize) -> bool {
        if self.is_plain || self.server.lost == Lost::Silently {
            return true;
        }
        let end = Instant::now() + Duration::from_secs(1);
        while self.losses_told() <= before {
            if Instant::now() > end {
                return false;
            }
            thread::sleep(Duration::from_millis(2)); // between two looks
        }
        true
    }

    /// The server says why it has lost a client. A step says nothing.
    #[track_caller]
    pub fn has_lost(&mut self, why: &str) {
        match self.server.lost {
            _ if self.is_plain => {}
            Lost::Silently => {}
            Lost::Printed(before) => {
                self.running.line(&format!("{before}{why}"));
            }
            Lost::Complained(before) => {
                self.complaints += 1;
                let told = format!("{before}{why}");
                until(
                    &format!("{told:?} on stderr, {} times", self.complaints),
                    || {
                        let times = self.running.stderr().matches(&told).count();
                        (times >= self.complaints).then_some(())
                    },
                );
            }
        }
    }
}
