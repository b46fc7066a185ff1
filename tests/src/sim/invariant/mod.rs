//! The invariants of the design, one file each, judged by what is on the simulated disks.

pub(super) mod accepted_not_lost;
pub(super) mod erased;
pub(super) mod loss_doubted;
pub(super) mod nothing_skipped;
pub(super) mod old_disk_not_written;
pub(super) mod one_root;
pub(super) mod permit_before_read;
pub(super) mod told_when_durable;
pub(super) mod use_spent_before_answer;
pub(super) mod witness_never_back;
