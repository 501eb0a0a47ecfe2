//! The collector, pointed at a server.
#![expect(clippy::disallowed_methods, reason = "tests write a token")]

use overstay::collect::idp::scim::Scim;
use overstay::collect::{Clock, CollectCx, Collector, Facts, Probe, Progress};
use overstay::config::{Connection, Part, ScimConfig, Secret};
use overstay::model::id::IdpUserId;
use overstay::model::{Fact, Gap, IdpFacts, SourceRecord};
use tempfile::TempDir;

use crate::web::client::{limits, noon, run};

pub(super) const TOKEN: &str = "t0ken-of-the-test";

/// What came of reading.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    pub(super) facts: IdpFacts,
    pub(super) record: SourceRecord,
}

/// With another token than the server's if given.
fn with<T>(base_url: &str, token: &str, without: &[Part], work: impl FnOnce(Scim, CollectCx) -> T) -> T {
    let place = TempDir::new().unwrap();
    std::fs::write(place.path().join("token"), token).unwrap();
    let config = ScimConfig {
        base_url: base_url.to_owned(),
        token: Secret::File("token".into()),
        connection: Connection { without: without.to_vec(), ..Connection::default() },
    };
    let scim = Scim::new("provider".parse().unwrap(), config).with_limits(limits());
    let base = place.path().to_owned();
    work(scim, CollectCx { clock: Clock::fixed(noon()), progress: Progress::silent(), base })
}

pub(super) fn read_with(base_url: &str, token: &str, without: &[Part]) -> Told {
    let batch = with(base_url, token, without, |scim, cx| run(scim.collect(&cx))).unwrap();
    let Facts::Idp(facts) = batch.facts else { panic!("{:?}", batch.facts) };
    Told { facts: *facts, record: batch.record }
}

pub(super) fn read(base_url: &str) -> Told {
    read_with(base_url, TOKEN, &[])
}

pub(super) fn probe(base_url: &str, token: &str) -> Probe {
    with(base_url, token, &[], |scim, cx| run(scim.probe(&cx)))
}

impl Told {
    #[track_caller]
    pub(super) fn whole(self) -> Self {
        assert_eq!(self.record.gaps, [], "{:#?}", self.record);
        self
    }

    /// The one gap of a fact.
    #[track_caller]
    pub(super) fn gap(&self, fact: Fact) -> &Gap {
        let gaps: Vec<&Gap> = self.record.gaps.iter().filter(|gap| gap.fact == fact).collect();
        let [gap] = gaps[..] else { panic!("{:#?}", self.record.gaps) };
        gap
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.facts.users.iter().map(|user| user.user_name.as_str()).collect()
    }

    /// The members of a group by their user names, sorted; those who are so through another group are marked.
    #[track_caller]
    pub(super) fn members(&self, group: &str) -> Vec<String> {
        let group = self.facts.groups.as_ref().unwrap().iter().find(|one| one.name == group).unwrap();
        let user = |id: &IdpUserId| self.facts.users.iter().find(|user| user.id == *id).unwrap().user_name.clone();
        let mut members: Vec<String> = group
            .members
            .iter()
            .map(|id| format!("{}{}", user(id), if group.has_directly(id) { "" } else { "*" }))
            .collect();
        members.sort();
        members
    }

    pub(super) fn requests(&self, operation: &str) -> u64 {
        self.record.operations.iter().find(|record| record.operation == operation).map_or(0, |record| record.requests)
    }
}
