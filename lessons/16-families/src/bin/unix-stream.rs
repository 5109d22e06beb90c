//! Lesson 16: a server on a Unix-domain stream socket. It knows whom it talks to.
//!
//!     cargo run -p families --bin unix-stream                 (in a private folder)
//!     cargo run -p families --bin unix-stream -- ./my.sock    (at this path)
//!     cargo run -p families --bin unix-stream -- @my-name     (Linux: an abstract name)

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use families::unix_files::{address, look, own_user, private_name, with_umask};
use shared::{
    Args, Context, DeadlineStream, LineReader, StopSignal, explain, log, println,
};
use socket2::{Domain, SockAddr, Socket, Type};

const HELP: &str = "\
Answers each line with `OK... ` and the line, to programs of this machine.

usage: unix-stream [PATH | @NAME] [--everybody] [--patience SECONDS]

  PATH                where to put the socket's file; without it, in a private folder
  @NAME               Linux: an abstract name, for which there is no file
  --everybody         serve every user of this machine, and not only your own programs
  --patience SECONDS  how long a client may be silent (300)

example: cargo run -p families --bin unix-stream -- ./my.sock
";

const MOST: usize = 500;
const LONGEST_LINE: usize = 4096;

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    let everybody = args.flag("everybody");
    let patience = args.seconds("patience", 300.0)?;
    let given = args.positional().map(str::to_string);
    let name = given.map_or_else(|| private_name("unix-stream"), Ok)?;
    let stop = StopSignal::watch()?;
    let listener = listen(&name, everybody)?;
    let ours = look(&name).ok();
    println!("Listening on {name}");
    // Quoted for a shell: a name may hold spaces.
    let (command, name) = match name.strip_prefix('@') {
        Some(rest) => ("socat -", format!("ABSTRACT-CONNECT:{rest}")),
        None => ("nc -U", name.clone()),
    };
    println!(
        "try: {command} {}",
        shlex::try_quote(&name).unwrap_or_default()
    );
    // The loop with a thread for each client, from lesson 07. It returns on Ctrl+C.
    let served = shared::serve_clients(listener, stop, |mut client, clients| {
        client.within(patience);
        let served = match clients {
            0..=MOST => greet(&mut client, everybody, patience),
            _ => client.write_all(b"error: this server is full\n"),
        };
        if let Err(error) = served {
            log!("a client is lost: {}", explain(&error));
        }
        client.close_gracefully();
    });
    // The kernel does not remove the file. We do, if it is still the one that we made.
    if ours.is_some() && look(&name).ok() == ours {
        fs::remove_file(&name).context(format!("cannot remove {name}"))?;
    }
    served
}

fn listen(name: &str, everybody: bool) -> shared::Result<Socket> {
    let address = address(name)?;
    let failed = format!("cannot listen on {name}");
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None).context(&failed)?;
    // bind makes the file. Who may write to it may connect (unix(7)). The mask takes away
    // what others shall not have, before the file is there: chmod would come too late.
    let mask = if everybody { 0o111 } else { 0o177 };
    let bound = match with_umask(mask, || socket.bind(&address)) {
        Err(error)
            if error.kind() == ErrorKind::AddrInUse && is_stale(name, &address) =>
        {
            println!("{name} is left over from a server that has gone: removing it");
            // Two servers that start at the same moment could both come here, and one
            // remove the other's new file. Real servers hold a lock on a second file.
            fs::remove_file(name).context(&failed)?;
            with_umask(mask, || socket.bind(&address))
        }
        bound => bound,
    };
    let hint = match bound.as_ref().map_err(io::Error::kind) {
        Err(ErrorKind::NotFound) => "the folder is not there: make it, or take another",
        Err(ErrorKind::PermissionDenied) => {
            "you may not make a file in this folder (`ls -ld` shows whose it is)"
        }
        _ => {
            "a living server (see `ss -xlp`) or a file that is no socket (see `ls -l`) \
             is in the way; take another name"
        }
    };
    let listening = bound.and_then(|()| socket.listen(128)).context(failed);
    listening.map_err(|error| error.hint(hint))?;
    Ok(socket)
}

/// Whether a socket's file stands there, and nobody answers. No file of another kind is
/// removed, and no living server loses its name.
fn is_stale(name: &str, address: &SockAddr) -> bool {
    let asked = Socket::new(Domain::UNIX, Type::STREAM, None).and_then(|socket| {
        socket.set_nonblocking(true)?; // a full queue says EAGAIN: somebody lives there
        socket.connect(address)
    });
    let refused = asked.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused);
    refused && look(name).is_ok_and(|(_, is_socket)| is_socket)
}

fn greet(
    client: &mut DeadlineStream,
    everybody: bool,
    patience: Duration,
) -> io::Result<()> {
    let (user, process) = who(client.socket())?;
    log!("user {user} has come, with process {process}");
    // An abstract name has no owner and no mode: every user can connect. So we look.
    if !everybody && user != own_user() && user != 0 {
        log!("user {user} is sent away");
        return client.write_all(b"error: this server is not for your user\n");
    }
    let welcome = format!("Welcome, user {user}, process {process}!\n");
    client.write_all(welcome.as_bytes())?;
    answer(&mut LineReader::new(client, LONGEST_LINE), patience)
}

/// SO_PEERCRED: the user and the process that have connected, as the kernel noted them
/// then. No packet of IP carries that, and no client can lie about it.
#[cfg(target_os = "linux")]
fn who(client: &Socket) -> io::Result<(u32, String)> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    let credentials = getsockopt(client, PeerCredentials)?;
    Ok((credentials.uid(), credentials.pid().to_string()))
}
#[cfg(not(target_os = "linux"))]
use families::unix_files::peer as who;

/// Lines as in lesson 06: a stream is a stream, whatever family it is of.
fn answer(
    client: &mut LineReader<&mut DeadlineStream>,
    patience: Duration,
) -> io::Result<()> {
    loop {
        client.get_mut().within(patience);
        let line = match client.read_line() {
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return client
                    .get_mut()
                    .write_all(b"error: this line is too long\n");
            }
            line => line?,
        };
        if line.is_empty() {
            return Ok(()); // the client has closed
        }
        let answer = [b"OK... ", line.trim_ascii_end(), b"\n"].concat();
        client.get_mut().within(patience).write_all(&answer)?;
    }
}
