//! What an auditor tests, per control: a population, an outcome, and the rules that decide it.

use crate::assess::{Assessment, FindingStatus};
use crate::model::control::Control;
use crate::model::finding::Severity;
use crate::rules::Inconclusive;

/// A test: a statement that holds or does not.
#[derive(Debug)]
pub struct ControlTest {
    /// Its id.
    pub id: &'static str,
    /// The statement.
    pub title: &'static str,
    /// Clauses it supports.
    pub controls: &'static [Control],
    /// The rules whose silence makes it hold. The first one's population is the test's.
    pub rules: &'static [&'static str],
}

/// Every test, in the order of the report.
pub static TESTS: &[ControlTest] = &[
    ControlTest {
        id: "leavers-removed",
        title: "Leavers hold no access",
        controls: &[Control::Cc6_2, Control::Cc6_3],
        rules: &["leaver-holds-access", "disabled-account-holds-access", "disabled-user-holds-grants"],
    },
    ControlTest {
        id: "leavers-in-time",
        title: "Leavers' access was removed within the SLA",
        controls: &[Control::Cc6_2],
        rules: &["leaver-sla-breach"],
    },
    ControlTest {
        id: "leavers-silent",
        title: "No activity after termination, and no session outlives it",
        controls: &[Control::Cc6_2],
        rules: &["activity-after-leaving", "residual-exposure"],
    },
    ControlTest {
        id: "leavers-disabled",
        title: "Workers terminated in HR are disabled in the identity provider",
        controls: &[Control::Cc6_2],
        rules: &["terminated-still-enabled"],
    },
    ControlTest {
        id: "joiners-started",
        title: "No access before the start date",
        controls: &[Control::Cc6_2],
        rules: &["access-before-start"],
    },
    ControlTest {
        id: "joiners-approved",
        title: "New access was approved in advance by an independent approver",
        controls: &[Control::Cc6_2, Control::Cc6_3],
        rules: &["unapproved-access"],
    },
    ControlTest {
        id: "movers-adjusted",
        title: "Access from a previous role was removed within the SLA",
        controls: &[Control::Cc6_3],
        rules: &["mover-kept-access"],
    },
    ControlTest {
        id: "changes-by-process",
        title: "No changes outside provisioning and approved automation",
        controls: &[Control::Cc6_2, Control::Cc6_3],
        rules: &["out-of-band-change"],
    },
    ControlTest {
        id: "provisioning-continues",
        title: "Provisioning credentials are not about to expire",
        controls: &[Control::Cc6_2],
        rules: &["provisioning-token-expiring"],
    },
    ControlTest {
        id: "identities-registered",
        title: "Every user with access maps to a known person or a declared service account",
        controls: &[Control::Cc6_2],
        rules: &["orphaned-identity", "no-hr-record", "ambiguous-identity", "reused-identity", "guest-access"],
    },
    ControlTest {
        id: "identities-agree",
        title: "One user per person, with consistent attributes",
        controls: &[Control::Cc6_2, Control::Cc6_3],
        rules: &["duplicate-identity", "identity-mismatch"],
    },
    ControlTest {
        id: "identities-provisioned",
        title: "Users, groups and memberships match the identity provider",
        controls: &[Control::Cc6_2, Control::Cc6_3],
        rules: &["membership-drift", "unmanaged-group", "unmanaged-identity"],
    },
    ControlTest {
        id: "provisioning-removes",
        title: "Deprovisioning is enabled and running",
        controls: &[Control::Cc6_2],
        rules: &["deprovisioning-disabled", "sync-stalled", "unassigned-account-holds-access"],
    },
    ControlTest {
        id: "provisioning-succeeds",
        title: "Provisioning errors were resolved",
        controls: &[Control::Cc6_2],
        rules: &["sync-error"],
    },
    ControlTest {
        id: "joiners-provisioned",
        title: "Joiners were provisioned within the SLA",
        controls: &[Control::Cc6_2],
        rules: &["unprovisioned-joiner"],
    },
    ControlTest {
        id: "second-factors",
        title: "MFA is registered for every user with access",
        controls: &[Control::Cc6_2],
        rules: &["access-without-mfa"],
    },
    ControlTest {
        id: "people-sign-in",
        title: "No dormant users hold access",
        controls: &[Control::Cc6_2, Control::Cc6_3],
        rules: &["dormant-access"],
    },
    ControlTest {
        id: "access-used",
        title: "No unused access",
        controls: &[Control::Cc6_3],
        rules: &["never-used-access"],
    },
    ControlTest {
        id: "assignments-resolve",
        title: "Every assignment has an existing principal",
        controls: &[Control::Cc6_2, Control::Cc6_3],
        rules: &["dangling-assignment"],
    },
    ControlTest {
        id: "groups-survive",
        title: "No assignments orphaned by group re-creation",
        controls: &[Control::Cc6_3],
        rules: &["recreated-group"],
    },
    ControlTest {
        id: "access-by-role",
        title: "Access matches the role policy",
        controls: &[Control::Cc6_3],
        rules: &["access-outside-policy", "management-account-access", "expired-access", "missing-expected-access"],
    },
    ControlTest {
        id: "privilege-bounded",
        title: "Privileged access is time-bound",
        controls: &[Control::Cc6_3],
        rules: &["standing-privileged-access"],
    },
    ControlTest {
        id: "duties-separated",
        title: "Segregation of duties is enforced",
        controls: &[Control::Cc6_3],
        rules: &["separation-of-duties"],
    },
    ControlTest {
        id: "access-by-group",
        title: "Access is granted through populated groups, on active accounts",
        controls: &[Control::Cc6_3],
        rules: &["direct-assignment", "empty-group-assignment", "closed-account-assignment"],
    },
    ControlTest {
        id: "sessions-bounded",
        title: "Session durations are within policy",
        controls: &[Control::Cc6_3],
        rules: &["long-session"],
    },
    ControlTest {
        id: "roles-deployed",
        title: "Deployed roles match the reviewed permission sets",
        controls: &[Control::Cc6_3],
        rules: &["undeployed-permission-set", "unassigned-permission-set"],
    },
    ControlTest {
        id: "roles-owned",
        title: "Every permission set has an active owner",
        controls: &[Control::Cc6_3],
        rules: &["unowned-permission-set"],
    },
    ControlTest {
        id: "services-owned",
        title: "Every service account has an active owner",
        controls: &[Control::Cc6_2, Control::Cc6_3],
        rules: &["unowned-service-identity"],
    },
    ControlTest {
        id: "exceptions-current",
        title: "Exceptions are current and have an active approver",
        controls: &[Control::Cc6_3],
        rules: &["exception-expired", "exception-unowned", "exception-unused"],
    },
];

/// The outcome of a test. A pass needs every rule to have seen everything and decided every subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestResult {
    /// It does not hold, whatever else was not seen.
    Fail,
    /// It can't be said.
    NotEvaluated,
    /// Some subjects could not be decided, and none fails.
    Indeterminate,
    /// It holds, as far as accepted exceptions go.
    Pass,
    /// There was nothing to test. That is no pass.
    NoOccurrences,
}

impl TestResult {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NotEvaluated => "not_evaluated",
            Self::Indeterminate => "indeterminate",
            Self::Pass => "pass",
            Self::NoOccurrences => "no_occurrences",
        }
    }
}

/// A test with its outcome.
#[derive(Debug)]
pub struct TestOutcome {
    /// The test.
    pub test: &'static ControlTest,
    /// Its outcome.
    pub result: TestResult,
    /// How many subjects its first rule looked at, and what they are.
    pub population: (u64, &'static str),
    /// Open findings.
    pub failures: u64,
    /// Findings within the time that policy allows.
    pub pending: u64,
    /// Findings that exceptions cover.
    pub excepted: u64,
    /// Subjects that could not be decided.
    pub undecided: u64,
    /// Why it was not evaluated, or only in part.
    pub reasons: Vec<String>,
    /// Why subjects are undecided, the first of them, and how many more there are.
    pub inconclusive: Vec<String>,
}

/// How many undecided subjects a test names.
const SHOWN: usize = 10;

/// Runs every test on an assessment.
pub fn outcomes(assessment: &Assessment<'_>) -> Vec<TestOutcome> {
    TESTS.iter().map(|test| outcome(assessment, test)).collect()
}

fn outcome(assessment: &Assessment<'_>, test: &'static ControlTest) -> TestOutcome {
    // A rule that is info by its nature informs: it decides nothing. One that the operator lowered to info still decides.
    let results: Vec<_> = test
        .rules
        .iter()
        .filter_map(|rule| assessment.result(rule))
        .filter(|result| result.rule.severity > Severity::Info)
        .collect();
    let count = |status| {
        results
            .iter()
            .map(|result| assessment.findings_of(result.rule.id).filter(|a| a.status == status).count() as u64)
            .sum::<u64>()
    };
    let mut reasons: Vec<String> = results.iter().flat_map(|result| result.verdict.reasons()).cloned().collect();
    reasons.sort_unstable();
    reasons.dedup();
    let (failures, undecided) = (count(FindingStatus::Open), results.iter().map(|result| result.undecided).sum());
    let result = if failures > 0 {
        TestResult::Fail
    } else if !reasons.is_empty() {
        TestResult::NotEvaluated
    } else if undecided > 0 {
        TestResult::Indeterminate
    } else if results.iter().all(|result| result.population == 0) {
        TestResult::NoOccurrences
    } else {
        TestResult::Pass
    };
    let population = results.first().map_or((0, "subjects"), |result| (result.population, result.of));
    TestOutcome {
        test,
        result,
        population,
        failures,
        pending: count(FindingStatus::Pending),
        excepted: count(FindingStatus::Excepted),
        undecided,
        reasons,
        inconclusive: inconclusive(results.iter().flat_map(|result| &result.inconclusive), undecided),
    }
}

/// The first undecided subjects with their reasons, and the number of the others.
fn inconclusive<'a>(stated: impl Iterator<Item = &'a Inconclusive>, undecided: u64) -> Vec<String> {
    let mut reasons: Vec<String> =
        stated.take(SHOWN).map(|one| format!("Inconclusive: {}: {}.", one.subject, one.reason)).collect();
    let more = undecided.saturating_sub(reasons.len() as u64);
    if more > 0 && !reasons.is_empty() {
        reasons.push(format!("{more} more inconclusive."));
    }
    reasons
}

#[cfg(test)]
mod registry {
    use super::*;

    #[test]
    fn every_rule_is_in_one_test_and_every_test_names_rules_that_exist() {
        let mut tested: Vec<&str> = TESTS.iter().flat_map(|test| test.rules).copied().collect();
        tested.sort_unstable();
        let mut registered: Vec<&str> = crate::rules::RULES.iter().map(|rule| rule.meta().id).collect();
        registered.sort_unstable();
        assert_eq!(tested, registered);
    }

    #[test]
    fn every_test_leads_with_a_rule_that_decides_it() {
        for test in TESTS {
            let first = test.rules.first().and_then(|rule| crate::rules::find(rule)).unwrap();
            assert!(first.meta().severity > Severity::Info, "{}", test.id);
        }
    }
}
