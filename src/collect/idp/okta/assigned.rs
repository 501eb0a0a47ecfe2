//! Who is assigned to the AWS application, what was provisioned through it, and how its provisioning is set.

use std::collections::BTreeMap;

use super::person::{Defect, group_id, shortened, user_id};
use super::wire::{App, AppUser, PushMapping, Text};
use crate::model::Known;
use crate::model::application::{JobState, ProvisionedGroup, ProvisionedUser, ProvisioningJob};
use crate::model::id::{IdpGroupId, IdpUserId};

/// One line of the application's user list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assigned {
    /// The user.
    pub(super) user: IdpUserId,
    /// Whether the line is an assignment: lines stay behind when one ends.
    pub(super) assigned: bool,
    /// The user that was made in Identity Center.
    pub(super) provisioned: Option<ProvisionedUser>,
    /// Whether pushing the user failed.
    pub(super) failed: bool,
}

/// A line of the application's user list in our terms (`AppUserStatus`, Okta Management API, "ApplicationUsers").
///
/// # Errors
/// When it has no id, or a status that is not known.
pub(super) fn app_user(record: &AppUser, origin: &str) -> Result<Assigned, Defect> {
    let user = user_id(&record.id)?;
    let assigned = match record.status.get() {
        Some("ACTIVE" | "APPROVED" | "IMPLICIT" | "INACTIVE" | "PENDING" | "PROVISIONED" | "STAGED" | "SUSPENDED") => {
            true
        }
        // Imported and not taken over, or taken away.
        Some("DEPROVISIONED" | "IMPORTED" | "MATCHED" | "REVOKED" | "UNASSIGNED") => false,
        Some(other) => {
            let word = shortened(other);
            return Err(Defect::of(user, format!("the user is assigned with the status `{word}`, which is not known")));
        }
        None => return Err(Defect::of(user, "the user is assigned without a status")),
    };
    let provisioned = record.external_id.owned().map(|target| ProvisionedUser {
        user: user.clone(),
        target,
        origin: origin.to_owned(),
    });
    Ok(Assigned { user, assigned, provisioned, failed: record.sync_state.is("ERROR") })
}

/// A group that is pushed to the application.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pushed {
    /// The group here.
    pub(super) source: IdpGroupId,
    /// Its id in Identity Center, where Okta tells it.
    pub(super) target: Option<ProvisionedGroup>,
    /// Why changes of it don't arrive.
    pub(super) stopped: Option<String>,
}

/// A push mapping in our terms. Okta names the target by its own record of it, a group of the application (`00g…`), which is
/// no id of Identity Center; any other id is taken for one.
///
/// # Errors
/// When it has no source.
pub(super) fn pushed(record: &PushMapping, origin: &str) -> Result<Pushed, Defect> {
    let source = group_id(&record.source_group_id)?;
    let target = record.target_group_id.get().filter(|id| !is_okta_group(id)).map(|target| ProvisionedGroup {
        group: source.clone(),
        target: target.to_owned(),
        origin: origin.to_owned(),
    });
    let stopped = match record.status.get() {
        Some("ACTIVE") => None,
        Some("INACTIVE") => Some("is switched off".to_owned()),
        Some("ERROR") => Some(match record.error_summary.get() {
            Some(summary) => format!("fails ({})", shortened(summary)),
            None => "fails".to_owned(),
        }),
        Some(other) => Some(format!("has the status `{}`", shortened(other))),
        None => Some("has no status".to_owned()),
    };
    Ok(Pushed { source, target, stopped })
}

fn is_okta_group(id: &str) -> bool {
    id.starts_with("00g") && !id.contains('-')
}

/// Whether people can sign in through the application (`ApplicationLifecycleStatus`).
pub(super) fn enabled(app: &App) -> Known<bool> {
    match app.status.get() {
        Some("ACTIVE") => Known::Value(true),
        Some("INACTIVE" | "DELETED") => Known::Value(false),
        Some(other) => Known::Unknown(format!("its status is `{}`, which is not known", shortened(other))),
        None => Known::Unknown("Okta gave no status".to_owned()),
    }
}

/// Whether the application pushes groups; none where Okta does not say.
pub(super) fn pushes_groups(app: &App) -> Option<bool> {
    app.features.as_ref().map(|features| features.iter().any(|feature| feature.is("GROUP_PUSH")))
}

const NO_RUNS: &str = "Okta pushes each change by itself and has no runs";

/// How provisioning is set, from the application's features (Okta Management API, `Application.features`), and what fails.
pub(super) fn job(app: &App, failed_users: u64, stopped_groups: &BTreeMap<String, String>) -> Known<ProvisioningJob> {
    let enabled = enabled(app);
    let untold = "Okta does not tell the application's features";
    let Some(features) = &app.features else {
        // Nothing is pushed by a disabled application, whatever its features are.
        return match enabled {
            Known::Value(false) => Known::Value(ProvisioningJob {
                state: JobState::Off,
                last_success_at: Known::Unknown(NO_RUNS.to_owned()),
                detail: None,
                keeps_leavers: Known::Unknown(untold.to_owned()),
            }),
            _ => Known::Unknown(untold.to_owned()),
        };
    };
    let has = |wanted: &str| features.iter().filter_map(Text::get).any(|feature| feature == wanted);
    let pushes = ["PUSH_NEW_USERS", "PUSH_PROFILE_UPDATES", "PUSH_USER_DEACTIVATION"].into_iter().any(has);
    let state = match (pushes, enabled.value()) {
        (false, _) | (true, Some(false)) => JobState::Off,
        (true, Some(true)) => JobState::Running,
        (true, None) => JobState::Unknown,
    };
    let mut keeps = Vec::new();
    if !has("PUSH_USER_DEACTIVATION") {
        keeps
            .push("the application is not set to deactivate users (Provisioning, To App, Deactivate Users)".to_owned());
    }
    let mut detail = Vec::new();
    match failed_users {
        0 => {}
        1 => detail.push("pushing 1 user failed".to_owned()),
        many => detail.push(format!("pushing {many} users failed")),
    }
    const NAMED: usize = 3;
    detail.extend(stopped_groups.iter().take(NAMED).map(|(group, why)| format!("the push of group {group} {why}")));
    if let Some(more) = stopped_groups.len().checked_sub(NAMED).filter(|more| *more > 0) {
        detail.push(format!("and so for {more} more"));
    }
    Known::Value(ProvisioningJob {
        state,
        // A push follows each change; the time of the last one says nothing of how it fares.
        last_success_at: Known::Unknown(NO_RUNS.to_owned()),
        detail: (!detail.is_empty()).then(|| detail.join("; ")),
        keeps_leavers: Known::Value(keeps),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(json: &str) -> Result<Assigned, Defect> {
        app_user(&serde_json::from_str(json).unwrap(), "GET /api/v1/apps/{appId}/users")
    }

    #[test]
    fn the_id_in_the_target_is_taken_where_there_is_one() {
        let both =
            one(r#"{"id": "00u1", "externalId": "9067-1", "status": "PROVISIONED", "syncState": "ERROR"}"#).unwrap();
        assert_eq!(both.provisioned.unwrap().target, "9067-1");
        assert!(both.assigned && both.failed);
        let signing_in_only = one(r#"{"id": "00u1", "externalId": null, "status": "ACTIVE"}"#).unwrap();
        assert_eq!(signing_in_only.provisioned, None);
        assert!(signing_in_only.assigned && !signing_in_only.failed);
    }

    #[test]
    fn an_assignment_that_ended_is_none_and_an_unknown_word_is_said() {
        for word in ["DEPROVISIONED", "REVOKED", "UNASSIGNED"] {
            assert!(!one(&format!(r#"{{"id": "00u1", "status": "{word}"}}"#)).unwrap().assigned, "{word}");
        }
        assert!(one(r#"{"id": "00u1", "status": "MAYBE"}"#).unwrap_err().reason.contains("`MAYBE`"));
        assert!(one(r#"{"id": "00u1"}"#).is_err());
    }

    #[test]
    fn okta_s_own_record_of_a_pushed_group_is_no_id_of_the_target() {
        let mapping = |target: &str, rest: &str| {
            let json = format!(r#"{{"sourceGroupId": "00g1", "targetGroupId": "{target}", {rest}}}"#);
            pushed(&serde_json::from_str(&json).unwrap(), "mappings").unwrap()
        };
        assert_eq!(mapping("00g2", r#""status": "ACTIVE""#).target, None);
        let known = mapping("9067642ac7-1", r#""status": "ERROR", "errorSummary": "no\nsuch group""#);
        assert_eq!(known.target.unwrap().target, "9067642ac7-1");
        assert_eq!(known.stopped.as_deref(), Some("fails (no such group)"));
        assert!(mapping("x", r#""status": "INACTIVE""#).stopped.is_some());
        assert!(mapping("x", r#""status": null"#).stopped.is_some());
    }

    fn app(json: &str) -> App {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_job_is_what_the_features_say() {
        let full =
            app(r#"{"status": "ACTIVE", "features": ["PUSH_NEW_USERS", "PUSH_USER_DEACTIVATION", "GROUP_PUSH"]}"#);
        let of = |app: &App| match job(app, 0, &BTreeMap::new()) {
            Known::Value(job) => job,
            other => panic!("{other:?}"),
        };
        assert_eq!(of(&full).state, JobState::Running);
        assert_eq!(of(&full).keeps_leavers, Known::Value(Vec::new()));
        assert_eq!(pushes_groups(&full), Some(true));

        let careless = of(&app(r#"{"status": "ACTIVE", "features": ["PUSH_NEW_USERS"]}"#));
        assert_eq!(careless.keeps_leavers.value().unwrap().len(), 1);
        assert_eq!(of(&app(r#"{"status": "ACTIVE", "features": []}"#)).state, JobState::Off);
        assert_eq!(of(&app(r#"{"status": "INACTIVE", "features": ["PUSH_NEW_USERS"]}"#)).state, JobState::Off);
        assert_eq!(of(&app(r#"{"status": "INACTIVE"}"#)).state, JobState::Off);
        assert!(job(&app(r#"{"status": "ACTIVE"}"#), 0, &BTreeMap::new()).is_unknown());
    }

    #[test]
    fn what_fails_is_told_with_bounds() {
        let stopped = (0..5).map(|n| (format!("g{n}"), "fails".to_owned())).collect();
        let Known::Value(job) = job(&app(r#"{"status": "ACTIVE", "features": ["PUSH_NEW_USERS"]}"#), 2, &stopped)
        else {
            panic!("unknown")
        };
        let detail = job.detail.unwrap();
        assert!(detail.starts_with("pushing 2 users failed; the push of group g0 fails"), "{detail}");
        assert!(detail.ends_with("and so for 2 more"), "{detail}");
    }
}
