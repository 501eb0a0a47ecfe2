//! `nonhuman.csv`.

use std::io;

use crate::assess::Assessment;
use crate::config::DeclaredIdentity;
use crate::evidence::by_user_name;
use crate::evidence::table::{RowWriter, Table, columns};
use crate::reconcile::PersonKind;
use crate::reconcile::entitlements::Privilege;
use crate::reconcile::people::is_named;

columns! {
    /// A declared identity that is no person.
    NonhumanRow {
        id: id "the Identity Center user; empty when the declaration matches none",
        kind: word "service or break_glass",
        owner: text "who answers for it",
        department: text "the owner's department; unknown while it is not looked up",
        purpose: text "what it is for",
        last_review: instant "when it was last reviewed; unknown without a review",
        credential_age: text "how old its credentials are; unknown while they are not read",
        last_used_at: instant "when it was last used; unknown while no log is read",
        privileged: word "yes, no or unknown",
        shared: word "whether several people use it; unknown",
        user_name: text "its sign-in name, or the pattern that matches none",
        grants: count "rows of grants.csv",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "nonhuman.csv",
    about: "declared service and break-glass identities with their owners, those that match no user included",
    sorted_by: &["kind", "user_name", "id"],
    columns: NonhumanRow::COLUMNS,
    rows,
};

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    let identities = &assessment.ledger().config().identities;
    let mut rows = of_kind(assessment, "break_glass", &identities.break_glass);
    rows.extend(of_kind(assessment, "service", &identities.service));
    rows.iter().try_for_each(|row| out.row(row))
}

fn of_kind(assessment: &Assessment<'_>, kind: &str, declared: &[DeclaredIdentity]) -> Vec<NonhumanRow> {
    let ledger = assessment.ledger();
    let mut rows = Vec::new();
    let mut matched = vec![false; declared.len()];
    for user in by_user_name(ledger) {
        let (Some(record), Some(person)) = (ledger.user(user), ledger.person_of(user)) else { continue };
        if !matches!(&person.kind, PersonKind::Service(_) | PersonKind::BreakGlass(_)) || person.kind.as_str() != kind {
            continue;
        }
        let at = declared.iter().position(|entry| is_named(entry, record));
        if let Some(slot) = at.and_then(|at| matched.get_mut(at)) {
            *slot = true;
        }
        let grants = ledger.grants().of_user(user);
        let privileges: Vec<Privilege> =
            grants.iter().map(|grant| ledger.entitlements().privilege(grant.assignment)).collect();
        let privileged = if privileges.iter().any(Privilege::is_yes) {
            "yes"
        } else if privileges.iter().any(|privilege| matches!(privilege, Privilege::Unknown(_))) {
            "unknown"
        } else {
            "no"
        };
        let (PersonKind::Service(owner) | PersonKind::BreakGlass(owner)) = &person.kind else { continue };
        rows.push(NonhumanRow {
            id: record.id.to_string(),
            privileged: privileged.to_owned(),
            user_name: record.user_name.clone(),
            grants: grants.len().to_string(),
            ..row(kind, owner, at.and_then(|at| declared.get(at)))
        });
    }
    for (entry, _) in declared.iter().zip(&matched).filter(|(_, matched)| !**matched) {
        rows.push(NonhumanRow {
            user_name: entry.user.as_str().to_owned(),
            grants: "0".to_owned(),
            ..row(kind, &entry.owner, Some(entry))
        });
    }
    rows.sort_by(|a, b| (&a.user_name, &a.id).cmp(&(&b.user_name, &b.id)));
    rows
}

fn row(kind: &str, owner: &str, entry: Option<&DeclaredIdentity>) -> NonhumanRow {
    NonhumanRow {
        kind: kind.to_owned(),
        owner: owner.to_owned(),
        department: super::unknown(),
        purpose: entry.and_then(|entry| entry.purpose.clone()).unwrap_or_default(),
        last_review: super::unknown(),
        credential_age: super::unknown(),
        last_used_at: super::unknown(),
        shared: super::unknown(),
        ..NonhumanRow::default()
    }
}
