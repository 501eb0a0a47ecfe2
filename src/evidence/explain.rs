//! Why somebody has access: person ← link ← group ← assignment ← permission set, with what was found about it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::assess::{Assessment, FindingStatus};
use crate::model::finding::GrantKey;
use crate::model::{Known, UserStatus};
use crate::reconcile::entitlements::Privilege;
use crate::reconcile::policy::Policy;
use crate::reconcile::text::fold;
use crate::reconcile::{LinkOutcome, Person};

/// The explanation. Its JSON form is versioned as that of a check.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExplainView {
    /// `overstay-explain`.
    pub format: &'static str,
    /// The format's version.
    pub version: &'static str,
    /// `COMPLETE` or `INCOMPLETE`: what was not read may hold more.
    pub status: &'static str,
    /// The instant of conclusions.
    pub as_of: String,
    /// Everybody who answers to the name, by user name.
    pub users: Vec<UserExplained>,
}

/// A directory user with everything known about it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserExplained {
    /// Its id.
    pub user_id: String,
    /// Its sign-in name.
    pub user_name: String,
    /// Its name for people.
    pub display_name: String,
    /// enabled, disabled or unknown.
    pub idc_status: String,
    /// human, service, break_glass or unknown.
    pub person_type: &'static str,
    /// Where the person stands.
    pub standing: &'static str,
    /// Why that is believed.
    pub standing_reason: String,
    /// The records of other sources, and how each was linked.
    pub records: Vec<RecordExplained>,
    /// What it holds.
    pub grants: Vec<GrantExplained>,
}

/// A record of an identity provider or HR.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecordExplained {
    /// `idp:NAME` or `hr`.
    pub source: String,
    /// File and row, or request.
    pub at: String,
    /// The record in words.
    pub says: String,
    /// How it was linked, in words.
    pub link: String,
}

/// A grant with its path.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GrantExplained {
    /// Its id.
    pub grant_id: String,
    /// The permission set's name.
    pub permission_set: String,
    /// The account's id.
    pub account_id: String,
    /// The account's name.
    pub account: String,
    /// How much it lets its holder do, and why.
    pub tier: String,
    /// Why it is privileged; empty when it is not.
    pub privileged: String,
    /// The path, from the person to the assignment.
    pub path: Vec<String>,
    /// The `[[access]]` entry that allows it, none, or unknown.
    pub policy: String,
    /// What was found about it.
    pub findings: Vec<String>,
}

/// Explains everybody who answers to `who`: a user name, an email address, an id or an employee id, without regard to case.
/// `account` narrows it to one account, by id or name.
pub fn explain(assessment: &Assessment<'_>, who: &str, account: Option<&str>) -> ExplainView {
    let ledger = assessment.ledger();
    let policy = Policy::new(ledger);
    let users = super::by_user_name(ledger)
        .into_iter()
        .filter(|user| answers_to(assessment, *user, who))
        .filter_map(|user| explain_user(assessment, &policy, user, account))
        .collect();
    ExplainView {
        format: "overstay-explain",
        version: "1.0",
        status: if ledger.snapshot().is_complete() { "COMPLETE" } else { "INCOMPLETE" },
        as_of: ledger.as_of().to_string(),
        users,
    }
}

/// Names near to `who`, for a helpful refusal.
pub fn near(assessment: &Assessment<'_>, who: &str) -> Option<String> {
    let names = assessment.ledger().users().iter().map(|user| user.user_name.as_str());
    let scored = names.map(|name| (strsim::jaro_winkler(&name.to_lowercase(), &who.to_lowercase()), name));
    let best = scored.max_by(|(a, x), (b, y)| a.total_cmp(b).then_with(|| y.cmp(x)));
    best.filter(|(score, _)| *score > 0.8).map(|(_, name)| name.to_owned())
}

fn answers_to(assessment: &Assessment<'_>, user: u32, who: &str) -> bool {
    let ledger = assessment.ledger();
    let Some(record) = ledger.user(user) else { return false };
    let wanted = fold(who);
    let is = |text: &str| wanted.is_some() && fold(text) == wanted;
    let person = ledger.person_of(user);
    let linked = person.into_iter().flat_map(|person| &person.idp_users).filter_map(|at| ledger.idp_user(*at));
    let mut linked = linked.flat_map(|user| {
        [Some(user.user_name.as_str()), Some(user.id.as_str()), user.email.as_deref(), user.employee_id.as_deref()]
    });
    is(&record.user_name)
        || is(record.id.as_str())
        || record.email.as_deref().is_some_and(is)
        || linked.any(|name| name.is_some_and(is))
}

/// Explains one directory user, by position. `policy` is the ledger's, made once for all.
pub(crate) fn explain_user(
    assessment: &Assessment<'_>,
    policy: &Policy<'_>,
    user: u32,
    account: Option<&str>,
) -> Option<UserExplained> {
    let ledger = assessment.ledger();
    let record = ledger.user(user)?;
    let person = ledger.person_of(user)?;
    let entries = policy.matching(ledger, person);
    let wanted = |grant: &GrantKey| {
        let view = ledger.account_of(*grant);
        account.is_none_or(|wanted| {
            view.is_some_and(|view| view.id.as_str() == wanted || view.name().eq_ignore_ascii_case(wanted))
        })
    };
    Some(UserExplained {
        user_id: record.id.to_string(),
        user_name: record.user_name.clone(),
        display_name: record.display_name.clone().unwrap_or_default(),
        idc_status: record.status.value().map_or("unknown", |status: &UserStatus| status.as_str()).to_owned(),
        person_type: person.kind.as_str(),
        standing: person.standing.standing.as_str(),
        standing_reason: person.standing.reason.clone(),
        records: records(assessment, user, person),
        grants: ledger
            .grants()
            .of_user(user)
            .into_iter()
            .filter(wanted)
            .filter_map(|grant| explain_grant(assessment, policy, &entries, grant))
            .collect(),
    })
}

fn records(assessment: &Assessment<'_>, user: u32, person: &Person) -> Vec<RecordExplained> {
    let ledger = assessment.ledger();
    let mut records = Vec::new();
    for (idp, outcome) in (0u32..).zip(ledger.links().of_user(user)) {
        let name = ledger.idp_name(idp);
        match outcome {
            LinkOutcome::Linked(link) => {
                let Some(found) = ledger.idp_user((link.idp, link.user)) else { continue };
                let since = match &found.status_changed_at {
                    Known::Value(at) => format!(" since {at}"),
                    Known::Absent | Known::Unknown(_) => String::new(),
                };
                records.push(RecordExplained {
                    source: format!("idp:{name}"),
                    at: found.origin.clone(),
                    says: format!("{} ({}) is {}{since}", found.user_name, found.id, found.status_word()),
                    link: format!("linked by {}, {}", link.rung.as_str(), link.strength.as_str()),
                });
            }
            LinkOutcome::Ambiguous { rung, candidates, .. } => records.push(RecordExplained {
                source: format!("idp:{name}"),
                at: String::new(),
                says: format!("{} records could be this user's", candidates.len()),
                link: format!("not linked: ambiguous by {}", rung.as_str()),
            }),
            LinkOutcome::NotFound => records.push(RecordExplained {
                source: format!("idp:{name}"),
                at: String::new(),
                says: "no record".to_owned(),
                link: "not linked: no rung matches".to_owned(),
            }),
        }
    }
    let is_linked = |at: &(u32, u32)| ledger.links().linked(user).any(|link| (link.idp, link.user) == *at);
    let others = person.idp_users.iter().filter(|at| !is_linked(at));
    for at in others {
        let Some(found) = ledger.idp_user(*at) else { continue };
        let name = ledger.idp_name(at.0);
        let declared = ledger.links().linked(user).any(|link| link.idp == at.0 && link.also.contains(&at.1));
        let in_hr = ledger.links().hr_of(*at).is_some_and(|link| !link.records.is_empty());
        records.push(RecordExplained {
            source: format!("idp:{name}"),
            at: found.origin.clone(),
            says: format!("{} ({}) is {}", found.user_name, found.id, found.status_word()),
            link: match (declared, in_hr) {
                (true, _) => "linked by declared, strong".to_owned(),
                (false, true) => "the same person's, by the HR record".to_owned(),
                (false, false) => "the same person's, by another Identity Center user".to_owned(),
            },
        });
    }
    for at in &person.hr_records {
        let Some(found) = ledger.snapshot().hr().and_then(|hr| hr.records.get(*at as usize)) else { continue };
        let links = || person.idp_users.iter().filter_map(|idp_user| ledger.links().hr_of(*idp_user));
        let link = links().find(|link| link.records.contains(at)).map(|link| link.basis.describe());
        let end = found.end.map_or_else(String::new, |end| format!(", ends at {end}"));
        let who = found.key();
        records.push(RecordExplained {
            source: "hr".to_owned(),
            at: found.origin.clone(),
            says: format!("{who} is {}{end}", found.status.as_str()),
            link: format!("linked by {}", link.unwrap_or("the identity provider's record")),
        });
    }
    if let (Some(doubt), Some(roster)) = (&person.hr_doubt, ledger.snapshot().hr()) {
        for found in doubt.candidates.iter().filter_map(|at| roster.records.get(*at as usize)) {
            records.push(RecordExplained {
                source: "hr".to_owned(),
                at: found.origin.clone(),
                says: format!("{} is {}", found.key(), found.status.as_str()),
                link: format!("not linked: {}", doubt.reason),
            });
        }
    }
    records
}

fn explain_grant(
    assessment: &Assessment<'_>,
    policy: &Policy<'_>,
    entries: &[&crate::config::AccessEntry],
    key: GrantKey,
) -> Option<GrantExplained> {
    let ledger = assessment.ledger();
    let grant = ledger.grant(key)?;
    let account = ledger.account_of(key)?;
    let set = ledger.set_of(key);
    let set_name = ledger.entitlements().set_label(key.assignment).to_owned();
    let mut path = vec![format!("user {} ({})", grant.user.user_name, grant.user.id)];
    if let Some(group) = grant.group {
        let since = grant.membership.and_then(|m| m.created_at.value());
        let since = since.map_or_else(String::new, |at| format!(", member since {at}"));
        path.push(format!("group {} ({}){since}", group.name, group.id));
    }
    path.push(format!(
        "assignment {} to {}",
        ledger.assignment_id(key.assignment),
        grant.assignment.principal.kind().as_str()
    ));
    path.push(format!("permission set {set_name} on {} ({})", account.name(), account.id));
    let allowed = policy.allowing(ledger, entries, key);
    Some(GrantExplained {
        grant_id: ledger.grant_id(key),
        permission_set: set_name,
        account_id: account.id.to_string(),
        account: account.name().to_owned(),
        tier: set.map_or_else(|| "unknown".to_owned(), |set| format!("{}: {}", set.tier.as_str(), set.tier_reason)),
        privileged: match ledger.entitlements().privilege(key.assignment) {
            Privilege::Yes(why) => why,
            Privilege::No => String::new(),
            Privilege::Unknown(why) => format!("unknown: {why}"),
        },
        path,
        policy: match allowed {
            Some(entry) => format!("[[access]] {}", entry.number),
            None if ledger.config().access.is_empty() || policy.may_allow(ledger, entries, key) => "unknown".to_owned(),
            None => "none".to_owned(),
        },
        findings: assessment
            .findings_about(key)
            .map(|a| {
                let status = if a.status == FindingStatus::Open { "" } else { a.status.as_str() };
                format!("{} {} {status}", a.finding.severity.as_str(), a.finding.rule).trim_end().to_owned()
            })
            .collect(),
    })
}
