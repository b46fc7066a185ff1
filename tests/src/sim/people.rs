//! The persons of the simulation, all made up, and what the parties' officers say about them.

use tongcha_domain::authority::{AppointOfficer, OfficerClearance};
use tongcha_domain::channel::{Clearance, ClearanceKind, Clearances};
use tongcha_domain::command::Command;
use tongcha_domain::consent::{Capacity, ConsentClaims, OrgUnit, SignedBy, Signer};
use tongcha_domain::id::{BatchId, ConsentId, ImportId, PartyId, UrgentId};
use tongcha_domain::identity::{Document, DocumentKind, Subject};
use tongcha_domain::item::{Granularity, Item, Predicate, Question};
use tongcha_domain::money::{Currency, Money};
use tongcha_domain::name::PersonName;
use tongcha_domain::notice::{Change, NoticeEntry, PrepareBatch};
use tongcha_domain::officer::{Actor, Role};
use tongcha_domain::purpose::{Language, LegalBasis, Purpose};
use tongcha_domain::register::{Household, ImportRegisterChunk, Member};
use tongcha_domain::text::{Note, Short};
use tongcha_domain::time::{DAY_US, Instant, Period};
use tongcha_domain::urgent::{Emergency, RaiseUrgent};

use crate::sim::failure::{Step, unexpected};

/// A person, by what the simulation needs to know: is he in the registers, and does a consent cover him?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) covered: bool,
    pub(super) registered: bool,
}

impl Person {
    /// Returns the other person of whom a denial must not tell: covered alike, but registered otherwise.
    pub(super) fn twin(self) -> Self {
        Self { registered: !self.registered, ..self }
    }

    /// Returns the document. Synthetic: no card is issued with this leading digit (`domain.md` §4).
    pub(super) fn document(self) -> Step<Document> {
        let number = match (self.covered, self.registered) {
            (true, true) => "9000001(0)",
            (true, false) => "9000002(0)",
            (false, true) => "9000003(0)",
            (false, false) => "9000004(0)",
        };
        Document::parse(DocumentKind::MacauBir, number).map_err(unexpected)
    }

    fn subject(self) -> Step<Subject> {
        let name = PersonName { as_on_document: short("陳樣本")?, zh_hans: None, zh_hant: None, roman: None };
        Ok(Subject { document: self.document()?, name, birth_date: None })
    }
}

const COVERED: [Person; 2] = [Person { covered: true, registered: true }, Person { covered: true, registered: false }];
const REGISTERED: [Person; 2] =
    [Person { covered: true, registered: true }, Person { covered: false, registered: true }];

/// Makes a short text.
pub(super) fn short(text: &str) -> Step<Short> {
    text.parse().map_err(unexpected)
}

/// Makes a note.
pub(super) fn note(text: &str) -> Step<Note> {
    text.parse().map_err(unexpected)
}

/// An officer: `rv.macau` with the role of a reviewer.
pub(super) fn officer(party: PartyId, name: &str, role: Role) -> Step<Actor> {
    let officer = format!("{name}.{party}").parse().map_err(unexpected)?;
    Ok(Actor { officer, role, unit: "reception".parse().map_err(unexpected)? })
}

/// The appointment of an officer whom the secretariat clears for minors: the consents of the simulation cover one.
pub(super) fn cleared(actor: Actor, from: Instant) -> Step<Command> {
    let Actor { officer, role, unit } = actor;
    let clearances = [OfficerClearance::Minor].into();
    Ok(AppointOfficer { officer, role, unit, name: short("post")?, from, to: None, clearances }.into())
}

/// The clearances of a channel, for a year.
pub(super) fn clearances(now: Instant) -> Step<Clearances> {
    let expires_at = now.plus_us(365 * DAY_US);
    [ClearanceKind::Assessment, ClearanceKind::Notification, ClearanceKind::Authorisation]
        .into_iter()
        .map(|kind| Ok((kind, Clearance { number: short("TEST-1")?, expires_at })))
        .collect()
}

/// A consent that an issuer's reception takes from both covered persons, an adult and a child of 16, for questions of `requester` to `holder`.
pub(super) fn claims(
    id: ConsentId,
    [issuer, holder, requester]: [PartyId; 3],
    uses: u32,
    now: Instant,
) -> Step<ConsentClaims> {
    let items = [Item::AssetDeposit, Item::AssetProperty, Item::IncomeAssistance];
    let signed_on = now.plus_us(-2 * DAY_US).local_date();
    let parent = SignedBy::Subject(0);
    let for_child = Signer { capacity: Capacity::ParentalAuthority, by: parent, ..Signer::own(1, signed_on) };
    let mut subjects = COVERED.map(Person::subject).into_iter().collect::<Step<Vec<_>>>()?;
    for (subject, birth_date) in subjects.iter_mut().zip(["1988-06-01", "2010-06-01"]) {
        subject.birth_date = Some(birth_date.parse().map_err(unexpected)?);
    }
    Ok(ConsentClaims {
        id,
        issuer,
        holder,
        requester: OrgUnit { party: requester, unit: "reception".parse().map_err(unexpected)? },
        items: items.map(|item| (item, Granularity::Threshold)).into(),
        purpose: Purpose::DibaoApplication,
        legal_basis: LegalBasis::AgreementArticle(short("art. 4")?),
        not_before: now.plus_us(-DAY_US),
        not_after: now.plus_us(180 * DAY_US),
        uses,
        letter_digest: [7; 32],
        signers: vec![Signer::own(0, signed_on), Signer::own(1, signed_on), for_child],
        witness: format!("witness.{issuer}").parse().map_err(unexpected)?,
        language: Language::ZhHant,
        subjects,
        others: Vec::new(),
        separate: [Item::AssetDeposit].into(),
        supplements: Vec::new(),
    })
}

/// A question that the consents cover.
pub(super) fn question() -> Question {
    let limit = Money { minor: 1_000_000, currency: Currency::Mop };
    Question {
        item: Item::AssetDeposit,
        predicate: Predicate::AmountAtMost(limit),
        granularity: Granularity::Threshold,
    }
}

/// The one chunk of a register.
pub(super) fn register_chunk(import: ImportId, now: Instant) -> Step<ImportRegisterChunk> {
    let member = |person: Person| {
        Ok(Member {
            subject: person.subject()?,
            other_documents: Vec::new(),
            alive: Some(true),
            married: None,
            wage: None,
            businesses: Some(0),
            pension: None,
            assistance: None,
            deposits: Some(Money { minor: 400_000, currency: Currency::Mop }),
            properties: Some(1),
            vehicles: None,
            public_housing: None,
            resident: Some(true),
            match_clause: None,
        })
    };
    let households = REGISTERED.into_iter().enumerate().map(|(no, person)| {
        let (reference, district) = (short(&format!("R{no}"))?, short("test district")?);
        Ok(Household { reference, district, as_of: now.plus_us(-DAY_US).local_date(), members: vec![member(person)?] })
    });
    Ok(ImportRegisterChunk { import, chunk: 0, households: households.collect::<Step<_>>()? })
}

/// A batch of the month before; the first entry has a basis, the second has none.
pub(super) fn batch(id: BatchId, to: PartyId, entries: usize, now: Instant) -> Step<Command> {
    let before = now.plus_us(-31 * DAY_US).local_date();
    let entry = |person: Person, basis| {
        Ok(NoticeEntry {
            subject: person.subject()?,
            change: Change::Added,
            category: short("regular subsidy")?,
            as_of: before,
            district: short("test district")?,
            basis,
        })
    };
    let basis = LegalBasis::AgreementArticle(short("art. 4")?);
    let [first, second] = COVERED;
    let entries = [entry(first, Some(basis))?, entry(second, None)?].into_iter().take(entries).collect();
    let period = Period::try_from(before.strftime("%Y-%m").to_string()).map_err(unexpected)?;
    Ok(PrepareBatch { batch: id, to, period, entries, unchanged: 3 }.into())
}

/// An urgent notice.
pub(super) fn raise(urgent: UrgentId, to: impl IntoIterator<Item = PartyId>) -> Step<Command> {
    let emergency = Emergency {
        subject: None,
        place: short("the ferry terminal")?,
        what: note("collapsed, alone")?,
        need: note("find the family")?,
        call_back: short("duty desk")?,
    };
    let vital_interest = note("life in danger")?;
    Ok(RaiseUrgent { urgent, to: to.into_iter().collect(), emergency, vital_interest, happened_at: None }.into())
}
