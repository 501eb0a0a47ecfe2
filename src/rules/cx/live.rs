//! What only live sources tell: the application that signs people in to AWS, its provisioning, and logs.

use super::RuleCx;
use crate::model::application::{ProvisioningJob, SecondFactorDemand};
use crate::model::event::{Action, Event, EventLog, LogKind};
use crate::model::finding::{Evidence, Subject, SubjectKind};
use crate::model::id::{IdpGroupId, IdpUserId};
use crate::model::{Fact, IdpApplication, IdpFacts, IdpUser, Instant, Known};
use crate::reconcile::Person;
use crate::reconcile::standing::signs_in;

/// An application that signs people in to AWS, with its provider.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules) struct App<'a> {
    pub(in crate::rules) idp: u32,
    pub(in crate::rules) facts: &'a IdpFacts,
    pub(in crate::rules) application: &'a IdpApplication,
}

impl<'a> App<'a> {
    /// Whether a user is assigned to the application: by themselves, by a group, or because everybody is.
    pub(in crate::rules) fn is_assigned(&self, user: &IdpUserId) -> bool {
        let App { facts, application, .. } = self;
        let nested = facts.provisions_nested();
        let by_group = |id: &IdpGroupId| {
            let groups = facts.groups.as_deref().unwrap_or_default();
            let found = groups.binary_search_by(|group| group.id.cmp(id)).ok().and_then(|at| groups.get(at));
            found.is_some_and(|group| if nested { group.has(user) } else { group.has_directly(user) })
        };
        application.assignment_required == Known::Value(false)
            || application.users.binary_search(user).is_ok()
            || application.groups.iter().any(by_group)
    }

    /// The application as subject.
    pub(in crate::rules) fn subject(&self) -> Subject {
        Subject {
            kind: SubjectKind::Idp,
            ids: vec![self.facts.name.to_string(), self.application.id.clone()],
            name: format!("{} in {}", self.application.name, self.facts.name),
            account: None,
            permission_set: None,
        }
    }

    /// What the provider says of it.
    pub(in crate::rules) fn evidence(&self, says: String) -> Evidence {
        Evidence {
            source: format!("idp:{}", self.facts.name),
            at: format!("application {} ({})", self.application.name, self.application.id),
            says,
        }
    }

    /// The state of its job in words, as evidence.
    pub(in crate::rules) fn job_evidence(&self, job: &ProvisioningJob) -> Evidence {
        let last = match &job.last_success_at {
            Known::Value(at) => format!("last success at {at}"),
            Known::Absent => "never succeeded".to_owned(),
            Known::Unknown(why) => format!("last success unknown: {why}"),
        };
        let detail = job.detail.as_ref().map_or_else(String::new, |detail| format!(" ({detail})"));
        self.evidence(format!("the provisioning job is {}{detail}, {last}", job.state.as_str()))
    }
}

impl<'a> RuleCx<'a> {
    /// The applications that sign people in to AWS; not those that are switched off.
    pub(in crate::rules) fn applications(&self) -> impl Iterator<Item = App<'a>> {
        let snapshot = self.ledger().snapshot();
        (0u32..).zip(snapshot.idps()).filter(|(idp, _)| signs_in(snapshot, *idp)).filter_map(|(idp, facts)| {
            let application = facts.application.as_ref()?;
            Some(App { idp, facts, application })
        })
    }

    /// The applications that provision Identity Center. A disabled one counts only where no other is enabled: then nobody is
    /// provisioned or deprovisioned. Otherwise another application has replaced it.
    pub(in crate::rules) fn provisioners(&self) -> Vec<App<'a>> {
        let enabled: Vec<App<'a>> = self.applications().collect();
        if !enabled.is_empty() {
            return enabled;
        }
        let all = (0u32..).zip(self.ledger().snapshot().idps());
        all.filter_map(|(idp, facts)| Some(App { idp, facts, application: facts.application.as_ref()? })).collect()
    }

    /// Whether a user is assigned to an application, directly or through a group. Absence counts only where the assignments
    /// and the members of assigned groups were read completely, and where the application requires assignment.
    pub(in crate::rules) fn assignment(&self, app: App<'a>, user: &IdpUserId) -> Known<bool> {
        let unknown = |why: &str| Known::Unknown(why.to_owned());
        if app.is_assigned(user) {
            return Known::Value(true);
        }
        if app.application.assignment_required != Known::Value(true) {
            return unknown("whether the application requires assignment is not known");
        }
        if self.is_incomplete(app.idp, Fact::IdpApplication) {
            return unknown("the assignments to the application were not read completely");
        }
        let groups = app.facts.groups.as_deref().unwrap_or_default();
        let listed = |id: &IdpGroupId| {
            let found = groups.binary_search_by(|group| group.id.cmp(id)).ok().and_then(|at| groups.get(at));
            found.is_some_and(|group| group.members_unknown.is_none())
        };
        let by_groups = !app.application.groups.is_empty() && !app.facts.lists_members_as_assigned();
        if by_groups && (self.is_incomplete(app.idp, Fact::IdpGroups) || !app.application.groups.iter().all(listed)) {
            return unknown("the members of the assigned groups were not read completely");
        }
        Known::Value(false)
    }

    /// Whether a part of a fact could not be read from a provider.
    fn is_incomplete(&self, idp: u32, fact: Fact) -> bool {
        let source = format!("idp:{}", self.idp_name(idp));
        self.ledger().snapshot().gaps().any(|(from, gap)| gap.fact == fact && from == source)
    }

    /// The records with which a directory user is signed in: its own where they could sign in, else all of the person's.
    pub(in crate::rules) fn sign_in_records(&self, user: u32, person: &Person) -> Vec<(u32, &'a IdpUser)> {
        let possible = self.ledger().sign_in_records(person);
        let links = self.ledger().links();
        let own = |at: &&(u32, u32)| {
            let mut mine = links.linked(user).filter(|link| link.idp == at.0);
            mine.any(|link| link.user == at.1 || link.also.contains(&at.1))
        };
        let mine: Vec<(u32, u32)> = possible.iter().filter(own).copied().collect();
        let records = if mine.is_empty() { possible } else { mine };
        records.into_iter().filter_map(|at| Some((at.0, self.ledger().idp_user(at)?))).collect()
    }

    /// An identity provider's record as evidence.
    pub(in crate::rules) fn record_evidence(&self, idp: u32, record: &IdpUser, says: String) -> Evidence {
        Evidence { source: format!("idp:{}", self.idp_name(idp)), at: record.origin.clone(), says }
    }

    /// An identity provider's user as subject.
    pub(in crate::rules) fn idp_user_subject(&self, idp: u32, record: &IdpUser) -> Subject {
        Subject {
            kind: SubjectKind::IdpUser,
            ids: vec![self.idp_name(idp).to_owned(), record.id.to_string()],
            name: record.user_name.clone(),
            account: None,
            permission_set: None,
        }
    }

    /// Whether signing in to AWS by this provider takes a second factor, in a sentence.
    pub(in crate::rules) fn demand(&self, idp: u32) -> String {
        let application = self.ledger().snapshot().idps().get(idp as usize).and_then(|idp| idp.application.as_ref());
        match application.map(|application| &application.second_factor) {
            Some(Known::Value(SecondFactorDemand::Everyone(policy))) => {
                format!("Signing in to AWS takes one from everyone, by {policy}")
            }
            Some(Known::Value(SecondFactorDemand::Some(policies))) => {
                format!("Signing in to AWS takes one from some people only, by {}", policies.join(", "))
            }
            Some(Known::Value(SecondFactorDemand::Nobody) | Known::Absent) => {
                "No policy takes one for signing in to AWS".to_owned()
            }
            Some(Known::Unknown(why)) => format!("Whether signing in to AWS takes one is not known: {why}"),
            None => "Whether signing in to AWS takes one is not known".to_owned(),
        }
    }

    /// A provider's logs.
    pub(in crate::rules) fn logs_of(&self, idp: u32) -> impl Iterator<Item = &'a EventLog> {
        let source = format!("idp:{}", self.idp_name(idp));
        self.ledger().snapshot().events().iter().filter(move |log| log.source == source)
    }

    /// What a provider's logs say happened up to the reading.
    pub(in crate::rules) fn events_of(&self, idp: u32) -> impl Iterator<Item = (LogKind, &'a Event)> {
        let until = self.ledger().known_until();
        let all = self.logs_of(idp).flat_map(|log| log.events.iter().map(|event| (log.kind, event)));
        all.filter(move |(_, event)| event.at <= until)
    }

    /// What a provider's provisioner did and tried, up to the reading.
    pub(in crate::rules) fn provisioning_of(&self, idp: u32) -> impl Iterator<Item = (LogKind, &'a Event)> {
        let ours = |event: &Event| matches!(event.action, Action::Provisioned | Action::Deprovisioned);
        self.events_of(idp).filter(move |(_, event)| ours(event))
    }

    /// An event as evidence.
    pub(in crate::rules) fn event_evidence(&self, idp: u32, kind: LogKind, event: &Event) -> Evidence {
        let what = match event.action {
            Action::Provisioned => "provisioning",
            Action::Deprovisioned => "deprovisioning",
            Action::MemberAdded => "adding to a group",
            Action::MemberRemoved => "removing from a group",
            Action::ApplicationAssigned => "assigning the AWS application",
            Action::ApplicationUnassigned => "taking the AWS application away",
            Action::UserDisabled => "disabling",
            Action::UserEnabled => "enabling",
            Action::UserDeleted => "deleting",
            _ => "a change",
        };
        let whom = event.user_name.as_ref().or(event.user.as_ref()).or(event.group_name.as_ref());
        let whom = whom.or(event.group.as_ref()).map_or_else(String::new, |whom| format!(" of {whom}"));
        let how = match event.succeeded {
            Some(true) => " succeeded",
            Some(false) => " failed",
            None => "",
        };
        let detail = event.detail.as_ref().map_or_else(String::new, |detail| format!(" ({detail})"));
        Evidence {
            source: format!("idp:{}", self.idp_name(idp)),
            at: format!("{}, {} ({})", kind.describe(), event.id, event.origin),
            says: format!("{}: {what}{whom}{how}{detail}", event.at),
        }
    }

    /// The first change at a provider after `after` that its provisioner has to pass on, in words.
    ///
    /// Changes of people and groups that are not assigned to the application don't count: they are not passed on.
    pub(in crate::rules) fn first_change(&self, app: App<'a>, after: Instant) -> Option<(Instant, Evidence)> {
        let App { idp, facts, application } = app;
        let until = self.ledger().known_until();
        let holds = |user: &str| user.parse().is_ok_and(|user| app.is_assigned(&user));
        let gives = |group: &str| application.groups.binary_search_by(|known| known.as_str().cmp(group)).is_ok();
        let events = self.events_of(idp).filter(|(_, event)| {
            event.at > after
                && event.succeeded != Some(false)
                && match event.action {
                    Action::ApplicationAssigned | Action::ApplicationUnassigned => true,
                    Action::MemberAdded | Action::MemberRemoved => event.group.as_deref().is_some_and(gives),
                    Action::UserChanged | Action::UserEnabled | Action::UserDisabled | Action::UserDeleted => {
                        event.user.as_deref().is_some_and(holds)
                    }
                    _ => false,
                }
        });
        let events = events.map(|(kind, event)| (event.at, self.event_evidence(idp, kind, event)));
        let records = facts.users.iter();
        let changed = records.filter_map(|user| {
            let at = *user.status_changed_at.value().filter(|at| **at > after && **at <= until)?;
            if !app.is_assigned(&user.id) {
                return None;
            }
            let says = format!("{} is {} since {at}", user.user_name, user.status.as_str());
            Some((at, self.record_evidence(idp, user, says)))
        });
        events.chain(changed).min_by(|a, b| a.0.cmp(&b.0))
    }
}
