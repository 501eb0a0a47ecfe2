//! A page for each of the people with the worst findings: who they are by every source, what they hold, what was found.

use serde::Serialize;

use crate::assess::{Assessed, Assessment, FindingStatus};
use crate::evidence::explain::{GrantExplained, RecordExplained, UserExplained, explain_user};
use crate::model::finding::{Severity, SubjectKind};
use crate::reconcile::policy::Policy;

/// More people than this have no page of their own; `overstay explain` has one for everybody.
const PEOPLE_SHOWN: usize = 12;
/// More grants than this are counted on a person's page, and listed in `grants.csv`.
const GRANTS_SHOWN: usize = 12;

/// A person's page.
#[derive(Debug, Serialize)]
pub struct PersonView {
    /// The user's id, for links.
    pub user_id: String,
    /// The sign-in name.
    pub user_name: String,
    /// The name for people.
    pub display_name: String,
    /// The worst severity of an open finding.
    pub severity: &'static str,
    /// Where the person stands, in words.
    pub standing: String,
    /// Why that is believed.
    pub reason: String,
    /// enabled, disabled or unknown in Identity Center.
    pub idc_status: String,
    /// The records of other sources, and how each was linked.
    pub records: Vec<RecordExplained>,
    /// What was found.
    pub findings: Vec<FindingLine>,
    /// What is held.
    pub grants: Vec<GrantExplained>,
    /// Grants that are not shown.
    pub grants_rest: usize,
}

/// A finding, with its card in the report.
#[derive(Debug, Serialize)]
pub struct FindingLine {
    /// The finding.
    pub id: String,
    /// What the rule says.
    pub title: &'static str,
    /// Its severity.
    pub severity: &'static str,
    /// open, pending or excepted.
    pub status: &'static str,
}

/// The pages, the worst first: by the worst open finding, then by how many there are, then by name.
pub(super) fn people(assessment: &Assessment<'_>) -> Vec<PersonView> {
    let mut by_user: std::collections::BTreeMap<u32, Vec<&Assessed>> = std::collections::BTreeMap::new();
    for assessed in assessment.findings() {
        for user in subjects(assessed) {
            by_user.entry(user).or_default().push(assessed);
        }
    }
    let mut worst: Vec<(Severity, usize, u32, Vec<&Assessed>)> = by_user
        .into_iter()
        .filter_map(|(user, findings)| {
            let open = || findings.iter().filter(|assessed| assessed.status == FindingStatus::Open);
            let severity = open().map(|assessed| assessed.finding.severity).max()?;
            let count = open().count();
            (severity >= Severity::High).then_some((severity, count, user, findings))
        })
        .collect();
    let name = |user: u32| assessment.ledger().user(user).map_or("", |user| user.user_name.as_str());
    // The worst and the most first, names in their order.
    worst.sort_by(|a, b| (b.0, b.1, name(a.2)).cmp(&(a.0, a.1, name(b.2))));
    let policy = Policy::new(assessment.ledger());
    let pages = worst.into_iter().take(PEOPLE_SHOWN);
    pages.filter_map(|(severity, _, user, findings)| page(assessment, &policy, severity, user, &findings)).collect()
}

/// The users a finding is about, where it is about a person at all and not about a group or an account.
fn subjects(assessed: &Assessed) -> Vec<u32> {
    let about_person = matches!(
        assessed.finding.subject.kind,
        SubjectKind::User | SubjectKind::Entitlement | SubjectKind::IdpUser | SubjectKind::Assignment
    );
    let mut users: Vec<u32> = assessed.finding.grants.iter().map(|grant| grant.user).collect();
    users.dedup();
    // A finding about an assignment to a group has a grant for every member, and is about none of them.
    if about_person && users.len() == 1 { users } else { Vec::new() }
}

fn page(
    assessment: &Assessment<'_>,
    policy: &Policy<'_>,
    severity: Severity,
    user: u32,
    findings: &[&Assessed],
) -> Option<PersonView> {
    let UserExplained {
        user_id, user_name, display_name, idc_status, standing, standing_reason, records, grants, ..
    } = explain_user(assessment, policy, user, None)?;
    let grants_rest = grants.len().saturating_sub(GRANTS_SHOWN);
    Some(PersonView {
        user_id,
        user_name,
        display_name,
        severity: severity.as_str(),
        standing: standing.replace('_', " "),
        reason: standing_reason,
        idc_status,
        records,
        findings: findings
            .iter()
            .map(|assessed| FindingLine {
                id: assessed.finding.id(),
                title: assessment.result(assessed.finding.rule).map_or("", |result| result.rule.title),
                severity: assessed.finding.severity.as_str(),
                status: assessed.status.as_str(),
            })
            .collect(),
        grants: grants.into_iter().take(GRANTS_SHOWN).collect(),
        grants_rest,
    })
}
