//! What Python's socket module sees of the same options.

use tests::{Program, tool};

use crate::{TABLE, number, row, run};

/// For each option: its default, and what is there after it was set to the book's value.
const SCRIPT: &str = r"
import socket, struct, sys
tcp = socket.socket()
udp = socket.socket(type=socket.SOCK_DGRAM)
levels = {'SO': socket.SOL_SOCKET, 'TCP': socket.IPPROTO_TCP, 'IP': socket.IPPROTO_IP}
for line in sys.stdin:
    name, value = line.split()
    value = int(value)
    s = udp if 'CAST' in name else tcp
    if name == 'IPV6_V6ONLY':
        try:
            s = socket.socket(socket.AF_INET6)
        except OSError:
            continue
    if name == 'O_NONBLOCK':
        ask = lambda: int(not s.getblocking())
        before = ask()
        s.setblocking(not value)
        print(name, before, ask())
        s.setblocking(True)
        continue
    level = levels.get(name.split('_')[0], socket.IPPROTO_IPV6)
    option = getattr(socket, name)
    form = {'SO_LINGER': 'ii', 'SO_RCVTIMEO': 'll', 'SO_SNDTIMEO': 'll'}.get(name)
    def ask():
        if not form:
            return s.getsockopt(level, option)
        both = struct.unpack(form, s.getsockopt(level, option, struct.calcsize(form)))
        return both[1] if name == 'SO_LINGER' else both[0]
    before = ask()
    if name == 'SO_LINGER':
        s.setsockopt(level, option, struct.pack(form, 1, value))
    elif form:
        s.setsockopt(level, option, struct.pack(form, value, 0))
    elif name == 'IP_MULTICAST_IF':
        s.setsockopt(level, option, struct.pack('=I', value))
    else:
        s.setsockopt(level, option, value)
    print(name, before, ask())
";

#[test]
fn python_gets_the_same_defaults_and_the_same_values_back() {
    let python = tool!("python3");
    let ended = run("options");
    let mut expected = Vec::new();
    let mut asked = String::new();
    for option in TABLE.iter().flat_map(|(_, options)| *options) {
        let Some(row) = row(&ended.stdout, option) else {
            continue;
        };
        let [default, set, got] = row.each_ref().map(|value| number(option, value));
        expected.push(format!("{option} {default} {got}"));
        asked.push_str(&format!("{option} {set}\n"));
    }
    let mut running = Program::at(python).args(["-c", SCRIPT]).start();
    running.types(&asked);
    running.close_keyboard();
    let python = running.ends();
    python.code(0);
    let told: Vec<_> = python.stdout.lines().collect();
    assert_eq!(told, expected);
}

/// Python's timeout is not the kernel's: it sets O_NONBLOCK, and waits with poll.
///
/// Claim: A timeout of 0 means: do not wait.
#[test]
fn pythons_settimeout_is_nonblocking_and_leaves_the_kernels_timeouts_alone() {
    let python = tool!("python3");
    let script = r"
import fcntl, os, socket, struct
s = socket.socket()
for timeout in (None, 0, 5):
    s.settimeout(timeout)
    flag = bool(fcntl.fcntl(s.fileno(), fcntl.F_GETFL) & os.O_NONBLOCK)
    kernel = struct.unpack('ll', s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16))
    print(timeout, flag, kernel)
";
    let ended = Program::at(python).args(["-c", script]).run();
    let told = "None False (0, 0)\n0 True (0, 0)\n5 True (0, 0)\n";
    assert_eq!(ended.stdout, told);
}

/// What `settimeout` of `options-blocking` means, in Python's own words.
#[test]
fn pythons_gettimeout_says_what_the_program_says() {
    let python = tool!("python3");
    let script = r"
import socket
s = socket.socket()
for timeout in (None, 0, 0.2):
    s.settimeout(timeout)
    print(s.gettimeout(), s.getblocking())
";
    let ended = Program::at(python).args(["-c", script]).run();
    assert_eq!(ended.stdout, "None True\n0.0 False\n0.2 True\n");
}

/// makefile reads ahead, as BufReader does.
#[test]
fn pythons_makefile_reads_ahead_too() {
    let python = tool!("python3");
    let script = r"
import socket
listener = socket.create_server(('127.0.0.1', 0))
s = socket.create_connection(listener.getsockname())
peer, _ = listener.accept()
s.sendall(b'one\ntwo\nthree\n')
file = peer.makefile('rb')
print(file.readline())
peer.setblocking(False)
try:
    print(peer.recv(100))
except BlockingIOError:
    print('nothing beside it')
print(file.peek())
";
    let ended = Program::at(python).args(["-c", script]).run();
    ended.code(0);
    let told = "b'one\\n'\nnothing beside it\nb'two\\nthree\\n'\n";
    assert_eq!(ended.stdout, told);
}
