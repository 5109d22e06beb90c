//! What tutorials get wrong about names, shown by the resolver itself.

#[cfg(target_os = "linux")]
use tests::{Program, tool};

#[cfg(target_os = "linux")]
use super::{in_a_world, resolve};

/// Python's `gethostbyname_ex` is gethostbyname(3), and its `getaddrinfo` getaddrinfo(3).
///
/// Claim: gethostbyname is how to resolve.
/// Truth: obsolete: getaddrinfo, which gives IPv4 and IPv6 (getaddrinfo(3)); try every
/// address.
#[cfg(target_os = "linux")]
#[test]
fn gethostbyname_is_obsolete_and_getaddrinfo_gives_ipv4_and_ipv6() {
    let python = tool!("python3");
    let ask = |name: &str| {
        let script = "import socket, sys\n\
                      try: print(socket.gethostbyname_ex(sys.argv[1])[2])\n\
                      except OSError as error: print(error)";
        let program = Program::at(&python).args(["-c", script, name]);
        Some((
            in_a_world(program)?.run(),
            in_a_world(resolve([name]))?.run(),
        ))
    };
    let Some((old, new)) = ask("mirror") else {
        return;
    };
    assert_eq!(
        old.stdout, "['192.0.2.11', '192.0.2.12']\n",
        "no IPv6: {old:?}"
    );
    for address in ["[2001:db8::11]:0", "192.0.2.11:0", "192.0.2.12:0"] {
        assert!(new.stdout.contains(address), "{address}: {new:?}");
    }
    // A host that has IPv6 only does not exist for the old call.
    let Some((old, new)) = ask("only6.example.test") else {
        return;
    };
    assert!(!old.stdout.contains("2001"), "{old:?}");
    assert!(new.stdout.contains("IPv6 [2001:db8::6]:0"), "{new:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_type_each_address_comes_three_times() {
    let python = tool!("python3");
    let script = "import socket\n\
                  for kind in (0, socket.SOCK_STREAM):\n\
                  \x20   found = socket.getaddrinfo('127.0.0.1', None, 0, kind)\n\
                  \x20   print(*sorted(kind.name for _, kind, *_ in found))";
    let ended = Program::at(python).args(["-c", script]).run();
    let expected = "SOCK_DGRAM SOCK_RAW SOCK_STREAM\nSOCK_STREAM\n";
    assert_eq!(ended.stdout, expected, "{ended:?}");
}

/// Which is why the lesson looks at the port before it asks.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn the_c_library_cuts_a_port_to_16_bits_without_a_word() {
    let python = tool!("python3");
    let script = "import socket\n\
                  print(socket.getaddrinfo('127.0.0.1', '70000', 0, 1)[0][4][1])";
    let ended = Program::at(python).args(["-c", script]).run();
    assert_eq!(ended.stdout, "4464\n", "70000 - 65536");
    let ended = resolve(["127.0.0.1:70000"]).run();
    ended.code(2).complained("ports go from 0 to 65535");
}

#[test]
fn network_byte_order_is_big_endian_on_every_machine() {
    assert_eq!(443_u16.to_be_bytes(), [0x01, 0xbb]);
    assert_eq!(u16::from_be_bytes([0x01, 0xbb]), 443);
    assert_eq!(u16::from_be_bytes([0xbb, 0x01]), 47873);
    let memory = if cfg!(target_endian = "little") {
        [0xbb, 0x01]
    } else {
        [0x01, 0xbb]
    };
    assert_eq!(443_u16.to_ne_bytes(), memory);
}
