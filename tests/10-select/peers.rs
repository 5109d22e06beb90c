//! The programs of lesson 10 with servers and terminals that others have written.

use tests::{Program, peer, tool};

use crate::{BOTH, Talk, program_for};

/// A terminal gives whole lines, and Ctrl+D and Ctrl+C as its keys.
#[cfg(target_os = "linux")]
#[test]
fn it_works_at_a_terminal() {
    let python = tool!("python3");
    let spawn = "import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    for name in BOTH {
        let (listeners, program) = program_for(name);
        let program = program.args(["--timeout", "0.3"]);
        let mut running = program.through(&python, ["-c", spawn]).start();
        let [mut first, mut second] = listeners.map(|listener| {
            let (stream, _) = listener.accept().expect("the program comes");
            peer::with_deadlines(stream)
        });
        running.line("Ctrl+C ends");
        running.types("hello\n");
        assert_eq!(peer::read_line(&mut first), "hello\n");
        assert_eq!(peer::read_line(&mut second), "hello\n");
        running.line("0.3 seconds elapsed");
        running.types("\x04"); // Ctrl+D
        running.line("[the keyboard has ended]");
        peer::write(&mut second, "go on\n");
        running.line("second: go on");
        running.types("\x03"); // Ctrl+C
        let ended = running.ends();
        ended.code(0);
    }
}

#[test]
fn socat_is_a_peer() {
    let socat = tool!("socat");
    for name in BOTH {
        let mut peers = [(); 2].map(|()| {
            let args = ["-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1", "STDIO"];
            Program::at(&socat).args(args).start()
        });
        let [first, second] = peers.each_ref().map(|peer| {
            peer.complains("listening on ");
            let told = peer.stderr();
            let address = told.split("127.0.0.1:").nth(1).expect("an address");
            let port = address.split_whitespace().next().expect("a port");
            format!("127.0.0.1:{port}")
        });
        let program = Program::of(name).args([&first, "--second", &second]);
        let mut running = program.start();
        running.line("Ctrl+C ends");
        peers[1].types("from socat\n");
        running.line("second: from socat");
        running.types("to both\n");
        for peer in &mut peers {
            peer.line("to both");
        }
        for peer in &mut peers {
            peer.close_keyboard();
        }
        running.ends().code(0);
    }
}

/// The peer is Python's own select, which sends a byte urgently in between.
#[test]
fn pythons_socket_module_is_a_peer() {
    let python = tool!("python3");
    for name in BOTH {
        let script = "
import select, socket
server = socket.create_server(('127.0.0.1', 0))
print('Listening on 127.0.0.1:%d' % server.getsockname()[1], flush=True)
peer, _ = server.accept()
peer.send(b'before\\n')
peer.send(b'!', socket.MSG_OOB)
peer.send(b'behind\\n')
select.select([peer], [], [], 10)
print('it said', peer.recv(100), flush=True)";
        let mut server = Program::at(&python).args(["-c", script]).start();
        let first = server.address().to_string();
        let (listener, second) = peer::listener();
        let second = second.to_string();
        let program = Program::of(name).args([&first, "--second", &second]);
        let mut running = program.start();
        drop(listener.accept().expect("the program comes"));
        // The urgent byte is not part of the stream, and nobody has asked for it.
        running.line("first: before");
        running.line("first: behind");
        running.types("hello\n");
        server.line("it said b'hello\\n'");
        running.line("[first has ended]");
    }
}

#[test]
fn two_programs_of_lesson_10_do_not_disturb_each_other() {
    let mut talks = BOTH.map(Talk::start);
    for talk in &mut talks {
        talk.running.types("hello\n");
        assert_eq!(peer::read_line(&mut talk.first), "hello\n");
    }
}
