//! What the name of a file that was handed in means.
//!
//! Only an exercise's own name is graded. Browsers, mail programs and people make others of
//! it, and who has handed in such a file is told so: silence would look like a zero.

/// What a file's name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// This exercise's.
    Exercise(&'static str),
    /// Nearly this exercise's: `half_close_echo.rs`, `half-close-echo (1).rs`.
    Near(&'static str),
    /// Nothing that is asked for.
    Other,
}

/// How alike two names are when one was mistyped: 1 is the same.
const MISTYPED: f64 = 0.95;

/// The meaning of a file's name.
pub fn meaning(file: &str) -> Meaning {
    let names = || exercises::all().map(|exercise| exercise.name);
    let own = file.strip_suffix(".rs");
    if let Some(name) = names().find(|name| own == Some(name)) {
        return Meaning::Exercise(name);
    }
    let Some(words) = words_of(file) else {
        return Meaning::Other;
    };
    let is_near = |name: &&str| {
        let among = format!("-{words}-").contains(&format!("-{name}-"));
        let joined = words.replace('-', "") == name.replace('-', "");
        among || joined || strsim::jaro_winkler(&words, name) > MISTYPED
    };
    // The longest: `udp-client-with-retries` is no `udp-client`.
    let near = names().filter(is_near).max_by_key(|name| name.len());
    near.map_or(Meaning::Other, Meaning::Near)
}

/// The words of a Rust file's name in small letters, with `-` between them: `my half_close`
/// is `my-half-close`. None: it is no such file. Some systems hide `.txt`, and add it.
fn words_of(file: &str) -> Option<String> {
    let small = file.trim().to_lowercase();
    let stem = small.strip_suffix(".txt").unwrap_or(&small).trim();
    let stem = stem.strip_suffix(".rs").or(small.strip_suffix(".txt"))?;
    let words = stem.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    Some(words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_a_mail_or_a_hand_makes_of_a_name_is_near_it() {
        for name in [
            "half-close-echo-1.rs",
            "half_close_echo.rs",
            "Half-Close-Echo.rs",
            "half-close-echo (1).rs",
            "half-close-echo.rs.txt",
            "half-close-echo.txt",
            "half-close-echo.RS",
            "half-close-echo .rs",
            "half-close-echo.rs ",
            "HalfCloseEcho.rs",
            "cara_half-close-echo.rs",
            "half-close-ehco.rs",
        ] {
            assert_eq!(meaning(name), Meaning::Near("half-close-echo"), "{name}");
        }
    }

    #[test]
    fn other_names_are_nobodys() {
        for name in [
            "main.rs",
            "half-close.rs",
            "half-close-echo.rs.bak",
            "half-close-echo.zip",
            "half-close-echo",
            "reader.rs",
            "client.rs",
        ] {
            assert_eq!(meaning(name), Meaning::Other, "{name}");
        }
        let own = Meaning::Exercise("half-close-echo");
        assert_eq!(meaning("half-close-echo.rs"), own);
    }
}
