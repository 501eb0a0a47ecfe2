//! Reading the groups and their members. Groups may be members of groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::endpoint::{GROUPS, MEMBERS};
use super::wire;
use crate::collect::calls::{CallError, Gaps};
use crate::collect::http::{Http, Next, Request};
use crate::collect::idp::nesting::{Listed, VANISHED};
use crate::collect::idp::record::{Defect, counted, defect};
use crate::model::id::{IdpGroupId, IdpUserId};

/// The groups of the customer, as they are listed.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) listed: BTreeMap<IdpGroupId, Listed>,
    /// Groups that everybody of the customer is in.
    pub(super) everybody: Vec<IdpGroupId>,
    pub(super) gaps: Gaps,
    pub(super) notes: Vec<String>,
}

/// What one group's members came to.
struct Members {
    id: IdpGroupId,
    listed: Listed,
    everybody: bool,
    strangers: u64,
    flaws: Vec<Defect>,
    read: Result<(), CallError>,
}

/// A request for groups (Directory API, `groups.list`: 200 is the most).
pub(super) fn request(http: &Http, customer: &str, limit: &str) -> Request {
    http.get(&GROUPS, &["admin", "directory", "v1", "groups"])
        .query("customer", customer)
        .query("maxResults", limit)
        .query("fields", "nextPageToken,groups(id,name,email)")
}

/// A request for the own members of a group (Directory API, `members.list`: 200 is the most).
pub(super) fn members_request(http: &Http, group: &str, limit: &str) -> Request {
    http.get(&MEMBERS, &["admin", "directory", "v1", "groups", group, "members"])
        .query("maxResults", limit)
        .query("fields", "nextPageToken,members(id,type)")
}

impl Groups {
    pub(super) async fn read(http: &Arc<Http>, customer: &str) -> Self {
        let mut groups = Self::default();
        let mut names: BTreeMap<IdpGroupId, String> = BTreeMap::new();
        let read = http.pages(
            request(http, customer, "200"),
            |page: wire::GroupsPage, _| (page.groups, Next::token("pageToken", page.next_page_token)),
            |page| {
                for record in page {
                    match named(&record) {
                        Ok((id, name)) => {
                            names.insert(id, name);
                        }
                        Err(flaw) => defect(&mut groups.gaps, &GROUPS, &flaw),
                    }
                }
            },
        );
        if let Err(error) = read.await {
            groups.gaps.add(&GROUPS, "", &error);
        }
        let ids: Vec<IdpGroupId> = names.keys().cloned().collect();
        let (mut gone, mut strangers) = (0, 0);
        http.for_all(ids, members, |members| {
            for flaw in &members.flaws {
                defect(&mut groups.gaps, &MEMBERS, flaw);
            }
            let mut members_unknown = None;
            match members.read {
                Ok(()) => {}
                Err(error) if error.is_not_found() => {
                    gone += 1;
                    members_unknown = Some(VANISHED.to_owned());
                }
                Err(error) => groups.gaps.add(&MEMBERS, members.id.as_str(), &error),
            }
            strangers += members.strangers;
            if members.everybody {
                groups.everybody.push(members.id.clone());
            }
            let name = names.get(&members.id).cloned().unwrap_or_default();
            groups.listed.insert(members.id, Listed { name, members_unknown, ..members.listed });
        })
        .await;
        if gone > 0 {
            groups.notes.push(format!(
                "{} not found when members were requested: their members count as not known",
                counted(gone, "group was", "groups were")
            ));
        }
        if strangers > 0 {
            groups.notes.push(format!(
                "{} of outside the organisation left out",
                counted(strangers, "group membership", "group memberships")
            ));
        }
        groups
    }
}

fn named(record: &wire::Group) -> Result<(IdpGroupId, String), Defect> {
    let id = record.id.get().ok_or_else(|| Defect::of("", "a group has no id"))?;
    let id: IdpGroupId = id.parse().map_err(|_| Defect::of("", "a group has an id that is none"))?;
    let name = record.name.owned().or_else(|| record.email.owned());
    let name = name.ok_or_else(|| Defect::of(&id, "the group has no name"))?;
    Ok((id, name))
}

async fn members(http: Arc<Http>, id: IdpGroupId) -> Members {
    let mut found = Members {
        listed: Listed::default(),
        everybody: false,
        strangers: 0,
        flaws: Vec::new(),
        read: Ok(()),
        id: id.clone(),
    };
    let read = http.pages(
        members_request(&http, id.as_str(), "200"),
        |page: wire::MembersPage, _| (page.members, Next::token("pageToken", page.next_page_token)),
        |page| {
            for record in page {
                if let Err(reason) = found.take(&record) {
                    found.flaws.push(Defect::of(&id, reason));
                }
            }
        },
    );
    let read = read.await;
    found.read = read;
    found
}

impl Members {
    /// `Member.type`: a user, a group, everybody of the customer, or somebody from elsewhere.
    fn take(&mut self, record: &wire::Member) -> Result<(), &'static str> {
        match record.kind.get() {
            Some("USER") => {
                let id: IdpUserId = text(record)?.parse().map_err(|_| "a member has an id that is none")?;
                self.listed.members.insert(id);
            }
            Some("GROUP") => {
                let id: IdpGroupId = text(record)?.parse().map_err(|_| "a member has an id that is none")?;
                self.listed.children.insert(id);
            }
            Some("CUSTOMER") => self.everybody = true,
            Some("EXTERNAL") => self.strangers += 1,
            Some(_) => return Err("a member of a kind that is not known"),
            None => return Err("a member does not say of what kind it is"),
        }
        Ok(())
    }
}

fn text(record: &wire::Member) -> Result<&str, &'static str> {
    record.id.get().ok_or("a member has no id")
}
