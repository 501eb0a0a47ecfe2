//! What a valid config becomes.

use super::*;

#[test]
fn nothing_is_a_config_with_the_usual_thresholds() {
    let config = valid("");
    assert!(config.aws.is_none() && config.idps.is_empty() && config.hr.is_none());
    assert_eq!(config.store, None);
    assert_eq!(valid("[store]").store, Some(StoreConfig::Directory("./.overstay".into())));
    assert_eq!(config.grants_csv_rows, 250_000);
    assert_eq!(config.review.cadence.as_deref(), Some("quarterly"));
    assert_eq!(config.policy.leaver_sla, Span::hours(24));
    assert_eq!(config.policy.mover_sla, Span::days(5));
    assert_eq!(config.policy.dormant_after, Span::days(90));
    let aws = valid("[aws]").aws.unwrap();
    assert_eq!(aws.planes, Plane::BUILT);
    assert_eq!(aws.requests_per_second, 18);
    assert_eq!(aws.enumeration, Enumeration::Provisioned);
    assert!(matches!(aws.cloudtrail, CloudTrail::None));
}

#[test]
fn the_template_is_a_config_as_written_and_with_every_example_switched_on() {
    let plain = valid(TEMPLATE);
    assert_eq!(plain.idps.len(), 1);
    assert!(plain.hr.is_none());
    let full = valid(&switched_on());
    assert!(full.hr.is_some() && full.calendar.is_some() && full.approvals.is_some() && full.signing_key.is_some());
    assert_eq!((full.access.len(), full.exceptions.len()), (1, 1));
    assert_eq!(full.separation_of_duties.len(), 1);
}

#[test]
fn the_examples_of_the_template_show_the_defaults() {
    let (plain, full) = (valid(TEMPLATE), valid(&switched_on()));
    let thresholds = |config: &Config| {
        let policy = PolicyConfig { privileged: Vec::new(), severity: BTreeMap::new(), ..config.policy.clone() };
        format!("{policy:?}")
    };
    assert_eq!(thresholds(&plain), thresholds(&full));
    assert_eq!((plain.store.as_ref(), &full.store), (None, &valid("[store]").store));
    assert_eq!(plain.grants_csv_rows, full.grants_csv_rows);
    assert_eq!(plain.review.cadence, full.review.cadence);
    let pace = |config: Config| config.aws.unwrap().requests_per_second;
    assert_eq!(pace(plain), pace(full));
}

#[test]
fn every_key_arrives_where_it_belongs() {
    let config = valid(EVERYTHING);
    assert_eq!(&*config.text, EVERYTHING);
    assert_eq!(config.organization.as_deref(), Some("IDSentinel Solutions"));
    let aws = config.aws.unwrap();
    assert_eq!(aws.region.as_deref(), Some("eu-west-2"));
    assert_eq!(aws.enumeration, Enumeration::Exhaustive);
    assert_eq!(aws.requests_per_second, 40);
    let CloudTrail::Files(files) = &aws.cloudtrail else { panic!("{:?}", aws.cloudtrail) };
    assert_eq!(files, &TrailFiles { pattern: "trail/**/*.json.gz".to_owned(), covers: None });
    let names: Vec<&str> = config.idps.iter().map(|idp| idp.name.as_str()).collect();
    assert_eq!(names, ["export", "second"]);
    let IdpSource::Csv(csv) = &config.idps[0].source else { panic!("{:?}", config.idps) };
    assert_eq!(csv.columns["user_name"], "login");
    assert_eq!(csv.members.as_deref(), Some("members/*.csv"));
    let hr = config.hr.unwrap();
    assert!(!hr.lists_leavers);
    assert_eq!(hr.time_zone, "Europe/London", "as the database spells it");
    assert_eq!(config.scope.exclude_accounts[0].expires, Some(at("2027-02-01T00:00:00Z")));
    assert_eq!(config.scope.exclude_accounts[1].expires, None);
    assert_eq!(config.identities.service[0].purpose.as_deref(), Some("deployments"));
    assert_eq!(config.identities.break_glass[0].owner, "ciso@example.com");
    assert_eq!(config.calendar.unwrap().weekend, ["friday", "saturday"]);
    assert_eq!(config.review.cadence.as_deref(), Some("monthly"));
    assert_eq!(config.review.owners[0].1, "leads@example.com");
    assert_eq!(config.policy.preset, Preset::PciDss4);
    assert_eq!(config.policy.stale_after, Span::days(14));
    assert_eq!(config.policy.max_privileged_session, Span::hours(1));
    assert_eq!(config.policy.severity["exception-unused"], Severity::Critical);
    assert_eq!(config.access[1].number, 2);
    assert_eq!(config.access[0].expires, Some(at("2027-01-01T00:00:00Z")));
    assert!(matches!(&config.access[0].accounts[1].by,
        AccountKey::OrganizationalUnit(path) if path.as_str() == "Workloads/*"));
    assert_eq!(config.access[0].matches.group.as_deref(), Some("GRP-AWS-Engineering"));
    assert!(config.separation_of_duties[0].right.account.is_some());
    let exception = &config.exceptions[0];
    assert_eq!(exception.rule, "direct-assignment");
    assert!(exception.scope.is_whole_user());
    assert_eq!(exception.expires, at("2027-02-01T00:00:00Z"));
    let parts = ["direct-assignment", "break.glass@example.com", "*", "*"];
    assert_eq!(exception.id, crate::model::finding::stable_id("x_", &parts));
    assert_eq!(config.security_accounts.len(), 2);
    assert_eq!(config.signing_key.as_deref(), Some("~/.ssh/audit_ed25519"));
    assert_eq!(
        config.store,
        Some(StoreConfig::S3(BucketConfig {
            location: "s3://bucket/prefix".parse().unwrap(),
            region: Some("eu-west-1".to_owned()),
            profile: Some("store".to_owned()),
            role_arn: Some("arn:aws:iam::123456789012:role/OverstayStore".to_owned()),
        }))
    );
}

#[test]
fn rule_ids_are_told_once() {
    let mut ids = RULE_IDS.to_vec();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULE_IDS.len());
}
