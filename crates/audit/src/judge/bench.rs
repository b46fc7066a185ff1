//! The bench: one party's log in order, with the rows it had before each entry.

use std::collections::{BTreeMap, BTreeSet};

use tongcha_domain::authority::AppointmentFacts;
use tongcha_domain::command::Context;
use tongcha_domain::consent::{ConsentClaims, ConsentFacts};
use tongcha_domain::event::{Body, Event, EventKind};
use tongcha_domain::hindsight::{Hindsight, Known, Needs, look_back, needs};
use tongcha_domain::id::{ConsentId, PartyId};
use tongcha_domain::lookup::CLOCK_SKEW_MAX_US;
use tongcha_domain::officer::Role;
use tongcha_domain::party::{Rules, rules_of};
use tongcha_domain::time::Instant;
use tongcha_domain::view::{Changes, CommandFacts, MemoryRows, Overlay, Rows, Table, ViewError, project, written};
use tongcha_ledger::body::{BodyError, agree};
use tongcha_ledger::entry::{Header, VerifiedEntry};

use crate::bundle::Bundle;
use crate::finding::{Fault, Finding, Reason};
use crate::input::InputError;
use crate::judge::breach::{Breach, behind};
use crate::judge::feed::Feed;
use crate::judge::headers::Headers;
use crate::judge::watched::Watched;
use crate::judge::{Judged, Skipped, Wrong};
use crate::reading::Content;
use crate::scan::Checked;

/// The service itself, as its entries name it.
const SERVICE: &str = "node";

/// How far another log is folded.
struct Peer {
    feed: Feed,
    /// The most that an entry said was seen.
    claimed: u64,
    /// Entries folded.
    folded: u64,
    /// When the last of them was recorded.
    latest: Instant,
    /// The most entries of the log under judgement that one of them had seen, and which one that was.
    has_seen: (u64, u64),
}

/// Why the judgement ends before the log does.
enum Stop {
    /// A log is wrong from here on.
    Fault(PartyId, Fault),
    /// Something can't be read.
    Input(InputError),
}

impl From<InputError> for Stop {
    fn from(error: InputError) -> Self {
        Self::Input(error)
    }
}

/// One party's log under judgement.
pub(super) struct Bench<'a> {
    bundle: &'a Bundle,
    party: PartyId,
    rules: &'static Rules,
    rows: MemoryRows,
    peers: BTreeMap<PartyId, Peer>,
    headers: Headers,
    /// The tables that bodies would have changed which the auditor no longer has.
    absent: BTreeSet<Table>,
    judged: Judged,
}

impl<'a> Bench<'a> {
    /// Makes a bench; `peers` are the other logs as the party has them.
    ///
    /// # Errors
    /// When the party's rules are not known.
    pub(super) fn new(bundle: &'a Bundle, party: PartyId, peers: BTreeMap<PartyId, Feed>) -> Result<Self, InputError> {
        let rules = rules_of(party).ok_or_else(|| InputError::NoLog { path: bundle.path.clone(), party })?;
        let peer = |feed| Peer { feed, claimed: 0, folded: 0, latest: Instant::default(), has_seen: (0, 0) };
        let judged = Judged {
            party,
            bundle: bundle.path.clone(),
            entries: 0,
            not_reached: 0,
            judged: BTreeMap::new(),
            skipped: BTreeMap::new(),
            erased: 0,
            lost: 0,
            findings: Vec::new(),
            undecided: Vec::new(),
            faults: Vec::new(),
        };
        let peers = peers.into_iter().map(|(origin, feed)| (origin, peer(feed))).collect();
        let (rows, headers, absent) = (MemoryRows::default(), Headers::default(), BTreeSet::new());
        Ok(Self { bundle, party, rules, rows, peers, headers, absent, judged })
    }

    /// Judges the party's log to its end, or to the first fault of a log that it needs.
    ///
    /// # Errors
    /// When something can't be read.
    pub(super) fn sit(mut self, mut own: Feed) -> Result<Judged, InputError> {
        let stop = loop {
            match own.next()? {
                Some(item) => match self.entry(&item) {
                    Ok(()) => {}
                    Err(Stop::Fault(origin, fault)) => break Some((origin, fault)),
                    Err(Stop::Input(error)) => return Err(error),
                },
                None => break own.fault.take().map(|fault| (self.party, fault)),
            }
        };
        if let Some((origin, Fault { seq, offset, reason })) = stop {
            self.judged.faults.push(Finding { bundle: self.bundle.path.clone(), origin, seq, offset, reason });
        }
        self.hear_losses()?;
        let listed = self.bundle.manifest.log(self.party).count;
        self.judged.not_reached = listed.saturating_sub(self.judged.entries);
        Ok(self.judged)
    }

    // A body of a peer's log that is lost is named later in that log: nothing else is wanted of what was not seen.
    fn hear_losses(&mut self) -> Result<(), InputError> {
        if self.judged.lost == 0 || !self.judged.faults.is_empty() {
            return Ok(());
        }
        for (origin, peer) in &mut self.peers {
            while peer.feed.next()?.is_some() {}
            let unsaid = peer.feed.fault.take().filter(|fault| matches!(fault.reason, Reason::BodyMissing));
            self.judged.faults.extend(unsaid.map(|Fault { seq, offset, reason }| Finding {
                bundle: self.bundle.path.clone(),
                origin: *origin,
                seq,
                offset,
                reason,
            }));
        }
        Ok(())
    }

    fn entry(&mut self, item: &Checked<Content>) -> Result<(), Stop> {
        let header = item.entry.header();
        self.catch_up(header)?;
        self.check_clock(header);
        match &item.value {
            Content::Opened(body) => {
                self.check_header(header, body);
                let checked = self.check_actor(header, body).and_then(|()| self.check_repeated(header, body));
                checked.map_err(|error| self.view_fault(item, error))?;
                self.judge(item, header, body)?;
            }
            // A party reads all of its own log: an audience without it is refused with the entry's form.
            Content::Lost => self.skip(header.kind, Skipped::Lost),
            Content::Erased | Content::NotOurs => self.skip(header.kind, Skipped::Erased),
        }
        self.fold(&item.entry, &item.value).map_err(|error| self.view_fault(item, error))?;
        self.judged.entries += 1;
        Ok(())
    }

    // Folds the other logs as far as the entry says they were seen.
    fn catch_up(&mut self, header: &Header) -> Result<(), Stop> {
        let origins: Vec<PartyId> = self.peers.keys().copied().collect();
        for origin in origins {
            let seen = header.seen.get(&origin).copied().unwrap_or(0);
            let Some(peer) = self.peers.get_mut(&origin) else { continue };
            let before = peer.claimed;
            peer.claimed = before.max(seen);
            if seen < before {
                self.wrong(header, Breach::SeenLess { party: origin, before, now: seen });
            }
            let held = self.fold_to(origin, seen)?;
            if seen > before && held < seen {
                self.wrong(header, Breach::SeenBeyond { party: origin, seen, held });
            }
            let has_seen = self.peers.get(&origin).map_or((0, 0), |peer| peer.has_seen);
            let (theirs, entry) = has_seen;
            if theirs > header.seq {
                self.wrong(header, Breach::SeenLater { party: origin, entry, theirs });
            }
        }
        let unknown = header.seen.iter().filter(|(origin, seen)| !self.peers.contains_key(origin) && **seen > 0);
        let unknown: Vec<(PartyId, u64)> = unknown.map(|(origin, seen)| (*origin, *seen)).collect();
        for (party, seen) in unknown {
            self.wrong(header, Breach::SeenBeyond { party, seen, held: 0 });
        }
        Ok(())
    }

    // Returns how many entries of the log are folded then.
    fn fold_to(&mut self, origin: PartyId, count: u64) -> Result<u64, Stop> {
        loop {
            let Some(peer) = self.peers.get_mut(&origin).filter(|peer| peer.folded < count) else {
                return Ok(self.peers.get(&origin).map_or(0, |peer| peer.folded));
            };
            let Some(item) = peer.feed.next()? else {
                return match peer.feed.fault.take() {
                    Some(fault) => Err(Stop::Fault(origin, fault)),
                    None => Ok(peer.folded),
                };
            };
            let header = item.entry.header();
            peer.folded += 1;
            peer.latest = header.recorded_at;
            let theirs = header.seen.get(&self.party).copied().unwrap_or(0);
            if theirs > peer.has_seen.0 {
                peer.has_seen = (theirs, header.seq);
            }
            self.fold(&item.entry, &item.value).map_err(|error| self.view_fault(&item, error))?;
        }
    }

    fn fold(&mut self, entry: &VerifiedEntry, content: &Content) -> Result<(), ViewError> {
        let body = match content {
            Content::Opened(body) => Some(body),
            Content::NotOurs => None,
            Content::Erased => {
                self.judged.erased += 1;
                self.absent.extend(written(entry.header().kind));
                None
            }
            Content::Lost => {
                self.judged.lost += 1;
                self.absent.extend(written(entry.header().kind));
                None
            }
        };
        let mut overlay = Overlay::new(&self.rows, Changes::new());
        project(&mut overlay, &entry.meta(), body)?;
        let changes = overlay.into_changes();
        self.rows.apply(changes);
        self.headers.note(entry.header(), content);
        Ok(())
    }

    fn check_clock(&mut self, header: &Header) {
        let late =
            self.peers.iter().filter_map(|(party, peer)| Some((behind(header.recorded_at, peer.latest)?, *party)));
        if let Some((behind_us, party)) = late.max() {
            self.wrong(header, Breach::Clock { party, behind_us });
        }
    }

    fn check_header(&mut self, header: &Header, body: &Body) {
        let breach = match agree(body, header) {
            Ok(()) => return,
            Err(BodyError::Kind) => Breach::Kind(header.kind.code(), body.event.kind().code()),
            // Nothing else is compared.
            Err(_) => {
                let event = body.event.readers().into_iter().chain([header.origin]).collect();
                Breach::Audience { header: header.audience.clone(), event }
            }
        };
        self.wrong(header, breach);
    }

    fn check_actor(&mut self, header: &Header, body: &Body) -> Result<(), ViewError> {
        let actor = &body.actor;
        let known = if actor.role == Role::Node {
            actor.officer.as_str() == SERVICE
        } else {
            Rows::new(&self.rows).side::<AppointmentFacts>(&actor.officer, self.party)?.is_some()
        };
        if !known {
            let role = if actor.role == Role::Node { "the service" } else { "an officer" };
            let rests = actor.role != Role::Node && self.absent.contains(&Table::Appointment);
            self.judged_wrong(header, Breach::Unknown(role), rests);
        }
        Ok(())
    }

    fn check_repeated(&mut self, header: &Header, body: &Body) -> Result<(), ViewError> {
        let Some(stamp) = body.command else { return Ok(()) };
        if Rows::new(&self.rows).side::<CommandFacts>(&stamp.key, self.party)?.is_some() {
            self.wrong(header, Breach::Repeated);
        }
        Ok(())
    }

    fn judge(&mut self, item: &Checked<Content>, header: &Header, body: &Body) -> Result<(), Stop> {
        let mut known = Known::default();
        // What is known besides rows: whose grant it was, and of which case entries of any kind are.
        let beside = match needs(&body.event) {
            Needs::Nothing => false,
            Needs::Consent(consent) => {
                known.granted = self.granted(item, consent, header.recorded_at)?;
                self.absent.contains(&Table::Consent)
            }
            Needs::Entries(of, entries) => {
                known.entries = self.headers.listed(of.unwrap_or(self.party), &entries);
                !self.absent.is_empty()
            }
        };
        let context = Context { me: self.party, rules: self.rules, actor: &body.actor, now: header.recorded_at };
        let watched = Watched::new(&self.rows);
        let hindsight = look_back(&Rows::new(&watched), &context, &body.event, &known);
        let rests = beside || watched.has_read(&self.absent);
        let breach = match hindsight.map_err(|error| self.view_fault(item, error))? {
            Hindsight::Right => None,
            Hindsight::Silent => {
                let denied = body.event.kind() == EventKind::LookupDenied;
                self.skip(header.kind, if denied { Skipped::QuestionNotKept } else { Skipped::NothingHappened });
                return Ok(());
            }
            Hindsight::Refused(refusal) => Some(Breach::Refused(refusal)),
            Hindsight::Otherwise(event) => {
                let other = event.kind();
                Some(Breach::Otherwise((other != body.event.kind()).then_some(other)))
            }
            Hindsight::Unfounded => Some(Breach::Unfounded),
        };
        *self.judged.judged.entry(header.kind.code()).or_default() += 1;
        if let Some(breach) = breach {
            self.judged_wrong(header, breach, rests);
        }
        Ok(())
    }

    // The consent as its issuer granted it. A token can reach a party before the entry that grants it does, so a grant
    // that was not seen yet counts as well, if it was recorded by then.
    fn granted(
        &mut self,
        item: &Checked<Content>,
        consent: ConsentId,
        now: Instant,
    ) -> Result<Option<ConsentClaims>, Stop> {
        let sides = Rows::new(&self.rows).sides::<ConsentFacts>(&consent);
        let sides = sides.map_err(|error| self.view_fault(item, error))?;
        if let Some(granted) = sides.granted() {
            return Ok(Some(granted.claims.clone()));
        }
        for (origin, peer) in &mut self.peers {
            let later = |entry: &VerifiedEntry| entry.header().recorded_at > now.plus_us(CLOCK_SKEW_MAX_US);
            let grant = |_: &VerifiedEntry, content: &Content| match content {
                Content::Opened(Body { event: Event::ConsentGranted(granted), .. }) => {
                    let claims = &granted.claims;
                    (claims.id == consent && claims.issuer == *origin).then(|| claims.clone())
                }
                Content::Opened(_) | Content::NotOurs | Content::Erased | Content::Lost => None,
            };
            if let Some(claims) = peer.feed.look_ahead(later, grant)? {
                return Ok(Some(claims));
            }
        }
        Ok(None)
    }

    fn skip(&mut self, kind: EventKind, reason: Skipped) {
        *self.judged.skipped.entry(reason).or_default().entry(kind.code()).or_default() += 1;
    }

    fn wrong(&mut self, header: &Header, breach: Breach) {
        self.judged_wrong(header, breach, false);
    }

    // `rests`: it was judged by rows that a body may have changed which is erased or lost. Else nobody can have anything
    // erased to keep a wrong decision out of the judgement.
    fn judged_wrong(&mut self, header: &Header, breach: Breach, rests: bool) {
        let list = if rests { &mut self.judged.undecided } else { &mut self.judged.findings };
        list.push(Wrong {
            origin: header.origin,
            seq: header.seq,
            kind: header.kind.code(),
            recorded_at: header.recorded_at.to_string(),
            breach,
        });
    }

    fn view_fault(&self, item: &Checked<Content>, error: ViewError) -> Stop {
        let header = item.entry.header();
        let fault = Fault { seq: header.seq, offset: item.offset, reason: Reason::View(error) };
        Stop::Fault(header.origin, fault)
    }
}
