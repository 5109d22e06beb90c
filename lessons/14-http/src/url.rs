//! Help for lesson 14: a URL, in its parts (RFC 3986).

use std::fmt;
use std::str::FromStr;

use shared::{Address, Error};

/// Where a page is: `http://localhost:8000/notes.txt`, or `HOST:PORT`, which stands for
/// `http://HOST:PORT/`. What a lesson needs of RFC 3986, and no more: no names and
/// passwords, and a `#fragment` is left out, because no server gets to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// `https`, where the connection is to be encrypted; otherwise `http`.
    pub is_https: bool,
    /// The server; port 80 or 443 where the URL has none.
    pub address: Address,
    /// The path and the query, as they stand in a request: it begins with `/`, and every
    /// byte is a visible ASCII character.
    pub target: String,
}

impl Url {
    /// The place that a reference means when it stands on the page at this URL: another
    /// URL, `//host/path`, `/path`, `path`, `../path`, `?query` (RFC 3986 section 5.2).
    /// So is the value of `Location` in an answer to be read (RFC 9110 section 10.2.2).
    ///
    /// # Errors
    /// When it is no such reference: exit code 1, with the reference in front.
    pub fn join(&self, reference: &str) -> Result<Self, Error> {
        let scheme = if self.is_https { "https" } else { "http" };
        let shown = shared::visible(reference);
        let wrong = |why: String| {
            Error::new(format!("cannot go to {shown}: {why}"))
                .hint("only http:// and https:// lead to a web server")
        };
        let reference = reference.split('#').next().unwrap_or_default();
        if let Some((start, _)) = reference.split_once(':')
            && is_scheme(start)
        {
            return parse(reference).map_err(wrong);
        }
        if reference.starts_with("//") {
            return parse(&format!("{scheme}:{reference}")).map_err(wrong);
        }
        let (path, _) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
        let target = match reference.chars().next() {
            None => self.target.clone(),
            Some('/') => cleaned(reference),
            Some('?') => cleaned(&format!("{path}{reference}")),
            Some(_) => cleaned(&format!("{folder}{reference}")),
        };
        Ok(Self {
            target,
            ..self.clone()
        })
    }
}

impl FromStr for Url {
    type Err = Error;

    /// # Errors
    /// Exit code 2, with what to type instead.
    fn from_str(text: &str) -> Result<Self, Error> {
        if !text.contains("://") {
            let address = text.parse::<Address>().map_err(|error| {
                error.hint("write HOST:PORT or a URL, as in http://localhost:8000/page")
            })?;
            return Ok(Self {
                is_https: false,
                address,
                target: "/".to_string(),
            });
        }
        let text = text.split('#').next().unwrap_or_default();
        parse(text).map_err(|why| {
            Error::usage(format!("`{text}` is not possible: {why}"))
                .hint("write a URL such as http://localhost:8000/page")
        })
    }
}

impl From<Address> for Url {
    fn from(address: Address) -> Self {
        Self {
            is_https: false,
            address,
            target: "/".to_string(),
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, port) = if self.is_https {
            ("https", ":443")
        } else {
            ("http", ":80")
        };
        let address = self.address.to_string();
        let address = address.strip_suffix(port).unwrap_or(&address);
        write!(f, "{scheme}://{address}{}", self.target)
    }
}

fn parse(text: &str) -> Result<Url, String> {
    let (scheme, rest) = text.split_once("://").ok_or("it has no ://")?;
    let (is_https, port) = match scheme.to_ascii_lowercase().as_str() {
        "http" => (false, 80),
        "https" => (true, 443),
        _ => return Err("it is neither http:// nor https://".to_string()),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    if authority.contains('@') {
        return Err("it has a name or a password in it".to_string());
    }
    // The % of a scope is written %25 in a URL (RFC 6874).
    let authority = authority.replace("%25", "%");
    let with_port = authority
        .rsplit(']')
        .next()
        .is_some_and(|end| end.contains(':'));
    let address = if with_port {
        authority
    } else {
        format!("{authority}:{port}")
    };
    if !address.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("its host has other than visible ASCII letters".to_string());
    }
    Ok(Url {
        is_https,
        address: address.parse().map_err(|error: Error| error.to_string())?,
        target: cleaned(target),
    })
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// A path without `.` and `..` (RFC 3986 section 5.2.4), then the query. What may not
/// stand in a request line, a space or a line end, is written as `%20` and the like.
fn cleaned(target: &str) -> String {
    let (path, query) = match target.find('?') {
        Some(at) => target.split_at(at),
        None => (target, ""),
    };
    let mut names = Vec::new();
    let mut all = path.split('/').skip(1).peekable();
    while let Some(name) = all.next() {
        let is_last = all.peek().is_none();
        match name {
            "." | ".." => {
                if name == ".." {
                    names.pop();
                }
                if is_last {
                    names.push("");
                }
            }
            name => names.push(name),
        }
    }
    let mut cleaned = String::new();
    for byte in format!("/{}{query}", names.join("/")).bytes() {
        if byte.is_ascii_graphic() {
            cleaned.push(char::from(byte));
        } else {
            cleaned.push_str(&format!("%{byte:02X}"));
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_server_and_a_target() {
        for (text, address, target, is_https) in [
            ("localhost:8000", "localhost:8000", "/", false),
            ("http://localhost", "localhost:80", "/", false),
            (
                "http://localhost:8000/a/b?c=d#e",
                "localhost:8000",
                "/a/b?c=d",
                false,
            ),
            ("HTTPS://example.com?q", "example.com:443", "/?q", true),
            ("http://[::1]/x", "[::1]:80", "/x", false),
            (
                "http://[fe80::1%25eth0]:81/",
                "[fe80::1%eth0]:81",
                "/",
                false,
            ),
            ("http://a/b c/é\r\n", "a:80", "/b%20c/%C3%A9%0D%0A", false),
        ] {
            let url: Url = text
                .parse()
                .unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(url.address.to_string(), address, "{text}");
            assert_eq!(
                (url.target.as_str(), url.is_https),
                (target, is_https),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_url_says_why() {
        for (text, why) in [
            ("nonsense", "has no port"),
            ("ftp://a/", "neither http:// nor https://"),
            ("http://me:secret@a/", "a name or a password"),
            ("http:///path", "has no host"),
            ("http://a:70000/", "0 to 65535"),
            ("http://a b/", "visible ASCII"),
        ] {
            let error = text.parse::<Url>().expect_err(text);
            assert!(error.to_string().contains(why), "{text}: {error}");
            assert_eq!(error.exit_code(), 2);
        }
    }

    #[test]
    fn a_reference_is_seen_from_the_page_on_which_it_stands() {
        let base: Url = "http://a:81/b/c/d;p?q".parse().expect("a URL");
        for (reference, place) in [
            ("g", "http://a:81/b/c/g"),
            ("./g", "http://a:81/b/c/g"),
            ("g/", "http://a:81/b/c/g/"),
            ("/g", "http://a:81/g"),
            ("//g", "http://g/"),
            ("//g:8/h", "http://g:8/h"),
            ("?y", "http://a:81/b/c/d;p?y"),
            ("g?y#s", "http://a:81/b/c/g?y"),
            ("", "http://a:81/b/c/d;p?q"),
            (".", "http://a:81/b/c/"),
            ("..", "http://a:81/b/"),
            ("../g", "http://a:81/b/g"),
            ("../../../../g", "http://a:81/g"),
            ("/a/./b/../c", "http://a:81/a/c"),
            ("https://x/y", "https://x/y"),
            ("g?a/../b", "http://a:81/b/c/g?a/../b"),
            ("ü", "http://a:81/b/c/%C3%BC"),
        ] {
            let joined = base.join(reference).expect(reference);
            assert_eq!(joined.to_string(), place, "{reference}");
        }
        for (reference, why) in [
            ("mailto:me@example.com", "no ://"),
            ("ftp://a/", "neither"),
            ("http://a:x/", "a port is a number"),
        ] {
            let error = base.join(reference).expect_err(reference);
            assert!(error.to_string().contains(why), "{reference}: {error}");
            assert_eq!(error.exit_code(), 1);
        }
    }
}
