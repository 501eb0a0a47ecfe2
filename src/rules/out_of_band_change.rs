//! `out-of-band-change`.

use std::collections::BTreeMap;

use super::cx::{RuleCx, plural};
use super::{Evaluation, declare_rule};
use crate::model::Event;
use crate::model::event::{Action, ActorKind, LogKind};
use crate::model::finding::{Evidence, Finding, Severity, Subject, SubjectKind};

declare_rule! {
    /// ## What it checks
    /// CloudTrail shows that a user, group, membership or assignment was made, changed or deleted by something other than the
    /// provisioner (SCIM) or an automation that the config allows (`[identities] automation`). One finding per subject, with
    /// all such events. With a period, only events of the period count.
    ///
    /// Users, groups and memberships are judged where the directory is provisioned at all, assignments where the config
    /// names the automation that may make them.
    ///
    /// ## Why it matters
    /// What is changed by hand is not in the identity provider and not in the code that everybody reviews. It stays when its
    /// reason goes, since nothing knows that it is there.
    ///
    /// ## What an auditor reads from it
    /// CC6.2 and CC6.3: access is given and taken away by the process that was described, and not beside it.
    ///
    /// ## Example
    /// `arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0f/k.brandt` added `m.okafor@example.org` to
    /// `GRP-AWS-Prod` on 14 August.
    ///
    /// ## How to fix
    /// Ask who did it why. Undo it, or bring it into the identity provider or the code that manages access.
    ///
    /// ## Known limits
    /// CloudTrail hides whom a change by SCIM adds to a group. An assignment is shown as it was asked for; whether it
    /// succeeded is not in the event. Where the log names nobody, the event counts as undecided.
    OutOfBandChange {
        id: "out-of-band-change",
        title: "Change outside provisioning and approved automation",
        severity: Medium,
        requires: [],
        covers: [CloudTrail, DirectoryUsers],
        controls: [Cc6_2, Cc6_3],
    }
    evaluate
}

/// What an event is about, and whether the provisioner is expected to do it.
fn about(event: &Event) -> Option<(SubjectKind, Vec<String>, bool)> {
    use Action as A;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    match event.action {
        A::UserCreated | A::UserChanged | A::UserEnabled | A::UserDisabled | A::UserDeleted => {
            Some((SubjectKind::User, vec![event.user.clone()?], true))
        }
        A::GroupCreated | A::GroupChanged | A::GroupDeleted => {
            Some((SubjectKind::Group, vec![event.group.clone()?], true))
        }
        A::MemberAdded | A::MemberRemoved => {
            Some((SubjectKind::User, vec![event.user.clone()?, event.group.clone()?], true))
        }
        A::AssignmentCreated | A::AssignmentDeleted => {
            let principal = event.group.clone().or_else(|| event.user.clone())?;
            Some((SubjectKind::Assignment, vec![principal, text(&event.account), text(&event.permission_set)], false))
        }
        _ => None,
    }
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let ledger = cx.ledger();
    let mut evaluation = Evaluation::of("changes in CloudTrail");
    let provisioned = ledger.users().iter().any(|user| !user.external_ids.is_empty());
    let automation = &ledger.config().identities.automation;
    if automation.is_empty() {
        evaluation
            .limits
            .push("the config names no [identities] automation, so who may make assignments is not known".to_owned());
    }
    if !provisioned {
        evaluation
            .limits
            .push("no user of the directory was provisioned, so changes by hand are how it is kept".to_owned());
    }
    let logs = ledger.snapshot().events().iter().filter(|log| log.kind == LogKind::CloudTrail);
    let mut found: BTreeMap<(SubjectKind, Vec<String>), Vec<&Event>> = BTreeMap::new();
    for event in logs.flat_map(|log| &log.events) {
        let in_period = ledger.period().is_none_or(|period| period.contains(event.at));
        if event.succeeded == Some(false) || !in_period {
            continue;
        }
        let Some((kind, ids, scim)) = about(event) else { continue };
        evaluation.population += 1;
        let judged = if scim { provisioned } else { !automation.is_empty() };
        let named = event.actor.name.as_deref();
        let allowed = named.is_some_and(|name| automation.iter().any(|pattern| pattern.matches(name)));
        match event.actor.kind {
            _ if !judged || allowed || is_declared(cx, event) => {}
            ActorKind::Scim | ActorKind::Service => {}
            // A change to oneself is a profile that is kept up.
            ActorKind::User if event.action == Action::UserChanged => {}
            ActorKind::Unknown if named.is_none() => evaluation.undecided += 1,
            ActorKind::User | ActorKind::Administrator | ActorKind::Unknown => {
                found.entry((kind, ids)).or_default().push(event)
            }
        }
    }
    evaluation.findings.extend(found.into_iter().filter_map(|((kind, ids), events)| finding(cx, kind, ids, &events)));
    evaluation
}

/// Whether it is about an identity that is declared to be kept by hand.
fn is_declared(cx: &RuleCx<'_>, event: &Event) -> bool {
    let Some(id) = event.user.as_deref() else { return false };
    let user = cx.ledger().users().binary_search_by(|user| user.id.as_str().cmp(id)).ok();
    let person = user.and_then(|at| u32::try_from(at).ok()).and_then(|user| cx.ledger().person_of(user));
    person.is_some_and(|person| person.kind.is_declared())
}

fn said(event: &Event) -> &'static str {
    match event.action {
        Action::UserCreated => "made the user",
        Action::UserChanged => "changed the user",
        Action::UserEnabled => "enabled the user",
        Action::UserDisabled => "disabled the user",
        Action::UserDeleted => "deleted the user",
        Action::GroupCreated => "made the group",
        Action::GroupChanged => "changed the group",
        Action::GroupDeleted => "deleted the group",
        Action::MemberAdded => "added the user to the group",
        Action::MemberRemoved => "took the user out of the group",
        Action::AssignmentCreated => "made the assignment",
        Action::AssignmentDeleted => "deleted the assignment",
        _ => "changed something",
    }
}

fn finding(cx: &RuleCx<'_>, kind: SubjectKind, ids: Vec<String>, events: &[&Event]) -> Option<Finding> {
    const SHOWN: usize = 8;
    let first = events.first()?;
    let name = name(cx, first);
    let lines = events
        .iter()
        .take(SHOWN)
        .map(|event| format!("{} {} at {}", event.actor.name.as_deref().unwrap_or("somebody"), said(event), event.at));
    let more = if events.len() > SHOWN { format!("; and {} more", events.len() - SHOWN) } else { String::new() };
    let detail = format!("{} by hand: {}{more}.", plural(events.len(), "change"), lines.collect::<Vec<_>>().join("; "));
    let mut evidence = events.iter().map(|event| Evidence {
        source: "aws".to_owned(),
        at: event.origin.clone(),
        says: format!("{} {} ({})", event.actor.name.as_deref().unwrap_or("somebody"), said(event), event.id),
    });
    let subject = Subject { kind, ids, name, account: None, permission_set: None };
    let one = evidence.next()?;
    Some(
        Finding::new("out-of-band-change", Severity::Medium, subject, detail, one)
            .and(evidence)
            .remedy("Ask who did it why, and undo it or bring it into the identity provider or the code that manages access.")
            .since(Some(crate::model::Interval::exact(first.at, crate::model::time::Basis::Event))),
    )
}

/// What a change is about, in words.
fn name(cx: &RuleCx<'_>, event: &Event) -> String {
    let ledger = cx.ledger();
    let user = event.user.as_deref().map(|id| {
        let known = ledger.users().binary_search_by(|user| user.id.as_str().cmp(id)).ok();
        let known = known.and_then(|at| ledger.users().get(at)).map(|user| user.user_name.clone());
        known.or_else(|| event.user_name.clone()).unwrap_or_else(|| id.to_owned())
    });
    let group = event.group.as_deref().map(|id| {
        let known = ledger.groups().binary_search_by(|group| group.id.as_str().cmp(id)).ok();
        let known = known.and_then(|at| ledger.groups().get(at)).map(|group| group.name.clone());
        known.or_else(|| event.group_name.clone()).unwrap_or_else(|| id.to_owned())
    });
    match (user, group) {
        (Some(user), Some(group)) => format!("{user} in {group}"),
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => "?".to_owned(),
    }
}
