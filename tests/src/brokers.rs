//! A party's NATS broker as a child process.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use tokio::net::TcpStream;

use crate::install::NatsServer;
use crate::process::Daemon;
use crate::setup::Home;
use crate::wait;

/// A broker with a store of some thousand messages is up in well under a second; slow disks get time.
const START_MAX: Duration = Duration::from_secs(20);

/// Starts a party's broker with the configuration in its home and waits until it accepts connections.
///
/// # Errors
/// When the configuration is wrong, or the server ends or does not answer; quotes its log.
pub async fn start(server: &NatsServer, home: &Home, address: SocketAddr) -> Result<Daemon> {
    server.check_config(&home.broker_config())?;
    let name = format!("the broker of {}", home.side.name);
    let mut command = Command::new(&server.path);
    command.arg("-c").arg(home.broker_config());
    let mut broker = Daemon::spawn(&name, &mut command, &home.log("broker"))?;
    wait::until(&format!("{name} accepts connections"), START_MAX, async || {
        broker.check_alive()?;
        Ok(TcpStream::connect(address).await.ok().map(drop))
    })
    .await?;
    Ok(broker)
}
