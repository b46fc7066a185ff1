//! Events of a register import. All for the own log only.

use serde::{Deserialize, Serialize};

use crate::event::Readers;
use crate::id::{ImportId, PartyId};
use crate::register::Household;

/// Most households in one chunk: with at most 30 members of about 250 bytes a typical chunk stays under 256 KiB.
pub const CHUNK_HOUSEHOLDS_MAX: usize = 200;

/// Most households in a register (design §7 asks for at least 200,000).
pub const REGISTER_HOUSEHOLDS_MAX: u32 = 1_000_000;

/// An import began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterImportStarted {
    /// The import.
    pub import: ImportId,
    /// Households that will come.
    pub households: u32,
    /// SHA-256 of the file.
    pub file_digest: [u8; 32],
}

/// Some households came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterChunkImported {
    /// The import.
    pub import: ImportId,
    /// Whose register.
    pub party: PartyId,
    /// Position of the chunk, from 0.
    pub chunk: u32,
    /// The households.
    pub households: Vec<Household>,
}

/// All households came: this import is now the register, the one before is forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterImportCompleted {
    /// The import.
    pub import: ImportId,
    /// Whose register.
    pub party: PartyId,
}

impl Readers for RegisterImportStarted {}
impl Readers for RegisterChunkImported {}
impl Readers for RegisterImportCompleted {}
