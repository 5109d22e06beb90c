//! What is `create`'s own of the table of faults (`tests/faults`). It has no peer, and waits for
//! nothing.

mod create {
    use super::super::create;
    #[cfg(target_os = "linux")]
    use super::super::{answer, with_descriptors};

    /// A descriptor fewer than the program needs: the rows say so, and once a socket was
    /// dropped there is room for the next one.
    #[cfg(target_os = "linux")]
    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        let Some(program) = with_descriptors(4, create()) else {
            return;
        };
        let ended = program.run();
        ended.code(0);
        let first = answer(&ended, "AF_INET SOCK_STREAM 0");
        assert_eq!(first, "AF_INET SOCK_STREAM IPPROTO_TCP");
        let second = answer(&ended, "AF_INET SOCK_DGRAM 0");
        assert_eq!(second, "too many open files in this program (EMFILE)");
        assert!(ended.stdout.contains("the next socket has descriptor 3"));
    }
}
