//! OpenLDAP and 389 Directory Server, with the classes that most of them use: `inetOrgPerson` (RFC 2798) and `posixAccount`
//! (RFC 2307); `groupOfNames`, `groupOfUniqueNames` (RFC 4519) and `posixGroup`.
//!
//! No attribute says everywhere that a user is switched off. These are read: `pwdAccountLockedTime` when it means for good
//! (draft-behera-ldap-password-policy, 5.3.3), and `nsAccountLock` (389 Directory Server).

use super::entry::Entry;
use super::failure::Failure;
use super::groups::Groups;
use super::search::{self, Query};
use super::session::Session;
use super::time::{close_of_day, generalized};
use super::users::{Unusable, Users, id, sign_in_name};
use crate::model::id::IdpGroupId;
use crate::model::{IdpStatus, IdpUser, Instant, Known};

const USERS_FILTER: &str = "(|(objectClass=inetOrgPerson)(objectClass=posixAccount))";
const GROUPS_FILTER: &str = "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))";
/// A lock that only an administrator can take away.
const FOR_GOOD: &str = "000001010000Z";

const USER: &[&str] = &[
    "entryUUID",
    "nsUniqueId",
    "uid",
    "mail",
    "displayName",
    "cn",
    "employeeNumber",
    "employeeType",
    "departmentNumber",
    "ou",
    "title",
    "manager",
    "gidNumber",
    "shadowExpire",
    "pwdAccountLockedTime",
    "pwdStartTime",
    "pwdEndTime",
    "nsAccountLock",
    "modifyTimestamp",
];

/// The question about users.
pub(super) fn users_query(base: &str) -> Query<'_> {
    Query { attributes: USER, ..Query::new("ldap:users", base, USERS_FILTER) }
}

/// The question about groups.
pub(super) fn groups_query(base: &str) -> Query<'_> {
    Query {
        attributes: &["entryUUID", "nsUniqueId", "cn", "gidNumber", "member", "uniqueMember", "memberUid"],
        ..Query::new("ldap:groups", base, GROUPS_FILTER)
    }
}

/// What was seen besides.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Users who are locked out for a time.
    pub(super) locked_out: u64,
    /// How often the server referred to others.
    pub(super) referrals: u64,
}

/// Reads the users below `base`.
pub(super) async fn users(session: &mut Session, base: &str, users: &mut Users) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    seen.referrals = search::each(session, &users_query(base), |entry| {
        let user = user(&entry);
        if let Ok(user) = &user {
            for uid in entry.texts("uid") {
                users.known_as(&user.id, &uid);
            }
            if let Some(group) = entry.number("gidnumber").and_then(|group| u32::try_from(group).ok()) {
                users.in_primary_group(&user.id, group);
            }
        }
        let new = users.add(&entry, user);
        seen.locked_out += u64::from(new && is_locked_out(&entry));
        new
    })
    .await?;
    Ok(seen)
}

/// Reads the groups below `base`.
pub(super) async fn groups(
    session: &mut Session,
    base: &str,
    users: &Users,
    groups: &mut Groups,
) -> Result<u64, Failure> {
    let mut broken = 0;
    let referrals = search::each(session, &groups_query(base), |entry| {
        let Ok(id) = id_of::<IdpGroupId>(&entry) else {
            broken += 1;
            return broken == 1;
        };
        let name = entry.text("cn").unwrap_or_else(|| id.to_string());
        if !groups.add(&entry, &id, name) {
            return false;
        }
        // OpenLDAP sends lists whole.
        groups.members(&entry, &id, "member", users);
        groups.members(&entry, &id, "uniquemember", users);
        groups.members_by_uid(&entry, &id, users);
        if let Some(number) = entry.number("gidnumber").and_then(|number| u32::try_from(number).ok()) {
            groups.primary_members(&id, number, users);
        }
        true
    })
    .await?;
    if broken > 0 {
        return Err(Failure::malformed("groups have no entryUUID or nsUniqueId that can be read"));
    }
    Ok(referrals)
}

fn id_of<T: std::str::FromStr>(entry: &Entry) -> Result<T, Unusable> {
    id(entry.first_of(&["entryuuid", "nsuniqueid"]).map(|id| id.to_lowercase()))
}

fn is_locked_out(entry: &Entry) -> bool {
    entry.text("pwdaccountlockedtime").is_some_and(|time| time != FOR_GOOD)
}

fn user(entry: &Entry) -> Result<IdpUser, Unusable> {
    let id = id_of(entry)?;
    let name = sign_in_name(entry.first_of(&["uid", "mail"]))?;
    let off = entry.text("pwdaccountlockedtime").is_some_and(|time| time == FOR_GOOD)
        || entry.text("nsaccountlock").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    let status = if off { IdpStatus::Disabled } else { IdpStatus::Active };
    let origin = format!("LDAP, entryUUID {id}");
    let mut user = IdpUser::new(id, name, status, origin);
    let mut addresses = entry.texts("mail");
    user.email = addresses.next();
    user.aliases = addresses.collect();
    user.aliases.sort_unstable();
    user.display_name = entry.first_of(&["displayname", "cn"]);
    user.employee_id = entry.text("employeenumber");
    user.user_type = entry.text("employeetype");
    user.department = entry.first_of(&["departmentnumber", "ou"]);
    user.title = entry.text("title");
    user.start = time(entry, "pwdstarttime");
    user.end = end(entry);
    user.status_changed_at = match (off, entry.text("modifytimestamp").as_deref().and_then(generalized)) {
        // Who is switched off has been so since the entry's last change at the latest.
        (true, Some(at)) => Known::Value(at),
        (true, None) => Known::Unknown("the directory does not show when the entry changed".to_owned()),
        (false, _) => Known::Unknown("the directory keeps no time for it".to_owned()),
    };
    user.last_sign_in_at = Known::Unknown("not every LDAP server keeps last sign-ins".to_owned());
    user.second_factor = Known::Unknown("LDAP does not keep second factors".to_owned());
    Ok(user)
}

fn time(entry: &Entry, attribute: &str) -> Known<Instant> {
    match entry.text(attribute) {
        None => Known::Absent,
        Some(text) => {
            generalized(&text).map_or_else(|| Known::Unknown(format!("{attribute} is not a time")), Known::Value)
        }
    }
}

/// The earlier of the two ends that an entry may have.
fn end(entry: &Entry) -> Known<Instant> {
    let shadow = match (entry.has("shadowexpire"), entry.number("shadowexpire")) {
        (false, _) | (true, Some(..=-1)) => Known::Absent,
        // `shadow(5)`: taken for never by some programs and for 1970 by others.
        (true, Some(0)) => {
            Known::Unknown("shadowExpire is 0, which means different things to different programs".to_owned())
        }
        (true, days) => days
            .and_then(close_of_day)
            .map_or_else(|| Known::Unknown("shadowExpire is not a number of days".to_owned()), Known::Value),
    };
    match (time(entry, "pwdendtime"), shadow) {
        (Known::Value(one), Known::Value(other)) => Known::Value(one.min(other)),
        (Known::Absent, other) | (other, Known::Absent) => other,
        (Known::Value(one), _) | (_, Known::Value(one)) => Known::Value(one),
        (unknown, _) => unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;

    fn read(attributes: &[(&str, &[u8])]) -> Result<IdpUser, Unusable> {
        let mut all: Vec<(&str, &[u8])> = vec![("entryUUID", b"6F0A-1"), ("uid", b"ann")];
        all.extend(attributes);
        user(&entry("uid=ann,dc=example", &all))
    }

    #[test]
    fn a_lock_for_good_is_disabled_and_a_lockout_is_not() {
        let locked =
            read(&[("pwdAccountLockedTime", b"000001010000Z"), ("modifyTimestamp", b"20260930170000Z")]).unwrap();
        assert_eq!(locked.status, IdpStatus::Disabled);
        assert_eq!(locked.status_changed_at.value().unwrap().to_string(), "2026-09-30T17:00:00Z");
        let out = [("pwdAccountLockedTime", &b"20260930170000Z"[..])];
        assert_eq!(read(&out).unwrap().status, IdpStatus::Active);
        assert!(is_locked_out(&entry("uid=a", &out)));
        assert_eq!(read(&[("nsAccountLock", b"TRUE")]).unwrap().status, IdpStatus::Disabled);
        assert_eq!(read(&[("nsAccountLock", b"false")]).unwrap().status, IdpStatus::Active);
    }

    #[test]
    fn ends_are_read_and_never_guessed() {
        let end = |attributes: &[(&str, &[u8])]| read(attributes).unwrap().end;
        let at = |text: &str| Known::Value(text.parse().unwrap());
        assert_eq!(end(&[]), Known::Absent);
        assert_eq!(end(&[("shadowExpire", b"-1")]), Known::Absent);
        assert!(end(&[("shadowExpire", b"0")]).is_unknown());
        assert!(end(&[("shadowExpire", b"soon")]).is_unknown());
        assert_eq!(end(&[("shadowExpire", b"20361")]), at("2025-10-01T00:00:00Z"));
        assert_eq!(end(&[("shadowExpire", b"20361"), ("pwdEndTime", b"20250901000000Z")]), at("2025-09-01T00:00:00Z"));
        assert_eq!(end(&[("shadowExpire", b"0"), ("pwdEndTime", b"20250901000000Z")]), at("2025-09-01T00:00:00Z"));
        assert!(end(&[("pwdEndTime", b"never")]).is_unknown());
    }

    #[test]
    fn what_is_there_is_used() {
        let user = read(&[("mail", b"b@x"), ("mail", b"a@x"), ("cn", b"Ann B"), ("ou", b"Research")]).unwrap();
        assert_eq!((user.id.as_str(), user.user_name.as_str()), ("6f0a-1", "ann"));
        assert_eq!((user.email.as_deref(), user.aliases), (Some("b@x"), vec!["a@x".to_owned()]));
        assert_eq!((user.display_name.as_deref(), user.department.as_deref()), (Some("Ann B"), Some("Research")));
        let only_mail = entry("cn=a", &[("nsUniqueId", b"66446001-1dd211b2-8e2a93e3-0f4c0000"), ("mail", b"a@x")]);
        assert_eq!(super::user(&only_mail).unwrap().user_name, "a@x");
        assert!(super::user(&entry("cn=a", &[("uid", b"a")])).unwrap_err().reason.contains("no id"));
        assert!(super::user(&entry("cn=a", &[("entryUUID", b"1")])).unwrap_err().reason.contains("no name"));
    }
}
