// ANCHOR: all
//! Lesson 15: sends a mail with the library that one would take, and over TLS.
//!
//!     cargo run -p mail-send-with-library
//!     cargo run -p mail-send-with-library -- example.org:465 --from a@b.org --to c@d.org

use std::error::Error as _;
use std::io::{self, ErrorKind::TimedOut};
use std::process::ExitCode;

use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use mail::{Login, practice, smtp_hint};
use shared::{Address, Args, Context, Error};
use shared::{println, visible};

const HELP: &str = "\
Sends a mail by SMTP, with a library that knows TLS, logins and encodings.

usage: mail-send-with-library [HOST:PORT] [--from ADDRESS] [--to ADDRESS]... [OPTION]...

  HOST:PORT          the server; without it, a practice server inside this program
  --from, --to       who sends it, and who gets it (--to as often as you like)
  --subject TEXT     what it is about (A mail by hand)
  --file FILE        the text; without it, one with dots where they are dangerous
  --user NAME        log in; the password is in MAIL_PASSWORD, or --password-file FILE
  --tls HOW          implicit (from the first byte), starttls (asked for), or none;
                     without it: implicit on port 465, starttls on others
  --ca FILE          trust this certificate, too (PEM)
  --timeout SECONDS  how long to bear silence (60)

example: cargo run -p mail-send-with-library -- localhost:25 --from a@b.org --to c@d.org
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    mail::fail_on_ctrl_c()?;
    let mail = mail(&mail::Message::of(&args)?)
        .map_err(|error| Error::usage(error.to_string()))?;
    let login = Login::of(&args, "MAIL_PASSWORD")?;
    let timeout = args.seconds("timeout", 60.0)?;
    let address = args.address_or_practice(practice::smtp)?;
    let addresses = address.resolve();
    let addresses = addresses.context(format!("cannot resolve {}", address.host))?;
    let tls = tls(&args, &address)?;
    let far = !addresses
        .iter()
        .all(|one| one.ip().to_canonical().is_loopback());
    if login.is_some() && far && matches!(tls, Tls::None) {
        let what = "without TLS everybody on the way could read the password";
        return Err(Error::new(what).hint("take --tls starttls or --tls implicit"));
    }
    let mut server = SmtpTransport::builder_dangerous(&address.host)
        .port(address.port)
        .timeout(Some(timeout))
        .tls(tls);
    if let Some(login) = login {
        let password = login.password().to_string();
        server = server
            .credentials(Credentials::new(login.user, password))
            .authentication(vec![Mechanism::Plain]);
    }
    let sent = server.build().send(&mail);
    let answer = sent.or_else(|error| explained(&error, &address))?;
    let words = visible(answer.first_line().unwrap_or_default());
    println!("The server says: {} {words}", answer.code());
    Ok(())
}

/// The library encodes subject and text, and stuffs the dots. It would also mend the line
/// ends, but one by one: of a long text each moves all the rest.
fn mail(
    letter: &mail::Message,
) -> std::result::Result<Message, Box<dyn std::error::Error>> {
    let mut mail = Message::builder()
        .from(letter.from.parse::<Mailbox>()?)
        .subject(&letter.subject)
        .header(ContentType::TEXT_PLAIN); // without it, it would say no character set
    for to in &letter.to {
        mail = mail.to(to.parse::<Mailbox>()?);
    }
    Ok(mail.body(letter.text.replace('\n', "\r\n"))?)
}

fn tls(args: &Args, address: &Address) -> shared::Result<Tls> {
    let how = match args.values("tls").last() {
        Some(how) => how,
        None if args.positional().is_none() => "none", // within this program
        None if address.port == 465 => "implicit",
        None => "starttls",
    };
    // The name that the certificate has to be made for.
    let mut parameters = TlsParameters::builder(address.host.clone());
    if let Some(name) = args.values("ca").last() {
        let pem = std::fs::read(name).context(format!("cannot read {name}"))?;
        let ca = Certificate::from_pem(&pem).map_err(|error| {
            Error::new(format!("{name} is no certificate: {error}"))
                .hint("it begins with -----BEGIN CERTIFICATE-----")
        })?;
        parameters = parameters.add_root_certificate(ca);
    }
    let parameters = parameters.build();
    let parameters = parameters.or_else(|error| explained(&error, address))?;
    match how {
        "none" => Ok(Tls::None),
        // Not Tls::Opportunistic: whoever sits in between could strike STARTTLS out.
        "starttls" => Ok(Tls::Required(parameters)),
        "implicit" => Ok(Tls::Wrapper(parameters)),
        _ => Err(Error::usage(format!("`{how}` does not fit --tls"))
            .hint("write none, starttls or implicit")),
    }
}

/// The library's error in our two lines.
fn explained<T>(error: &smtp::Error, address: &Address) -> shared::Result<T> {
    let source = error.source();
    let words = source.map_or(error.to_string(), ToString::to_string);
    let words = visible(&words.replace('\n', " "));
    if let Some(code) = error.status() {
        let what = format!("the server refuses the mail: {code} {words}");
        return Err(Error::new(what).hint(smtp_hint(u16::from(code))));
    }
    let connecting = error.to_string().starts_with("Connection error");
    let what = ["cannot send by", "cannot connect to"][usize::from(connecting)];
    let what = format!("{what} {address}");
    let cause = source.and_then(|source| source.downcast_ref::<io::Error>());
    if cause.is_some_and(|cause| cause.kind() == TimedOut) {
        return Err(io::Error::from(TimedOut)).context(what);
    }
    if let Some(number) = cause.and_then(io::Error::raw_os_error) {
        return Err(io::Error::from_raw_os_error(number)).context(what);
    }
    let hint = match words.contains("certificate") {
        true => "is it the right server? If you know who signs for it: --ca FILE",
        false => "does SMTP, with the TLS that --tls says, await us at this port?",
    };
    Err(Error::new(format!("{what}: {words}")).hint(hint))
}
