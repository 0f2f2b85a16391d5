//! Signatures by the Standard Webhooks specification, and the secrets they are made with.
//!
//! Invariant: what is signed is the message's id, the second of the try and the body's bytes as they travel;
//! a receiver that checks all three cannot be told an old message as a new one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How a secret begins when it is shown.
const SECRET_PREFIX: &str = "whsec_";
/// As many as the hash has: more add nothing, and the specification allows 24 to 64.
pub const SECRET_BYTES: usize = 32;

/// A secret as its owner copies it.
pub fn secret_text(secret: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(secret))
}

/// One signature: `v1,` and its base64.
pub fn sign(secret: &[u8], id: &str, seconds: i64, body: &[u8]) -> String {
    // A key of any length fits: this never fails.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::Digest;
    use std::io::Write;
    use std::process::{Command, Stdio};

    /// The specification's own example.
    #[test]
    fn the_specifications_example_is_signed_as_it_says() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature =
            sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(secret_text(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    /// HMAC by its definition (RFC 2104), from the hash alone.
    fn by_hand(secret: &[u8], message: &[u8]) -> String {
        let mut block = [0_u8; 64];
        match secret.len() {
            0..=64 => block[..secret.len()].copy_from_slice(secret),
            _ => block[..32].copy_from_slice(&Sha256::digest(secret)),
        }
        let pad = |with: u8| block.map(|byte| byte ^ with);
        let inner = Sha256::digest([&pad(0x36)[..], message].concat());
        STANDARD.encode(Sha256::digest([&pad(0x5c)[..], &inner].concat()))
    }

    #[test]
    fn signatures_are_those_of_two_other_hands() {
        for (secret, body) in [(vec![7; 24], ""), (vec![0xff; SECRET_BYTES], "{\"ф\":1}"), (vec![1; 65], "x")]
        {
            let signature = sign(&secret, "evt_1_0", 1_775_000_000, body.as_bytes());
            let message = format!("evt_1_0.1775000000.{body}");
            assert_eq!(signature, format!("v1,{}", by_hand(&secret, message.as_bytes())));
            if let Some(other) = by_openssl(&secret, message.as_bytes()) {
                assert_eq!(signature, format!("v1,{other}"));
            }
        }
    }

    /// Where the program is installed.
    fn by_openssl(secret: &[u8], message: &[u8]) -> Option<String> {
        let key: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut openssl = Command::new("openssl")
            .args(["dgst", "-sha256", "-mac", "HMAC", "-macopt", &format!("hexkey:{key}"), "-binary"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        openssl.stdin.take()?.write_all(message).ok()?;
        Some(STANDARD.encode(openssl.wait_with_output().ok()?.stdout))
    }
}
