//! Okta's users and groups in our terms.

use super::wire;
use crate::collect::idp::record::unknown_status;
pub(super) use crate::collect::idp::record::{Defect, shortened};
use crate::model::id::{IdpGroupId, IdpUserId};
use crate::model::person::SecondFactor;
use crate::model::{IdpStatus, IdpUser, Instant, Known};

/// A user of the users API. `sign_ins` is whether last sign-ins are asked for; `origin` is the request.
///
/// # Errors
/// When it has no id, login or status. A status with a meaning that is not known costs that user's status alone.
pub(super) fn user(record: &wire::User, sign_ins: bool, origin: &str) -> Result<IdpUser, Defect> {
    let id = user_id(&record.id)?;
    let Some(login) = record.profile.login.owned() else {
        return Err(Defect::of(id, "the user has no login"));
    };
    let word = record.status.get().ok_or_else(|| Defect::of(&id, "the user has no status"))?;
    let status = status(word);
    let profile = &record.profile;
    let mut user = IdpUser::new(id, login, status, origin.to_owned());
    user.email = profile.email.owned();
    user.display_name = profile.display_name.owned().or_else(|| {
        let names: Vec<&str> =
            [&profile.first_name, &profile.last_name].into_iter().filter_map(wire::Text::get).collect();
        (!names.is_empty()).then(|| names.join(" "))
    });
    user.employee_id = profile.employee_number.owned();
    user.user_type = profile.user_type.owned();
    user.department = profile.department.owned();
    user.title = profile.title.owned();
    user.manager = profile.manager.owned().or_else(|| profile.manager_id.owned());
    user.status_changed_at = match status {
        IdpStatus::Unknown => unknown_status(word),
        _ => time(&record.status_changed, "statusChanged"),
    };
    user.last_sign_in_at = if sign_ins {
        time(&record.last_login, "lastLogin")
    } else {
        Known::Unknown("left out by `without`".to_owned())
    };
    Ok(user)
}

/// A user's id.
///
/// # Errors
/// When there is none, or it is no id.
pub(super) fn user_id(id: &wire::Text) -> Result<IdpUserId, Defect> {
    let text = id.get().ok_or_else(|| Defect::of("", "a user has no id"))?;
    text.parse().map_err(|_| Defect::of("", "a user has an id with control characters, or too long a one"))
}

/// A group's id.
///
/// # Errors
/// When there is none, or it is no id.
pub(super) fn group_id(id: &wire::Text) -> Result<IdpGroupId, Defect> {
    let text = id.get().ok_or_else(|| Defect::of("", "a group has no id"))?;
    text.parse().map_err(|_| Defect::of("", "a group has an id with control characters, or too long a one"))
}

/// `UserStatus` (Okta Management API, "User"). Who is locked out, must change the password or recovers the account is
/// still employed as far as Okta knows, and gets in again without an administrator. `ACTIVATING` lasts until an activation
/// is done. With any other word the user is neither active nor gone.
fn status(word: &str) -> IdpStatus {
    match word {
        "ACTIVE" | "ACTIVATING" | "PROVISIONED" | "LOCKED_OUT" | "PASSWORD_EXPIRED" | "RECOVERY" => IdpStatus::Active,
        "STAGED" => IdpStatus::Staged,
        "SUSPENDED" => IdpStatus::Suspended,
        "DEPROVISIONED" => IdpStatus::Disabled,
        _ => IdpStatus::Unknown,
    }
}

/// A time: `null` is a known absence, a field that is not there says nothing.
fn time(text: &wire::Text, field: &str) -> Known<Instant> {
    match text.get() {
        None if text.is_stated() => Known::Absent,
        None => Known::Unknown(format!("Okta gave no {field}")),
        Some(text) => text.parse().map_or_else(|_| Known::Unknown(format!("{field} is not a time")), Known::Value),
    }
}

/// What the factors of a user come to. Only those that are set up and active count. A question and an email address
/// are no second factors: the one is knowledge, the other is reached with the same password.
pub(super) fn second_factor(factors: &[wire::Factor]) -> Known<SecondFactor> {
    let mut phone = false;
    let mut unknown: Option<&str> = None;
    for factor in factors.iter().filter(|factor| factor.status.is("ACTIVE")) {
        match factor.factor_type.get() {
            Some(
                "push"
                | "signed_nonce"
                | "token"
                | "token:hardware"
                | "token:hotp"
                | "token:software:totp"
                | "u2f"
                | "web"
                | "webauthn",
            ) => return Known::Value(SecondFactor::Strong),
            Some("sms" | "call") => phone = true,
            Some("question" | "email") => {}
            Some(other) => unknown = Some(other),
            None => unknown = Some("without a name"),
        }
    }
    match unknown {
        Some(word) => Known::Unknown(format!("has a factor of a kind that is not known ({word})")),
        None if phone => Known::Value(SecondFactor::Phone),
        None => Known::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<IdpUser, Defect> {
        user(&serde_json::from_str(json).unwrap(), true, "GET /api/v1/users")
    }

    #[test]
    fn a_user_is_read_with_everything_that_is_used() {
        let user = read(
            r#"{"id": "00u1", "status": "DEPROVISIONED", "created": "2024-01-09T15:36:04.000Z",
                "statusChanged": "2026-03-01T10:00:00.000Z", "lastLogin": "2026-02-27T08:30:00.000Z",
                "profile": {"firstName": "Zoë", "lastName": "Ångström", "login": "zoe@example.com", "email": "zoe@example.com",
                    "secondEmail": "private@example.net", "mobilePhone": "+44 20", "employeeNumber": "007", "userType": "Contractor",
                    "department": "R&D", "title": "Engineer", "managerId": "m1"}}"#,
        )
        .unwrap();
        assert_eq!(user.status, IdpStatus::Disabled);
        assert_eq!(user.status_changed_at, Known::Value("2026-03-01T10:00:00Z".parse().unwrap()));
        assert_eq!(user.last_sign_in_at, Known::Value("2026-02-27T08:30:00Z".parse().unwrap()));
        assert_eq!(user.display_name.as_deref(), Some("Zoë Ångström"));
        assert_eq!(user.employee_id.as_deref(), Some("007"));
        assert_eq!(user.manager.as_deref(), Some("m1"));
        // A second address is not verified, so it is no evidence of identity.
        assert!(user.aliases.is_empty());
        assert!(!format!("{user:?}").contains("private@"));
    }

    #[test]
    fn every_status_of_the_vendor_has_its_meaning_and_no_other_has() {
        let read_as =
            |word: &str| read(&format!(r#"{{"id": "00u1", "status": "{word}", "profile": {{"login": "a"}}}}"#));
        let of = |word: &str| read_as(word).map(|user| user.status);
        for word in ["ACTIVE", "ACTIVATING", "PROVISIONED", "LOCKED_OUT", "PASSWORD_EXPIRED", "RECOVERY"] {
            assert_eq!(of(word), Ok(IdpStatus::Active), "{word}");
        }
        assert_eq!(of("STAGED"), Ok(IdpStatus::Staged));
        assert_eq!(of("SUSPENDED"), Ok(IdpStatus::Suspended));
        assert_eq!(of("DEPROVISIONED"), Ok(IdpStatus::Disabled));
        for word in ["active", "HIBERNATING"] {
            assert_eq!(of(word), Ok(IdpStatus::Unknown), "{word}");
            let why = Known::Unknown(format!("the status `{word}` is not known"));
            assert_eq!(read_as(word).unwrap().status_changed_at, why);
        }
        let none = read(r#"{"id": "00u1", "profile": {"login": "a"}}"#);
        assert_eq!(none, Err(Defect::of("00u1", "the user has no status")));
    }

    #[test]
    fn what_is_missing_is_absent_and_what_is_garbled_is_unknown() {
        let user = read(
            r#"{"id": "00u1", "status": "ACTIVE", "statusChanged": "yesterday", "lastLogin": null, "profile": {"login": "a"}}"#,
        )
        .unwrap();
        assert!(user.status_changed_at.is_unknown());
        assert_eq!(user.last_sign_in_at, Known::Absent);
        assert_eq!(user.display_name, None);
        assert_eq!(read(r#"{"status": "ACTIVE"}"#), Err(Defect::of("", "a user has no id")));
        assert_eq!(read(r#"{"id": "00u1", "status": "ACTIVE"}"#), Err(Defect::of("00u1", "the user has no login")));
        // A field that was left out says nothing: nobody is taken for having never signed in.
        let silent = read(r#"{"id": "00u1", "status": "ACTIVE", "profile": {"login": "a"}}"#).unwrap();
        assert!(silent.last_sign_in_at.is_unknown() && silent.status_changed_at.is_unknown());
        assert_eq!(shortened(&"x".repeat(500)).chars().count(), 201);
    }

    #[test]
    fn factors_are_judged_by_the_best_that_is_active() {
        let of = |factors: &[(&str, &str)]| {
            let factors: Vec<String> = factors
                .iter()
                .map(|(kind, status)| {
                    format!(r#"{{"factorType": "{kind}", "status": "{status}", "profile": {{"phoneNumber": "+1"}}}}"#)
                })
                .collect();
            second_factor(&serde_json::from_str::<Vec<wire::Factor>>(&format!("[{}]", factors.join(","))).unwrap())
        };
        assert_eq!(of(&[]), Known::Absent);
        assert_eq!(of(&[("question", "ACTIVE"), ("email", "ACTIVE")]), Known::Absent);
        assert_eq!(of(&[("webauthn", "PENDING_ACTIVATION")]), Known::Absent);
        assert_eq!(of(&[("sms", "ACTIVE"), ("push", "INACTIVE")]), Known::Value(SecondFactor::Phone));
        assert_eq!(of(&[("call", "ACTIVE"), ("token:software:totp", "ACTIVE")]), Known::Value(SecondFactor::Strong));
        // What is not known may be better than a phone, and may be no factor at all.
        assert!(of(&[("sms", "ACTIVE"), ("telepathy", "ACTIVE")]).is_unknown());
        assert_eq!(of(&[("telepathy", "ACTIVE"), ("webauthn", "ACTIVE")]), Known::Value(SecondFactor::Strong));
    }
}
