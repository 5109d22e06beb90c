//! Other people's programs at `scale`, and `load` at other people's servers.

use tests::{Program, tool};

use crate::{DESIGNS, SERVED, each, load, server};

#[test]
fn nc_and_socat_get_back_what_they_say() {
    for (name, options) in [("nc.openbsd", &["-N"][..]), ("socat", &["-", ""])] {
        let path = tool!(name);
        each(&DESIGNS, |design| {
            let (_server, address) = server(design, &[]);
            let port = address.port().to_string();
            let to = format!("TCP:{address}");
            let args = match name {
                "socat" => vec![options[0], &to],
                _ => [options, &["127.0.0.1", &port]].concat(),
            };
            let mut client = Program::at(&path).args(args).start();
            client.types("hello\n");
            client.line("hello");
            client.close_keyboard();
            assert_eq!(client.ends().stdout, "hello\n", "{name}");
        });
    }
}

#[test]
fn telnet_gets_back_what_it_says() {
    let telnet = tool!("telnet");
    let (server, address) = server("epoll", &[]);
    let port = address.port().to_string();
    let mut client = Program::at(telnet).args(["127.0.0.1", &port]).start();
    client.line("Connected to 127.0.0.1.");
    client.types("hello\n");
    client.line("hello");
    server.interrupt();
    server.ends().code(0);
    let ended = client.ends();
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(
        said.contains("Connection closed by foreign host."),
        "{said}"
    );
}

#[test]
fn load_measures_pythons_servers_and_socat() {
    let (python3, socat) = (tool!("python3"), tool!("socat"));
    for script in ["threading_echo.py", "asyncio_echo.py"] {
        let script = tests::root().join("lessons/17-scale/peers").join(script);
        let mut server = Program::at(&python3).args([script]).start();
        let (ended, numbers) = load(server.address(), "--connections 20 --seconds 0.2");
        ended.code(0);
        assert_eq!(numbers[SERVED], 20.0);
    }
    let listen = "TCP-LISTEN:0,bind=127.0.0.1,fork";
    let server = Program::at(socat).args([listen, "PIPE"]).start();
    let address = tests::kernel::comes_to_listen(server.pid());
    let (ended, numbers) = load(address, "--connections 3 --seconds 0.2");
    ended.code(0);
    assert_eq!(numbers[SERVED], 3.0);
}
