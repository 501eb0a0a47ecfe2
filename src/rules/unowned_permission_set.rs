//! `unowned-permission-set`.

use std::collections::BTreeSet;

use super::cx::{Owner, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::finding::{Evidence, Finding, Severity};
use crate::reconcile::{PersonKind, ResolvedPrincipal, SetView};

declare_rule! {
    /// ## What it checks
    /// The config names owners, and a permission set in use has none who is here: no `[[access]]` entry that gives it has
    /// an owner, and neither have all accounts it is assigned on under `review.owners`. Medium when it is privileged.
    ///
    /// ## Why it matters
    /// Access nobody owns is reviewed by nobody who knows what it is for.
    ///
    /// ## What an auditor reads from it
    /// CC6.3: every role has somebody who answers for it.
    ///
    /// ## Example
    /// The entry for `DataEngineer` names its team lead as owner, who left in March.
    ///
    /// ## How to fix
    /// Name an owner in the `[[access]]` entry, or per account under `review.owners`.
    ///
    /// ## Known limits
    /// Not evaluated while the config names no owner. An owner whom no source knows is taken for a shared mailbox.
    /// What only declared identities hold is owned by theirs.
    UnownedPermissionSet {
        id: "unowned-permission-set",
        title: "Permission set has no active owner",
        severity: Low,
        requires: [],
        covers: [PermissionSets, Assignments],
        if_asked: [Accounts, IdpUsers, HrRecords],
        controls: [Cc6_3],
    }
    evaluate
}

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let config = cx.ledger().config();
    if config.review.owners.is_empty() && config.access.iter().all(|entry| entry.owner.is_none()) {
        return Evaluation::moot("the config names no owner, in [[access]] or review.owners");
    }
    let mut evaluation = Evaluation::of("permission sets in use");
    let mut uses: Vec<Vec<u32>> = cx.ledger().entitlements().sets().iter().map(|_| Vec::new()).collect();
    for at in 0..u32::try_from(cx.ledger().entitlements().assignments().len()).unwrap_or(u32::MAX) {
        let set = cx.ledger().entitlements().resolved(at).and_then(|resolved| resolved.set);
        if let Some(list) = set.and_then(|set| uses.get_mut(set as usize))
            && !cx.ledger().entitlements().is_excluded(at)
        {
            list.push(at);
        }
    }
    for (view, assignments) in cx.ledger().entitlements().sets().iter().zip(uses) {
        if assignments.is_empty() {
            continue;
        }
        evaluation.population += 1;
        if let Some(why) = unowned(cx, view, &assignments) {
            let privileged = assignments.iter().any(|at| cx.ledger().entitlements().privilege(*at).is_yes());
            let mut subject = RuleCx::set_subject(view.set);
            subject.account = None;
            evaluation.findings.push(
                Finding::new(
                    "unowned-permission-set",
                    if privileged { Severity::Medium } else { Severity::Low },
                    subject,
                    format!("{why}. In use: {}.", cx.list_assignments(&assignments)),
                    Evidence {
                        source: "config".to_owned(),
                        at: "[[access]] owner, review.owners".to_owned(),
                        says: why.clone(),
                    },
                )
                .and(assignments.iter().take(1).map(|at| cx.assignment_evidence(*at)))
                .remedy("Name an owner who is here in the [[access]] entry, or per account under review.owners."),
            );
        }
    }
    evaluation
}

/// Why nobody answers for a set; none when somebody does.
fn unowned(cx: &RuleCx<'_>, view: &SetView<'_>, assignments: &[u32]) -> Option<String> {
    let config = cx.ledger().config();
    let label = view.set.label();
    let entries = config.access.iter().filter(|entry| entry.permission_set.matches(label));
    let mut named: BTreeSet<&str> = entries.filter_map(|entry| entry.owner.as_deref()).collect();
    if named.iter().any(|owner| !matches!(cx.owner(owner), Owner::Gone(_))) {
        return None;
    }
    let mut covered = true;
    for at in assignments {
        if is_declared_identitys(cx, *at) {
            continue;
        }
        let account = cx.ledger().entitlements().account_of(*at)?;
        let owners = config.review.owners.iter();
        let mut owners =
            owners.filter(|(pattern, _)| pattern.matches(account.id.as_str()) || pattern.matches(account.name()));
        let here = owners.clone().any(|(_, owner)| !matches!(cx.owner(owner), Owner::Gone(_)));
        // Without Organizations an account has no name by which its owner could be found.
        let unknown = account.listed.is_none() && !config.review.owners.is_empty();
        covered &= here || unknown;
        if !here && let Some((_, gone)) = owners.next() {
            named.insert(gone);
        }
    }
    if covered {
        return None;
    }
    let named: Vec<&str> = named.into_iter().collect();
    Some(if named.is_empty() {
        "No owner is named".to_owned()
    } else {
        format!("Its owner is gone: {}", named.join(", "))
    })
}

/// Whether only a declared identity holds an assignment, whose owner then answers for it.
fn is_declared_identitys(cx: &RuleCx<'_>, assignment: u32) -> bool {
    let resolved = cx.ledger().entitlements().resolved(assignment);
    match resolved.map(|resolved| resolved.principal) {
        Some(ResolvedPrincipal::User(user)) => cx.ledger().person_of(user).is_some_and(|person| match &person.kind {
            PersonKind::Service(_) | PersonKind::BreakGlass(_) => true,
            PersonKind::Human | PersonKind::Unknown => false,
        }),
        Some(ResolvedPrincipal::Group(_) | ResolvedPrincipal::Missing(_)) | None => false,
    }
}
