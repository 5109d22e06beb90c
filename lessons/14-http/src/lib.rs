//! Help for lesson 14: what its two clients, by hand and with a library, have in common.

mod practice;
mod url;

use std::io;
use std::net::SocketAddr;

use shared::{Args, Error, visible};

pub use practice::web;
pub use url::Url;

/// The pages to fetch: the positional argument, a URL or `HOST:PORT`, or each
/// `--path` as it is seen from there. Without an address, starts the given practice
/// server, says so, and takes `paths` where there is no `--path`. Never empty.
///
/// # Errors
/// Exit code 2, when it is neither, and when `--save`, which is for one body, stands
/// beside `--head` or several pages; 1 when no server could be started, or a path
/// leads nowhere.
pub fn urls_or_practice(
    args: &Args,
    start: impl FnOnce() -> io::Result<SocketAddr>,
    paths: &[&str],
) -> Result<Vec<Url>, Error> {
    let url = args.positional().map(str::parse::<Url>).transpose()?;
    let given: Vec<_> = args.values("path").collect();
    let paths = match &url {
        _ if !given.is_empty() => &given,
        Some(_) => &[""][..],
        None => paths,
    };
    if args.flag("save") && (args.flag("head") || paths.len() > 1) {
        return Err(Error::usage("--save wants exactly one body")
            .hint("leave out --head, and give one --path"));
    }
    let base = match url {
        Some(url) => url,
        None => args.address_or_practice(start)?.into(),
    };
    paths.iter().map(|path| base.join(path)).collect()
}

/// Only 2xx brings the page. Any other status brings a page about what is wrong, which is
/// neither shown nor saved in place of it.
///
/// # Errors
/// Exit code 1, for any other status.
pub fn check_status(status: u16, reason: &str) -> Result<(), Error> {
    let hint = match status {
        200..300 => return Ok(()),
        300..400 => "the page is elsewhere: its Location says where",
        400..500 => "the server has no such page for us; check the URL",
        _ => "that is the server's own trouble; ask it again later",
    };
    let words = format!("{status} {}", visible(reason));
    Err(Error::new(format!("the server answered {}", words.trim_end())).hint(hint))
}
