//! Reading the groups and their members. Groups do not nest.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::endpoint::{GROUPS, MEMBERS};
use super::person::{Defect, group_id, user_id};
use super::users::{counted, defect};
use super::wire;
use crate::collect::calls::{CallError, Gaps};
use crate::collect::http::{Http, Next};
use crate::collect::idp::nesting::VANISHED;
use crate::model::IdpGroup;
use crate::model::id::{IdpGroupId, IdpUserId};

/// The groups of the organisation.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) list: Vec<IdpGroup>,
    pub(super) gaps: Gaps,
    pub(super) notes: Vec<String>,
}

/// What one group's members came to.
struct Members {
    id: IdpGroupId,
    members: Vec<IdpUserId>,
    flaws: Vec<Defect>,
    read: Result<(), CallError>,
}

impl Groups {
    pub(super) async fn read(http: &Arc<Http>) -> Self {
        let mut groups = Self::default();
        let mut names: BTreeMap<IdpGroupId, String> = BTreeMap::new();
        let request = http.get(&GROUPS, &["api", "v1", "groups"]).query("limit", "200");
        let read = http.pages(
            request,
            |page: Vec<wire::Group>, reply| (page, Next::link(reply.next_link())),
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
        let mut gone = 0;
        http.for_all(ids, members, |Members { id, members, flaws, read }| {
            for flaw in &flaws {
                defect(&mut groups.gaps, &MEMBERS, flaw);
            }
            let mut members_unknown = None;
            match read {
                Ok(()) => {}
                Err(error) if error.is_not_found() => {
                    gone += 1;
                    members_unknown = Some(VANISHED.to_owned());
                }
                Err(error) => groups.gaps.add(&MEMBERS, id.as_str(), &error),
            }
            let name = names.get(&id).cloned().unwrap_or_default();
            groups.list.push(IdpGroup { members, members_unknown, ..IdpGroup::new(id, name) });
        })
        .await;
        groups.list.sort_by(|a, b| a.id.cmp(&b.id));
        if gone > 0 {
            groups.notes.push(format!(
                "{} not found when members were requested: their members count as not known",
                counted(gone, "group was", "groups were")
            ));
        }
        groups
    }
}

fn named(record: &wire::Group) -> Result<(IdpGroupId, String), Defect> {
    let id = group_id(&record.id)?;
    let name = record.profile.name.owned().ok_or_else(|| Defect::of(&id, "the group has no name"))?;
    Ok((id, name))
}

async fn members(http: Arc<Http>, id: IdpGroupId) -> Members {
    let (mut members, mut flaws) = (Vec::new(), Vec::new());
    let request = http.get(&MEMBERS, &["api", "v1", "groups", id.as_str(), "users"]).query("limit", "200");
    let read = http.pages(
        request,
        |page: Vec<wire::Reference>, reply| (page, Next::link(reply.next_link())),
        |page| {
            for record in page {
                match user_id(&record.id) {
                    Ok(user) => members.push(user),
                    Err(flaw) => flaws.push(Defect { subject: id.to_string(), ..flaw }),
                }
            }
        },
    );
    let read = read.await;
    members.sort_unstable();
    members.dedup();
    Members { id, members, flaws, read }
}
