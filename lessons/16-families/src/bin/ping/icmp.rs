//! Lesson 16: the bytes of an ICMP echo, made and taken apart by hand, for `ping`.
//!
//! RFC 792 (ICMP), RFC 4443 (ICMPv6), RFC 1071 (the checksum), RFC 791 (the IPv4 header).

// ANCHOR: request
/// An echo request: 8 bytes of header, then data that the answer repeats.
///
/// ```text
///  0       1       2       3       4       5       6       7       8
///  | type  | code  |   checksum    |  identifier   |    number     | data ...
/// ```
pub fn request(v6: bool, identifier: u16, number: u16, data: &[u8]) -> Vec<u8> {
    let kind = if v6 { 128 } else { 8 };
    let mut message = vec![kind, 0, 0, 0]; // the checksum is 0 while it is being computed
    message.extend(identifier.to_be_bytes()); // network byte order: lesson 02
    message.extend(number.to_be_bytes());
    message.extend(data);
    // ICMPv6 sums up both IP addresses, too. Only the kernel knows them all, and does it
    // for us. For IPv4 it does so on a datagram socket, and leaves a raw one to us.
    if !v6 {
        let sum = checksum(&message);
        message[2..4].copy_from_slice(&sum.to_be_bytes());
    }
    message
}
// ANCHOR_END: request

/// The Internet checksum: add up all 16-bit words, add what overflows at the low end, and
/// turn all bits. Over a whole message with its checksum the result is 0.
pub fn checksum(message: &[u8]) -> u16 {
    let mut sum = 0;
    for pair in message.chunks(2) {
        let low = pair.get(1).unwrap_or(&0); // an odd byte at the end gets a zero
        sum += u32::from(pair[0]) * 256 + u32::from(*low);
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// What a message says to the one who sent `request`.
#[derive(Debug, PartialEq, Eq)]
pub enum EchoReply {
    /// The answer to it, so many bytes long.
    Answer(usize),
    /// The answer to another request of ours: one that came late, or came twice.
    AnswerTo(u16),
    /// A host on the way could not deliver it: type and code.
    Undelivered(u8, u8),
}

// ANCHOR: parse
/// Compares what a socket has received with our request. None: it concerns somebody else,
/// or is damaged.
///
/// A raw socket gets all ICMP messages of the machine; for IPv4 each has its IP header. A
/// datagram socket gets only the answers to its own identifier, which the kernel chose.
pub fn parse(packet: &[u8], v6: bool, raw: bool, request: &[u8]) -> Option<EchoReply> {
    let message = if raw && !v6 {
        after_ip_header(packet)?
    } else {
        packet
    };
    let (answer, unreachable, too_far) = if v6 { (129, 1, 3) } else { (0, 3, 11) };
    let (header, data) = message.split_at_checked(8)?;
    let (kind, code) = (header[0], header[1]);
    if kind == answer {
        let ours = (!raw || message[4..6] == request[4..6]) && data == &request[8..];
        let number = u16::from_be_bytes([message[6], message[7]]);
        let asked = u16::from_be_bytes([request[6], request[7]]);
        let reply = if number == asked {
            EchoReply::Answer(message.len())
        } else {
            EchoReply::AnswerTo(number)
        };
        return ours.then_some(reply);
    }
    if kind == unreachable || kind == too_far {
        // It quotes what could not be delivered: the IP header, and our first 8 bytes.
        let quoted = if v6 {
            data.get(40..)?
        } else {
            after_ip_header(data)?
        };
        let same = quoted.get(4..8)? == &request[4..8] && quoted[0] == request[0];
        return same.then_some(EchoReply::Undelivered(kind, code));
    }
    None
}
// ANCHOR_END: parse

// ANCHOR: header
/// What stands after an IPv4 header. The header's length, in words of four bytes, is the
/// low half of its first byte: 5, or more where it has options.
pub fn after_ip_header(packet: &[u8]) -> Option<&[u8]> {
    let words = usize::from(packet.first()? & 0x0f);
    packet.get(words.max(5) * 4..)
}
// ANCHOR_END: header

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_rfc_and_of_real_packets() {
        // RFC 1071 section 3: these words add up to ddf2.
        assert_eq!(
            checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            !0xddf2
        );
        // The IPv4 header of a real packet, with its checksum b861, and without.
        let header =
            b"\x45\0\0\x73\0\0\x40\0\x40\x11\xb8\x61\xc0\xa8\0\x01\xc0\xa8\0\xc7";
        assert_eq!(checksum(header), 0);
        assert_eq!(
            checksum(&[&header[..10], &[0, 0], &header[12..]].concat()),
            0xb861
        );
        // An odd byte at the end is the high half of a word. What overflows twice.
        assert_eq!(checksum(&[1]), !0x0100);
        assert_eq!(checksum(&[]), 0xffff);
        assert_eq!(checksum(&[0xff; 6]), 0);
        assert_eq!(checksum(&[0xff, 0xff, 0, 1]), !1);
    }

    #[test]
    fn a_request_has_eight_bytes_of_header_and_a_right_checksum() {
        let message = request(false, 0x1234, 7, b"abc");
        assert_eq!(message[..2], [8, 0]);
        assert_eq!(message[4..], *b"\x12\x34\0\x07abc");
        assert_eq!(checksum(&message), 0);
        assert_eq!(request(true, 0x1234, 7, b"")[..4], [128, 0, 0, 0]);
    }

    /// The answer to a request, as a host gives it.
    fn answer(request: &[u8]) -> Vec<u8> {
        let mut answer = request.to_vec();
        answer[0] = if request[0] == 8 { 0 } else { 129 };
        answer
    }

    /// As a raw socket gives it.
    fn packet(v6: bool, message: &[u8]) -> Vec<u8> {
        let header: &[u8] = if v6 { &[] } else { &[0x45; 20] };
        [header, message].concat()
    }

    #[test]
    fn an_answer_has_our_identifier_our_number_and_our_data() {
        for v6 in [false, true] {
            let asked = request(v6, 5, 2, b"data");
            let hears = |message: &[u8]| parse(&packet(v6, message), v6, true, &asked);
            assert_eq!(hears(&answer(&asked)), Some(EchoReply::Answer(12)));
            let first = answer(&request(v6, 5, 1, b"data"));
            assert_eq!(hears(&first), Some(EchoReply::AnswerTo(1)));
            assert_eq!(hears(&answer(&request(v6, 6, 2, b"data"))), None);
            assert_eq!(hears(&answer(&request(v6, 5, 2, b"dada"))), None);
            assert_eq!(hears(&answer(&request(v6, 5, 2, b"data and more"))), None);
            assert_eq!(hears(&asked), None, "our own request, on loopback");
            for length in 0..8 {
                assert_eq!(hears(&answer(&asked)[..length]), None);
            }
        }
        // The kernel has given a datagram socket another identifier, and no IP header.
        let theirs = answer(&request(false, 9, 2, b"data"));
        let asked = request(false, 5, 2, b"data");
        assert_eq!(
            parse(&theirs, false, false, &asked),
            Some(EchoReply::Answer(12))
        );
    }

    #[test]
    fn what_was_not_delivered_is_quoted() {
        for (v6, kind, header) in [(false, 11, 20), (false, 3, 24), (true, 1, 40)] {
            let asked = request(v6, 5, 2, b"data");
            let mut ip = vec![0; header];
            ip[0] = if v6 { 0x60 } else { 0x40 + header as u8 / 4 };
            let message = [&[kind, 1, 0, 0, 0, 0, 0, 0], &ip[..], &asked[..8]].concat();
            let hears = |message: &[u8]| parse(&packet(v6, message), v6, true, &asked);
            assert_eq!(hears(&message), Some(EchoReply::Undelivered(kind, 1)));
            for length in 0..message.len() {
                assert_eq!(hears(&message[..length]), None, "{length}");
            }
            let others = [&message[..message.len() - 1], &[9]].concat();
            assert_eq!(hears(&others), None);
        }
    }

    #[test]
    fn an_ip_header_says_how_long_it_is() {
        let packet = |first: u8, length: usize| {
            let mut packet = vec![7; length];
            packet[0] = first;
            packet
        };
        assert_eq!(after_ip_header(&packet(0x45, 22)), Some(&[7, 7][..]));
        assert_eq!(after_ip_header(&packet(0x46, 25)), Some(&[7][..]));
        assert_eq!(after_ip_header(&packet(0x41, 21)), Some(&[7][..]));
        assert_eq!(after_ip_header(&packet(0x4f, 30)), None);
        assert_eq!(after_ip_header(&[]), None);
    }
}
