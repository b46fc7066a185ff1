//! The OpenAPI document: what it says besides the operations, which stand with their handlers.

use std::collections::BTreeMap;

use tongcha_domain::event::EventKind;
use tongcha_domain::refusal::RefusalCode;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required,
    ServerBuilder,
};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

use crate::http::idempotency::KEY_MAX;
use crate::http::problem::{MEDIA_TYPE, ProblemBody};

/// Name of the security scheme.
const SCHEME: &str = "officer";

/// Tags: who uses the operations for what. Roles are those of the exchange, see `Role`.
pub(super) mod tags {
    /// Routine notices.
    pub(crate) const NOTICES: &str = "Routine notices 定期通报";
    /// Urgent notices.
    pub(crate) const URGENT: &str = "Urgent notices 紧急通报";
    /// Consents.
    pub(crate) const CONSENTS: &str = "Consents 授权书";
    /// Verification.
    pub(crate) const VERIFICATIONS: &str = "Verification 协查";
    /// Lookups.
    pub(crate) const LOOKUPS: &str = "Lookups";
    /// Matching runs.
    pub(crate) const MATCHING: &str = "Matching runs";
    /// The register.
    pub(crate) const REGISTER: &str = "Register";
    /// Calendars.
    pub(crate) const CALENDARS: &str = "Calendars";
    /// Audit.
    pub(crate) const AUDIT: &str = "Audit";
    /// The log.
    pub(crate) const LOG: &str = "Log and receipts";
    /// Mandates.
    pub(crate) const MANDATES: &str = "Mandates 代办委托";
    /// The service itself.
    pub(crate) const SERVICE: &str = "Service";
    /// Authority: officers, units, channels, agreements.
    pub(crate) const AUTHORITY: &str = "Authority 联络员、通道、协议";
    /// Meetings and tasks.
    pub(crate) const GOVERNANCE: &str = "Meetings and tasks 联席会议";
    /// Case conferences.
    pub(crate) const CONFERENCES: &str = "Case conferences 重点个案研判";
    /// Officers' work.
    pub(crate) const WORK: &str = "Work";
    /// Protection of persons at risk.
    pub(crate) const PROTECTION: &str = "Protection";
    /// Policy standards.
    pub(crate) const STANDARDS: &str = "Policy standards";
    /// Erasures.
    pub(crate) const ERASURES: &str = "Erasures 删除";
}

const TAGS: &[(&str, &str)] = &[
    (
        tags::NOTICES,
        "For caseworkers (CW) and districts (DO), who prepare, match and dispute; reviewers (RV), who approve; liaison officers (LO), who send and acknowledge.",
    ),
    (
        tags::URGENT,
        "For duty officers (HO) and liaison officers (LO); the secretariat (SEC) once nobody answered; caseworkers (CW) report actions and see no person; a data-protection officer (DP) reviews the justification.",
    ),
    (
        tags::CONSENTS,
        "For caseworkers (CW), who record a signed letter, and a second officer (RV, CW), who countersigns it. A consent in force has a token. A letter that lacks a signature or a separate consent is recorded, but not in force until a later letter completes it.",
    ),
    (
        tags::VERIFICATIONS,
        "For caseworkers (CW), who draft and answer; reviewers (RV), who submit, reply and correct; liaison officers (LO), who accept, refuse and assign.",
    ),
    (
        tags::LOOKUPS,
        "For caseworkers, reviewers, liaison officers and districts (CW, RV, LO, DO): a live question to another party's register, on a consent's token.",
    ),
    (
        tags::REGISTER,
        "For administrators (SA), liaison officers (LO) and caseworkers (CW): the party's own households, from its case system. Nobody reads them here.",
    ),
    (
        tags::AUDIT,
        "For auditors (AU), data-protection officers (DP) and administrators (SA): logs with their sealed bodies, and the cards. Headers also for liaison officers (LO).",
    ),
    (
        tags::LOG,
        "For everybody: the log as C2SP tlog-tiles, headers and signatures only. For officers: the receipt of an entry, to be handed out.",
    ),
    (
        tags::MANDATES,
        "For caseworkers (CW) and social workers (SW): a person lets a unit act for them. Never a consent to ask.",
    ),
    (
        tags::CALENDARS,
        "For liaison officers (LO) and the secretariat (SEC): days closed after the calendars were published, such as by a typhoon.",
    ),
    (
        tags::AUTHORITY,
        "For the secretariat (SEC), which appoints, registers units, opens channels and signs agreements; data-protection officers (DP), who confirm channels; officers who delegate their duty.",
    ),
    (
        tags::MATCHING,
        "Double benefit: liaison officers (LO) and data-protection officers (DP), who propose and start; a DP of each side, who authorises; one reviewer (RV) of each side, who sees the overlap; caseworkers (CW), who hear the person.",
    ),
    (
        tags::GOVERNANCE,
        "For the secretariat (SEC) and liaison officers (LO): joint meetings, topics, resolutions that each party's secretariat signs; districts (DO) report on the plan's tasks. No personal data.",
    ),
    (
        tags::CONFERENCES,
        "For officers whom their own party has named, of roles LO, CW, RV, DO and SW: to all others there is no such conference. Each read is recorded.",
    ),
    (
        tags::WORK,
        "For every officer: what waits for the own role, what is overdue on either side, what happened to a case.",
    ),
    (
        tags::STANDARDS,
        "For the secretariat (SEC), which publishes the figures that thresholds are quoted from; everyone may read them.",
    ),
    (
        tags::PROTECTION,
        "For data-protection officers (DP), who keep a case from a person suspected of harming who it is about; an auditor (AU) sees that, why and by whom.",
    ),
    (
        tags::ERASURES,
        "For data-protection officers (DP), who propose, and a second person (DP, SEC), who orders; auditors (AU) read. Every holder's service destroys its keys and confirms by an event.",
    ),
    (tags::SERVICE, "For operators and their tools."),
];

const DESCRIPTION: &str = "Information-sharing and verification for social assistance between Zhuhai, Macau and \
    Hengqin. Every command is answered only when its entry is on disk; send an `Idempotency-Key` and it can be \
    repeated safely. Every read of personal data is recorded before it is answered and needs a `reason`. Lists hold no \
    personal data. What is refused is told as a problem (RFC 9457) with a stable code, the rule and the next step in \
    four languages; `Accept-Language` picks the language of `title`, `detail` and `next_step`. Every answer carries \
    `X-Request-Id`. Lists that can grow come in pages: `limit` things, 1,000 when it is not said, in the order \
    that the list states; the `Link` header names the next page (RFC 8288, `rel=\"next\"`), and there is none on the last. \
    Whoever walks from page to page sees each thing that was there at the beginning once, whatever is added meanwhile. \
    An entry is *accepted* when it is on this party's disk and *witnessed* once a peer has cosigned a \
    checkpoint that covers it: receipts and every step of a view say which, and the header `Tongcha-Witnessed` of every \
    answer says how far: `hengqin=412` means that Hengqin has witnessed this party's entries before 412.";

/// On every answer: so many entries of this party's log each peer has witnessed.
pub(super) const WITNESSED: &str = "tongcha-witnessed";

/// Returns the document without its operations.
pub(super) fn base() -> OpenApi {
    let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("tc_…");
    let scheme =
        http.description(Some("The officer's token, made by the `officer` subcommand of the service.")).build();
    let mut components = Components::new();
    components.add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    let mut schemas = vec![(ProblemBody::name().into_owned(), ProblemBody::schema())];
    ProblemBody::schemas(&mut schemas);
    components.schemas.extend(schemas);
    let license = LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).identifier(Some(env!("CARGO_PKG_LICENSE")));
    let info = InfoBuilder::new()
        .title("Tongcha 通查")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license.build()));
    let tag =
        |(name, description): &(&str, &str)| TagBuilder::new().name(*name).description(Some(*description)).build();
    let server = ServerBuilder::new().url("/").description(Some("The service that answers this document.")).build();
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([server]))
        .tags(Some(TAGS.iter().map(tag)))
        .components(Some(components))
        .security(Some([SecurityRequirement::new::<_, [&str; 0], _>(SCHEME, [])]))
        .build()
}

/// Completes the document where the operations' own descriptions can't.
pub(super) fn finish(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    // The derived schemas name the variants; on the wire stand the published codes.
    let codes: Vec<&str> = RefusalCode::ALL.iter().map(|code| code.as_str()).collect();
    let kinds: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.code()).collect();
    for (name, values) in [(RefusalCode::name(), codes), (EventKind::name(), kinds)] {
        let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values));
        components.schemas.insert(name.into_owned(), schema.into());
    }
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            let paged = operation.parameters.iter().flatten().any(|parameter| match parameter {
                RefOr::T(parameter) => parameter.name == "after",
                RefOr::Ref(_) => false,
            });
            for (status, response) in &mut operation.responses.responses {
                let RefOr::T(response) = response else { continue };
                if paged && status == "200" {
                    let link = ObjectBuilder::new().schema_type(Type::String).build();
                    let text =
                        "`<?limit=…&after=…>; rel=\"next\"`: the next page, relative to this path. Not on the last.";
                    let header = HeaderBuilder::new().schema(Some(link)).description(Some(text)).build();
                    response.headers.insert("Link".to_owned(), RefOr::T(header));
                }
                if response.description.is_empty() {
                    let text = if status == "201" { "Recorded; the log has it." } else { "As asked." };
                    text.clone_into(&mut response.description);
                }
                if status.starts_with('2') {
                    response.headers.insert("Tongcha-Witnessed".to_owned(), witnessed());
                }
            }
        }
    }
    document
}

fn witnessed() -> RefOr<Header> {
    let text = "How many entries of this party's log each peer has witnessed; absent while no peer has.";
    let schema = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new().schema(Some(schema)).description(Some(text)).build().into()
}

/// Bytes that are no JSON.
pub(super) struct Octets;

impl PartialSchema for Octets {
    fn schema() -> RefOr<Schema> {
        let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).into()
    }
}

impl ToSchema for Octets {}

fn parameter(name: &str, of: ParameterIn, required: Required, text: &str) -> ParameterBuilder {
    ParameterBuilder::new().name(name).parameter_in(of).required(required).description(Some(text))
}

/// `{id}` in the path.
pub(super) struct IdPath;

impl IntoParams for IdPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let uuid = SchemaFormat::KnownFormat(KnownFormat::Uuid);
        let schema = ObjectBuilder::new().schema_type(Type::String).format(Some(uuid));
        vec![parameter("id", ParameterIn::Path, Required::True, "The thing's id.").schema(Some(schema)).build()]
    }
}

/// `{no}` in the path.
pub(super) struct LinePath;

impl IntoParams for LinePath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(u16::MAX));
        let text = "Number of the entry, question or candidate, from 1.";
        vec![parameter("no", ParameterIn::Path, Required::True, text).schema(Some(schema)).build()]
    }
}

/// `{kind}` in the path.
pub(super) struct KindPath;

impl IntoParams for KindPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let kinds = tongcha_domain::case::CaseRef::KINDS;
        let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(kinds));
        vec![parameter("kind", ParameterIn::Path, Required::True, "Kind of the case.").schema(Some(schema)).build()]
    }
}

/// `{origin}` in the path.
pub(super) struct OriginPath;

impl IntoParams for OriginPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = tongcha_domain::id::PartyId::schema();
        vec![parameter("origin", ParameterIn::Path, Required::True, "Whose log.").schema(Some(schema)).build()]
    }
}

/// `{seq}` in the path.
pub(super) struct SeqPath;

impl IntoParams for SeqPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let text = "Position in the log, from 0.";
        vec![parameter("seq", ParameterIn::Path, Required::True, text).schema(Some(schema)).build()]
    }
}

/// The `Idempotency-Key` header.
pub(super) struct KeyHeader;

impl IntoParams for KeyHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(KEY_MAX));
        let text = "Visible ASCII. The same officer, key and content get the first result again (`replayed`); other \
            content is refused with IDEMPOTENCY_KEY_REUSED.";
        let header = parameter("Idempotency-Key", ParameterIn::Header, Required::False, text);
        vec![header.schema(Some(schema)).example(Some("2026-07-batch-1".into())).build()]
    }
}

type Responses = BTreeMap<String, RefOr<Response>>;

/// Problems, each with what the status means here.
fn problems(statuses: &[u16]) -> Responses {
    let text = |status: u16| match status {
        400 => "The request can't be read: BAD_REQUEST.",
        401 => "No token, or one that is not known: UNAUTHENTICATED.",
        403 => "Refused by role, consent, gate, or because it is another person's or party's step.",
        404 => "Nothing with this id is known here: NOT_FOUND.",
        409 => "Not as things stand: WRONG_STATE, ALREADY_EXISTS, IDEMPOTENCY_KEY_REUSED and others.",
        413 => "The body is too long: BODY_TOO_LARGE.",
        415 => "The body is of another kind: UNSUPPORTED_MEDIA_TYPE.",
        422 => {
            "What was sent can't be taken: BAD_LIST, BAD_DATE, REGISTER_FILE_REFUSED, BATCH_FILE_REFUSED and others."
        }
        503 => {
            "The service can't answer now: SERVICE_UNAVAILABLE, TIMEOUT; or may not write: OWN_LOG_UNCONFIRMED, \
             OWN_LOG_INCOMPLETE."
        }
        504 => "The holder did not answer in time: HOLDER_UNREACHABLE.",
        _ => "The service failed: INTERNAL.",
    };
    let schema = Ref::from_schema_name(ProblemBody::name());
    let response = |status: u16| {
        let content = ContentBuilder::new().schema(Some(schema.clone())).build();
        ResponseBuilder::new().description(text(status)).content(MEDIA_TYPE, content).build().into()
    };
    statuses.iter().map(|status| (status.to_string(), response(*status))).collect()
}

macro_rules! problem_sets {
    ($($(#[$doc:meta])* $name:ident [$($status:literal)*],)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> Responses { problems(&[$($status),*]) }
        }
    )*};
}

problem_sets! {
    /// Problems of operations that read no content.
    ListProblems [400 401 500 503],
    /// Problems of reading the public log.
    LogProblems [404 500 503],
    /// Problems of reading logs and headers.
    AuditProblems [400 401 403 404 500 503],
    /// Problems of reading one thing.
    ReadProblems [400 401 403 404 409 500 503],
    /// Problems of reading a receipt.
    ReceiptProblems [400 401 403 404 409 422 500 503],
    /// Problems of commands.
    CommandProblems [400 401 403 404 409 413 415 422 500 503],
    /// Problems of a live question.
    LookupProblems [400 401 403 404 409 413 415 422 500 503 504],
}
