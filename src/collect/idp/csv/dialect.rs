//! Whose export a users file is, by its header.

use crate::collect::table::{Names, Table};

/// A kind of users file.
#[derive(Debug)]
pub(super) struct Dialect {
    /// For the provenance.
    pub(super) name: &'static str,
    /// One of each of these headers tells it from the others.
    marks: &'static [&'static [&'static str]],
    /// Columns that say whether the account can be used, each by its own yes or no.
    pub(super) flags: Flags,
    /// The headers that our columns go by.
    pub(super) names: &'static [Names],
    /// What a reader should know.
    pub(super) notes: &'static [&'static str],
}

/// Columns that each answer a part of whether an account can be used.
#[derive(Debug, Clone, Copy)]
pub(super) enum Flags {
    /// They answer the same question, so that two that differ contradict each other.
    Same(&'static [&'static str]),
    /// Each is about something else, and one that is set is enough.
    Each(&'static [&'static str]),
}

/// Whether sign-in is allowed or blocked, as Microsoft's tools call it.
const SIGN_IN: Flags = Flags::Same(&["accountEnabled", "BlockCredential", "Block credential", "Block sign in"]);

const fn named(ours: &'static str, theirs: &'static [&'static str]) -> Names {
    Names { ours, theirs }
}

/// Our own header. Every other table has the same names of ours, so that any of them can be mapped.
const OWN: Dialect = Dialect {
    name: "own header",
    marks: &[&["user_name"]],
    flags: Flags::Each(&[]),
    names: &[
        named("id", &["id"]),
        named("user_name", &["user_name"]),
        named("email", &["email"]),
        named("aliases", &["aliases"]),
        named("display_name", &["display_name"]),
        named("status", &["status"]),
        named("status_changed_at", &["status_changed_at"]),
        named("employee_id", &["employee_id"]),
        named("user_type", &["user_type"]),
        named("department", &["department"]),
        named("title", &["title"]),
        named("manager", &["manager"]),
        named("start_date", &["start_date"]),
        named("end_date", &["end_date"]),
        named("last_sign_in_at", &["last_sign_in_at"]),
    ],
    notes: &[],
};

/// Entra admin centre, Users → Download users, and `Get-MgUser` or `Get-EntraUser` with `Export-Csv`. Older files call the id
/// `objectId`, newer ones `id`.
const ENTRA: Dialect = Dialect {
    name: "Entra export",
    marks: &[&["userPrincipalName"], &["accountEnabled"]],
    flags: SIGN_IN,
    names: &[
        named("id", &["objectId", "id"]),
        named("user_name", &["userPrincipalName"]),
        named("email", &["mail"]),
        // `alternateEmailAddress` is not an alias: nobody has verified it, and links may rest on aliases.
        named("aliases", &["proxyAddresses"]),
        named("display_name", &["displayName"]),
        named("status", &["accountEnabled"]),
        named("status_changed_at", &[]),
        named("employee_id", &["employeeId"]),
        named("user_type", &["userType"]),
        named("department", &["department"]),
        named("title", &["jobTitle"]),
        named("manager", &["manager"]),
        named("start_date", &["employeeHireDate"]),
        named("end_date", &["employeeLeaveDateTime"]),
        named("last_sign_in_at", &["lastSignInDateTime", "signInActivity.lastSignInDateTime"]),
        named("first_name", &["givenName"]),
        named("last_name", &["surname"]),
        named("deleted_at", &["deletedDateTime"]),
    ],
    notes: &[],
};

/// Microsoft 365 admin center, Active users → Export users.
const MICROSOFT_365: Dialect = Dialect {
    name: "Microsoft 365 admin center export",
    marks: &[&["User principal name"], &["Block credential"]],
    flags: SIGN_IN,
    names: &[
        named("id", &["Object Id"]),
        named("user_name", &["User principal name"]),
        named("email", &[]),
        named("aliases", &["Proxy addresses"]),
        named("display_name", &["Display name"]),
        named("status", &["Block credential"]),
        named("status_changed_at", &[]),
        named("employee_id", &[]),
        named("user_type", &[]),
        named("department", &["Department"]),
        named("title", &["Title"]),
        named("manager", &[]),
        named("start_date", &[]),
        named("end_date", &[]),
        named("last_sign_in_at", &[]),
        named("first_name", &["First name"]),
        named("last_name", &["Last name"]),
        named("deleted_at", &["Soft deletion time stamp"]),
    ],
    notes: &[],
};

/// `Get-MsolUser` of the MSOnline module with `Export-Csv`.
const MSONLINE: Dialect = Dialect {
    name: "Get-MsolUser export",
    marks: &[&["UserPrincipalName"], &["BlockCredential"]],
    flags: SIGN_IN,
    names: &[
        named("id", &["ObjectId"]),
        named("user_name", &["UserPrincipalName"]),
        named("email", &[]),
        named("aliases", &["ProxyAddresses"]),
        named("display_name", &["DisplayName"]),
        named("status", &["BlockCredential"]),
        named("status_changed_at", &[]),
        named("employee_id", &[]),
        named("user_type", &["UserType"]),
        named("department", &["Department"]),
        named("title", &["Title"]),
        named("manager", &[]),
        named("start_date", &[]),
        named("end_date", &[]),
        named("last_sign_in_at", &[]),
        named("first_name", &["FirstName"]),
        named("last_name", &["LastName"]),
        named("deleted_at", &["SoftDeletionTimestamp"]),
    ],
    notes: &[],
};

/// GAM, `gam print users`, with the field names of Google's Directory API.
const GAM: Dialect = Dialect {
    name: "GAM export",
    marks: &[&["primaryEmail"], &["suspended"]],
    flags: Flags::Each(&["suspended", "archived"]),
    names: &[
        named("id", &["id"]),
        named("user_name", &["primaryEmail"]),
        named("email", &["primaryEmail"]),
        // GAM's `aliases` is how many there are.
        named("aliases", &[]),
        named("display_name", &["name.fullName"]),
        named("status", &["suspended"]),
        named("status_changed_at", &[]),
        named("employee_id", &[]),
        named("user_type", &[]),
        named("department", &["organizations.0.department"]),
        named("title", &["organizations.0.title"]),
        named("manager", &[]),
        named("start_date", &[]),
        named("end_date", &[]),
        named("last_sign_in_at", &["lastLoginTime"]),
        named("first_name", &["name.givenName"]),
        named("last_name", &["name.familyName"]),
        named("deleted_at", &["deletionTime"]),
    ],
    notes: &[],
};

/// Okta: the admin console's reports, and exports of the Users API with its field names.
const OKTA: Dialect = Dialect {
    name: "Okta export",
    marks: &[
        &["login", "profile.login", "Okta username", "Username"],
        &["id", "User Id", "Okta user id"],
        &["status", "Okta status", "User status", "Okta user status"],
    ],
    flags: Flags::Each(&[]),
    names: &[
        named("id", &["User Id", "Okta user id", "id"]),
        named("user_name", &["login", "profile.login", "Okta username", "Username"]),
        named("email", &["Primary email", "email", "profile.email"]),
        // The second email is for recovery, and often private.
        named("aliases", &[]),
        named("display_name", &["displayName", "profile.displayName", "Display name", "User full name"]),
        named("status", &["Okta status", "Okta user status", "User status", "status"]),
        named("status_changed_at", &["statusChanged", "Status changed", "Status change date"]),
        named("employee_id", &["employeeNumber", "profile.employeeNumber", "Employee number"]),
        named("user_type", &["userType", "profile.userType", "User type"]),
        named("department", &["department", "profile.department"]),
        named("title", &["title", "profile.title"]),
        named("manager", &["manager", "profile.manager", "managerId", "profile.managerId"]),
        named("start_date", &[]),
        named("end_date", &[]),
        named("last_sign_in_at", &["lastLogin", "Last login", "Last login date"]),
        named("first_name", &["firstName", "profile.firstName", "First name"]),
        named("last_name", &["lastName", "profile.lastName", "Last name"]),
    ],
    notes: &[],
};

/// Google Workspace admin console, Users → Download users.
const GOOGLE: Dialect = Dialect {
    name: "Google export",
    marks: &[&["Email Address [Required]"], &["Status [READ ONLY]"]],
    flags: Flags::Each(&[]),
    names: &[
        named("id", &["Email Address [Required]"]),
        named("user_name", &["Email Address [Required]"]),
        named("email", &["Email Address [Required]"]),
        named("aliases", &[]),
        named("display_name", &[]),
        named("status", &["Status [READ ONLY]"]),
        named("status_changed_at", &[]),
        named("employee_id", &["Employee ID"]),
        named("user_type", &["Employee Type"]),
        named("department", &["Department"]),
        named("title", &["Employee Title"]),
        named("manager", &["Manager Email"]),
        named("start_date", &[]),
        named("end_date", &[]),
        named("last_sign_in_at", &["Last Sign In [READ ONLY]"]),
        named("first_name", &["First Name [Required]"]),
        named("last_name", &["Last Name [Required]"]),
    ],
    notes: &[
        "the Google export has no immutable id, so the email address stands for it: a renamed account looks like another \
         one, and an address given to someone else like the same",
    ],
};

const KNOWN: [&Dialect; 7] = [&OWN, &ENTRA, &MICROSOFT_365, &MSONLINE, &GAM, &GOOGLE, &OKTA];

/// The kind of users file that has this header; without any vendor's marks, our own.
pub(super) fn recognise(table: &Table<'_>) -> &'static Dialect {
    KNOWN
        .into_iter()
        .find(|dialect| dialect.marks.iter().all(|any| any.iter().any(|name| table.has(name))))
        .unwrap_or(&OWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::columns::USER_COLUMNS;

    #[test]
    fn every_dialect_knows_every_column_of_ours() {
        for dialect in KNOWN {
            let ours: Vec<_> = dialect.names.iter().map(|name| name.ours).take(USER_COLUMNS.len()).collect();
            assert_eq!(ours, USER_COLUMNS, "{}", dialect.name);
        }
    }
}
