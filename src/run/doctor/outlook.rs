//! Which rules and control tests a collection could evaluate, given what the sources can be read for.

use std::collections::BTreeSet;

use crate::collect::Probe;
use crate::config::Config;
use crate::evidence::doctor::OutlookView;
use crate::model::Fact;
use crate::rules::RuleMeta;

/// Which facts a run now would have.
#[derive(Clone)]
pub(super) struct Reach {
    pub(super) asked: BTreeSet<Fact>,
    lost: BTreeSet<Fact>,
}

impl Reach {
    pub(super) fn of(config: &Config, probes: &[Probe]) -> Self {
        let mut asked: BTreeSet<Fact> = probes.iter().flat_map(|probe| probe.asked.iter().copied()).collect();
        // A links file adds evidence; having none leaves nothing out.
        asked.insert(Fact::DeclaredLinks);
        if !config.access.is_empty() {
            asked.insert(Fact::Policy);
        }
        Self { asked, lost: probes.iter().flat_map(Probe::lost).collect() }
    }

    /// As if only `lost` could not be read.
    pub(super) fn losing(&self, lost: &[Fact]) -> Self {
        Self { asked: self.asked.clone(), lost: lost.iter().copied().collect() }
    }

    pub(super) fn rule(&self, rule: &RuleMeta) -> Outlook {
        let needs = || rule.requires.iter().chain(rule.covers).copied();
        // What a rule looks at only where there is such a source can be lost, and is not missed.
        let looked_at = needs().chain(rule.if_asked.iter().copied());
        let lost: BTreeSet<Fact> = looked_at.filter(|fact| self.lost.contains(fact)).collect();
        let not_asked: BTreeSet<Fact> = needs().filter(|fact| !self.asked.contains(fact)).collect();
        let silent = !not_asked.is_empty() || rule.requires.iter().any(|fact| self.lost.contains(fact));
        let reach = match (silent, lost.is_empty()) {
            (true, _) => "not_evaluated",
            (false, false) => "partial",
            (false, true) => "evaluated",
        };
        Outlook { reach, lost, not_asked }
    }

    /// A test needs every one of its rules in full.
    pub(super) fn test(&self, rules: &[&str]) -> Outlook {
        let mut outlook = Outlook { reach: "evaluated", lost: BTreeSet::new(), not_asked: BTreeSet::new() };
        for rule in rules.iter().filter_map(|id| crate::rules::find(id)) {
            let Outlook { reach, lost, not_asked } = self.rule(rule.meta());
            if reach != "evaluated" {
                outlook.reach = "not_evaluated";
            }
            outlook.lost.extend(lost);
            outlook.not_asked.extend(not_asked);
        }
        outlook
    }
}

/// What a run now could say of a rule or test.
pub(super) struct Outlook {
    pub(super) reach: &'static str,
    lost: BTreeSet<Fact>,
    not_asked: BTreeSet<Fact>,
}

impl Outlook {
    pub(super) fn view(self, id: &'static str, title: &'static str) -> OutlookView {
        let names = |facts: BTreeSet<Fact>| facts.into_iter().map(Fact::describe).collect();
        OutlookView { id, title, outlook: self.reach, lost: names(self.lost), not_asked: names(self.not_asked) }
    }
}
