//! `grants.csv`.

use std::io;

use super::{known, list, text};
use crate::assess::{Assessment, FindingStatus};
use crate::evidence::by_user_name;
use crate::evidence::table::{RowWriter, Table, columns};
use crate::model::finding::{GrantKey, Severity};
use crate::model::{Fact, IdpUser};
use crate::reconcile::entitlements::Privilege;
use crate::reconcile::policy::Policy;
use crate::reconcile::{Approvals, Counterparts, LastUse, Ledger};
use crate::snapshot::Coverage;

columns! {
    /// A person holds an entitlement by one path.
    GrantRow {
        grant_id: id "digest of instance, plane, principal, account, entitlement and user",
        person_type: word "human, service, break_glass or unknown",
        user_id: id "the Identity Center user",
        user_name: text "its sign-in name",
        display_name: text "its name for people",
        email: text "its address",
        employee_id: id "the number in HR, as the identity provider or HR has it",
        user_type: word "as the identity provider has it",
        standing: word "active, not_started, suspended, disabled, deleted, ended, orphan or unknown",
        idp_status: word "the linked identity provider record's status",
        idc_status: word "enabled, disabled or unknown in Identity Center",
        link_method: word "the rung that linked the user to the identity provider: declared, target_id, external_id, user_name, email, ambiguous or none",
        manager: text "as the identity provider has it",
        department: text "as the identity provider has it",
        title: text "as the identity provider has it",
        via: word "direct or group",
        group_id: id "the group, when via a group",
        group_name: text "its name",
        plane: word "how AWS grants it",
        account_id: id "the account",
        account_name: text "its name",
        account_class: word "management, delegated_admin, security or workload",
        permission_set_name: text "the permission set's name",
        permission_set_arn: id "the permission set",
        role_arn: id "the IAM role, where the plane gives one",
        tier: word "none, read, write, power, admin or unknown",
        privileged: word "yes, no or unknown",
        privileged_rule: text "why it is privileged, or why that is unknown",
        granted_at: instant "when it was given; for a group path when the membership was made",
        granted_at_basis: word "membership or unknown",
        granted_by: text "who made the membership",
        approval_ref: text "the approval, none where the approvals have none for it, or unknown while they are not read whole",
        expires_at: instant "the end that policy sets, else the approval; or the end of the membership at the identity provider, where that is earlier",
        last_used_at: instant "when it was last used; empty when it certainly was not since it was given",
        last_used_state: word "used, never_observed, not_collected or outside_horizon",
        policy_entry: text "the [[access]] entry that allows it, none, or unknown",
        new_since_last_review: word "yes, no or unknown",
        prior_decision: word "what the last review decided; unknown without one",
        findings: list "rules with a finding about it",
        risk: word "the worst severity of an open finding about it, or none",
        recommendation: word "keep, review or revoke",
        recommendation_reason: text "why",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "grants.csv",
    about: "who can reach what: one row per person, entitlement and path, disabled users and closed accounts included",
    sorted_by: &["user_name", "user_id", "account_id", "permission_set_arn", "group_id"],
    columns: GrantRow::COLUMNS,
    rows,
};

/// The same, privileged rows only.
pub(super) static PRIVILEGED: Table = Table {
    file: "privileged.csv",
    about: "the rows of grants.csv that are privileged",
    sorted_by: TABLE.sorted_by,
    columns: GrantRow::COLUMNS,
    rows: privileged_rows,
};

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    write_rows(assessment, out, |_| true)
}

fn privileged_rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    write_rows(assessment, out, Privilege::is_yes)
}

fn write_rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>, wanted: fn(&Privilege) -> bool) -> io::Result<()> {
    let ledger = assessment.ledger();
    let judge = Judge {
        policy: Policy::new(ledger),
        approvals: Approvals::new(ledger),
        counterparts: Counterparts::new(ledger),
    };
    for user in by_user_name(ledger) {
        let person = PersonCells::new(ledger, user, &judge.policy);
        for grant in ledger.grants().of_user(user) {
            if !wanted(&ledger.entitlements().privilege(grant.assignment)) {
                continue;
            }
            if let Some(row) = row(assessment, &judge, &person, grant) {
                out.row(&row)?;
            }
        }
    }
    Ok(())
}

/// What grants are held against.
struct Judge<'a> {
    policy: Policy<'a>,
    approvals: Approvals<'a>,
    counterparts: Counterparts<'a>,
}

/// What is the same in all rows of a user, made once.
struct PersonCells<'a> {
    common: GrantRow,
    entries: Vec<&'a crate::config::AccessEntry>,
    judged: bool,
}

impl<'a> PersonCells<'a> {
    fn new(ledger: &Ledger<'a>, user: u32, policy: &Policy<'a>) -> Self {
        let (Some(record), Some(person)) = (ledger.user(user), ledger.person_of(user)) else {
            return Self { common: GrantRow::default(), entries: Vec::new(), judged: false };
        };
        let linked: Vec<&IdpUser> = person.idp_users.iter().filter_map(|at| ledger.idp_user(*at)).collect();
        let first = |get: fn(&IdpUser) -> Option<&str>| text(linked.iter().find_map(|user| get(user)));
        let hr_number = person
            .hr_records
            .iter()
            .find_map(|at| ledger.snapshot().hr()?.records.get(*at as usize)?.employee_id.as_deref());
        let employee_id = linked.iter().find_map(|user| user.employee_id.as_deref()).or(hr_number);
        let groups_read = ledger.snapshot().coverage(Fact::IdpGroups) == Coverage::Complete;
        let judged = groups_read && !ledger.config().access.is_empty() && !linked.is_empty();
        let common = GrantRow {
            person_type: person.kind.as_str().to_owned(),
            user_id: record.id.to_string(),
            user_name: record.user_name.clone(),
            display_name: text(record.display_name.as_deref()),
            email: text(record.email.as_deref()),
            employee_id: text(employee_id),
            user_type: first(|user| user.user_type.as_deref()),
            standing: person.standing.standing.as_str().to_owned(),
            idp_status: list(linked.iter().map(|user| user.status_word())),
            idc_status: known(&record.status.map(|status| status.as_str())),
            link_method: super::identities::link_method(ledger, user),
            manager: first(|user| user.manager.as_deref()),
            department: first(|user| user.department.as_deref()),
            title: first(|user| user.title.as_deref()),
            ..GrantRow::default()
        };
        let entries = if judged { policy.matching(ledger, person) } else { Vec::new() };
        Self { common, entries, judged }
    }
}

fn row(assessment: &Assessment<'_>, judge: &Judge<'_>, person: &PersonCells<'_>, key: GrantKey) -> Option<GrantRow> {
    let (ledger, policy) = (assessment.ledger(), &judge.policy);
    let grant = ledger.grant(key)?;
    let account = ledger.account_of(key)?;
    let set = ledger.set_of(key);
    let (privileged, privileged_rule) = match ledger.entitlements().privilege(key.assignment) {
        Privilege::Yes(why) => ("yes", why),
        Privilege::No => ("no", String::new()),
        Privilege::Unknown(why) => ("unknown", why),
    };
    let granted_at = grant.membership.and_then(|membership| membership.created_at.value());
    let entry = policy.allowing(ledger, &person.entries, key);
    let judged = person.judged && (entry.is_some() || !policy.may_allow(ledger, &person.entries, key));
    let approval = judge.approvals.best(ledger, key);
    let end = entry.and_then(|entry| entry.expires).or(approval.and_then(|approval| approval.until));
    let activation = ledger.person_of(key.user).and_then(|who| judge.counterparts.activation(ledger, who, key));
    let end = end.into_iter().chain(activation.map(|activation| activation.until)).min();
    let open: Vec<_> = assessment.findings_about(key).collect();
    let last_use = ledger.last_use(key);
    let worst = open.iter().filter(|a| a.status == FindingStatus::Open).map(|a| a.finding.severity).max();
    let (recommendation, recommendation_reason) = recommend(assessment, key, worst, entry.is_some(), judged);
    Some(GrantRow {
        grant_id: ledger.grant_id(key),
        via: if grant.group.is_some() { "group" } else { "direct" }.to_owned(),
        group_id: text(grant.group.map(|group| group.id.as_str())),
        group_name: text(grant.group.map(|group| group.name.as_str())),
        plane: grant.assignment.plane().as_str().to_owned(),
        account_id: account.id.to_string(),
        account_name: text(account.listed.map(|account| account.name.as_str())),
        account_class: account.class.as_str().to_owned(),
        permission_set_name: set.map_or_else(super::unknown, |set| known(&set.set.name)),
        permission_set_arn: grant.assignment.permission_set.to_string(),
        tier: set.map_or("unknown", |set| set.tier.as_str()).to_owned(),
        privileged: privileged.to_owned(),
        privileged_rule,
        granted_at: granted_at.map_or_else(super::unknown, ToString::to_string),
        granted_at_basis: if granted_at.is_some() { "membership" } else { "unknown" }.to_owned(),
        granted_by: grant
            .membership
            .map_or_else(super::unknown, |m| m.created_by.clone().unwrap_or_else(super::unknown)),
        approval_ref: match approval {
            Some(approval) => approval.name().to_owned(),
            None if ledger.snapshot().coverage(Fact::Approvals) == Coverage::Complete => "none".to_owned(),
            None => super::unknown(),
        },
        expires_at: end.map_or_else(String::new, |end| end.to_string()),
        last_used_at: match last_use {
            LastUse::Used(at) => at.to_string(),
            LastUse::NeverObserved(_) => String::new(),
            LastUse::OutsideHorizon | LastUse::NotCollected => super::unknown(),
        },
        last_used_state: last_use.as_str().to_owned(),
        policy_entry: match (entry, judged) {
            (Some(entry), _) => format!("[[access]] {}", entry.number),
            (None, true) => "none".to_owned(),
            (None, false) => super::unknown(),
        },
        new_since_last_review: super::unknown(),
        prior_decision: super::unknown(),
        findings: list(open.iter().map(|assessed| assessed.finding.rule)),
        risk: worst.map_or("none", Severity::as_str).to_owned(),
        recommendation: recommendation.to_owned(),
        recommendation_reason,
        ..person.common.clone()
    })
}

/// Revoke only on certain grounds, keep only where policy allows it and nothing speaks against it; else somebody decides.
fn recommend(
    assessment: &Assessment<'_>,
    key: GrantKey,
    worst: Option<Severity>,
    allowed: bool,
    judged: bool,
) -> (&'static str, String) {
    const GROUNDS: [&str; 6] = [
        "leaver-holds-access",
        "disabled-account-holds-access",
        "orphaned-identity",
        "access-outside-policy",
        "management-account-access",
        "expired-access",
    ];
    let mut open = assessment.findings_about(key).filter(|assessed| assessed.status == FindingStatus::Open);
    let ground = open.find(|assessed| GROUNDS.contains(&assessed.finding.rule));
    let standing = assessment.ledger().person_of(key.user).map(|person| person.standing.standing);
    match (ground, worst) {
        (Some(ground), _) => ("revoke", ground.finding.rule.to_owned()),
        (None, Some(Severity::High | Severity::Critical)) => ("review", "an open finding of high severity".to_owned()),
        _ if standing == Some(crate::model::standing::Standing::Unknown) => {
            ("review", "the person's standing is unknown".to_owned())
        }
        _ if allowed => ("keep", "an [[access]] entry allows it".to_owned()),
        _ if judged => ("review", "no [[access]] entry allows it".to_owned()),
        _ => ("review", "no policy to judge it by".to_owned()),
    }
}
