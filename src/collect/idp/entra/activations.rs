//! Memberships that end by themselves, by Privileged Identity Management for groups. Only the groups that are assigned to
//! the AWS application are asked about: Graph answers for one group at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use super::application::quoted;
use super::endpoints::ACTIVATIONS;
use super::graph::{self, Told, origin};
use super::wire::{instant, text};
use crate::collect::calls::CallError;
use crate::collect::http::{Http, Request};
use crate::config::Part;
use crate::model::id::{IdpGroupId, IdpUserId};
use crate::model::{Activation, Instant};

const SELECT: &str = "principalId,accessId,startDateTime,endDateTime";

/// What makes somebody a member or an owner of a group now (`microsoft.graph.privilegedAccessGroupAssignmentScheduleInstance`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireInstance {
    principal_id: Option<String>,
    /// `member` or `owner`.
    access_id: Option<String>,
    start_date_time: Option<String>,
    /// None for what has no end.
    end_date_time: Option<String>,
}

/// A membership that was told of.
#[derive(Debug, PartialEq, Eq)]
struct Member {
    user: IdpUserId,
    from: Option<Instant>,
    until: Option<Instant>,
}

/// What an instance can't be used for lack of.
#[derive(Debug, PartialEq, Eq)]
struct Unusable;

impl WireInstance {
    /// The membership; none for ownership.
    fn read(self) -> Result<Option<Member>, Unusable> {
        match self.access_id.as_deref() {
            Some("member") => {}
            Some(_) => return Ok(None),
            None => return Err(Unusable),
        }
        let time = |written: Option<String>| text(written).map(|told| instant(&told).ok_or(Unusable)).transpose();
        let user = text(self.principal_id).and_then(|id| id.parse().ok()).ok_or(Unusable)?;
        Ok(Some(Member { user, from: time(self.start_date_time)?, until: time(self.end_date_time)? }))
    }
}

/// What was told of one group.
#[derive(Debug, Default)]
struct Listed {
    bound: Vec<Activation>,
    /// Who is a member without an end.
    for_good: BTreeSet<IdpUserId>,
    unusable: u64,
}

impl Listed {
    fn add(&mut self, group: &IdpGroupId, page: u32, instance: WireInstance) {
        match instance.read() {
            Ok(Some(Member { user, from, until: Some(until) })) => {
                let origin = origin(&ACTIVATIONS, page);
                self.bound.push(Activation { group: group.clone(), user, from, until, origin });
            }
            Ok(Some(Member { user, until: None, .. })) => {
                self.for_good.insert(user);
            }
            Ok(None) => {}
            Err(Unusable) => self.unusable += 1,
        }
    }

    /// Who is a member without an end as well stays one.
    fn for_a_time(self) -> impl Iterator<Item = Activation> {
        let Self { bound, for_good, .. } = self;
        bound.into_iter().filter(move |one| !for_good.contains(&one.user))
    }
}

/// The question about one group.
pub(super) fn request(http: &Arc<Http>, group: &IdpGroupId) -> Request {
    let path = ["v1.0", "identityGovernance", "privilegedAccess", "group", "assignmentScheduleInstances"];
    let request = http.get(&ACTIVATIONS, &path);
    request.query("$filter", &format!("groupId eq {}", quoted(group.as_str()))).query("$select", SELECT)
}

/// Reads who is in these groups for a time only, many groups at once. Of a group that could not be read whole nothing is
/// kept: what is missing may say that somebody is in it for good.
pub(super) async fn read(http: &Arc<Http>, groups: &[IdpGroupId]) -> (Vec<Activation>, Told) {
    let (mut activations, mut told) = (Vec::new(), Told::default());
    let groups: BTreeSet<IdpGroupId> = groups.iter().cloned().collect();
    http.for_all(groups, instances, |(group, listed, end): (IdpGroupId, Listed, Result<(), CallError>)| match end {
        Ok(()) if listed.unusable == 0 => activations.extend(listed.for_a_time()),
        Ok(()) => {
            let what = format!("{} records do not say who is a member, or up to when", listed.unusable);
            told.fail(&ACTIVATIONS, group.as_str(), &CallError::malformed(&ACTIVATIONS, &what), None);
        }
        // Deleted after it was listed.
        Err(error) if error.is_not_found() => {}
        Err(error) => told.fail(&ACTIVATIONS, group.as_str(), &error, Some(Part::Activations)),
    })
    .await;
    (activations, told)
}

async fn instances(http: Arc<Http>, group: IdpGroupId) -> (IdpGroupId, Listed, Result<(), CallError>) {
    let mut listed = Listed::default();
    let first = request(&http, &group);
    let end = graph::list(&http, first, |page, instance| listed.add(&group, page, instance)).await;
    (group, listed, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(instances: &[&str]) -> Listed {
        let (mut listed, group) = (Listed::default(), "g".parse().unwrap());
        for instance in instances {
            listed.add(&group, 1, serde_json::from_str(instance).unwrap());
        }
        listed
    }

    #[test]
    fn members_with_an_end_are_kept_unless_they_are_members_without_one_as_well() {
        let listed = listed(&[
            r#"{"principalId": "a", "accessId": "member", "startDateTime": "2026-09-30T08:00:00Z", "endDateTime": "2026-09-30T16:00:00.123Z"}"#,
            r#"{"principalId": "b", "accessId": "member", "endDateTime": "2026-09-30T16:00:00Z"}"#,
            r#"{"principalId": "b", "accessId": "member", "endDateTime": null}"#,
            r#"{"principalId": "c", "accessId": "owner", "endDateTime": "2026-09-30T16:00:00Z"}"#,
        ]);
        assert_eq!(listed.unusable, 0);
        let bound: Vec<Activation> = listed.for_a_time().collect();
        assert_eq!(bound.iter().map(|one| one.user.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(bound[0].until.date(), "2026-09-30");
    }

    #[test]
    fn what_can_not_be_read_is_not_taken_for_something_else() {
        for instance in [
            r#"{"accessId": "member", "endDateTime": "2026-09-30T16:00:00Z"}"#,
            r#"{"principalId": "a", "endDateTime": "2026-09-30T16:00:00Z"}"#,
            r#"{"principalId": "a", "accessId": "member", "endDateTime": "soon"}"#,
            r#"{"principalId": "a", "accessId": "member", "startDateTime": "?", "endDateTime": null}"#,
        ] {
            assert_eq!(listed(&[instance]).unusable, 1, "{instance}");
        }
    }
}
