//! Active Directory, and Samba as a domain controller.
//!
//! | fact | from |
//! |---|---|
//! | switched off | bit 2 of `userAccountControl` (MS-ADTS, 2.2.16); a lockout after wrong passwords is no end of access |
//! | since when | the last change of `userAccountControl` in `replPropertyMetaData`: not after it, as other bits may change later |
//! | leaves at | `accountExpires` |
//! | deleted | entries below `CN=Deleted Objects`, shown by a control of its own (MS-ADTS, 3.1.1.3.4.1.14) |

mod binary;

use super::dn::Dn;
use super::entry::Entry;
use super::failure::Failure;
use super::groups::Groups;
use super::search::{self, Query};
use super::session::Session;
use super::time::{FileTime, file_time};
use super::users::{Unusable, Users, id, sign_in_name};
use crate::collect::idp::microsoft::proxy_addresses;
use crate::model::id::{IdpGroupId, IdpUserId};
use crate::model::person::IdKey;
use crate::model::{IdpStatus, IdpUser, Instant, Known};

/// Users who are people or services; computers are of another category.
const USERS_FILTER: &str = "(&(objectCategory=person)(objectClass=user))";
/// Those of them who are switched off, by the rule that compares bits (MS-ADTS, 3.1.1.3.4.4.1).
const DISABLED_FILTER: &str =
    "(&(objectCategory=person)(objectClass=user)(userAccountControl:1.2.840.113556.1.4.803:=2))";
const GROUPS_FILTER: &str = "(objectCategory=group)";
/// What is deleted has lost its category.
const DELETED_FILTER: &str = "(&(isDeleted=TRUE)(objectClass=user)(!(objectClass=computer)))";
/// Shows deleted entries as well.
const SHOW_DELETED: &str = "1.2.840.113556.1.4.417";
/// `ADS_UF_ACCOUNTDISABLE`.
const DISABLED: i64 = 2;

const USER: &[&str] = &[
    "objectGUID",
    "mS-DS-ConsistencyGuid",
    "userPrincipalName",
    "sAMAccountName",
    "mail",
    "proxyAddresses",
    "displayName",
    "employeeID",
    "employeeNumber",
    "employeeType",
    "department",
    "title",
    "manager",
    "userAccountControl",
    "accountExpires",
    "primaryGroupID",
];
const DELETED: &[&str] = &[
    "objectGUID",
    "mS-DS-ConsistencyGuid",
    "userPrincipalName",
    "sAMAccountName",
    "mail",
    "proxyAddresses",
    "displayName",
    "employeeID",
    "employeeNumber",
    "lastKnownParent",
    "replPropertyMetaData",
];

/// The questions about users.
pub(super) fn users_query(base: &str) -> Query<'_> {
    Query { attributes: USER, ..Query::new("ldap:users", base, USERS_FILTER) }
}

/// The question about groups. They are looked for in the whole domain: a group may have its users elsewhere.
pub(super) fn groups_query(domain: &str) -> Query<'_> {
    Query {
        attributes: &["objectGUID", "objectSid", "cn", "sAMAccountName", "member"],
        ..Query::new("ldap:groups", domain, GROUPS_FILTER)
    }
}

/// The question about deleted users; `container` as [`deleted_objects`] gives it.
pub(super) fn deleted_query(container: &str) -> Query<'_> {
    Query {
        attributes: DELETED,
        control: Some(SHOW_DELETED),
        ..Query::new("ldap:deleted users", container, DELETED_FILTER)
    }
}

/// Where a domain keeps what was deleted.
pub(super) fn deleted_objects(domain: &str) -> String {
    format!("CN=Deleted Objects,{domain}")
}

/// Reads the users below `base`.
pub(super) async fn users(session: &mut Session, base: &str, users: &mut Users) -> Result<u64, Failure> {
    let domain = domain_name(session, base);
    search::each(session, &users_query(base), |entry| {
        let user = user(&entry, &domain);
        let group = entry.number("primarygroupid").and_then(|group| u32::try_from(group).ok());
        if let (Ok(user), Some(group)) = (&user, group) {
            users.in_primary_group(&user.id, group);
        }
        users.add(&entry, user)
    })
    .await
}

/// Reads since when users are switched off. It is asked for them alone, as each answer is some kilobytes.
pub(super) async fn since(session: &mut Session, base: &str, users: &mut Users) -> Result<u64, Failure> {
    let query = Query {
        attributes: &["objectGUID", "replPropertyMetaData"],
        ..Query::new("ldap:change times", base, DISABLED_FILTER)
    };
    search::each(session, &query, |entry| {
        let Ok(id) = guid_of(&entry) else { return true };
        let changed = changed_at(&entry, binary::USER_ACCOUNT_CONTROL);
        match users.get_mut(&id) {
            // Whoever was switched on or off while reading is told as first seen, without a time.
            Some(user) if user.status == IdpStatus::Disabled => {
                user.status_changed_at = changed;
                true
            }
            _ => true,
        }
    })
    .await
}

/// Reads deleted users who were below `base`; gives how many there were elsewhere.
pub(super) async fn deleted(
    session: &mut Session,
    base: &str,
    domain: &str,
    users: &mut Users,
) -> Result<u64, Failure> {
    let (name, base) = (domain_name(session, base), Dn::of(base));
    let container = deleted_objects(domain);
    let mut elsewhere = 0;
    search::each(session, &deleted_query(&container), |entry| {
        // The parent may be deleted as well, and then its own place is not known.
        let parent = entry.text("lastknownparent").filter(|parent| !parent.contains("DEL:"));
        if parent.is_some_and(|parent| !Dn::of(&parent).is_within(&base)) {
            elsewhere += 1;
            return true;
        }
        users.add(&entry, deleted_user(&entry, &name))
    })
    .await?;
    Ok(elsewhere)
}

/// Reads the groups of `domain`.
pub(super) async fn groups(
    session: &mut Session,
    domain: &str,
    users: &Users,
    groups: &mut Groups,
) -> Result<u64, Failure> {
    let mut broken = 0;
    let referrals = search::each(session, &groups_query(domain), |entry| {
        let Some(id) = group_id(&entry) else {
            broken += 1;
            return broken == 1;
        };
        let name = entry.first_of(&["cn", "samaccountname"]).unwrap_or_else(|| id.to_string());
        if !groups.add(&entry, &id, name) {
            return false;
        }
        if let Some(next) = groups.members(&entry, &id, "member", users) {
            groups.goes_on(&id, &entry, next);
        }
        if let Some(number) = entry.bytes("objectsid").and_then(binary::relative_id) {
            groups.primary_members(&id, number, users);
        }
        true
    })
    .await?;
    if broken > 0 {
        return Err(Failure::malformed("groups have no objectGUID that can be read"));
    }
    Ok(referrals)
}

fn group_id(entry: &Entry) -> Option<IdpGroupId> {
    entry.bytes("objectguid").and_then(binary::guid)?.parse().ok()
}

/// The domain's DNS name, which Active Directory puts behind the names of users who have no principal name of their own.
fn domain_name(session: &Session, base: &str) -> String {
    let of = |dn: &str| Dn::of(dn).domain();
    session.root.domain.as_deref().and_then(of).or_else(|| of(base)).unwrap_or_default()
}

fn guid_of(entry: &Entry) -> Result<IdpUserId, Unusable> {
    id(entry.bytes("objectguid").and_then(binary::guid))
}

fn changed_at(entry: &Entry, attribute: u32) -> Known<Instant> {
    match entry.bytes("replpropertymetadata").and_then(|bytes| binary::last_change(bytes, attribute)) {
        Some(at) => Known::Value(at),
        None => Known::Unknown("the directory does not show when it changed (replPropertyMetaData)".to_owned()),
    }
}

/// What live and deleted entries have in common.
fn person(entry: &Entry, domain: &str, status: IdpStatus) -> Result<IdpUser, Unusable> {
    let id = guid_of(entry)?;
    let account = entry.text("samaccountname").map(|name| format!("{name}@{domain}"));
    let name = sign_in_name(entry.text("userprincipalname").or(account))?;
    let origin = format!("LDAP, objectGUID {id}");
    let mut user = IdpUser::new(id, name, status, origin);
    let (primary, mut aliases) = addresses(entry);
    user.email = entry.text("mail").or(primary);
    aliases.retain(|alias| Some(alias) != user.email.as_ref());
    user.aliases = aliases;
    user.display_name = entry.text("displayname");
    user.employee_id = entry.first_of(&["employeeid", "employeenumber"]);
    user.last_sign_in_at =
        Known::Unknown("Active Directory replicates last sign-ins only every 9 to 14 days".to_owned());
    user.second_factor = Known::Unknown("Active Directory does not keep second factors".to_owned());
    user.start = Known::Absent;
    // What Entra Connect makes `onPremisesImmutableId` of: the attribute that stays when a user moves to another forest,
    // and before it is there the object's own id (Microsoft Entra Connect, "Design concepts", source anchor).
    let anchor = entry.bytes("ms-ds-consistencyguid").or_else(|| entry.bytes("objectguid"));
    user.keys.extend(anchor.map(|anchor| (IdKey::OnPremisesImmutableId, data_encoding::BASE64.encode(anchor))));
    Ok(user)
}

fn user(entry: &Entry, domain: &str) -> Result<IdpUser, Unusable> {
    let control = entry.number("useraccountcontrol").ok_or(Unusable {
        reason: "whether a user is switched off can't be seen (userAccountControl)",
        hint: "let the user of bind_dn read userAccountControl",
    })?;
    let status = if control & DISABLED == 0 { IdpStatus::Active } else { IdpStatus::Disabled };
    let mut user = person(entry, domain, status)?;
    user.department = entry.text("department");
    user.title = entry.text("title");
    user.user_type = entry.text("employeetype");
    user.end = match entry.number("accountexpires").map(file_time) {
        Some(Some(FileTime::At(at))) => Known::Value(at),
        Some(Some(FileTime::Never)) => Known::Absent,
        Some(None) => Known::Unknown("accountExpires is not a time".to_owned()),
        None => Known::Unknown("accountExpires can't be seen".to_owned()),
    };
    if status == IdpStatus::Active {
        user.status_changed_at = Known::Unknown("asked for switched-off users only".to_owned());
    }
    Ok(user)
}

fn deleted_user(entry: &Entry, domain: &str) -> Result<IdpUser, Unusable> {
    let mut user = person(entry, domain, IdpStatus::Deleted)?;
    user.status_changed_at = changed_at(entry, binary::IS_DELETED);
    user.end = Known::Unknown("gone with the deletion".to_owned());
    user.start = Known::Unknown("gone with the deletion".to_owned());
    Ok(user)
}

/// The primary address and all others, from `proxyAddresses`.
fn addresses(entry: &Entry) -> (Option<String>, Vec<String>) {
    let read = proxy_addresses(entry.texts("proxyaddresses"));
    (read.primary, read.all)
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;

    const GUID: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    fn read(attributes: &[(&str, &[u8])]) -> Result<IdpUser, Unusable> {
        let mut all: Vec<(&str, &[u8])> = vec![("objectGUID", &GUID)];
        all.extend(attributes);
        user(&entry("CN=a,DC=corp,DC=example", &all), "corp.example")
    }

    #[test]
    fn a_full_user_is_read() {
        let user = read(&[
            ("userPrincipalName", b"ann@example.com"),
            ("sAMAccountName", b"ann"),
            ("mail", b"ann.b@example.com"),
            ("proxyAddresses", b"smtp:a@example.com"),
            ("proxyAddresses", b"SMTP:ann.b@example.com"),
            ("proxyAddresses", b"X500:/o=x"),
            ("employeeNumber", b"17"),
            ("employeeType", b"Contractor"),
            ("userAccountControl", b"66048"),
            ("accountExpires", b"134040960000000000"),
        ])
        .unwrap();
        assert_eq!(user.id.as_str(), "03020100-0504-0706-0809-0a0b0c0d0e0f");
        assert_eq!(user.user_name, "ann@example.com");
        assert_eq!(user.email.as_deref(), Some("ann.b@example.com"));
        assert_eq!(user.aliases, ["a@example.com"]);
        assert_eq!(user.employee_id.as_deref(), Some("17"));
        assert_eq!(user.user_type.as_deref(), Some("Contractor"));
        assert_eq!(user.status, IdpStatus::Active);
        assert_eq!(user.end.value().unwrap().to_string(), "2025-10-05T00:00:00Z");
        assert_eq!(user.keys, [(IdKey::OnPremisesImmutableId, "AAECAwQFBgcICQoLDA0ODw==".to_owned())]);
        assert!(user.last_sign_in_at.is_unknown());
    }

    #[test]
    fn only_the_bit_for_disabled_counts() {
        let status =
            |control: &[u8]| read(&[("sAMAccountName", b"a"), ("userAccountControl", control)]).unwrap().status;
        assert_eq!(status(b"514"), IdpStatus::Disabled);
        assert_eq!(status(b"66050"), IdpStatus::Disabled);
        // Locked out, password expired.
        assert_eq!(status(b"528"), IdpStatus::Active);
        assert_eq!(status(b"8389120"), IdpStatus::Active);
    }

    #[test]
    fn missing_attributes_are_not_guessed() {
        let user = read(&[("sAMAccountName", b"svc"), ("userAccountControl", b"512")]).unwrap();
        assert_eq!(user.user_name, "svc@corp.example");
        assert!(user.end.is_unknown() && user.email.is_none() && user.aliases.is_empty());
        assert!(read(&[("sAMAccountName", b"a")]).unwrap_err().reason.contains("userAccountControl"));
        assert!(read(&[("userAccountControl", b"512")]).unwrap_err().reason.contains("no name"));
        let nobody = entry("CN=a", &[("sAMAccountName", b"a"), ("userAccountControl", b"512")]);
        assert!(super::user(&nobody, "x").unwrap_err().reason.contains("no id"));
    }

    #[test]
    fn an_anchor_of_its_own_comes_before_the_guid() {
        let user =
            read(&[("sAMAccountName", b"a"), ("userAccountControl", b"512"), ("mS-DS-ConsistencyGuid", &[9; 16])]);
        assert_eq!(user.unwrap().keys, [(IdKey::OnPremisesImmutableId, "CQkJCQkJCQkJCQkJCQkJCQ==".to_owned())]);
    }
}
