//! Differences of people: HR records, and users and groups of identity providers.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Differences, Fields, Found, Kind, differences};
use super::item;
use crate::model::id::IdpName;
use crate::model::{Fact, HrRecord, IdpFacts, IdpGroup, IdpUser, Instant};
use crate::snapshot::Snapshot;

const HR: Kind = Kind { kind: "hr", title: "HR records", facts: &[Fact::HrRecords] };
const IDP_USERS: Kind = Kind { kind: "idp_users", title: "identity provider users", facts: &[Fact::IdpUsers] };
const IDP_GROUPS: Kind = Kind { kind: "idp_groups", title: "identity provider groups", facts: &[Fact::IdpGroups] };
const IDP_MEMBERSHIPS: Kind =
    Kind { kind: "idp_memberships", title: "identity provider group memberships", facts: &[Fact::IdpGroups] };
/// Compares rosters.
pub(super) fn people(found: &mut Found, before: &Snapshot, after: &Snapshot) {
    if !found.compares(HR, before, after) {
        return;
    }
    let item = |record: &HrRecord| {
        let id = record.employee_id.as_deref().or(record.email.as_deref()).unwrap_or_default();
        item(id, record.display_name.as_deref().or(record.email.as_deref()).unwrap_or(id))
    };
    let change = |was: &HrRecord, is: &HrRecord| {
        let day = |at: Option<Instant>| at.map(|at| at.to_string());
        Fields::default()
            .text("name", was.display_name.as_deref(), is.display_name.as_deref())
            .text("email", was.email.as_deref(), is.email.as_deref())
            .text("status", Some(was.status.as_str()), Some(is.status.as_str()))
            .text("start", day(was.start).as_deref(), day(is.start).as_deref())
            .text("end", day(was.end).as_deref(), day(is.end).as_deref())
            .text("department", was.department.as_deref(), is.department.as_deref())
            .text("title", was.title.as_deref(), is.title.as_deref())
            .text("manager", was.manager.as_deref(), is.manager.as_deref())
            .text("worker type", was.worker_type.as_deref(), is.worker_type.as_deref())
            .of(item(is))
    };
    let (was, is) = (engagements(before), engagements(after));
    let all = differences(&was, &is, |(key, _)| key, |(_, record)| item(record), |(_, was), (_, is)| change(was, is));
    found.take(HR, before, after, all);
}

/// An engagement in the roster, with whose it is and which of theirs, the first started first.
type Engagement<'a> = ((&'a str, usize), &'a HrRecord);

/// Somebody who came back has several engagements: the first is compared with the first.
fn engagements(snapshot: &Snapshot) -> Vec<Engagement<'_>> {
    let mut records: Vec<&HrRecord> = snapshot.hr().iter().flat_map(|hr| &hr.records).collect();
    records.sort_by_key(|record| record.start);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let keyed = records.into_iter().map(|record| {
        let ids = [&record.employee_id, &record.email, &record.display_name];
        let key = ids.into_iter().flatten().next().map_or("", String::as_str);
        let number = seen.entry(key).or_default();
        *number += 1;
        ((key, *number), record)
    });
    keyed.collect()
}

/// The providers that both snapshots asked, in pairs. Of those that only one asked nothing can be said.
fn pairs<'a>(
    found: &mut Found,
    kind: Kind,
    before: &'a Snapshot,
    after: &'a Snapshot,
    asked: impl Fn(&IdpFacts) -> bool,
) -> Vec<(&'a IdpFacts, &'a IdpFacts)> {
    let of = |snapshot: &'a Snapshot| -> BTreeMap<&'a IdpName, &'a IdpFacts> {
        snapshot.idps().iter().filter(|idp| asked(idp)).map(|idp| (&idp.name, idp)).collect()
    };
    let (was, is) = (of(before), of(after));
    for (side, here, there) in [("after", &was, &is), ("before", &is, &was)] {
        for name in here.keys().filter(|name| !there.contains_key(*name)) {
            found.limit(kind, side, format!("{name} was not asked"), 0);
        }
    }
    was.into_iter().filter_map(|(name, was)| Some((was, *is.get(name)?))).collect()
}

/// Compares what identity providers told.
pub(super) fn providers(found: &mut Found, before: &Snapshot, after: &Snapshot) {
    if found.compares(IDP_USERS, before, after) {
        let mut all = Differences::default();
        for (was, is) in pairs(found, IDP_USERS, before, after, |_| true) {
            let item = |user: &IdpUser| item(user.id.as_str(), &user.user_name);
            let change = |was: &IdpUser, is: &IdpUser| idp_user(was, is).of(item(is));
            join(&mut all, differences(&was.users, &is.users, |user| &user.id, item, change));
        }
        found.take(IDP_USERS, before, after, all);
    }
    if found.compares(IDP_GROUPS, before, after) {
        let (mut groups, mut members) = (Differences::default(), Differences::default());
        for (was, is) in pairs(found, IDP_GROUPS, before, after, |idp| idp.groups.is_some()) {
            let item = |group: &IdpGroup| item(group.id.as_str(), &group.name);
            let change = |was: &IdpGroup, is: &IdpGroup| {
                Fields::default().text("name", Some(&was.name), Some(&is.name)).of(item(is))
            };
            let (had, has) = (was.groups.iter().flatten(), is.groups.iter().flatten());
            join(&mut groups, differences(had, has, |group| &group.id, item, change));
            join(&mut members, idp_memberships(was, is));
        }
        found.take(IDP_GROUPS, before, after, groups);
        found.take(IDP_MEMBERSHIPS, before, after, members);
    }
}

fn join(all: &mut Differences, of_one: Differences) {
    all.added.extend(of_one.added);
    all.removed.extend(of_one.removed);
    all.changed.extend(of_one.changed);
}

fn idp_user(was: &IdpUser, is: &IdpUser) -> Fields {
    Fields::default()
        .text("user name", Some(&was.user_name), Some(&is.user_name))
        .text("name", was.display_name.as_deref(), is.display_name.as_deref())
        .text("email", was.email.as_deref(), is.email.as_deref())
        .text("status", Some(was.status.as_str()), Some(is.status.as_str()))
        .text("employee id", was.employee_id.as_deref(), is.employee_id.as_deref())
        .text("type", was.user_type.as_deref(), is.user_type.as_deref())
        .text("department", was.department.as_deref(), is.department.as_deref())
        .text("title", was.title.as_deref(), is.title.as_deref())
        .text("manager", was.manager.as_deref(), is.manager.as_deref())
        .known("start", &was.start, &is.start, ToString::to_string)
        .known("end", &was.end, &is.end, ToString::to_string)
        .known("second factor", &was.second_factor, &is.second_factor, |factor| factor.as_str().to_owned())
}

fn idp_memberships(was: &IdpFacts, is: &IdpFacts) -> Differences {
    let users: BTreeMap<&str, &str> =
        was.users.iter().chain(&is.users).map(|user| (user.id.as_str(), user.user_name.as_str())).collect();
    let groups: BTreeMap<&str, &str> = [was, is]
        .into_iter()
        .flat_map(|idp| idp.groups.iter().flatten())
        .map(|group| (group.id.as_str(), group.name.as_str()))
        .collect();
    // Where members are not known on one side, nothing was added or removed that anybody could see.
    let of_both = [was, is].into_iter().flat_map(|idp| idp.groups.iter().flatten());
    let unknown: BTreeSet<_> = of_both.filter(|group| group.members_unknown.is_some()).map(|group| &group.id).collect();
    let pairs = |idp: &'_ IdpFacts| -> BTreeSet<(String, String)> {
        let groups = idp.groups.iter().flatten().filter(|group| !unknown.contains(&group.id));
        groups.flat_map(|group| group.members.iter().map(|user| (group.id.to_string(), user.to_string()))).collect()
    };
    let (was, is) = (pairs(was), pairs(is));
    let view = |(group, user): &(String, String)| {
        let name_of_group = groups.get(group.as_str()).copied().unwrap_or(group);
        let name = users.get(user.as_str()).copied().unwrap_or(user);
        item(&format!("{group}/{user}"), &format!("{name} in {name_of_group}"))
    };
    Differences {
        added: is.difference(&was).map(view).collect(),
        removed: was.difference(&is).map(view).collect(),
        changed: Vec::new(),
    }
}
