//! The view: rows folded from the logs.
//!
//! In scope: which rows there are, how an entry changes them, the state root over them. Out of scope: where rows
//! are kept (`tongcha-node` keeps them in sled, the auditor in memory).
//!
//! **Invariant: a row belongs to one log.** Its key ends with the party whose log it is folded from, and its value
//! depends on that log alone. So the rows are the same in whatever order the logs arrive, and a party can't write
//! another's side of a case. Two sides meet only when they are read, in [`Sides`].

mod entry_id;
mod memory;
mod overlay;
mod position;
mod project;
mod root;
mod rows;
mod table;
mod written;

pub use entry_id::EntryId;
pub use memory::MemoryRows;
pub use overlay::{Changes, Overlay};
pub use position::{CommandFacts, CommandOutcome, CommandRecord, LogPosition};
pub use project::{EntryMeta, Said, project};
pub use root::{SET_DIGEST_LEN, SetDigest, StateRoot};
pub use rows::{Aggregates, Facts, Row, RowId, RowStore, Rows, Sides, ViewError};
pub(crate) use rows::{decode_row, encode_row};
pub use table::Table;
pub use written::written;
