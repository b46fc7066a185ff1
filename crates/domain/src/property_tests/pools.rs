//! What commands are made of: few ids, officers and persons, so that commands meet; and what a party has heard of.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::command::CommandKind;
use crate::consent::{ConsentClaims, OrgUnit, Signer};
use crate::event::{Event, EventKind};
use crate::id::{ConsentId, LineNo, OfficerId, PartyId};
use crate::identity::{Document, Subject};
use crate::item::{Answer, Granularity, Item, Predicate, Question, Verdict};
use crate::money::Money;
use crate::notice::sample::entry;
use crate::officer::{Actor, Role};
use crate::party::rules_of;
use crate::purpose::{LegalBasis, Purpose};
use crate::testing::{answer, claims, name, party};
use crate::text::{Note, Short};
use crate::time::{DAY_US, Date, Instant, Period};

use super::dice::Dice;
use super::world::{Entry, PARTIES, World};

/// How many cases of a kind each party can begin in one run.
const OWN_IDS: usize = 8;
/// Officers of a party. Each acts in every role, so that the same person comes back in another one.
const OFFICERS: usize = 3;
/// How many percent of the ids named are those of cases the party knows; the others are any id.
const KNOWN: u64 = 90;

/// What a command is made from.
pub(super) struct Pool<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) world: &'a World,
    pub(super) side: usize,
    pub(super) me: PartyId,
    pub(super) now: Instant,
    pub(super) actor: Actor,
}

pub(super) fn officer(dice: &mut Dice, me: PartyId) -> OfficerId {
    format!("{}.{me}", ["one", "two", "three"][dice.below(OFFICERS)]).parse().unwrap()
}

/// An officer for a command: mostly in a role that may give it.
pub(super) fn actor(dice: &mut Dice, kind: CommandKind, me: PartyId) -> Actor {
    let mut role = if dice.chance(97) { *dice.pick(kind.roles()) } else { Role::Auditor };
    if kind.roles().contains(&Role::Secretariat) && dice.chance(40) {
        role = Role::Secretariat; // who may do for others what each may do for oneself only
    }
    let unit = if dice.chance(97) { "reception" } else { "gongbei" };
    let officer = if role == Role::Node { format!("node.{me}").parse().unwrap() } else { officer(dice, me) };
    Actor { officer, role, unit: unit.parse().unwrap() }
}

pub(super) fn uuid(kind: u8, side: usize, no: usize) -> Uuid {
    Uuid::from_u128(u128::from(kind) << 64 | (side as u128) << 32 | no as u128)
}

impl<'a> Pool<'a> {
    /// An id for a new case of this party.
    pub(super) fn new_id(&mut self, kind: EventKind) -> Uuid {
        uuid(kind as u8, self.side, self.dice.below(OWN_IDS))
    }

    /// The id of a case that begins with one of these events; sometimes one that nobody here knows.
    pub(super) fn id(&mut self, kinds: &[EventKind]) -> Uuid {
        match self.entry(kinds) {
            Some(entry) if self.dice.chance(KNOWN) => entry.key[0].trim_matches('"').parse().unwrap(),
            Some(_) | None => {
                let side = self.dice.below(PARTIES.len());
                uuid(kinds[0] as u8, side, self.dice.below(OWN_IDS))
            }
        }
    }

    /// An entry of one of these kinds that this party can read.
    pub(super) fn entry(&mut self, kinds: &[EventKind]) -> Option<&'a Entry> {
        let found = self.world.views[self.side].readable().filter(|entry| kinds.contains(&entry.kind()));
        let found: Vec<&'a Entry> = found.map(AsRef::as_ref).collect();
        self.dice.any(found.into_iter())
    }

    pub(super) fn event(&mut self, kinds: &[EventKind]) -> Option<Event> {
        self.entry(kinds).map(|entry| entry.event().clone())
    }

    /// An event of one of these kinds of the own log.
    pub(super) fn own_event(&mut self, kinds: &[EventKind]) -> Option<Event> {
        let own = self.world.views[self.side].own().filter(|entry| kinds.contains(&entry.kind()));
        self.dice.any(own).map(|entry| entry.event().clone())
    }

    pub(super) fn officer(&mut self) -> OfficerId {
        officer(self.dice, self.me)
    }

    pub(super) fn officers(&mut self) -> BTreeSet<OfficerId> {
        (0..=self.dice.below(OFFICERS)).map(|_| officer(self.dice, self.me)).collect()
    }

    pub(super) fn party(&mut self) -> PartyId {
        party(PARTIES[self.dice.below(PARTIES.len())])
    }

    /// Mostly another party than this one.
    pub(super) fn other(&mut self) -> PartyId {
        let skip = if self.dice.chance(97) { 1 + self.dice.below(2) } else { 0 };
        party(PARTIES[(self.side + skip) % 3])
    }

    pub(super) fn others(&mut self) -> BTreeSet<PartyId> {
        (0..=self.dice.below(2)).map(|_| self.other()).collect()
    }

    pub(super) fn note(&mut self) -> Note {
        ["as agreed", "found in the old books", "by telephone"][self.dice.below(3)].parse().unwrap()
    }

    pub(super) fn short(&mut self) -> Short {
        ["low income", "test district"][self.dice.below(2)].parse().unwrap()
    }

    pub(super) fn line(&mut self) -> LineNo {
        if self.dice.chance(97) { 1 + u16::try_from(self.dice.below(2)).unwrap() } else { 9 }
    }

    /// A day from some days before to some days after today.
    pub(super) fn day(&mut self, before: usize, after: usize) -> Date {
        let days = self.dice.below(before + after + 1);
        self.now.plus_us((i64::try_from(days).unwrap() - i64::try_from(before).unwrap()) * DAY_US).local_date()
    }

    pub(super) fn period(&mut self) -> Period {
        let day = self.now.plus_us(-40 * DAY_US * i64::try_from(self.dice.below(2)).unwrap()).local_date();
        day.to_string()[..7].to_owned().try_into().unwrap()
    }

    pub(super) fn person(&mut self) -> Document {
        entry(1 + u32::try_from(self.dice.below(3)).unwrap()).subject.document
    }

    pub(super) fn purpose(&mut self) -> Purpose {
        let purposes = [Purpose::DibaoApplication, Purpose::DibaoApplication, Purpose::DibaoRecheck];
        *self.dice.pick(&purposes)
    }

    /// A letter taken here, of one adult, sometimes with a minor who is of age before long.
    pub(super) fn letter(&mut self) -> ConsentClaims {
        let (holder, id) = (self.other(), ConsentId(self.new_id(EventKind::ConsentRecorded)));
        let requester = if self.dice.chance(85) { self.me } else { self.party() };
        let most = |dice: &mut Dice, of: &[Granularity]| *dice.pick(of);
        let fine = [Granularity::Threshold, Granularity::Band, Granularity::Exact];
        let items = [
            (Item::AssetDeposit, most(self.dice, &fine)),
            (Item::AssetProperty, most(self.dice, &fine[..2])),
            (Item::IncomeAssistance, Granularity::Threshold),
        ];
        let items = items.into_iter().filter(|_| self.dice.chance(80)).collect();
        let signed = self.now.plus_us(-DAY_US).local_date();
        let document = self.person();
        let mut claims = ConsentClaims {
            id,
            issuer: if self.dice.chance(97) { self.me } else { holder },
            holder,
            requester: OrgUnit { party: requester, unit: "reception".parse().unwrap() },
            items,
            purpose: if self.dice.chance(20) { Purpose::RoutineNotice } else { self.purpose() },
            not_before: self.now.plus_us(if self.dice.chance(95) { -DAY_US } else { DAY_US }),
            not_after: self.now.plus_us(*self.dice.pick(&[9, 60, 180]) * DAY_US),
            uses: 1 + u32::try_from(self.dice.below(3)).unwrap(),
            signers: vec![Signer::own(0, signed)],
            witness: if self.dice.chance(80) { "witness".parse().unwrap() } else { self.officer() },
            language: rules_of(self.me).unwrap().languages[0],
            subjects: vec![Subject { document, name: name("陳樣本"), birth_date: None }],
            separate: if self.dice.chance(60) { [Item::AssetDeposit].into() } else { BTreeSet::new() },
            ..claims()
        };
        claims.separate.retain(|item| claims.items.contains_key(item));
        if self.dice.chance(20) {
            let mut minor = entry(7).subject;
            minor.birth_date = Some(of_age_in_twenty_days(self.now));
            claims.subjects.push(minor);
            claims.signers.push(Signer { subject: 1, ..Signer::own(1, signed) });
            let capacity = crate::consent::Capacity::ParentalAuthority;
            claims.signers.push(Signer {
                capacity,
                by: crate::consent::SignedBy::Subject(0),
                ..Signer::own(1, signed)
            });
        }
        claims
    }

    /// A letter that was countersigned, as far as this party knows; mostly one on which it may ask.
    pub(super) fn granted(&mut self) -> Option<ConsentClaims> {
        let (me, any) = (self.me, self.dice.chance(10));
        let known = self.world.views[self.side].readable().filter_map(|entry| {
            let Event::ConsentGranted(granted) = entry.event() else { return None };
            (any || granted.claims.requester.party == me).then_some(&granted.claims)
        });
        self.dice.any(known).cloned()
    }

    /// A question that mostly stays within a letter.
    pub(super) fn question(&mut self, claims: &ConsentClaims) -> Question {
        let all = [Item::AssetDeposit, Item::AssetProperty, Item::IncomeAssistance, Item::IdAlive];
        let within: Vec<Item> = claims.items.keys().copied().collect();
        let item =
            if within.is_empty() || self.dice.chance(5) { *self.dice.pick(&all) } else { *self.dice.pick(&within) };
        let currency = rules_of(self.me).unwrap().currency;
        let predicate = if item == Item::AssetDeposit && self.dice.chance(85) {
            let figures = [100_000, 100_000, 100_000, 180_000, 180_000, 2_400_000, 4_320_000, 1];
            Predicate::AmountAtMost(Money { minor: *self.dice.pick(&figures), currency })
        } else if item == Item::AssetProperty {
            Predicate::CountAtMost(u32::try_from(self.dice.below(2) * self.dice.below(3)).unwrap())
        } else {
            Predicate::Holds
        };
        let most = claims.items.get(&item).copied().unwrap_or(Granularity::Threshold);
        let granularity = if self.dice.chance(92) { most } else { Granularity::Exact };
        Question { item, predicate, granularity }
    }

    /// An answer that mostly says what was asked for and no more.
    pub(super) fn answer(&mut self, question: &Question) -> Answer {
        let verdict = if self.dice.chance(50) { Verdict::Meets } else { Verdict::DoesNotMeet };
        let plain = answer(question, verdict);
        let finer = self.dice.chance(15);
        let band = (finer || question.granularity >= Granularity::Band) && self.dice.chance(50);
        let band = band.then(|| if question.item == Item::AssetProperty { "1" } else { "0 CNY" }.parse().unwrap());
        let value = (finer || question.granularity == Granularity::Exact) && self.dice.chance(50);
        let currency = rules_of(self.me).unwrap().currency;
        Answer { band, value: value.then_some(Money { minor: 0, currency }), ..plain }
    }

    pub(super) fn basis(&mut self) -> Option<LegalBasis> {
        if self.dice.chance(25) {
            return None;
        }
        match self.granted() {
            Some(claims) if self.dice.chance(40) => Some(LegalBasis::Consent(claims.id)),
            Some(_) | None => Some(LegalBasis::AgreementArticle("art. 4".parse().unwrap())),
        }
    }
}

/// The birth date by which a person comes of age twenty days from now.
fn of_age_in_twenty_days(now: Instant) -> Date {
    let day = now.plus_us(20 * DAY_US).local_date();
    Date::new(day.year() - 18, day.month(), day.day()).unwrap_or(Date::new(day.year() - 18, 3, 1).unwrap())
}
