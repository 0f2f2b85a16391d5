//! Which addresses are the world's, and which lead into somebody's own network.
//!
//! Invariant: an address is judged as the number it is, never as it was spelled; one that carries an IPv4
//! address inside is judged by that one too.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// What an address is that no request from outside may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inner {
    Loopback,
    Private,
    LinkLocal,
    /// Shared between a provider's customers (RFC 6598).
    CarrierGrade,
    Multicast,
    /// Where a cloud tells its machines their secrets, beyond the link-local one.
    Metadata,
    /// Documentation, benchmarks, tunnels, and what nobody has been given.
    Reserved,
}

/// IPv4 networks that are not the world's (IANA's special-purpose registry), and one cloud's own address.
const INNER_V4: [(Ipv4Addr, u8, Inner); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, Inner::Loopback),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Inner::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Inner::CarrierGrade),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Inner::Loopback),
    (Ipv4Addr::new(168, 63, 129, 16), 32, Inner::Metadata),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Inner::LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Inner::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Inner::Reserved),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Inner::Reserved),
    (Ipv4Addr::new(192, 31, 196, 0), 24, Inner::Reserved),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Inner::Reserved),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Inner::Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Inner::Reserved),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Inner::Reserved),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Inner::Reserved),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Inner::Multicast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Inner::Reserved),
];

/// Inside of `2000::/3`, which alone is the world's: documentation, and tunnels that carry IPv4 addresses.
const INNER_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// What an address of somebody's own network is; `None` for one of the world's.
pub fn inner(address: IpAddr) -> Option<Inner> {
    match address {
        IpAddr::V4(v4) => inner_v4(v4),
        IpAddr::V6(v6) => inner_v6(v6),
    }
}

fn inner_v4(address: Ipv4Addr) -> Option<Inner> {
    let found = INNER_V4.iter().find(|(net, bits, _)| has(IpAddr::V4(*net), *bits, IpAddr::V4(address)));
    found.map(|(_, _, kind)| *kind)
}

fn inner_v6(address: Ipv6Addr) -> Option<Inner> {
    let low = || {
        let [.., a, b, c, d] = address.octets();
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Some(Inner::Loopback),
        // IPv4 written as IPv6, and what a network without IPv4 of its own translates.
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => inner_v4(low()),
        [first, ..] if first & 0xfe00 == 0xfc00 => Some(Inner::Private),
        [first, ..] if first & 0xffc0 == 0xfe80 => Some(Inner::LinkLocal),
        [first, ..] if first & 0xff00 == 0xff00 => Some(Inner::Multicast),
        [first, ..] if first & 0xe000 != 0x2000 => Some(Inner::Reserved),
        _ => {
            let of = |(net, bits): &(Ipv6Addr, u8)| has(IpAddr::V6(*net), *bits, IpAddr::V6(address));
            INNER_V6.iter().any(of).then_some(Inner::Reserved)
        }
    }
}

/// Whether a network has an address; the two families have none in common.
fn has(net: IpAddr, bits: u8, address: IpAddr) -> bool {
    let (net, address, width) = match (net, address) {
        (IpAddr::V4(net), IpAddr::V4(address)) => {
            (u128::from(net.to_bits()), u128::from(address.to_bits()), 32)
        }
        (IpAddr::V6(net), IpAddr::V6(address)) => (net.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let below = width - u32::from(bits);
    bits == 0 || net >> below == address >> below
}

/// A network that an operator allows: `10.1.0.0/16`, `fd00::/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    net: IpAddr,
    bits: u8,
}

impl Cidr {
    pub fn has(&self, address: IpAddr) -> bool {
        // An IPv4 address in IPv6's clothes is the same host.
        has(self.net, self.bits, address.to_canonical())
    }
}

impl FromStr for Cidr {
    type Err = String;
    fn from_str(text: &str) -> Result<Cidr, String> {
        let wrong = || format!("{text} is no network: 10.1.0.0/16, fd00::/8 or one address");
        let (net, bits) = text.split_once('/').map_or((text, None), |(net, bits)| (net, Some(bits)));
        let net: IpAddr = net.trim().parse().map_err(|_| wrong())?;
        let width = if net.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |bits| bits.trim().parse().map_err(|_| wrong()))?;
        if bits > width { Err(wrong()) } else { Ok(Cidr { net, bits }) }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.net, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_address_that_is_not_the_worlds_is_known() {
        let rows = [
            ("127.0.0.1", Inner::Loopback),
            ("127.255.255.254", Inner::Loopback),
            ("0.0.0.0", Inner::Loopback),
            ("10.0.0.1", Inner::Private),
            ("172.16.0.1", Inner::Private),
            ("172.31.255.255", Inner::Private),
            ("192.168.1.1", Inner::Private),
            ("169.254.169.254", Inner::LinkLocal),
            ("100.64.0.1", Inner::CarrierGrade),
            ("100.100.100.200", Inner::CarrierGrade),
            ("168.63.129.16", Inner::Metadata),
            ("192.0.0.192", Inner::Reserved),
            ("192.0.2.1", Inner::Reserved),
            ("198.18.0.1", Inner::Reserved),
            ("198.51.100.1", Inner::Reserved),
            ("203.0.113.1", Inner::Reserved),
            ("224.0.0.1", Inner::Multicast),
            ("239.255.255.255", Inner::Multicast),
            ("240.0.0.1", Inner::Reserved),
            ("255.255.255.255", Inner::Reserved),
            ("::", Inner::Loopback),
            ("::1", Inner::Loopback),
            ("::ffff:127.0.0.1", Inner::Loopback),
            ("::ffff:169.254.169.254", Inner::LinkLocal),
            ("::127.0.0.1", Inner::Reserved),
            ("64:ff9b::10.0.0.1", Inner::Private),
            ("64:ff9b:1::1", Inner::Reserved),
            ("fc00::1", Inner::Private),
            ("fd00:ec2::254", Inner::Private),
            ("fe80::1", Inner::LinkLocal),
            ("fec0::1", Inner::Reserved),
            ("ff02::1", Inner::Multicast),
            ("2001:db8::1", Inner::Reserved),
            ("2001:0:7f00:1::1", Inner::Reserved),
            ("2002:7f00:1::1", Inner::Reserved),
            ("3fff::1", Inner::Reserved),
            ("100::1", Inner::Reserved),
        ];
        for (address, kind) in rows {
            assert_eq!(inner(address.parse().unwrap()), Some(kind), "{address}");
        }
    }

    #[test]
    fn the_worlds_addresses_are_the_worlds() {
        let world = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "223.255.255.255",
            "168.63.129.17",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ];
        for address in world {
            assert_eq!(inner(address.parse().unwrap()), None, "{address}");
        }
    }

    #[test]
    fn a_network_has_what_begins_like_it() {
        let net: Cidr = "10.1.0.0/16".parse().unwrap();
        assert!(net.has("10.1.255.255".parse().unwrap()));
        assert!(net.has("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!net.has("10.2.0.0".parse().unwrap()));
        assert!(!net.has("fd00::1".parse().unwrap()));
        let one: Cidr = "::1".parse().unwrap();
        assert!(one.has("::1".parse().unwrap()) && !one.has("::2".parse().unwrap()));
        let all: Cidr = "0.0.0.0/0".parse().unwrap();
        assert!(all.has("255.255.255.255".parse().unwrap()) && !all.has("::1".parse().unwrap()));
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "localhost", "10.0.0.0/x"] {
            assert!(wrong.parse::<Cidr>().is_err(), "{wrong}");
        }
    }
}
