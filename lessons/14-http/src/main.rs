// ANCHOR: all
//! Lesson 14: an HTTP/1.1 client by hand. Its parts: connection.rs, response.rs, body.rs.
//!
//!     python3 -m http.server 8000 --bind 127.0.0.1         (in a second terminal)
//!     cargo run -p http -- http://localhost:8000/LICENSE-MIT --save copy.txt

mod body;
mod connection;
mod response;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use http::{Url, check_status, urls_or_practice, web};
use shared::{Args, Download, Error, exit_on_ctrl_c};
use shared::{eprintln, visible};

use body::Body;
use connection::{Connection, ask};
use response::ResponseHead;

const HELP: &str = "\
Fetches pages over HTTP/1.1 by hand; over one connection, where the server allows it.

usage: http [HOST:PORT | URL] [--path PATH]… [--head] [--save FILE]
            [--max-redirects N] [--max-body BYTES] [--timeout SECONDS]

  HOST:PORT          a web server; without it, a practice server inside this program
  URL                the same with a path: http://localhost:8000/notes.txt
  --path PATH        which page to ask for; may be given several times
  --head             ask for the head only, not for the body
  --save FILE        save the body; without it, a short text is printed
  --max-redirects N  how often the server may send us elsewhere (10)
  --max-body BYTES   how long a body may be (100000000)
  --timeout SECONDS  how long connecting may take, and then each answer (30)

Standard output is the pages and nothing else; all notes go to standard error.

example: cargo run -p http -- http://example.com/ --save page.html
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

/// What holds for every page, and the connection that the last one has left open.
struct Client {
    method: &'static str,
    save: Option<String>,
    max_redirects: usize,
    max_body: u64,
    timeout: Duration,
    kept: Option<Connection>,
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let mut client = Client {
        method: if args.flag("head") { "HEAD" } else { "GET" },
        save: args.value("save")?,
        max_redirects: args.value("max-redirects")?.unwrap_or(10),
        max_body: args.value("max-body")?.unwrap_or(100_000_000),
        timeout: args.seconds("timeout", 30.0)?,
        kept: None,
    };
    for url in urls_or_practice(&args, web, &["/old", "/chunked"])? {
        client.fetch(url)?;
    }
    Ok(())
}

impl Client {
    /// One page, and the way to it: a server may answer that the page is elsewhere.
    fn fetch(&mut self, mut url: Url) -> shared::Result<()> {
        let mut asked = Vec::new();
        loop {
            let (head, connection) = self.exchange(&url)?;
            let mut next = head.redirect(&url)?;
            if self.max_redirects == 0 {
                next = None; // then the redirect itself is the answer
            }
            let Some(next) = next else {
                check_status(head.status, &head.reason)?;
                let mut page = Download::to(self.save.clone())?;
                self.receive_body(&head, connection, &mut page)?;
                return page.finish();
            };
            // Nobody reads this body; but the next answer begins after it.
            self.receive_body(&head, connection, &mut io::sink())?;
            asked.push(url);
            eprintln!("* redirect {}: {next}", asked.len());
            if asked.contains(&next) {
                let what = format!("the redirects go round: {next} again");
                return Err(Error::new(what).hint("they never end; tell the owner"));
            }
            if asked.len() > self.max_redirects {
                let what = format!("more than {} redirects", self.max_redirects);
                let hint = "--max-redirects allows more, if you trust this server";
                return Err(Error::new(what).hint(hint));
            }
            url = next;
        }
    }

    /// Reads the body to its end, and keeps the connection where the server does.
    fn receive_body(
        &mut self,
        head: &ResponseHead,
        mut connection: Connection,
        to: &mut impl Write,
    ) -> shared::Result<()> {
        let length = head.length(self.method)?;
        let (reader, room) = (&mut connection.reader, self.max_body);
        Body { reader, room }.receive(length, to)?;
        if head.keeps_open(length) {
            self.kept = Some(connection);
        }
        Ok(()) // a connection that is not kept is dropped here, and so closed
    }

    /// The request goes out, the head of the answer comes in. Its body is still to come.
    fn exchange(&mut self, url: &Url) -> shared::Result<(ResponseHead, Connection)> {
        if url.is_https {
            let what = format!("cannot fetch {url}: there is no TLS here");
            let hint = "take the library: cargo run -p http-with-library -- URL";
            return Err(Error::new(what).hint(hint));
        }
        let (method, target, host) = (self.method, &url.target, &url.address);
        let request = format!(
            "{method} {target} HTTP/1.1\r\n\
             Host: {}\r\n\
             User-Agent: sockets-in-rust\r\n\r\n",
            host.for_host_header()
        );
        let mut connection = ask(self.kept.take(), host, &request, self.timeout)?;
        let head = ResponseHead::read(&mut connection.reader)?;
        let (minor, status) = (head.minor, head.status);
        eprintln!("< HTTP/1.{minor} {status} {}", visible(&head.reason));
        for (name, value) in &head.fields {
            eprintln!("< {name}: {}", visible(value));
        }
        eprintln!("<");
        Ok((head, connection))
    }
}
