//! A link between two parties that can be cut: a TCP relay that one service's connections to another's broker go
//! through.
//!
//! In scope: cutting (connections closed, new ones refused) and healing. Out of scope: delays, loss, half-open
//! connections.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// One direction of a link. Its address stays the same for as long as it exists; dropping it cuts it for ever.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    whole: watch::Sender<bool>,
    relay: JoinHandle<()>,
}

impl Link {
    /// Opens a link to a server.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn open(to: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (whole, state) = watch::channel(true);
        Ok(Self { address, whole, relay: tokio::spawn(accept(listener, to, state)) })
    }

    /// Returns the address to connect to instead of the server's own.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes all connections and refuses new ones.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets connections through again.
    pub fn heal(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cut();
        self.relay.abort();
    }
}

async fn accept(listener: TcpListener, to: SocketAddr, state: watch::Receiver<bool>) {
    loop {
        let Ok((near, _)) = listener.accept().await else { continue };
        if *state.borrow() {
            tokio::spawn(relay(near, to, state.clone()));
        } // else the connection is closed at once: the port stays ours while the link is cut
    }
}

async fn relay(mut near: TcpStream, to: SocketAddr, mut state: watch::Receiver<bool>) {
    let Ok(mut far) = TcpStream::connect(to).await else { return };
    let _ = (near.set_nodelay(true), far.set_nodelay(true)); // only a delay when it fails
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
        _ = state.wait_for(|whole| !whole) => {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn echo_server() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        address
    }

    async fn echoes(stream: &mut TcpStream) -> bool {
        let mut byte = [0];
        stream.write_all(b"x").await.is_ok() && stream.read_exact(&mut byte).await.is_ok()
    }

    #[tokio::test]
    async fn a_cut_link_closes_and_refuses_and_a_healed_one_carries_again() {
        let link = Link::open(echo_server().await).await.unwrap();
        let mut before = TcpStream::connect(link.address()).await.unwrap();
        assert!(echoes(&mut before).await);
        link.cut();
        assert!(!echoes(&mut before).await);
        let mut during = TcpStream::connect(link.address()).await.unwrap();
        assert!(!echoes(&mut during).await);
        link.heal();
        let mut after = TcpStream::connect(link.address()).await.unwrap();
        assert!(echoes(&mut after).await);
    }
}
