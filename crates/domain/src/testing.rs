//! Given events, when a command, then an event or a refusal.

use crate::agenda::{Case, Duty, Outlook, next_duty};
use crate::command::{Command, Context};
use crate::consent::{ConsentClaims, ConsentGranted, ConsentRecorded, OrgUnit, Signer};
use crate::event::{Body, Event};
use crate::id::{ConsentId, ImportId, LookupId, PartyId};
use crate::identity::{Document, DocumentKind, Subject};
use crate::item::{Answer, Granularity, Item, Predicate, Question, Verdict};
use crate::lookup::LookupPermitted;
use crate::money::Currency;
use crate::name::PersonName;
use crate::officer::{Actor, Role};
use crate::party::rules_of;
use crate::purpose::{Language, LegalBasis, Purpose};
use crate::refusal::{Refusal, RefusalCode};
use crate::register::{Household, Member, RegisterChunkImported, RegisterImportCompleted, RegisterImportStarted};
use crate::standard::PolicyStandard;
use crate::time::{DAY_US, Instant, MINUTE_US};
use crate::view::{Changes, EntryMeta, MemoryRows, Overlay, Rows, project};

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

/// `cw.zhuhai` acts as caseworker for Zhuhai: officer, role and party in one word.
pub(crate) fn actor(word: &str) -> (PartyId, Actor) {
    let (role, name) = word.split_once('.').unwrap();
    let role: String = role.chars().filter(char::is_ascii_alphabetic).collect(); // cw2.zhuhai is another caseworker
    let role: Role = serde_json::from_value(role.to_uppercase().into()).unwrap();
    (party(name), Actor { officer: word.parse().unwrap(), role, unit: "reception".parse().unwrap() })
}

/// The first instant of the tests: Wednesday 2026-07-01, noon in Zhuhai.
pub(crate) const NOON: Instant = Instant(1_782_878_400_000_000);

/// Logs folded into one view; a minute passes with every event.
#[derive(Clone)]
pub(crate) struct Scene {
    rows: MemoryRows,
    seqs: std::collections::BTreeMap<PartyId, u64>,
    pub(crate) now: Instant,
}

/// Folds events into a view.
pub(crate) fn given<E: Into<Event>>(events: impl IntoIterator<Item = (&'static str, E)>) -> Scene {
    let scene = Scene { rows: MemoryRows::default(), seqs: std::collections::BTreeMap::new(), now: NOON };
    events.into_iter().fold(scene, |scene, (who, event)| scene.and(who, event))
}

/// Begins with empty logs.
pub(crate) fn given_nothing() -> Scene {
    given(std::iter::empty::<(&'static str, Event)>())
}

impl Scene {
    /// Adds an event.
    pub(crate) fn and(self, who: &str, event: impl Into<Event>) -> Self {
        let (origin, actor) = actor(who);
        self.said(&actor, origin, event.into())
    }

    /// Adds an event of a named officer.
    pub(crate) fn said(mut self, actor: &Actor, origin: PartyId, event: Event) -> Self {
        let seq = self.seqs.entry(origin).or_default();
        let meta = EntryMeta { origin, seq: *seq, leaf: [0; 32], recorded_at: self.now, kind: event.kind() };
        *seq += 1;
        let body = Body { actor: actor.clone(), command: None, event };
        let mut overlay = Overlay::new(&self.rows, Changes::new());
        project(&mut overlay, &meta, Some(&body)).unwrap();
        let changes = overlay.into_changes();
        self.rows.apply(changes);
        self.now = self.now.plus_us(MINUTE_US);
        self
    }

    /// Sets the clock.
    pub(crate) fn at(mut self, now: Instant) -> Self {
        self.now = now;
        self
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows::new(&self.rows)
    }

    pub(crate) fn store(&self) -> &MemoryRows {
        &self.rows
    }

    /// Returns the next duty of a party's service in a case.
    pub(crate) fn duty(&self, me: &str, case: Case) -> Option<Duty> {
        let me = party(me);
        next_duty(&Outlook { me, rules: rules_of(me).unwrap(), rows: self.rows() }, case).unwrap()
    }

    /// Lets a party's service do its next duty in a case when its time comes, and not a microsecond earlier unless it
    /// is to be done at once. Returns what happened.
    #[track_caller]
    pub(crate) fn does_its_duty(self, me: &str, case: Case) -> (Instant, Event, Self) {
        let (duty, node) = (self.duty(me, case).unwrap(), format!("node.{me}"));
        if duty.at > self.now {
            let early = self.clone().at(duty.at.plus_us(-1)).when(&node, duty.command.clone());
            early.then_refused(RefusalCode::WrongState);
        }
        let due = duty.at.max(self.now);
        let decided = self.at(due).when(&node, duty.command);
        let event = decided.result.clone().unwrap();
        (due, event, decided.then_done())
    }

    /// Decides a command.
    pub(crate) fn when(self, who: &str, command: impl Into<Command>) -> Decided {
        let (me, actor) = actor(who);
        let context = Context { me, rules: rules_of(me).unwrap(), actor: &actor, now: self.now };
        let result = command.into().decide(&self.rows(), &context).unwrap();
        Decided { scene: self, who: who.to_owned(), result }
    }
}

pub(crate) struct Decided {
    scene: Scene,
    who: String,
    pub(crate) result: Result<Event, Refusal>,
}

impl Decided {
    /// Expects exactly this event, and returns the scene with the event in it.
    #[track_caller]
    pub(crate) fn then(self, event: impl Into<Event>) -> Scene {
        let event = event.into();
        assert_eq!(self.result.as_ref(), Ok(&event));
        self.scene.and(&self.who, event)
    }

    /// Expects some event, and returns the scene with the event in it.
    #[track_caller]
    pub(crate) fn then_done(self) -> Scene {
        let event = self.result.clone().unwrap();
        self.scene.and(&self.who, event)
    }

    /// Expects a refusal, and returns it.
    #[track_caller]
    pub(crate) fn then_refused(self, code: RefusalCode) -> Refusal {
        let refusal = self.result.unwrap_err();
        assert_eq!(refusal.code, code);
        refusal
    }
}

/// The person of the sample consent. Synthetic: no document is issued with this leading digit (`domain.md` §4).
pub(crate) fn document() -> Document {
    Document::parse(DocumentKind::MacauBir, "9000001(0)").unwrap()
}

/// A person the sample consent does not cover.
pub(crate) fn stranger() -> Document {
    Document::parse(DocumentKind::MacauBir, "9000002(0)").unwrap()
}

/// A person with a synthetic mainland card.
pub(crate) fn subject(number: &str) -> Subject {
    let document = Document::parse(DocumentKind::MainlandId, number).unwrap();
    Subject { document, name: name("测试"), birth_date: None }
}

/// A name as on the document.
pub(crate) fn name(text: &str) -> PersonName {
    PersonName { as_on_document: text.parse().unwrap(), zh_hans: None, zh_hant: None, roman: None }
}

/// A consent that Zhuhai's reception took from one person for questions to Macau; three uses, six months.
pub(crate) fn claims() -> ConsentClaims {
    let items = [Item::AssetDeposit, Item::AssetProperty, Item::IncomeAssistance];
    ConsentClaims {
        id: ConsentId(uuid::Uuid::from_u128(0xC0)),
        issuer: party("zhuhai"),
        holder: party("macau"),
        requester: OrgUnit { party: party("zhuhai"), unit: "reception".parse().unwrap() },
        items: items.map(|item| (item, Granularity::Threshold)).into(),
        purpose: Purpose::DibaoApplication,
        legal_basis: LegalBasis::AgreementArticle("test agreement, article 3".parse().unwrap()),
        not_before: NOON.plus_us(-DAY_US),
        not_after: NOON.plus_us(180 * DAY_US),
        uses: 3,
        letter_digest: [7; 32],
        signers: vec![Signer::own(0, NOON.plus_us(-DAY_US).local_date())],
        witness: "witness.zhuhai".parse().unwrap(),
        language: Language::ZhHant,
        subjects: vec![Subject { document: document(), name: name("陳樣本"), birth_date: None }],
        others: Vec::new(),
        separate: [Item::AssetDeposit].into(),
        supplements: Vec::new(),
    }
}

/// A consent in force, recorded and countersigned by its issuer.
pub(crate) fn granted(claims: ConsentClaims) -> Scene {
    let (cw, rv) = (format!("cw.{}", claims.issuer), format!("rv.{}", claims.issuer));
    given_nothing().and(&cw, ConsentRecorded { claims: claims.clone() }).and(&rv, ConsentGranted { claims })
}

pub(crate) fn lookup(number: u128) -> LookupId {
    LookupId(uuid::Uuid::from_u128(number))
}

/// Zhuhai's standard of the sample request; synthetic figures, since those in force were not found (`domain.md` §3.4).
pub(crate) fn standard() -> PolicyStandard {
    PolicyStandard {
        version: "ZH-2026-v1".parse().unwrap(),
        programme: "低保".parse().unwrap(),
        currency: Currency::Cny,
        amounts: [(1, 100_000), (2, 180_000)].into(),
        multiples: [24].into(),
        from: "2026-01-01".parse().unwrap(),
        to: Some("2026-12-31".parse().unwrap()),
    }
}

/// Asks the least there is to ask on an item.
pub(crate) fn question(item: Item) -> Question {
    Question { item, predicate: Predicate::Holds, granularity: Granularity::Threshold }
}

/// A lookup that the holder of the sample consent permitted.
pub(crate) fn permitted(number: u128, questions: Vec<Question>) -> LookupPermitted {
    LookupPermitted {
        lookup: lookup(number),
        requester: claims().requester,
        consent: claims().id,
        issuer: claims().issuer,
        use_no: 1,
        subject: document(),
        questions,
        purpose: claims().purpose,
    }
}

/// An answer that says only a verdict.
pub(crate) fn answer(question: &Question, verdict: Verdict) -> Answer {
    Answer {
        item: question.item,
        predicate: question.predicate,
        verdict,
        as_of: NOON.local_date(),
        band: None,
        value: None,
        sources_searched: vec!["land registry".parse().unwrap()],
        sources_not_searched: Vec::new(),
        visit: None,
    }
}

/// A household with a member for each document, of whom nothing more is recorded.
pub(crate) fn household(reference: &str, documents: &[Document]) -> Household {
    let member = |document: &Document| Member {
        subject: Subject { document: document.clone(), name: name("陳樣本"), birth_date: None },
        other_documents: Vec::new(),
        alive: None,
        married: None,
        wage: None,
        businesses: None,
        pension: None,
        assistance: None,
        deposits: None,
        properties: None,
        vehicles: None,
        public_housing: None,
        resident: None,
        match_clause: None,
    };
    Household {
        reference: reference.parse().unwrap(),
        district: "test district".parse().unwrap(),
        as_of: NOON.local_date(),
        members: documents.iter().map(member).collect(),
    }
}

/// Gives a party a register of one household with these members.
pub(crate) fn register(scene: Scene, name: &str, documents: &[Document]) -> Scene {
    let (who, party, import) = (format!("node.{name}"), party(name), ImportId(uuid::Uuid::from_u128(0x1)));
    let households = vec![household("R1", documents)];
    scene
        .and(&who, RegisterImportStarted { import, households: 1, file_digest: [1; 32] })
        .and(&who, RegisterChunkImported { import, party, chunk: 0, households })
        .and(&who, RegisterImportCompleted { import, party })
}
