//! What every program meets: its arguments, and an output that nobody reads.

use crate::row::Row;

/// Wrong arguments of every program, and what the error says of them.
const WRONG: &[(&str, &str)] = &[("--what", "unknown option `--what`")];

/// Wrong arguments of every program that takes HOST:PORT.
pub const WRONG_ADDRESS: &[(&str, &str)] = &[
    ("nonsense", "`nonsense` is not HOST:PORT: it has no port"),
    (
        "127.0.0.1:70000",
        "`70000` is not a port: ports go from 0 to 65535",
    ),
    ("127.0.0.1:", "`` is not a port: a port is a number"),
    ("::1", "`::1` is not HOST:PORT: IPv6 goes in brackets"),
];

pub fn a_wrong_argument_is_told(row: &Row) {
    for (arguments, told) in WRONG.iter().chain(&row.wrong) {
        assert!(!told.is_empty(), "{arguments}: what does the error say?");
        // Two spaces, where an argument has one of its own.
        let between = if arguments.contains("  ") { "  " } else { " " };
        let ended = row.bare().args(arguments.split(between)).run();
        let (told, hint) = told.split_once(" hint: ").unwrap_or((told, ""));
        ended.code(2).complained(told);
        assert!(ended.stderr.contains(hint), "{hint:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "{arguments}");
    }
}

pub fn a_wrong_address_is_told<K>(row: &Row, _: &K) {
    let mut row = row.clone();
    row.wrong.extend(WRONG_ADDRESS);
    a_wrong_argument_is_told(&row);
    let ended = row.bare().args(["nonsense"]).run();
    assert!(ended.stderr.contains("localhost:8"), "{ended:?}");
}

/// A program that ends by itself: started without an argument, a client talks to its own
/// practice server.
pub fn a_closed_output_is_no_panic(row: &Row) {
    let mut running = row.bare().start_with_closed_output();
    running.types(row.typed());
    running.close_keyboard();
    let ended = running.ends();
    ended.code(0);
    // Notes may stand there, but not of a client that talks; an error is none.
    let notes_only = ["panicked", "error: "]
        .iter()
        .all(|word| !ended.stderr.contains(word));
    assert!(notes_only, "{ended:?}");
    if row.talks() {
        assert_eq!(ended.stderr, "");
    }
}

/// What stands on standard error, perhaps after notes.
pub const DISK_IS_FULL: &str = "no space left on the device (ENOSPC)";

/// A program that ends by itself, started as above.
pub fn a_full_disk_behind_its_output_is_told(row: &Row) {
    let mut running = row.bare().start_with_full_disk();
    running.types(row.typed());
    running.close_keyboard();
    running.ends().code(1).complained_after_notes(DISK_IS_FULL);
}

pub fn a_name_that_does_not_exist_is_told<K>(row: &Row, _: &K) {
    tests::no_way::unknown_name(|address| row.program(address, &[]));
}
