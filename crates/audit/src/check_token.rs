//! Checks a printed consent token offline: with the parties' public cards and nothing else.
//!
//! In scope: the issuer's signature, the form, the term by this machine's clock, and showing what is not sealed. Out of
//! scope, and said plainly: whether the consent was revoked or closed, or its uses are spent, since only the parties' logs
//! know; and whom it covers, since that is sealed for the parties.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;
use tongcha_domain::consent::ConsentClaims;
use tongcha_domain::time::Instant;
use tongcha_ledger::key::Directory;
use tongcha_ledger::token::{ConsentToken, TokenError};

/// What can't be told from a token.
const UNKNOWN: &str = "Not known from a token: whether the consent was revoked or closed, how many uses are left, and whom \
    it covers. Only the parties' logs say so.";

/// What a token says, and whether to believe it.
#[derive(Debug, Serialize)]
pub struct TokenReport {
    /// Why the token is refused; none when its issuer signed exactly this.
    refused: Option<String>,
    /// Whether its term holds now, by this machine's clock.
    in_term: bool,
    /// What is not sealed.
    claims: Option<Shown>,
    /// What can't be known offline.
    unknown: &'static str,
}

/// The part of a consent that is not sealed.
#[derive(Debug, Serialize)]
struct Shown {
    id: String,
    issuer: String,
    holder: String,
    requester: String,
    purpose: String,
    items: Vec<String>,
    not_before: String,
    not_after: String,
    uses: u32,
    letters_sha256: Vec<String>,
    signatures: usize,
}

impl Shown {
    fn new(claims: &ConsentClaims) -> Self {
        let granularity = |granularity| format!("{granularity:?}").to_lowercase();
        let items = claims.items.iter().map(|(item, fine)| format!("{} ({})", item.code(), granularity(fine)));
        let letters = std::iter::once(&claims.letter_digest).chain(&claims.supplements);
        Self {
            id: claims.id.to_string(),
            issuer: claims.issuer.to_string(),
            holder: claims.holder.to_string(),
            requester: format!("{} of {}", claims.requester.unit, claims.requester.party),
            purpose: format!("{:?}", claims.purpose),
            items: items.collect(),
            not_before: claims.not_before.to_string(),
            not_after: claims.not_after.to_string(),
            uses: claims.uses,
            letters_sha256: letters.map(hex::encode).collect(),
            signatures: claims.signers.len(),
        }
    }
}

/// Checks a token's text at an instant.
#[must_use]
pub fn check(text: &str, cards: &Directory, now: Instant) -> TokenReport {
    let checked = ConsentToken::from_text(text).and_then(|token| token.verify(cards));
    match checked {
        Ok(claims) => TokenReport {
            refused: None,
            in_term: (claims.not_before..claims.not_after).contains(&now),
            claims: Some(Shown::new(&claims)),
            unknown: UNKNOWN,
        },
        Err(error) => TokenReport { refused: Some(reason(&error)), in_term: false, claims: None, unknown: UNKNOWN },
    }
}

fn reason(error: &TokenError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}

impl TokenReport {
    /// Tells whether the issuer signed it and its term holds.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.refused.is_none() && self.in_term
    }
}

impl Display for TokenReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (&self.refused, &self.claims) {
            (Some(reason), _) => writeln!(f, "REFUSED: {reason}")?,
            (None, Some(shown)) => {
                writeln!(f, "Signed by {}, exactly as it is here.", shown.issuer)?;
                writeln!(f, "  consent    {}", shown.id)?;
                writeln!(f, "  holder     {}", shown.holder)?;
                writeln!(f, "  requester  {}", shown.requester)?;
                writeln!(f, "  purpose    {}", shown.purpose)?;
                writeln!(f, "  items      {}", shown.items.join(", "))?;
                let over = if self.in_term { "" } else { "  NOT NOW, by this machine's clock" };
                writeln!(f, "  term       {} to {}{over}", shown.not_before, shown.not_after)?;
                writeln!(f, "  uses       {}, signatures {}", shown.uses, shown.signatures)?;
                writeln!(f, "  letters    {}", shown.letters_sha256.join(", "))?;
            }
            (None, None) => {} // not made by `check`
        }
        writeln!(f, "{}", self.unknown)
    }
}
