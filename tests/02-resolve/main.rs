//! Lesson 02: `resolve` on this machine, and in a world of its own with a name server.

mod facts;
mod own_faults;
mod peers;
mod transcripts;

#[cfg(target_os = "linux")]
use once_cell::sync::Lazy;
#[cfg(target_os = "linux")]
use std::path::PathBuf;

use tests::Program;

fn resolve<const N: usize>(args: [&str; N]) -> Program {
    Program::of("resolve").args(args)
}

/// A program in namespaces of its own (user_namespaces(7)): `etc/` of this folder is its
/// /etc, the host's name is `host`, and `dns.py` is the only name server.
#[cfg(target_os = "linux")]
fn on_the_host(host: &str, program: Program) -> Option<Program> {
    let Some((python, unshare)) = &*WORLD else {
        tests::skip("this system has no namespaces, or no Python 3.9");
        return None;
    };
    let here = tests::root().join("tests/02-resolve");
    let script = format!(
        "echo {host} > /proc/sys/kernel/hostname && mount --bind {here}/etc /etc \
         && exec {python} -IS {here}/dns.py \"$0\" \"$@\"",
        here = here.display(),
    );
    let program = program.through("/bin/sh", ["-c".to_string(), script]);
    Some(program.through(unshare, ["-rmnu"]))
}

/// Python itself (what is called python3 may be a slow script in front of it), and unshare;
/// none where they cannot make such a world.
#[cfg(target_os = "linux")]
static WORLD: Lazy<Option<(String, PathBuf)>> = Lazy::new(|| {
    let (python, unshare) = (tests::find_tool("python3")?, tests::find_tool("unshare")?);
    let script = "import os, sys; os.pidfd_open(os.getpid()); print(sys.executable)";
    let python = Program::at(python).args(["-c", script]).run();
    let allowed = Program::at(&unshare).args(["-rmnu", "true"]).run();
    let can = python.code == Some(0) && allowed.code == Some(0);
    can.then(|| (python.stdout.trim().to_string(), unshare))
});

#[cfg(target_os = "linux")]
fn in_a_world(program: Program) -> Option<Program> {
    on_the_host("desk", program)
}

/// A name server that is silent is given up after one second.
#[cfg(target_os = "linux")]
fn impatient(program: Program) -> Program {
    program.env("RES_OPTIONS", "timeout:1 attempts:1")
}

#[test]
fn without_an_argument_it_shows_localhost_with_no_network() {
    let ended = resolve([]).run();
    ended.code(0);
    assert!(ended.stdout.starts_with("localhost: "), "{ended:?}");
    assert!(ended.stdout.contains("services by name"), "{ended:?}");
}

#[test]
fn a_port_is_shown_in_network_byte_order() {
    let ended = resolve(["127.0.0.1:443"]).run();
    ended.code(0);
    assert!(ended.stdout.contains("IPv4 127.0.0.1:443"), "{ended:?}");
    assert!(ended.stdout.contains("7f 00 00 01"), "{ended:?}");
    assert!(ended.stdout.contains("on the wire: 01 bb"), "{ended:?}");
    let memory = if cfg!(target_endian = "little") {
        "in memory: bb 01"
    } else {
        "in memory: 01 bb"
    };
    assert!(ended.stdout.contains(memory), "{ended:?}");
}

#[test]
fn ipv6_is_understood_in_brackets_and_bare() {
    for question in ["::1", "[::1]"] {
        let ended = resolve([question]).run();
        ended.code(0);
        assert!(ended.stdout.contains("IPv6 [::1]:0"), "{ended:?}");
    }
    let ended = resolve(["[2001:db8::1]:80"]).run();
    ended.code(0);
    assert!(ended.stdout.contains("IPv6 [2001:db8::1]:80"), "{ended:?}");
    assert!(ended.stdout.contains("20 01 0d b8 00"), "{ended:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_with_several_addresses_shows_all_of_them() {
    let Some(program) = in_a_world(resolve(["mirror:http"])) else {
        return;
    };
    let ended = program.run();
    ended.code(0);
    for expected in [
        "3 found",
        "[2001:db8::11]:80",
        "192.0.2.11:80",
        "192.0.2.12:80",
    ] {
        assert!(ended.stdout.contains(expected), "{expected}: {ended:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_in_etc_hosts_is_asked_of_the_name_server() {
    let Some(program) = in_a_world(resolve(["www.example.test:https"])) else {
        return;
    };
    let ended = program.env("DNS_TALKS", "1").run();
    ended.code(0);
    for expected in [
        "asked for www.example.test A\n",
        "asked for www.example.test AAAA\n",
        "IPv6 [2001:db8::80]:443",
        "IPv4 192.0.2.80:443",
    ] {
        assert!(ended.stdout.contains(expected), "{expected}: {ended:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_in_etc_hosts_is_asked_of_nobody() {
    let Some(program) = in_a_world(resolve(["mirror"])) else {
        return;
    };
    let ended = program.env("DNS_TALKS", "1").run();
    ended.code(0);
    assert!(!ended.stdout.contains("asked for"), "{ended:?}");
}

#[test]
fn reverse_finds_the_name_of_the_loopback_address() {
    let ended = resolve(["--reverse", "127.0.0.1"]).run();
    ended.code(0);
    let start = "address 127.0.0.1 has the name ";
    assert!(ended.stdout.starts_with(start), "{ended:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn reverse_asks_the_name_server_and_names_the_service_of_a_port() {
    let Some(program) = in_a_world(resolve(["--reverse", "192.0.2.80:443"])) else {
        return;
    };
    let ended = program.env("DNS_TALKS", "1").run();
    ended.code(0);
    for expected in [
        "asked for 80.2.0.192.in-addr.arpa PTR\n",
        "address 192.0.2.80 has the name www.example.test\n",
        "  https    port 443",
    ] {
        assert!(ended.stdout.contains(expected), "{expected}: {ended:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_address_without_a_name_is_told() {
    let Some(program) = in_a_world(resolve(["--reverse", "192.0.2.9"])) else {
        return;
    };
    let ended = program.run();
    ended.code(1).complained("cannot find a name for 192.0.2.9");
}

#[cfg(target_os = "linux")]
#[test]
fn host_shows_the_name_and_the_full_name() {
    let Some(program) = in_a_world(resolve(["--host"])) else {
        return;
    };
    let ended = program.run();
    ended.code(0);
    let expected = "host name: desk\nfull name: desk.example.test\ndesk: 1 found";
    assert!(ended.stdout.starts_with(expected), "{ended:?}");
    assert!(ended.stdout.contains("IPv4 127.0.1.1:0"), "{ended:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_host_that_does_not_know_itself_is_told() {
    let Some(program) = on_the_host("stranger", resolve(["--host"])) else {
        return;
    };
    let ended = program.run();
    assert_eq!(ended.stdout, "host name: stranger\n");
    ended.code(1).complained("cannot resolve stranger: ");
}

#[cfg(target_os = "linux")]
#[test]
fn each_answer_of_a_name_server_has_its_error() {
    for (name, error) in [
        ("nosuch", "Name or service not known (EAI_NONAME)"),
        ("empty", "No address associated with hostname (EAI_NODATA)"),
        (
            "servfail",
            "Temporary failure in name resolution (EAI_AGAIN)",
        ),
        (
            "refused",
            "Temporary failure in name resolution (EAI_AGAIN)",
        ),
        ("silent", "Temporary failure in name resolution (EAI_AGAIN)"),
    ] {
        let question = format!("{name}.example.test");
        let Some(program) = in_a_world(impatient(resolve([&question]))) else {
            return;
        };
        let ended = program.run();
        let expected = format!("cannot resolve {question}: the resolver says: {error}");
        ended.code(1).complained(&expected);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_service_that_tcp_has_not_is_told() {
    for service in ["tftp", "nosuch"] {
        let question = format!("localhost:{service}");
        let Some(program) = in_a_world(resolve([&question])) else {
            return;
        };
        let error = "Servname not supported for ai_socktype (EAI_SERVICE)";
        program.run().code(1).complained(error);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_silent_name_server_is_given_up_after_the_timeout() {
    let Some(program) = in_a_world(impatient(resolve(["silent.example.test"]))) else {
        return;
    };
    let ended = program.run();
    ended.code(1).complained("(EAI_AGAIN)");
    assert!(ended.took >= std::time::Duration::from_secs(1), "{ended:?}");
}

/// The same /etc, in a network namespace where not even the loopback interface is up.
#[cfg(target_os = "linux")]
fn without_network(script: &str, program: Program) -> Option<Program> {
    let (_, unshare) = WORLD.as_ref()?;
    let here = tests::root().join("tests/02-resolve");
    let program = program
        .env("ETC", &here.join("etc").to_string_lossy())
        .through("/bin/sh", ["-c".to_string(), script.to_string()]);
    Some(program.through(unshare, ["-rmn"]))
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_network_the_names_in_etc_hosts_work() {
    let ask = |name| {
        let script = "mount --bind \"$ETC\" /etc && exec \"$0\" \"$@\"";
        without_network(script, resolve([name]))
    };
    let (Some(there), Some(away)) = (ask("mirror"), ask("www.example.test")) else {
        return;
    };
    let ended = there.run();
    ended.code(0);
    assert!(ended.stdout.contains("IPv4 192.0.2.11:0"), "{ended:?}");
    let ended = away.run();
    ended.code(1).complained("(EAI_AGAIN)");
}

#[cfg(target_os = "linux")]
#[test]
fn without_etc_services_the_rows_say_so() {
    let script = "mount -t tmpfs none /mnt && cp \"$ETC\"/[hn]* /mnt \
                  && mount --bind /mnt /etc && exec \"$0\" \"$@\"";
    let Some(program) = without_network(script, resolve([])) else {
        return;
    };
    let ended = program.run();
    ended.code(0);
    assert_eq!(
        ended.stdout.matches("(EAI_SERVICE)").count(),
        4,
        "{ended:?}"
    );
}

#[test]
fn help_says_what_it_does_with_an_example() {
    let ended = resolve(["--help"]).run();
    ended.code(0);
    let example = "example: cargo run -p resolve -- example.com:https";
    assert!(ended.stdout.contains(example), "{ended:?}");
}
