//! Events of the tests.

use crate::channel::{ChannelOpened, Clearance, ClearanceKind, Clearances};
use crate::testing::{NOON, Scene, given_nothing, party};
use crate::time::DAY_US;

/// Clearances that hold for more than a year; the authorisation is the first to lapse, after 365 days.
pub(crate) fn clearances() -> Clearances {
    let clearance = |number: &str, days: i64| Clearance {
        number: number.parse().unwrap(),
        expires_at: NOON.plus_us(days * DAY_US),
    };
    [
        (ClearanceKind::Assessment, clearance("CAC-TEST-1", 730)),
        (ClearanceKind::Notification, clearance("DSPDP-N-TEST-1", 500)),
        (ClearanceKind::Authorisation, clearance("DSPDP-A-TEST-1", 365)),
    ]
    .into()
}

pub(crate) fn opened(to: &str) -> ChannelOpened {
    ChannelOpened { to: party(to), clearances: clearances() }
}

/// Zhuhai's channel to Macau, open.
pub(crate) fn open_channel() -> Scene {
    given_nothing().and("dp.zhuhai", opened("macau"))
}
