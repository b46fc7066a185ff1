//! The HTTP API: what it refuses, how commands and reads go, what its document says. No sockets.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests, too, stop at what is wrong

mod authority;
mod bad_input;
#[path = "../common/mod.rs"]
mod common;
mod document;
mod drafts;
mod erasures;
mod evidence;
mod flows;
mod governance;
mod minors;
mod notices;
mod paging;
mod protection;
mod reads;
#[path = "../support/mod.rs"]
mod support;
mod work;

use serde_json::{Value, json};

/// A synthetic document number that must turn up nowhere but in the answers that are for it.
const NUMBER: &str = "440402190001010013";

/// The same with a wrong check character.
const WRONG_NUMBER: &str = "440402190001010014";

const NO_SUCH_ID: &str = "01980e2c-7b00-7000-8000-000000000001";

fn person(number: &str) -> Value {
    json!({ "document": { "kind": "mainland_id", "number": number }, "name": { "as_on_document": "测试" } })
}

fn entry(number: &str) -> Value {
    json!({
        "subject": person(number), "change": "added", "category": "dibao", "as_of": "2026-06-30",
        "district": "xiangzhou", "basis": { "agreement_article": "article 4" },
    })
}

/// A batch of one person for a party.
fn batch(to: &str) -> Value {
    json!({ "to": to, "period": "2026-07", "entries": [entry(NUMBER)], "unchanged": 27 })
}

fn id_of(receipt: &Value) -> &str {
    receipt["id"].as_str().unwrap()
}
