//! What did not run, said once more at the end. This is the last test target of the package.

use std::collections::BTreeMap;
use std::io::{self, Write};

#[test]
fn what_was_skipped_is_counted_at_the_end() {
    let skipped = tests::skipped();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &skipped {
        let (_, reason) = line.split_once(": ").expect("TEST: REASON");
        *reasons.entry(reason).or_default() += 1;
    }
    // To stderr itself, which the runner shows for a test that passes, too.
    let mut stderr = io::stderr();
    let mut say = |line: String| writeln!(stderr, "{line}").expect("stderr");
    say(format!(
        "{} skipped in the tests of this run",
        skipped.len()
    ));
    for (reason, count) in reasons {
        say(format!("  {count} × {reason}"));
    }
}
