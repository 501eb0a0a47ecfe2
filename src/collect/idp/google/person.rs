//! Google's users in our terms.

use super::wire;
use crate::collect::idp::record::{Defect, Text};
use crate::model::id::IdpUserId;
use crate::model::{IdpStatus, IdpUser, Instant, Known};

/// What of a user's record is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Last sign-ins.
    pub(super) sign_ins: bool,
    /// Whether 2-step verification is on.
    pub(super) second_factors: bool,
}

impl Wanted {
    /// The fields to ask for: what is not used is not even sent (Admin SDK, "Partial responses").
    pub(super) fn fields(self) -> String {
        let mut fields = "id,primaryEmail,aliases,nonEditableAliases,name/fullName,suspended,archived,suspensionTime,\
                          archivalTime,deletionTime,creationTime,isGuestUser,externalIds,organizations,relations"
            .to_owned();
        if self.sign_ins {
            fields.push_str(",lastLoginTime");
        }
        if self.second_factors {
            fields.push_str(",isEnrolledIn2Sv");
        }
        format!("nextPageToken,users({fields})")
    }
}

/// A user, and whether they were listed among the deleted ones.
///
/// # Errors
/// When the record has no id or address, or does not say whether the user is suspended: whoever it is must not be taken for
/// active, nor for gone.
pub(super) fn user(record: &wire::User, deleted: bool, wanted: Wanted, origin: &str) -> Result<IdpUser, Defect> {
    let id = record.id.get().ok_or_else(|| Defect::of("", "a user has no id"))?;
    let id: IdpUserId = id.parse().map_err(|_| Defect::of("", "a user has an id that is none"))?;
    let Some(address) = record.primary_email.owned() else {
        return Err(Defect::of(id, "the user has no primary email address"));
    };
    let (status, changed) = status(record, deleted)
        .ok_or_else(|| Defect::of(&id, "the record does not say whether the user is suspended"))?;
    let mut user = IdpUser::new(id, address.clone(), status, origin.to_owned());
    user.email = Some(address);
    user.aliases = record.aliases.iter().chain(&record.non_editable_aliases).filter_map(Text::owned).collect();
    user.aliases.sort();
    user.aliases.dedup();
    user.display_name = record.name.full_name.owned();
    user.status_changed_at = changed;
    user.employee_id = typed(&record.external_ids, "organization");
    user.manager = typed(&record.relations, "manager");
    let organization =
        record.organizations.iter().find(|one| one.primary == Some(true)).or(record.organizations.first());
    if let Some(organization) = organization {
        user.department = organization.department.owned();
        user.title = organization.title.owned();
        user.user_type = organization.description.owned();
    }
    if record.is_guest_user == Some(true) {
        user.user_type = Some("Guest".to_owned());
    }
    user.last_sign_in_at = if wanted.sign_ins { last_sign_in(&record.last_login_time) } else { left_out() };
    user.second_factor = match (wanted.second_factors, record.is_enrolled_in2_sv) {
        (false, _) => left_out(),
        (true, Some(false)) => Known::Absent,
        // It may be an app, a key, or calls to a phone.
        (true, Some(true)) => {
            Known::Unknown("2-step verification is on, and Google does not tell by which means".to_owned())
        }
        (true, None) => Known::Unknown("Google did not tell whether 2-step verification is on".to_owned()),
    };
    Ok(user)
}

fn left_out<T>() -> Known<T> {
    Known::Unknown("left out by `without`".to_owned())
}

/// The state of an account, and since when.
fn status(record: &wire::User, deleted: bool) -> Option<(IdpStatus, Known<Instant>)> {
    if deleted {
        return Some((IdpStatus::Deleted, time(&record.deletion_time, "deletionTime")));
    }
    if record.archived == Some(true) {
        return Some((IdpStatus::Disabled, time(&record.archival_time, "archivalTime")));
    }
    Some(match record.suspended? {
        true => (IdpStatus::Suspended, time(&record.suspension_time, "suspensionTime")),
        false => {
            let why = "Google does not tell since when an account has been active".to_owned();
            (IdpStatus::Active, Known::Unknown(why))
        }
    })
}

/// A time that Google may leave out.
fn time(text: &Text, field: &str) -> Known<Instant> {
    match text.get() {
        None => Known::Unknown(format!("Google gave no {field}")),
        Some(text) => text.parse().map_or_else(|_| Known::Unknown(format!("{field} is not a time")), Known::Value),
    }
}

/// Google writes 1970-01-01 for "never" (Admin SDK, `User.lastLoginTime`).
fn last_sign_in(text: &Text) -> Known<Instant> {
    match time(text, "lastLoginTime") {
        Known::Value(at) if at.timestamp().as_second() == 0 => Known::Absent,
        other => other,
    }
}

/// The value of a type in a list; only one, else it is not clear which.
fn typed(list: &[wire::Typed], kind: &str) -> Option<String> {
    let mut values = list.iter().filter(|one| one.kind.is(kind)).filter_map(|one| one.value.owned());
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Wanted = Wanted { sign_ins: true, second_factors: true };

    fn read(json: &str) -> Result<IdpUser, Defect> {
        user(&serde_json::from_str(json).unwrap(), false, ALL, "GET /users")
    }

    #[test]
    fn a_user_is_read_with_everything_that_is_used() {
        let user = read(
            r#"{"id": "1", "primaryEmail": "zoe@example.com", "aliases": ["z@example.com"], "nonEditableAliases": ["zoe@example.net"],
                "name": {"fullName": "Zoë Ångström", "givenName": "Zoë"}, "suspended": true, "archived": false,
                "suspensionTime": "2026-03-01T10:00:00.000Z", "suspensionReason": "ADMIN", "lastLoginTime": "2026-02-27T08:30:00.000Z",
                "isEnrolledIn2Sv": false, "recoveryPhone": "+44 20",
                "externalIds": [{"type": "custom", "customType": "badge", "value": "9"}, {"type": "organization", "value": "007"}],
                "organizations": [{"department": "Old"}, {"primary": true, "department": "R&D", "title": "Engineer", "description": "Contractor"}],
                "relations": [{"type": "manager", "value": "boss@example.com"}, {"type": "spouse", "value": "private"}]}"#,
        )
        .unwrap();
        assert_eq!(user.status, IdpStatus::Suspended);
        assert_eq!(user.status_changed_at, Known::Value("2026-03-01T10:00:00Z".parse().unwrap()));
        assert_eq!(user.last_sign_in_at, Known::Value("2026-02-27T08:30:00Z".parse().unwrap()));
        assert_eq!(user.aliases, ["z@example.com", "zoe@example.net"]);
        assert_eq!(user.employee_id.as_deref(), Some("007"));
        assert_eq!(user.manager.as_deref(), Some("boss@example.com"));
        let organization = (user.department.as_deref(), user.title.as_deref(), user.user_type.as_deref());
        assert_eq!(organization, (Some("R&D"), Some("Engineer"), Some("Contractor")));
        assert_eq!(user.second_factor, Known::Absent);
        assert!(!format!("{user:?}").contains("+44") && !format!("{user:?}").contains("private"));
    }

    #[test]
    fn states_have_their_times() {
        let of = |rest: &str| read(&format!(r#"{{"id": "1", "primaryEmail": "a@example.com"{rest}}}"#));
        let archived = of(r#", "suspended": true, "archived": true, "archivalTime": "2026-01-02T00:00:00Z""#).unwrap();
        assert_eq!(archived.status, IdpStatus::Disabled);
        assert_eq!(archived.status_changed_at, Known::Value("2026-01-02T00:00:00Z".parse().unwrap()));
        let silent = of(r#", "suspended": true"#).unwrap();
        assert_eq!(silent.status_changed_at, Known::Unknown("Google gave no suspensionTime".to_owned()));
        assert!(of(r#", "suspended": false"#).unwrap().status_changed_at.is_unknown());
        let mute = of("");
        assert_eq!(mute, Err(Defect::of("1", "the record does not say whether the user is suspended")));
        assert_eq!(read(r#"{"suspended": false}"#), Err(Defect::of("", "a user has no id")));
        let deleted = r#"{"id": "1", "primaryEmail": "a@example.com", "deletionTime": "2026-09-20T00:00:00.000Z"}"#;
        let deleted = user(&serde_json::from_str(deleted).unwrap(), true, ALL, "GET /users").unwrap();
        assert_eq!(deleted.status, IdpStatus::Deleted);
        assert_eq!(deleted.status_changed_at, Known::Value("2026-09-20T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn never_is_not_unknown_and_odd_types_cost_a_field() {
        let of = |rest: &str| {
            read(&format!(r#"{{"id": "1", "primaryEmail": "a@example.com", "suspended": false{rest}}}"#)).unwrap()
        };
        assert_eq!(of(r#", "lastLoginTime": "1970-01-01T00:00:00.000Z""#).last_sign_in_at, Known::Absent);
        assert!(of("").last_sign_in_at.is_unknown());
        assert!(of(r#", "isEnrolledIn2Sv": true"#).second_factor.is_unknown());
        assert!(of("").second_factor.is_unknown());
        let odd = of(
            r#", "externalIds": {"x": 1}, "organizations": "?", "relations": [7, {"type": "manager", "value": "m"}], "name": null"#,
        );
        assert_eq!((odd.employee_id, odd.department, odd.manager.as_deref()), (None, None, Some("m")));
        // Two numbers: nobody knows which is the one.
        let two =
            of(r#", "externalIds": [{"type": "organization", "value": "1"}, {"type": "organization", "value": "2"}]"#);
        assert_eq!(two.employee_id, None);
        assert_eq!(of(r#", "isGuestUser": true"#).user_type.as_deref(), Some("Guest"));
        let few = Wanted { sign_ins: false, second_factors: false };
        assert!(!few.fields().contains("lastLoginTime") && !few.fields().contains("2Sv"));
    }
}
