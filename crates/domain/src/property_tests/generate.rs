//! One step of a run from one number: a command of any kind, something heard, a duty whose time has come, time that passes.

use crate::authority::{AppointOfficer, OfficerClearance};
use crate::command::{Command, CommandKind};
use crate::consent::CountersignConsent;
use crate::event::Event;
use crate::id::{CandidateId, PartyId};
use crate::officer::{Actor, Role};
use crate::overlap::{AuthoriseMatchRun, BeginMatchRun, RecordMatchExecution, TakeMatchReview};
use crate::time::{DAY_US, MINUTE_US};
use crate::verification::{AcceptRequest, SendReply, SubmitRequest};

use super::check::{self, Violation};
use super::dice::Dice;
use super::pools::{self, Pool};
use super::world::{Outcome, PARTIES, World};
use super::{Tally, cases, governance, later};

/// Makes a command of one kind.
pub(super) type Make = fn(&mut Pool<'_>) -> Command;

/// Every kind of command, by family.
pub(super) const FAMILIES: [&[(CommandKind, Make)]; 10] = [
    cases::NOTICES,
    cases::URGENTS,
    cases::CONSENTS,
    cases::REQUESTS,
    cases::LOOKUPS,
    governance::OFFICES,
    governance::OVERLAPS,
    governance::MEETINGS,
    governance::CONFERENCES,
    later::LATER,
];

/// How many percent of the commands are of the run's own family: a case has up to ten steps, and should reach its end.
const OF_FAMILY: u64 = 75;
/// Commands that end a case or a channel: given less often than the others, so that cases get to their later steps.
const SELDOM: [CommandKind; 18] = [
    CommandKind::RecordMatchExecution,
    CommandKind::FailMatchRun,
    CommandKind::DismissOverlap,
    CommandKind::WithdrawRequest,
    CommandKind::CloseRequest,
    CommandKind::RefuseRequest,
    CommandKind::RevokeConsent,
    CommandKind::CloseConsent,
    CommandKind::RegisterUnit,
    CommandKind::RevokeAppointment,
    CommandKind::SuspendChannel,
    CommandKind::ProposeAgreement,
    CommandKind::WithdrawEntry,
    CommandKind::StandDown,
    CommandKind::ConcludeCase,
    CommandKind::DiscardBatch,
    CommandKind::DiscardDraft,
    CommandKind::DiscardConsent,
];
/// How far ahead a duty may be for which the clock is moved on, while the run is young. Later it may be any time.
const AHEAD_DAYS: i64 = 15;
/// What is done at once, however young the run is, in days.
const SOON_DAYS: i64 = 1;

/// A run: the parties, what they do, and what is counted.
pub(super) struct Run<'a> {
    pub(super) world: World,
    pub(super) family: usize,
    /// Whether the end is near: then months may pass.
    pub(super) late: bool,
    pub(super) tally: &'a mut Tally,
}

/// An officer of the beginning.
fn by(name: &str, role: Role, me: PartyId) -> Actor {
    Actor { officer: format!("{name}.{me}").parse().unwrap(), role, unit: "reception".parse().unwrap() }
}

impl Run<'_> {
    /// Gives one command and checks what comes of it.
    fn give(&mut self, side: usize, actor: &Actor, command: &Command) -> Result<Outcome, Violation> {
        let outcome = self.world.command(side, actor, command);
        self.tally
            .count(command.kind(), outcome.result.as_ref().map(|entry| entry.kind()).map_err(|refusal| refusal.code));
        check::outcome(&self.world, side, command, &outcome)?;
        Ok(outcome)
    }

    /// Channels, standards and some consents, so that a short run gets somewhere.
    pub(super) fn begin(&mut self, dice: &mut Dice) -> Result<(), Violation> {
        for side in 0..PARTIES.len() {
            let me = self.world.views[side].me;
            for _ in 0..4 {
                let (clerk, second) = (by("one", Role::Secretariat, me), by("two", Role::DataProtection, me));
                let open = self.made(dice, side, &clerk, governance::open_channel);
                let Ok(entry) = self.give(side, &clerk, &open)?.result else { continue };
                let Event::ChannelProposed(proposed) = entry.event() else { continue };
                self.give(side, &second, &crate::channel::ConfirmChannel { to: proposed.to }.into())?;
            }
            let (clerk, caseworker) = (by("one", Role::Secretariat, me), by("one", Role::Caseworker, me));
            let publish = self.made(dice, side, &clerk, cases::published);
            self.give(side, &clerk, &publish)?;
            let letter =
                Command::from(crate::consent::RecordConsent { claims: self.pool(dice, side, &caseworker).letter() });
            let Ok(entry) = self.give(side, &caseworker, &letter)?.result else { continue };
            let Event::ConsentRecorded(recorded) = entry.event() else { continue };
            let countersign = CountersignConsent { consent: recorded.claims.id };
            self.give(side, &by("two", Role::Reviewer, me), &countersign.into())?;
            self.begin_letter_of_a_minor(dice, side)?;
        }
        self.all_hear();
        self.begin_request(dice)?;
        self.begin_run(dice)
    }

    /// A letter about a minor, taken by officers who are cleared for that.
    fn begin_letter_of_a_minor(&mut self, dice: &mut Dice, side: usize) -> Result<(), Violation> {
        let me = self.world.views[side].me;
        let (clerk, second) = (by("four", Role::Caseworker, me), by("five", Role::Reviewer, me));
        for actor in [&clerk, &second] {
            let Actor { officer, role, unit } = actor.clone();
            let (name, from) = ("cleared".parse().unwrap(), self.world.now.plus_us(-DAY_US));
            let clearances = [OfficerClearance::Minor].into();
            let appoint = AppointOfficer { officer, role, unit, name, from, to: None, clearances };
            self.give(side, &by("one", Role::Secretariat, me), &appoint.into())?;
        }
        let tries = (0..30).map(|_| self.pool(dice, side, &clerk).letter()).collect::<Vec<_>>();
        let Some(claims) = tries.into_iter().find(|claims| claims.subjects.len() > 1) else { return Ok(()) };
        let consent = claims.id;
        self.give(side, &clerk, &crate::consent::RecordConsent { claims }.into())?;
        self.give(side, &second, &CountersignConsent { consent }.into())?;
        Ok(())
    }

    fn all_hear(&mut self) {
        (0..9).for_each(|pair| self.world.hear(pair / 3, pair % 3, usize::MAX));
    }

    /// A request that was answered, where a consent allows one: what follows an answer is many steps deep.
    fn begin_request(&mut self, dice: &mut Dice) -> Result<(), Violation> {
        for side in 0..PARTIES.len() {
            let me = self.world.views[side].me;
            let (clerk, second) = (by("one", Role::Caseworker, me), by("two", Role::Reviewer, me));
            let draft = self.made(dice, side, &clerk, cases::draft);
            let Ok(entry) = self.give(side, &clerk, &draft)?.result else { continue };
            let Event::RequestDrafted(drafted) = entry.event() else { continue };
            let (request, holder) = (drafted.request.id, drafted.request.holder);
            self.give(side, &second, &SubmitRequest { request }.into())?;
            self.all_hear();
            let Some(theirs) = self.world.views.iter().position(|view| view.me == holder) else { continue };
            let (clerk, second) = (by("one", Role::Caseworker, holder), by("two", Role::Reviewer, holder));
            self.give(theirs, &clerk, &AcceptRequest { request }.into())?;
            for _ in 0..4 {
                let answer = self.made(dice, theirs, &clerk, cases::answer_item);
                self.give(theirs, &clerk, &answer)?;
            }
            self.give(theirs, &second, &SendReply { request, partial: true }.into())?;
        }
        self.all_hear();
        Ok(())
    }

    /// A matching run that found somebody, in the turn of its family.
    fn begin_run(&mut self, dice: &mut Dice) -> Result<(), Violation> {
        if FAMILIES[self.family].first().map(|(kind, _)| *kind) != Some(CommandKind::ProposeMatchRun) {
            return Ok(());
        }
        let (me, other) = (self.world.views[0].me, self.world.views[1].me);
        let (clerk, second) = (by("one", Role::Liaison, me), by("two", Role::DataProtection, me));
        let mut propose = self.made(dice, 0, &clerk, governance::propose_run);
        if let Command::ProposeMatchRun(propose) = &mut propose {
            propose.with = other;
        }
        let Ok(entry) = self.give(0, &clerk, &propose)?.result else { return Ok(()) };
        let Event::MatchRunProposed(proposed) = entry.event() else { return Ok(()) };
        let run = proposed.run;
        self.give(0, &second, &AuthoriseMatchRun { run }.into())?;
        self.all_hear();
        self.give(1, &by("two", Role::DataProtection, other), &AuthoriseMatchRun { run }.into())?;
        self.all_hear();
        let node = by("node", Role::Node, me);
        self.give(0, &node, &BeginMatchRun { run, elements: 3, persons: 3 }.into())?;
        for no in 1..=3 {
            let mut found = self.made(dice, 0, &node, governance::record_candidate);
            if let Command::RecordCandidate(found) = &mut found {
                found.candidate = CandidateId { run, no };
            }
            self.give(0, &node, &found)?;
        }
        self.give(0, &node, &RecordMatchExecution { run, peer_elements: 3 }.into())?;
        let reason = "as agreed".parse().unwrap();
        self.give(0, &by("two", Role::Reviewer, me), &TakeMatchReview { run, reason }.into())?;
        Ok(())
    }

    fn pool<'b>(&'b self, dice: &'b mut Dice, side: usize, actor: &Actor) -> Pool<'b> {
        let (me, now) = (self.world.views[side].me, self.world.now);
        Pool { dice, world: &self.world, side, me, now, actor: actor.clone() }
    }

    fn made(&self, dice: &mut Dice, side: usize, actor: &Actor, make: Make) -> Command {
        make(&mut self.pool(dice, side, actor))
    }

    /// Does what a number says.
    pub(super) fn step(&mut self, number: u64) -> Result<(), Violation> {
        let dice = &mut Dice(number);
        let side = dice.below(PARTIES.len());
        match dice.below(100) {
            0..70 => self.any_command(dice, side),
            70..94 => {
                let entries = if dice.chance(30) { usize::MAX } else { 1 + dice.below(4) };
                self.world.hear(side, dice.below(PARTIES.len()), entries);
                Ok(())
            }
            94..98 => self.duty(dice, side),
            _ => {
                let minutes = *dice.pick(&[1, 1, 30, 30, 60, 600]);
                self.world.now = self.world.now.plus_us(minutes * MINUTE_US);
                Ok(())
            }
        }
    }

    fn any_command(&mut self, dice: &mut Dice, side: usize) -> Result<(), Violation> {
        let family = if dice.chance(OF_FAMILY) { self.family } else { dice.below(FAMILIES.len()) };
        let (mut kind, mut make) = *dice.pick(FAMILIES[family]);
        if SELDOM.contains(&kind) && dice.chance(75) {
            (kind, make) = *dice.pick(FAMILIES[family]);
        }
        let actor = pools::actor(dice, kind, self.world.views[side].me);
        let command = self.made(dice, side, &actor, make);
        assert_eq!(command.kind(), kind);
        self.give(side, &actor, &command)?;
        Ok(())
    }

    /// The service does its first duty; the clock moves on to it, but seldom far.
    fn duty(&mut self, dice: &mut Dice, side: usize) -> Result<(), Violation> {
        let Some(duty) = self.world.first_duty(side) else { return Ok(()) };
        let within = |days: i64| duty.at <= self.world.now.plus_us(days * DAY_US);
        let now = within(SOON_DAYS) || (within(AHEAD_DAYS) && dice.chance(8)) || (self.late && dice.chance(40));
        if !now {
            return Ok(());
        }
        self.world.now = self.world.now.max(duty.at);
        let me = self.world.views[side].me;
        let officer = format!("node.{me}").parse().unwrap();
        let actor = Actor { officer, role: Role::Node, unit: "reception".parse().unwrap() };
        self.give(side, &actor, &duty.command)?;
        Ok(())
    }

    /// The end: every party hears a part of what is left, and its view is what its entries say, in whatever order.
    pub(super) fn end(&mut self, dice: &mut Dice) -> Result<(), Violation> {
        for side in 0..PARTIES.len() {
            self.world.hear(side, dice.below(PARTIES.len()), usize::MAX);
            let [live, again] = self.world.roots(side, || dice.below(PARTIES.len()));
            if live != again {
                return Err(Violation {
                    property: "any order, one root",
                    what: format!("{}", self.world.views[side].me),
                });
            }
        }
        Ok(())
    }
}
