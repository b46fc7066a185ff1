//! Free loopback ports for servers that have to be told their port.
//!
//! The ports lie below the range from which Linux takes the ports of outgoing connections (32768 and up). Otherwise a
//! client that keeps trying to reach a stopped server could be given that very port, connect to itself, and keep the
//! server from coming back.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Mutex;

use anyhow::{Result, bail};
use rand::Rng;

const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;
const TRIES: usize = 200;

/// Ports given out by this process; none is given out twice.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A loopback port that nobody listened on a moment ago. It is kept bound until [`FreePort::release`], which should
/// come just before the server binds it; a server that still fails to bind is given another port.
#[derive(Debug)]
pub struct FreePort {
    listener: TcpListener,
    address: SocketAddr,
}

impl FreePort {
    /// Finds one.
    ///
    /// # Errors
    /// When none of many tries could be bound.
    pub fn find() -> Result<Self> {
        for _ in 0..TRIES {
            let port = rand::rng().random_range(FIRST..LAST);
            let fresh = GIVEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(port);
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            if fresh && let Ok(listener) = TcpListener::bind(address) {
                return Ok(Self { listener, address });
            }
        }
        bail!("no free loopback port between {FIRST} and {LAST} in {TRIES} tries")
    }

    /// Returns the address, which stays bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives the port up for a server to bind.
    #[must_use]
    pub fn release(self) -> SocketAddr {
        drop(self.listener);
        self.address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_distinct_bound_until_released_and_then_free() {
        let (one, two) = (FreePort::find().unwrap(), FreePort::find().unwrap());
        assert_ne!(one.address(), two.address());
        assert!(TcpListener::bind(one.address()).is_err());
        assert!(TcpListener::bind(one.release()).is_ok());
    }
}
