//! The party's own household register: what it holds, how it is imported, how it is read.
//!
//! An import is many events (a log entry's body is bounded) and takes effect with its last one, so either the whole
//! file is taken or none of it. The rows lie outside [`crate::view::Table`]: decisions can't reach them, and
//! [`person`] wants a [`crate::lookup::Permit`], [`match_set`] a [`crate::overlap::MatchPermit`].

mod complete_import;
mod events;
mod facts;
mod household;
mod import_chunk;
mod match_set;
mod rows;
mod start_import;

pub use complete_import::CompleteRegisterImport;
pub use events::{
    CHUNK_HOUSEHOLDS_MAX, REGISTER_HOUSEHOLDS_MAX, RegisterChunkImported, RegisterImportCompleted,
    RegisterImportStarted,
};
pub use facts::ImportFacts;
pub use household::{Assistance, Household, MEMBERS_MAX, Member, OTHER_DOCUMENTS_MAX};
pub use import_chunk::ImportRegisterChunk;
pub use match_set::{MatchMember, match_set};
pub use rows::{RegisterMatch, RegisterRead, person};
pub(crate) use rows::{project_chunk, project_completion};
pub use start_import::{IMPORT_EXCLUSIVE_US, StartRegisterImport};
