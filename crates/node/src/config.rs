//! The service's configuration: one TOML file for each party. Addresses live here; rules don't (`tongcha_domain::party`).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tongcha_domain::id::PartyId;

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{path} can't be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file is not a configuration.
    #[error("{path} is not a configuration: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, column and what was expected.
        message: String,
    },
    /// The file is another party's.
    #[error("{path} is the configuration of {found}, this program is {expected}'s")]
    Party {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        found: PartyId,
        /// Whose program runs.
        expected: PartyId,
    },
}

/// A party's configuration. Relative paths are relative to the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The party; must be the program's own.
    pub party: PartyId,
    /// Journals, body keys, view, officers.
    pub data_dir: PathBuf,
    /// The secret keys, made by `keys new`.
    pub key_file: PathBuf,
    /// The cards of all parties, one `<party>.toml` each, the own one too.
    pub cards_dir: PathBuf,
    /// The file of a drill's clock offset in seconds; never in a service for real cases. See `crate::clock`.
    #[serde(default)]
    pub drill_clock: Option<PathBuf>,
    /// The HTTP API.
    pub http: HttpConfig,
    /// The own broker.
    pub broker: BrokerConfig,
    /// The peers' brokers.
    pub peers: BTreeMap<PartyId, BrokerConfig>,
}

/// Where and how the API is served.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Address; loopback unless a reverse proxy with TLS stands before it.
    pub listen: SocketAddr,
}

/// Where a broker is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerConfig {
    /// `nats://host:port`, or `tls://host:port`.
    pub url: String,
    /// Certificate authority of the broker, for `tls://`.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

impl Config {
    /// Reads a party's configuration.
    ///
    /// # Errors
    /// When the file can't be read, has another form, or is another party's.
    pub fn read(path: &Path, party: PartyId) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let syntax = |e: toml::de::Error| ConfigError::Syntax { path: path.to_owned(), message: e.to_string() };
        let mut config: Self = toml::from_str(&text).map_err(syntax)?;
        if config.party != party {
            return Err(ConfigError::Party { path: path.to_owned(), found: config.party, expected: party });
        }
        let base = path.parent().unwrap_or(Path::new("."));
        let brokers = std::iter::once(&mut config.broker).chain(config.peers.values_mut());
        let ca_files = brokers.filter_map(|broker| broker.ca_file.as_mut());
        let paths = [&mut config.data_dir, &mut config.key_file, &mut config.cards_dir].into_iter();
        for file in paths.chain(config.drill_clock.as_mut()).chain(ca_files) {
            *file = base.join(&*file);
        }
        Ok(config)
    }
}
