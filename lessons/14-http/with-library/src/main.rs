// ANCHOR: all
//! Lesson 14: the same HTTP client with the library ureq, which adds TLS and proxies.
//!
//!     python3 -m http.server 8000 --bind 127.0.0.1         (in a second terminal)
//!     cargo run -p http-with-library -- http://localhost:8000/docs/

mod resets;

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

use http::{Url, check_status, urls_or_practice, web};
use shared::{Args, Context, Download, Error, exit_on_ctrl_c};
use shared::{eprintln, visible};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, DefaultConnector};
use ureq::{Agent, Proxy, ResponseExt};

use resets::{RESET, ResetIsAnError};

const HELP: &str = "\
Fetches pages over HTTP and HTTPS with the library ureq.

usage: http-with-library [HOST:PORT | URL] [--path PATH]… [--head] [--save FILE]
                         [--max-redirects N] [--max-body BYTES] [--timeout SECONDS]
                         [--ca FILE] [--proxy URL]

  HOST:PORT          a web server; without it, a practice server inside this program
  URL                the same with a path: https://example.com/notes.txt
  --path PATH        which page to ask for; may be given several times
  --head             ask for the head only, not for the body
  --save FILE        save the body; without it, a short text is printed
  --max-redirects N  how often the server may send us elsewhere (10)
  --max-body BYTES   how long a body may be (100000000)
  --timeout SECONDS  how long each answer may take, connecting included (30)
  --ca FILE          trust the certificate in this file (PEM), and no other
  --proxy URL        ask through this proxy; without it, what ALL_PROXY and the like say

Standard output is the pages and nothing else; all notes go to standard error.

example: cargo run -p http-with-library -- https://example.com/ --save page.html
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let agent = agent(&args)?;
    for url in urls_or_practice(&args, web, &["/old", "/chunked"])? {
        fetch(&agent, &url, &args)?;
    }
    Ok(())
}

/// What is the same for all requests, and a pool of connections that are open.
fn agent(args: &Args) -> shared::Result<Agent> {
    let mut trusted = RootCerts::WebPki; // the authorities that Mozilla trusts
    if let Some(file) = args.value::<String>("ca")? {
        let pem = fs::read(&file).context(format!("cannot read {file}"))?;
        let certificate = Certificate::from_pem(&pem).map_err(|_| {
            Error::new(format!("there is no certificate in {file}"))
                .hint("it begins with -----BEGIN CERTIFICATE-----")
        })?;
        trusted = RootCerts::new_with_certs(&[certificate]);
    }
    let proxy = match args.value::<String>("proxy")? {
        Some(url) => Some(Proxy::new(&url).map_err(|_| {
            Error::usage(format!("`{url}` is no proxy")).hint("write http://HOST:PORT")
        })?),
        // No proxy is on the way to the practice server: it is in this program.
        None => args.positional().and_then(|_| Proxy::try_from_env()),
    };
    let config = Agent::config_builder()
        .tls_config(TlsConfig::builder().root_certs(trusted).build())
        .proxy(proxy)
        .max_redirects(args.value("max-redirects")?.unwrap_or(10))
        .save_redirect_history(true)
        .timeout_per_call(Some(args.seconds("timeout", 30.0)?))
        .http_status_as_error(false) // the head of a 404 is to be shown, too
        .user_agent("sockets-in-rust");
    let connector = DefaultConnector::default().chain(ResetIsAnError);
    let resolver = DefaultResolver::default();
    Ok(Agent::with_parts(config.build(), connector, resolver))
}

fn fetch(agent: &Agent, url: &Url, args: &Args) -> shared::Result<()> {
    let most: u64 = args.value("max-body")?.unwrap_or(100_000_000);
    let request = match args.flag("head") {
        true => agent.head(url.to_string()),
        false => agent.get(url.to_string()),
    };
    let mut response = explained(url, request.call())?;
    let places = response.get_redirect_history().unwrap_or_default();
    for (number, place) in places.iter().enumerate().skip(1) {
        eprintln!("* redirect {number}: {place}");
    }
    let status = response.status();
    eprintln!("< {:?} {status}", response.version());
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        eprintln!("< {name}: {}", visible(&value));
    }
    eprintln!("<");
    check_status(
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
    )?;
    // ureq wants room for one byte more than there are, to see that there are no more.
    let config = response.body_mut().with_config();
    let mut body = config.limit(most.saturating_add(1)).reader();
    let mut page = Download::to(args.value("save")?)?;
    let mut piece = [0; 16 * 1024];
    loop {
        // Chunks, lengths and closing are all the same here: a reader, and its end.
        match explained(url, body.read(&mut piece).map_err(ureq::Error::from))? {
            0 => return page.finish(),
            count => page.write_all(&piece[..count]),
        }
        .context("cannot save the body")?;
    }
}

/// The library's errors, as this course reports errors.
fn explained<T>(
    url: &Url,
    result: std::result::Result<T, ureq::Error>,
) -> shared::Result<T> {
    let what = format!("cannot fetch {url}");
    let error = match result {
        Ok(value) => return Ok(value),
        Err(ureq::Error::Io(error)) if error.to_string() == RESET => {
            return Err(io::Error::from(ErrorKind::ConnectionReset)).context(what);
        }
        Err(ureq::Error::Io(error)) if !error.to_string().contains("certificate") => {
            return Err(error).context(what);
        }
        Err(error) => error,
    };
    let mut why = visible(error.to_string().trim_start_matches("io: "));
    let hint = match error {
        ureq::Error::Io(_) => "who answers there has not proved to be that server",
        ureq::Error::Timeout(_) => "--timeout allows more",
        ureq::Error::TooManyRedirects => "--max-redirects allows more",
        ureq::Error::BodyExceedsLimit(_) => {
            why = "the body is longer than --max-body allows".to_string();
            "--max-body allows more, if you trust this server"
        }
        _ => "this server's answers cannot be trusted; tell its owner",
    };
    Err(Error::new(format!("{what}: {why}")).hint(hint))
}
