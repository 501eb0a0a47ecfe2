//! Findings by rule, each with the paths that explain it and what it rests on.

use std::cmp::Reverse;

use serde::Serialize;

use crate::assess::{Assessed, Assessment};
use crate::evidence::owner;
use crate::evidence::words::clip;
use crate::model::Interval;
use crate::model::finding::{Finding, GrantKey, Severity, SubjectKind};
use crate::reconcile::{AccountView, Ledger, ResolvedPrincipal};

/// The findings of one rule.
#[derive(Debug, Serialize)]
pub struct FindingGroup {
    /// The rule.
    pub rule: &'static str,
    /// What it says.
    pub title: &'static str,
    /// The worst severity among them.
    pub severity: &'static str,
    /// Clauses it supports, joined.
    pub controls: String,
    /// How many.
    pub count: usize,
    /// How many of them are open.
    pub open: usize,
    /// The findings shown.
    pub findings: Vec<FindingView>,
    /// How many are not shown.
    pub rest: usize,
}

/// A finding.
#[derive(Debug, Serialize)]
pub struct FindingView {
    /// Its id.
    pub id: String,
    /// Its severity.
    pub severity: &'static str,
    /// How bad that is, 0 the worst, to sort by.
    pub rank: u8,
    /// How sure it is.
    pub confidence: &'static str,
    /// open, pending or excepted.
    pub status: &'static str,
    /// Its subject's name.
    pub subject: String,
    /// The name for people, where the subject is a user who has one.
    pub person: String,
    /// The statement.
    pub detail: String,
    /// What to do.
    pub remediation: String,
    /// Who should act; may be empty.
    pub owner: String,
    /// Since when, in words; may be empty.
    pub since: String,
    /// The day since when at the latest; empty where it is not known.
    pub since_day: String,
    /// Since when at the latest in seconds of the epoch, to sort by; empty where it is not known.
    pub since_sort: String,
    /// What access, in one line; empty where the finding is not about access.
    pub access: String,
    /// How many more accesses there are.
    pub access_rest: usize,
    /// The user that `overstay explain` can explain; empty where the subject is no user.
    pub explain: String,
    /// The paths by which the access is held.
    pub paths: Vec<PathView>,
    /// How many paths are not shown.
    pub paths_rest: usize,
    /// What it rests on.
    pub evidence: Vec<EvidenceView>,
    /// How many pieces of evidence are not shown.
    pub evidence_rest: usize,
    /// The exception that covers it; may be empty.
    pub exception: String,
}

/// A path from somebody to what they can reach.
#[derive(Debug, Serialize)]
pub struct PathView {
    /// The id of the grant or assignment.
    pub id: String,
    /// Whom the access reaches.
    pub who: String,
    /// The group it comes by; empty when it is direct.
    pub group: String,
    /// Whether nobody known holds it.
    pub missing: bool,
    /// The permission set.
    pub set: String,
    /// How much the permission set can do.
    pub tier: &'static str,
    /// The account's name.
    pub account: String,
    /// Its id; empty when it has no other name.
    pub account_id: String,
}

/// What a finding rests on.
#[derive(Debug, Serialize)]
pub struct EvidenceView {
    /// The source.
    pub source: String,
    /// Operation, or file and row.
    pub at: String,
    /// What it said.
    pub says: String,
}

/// A finding shows this many paths.
const PATHS_SHOWN: usize = 6;
/// And this much evidence.
const EVIDENCE_SHOWN: usize = 8;
/// A longer text is clipped; `findings.csv` has all of it.
const LENGTH: usize = 700;

/// Findings by rule, the worst first, as many as there is room for in rows and bytes.
pub(super) fn groups(assessment: &Assessment<'_>, room: usize, mut bytes: usize) -> Vec<FindingGroup> {
    let mut rules: Vec<(Severity, FindingGroup, Vec<&Assessed>)> = assessment
        .results()
        .iter()
        .filter_map(|result| {
            let all: Vec<&Assessed> = assessment.findings_of(result.rule.id).collect();
            let worst = all.iter().map(|assessed| assessed.finding.severity).max()?;
            let controls: Vec<&str> = result.rule.controls.iter().map(|control| control.as_str()).collect();
            let group = FindingGroup {
                rule: result.rule.id,
                title: result.rule.title,
                severity: worst.as_str(),
                controls: controls.join(", "),
                count: all.len(),
                open: all.iter().filter(|a| a.status == crate::assess::FindingStatus::Open).count(),
                findings: Vec::new(),
                rest: 0,
            };
            Some((worst, group, all))
        })
        .collect();
    // A stable sort: rules of equal severity keep the registry's order.
    rules.sort_by_key(|(worst, ..)| Reverse(*worst));
    let counts: Vec<usize> = rules.iter().map(|(.., all)| all.len()).collect();
    let shares = shares(&counts, room);
    rules
        .into_iter()
        .zip(shares)
        .map(|((_, mut group, all), share)| {
            for assessed in all.into_iter().take(share) {
                let view = finding(assessment, assessed);
                bytes = bytes.saturating_sub(view.weight());
                if bytes == 0 {
                    break;
                }
                group.findings.push(view);
            }
            group.rest = group.count - group.findings.len();
            group
        })
        .collect()
}

/// How many findings of each rule are shown: as many as there are, up to an equal share of the room that is left.
fn shares(counts: &[usize], room: usize) -> Vec<usize> {
    let mut shares = vec![0; counts.len()];
    let mut left = room;
    loop {
        let wanting = counts.iter().zip(&shares).filter(|(count, share)| share < count).count();
        let Some(each) = left.checked_div(wanting).filter(|each| *each > 0) else { return shares };
        for (count, share) in counts.iter().zip(&mut shares) {
            let more = each.min(count - *share);
            *share += more;
            left -= more;
        }
    }
}

fn finding(assessment: &Assessment<'_>, assessed: &Assessed) -> FindingView {
    let ledger = assessment.ledger();
    let finding = &assessed.finding;
    let first = finding.grants.first().map(|grant| grant.assignment).or_else(|| finding.assignments.first().copied());
    let person = finding
        .grants
        .first()
        .filter(|_| !matches!(finding.subject.kind, SubjectKind::Group | SubjectKind::Instance | SubjectKind::Idp))
        .and_then(|grant| ledger.user(grant.user)?.display_name.clone());
    // An assignment to a group is one path to many people; what they hold is said once.
    let by_grant = finding.assignments.is_empty();
    let paths: Vec<PathView> = if by_grant {
        finding.grants.iter().take(PATHS_SHOWN).map(|grant| grant_path(ledger, *grant)).collect()
    } else {
        finding.assignments.iter().take(PATHS_SHOWN).map(|at| assignment_path(ledger, *at)).collect()
    };
    let paths_total = if by_grant { finding.grants.len() } else { finding.assignments.len() };
    let evidence: Vec<EvidenceView> = finding
        .evidence()
        .iter()
        .take(EVIDENCE_SHOWN)
        .map(|evidence| EvidenceView {
            source: evidence.source.clone(),
            at: clip(&evidence.at, LENGTH),
            says: clip(&evidence.says, LENGTH),
        })
        .collect();
    let latest = finding.since.and_then(|since| since.latest());
    let one_user = finding.grants.first().filter(|first| finding.grants.iter().all(|grant| grant.user == first.user));
    let explain = one_user
        .filter(|_| !matches!(finding.subject.kind, SubjectKind::Group | SubjectKind::Instance | SubjectKind::Idp))
        .and_then(|grant| ledger.user(grant.user))
        .map_or_else(|| user_name(ledger, finding), |user| user.user_name.clone());
    FindingView {
        id: finding.id(),
        severity: finding.severity.as_str(),
        rank: (0u8..)
            .zip(Severity::WORST_FIRST)
            .find(|(_, severity)| *severity == finding.severity)
            .map_or(0, |(rank, _)| rank),
        confidence: finding.confidence.as_str(),
        status: assessed.status.as_str(),
        subject: clip(&finding.subject.name, LENGTH),
        person: person.unwrap_or_default(),
        detail: clip(&finding.detail, LENGTH),
        remediation: clip(&finding.remediation, LENGTH),
        owner: owner(ledger, first),
        since: since(finding.since),
        since_day: latest.map_or_else(String::new, |at| at.timestamp().strftime("%-d %b %Y").to_string()),
        since_sort: latest.map_or_else(String::new, |at| at.timestamp().as_second().to_string()),
        access: paths.first().map_or_else(String::new, PathView::line),
        access_rest: paths_total.saturating_sub(1),
        explain,
        paths_rest: paths_total - paths.len(),
        paths,
        evidence_rest: finding.evidence().len() - evidence.len(),
        evidence,
        exception: assessed.exception.clone().unwrap_or_default(),
    }
}

/// The name of the directory user that a finding is about; empty where it is about none.
fn user_name(ledger: &Ledger<'_>, finding: &Finding) -> String {
    let is_user = finding.subject.kind == SubjectKind::User;
    let known = is_user && ledger.users().iter().any(|user| user.user_name == finding.subject.name);
    if known { finding.subject.name.clone() } else { String::new() }
}

impl PathView {
    /// The access in one line.
    fn line(&self) -> String {
        let group = if self.group.is_empty() { "directly".to_owned() } else { format!("via {}", self.group) };
        clip(&format!("{} on {}, {group}", self.set, self.account), 160)
    }
}

impl FindingView {
    /// About how many bytes of the page it takes.
    fn weight(&self) -> usize {
        let paths =
            self.paths.iter().map(|path| 420 + path.who.len() + path.group.len() + path.set.len() + path.account.len());
        let evidence = self.evidence.iter().map(|one| 120 + one.source.len() + one.at.len() + one.says.len());
        let texts = [
            &self.subject,
            &self.subject,
            &self.person,
            &self.detail,
            &self.remediation,
            &self.remediation,
            &self.owner,
        ];
        let texts = texts.into_iter().map(String::len);
        1_600 + paths.chain(evidence).chain(texts).sum::<usize>()
    }
}

fn since(since: Option<Interval>) -> String {
    match since.map(|since| (since.earliest(), since.latest())) {
        Some((Some(earliest), Some(latest))) if earliest == latest => latest.to_string(),
        Some((Some(earliest), Some(latest))) => format!("between {earliest} and {latest}"),
        Some((None, Some(latest))) => format!("by {latest}"),
        _ => String::new(),
    }
}

fn grant_path(ledger: &Ledger<'_>, key: GrantKey) -> PathView {
    let user = ledger.user(key.user);
    let who = user.map_or("?", |user| user.display_name.as_deref().unwrap_or(&user.user_name));
    let group = ledger.grant(key).and_then(|grant| grant.group).map_or("", |group| group.name.as_str());
    path(ledger, key.assignment, ledger.grant_id(key), who, group, false)
}

fn assignment_path(ledger: &Ledger<'_>, at: u32) -> PathView {
    let entitlements = ledger.entitlements();
    let id = ledger.assignment_id(at);
    match entitlements.resolved(at).map(|resolved| resolved.principal) {
        Some(ResolvedPrincipal::User(user)) => {
            let who = ledger.user(user).map_or("?", |user| user.display_name.as_deref().unwrap_or(&user.user_name));
            path(ledger, at, id, who, "", false)
        }
        Some(ResolvedPrincipal::Group(group)) => {
            let name = ledger.groups().get(group as usize).map_or("?", |group| group.name.as_str());
            path(ledger, at, id, "every member", name, false)
        }
        Some(ResolvedPrincipal::Missing(_)) | None => {
            let who = entitlements.assignments().get(at as usize).map_or("?", |record| record.principal.id());
            path(ledger, at, id, who, "", true)
        }
    }
}

fn path(ledger: &Ledger<'_>, assignment: u32, id: String, who: &str, group: &str, missing: bool) -> PathView {
    let entitlements = ledger.entitlements();
    let account = entitlements.account_of(assignment);
    let (name, number) = account.map_or(("?", ""), |account| (AccountView::name(account), account.id.as_str()));
    PathView {
        id,
        who: who.to_owned(),
        group: group.to_owned(),
        missing,
        set: entitlements.set_label(assignment).to_owned(),
        tier: entitlements.set_of(assignment).map_or("unknown", |set| set.tier.as_str()),
        account: name.to_owned(),
        account_id: if name == number { String::new() } else { number.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn every_rule_has_a_share_of_the_room() {
        assert_eq!(shares(&[3, 2], 10), [3, 2]);
        assert_eq!(shares(&[100, 2, 100], 20), [9, 2, 9]);
        assert_eq!(shares(&[5, 5, 5], 2), [0, 0, 0], "less room than rules is no room");
        assert!(shares(&[], 5).is_empty());
    }
}
