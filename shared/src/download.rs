use std::io::{self, Write};
use std::str;

use crate::{Context, Error, WholeFile, eprintln, print_result};

/// Where a client puts what it fetches: into a file, or on the screen.
///
/// Whatever its size, memory stays small. Into a file it goes piece by piece, and the
/// file gets its name at the end ([`WholeFile`]). On the screen a text of at most 64 KiB
/// is shown; anything else, which would flood or confuse the terminal, is an error. On
/// standard output stands the body and nothing else; notes go to standard error.
#[derive(Debug)]
pub struct Download {
    file: Option<(String, WholeFile)>,
    start: Vec<u8>,
    count: u64,
}

impl Download {
    const SHOWN: usize = 64 * 1024;

    /// To the file of this name, or to the screen.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn to(name: Option<String>) -> Result<Self, Error> {
        let file = match name {
            Some(name) => {
                let file = WholeFile::create(&name)?;
                Some((name, file))
            }
            None => None,
        };
        Ok(Self {
            file,
            start: Vec::new(),
            count: 0,
        })
    }

    /// All of it is there: gives the file its name and says so, or shows the text.
    ///
    /// # Errors
    /// When the file cannot get its name, or what came is not shown.
    pub fn finish(self) -> Result<(), Error> {
        let count = self.count;
        if let Some((name, mut file)) = self.file {
            file.flush().context(format!("cannot save {name}"))?;
            file.finish()?;
            eprintln!("saved {count} bytes as {name}");
            return Ok(());
        }
        // A piece may end in the middle of a letter: only the whole can be read as text.
        let why = match str::from_utf8(&self.start) {
            _ if count > Self::SHOWN as u64 => "more than 64 KiB",
            Ok(text) if is_plain(text) => {
                return print_result(text).context("cannot print the page");
            }
            _ => "not plain text",
        };
        Err(Error::new(format!("{count} bytes are not shown: {why}"))
            .hint("--save FILE keeps them as they are"))
    }
}

impl Write for Download {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = if let Some((_, file)) = &mut self.file {
            file.write(bytes)?
        } else {
            let room = Self::SHOWN - self.start.len();
            self.start
                .extend_from_slice(&bytes[..bytes.len().min(room)]);
            bytes.len()
        };
        self.count += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.file {
            Some((_, file)) => file.flush(),
            None => Ok(()),
        }
    }
}

fn is_plain(text: &str) -> bool {
    // A lone \r would write over the line that stands there.
    let text = text.replace("\r\n", "\n");
    !text.contains(|sign| steers(sign) && !"\n\t".contains(sign))
}

/// A sign that moves the cursor, changes colours, rings the bell, or turns the direction of
/// the text around (U+202A to 202E, 2066 to 2069), so that it reads as something else.
fn steers(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What a peer said, so that it can be printed: signs that steer a terminal or turn the
/// text around become U+FFFD, and the network's line end becomes `\n`.
pub fn visible(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.replace(
        |sign: char| steers(sign) && !"\n\t".contains(sign),
        "\u{fffd}",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_confuse_a_terminal_is_made_visible() {
        assert_eq!(visible("a\r\nb\tc\n"), "a\nb\tc\n");
        assert_eq!(
            visible("\x1b[31mred\x07\rx"),
            "\u{fffd}[31mred\u{fffd}\u{fffd}x"
        );
        assert_eq!(visible("\u{9b}2J é"), "\u{fffd}2J é");
        assert_eq!(visible("a\u{202e}cba\u{2066}"), "a\u{fffd}cba\u{fffd}");
    }

    #[test]
    fn only_the_start_of_what_is_not_saved_is_kept_in_memory() {
        let mut download = Download::to(None).expect("no file");
        for _ in 0..100 {
            download.write_all(&[b'a'; 1000]).expect("memory");
        }
        assert_eq!(download.count, 100_000);
        assert_eq!(download.start.len(), Download::SHOWN);
    }

    #[test]
    fn text_is_plain_and_commands_to_a_terminal_are_not() {
        assert!(is_plain("one\r\n\ttwo é\n"));
        assert!(!is_plain("\x1b[2J"));
        assert!(!is_plain("nul \0"));
        assert!(!is_plain("a page\ranother line over it"));
        assert!(!is_plain("file\u{202e}fdp.exe"));
    }
}
