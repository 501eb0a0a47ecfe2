//! `unprovisioned-joiner`.

use std::collections::{BTreeMap, HashSet};

use super::cx::{Counterpart, RuleCx};
use super::{Evaluation, declare_rule};
use crate::model::event::{Action, LogKind};
use crate::model::finding::{Evidence, Finding, Severity};
use crate::model::history::Look;
use crate::model::id::{IdpGroupId, IdpName, IdpUserId};
use crate::model::standing::Standing;
use crate::model::time::{Basis, Tri};
use crate::model::{DirectoryGroup, Event, IdpFacts, IdpGroup, IdpStatus, IdpUser, Interval};
use crate::reconcile::policy::is_live;
use crate::reconcile::text::fold;
use crate::reconcile::{LinkOutcome, Person};

declare_rule! {
    /// ## What it checks
    /// Somebody is active and in an identity provider group that an `[[access]]` entry maps to AWS, and for longer than
    /// `policy.sync_sla` has no Identity Center user, or is not in the Identity Center group that stands for it.
    ///
    /// ## Why it matters
    /// Whoever waits for access finds another way to it: a colleague's, or a direct assignment that nobody removes. It is
    /// also the first sign that provisioning does not work.
    ///
    /// ## What an auditor reads from it
    /// CC6.2: authorised people are registered and given access by the process that authorises them.
    ///
    /// ## Example
    /// `s.ruiz@example.org` was added to `GRP-AWS-Engineering` on Monday; on Wednesday Identity Center does not know her.
    ///
    /// ## How to fix
    /// Provision the user on demand and read what the provider answers; often a name or address is missing, or the group
    /// is not assigned to the AWS application.
    ///
    /// ## Known limits
    /// Since when somebody is in a group is known from the provider's log or from earlier snapshots; without either the person
    /// is undecided. In Entra ID only direct members count, as only they are provisioned. A group that nothing stands for in Identity
    /// Center is left to `missing-expected-access`, except for members without a user.
    UnprovisionedJoiner {
        id: "unprovisioned-joiner",
        title: "Joiner was not provisioned",
        severity: Low,
        requires: [Policy, IdpUsers, IdpGroups, DirectoryUsers, DirectoryGroups, Memberships],
        covers: [],
        if_asked: [DeclaredLinks, IdpEvents],
        controls: [Cc6_2],
    }
    evaluate
}

/// The Identity Center groups that stand for provider groups, by provider and group.
type Mirrors<'a> = BTreeMap<(u32, &'a IdpGroupId), Vec<(u32, &'a DirectoryGroup)>>;

fn evaluate(cx: &RuleCx<'_>) -> Evaluation {
    let entries = || cx.ledger().config().access.iter().filter(|entry| is_live(cx.ledger(), entry));
    let mut wanted: Vec<String> = entries().filter_map(|entry| fold(entry.matches.group.as_ref()?)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Evaluation::moot("no [[access]] entry in force names a group");
    }
    let mut mirrors = Mirrors::new();
    for (at, group) in (0u32..).zip(cx.ledger().groups()) {
        if let Counterpart::One(idp, upstream, _) = cx.counterpart(group) {
            mirrors.entry((idp, &upstream.id)).or_default().push((at, group));
        }
    }
    let disputed = disputed(cx);
    let looks = looks(cx);
    let mut evaluation = Evaluation::of("members of groups that policy maps to AWS");
    for (idp, facts) in (0u32..).zip(cx.ledger().snapshot().idps()) {
        let joins = Joins { added: added(cx, idp), looks: &looks };
        let groups = facts.groups.iter().flatten();
        for group in groups.filter(|group| fold(&group.name).is_some_and(|name| wanted.binary_search(&name).is_ok())) {
            // Members who are not known may lack a user as well.
            if let Some(why) = &group.members_unknown {
                evaluation.inconclusive(group.name.clone(), why.clone());
            }
            let mirrors = mirrors.get(&(idp, &group.id)).map_or(&[][..], Vec::as_slice);
            for (at, user) in (0u32..).zip(&facts.users) {
                let counts = if facts.provisions_nested() { group.has(&user.id) } else { group.has_directly(&user.id) };
                if counts {
                    let unclear = disputed.contains(&(idp, at));
                    see(cx, &joins, (idp, facts, group), (at, user), (mirrors, unclear), &mut evaluation);
                }
            }
        }
    }
    evaluation
}

fn see(
    cx: &RuleCx<'_>,
    joins: &Joins<'_>,
    (idp, facts, group): (u32, &IdpFacts, &IdpGroup),
    (at, user): (u32, &IdpUser),
    (mirrors, unclear): (&[(u32, &DirectoryGroup)], bool),
    evaluation: &mut Evaluation,
) {
    let Some(person) = cx.ledger().people().of_idp_user((idp, at)).filter(|person| !person.kind.is_declared()) else {
        return;
    };
    if user.status == IdpStatus::Unknown && matches!(person.standing.standing, Standing::Active | Standing::Unknown) {
        evaluation.population += 1;
        evaluation.undecided += 1;
        return;
    }
    if user.status != IdpStatus::Active || person.standing.standing != Standing::Active {
        return;
    }
    evaluation.population += 1;
    let Some(lacks) = lacks(cx, person, mirrors) else { return };
    if unclear {
        evaluation.undecided += 1;
        return;
    }
    let sla = cx.ledger().config().policy.sync_sla;
    let Some((since, evidence)) = joins.since(cx, (idp, facts, group), user) else {
        evaluation.undecided += 1;
        return;
    };
    match since.older_than(sla, cx.ledger().known_until()) {
        Tri::No => return,
        Tri::Maybe => {
            evaluation.undecided += 1;
            return;
        }
        Tri::Yes => {}
    }
    let mut subject = cx.idp_user_subject(idp, user);
    subject.ids.push(group.id.to_string());
    let assigned = facts.application.as_ref().is_none_or(|application| {
        application.groups.binary_search(&group.id).is_ok() || application.users.binary_search(&user.id).is_ok()
    });
    let scope = if assigned { "" } else { " Neither the group nor the person is assigned to the AWS application." };
    let when = since.latest().map_or_else(String::new, |at| format!(" since {at} at the latest"));
    evaluation.findings.push(
        Finding::new(
            "unprovisioned-joiner",
            Severity::Low,
            subject,
            format!("In {} in {}{when}, and {lacks}; policy.sync_sla is {sla}.{scope}", group.name, cx.idp_name(idp)),
            evidence,
        )
        .and([cx.record_evidence(idp, user, format!("{} is {}", user.user_name, user.status.as_str()))])
        .remedy("Provision the user on demand, and put right what the provider answers.")
        .sure(cx.confidence(person))
        .since(Some(since)),
    );
}

/// What a person lacks in Identity Center, in words.
fn lacks(cx: &RuleCx<'_>, person: &Person, mirrors: &[(u32, &DirectoryGroup)]) -> Option<String> {
    if person.users.is_empty() {
        return Some("has no Identity Center user".to_owned());
    }
    let (_, first) = mirrors.first()?;
    let is_in = |group: u32| person.users.iter().any(|user| cx.ledger().grants().groups(*user).contains(&group));
    let lacks = !mirrors.iter().any(|(at, _)| is_in(*at));
    lacks.then(|| format!("is not in {} in Identity Center", first.name))
}

/// Records that some Identity Center user may be, which the ladder could not decide.
fn disputed(cx: &RuleCx<'_>) -> HashSet<(u32, u32)> {
    let outcomes = cx.users().flat_map(|user| cx.outcomes(user));
    let candidates = outcomes.filter_map(|(idp, outcome)| match outcome {
        LinkOutcome::Ambiguous { candidates, .. } => Some(candidates.iter().map(move |at| (idp, *at))),
        LinkOutcome::Linked(_) | LinkOutcome::NotFound => None,
    });
    candidates.flatten().collect()
}

/// What tells since when people are in groups.
struct Joins<'a> {
    /// The last time somebody was added to a group, by user and group.
    added: BTreeMap<(&'a str, &'a str), (LogKind, &'a Event)>,
    looks: &'a Looks<'a>,
}

/// The first look of the last stretch that showed a membership, by provider, group and user.
type Looks<'a> = BTreeMap<(&'a IdpName, &'a IdpGroupId, &'a IdpUserId), &'a Look>;

fn added<'a>(cx: &RuleCx<'a>, idp: u32) -> BTreeMap<(&'a str, &'a str), (LogKind, &'a Event)> {
    let mut added = BTreeMap::new();
    for (kind, event) in cx.events_of(idp) {
        let joined = event.action == Action::MemberAdded && event.succeeded != Some(false);
        if let (true, Some(user), Some(group)) = (joined, event.user.as_deref(), event.group.as_deref()) {
            let last = added.entry((user, group)).or_insert((kind, event));
            if event.at > last.1.at {
                *last = (kind, event);
            }
        }
    }
    added
}

fn looks<'a>(cx: &RuleCx<'a>) -> Looks<'a> {
    let Some(history) = cx.ledger().snapshot().history() else { return Looks::new() };
    let tracks = history.idp_memberships.iter().filter_map(|track| {
        let look = history.looks.get(track.spells.last()?.first as usize)?;
        let (idp, group, user) = &track.key;
        Some(((idp, group, user), look))
    });
    tracks.collect()
}

impl Joins<'_> {
    /// Since when somebody is in a group: by the log, else not later than the first look that showed it.
    fn since(
        &self,
        cx: &RuleCx<'_>,
        (idp, facts, group): (u32, &IdpFacts, &IdpGroup),
        user: &IdpUser,
    ) -> Option<(Interval, Evidence)> {
        if let Some((kind, event)) = self.added.get(&(user.id.as_str(), group.id.as_str())) {
            // Whoever was enabled after joining waits since then.
            let enabled = user.status_changed_at.value().copied().filter(|at| *at > event.at);
            let since = Interval::exact(enabled.unwrap_or(event.at), Basis::Event);
            return Some((since, cx.event_evidence(idp, *kind, event)));
        }
        let first = self.looks.get(&(&facts.name, &group.id, &user.id))?;
        // The snapshot that carries the history is a look as well, and says nothing of the time before it.
        let earlier = first.ended_at < cx.ledger().snapshot().started_at();
        let says = format!("{} was in {} when it was looked at {}", user.user_name, group.name, first.ended_at);
        let evidence = Evidence { source: "history".to_owned(), at: format!("snapshot {}", first.digest), says };
        earlier.then(|| (Interval::by(first.ended_at), evidence))
    }
}
