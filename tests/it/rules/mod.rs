//! Every rule against organisations made for it, through the crate's public stages.

pub(crate) mod org;
pub(crate) mod report;

mod access_before_start;
mod access_outside_policy;
mod access_without_mfa;
mod activity_after_leaving;
mod ambiguous_identity;
mod closed_account_assignment;
mod dangling_assignment;
mod deprovisioning_disabled;
mod direct_assignment;
mod disabled_account_holds_access;
mod disabled_user_holds_grants;
mod dormant_access;
mod duplicate_identity;
mod empty_group_assignment;
mod exception_expired;
mod exception_unowned;
mod exception_unused;
mod exceptions;
mod expired_access;
mod guest_access;
mod identity_mismatch;
mod leaver_holds_access;
mod leaver_sla_breach;
mod long_session;
mod management_account_access;
mod membership_drift;
mod missing_expected_access;
mod mover_kept_access;
mod never_used_access;
mod no_hr_record;
mod orphaned_identity;
mod out_of_band_change;
mod provisioning_token_expiring;
mod recreated_group;
mod residual_exposure;
mod reused_identity;
mod separation_of_duties;
mod standing_privileged_access;
mod sync_error;
mod sync_stalled;
mod terminated_still_enabled;
mod unapproved_access;
mod unassigned_account_holds_access;
mod unassigned_permission_set;
mod undeployed_permission_set;
mod unmanaged_group;
mod unmanaged_identity;
mod unowned_permission_set;
mod unowned_service_identity;
mod unprovisioned_joiner;

use overstay::rules::RULES;

#[test]
fn every_rule_has_fixtures() {
    let source = include_str!("mod.rs");
    for rule in RULES {
        let module = rule.meta().id.replace('-', "_");
        assert!(source.contains(&format!("\nmod {module};\n")), "no tests/it/rules/{module}.rs");
    }
}

/// Ids are in configs, exceptions and fingerprints of those who use them: none may go or change.
#[test]
fn ids_never_change() {
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.meta().id).collect();
    ids.sort_unstable();
    insta::assert_snapshot!(ids.join("\n"), @r"
    access-before-start
    access-outside-policy
    access-without-mfa
    activity-after-leaving
    ambiguous-identity
    closed-account-assignment
    dangling-assignment
    deprovisioning-disabled
    direct-assignment
    disabled-account-holds-access
    disabled-user-holds-grants
    dormant-access
    duplicate-identity
    empty-group-assignment
    exception-expired
    exception-unowned
    exception-unused
    expired-access
    guest-access
    identity-mismatch
    leaver-holds-access
    leaver-sla-breach
    long-session
    management-account-access
    membership-drift
    missing-expected-access
    mover-kept-access
    never-used-access
    no-hr-record
    orphaned-identity
    out-of-band-change
    provisioning-token-expiring
    recreated-group
    residual-exposure
    reused-identity
    separation-of-duties
    standing-privileged-access
    sync-error
    sync-stalled
    terminated-still-enabled
    unapproved-access
    unassigned-account-holds-access
    unassigned-permission-set
    undeployed-permission-set
    unmanaged-group
    unmanaged-identity
    unowned-permission-set
    unowned-service-identity
    unprovisioned-joiner
    ");
}

#[test]
fn an_empty_organisation_is_not_a_clean_one() {
    use overstay::model::Fact;
    let unread = Fact::ALL.into_iter().fold(org::Org::new(), org::Org::unasked).report();
    for rule in RULES {
        let meta = rule.meta();
        if !(meta.requires.is_empty() && meta.covers.is_empty()) {
            unread.not_evaluated(meta.id);
        }
    }
}
