//! Whose header the approvals have: our own, or that of a tool for temporary access.

use crate::collect::table::{Names, Table};
use crate::config::ApprovalDialect;

/// A kind of approvals file.
#[derive(Debug)]
pub(super) struct Dialect {
    /// How the provenance calls it.
    pub(super) name: &'static str,
    /// Whose it is; none for our own.
    pub(super) tool: Option<ApprovalDialect>,
    /// The columns of ours that must be there; if nobody said whose the file is, they tell by their names.
    pub(super) required: &'static [&'static str],
    /// Our columns, [`APPROVAL_COLUMNS`](crate::config::columns::APPROVAL_COLUMNS) first, then what only exports have.
    pub(super) names: &'static [Names],
}

const fn named(ours: &'static str, theirs: &'static [&'static str]) -> Names {
    Names { ours, theirs }
}

/// Our own header.
pub(super) static OWN: Dialect = Dialect {
    name: "own header",
    tool: None,
    required: &["user", "account", "permission_set"],
    names: &[
        named("user", &["user"]),
        named("account", &["account"]),
        named("permission_set", &["permission_set"]),
        named("requested_by", &["requested_by"]),
        named("approved_by", &["approved_by"]),
        named("approved_at", &["approved_at"]),
        named("reference", &["reference"]),
        named("status", &["status"]),
        named("starts_at", &["starts_at"]),
        named("ends_at", &["ends_at"]),
    ],
};

/// AWS TEAM: the fields of its type `requests` (aws-samples/iam-identity-center-team, `schema.graphql`).
static AWS_TEAM: Dialect = Dialect {
    name: "AWS TEAM requests",
    tool: Some(ApprovalDialect::AwsTeam),
    required: &["user", "account", "permission_set", "status", "starts_at", "duration"],
    names: &[
        named("user", &["email", "username"]),
        named("account", &["accountId"]),
        named("permission_set", &["role"]),
        named("requested_by", &["email", "username"]),
        named("approved_by", &["approver"]),
        // What changes last is the end, not the approval.
        named("approved_at", &[]),
        named("reference", &["ticketNo"]),
        named("status", &["status"]),
        named("starts_at", &["startTime"]),
        named("ends_at", &["endTime"]),
        named("duration", &["duration"]),
        named("request", &["id"]),
        named("changed_at", &["updatedAt"]),
    ],
};

/// SSO Elevator: its audit entries, as a query over them exports (fivexl/terraform-aws-sso-elevator, `AuditEntry`).
static SSO_ELEVATOR: Dialect = Dialect {
    name: "SSO Elevator audit entries",
    tool: Some(ApprovalDialect::SsoElevator),
    required: &["user", "account", "permission_set", "status", "starts_at", "duration"],
    names: &[
        named("user", &["requester_email"]),
        named("account", &["account_id"]),
        named("permission_set", &["role_name"]),
        named("requested_by", &["requester_email"]),
        named("approved_by", &["approver_email"]),
        // An entry is written when the request was approved and the access is given.
        named("approved_at", &["timestamp", "time"]),
        named("reference", &["request_id"]),
        named("status", &["operation_type"]),
        named("starts_at", &["timestamp", "time"]),
        named("ends_at", &[]),
        named("duration", &["permission_duration"]),
        named("entry_kind", &["audit_entry_type"]),
        named("group", &["group_name"]),
        named("group_id", &["group_id"]),
    ],
};

/// The kind that the config names.
pub(super) fn of(tool: ApprovalDialect) -> &'static Dialect {
    match tool {
        ApprovalDialect::AwsTeam => &AWS_TEAM,
        ApprovalDialect::SsoElevator => &SSO_ELEVATOR,
    }
}

/// The kind of file that has this header; without all that a tool's has, our own.
pub(super) fn recognise(table: &Table<'_>) -> &'static Dialect {
    let has = |dialect: &Dialect, ours: &&str| {
        let names = dialect.names.iter().find(|name| name.ours == *ours);
        names.is_some_and(|names| names.theirs.iter().any(|name| table.has(name)))
    };
    let known = [&AWS_TEAM, &SSO_ELEVATOR];
    known.into_iter().find(|dialect| dialect.required.iter().all(|ours| has(dialect, ours))).unwrap_or(&OWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::columns::APPROVAL_COLUMNS;

    #[test]
    fn every_dialect_knows_every_column_of_ours() {
        for dialect in [&OWN, &AWS_TEAM, &SSO_ELEVATOR] {
            let ours: Vec<_> = dialect.names.iter().map(|name| name.ours).take(APPROVAL_COLUMNS.len()).collect();
            assert_eq!(ours, APPROVAL_COLUMNS, "{}", dialect.name);
        }
    }
}
