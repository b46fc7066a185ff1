//! A party with real files, officers and the HTTP API, for tests. No sockets: requests are handed to the router.

#![allow(dead_code)] // each test binary uses a part

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, Once};

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use futures::FutureExt;
use futures::future::BoxFuture;
use http_body_util::BodyExt;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use tempfile::TempDir;
use tongcha_domain::authority::RecordEnrolment;
use tongcha_domain::id::{CommandKey, LookupId, MatchRunId};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::purpose::Purpose;
use tongcha_domain::refusal::{Refusal, RefusalCode};
use tongcha_node::clock::wall_clock;
use tongcha_node::core::{Core, CoreConfig, Submission};
use tongcha_node::disk::FileDisk;
use tongcha_node::http::{ApiState, AskLookups, Check, LookupQuestion, LookupResult, Readiness, RunMatches, router};
use tongcha_node::metrics::Metrics;
use tongcha_node::node::{NodeError, NodeHandle};
use tongcha_node::officers::Officers;
use tongcha_node::view::SledView;
use tower::ServiceExt;

use crate::support::{PARTIES, directory, open_channels, secrets};

/// Officers of every test party: `cw` is `cw.macau` at Macau. A digit makes another officer of the same role.
const OFFICERS: [(&str, Role); 11] = [
    ("cw", Role::Caseworker),
    ("cw2", Role::Caseworker),
    ("rv", Role::Reviewer),
    ("lo", Role::Liaison),
    ("do", Role::District),
    ("ho", Role::Duty),
    ("dp", Role::DataProtection),
    ("au", Role::Auditor),
    ("sa", Role::Administrator),
    ("sec", Role::Secretariat),
    ("sw", Role::SocialWorker),
];

/// Entries of a party's log at the start: an enrolment of each officer, and two for the channel to each peer.
pub const SETTLED: u64 = OFFICERS.len() as u64 + 2 * (PARTIES.len() as u64 - 1);

/// The unit of all officers.
pub const UNIT: &str = "reception";

/// A party under test.
pub struct TestParty {
    pub node: NodeHandle,
    router: axum::Router,
    tokens: BTreeMap<String, String>,
    files: TempDir,
}

/// An answer of the API.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Expects a status and returns the body.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// Expects a problem in the form of RFC 9457, told in all languages, and returns it.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("https://tongcha.example/problems/{code}"));
        assert_eq!(self.headers["x-request-id"], problem["request_id"].as_str().unwrap());
        for field in ["title", "detail", "rule", "next_step"] {
            assert!(!problem[field].as_str().unwrap().is_empty(), "{field} of {problem}");
        }
        for language in ["zh-Hans", "zh-Hant", "pt", "en"] {
            for field in ["title", "next_step"] {
                assert!(!problem["text"][language][field].as_str().unwrap().is_empty(), "{language} of {problem}");
            }
        }
        problem
    }
}

/// Writes the officers into the log and opens the channels to all peers, as the party's people would.
fn settle_in(core: &mut Core) {
    let (me, now) = (core.me(), wall_clock());
    for (word, role) in OFFICERS {
        let officer = format!("{word}.{me}").parse().unwrap();
        let command = RecordEnrolment { officer, role, unit: UNIT.parse().unwrap() };
        core.submit(Submission { ticket: 0, actor: Core::node_actor(), key: None, command: command.into() }, now)
            .unwrap();
    }
    open_channels(core, now);
    assert!(core.commit().unwrap().iter().all(|(_, outcome)| outcome.is_ok()));
}

impl TestParty {
    /// Starts a party on empty files, with its officers in the log and its channels open.
    pub fn start(name: &str) -> Self {
        capture_log();
        let files = tempfile::tempdir().unwrap();
        let config = CoreConfig {
            secrets: Arc::new(secrets(name)),
            directory: Arc::new(directory()),
            disk: Box::new(FileDisk::new(files.path())),
            view: Box::new(SledView::open(&files.path().join("view")).unwrap()),
            rng: StdRng::from_os_rng(),
            await_peers: false,
        };
        let mut core = Core::open(config, wall_clock()).unwrap();
        settle_in(&mut core);
        let (node, _) = NodeHandle::start(core, Arc::new(Metrics::default()));
        let officers = Officers::new(files.path(), zeroize::Zeroizing::new([7; 32]));
        let enrol = |(word, role): (&str, Role)| {
            let id = format!("{word}.{name}").parse().unwrap();
            let token = officers.enrol(id, role, UNIT.parse().unwrap(), &mut rand::rng()).unwrap();
            (word.to_owned(), token.to_string())
        };
        let tokens = OFFICERS.map(enrol).into();
        let cards = PARTIES.map(|name| secrets(name).card("UABC").unwrap());
        let state = ApiState {
            node: node.clone(),
            officers: Arc::new(officers),
            lookups: Arc::new(Lookups(node.clone())),
            matches: Arc::new(Lookups(node.clone())),
            readiness: Arc::new(AlwaysReady),
            cards: Arc::new(cards.into()),
        };
        Self { node, router: router(state), tokens, files }
    }

    /// The party's files.
    pub fn files(&self) -> &std::path::Path {
        self.files.path()
    }

    /// An officer's token.
    pub fn token(&self, who: &str) -> &str {
        &self.tokens[who]
    }

    /// Begins a request of an officer; of nobody when `who` is empty.
    pub fn request(&self, method: Method, who: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path);
        if who.is_empty() { request } else { request.header(AUTHORIZATION, format!("Bearer {}", self.token(who))) }
    }

    /// Hands a request to the router.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: parts.status, headers: parts.headers, bytes }
    }

    /// Reads something.
    pub async fn get(&self, who: &str, path: &str) -> Reply {
        self.send(self.request(Method::GET, who, path).body(Body::empty()).unwrap()).await
    }

    /// Commands something.
    pub async fn post(&self, who: &str, path: &str, body: &Value) -> Reply {
        self.post_text(who, path, body.to_string()).await
    }

    /// Sends a text as JSON.
    pub async fn post_text(&self, who: &str, path: &str, body: String) -> Reply {
        let request = self.request(Method::POST, who, path).header(CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Commands something that can be repeated.
    pub async fn post_keyed(&self, who: &str, key: &str, path: &str, body: &Value) -> Reply {
        let request = self.request(Method::POST, who, path).header(CONTENT_TYPE, "application/json");
        self.send(request.header("Idempotency-Key", key).body(body.to_string().into()).unwrap()).await
    }

    /// The secretariat clears officers for cases about minors, with their appointments.
    pub async fn clear(&self, who: &[&str]) {
        for word in who {
            self.appoint(word, serde_json::json!(["minor"])).await;
        }
    }

    /// The secretariat appoints an officer to the role enrolled for, with clearances.
    pub async fn appoint(&self, word: &str, clearances: Value) {
        let (_, role) = OFFICERS.iter().find(|(known, _)| *known == word).unwrap();
        let body = serde_json::json!({
            "officer": format!("{word}.{}", self.node.me()), "role": role, "unit": UNIT, "name": "post",
            "clearances": clearances,
        });
        self.post("sec", "/v1/authority/officers", &body).await.ok(201);
    }

    /// Entries of the own log.
    pub async fn entries(&self) -> u64 {
        self.node.with(|core| core.tip(core.me()).count).await.unwrap()
    }

    /// Hands everything another party lacks of this party's log to it.
    pub async fn tell(&self, other: &Self) {
        let (me, to) = (self.node.me(), other.node.me());
        let from = other.node.with(move |core| core.tip(me).count).await.unwrap();
        let outgoing = self.node.with(move |core| core.outgoing(to, from, usize::MAX).unwrap()).await.unwrap();
        for parcel in outgoing {
            other.node.intake(other.node.opener().open(me, &parcel.bytes).unwrap()).await.unwrap();
        }
    }
}

/// Answers every lookup with nothing but the receipt of an access; what can't be tested otherwise is asked for by its
/// purpose.
struct Lookups(NodeHandle);

/// A lookup with this purpose panics.
pub const PANICS: Purpose = Purpose::DibaoRecheck;
/// A lookup with this purpose finds the holder silent.
pub const UNREACHABLE: Purpose = Purpose::TemporaryAssistance;
/// A lookup with this purpose fails inside.
pub const FAILS: Purpose = Purpose::RoutineNotice;

impl AskLookups for Lookups {
    fn ask(
        &self,
        actor: Actor,
        key: Option<CommandKey>,
        lookup: LookupId,
        question: LookupQuestion,
    ) -> BoxFuture<'_, Result<Result<LookupResult, Refusal>, NodeError>> {
        async move {
            match question.purpose {
                PANICS => panic!("about {}", question.subject.number()),
                UNREACHABLE => return Ok(Err(Refusal::new(RefusalCode::HolderUnreachable))),
                FAILS => return Err(NodeError::Failed("the disk is pulled out".into())),
                Purpose::DibaoApplication | Purpose::MacauRegularSubsidy | Purpose::MacauEventualSubsidy => {}
            }
            if question.token.is_none() {
                return Ok(Err(Refusal::new(RefusalCode::NoConsent)));
            }
            let command = tongcha_domain::access::RecordAccess {
                target: tongcha_domain::access::AccessTarget::Lookup(lookup),
                reason: "a lookup that is not under test".parse().unwrap(),
            };
            let receipt = self.0.submit(actor, key, command).await?;
            Ok(receipt.map(|receipt| LookupResult { lookup, holder_seq: 7, receipt, answers: Vec::new() }))
        }
        .boxed()
    }
}

impl RunMatches for Lookups {
    fn execute(
        &self,
        actor: Actor,
        run: MatchRunId,
    ) -> BoxFuture<'_, Result<Result<tongcha_node::core::Receipt, Refusal>, NodeError>> {
        // Nobody is there to run it with: begun, or refused, is all that is under test.
        let begin = tongcha_domain::overlap::BeginMatchRun { run, elements: 0, persons: 0 };
        self.0.submit(actor, None, begin).boxed()
    }
}

struct AlwaysReady;

impl Readiness for AlwaysReady {
    fn checks(&self) -> BoxFuture<'_, Vec<Check>> {
        let check = Check { name: "journal".to_owned(), ok: true, detail: "in order".to_owned() };
        std::future::ready(vec![check]).boxed()
    }
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn log() -> MutexGuard<'static, Vec<u8>> {
    LOG.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Everything that was logged by this test binary so far, at every level.
pub fn logged() -> String {
    String::from_utf8_lossy(&log()).into_owned()
}

struct Captured;

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        log().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn capture_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        tracing::subscriber::set_global_default(subscriber.with_writer(|| Captured).finish()).unwrap();
    });
}
