//! Groups and their members. Entra provisions an assigned group's direct members only; who is in it through another group
//! is told apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use super::endpoints::{GROUPS, MEMBERS};
use super::graph::{self, TOP, Told};
use super::wire::text;
use crate::collect::calls::CallError;
use crate::collect::http::Http;
use crate::collect::idp::nesting::{Listed, VANISHED};
use crate::config::Part;
use crate::model::id::{IdpGroupId, IdpUserId};

/// A group (`microsoft.graph.group`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireGroup {
    id: Option<String>,
    display_name: Option<String>,
    visibility: Option<String>,
}

/// Why the members of a group with hidden membership are not known: without the permission Graph answers with none of them,
/// or with ids alone (Microsoft Graph, "List group members").
const HIDDEN: &str =
    "its membership is hidden in Entra ID (visibility HiddenMembership); grant Member.Read.Hidden to read it";

impl WireGroup {
    fn hides_members(&self) -> bool {
        self.visibility.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("HiddenMembership"))
    }
}

/// A member of a group, of any kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireMember {
    id: Option<String>,
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
}

/// The groups as they were listed.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) groups: BTreeMap<IdpGroupId, Listed>,
    /// Members whose kind was not told, as it happens where membership is hidden.
    untold: Vec<(IdpGroupId, String)>,
    pub(super) told: Told,
}

impl Read {
    fn add(&mut self, group: &IdpGroupId, member: WireMember) {
        let Some(listed) = self.groups.get_mut(group) else { return };
        let Some(id) = text(member.id) else { return };
        match member.kind.as_deref().map(|kind| kind.trim_start_matches("#microsoft.graph.")) {
            Some("user") => listed.members.extend(id.parse::<IdpUserId>().ok()),
            Some("group") => listed.children.extend(id.parse::<IdpGroupId>().ok()),
            Some(_) => {}
            None => self.untold.push((group.clone(), id)),
        }
    }

    /// Sorts out the members whose kind was not told, by what is known by now.
    pub(super) fn settle(&mut self, users: &BTreeSet<IdpUserId>) {
        let ids: BTreeSet<IdpGroupId> = self.groups.keys().cloned().collect();
        for (group, id) in std::mem::take(&mut self.untold) {
            let Some(listed) = self.groups.get_mut(&group) else { continue };
            if let Some(user) = id.parse().ok().filter(|user| users.contains(user)) {
                listed.members.insert(user);
            } else if let Some(child) = id.parse().ok().filter(|child| ids.contains(child)) {
                listed.children.insert(child);
            }
        }
    }
}

/// Reads all groups, and then the members of each, many groups at once.
pub(super) async fn read(http: &Arc<Http>) -> Read {
    let mut read = Read::default();
    let mut unusable = 0_u64;
    let request =
        http.get(&GROUPS, &["v1.0", "groups"]).query("$select", "id,displayName,visibility").query("$top", TOP);
    let groups = graph::list(http, request, |_, group: WireGroup| {
        let hidden = group.hides_members();
        match group.id.as_deref().and_then(|id| id.parse::<IdpGroupId>().ok()) {
            Some(id) => {
                let name = text(group.display_name).unwrap_or_else(|| id.to_string());
                let members_unknown = hidden.then(|| HIDDEN.to_owned());
                read.groups.insert(id, Listed { name, members_unknown, ..Listed::default() });
            }
            None => unusable += 1,
        }
    });
    if let Err(error) = groups.await {
        read.told.fail(&GROUPS, "", &error, Some(Part::Groups));
    }
    if unusable > 0 {
        let error = CallError::malformed(&GROUPS, &format!("{unusable} groups have no usable id"));
        read.told.fail(&GROUPS, "", &error, None);
    }
    let ids: Vec<IdpGroupId> = read.groups.keys().cloned().collect();
    http.for_all(ids, members, |(id, members, end)| {
        let any = !members.is_empty();
        for member in members {
            read.add(&id, member);
        }
        match end {
            // Without the permission none are listed, so that one who is listed shows that it was granted.
            Ok(()) if any => {
                if let Some(listed) = read.groups.get_mut(&id) {
                    listed.members_unknown = None;
                }
            }
            Ok(()) => {}
            // Deleted after it was listed, or not readable.
            Err(error) if error.is_not_found() => {
                if let Some(gone) = read.groups.get_mut(&id) {
                    gone.members_unknown = Some(VANISHED.to_owned());
                    read.told.notes.push(format!("the members of the group `{}` are not known: {VANISHED}", gone.name));
                }
            }
            Err(error) => read.told.fail(&MEMBERS, id.as_str(), &error, Some(Part::Groups)),
        }
    })
    .await;
    let hidden = read.groups.values().filter(|group| group.members_unknown.as_deref() == Some(HIDDEN)).count();
    if hidden > 0 {
        read.told.notes.push(format!("groups whose members are not known: {hidden}; each has hidden membership"));
    }
    read.told.notes.sort_unstable();
    read
}

/// The members of one group, as far as they could be read.
async fn members(http: Arc<Http>, group: IdpGroupId) -> (IdpGroupId, Vec<WireMember>, Result<(), CallError>) {
    let mut members = Vec::new();
    let request = http.get(&MEMBERS, &["v1.0", "groups", group.as_str(), "members"]);
    let request = request.query("$select", "id").query("$top", TOP);
    let end = graph::list(&http, request, |_, member| members.push(member)).await;
    (group, members, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_apart_and_untold_ones_are_looked_up() {
        let id = |id: &str| id.parse::<IdpGroupId>().unwrap();
        let mut read = Read::default();
        for group in ["a", "b"] {
            read.groups.insert(id(group), Listed::default());
        }
        for member in [
            r##"{"@odata.type": "#microsoft.graph.user", "id": "u1"}"##,
            r##"{"@odata.type": "#microsoft.graph.group", "id": "b"}"##,
            r##"{"@odata.type": "#microsoft.graph.device", "id": "d1"}"##,
            r#"{"id": "u2"}"#,
            r#"{"id": "b"}"#,
            r#"{"id": "d2"}"#,
            r#"{"id": null}"#,
        ] {
            read.add(&id("a"), serde_json::from_str(member).unwrap());
        }
        read.settle(&["u1", "u2", "u3"].map(|user| user.parse().unwrap()).into());
        let listed = &read.groups[&id("a")];
        assert_eq!(listed.members.iter().map(IdpUserId::as_str).collect::<Vec<_>>(), ["u1", "u2"]);
        assert_eq!(listed.children.iter().map(IdpGroupId::as_str).collect::<Vec<_>>(), ["b"]);
    }
}
