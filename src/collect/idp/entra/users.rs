//! Users: as Graph lists them, and as the model has them.

use serde::Deserialize;

use super::wire::{instant, text};
use crate::collect::idp::microsoft::{name_before_deletion, proxy_addresses};
use crate::model::id::IdpUserId;
use crate::model::{IdKey, IdpStatus, IdpUser, Instant, Known};

/// What is asked of every user, and no more (Microsoft Graph, "user resource type").
pub(super) const SELECT: &str = "id,userPrincipalName,mail,mailNickname,proxyAddresses,displayName,accountEnabled,\
                                 userType,department,jobTitle,employeeId,createdDateTime,onPremisesImmutableId";

/// Who somebody works for. It comes with the user and costs no request of its own.
pub(super) const EXPAND: &str = "manager($select=id,userPrincipalName)";

/// What is asked of deleted users. They have no manager any more.
pub(super) const SELECT_DELETED: &str = "id,userPrincipalName,mail,mailNickname,displayName,userType,department,\
                                         jobTitle,employeeId,deletedDateTime,onPremisesImmutableId";

/// A user (`microsoft.graph.user`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireUser {
    pub(super) id: Option<String>,
    user_principal_name: Option<String>,
    mail: Option<String>,
    mail_nickname: Option<String>,
    proxy_addresses: Option<Vec<String>>,
    display_name: Option<String>,
    account_enabled: Option<bool>,
    user_type: Option<String>,
    department: Option<String>,
    job_title: Option<String>,
    employee_id: Option<String>,
    employee_hire_date: Option<String>,
    created_date_time: Option<String>,
    deleted_date_time: Option<String>,
    on_premises_immutable_id: Option<String>,
    manager: Option<WireManager>,
}

/// Whom a user reports to (`manager`, expanded).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireManager {
    id: Option<String>,
    user_principal_name: Option<String>,
}

/// A user as read, with what is needed to judge other answers about them.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) user: IdpUser,
    /// When the record was made.
    pub(super) created: Option<Instant>,
}

/// Why a user record can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unusable {
    Id,
    Name,
    State,
}

impl Unusable {
    /// What is wrong, as the end of a sentence about several users.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Id => "have no usable id",
            Self::Name => "have no usable userPrincipalName",
            Self::State => "do not say whether they are switched on (accountEnabled)",
        }
    }
}

impl WireUser {
    /// A user who is there. `dates` tells whether hire dates were asked for.
    pub(super) fn read(self, origin: &str, dates: bool) -> Result<Read, Unusable> {
        let status = match self.account_enabled {
            Some(true) => IdpStatus::Active,
            Some(false) => IdpStatus::Disabled,
            None => return Err(Unusable::State),
        };
        let start = if dates {
            self.employee_hire_date.as_deref().and_then(instant).map_or(Known::Absent, Known::Value)
        } else {
            Known::Unknown("hire dates were not asked for".to_owned())
        };
        let created = self.created_date_time.as_deref().and_then(instant);
        let mut user = self.into_user(status, origin)?;
        user.start = start;
        Ok(Read { user, created })
    }

    /// A user who was deleted, under the name from before.
    pub(super) fn read_deleted(mut self, origin: &str) -> Result<IdpUser, Unusable> {
        let at = self.deleted_date_time.as_deref().and_then(instant);
        let id = self.id.as_deref().unwrap_or_default();
        if let Some(name) = self.user_principal_name.as_deref().and_then(|name| name_before_deletion(id, name)) {
            self.user_principal_name = Some(name);
        }
        let mut user = self.into_user(IdpStatus::Deleted, origin)?;
        user.status_changed_at =
            at.map_or_else(|| Known::Unknown("the record has no deletedDateTime".to_owned()), Known::Value);
        Ok(user)
    }

    fn into_user(self, status: IdpStatus, origin: &str) -> Result<IdpUser, Unusable> {
        let id: IdpUserId = self.id.as_deref().and_then(|id| id.parse().ok()).ok_or(Unusable::Id)?;
        let name = text(self.user_principal_name).filter(|name| !name.chars().any(char::is_control));
        let mut user = IdpUser::new(id, name.ok_or(Unusable::Name)?, status, origin.to_owned());
        user.email = text(self.mail);
        user.aliases = aliases(&self.proxy_addresses.unwrap_or_default(), user.email.as_deref());
        user.display_name = text(self.display_name);
        user.user_type = text(self.user_type);
        user.department = text(self.department);
        user.title = text(self.job_title);
        user.employee_id = text(self.employee_id);
        user.manager = self.manager.and_then(|manager| text(manager.user_principal_name).or(text(manager.id)));
        let keys = [
            (IdKey::MailNickname, text(self.mail_nickname)),
            (IdKey::OnPremisesImmutableId, text(self.on_premises_immutable_id)),
        ];
        user.keys = keys.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        Ok(user)
    }
}

/// The addresses that mail for a user may go to besides the primary one. Exchange allows only domains in `proxyAddresses` that
/// the tenant has proved to own, whereas `otherMails` hold what anybody typed.
fn aliases(proxies: &[String], primary: Option<&str>) -> Vec<String> {
    let mut all = proxy_addresses(proxies).all;
    all.retain(|address| !primary.is_some_and(|primary| primary.eq_ignore_ascii_case(address)));
    all
}

/// The last sign-in of a user (`signInActivity`), in a listing of its own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireSignIn {
    pub(super) id: Option<String>,
    sign_in_activity: Option<Activity>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Activity {
    last_successful_sign_in_date_time: Option<String>,
}

/// Since when Entra records successful sign-ins (Microsoft Graph, "signInActivity resource type"): earlier ones were not
/// added later.
const RECORDED_SINCE: &str = "2023-12-01T00:00:00Z";

impl WireSignIn {
    /// The last time they signed in. `lastSignInDateTime` is left alone: it counts failures, which anybody can cause.
    pub(super) fn last(&self, created: Option<Instant>) -> Known<Instant> {
        let text = self.sign_in_activity.as_ref().and_then(|a| a.last_successful_sign_in_date_time.as_deref());
        if let Some(at) = text.and_then(instant) {
            // The year 1 stands for never.
            return if at.date().starts_with("0001-") { Known::Absent } else { Known::Value(at) };
        }
        let recorded = RECORDED_SINCE.parse::<Instant>().ok();
        match (created, recorded) {
            (Some(created), Some(recorded)) if created >= recorded => Known::Absent,
            _ => Known::Unknown("none since December 2023, when Entra ID began to record them".to_owned()),
        }
    }
}

/// The leave date of a user (`employeeLeaveDateTime`), in a listing of its own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireLeave {
    pub(super) id: Option<String>,
    employee_leave_date_time: Option<String>,
}

impl WireLeave {
    /// When they leave; absent when no date was set.
    pub(super) fn end(&self) -> Known<Instant> {
        self.employee_leave_date_time.as_deref().and_then(instant).map_or(Known::Absent, Known::Value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(json: &str) -> WireUser {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_user_is_read_with_verified_addresses_only() {
        let user = wire(
            r#"{"@odata.context": "x", "id": "6e7b768e-07e2-4810-8459-485f84f8f204",
                "userPrincipalName": "adele_fabrikam.com#EXT#@contoso.com", "mail": "Adele@contoso.com",
                "mailNickname": "AdeleV", "otherMails": ["private@example.com"],
                "proxyAddresses": ["SMTP:adele@contoso.com", "smtp:av@contoso.com", "SIP:adele@contoso.com", "smtp: "],
                "displayName": "Adele Vance 李", "accountEnabled": false, "userType": "Guest", "department": "  ",
                "employeeHireDate": "2024-02-01T00:00:00Z", "createdDateTime": "2017-07-29T03:07:25Z",
                "onPremisesImmutableId": null, "manager": {"id": "m", "userPrincipalName": "boss@contoso.com"}}"#,
        );
        let Read { user, created } = user.read("GET /v1.0/users, page 1", true).unwrap();
        assert_eq!((user.status, user.user_type.as_deref()), (IdpStatus::Disabled, Some("Guest")));
        assert_eq!(user.aliases, ["av@contoso.com"]);
        assert_eq!((user.department, user.manager.as_deref()), (None, Some("boss@contoso.com")));
        assert_eq!(user.keys, [(IdKey::MailNickname, "AdeleV".to_owned())]);
        assert_eq!(user.start, Known::Value("2024-02-01T00:00:00Z".parse().unwrap()));
        assert_eq!(created, "2017-07-29T03:07:25Z".parse().ok());
        assert!(user.end.is_unknown() && user.last_sign_in_at.is_unknown() && user.status_changed_at.is_unknown());
    }

    #[test]
    fn what_identifies_a_user_must_be_there() {
        let read = |json: &str| wire(json).read("", false).map(|_| ()).unwrap_err();
        assert_eq!(read(r#"{"id": "1", "userPrincipalName": "a"}"#), Unusable::State);
        assert_eq!(read(r#"{"id": "", "userPrincipalName": "a", "accountEnabled": true}"#), Unusable::Id);
        assert_eq!(read(r#"{"id": "1", "userPrincipalName": null, "accountEnabled": true}"#), Unusable::Name);
        assert_eq!(read(r#"{"id": "1", "userPrincipalName": "a\nb", "accountEnabled": true}"#), Unusable::Name);
    }

    #[test]
    fn a_deleted_user_gets_their_name_back() {
        let deleted = |name: &str| {
            let user = wire(&format!(
                r#"{{"id": "84360e8b-3321-4e37-b9ec-10fccd0263b8", "userPrincipalName": "{name}",
                     "deletedDateTime": "2026-09-03T15:02:45Z"}}"#
            ));
            user.read_deleted("").unwrap()
        };
        let user = deleted("84360e8b33214e37b9ec10fccd0263b8leaver@example.com");
        assert_eq!((user.user_name.as_str(), user.status), ("leaver@example.com", IdpStatus::Deleted));
        assert_eq!(user.status_changed_at, Known::Value("2026-09-03T15:02:45Z".parse().unwrap()));
        assert_eq!(deleted("leaver@example.com").user_name, "leaver@example.com");
        assert_eq!(
            deleted("94360e8b33214e37b9ec10fccd0263b8leaver@example.com").user_name,
            "94360e8b33214e37b9ec10fccd0263b8leaver@example.com"
        );
        assert_eq!(deleted("éé84360e8b33214e37b9ec10fccd0263b8@example.com").status, IdpStatus::Deleted);
    }

    #[test]
    fn failed_sign_ins_and_silence_are_not_sign_ins() {
        let last =
            |json: &str, created: &str| serde_json::from_str::<WireSignIn>(json).unwrap().last(created.parse().ok());
        let activity = |success: &str| {
            format!(
                r#"{{"id": "1", "signInActivity": {{"lastSignInDateTime": "2026-01-01T00:00:00Z",
                     "lastSuccessfulSignInDateTime": {success}}}}}"#
            )
        };
        let (old, new) = ("2019-01-01T00:00:00Z", "2025-01-01T00:00:00Z");
        assert_eq!(
            last(&activity("\"2025-12-01T10:00:00Z\""), old),
            Known::Value("2025-12-01T10:00:00Z".parse().unwrap())
        );
        assert_eq!(last(&activity("\"0001-01-01T00:00:00Z\""), old), Known::Absent);
        assert!(last(&activity("null"), old).is_unknown());
        assert_eq!(last(&activity("null"), new), Known::Absent);
        assert_eq!(last(r#"{"id": "1"}"#, new), Known::Absent);
        assert!(last(r#"{"id": "1", "signInActivity": null}"#, "").is_unknown());
    }
}
