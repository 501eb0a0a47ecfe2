//! Whose export a users file is, by its header.

use crate::collect::table::{Names, Table};

/// A kind of users file.
#[derive(Debug)]
pub(super) struct Dialect {
    /// For the provenance.
    pub(super) name: &'static str,
    /// One of each of these headers tells it from the others.
    marks: &'static [&'static [&'static str]],
    /// The headers that our columns go by.
    pub(super) names: &'static [Names],
    /// What a reader should know.
    pub(super) notes: &'static [&'static str],
}

const fn named(ours: &'static str, theirs: &'static [&'static str]) -> Names {
    Names { ours, theirs }
}

/// Our own header. Every other table has the same names of ours, so that any of them can be mapped.
const OWN: Dialect = Dialect {
    name: "own header",
    marks: &[&["user_name"]],
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

/// Entra admin centre, Users → Download users. Older files call the id `objectId`, newer ones `id`.
const ENTRA: Dialect = Dialect {
    name: "Entra export",
    marks: &[&["userPrincipalName"], &["accountEnabled"]],
    names: &[
        named("id", &["objectId", "id"]),
        named("user_name", &["userPrincipalName"]),
        named("email", &["mail"]),
        // `alternateEmailAddress` is not an alias: nobody has verified it, and links may rest on aliases.
        named("aliases", &[]),
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

/// The kind of users file that has this header; without any vendor's marks, our own.
pub(super) fn recognise(table: &Table<'_>) -> &'static Dialect {
    const KNOWN: [&Dialect; 4] = [&OWN, &ENTRA, &GOOGLE, &OKTA];
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
        for dialect in [&OWN, &ENTRA, &GOOGLE, &OKTA] {
            let ours: Vec<_> = dialect.names.iter().map(|name| name.ours).take(USER_COLUMNS.len()).collect();
            assert_eq!(ours, USER_COLUMNS, "{}", dialect.name);
        }
    }
}
