//! How a picture and its twin say what happens: calls, data, times and states in short.

use crate::event::{Call, Segment, Window, gives, letters, one_letter, takes};

/// A call is shown as two rows and the sleep between them from here on.
const SLEEP: u64 = 10_000;
/// So many letters of data are shown.
const MOST_LETTERS: usize = 14;
/// And so many in text, where a whole message has room.
const MOST_IN_TEXT: usize = 300;

/// A call by the name that the lessons use: accept4 is accept, and who gives no address to
/// sendto means send.
pub fn plain_name(call: &Call) -> &str {
    match call.name.as_str() {
        "accept4" => "accept",
        "sendto" if call.address.is_empty() => "send",
        "recvfrom" => "recv",
        "clock_nanosleep" => "sleep",
        "ppoll" => "poll",
        "pselect6" => "select",
        "epoll_pwait" => "epoll_wait",
        name => name,
    }
}

/// A call by its name, and what it asks: select its set, shutdown a half.
fn asking(call: &Call) -> String {
    match call.asks.as_str() {
        "" => plain_name(call).to_string(),
        asks => format!("{} {asks}", plain_name(call)),
    }
}

/// A call that has not returned yet.
pub fn begun(call: &Call) -> String {
    format!("{} …", asking(call))
}

/// A call with what it gave, and its result where that is news, between so many lifelines.
pub fn done(lifelines: usize, call: &Call, result: &str) -> String {
    let name = plain_name(call);
    let is_error = result.starts_with('E');
    if gives(&call.name) && !is_error {
        return match lifelines {
            3.. => format!("{name} {result}"),
            _ => format!("{name} {}", short(&call.data)),
        };
    }
    if name == "setsockopt" && !call.address.is_empty() && !is_error {
        return format!("{name} {}", call.address);
    }
    if let Some((mapped, _)) = call.address.rsplit_once("]:")
        && mapped.starts_with("[::ffff:")
        && name == "accept"
    {
        return format!("{name} {mapped}]"); // an IPv4 client of an IPv6 socket
    }
    let news = is_error || result != "0" || takes(&call.name) || name == "connect";
    if news {
        format!("{name} = {result}")
    } else {
        asking(call)
    }
}

/// Whether a call is shown with a begin and an end: it slept, or connects and waits for the
/// answer.
pub fn takes_time(call: &Call, returned: Option<(&str, u64)>) -> bool {
    match returned {
        None => true,
        Some(("EINPROGRESS", _)) => false,
        // On a socket of UDP connect sends nothing, and waits for nothing.
        Some((_, took)) => {
            took >= SLEEP || call.name == "connect" && call.connection.is_some()
        }
    }
}

/// A call that takes something stands where it returns, one that gives where it begins.
pub fn happens_at_its_end(call: &Call) -> bool {
    takes(&call.name) || call.name.starts_with("accept")
}

/// What stands at the arrow: in short, and whole.
pub fn label(segment: &Segment, probes: bool) -> (String, String) {
    let mut words = Vec::new();
    for (flag, word) in [('S', "SYN"), ('F', "FIN"), ('R', "RST")] {
        if segment.has(flag) {
            words.push(word);
        }
    }
    // An ACK stands in every segment but the first; it is news in these.
    if probes {
        words.push("probe");
    } else if segment.is_pure_ack() || segment.flags == "S." {
        words.push("ACK");
    }
    if segment.has('I') {
        words.push("unreachable");
    }
    match segment.window {
        Some(Window::Closes) => words.push("window 0"),
        Some(Window::Opens) => words.push("window > 0"),
        None => {}
    }
    let words = words.join(" ");
    if segment.length == 0 {
        let empty = segment.has('U');
        let words = if empty { "(empty)".to_string() } else { words };
        return (words.clone(), words);
    }
    let join = if words.is_empty() { "" } else { " " };
    let whole = format!("{}{join}{words}", in_text(&segment.data));
    (format!("{}{join}{words}", short(&segment.data)), whole)
}

/// The first letters of some data, as many as a picture has room for. Of a long row of
/// one letter only its length says something.
pub fn short(data: &str) -> String {
    match one_letter(data) {
        Some(_) => format!("{} bytes", data.len()),
        // As C and Rust write it: a length has room for its number, and words are words.
        None => cut(
            &data.replace("\\x00", "\\0").replace("\\'", "'"),
            MOST_LETTERS,
        ),
    }
}

/// The first letters of some data, as many as a text has room for.
pub fn in_text(data: &str) -> String {
    match one_letter(data) {
        Some(letter) => format!("{letter}{letter}{letter}…"),
        None => cut(data, MOST_IN_TEXT),
    }
}

/// The first letters of some data. What is escaped takes more room.
fn cut(data: &str, most: usize) -> String {
    let mut short = String::new();
    for (index, letter) in letters(data).enumerate() {
        if index == most || short.len() + letter.len() > most + 4 {
            short.push('…');
            break;
        }
        short.push_str(letter);
    }
    short
}

/// How many bytes wait for a program: the kernel counts a FIN that nobody has read as one.
pub fn waiting(state: &str, unread: u64) -> u64 {
    match state {
        "CLOSE_WAIT" | "LAST_ACK" | "CLOSING" => unread.saturating_sub(1),
        _ => unread,
    }
}

/// As ss(8) writes it.
pub fn short_state(state: &str) -> &'static str {
    match state {
        "ESTABLISHED" => "ESTAB",
        "SYN_SENT" => "SYN-SENT",
        "SYN_RECV" => "SYN-RECV",
        "FIN_WAIT1" => "FIN-WAIT-1",
        "FIN_WAIT2" => "FIN-WAIT-2",
        "TIME_WAIT" => "TIME-WAIT",
        "CLOSE_WAIT" => "CLOSE-WAIT",
        "LAST_ACK" => "LAST-ACK",
        "CLOSING" => "CLOSING",
        _ => "CLOSED",
    }
}

/// Two digits are enough.
pub fn pause_in_words(micros: u64) -> String {
    match micros {
        100_000.. => format!("{:.1} s", micros as f64 / 1e6),
        _ => format!("{:.0} ms", micros as f64 / 1e3),
    }
}

/// A text in lines of about so many letters at most.
pub fn wrapped(text: &str, most: usize) -> impl Iterator<Item = String> {
    // Two lines of the same length are better than a long one and a word.
    let length = text.chars().count();
    let wide = length / length.div_ceil(most).max(1) + 6;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("one at least");
        if !line.is_empty() && line.chars().count() + word.chars().count() >= wide {
            lines.push(word.to_string());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.into_iter()
}
