//! The members of the register that belong in a matching run's set: the other way to read it, under a permit of its own.

use crate::id::{ImportId, PartyId};
use crate::identity::Document;
use crate::overlap::MatchPermit;
use crate::register::rows::{HOUSEHOLD, current_key, prefix};
use crate::register::{Assistance, Household};
use crate::text::Short;
use crate::view::{RowId, RowStore, ViewError};

/// A person in the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchMember {
    /// The household's reference.
    pub reference: Short,
    /// The programme received.
    pub programme: Short,
    /// All documents of the person, the one registered first.
    pub documents: Vec<Document>,
}

/// Returns the persons who belong in the set: data of the run's month says that they receive a means-tested programme,
/// and they agreed to the clause on matching. None when there is no register yet. What is not recorded counts as no.
///
/// # Errors
/// When a row can't be read.
pub fn match_set(store: &dyn RowStore, permit: &MatchPermit) -> Result<Option<Vec<MatchMember>>, ViewError> {
    let party: PartyId = permit.holder();
    let Some(import) = store.get(&current_key(party))?.as_deref().and_then(ImportId::from_bytes) else {
        return Ok(None);
    };
    let month = permit.period().to_string();
    let mut set = Vec::new();
    for (_, row) in store.scan(&prefix(HOUSEHOLD, party, import))? {
        let household: Household = crate::view::decode_row(&row)?;
        if !household.as_of.to_string().starts_with(&month) {
            continue;
        }
        for member in household.members {
            let Some(Assistance::Programme(programme)) = member.assistance else { continue };
            if member.match_clause != Some(true) {
                continue;
            }
            let documents = std::iter::once(member.subject.document).chain(member.other_documents).collect();
            set.push(MatchMember { reference: household.reference.clone(), programme, documents });
        }
    }
    Ok(Some(set))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::{MatchBasis, MatchMethod, MatchRunAuthorised, MatchRunProposed};
    use crate::register::{Member, RegisterChunkImported, RegisterImportCompleted, RegisterImportStarted};
    use crate::testing::{Scene, document, given, household, party, register, stranger};

    const RUN: crate::id::MatchRunId = crate::id::MatchRunId(uuid::Uuid::from_u128(1));

    /// A run for June between Macau and Zhuhai that both authorised.
    fn authorised() -> Scene {
        let text = || "1".parse().unwrap();
        let proposed = MatchRunProposed {
            run: RUN,
            with: party("zhuhai"),
            purpose: text(),
            basis: MatchBasis {
                agreement_clause: text(),
                interconnection_authorisation: text(),
                mainland_assessment: text(),
            },
            period: "2026-06".to_owned().try_into().unwrap(),
            method: MatchMethod::Voprf1,
            elements_max: 10,
        };
        let by = |other| MatchRunAuthorised { run: RUN, proposer: party("macau"), other: party(other) };
        given([("lo.macau", proposed)]).and("dp.macau", by("zhuhai")).and("dp.zhuhai", by("macau"))
    }

    fn set(scene: &Scene) -> Option<Vec<MatchMember>> {
        let permit = MatchPermit::open(&scene.rows(), party("macau"), RUN, scene.now).unwrap().unwrap();
        match_set(scene.store(), &permit).unwrap()
    }

    /// Macau's register with one household, changed.
    fn with(change: impl Fn(&mut Household)) -> Option<Vec<MatchMember>> {
        let mut home = household("R1", &[document()]);
        home.as_of = "2026-06-30".parse().unwrap();
        let member = home.members.first_mut().unwrap();
        member.assistance = Some(Assistance::Programme("援助金".parse().unwrap()));
        (member.match_clause, member.other_documents) = (Some(true), vec![stranger()]);
        change(&mut home);
        let (import, party) = (ImportId(uuid::Uuid::from_u128(1)), party("macau"));
        let scene = authorised()
            .and("sa.macau", RegisterImportStarted { import, households: 1, file_digest: [0; 32] })
            .and("sa.macau", RegisterChunkImported { import, party, chunk: 0, households: vec![home] })
            .and("sa.macau", RegisterImportCompleted { import, party });
        set(&scene)
    }

    #[test]
    fn who_receives_and_agreed_is_in_the_set_with_all_documents() {
        let found = with(|_| ()).unwrap();
        let expected = MatchMember {
            reference: "R1".parse().unwrap(),
            programme: "援助金".parse().unwrap(),
            documents: vec![document(), stranger()],
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn each_condition_alone_keeps_a_person_out() {
        type Change = fn(&mut Member);
        let changes: [Change; 4] = [
            |m| m.assistance = Some(Assistance::None),
            |m| m.assistance = None,
            |m| m.match_clause = Some(false),
            |m| m.match_clause = None,
        ];
        for change in changes {
            assert_eq!(with(|home| change(home.members.first_mut().unwrap())), Some(Vec::new()));
        }
        for day in ["2026-05-31", "2026-07-01"] {
            assert_eq!(with(|home| home.as_of = day.parse().unwrap()), Some(Vec::new()));
        }
    }

    #[test]
    fn no_register_is_not_an_empty_set_and_another_partys_is_not_read() {
        assert_eq!(set(&authorised()), None);
        assert_eq!(set(&register(authorised(), "zhuhai", &[document()])), None);
    }
}
