//! `sync-error`.

use std::collections::BTreeMap;

use super::cx::{RuleCx, plural};
use super::{Evaluation, declare_rule};
use crate::model::event::{Action, Event, LogKind};
use crate::model::finding::{Finding, Severity, Subject, SubjectKind};
use crate::model::id::IdpUserId;
use crate::model::time::Basis;
use crate::model::{IdpStatus, IdpUser, Interval};

declare_rule! {
    /// ## What it checks
    /// The provisioning log shows that making, changing or removing a user or group in Identity Center failed, and no later
    /// entry shows that it was put right. High when removing or disabling failed, else medium.
    ///
    /// ## Why it matters
    /// A failed removal is access that everybody believes is gone. The provider tries again for a while and then leaves it.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: what the control could not do is known and followed up.
    ///
    /// ## Example
    /// Disabling `l.marsh@example.org` failed four times since 12 September because two users bear the same name.
    ///
    /// ## How to fix
    /// Read the reason in the provider's log, put it right, and provision the user on demand; until then disable and remove
    /// the user in Identity Center by hand.
    ///
    /// ## Known limits
    /// Only the log's reach is seen (30 days in Entra ID, 90 in Okta). A failed removal is put right by a later removal, or when the
    /// person is active again; any other failure by any later success. Entries that do not say whom they are about, or how
    /// they ended, are undecided.
    SyncError {
        id: "sync-error",
        title: "Provisioning error not resolved",
        severity: Medium,
        requires: [],
        covers: [ProvisioningLog],
        if_asked: [IdpUsers],
        controls: [Cc6_2],
    }
    evaluate
}

/// What the log says of one user or group, in order of time.
#[derive(Default)]
struct Story<'a> {
    /// Failures that nothing put right yet.
    open: Vec<(LogKind, &'a Event)>,
}

impl<'a> Story<'a> {
    fn tell(&mut self, kind: LogKind, event: &'a Event) {
        match event.succeeded {
            Some(false) => self.open.push((kind, event)),
            Some(true) if event.action == Action::Deprovisioned => self.open.clear(),
            Some(true) => self.open.retain(|(_, failed)| failed.action == Action::Deprovisioned),
            None => {}
        }
    }
}

/// Whom an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whom<'a> {
    User(&'a str),
    Group(&'a str),
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let mut evaluation = Evaluation::of("users and groups in the provisioning log");
    let providers = u32::try_from(cx.ledger().snapshot().idps().len()).unwrap_or(u32::MAX);
    for idp in 0..providers {
        let mut stories: BTreeMap<Whom<'_>, Story<'_>> = BTreeMap::new();
        let mut entries: Vec<_> = cx.provisioning_of(idp).collect();
        // Several logs of one provider are each in order, and not together.
        entries.sort_by(|(_, a), (_, b)| (a.at, &a.id).cmp(&(b.at, &b.id)));
        for (kind, event) in entries {
            let whom = match (event.user.as_deref(), event.group.as_deref()) {
                (Some(user), _) => Whom::User(user),
                (None, Some(group)) => Whom::Group(group),
                (None, None) => {
                    evaluation.undecided += u64::from(event.succeeded != Some(true));
                    continue;
                }
            };
            evaluation.undecided += u64::from(event.succeeded.is_none());
            stories.entry(whom).or_default().tell(kind, event);
        }
        evaluation.population += stories.len() as u64;
        for (whom, mut story) in stories {
            let record = match whom {
                Whom::User(id) => find(cx, idp, id),
                Whom::Group(_) => None,
            };
            let is_here = |record: &IdpUser| !record.status.is_gone() && record.status != IdpStatus::Unknown;
            if record.is_some_and(|(_, record)| is_here(record) && is_wanted(cx, idp, &record.id)) {
                story.open.retain(|(_, failed)| failed.action != Action::Deprovisioned);
            }
            evaluation.findings.extend(finding(cx, idp, whom, record, &story));
        }
    }
    evaluation
}

fn find<'a>(cx: &RuleCx<'a>, idp: u32, id: &str) -> Option<(u32, &'a IdpUser)> {
    let users = &cx.ledger().snapshot().idps().get(idp as usize)?.users;
    let at = users.binary_search_by(|user| user.id.as_str().cmp(id)).ok()?;
    Some((u32::try_from(at).ok()?, users.get(at)?))
}

/// Whether a user who is here is to be in Identity Center: a removal that failed is then of the past. Not so for whoever
/// lost the application; where that is not known, being here is enough.
fn is_wanted(cx: &RuleCx<'_>, idp: u32, user: &IdpUserId) -> bool {
    cx.applications().find(|app| app.idp == idp).is_none_or(|app| app.is_assigned(user))
}

fn finding(
    cx: &RuleCx<'_>,
    idp: u32,
    whom: Whom<'_>,
    record: Option<(u32, &IdpUser)>,
    story: &Story<'_>,
) -> Option<Finding> {
    let removal = |(_, event): &&(LogKind, &Event)| event.action == Action::Deprovisioned;
    let worst: Vec<_> = match story.open.iter().filter(removal).count() {
        0 => story.open.iter().collect(),
        _ => story.open.iter().filter(removal).collect(),
    };
    let (first, last) = (worst.first()?.1, *worst.last()?);
    let is_removal = last.1.action == Action::Deprovisioned;
    let provider = cx.idp_name(idp).to_owned();
    let named = last.1.user_name.as_ref().or(last.1.group_name.as_ref());
    let subject = match (whom, record) {
        (Whom::User(_), Some((_, record))) => cx.idp_user_subject(idp, record),
        (Whom::User(id), None) => Subject {
            kind: SubjectKind::IdpUser,
            ids: vec![provider, id.to_owned()],
            name: named.map_or(id, String::as_str).to_owned(),
            account: None,
            permission_set: None,
        },
        (Whom::Group(id), _) => Subject {
            kind: SubjectKind::Idp,
            ids: vec![provider, "group".to_owned(), id.to_owned()],
            name: named.map_or(id, String::as_str).to_owned(),
            account: None,
            permission_set: None,
        },
    };
    let person = record.and_then(|(at, _)| cx.ledger().people().of_idp_user((idp, at)));
    let grants = person.map_or_else(Vec::new, |person| cx.ledger().grants_of_person(person));
    let what = if is_removal { "Removing or disabling it" } else { "Provisioning it" };
    let why = last.1.detail.as_ref().map_or_else(String::new, |detail| format!(": {detail}"));
    let holds =
        if grants.is_empty() { String::new() } else { format!(" The person holds {}.", cx.list_grants(&grants)) };
    Some(
        Finding::new(
            "sync-error",
            if is_removal { Severity::High } else { Severity::Medium },
            subject,
            format!(
                "{what} failed {} since {}, last at {}{why}. No later entry shows that it was put right.{holds}",
                plural(worst.len(), "time"),
                first.at,
                last.1.at
            ),
            cx.event_evidence(idp, last.0, last.1),
        )
        .and(worst.iter().rev().skip(1).take(3).map(|(kind, event)| cx.event_evidence(idp, *kind, event)))
        .remedy("Put right what the log names and provision on demand; remove leavers in Identity Center by hand until then.")
        .since(Some(Interval::exact(first.at, Basis::Event)))
        .about(grants),
    )
}
