//! A generated organisation. The one of `n` users has n/10 groups, five memberships a user, an account for each hundred users
//! and at least ten, twenty permission sets, three assignments a group and a direct one for each tenth user. One user in
//! twenty is disabled in the identity provider, one in fifty is unknown to it.

use overstay::collect::{Batch, Facts};
use overstay::model::permission_set::ManagedPolicy;
use overstay::model::*;
use overstay::snapshot::Snapshot;

/// An instant, as RFC 3339 writes it.
pub(crate) fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn account_id(number: usize) -> id::AccountId {
    format!("{:012}", 100_000_000_000 + number).parse().expect("an account id")
}

fn set_arn(number: usize) -> id::PermissionSetArn {
    format!("arn:aws:sso:::permissionSet/ssoins-1/ps-{number:016x}").parse().expect("an ARN")
}

fn user_id(number: usize) -> id::UserId {
    format!("00000000-0000-4000-8000-{number:012x}").parse().expect("a user id")
}

fn group_id(number: usize) -> id::GroupId {
    format!("00000000-0000-4000-9000-{number:012x}").parse().expect("a group id")
}

/// The organisation of `users` users at a time, with AWS's facts changed.
pub(crate) fn on(users: usize, now: Instant, change: impl FnOnce(&mut AwsFacts)) -> Snapshot {
    let (groups, accounts, sets) = (users / 10, (users / 100).max(10), 20);
    let mut facts = AwsFacts {
        instance: Instance {
            arn: "arn:aws:sso:::instance/ssoins-1".parse().expect("an ARN"),
            identity_store: "d-1234567890".parse().expect("an id"),
            owner_account: Known::Value(account_id(0)),
            region: "us-east-1".to_owned(),
        },
        caller: Known::Absent,
        management_account: Known::Value(account_id(0)),
        delegated_admins: Known::Value(Vec::new()),
        accounts: (0..accounts)
            .map(|n| Account {
                id: account_id(n),
                name: format!("account-{n}"),
                state: Known::Value(AccountState::Active),
                path: Known::Value("Workloads".to_owned()),
            })
            .collect(),
        users: (0..users)
            .map(|n| DirectoryUser {
                id: user_id(n),
                user_name: format!("user.{n}@example.com"),
                display_name: Some(format!("User {n}")),
                email: Some(format!("user.{n}@example.com")),
                status: Known::Value(UserStatus::Enabled),
                external_ids: vec![ExternalId { issuer: "https://scim.aws.com/1".to_owned(), id: format!("idp-{n}") }],
                created_at: Known::Value(now),
                created_by: None,
                updated_at: Known::Value(now),
            })
            .collect(),
        groups: (0..groups)
            .map(|n| DirectoryGroup {
                id: group_id(n),
                name: format!("group-{n}"),
                external_ids: Vec::new(),
                created_at: Known::Value(now),
            })
            .collect(),
        memberships: (0..users)
            .flat_map(|user| (0..5).map(move |n| (user, (user * 7 + n * 13) % groups)))
            .map(|(user, group)| Membership {
                group: group_id(group),
                user: user_id(user),
                created_at: Known::Value(now),
                created_by: None,
            })
            .collect(),
        permission_sets: (0..sets)
            .map(|n| PermissionSet {
                arn: set_arn(n),
                name: Known::Value(format!("set-{n}")),
                description: Known::Absent,
                created_at: Known::Value(now),
                session: Known::Value(Span::hours(8)),
                managed: Known::Value(vec![ManagedPolicy { arn: String::new(), name: "ReadOnlyAccess".to_owned() }]),
                customer: Known::Value(Vec::new()),
                inline: Known::Absent,
                boundary: Known::Absent,
            })
            .collect(),
        provisioned: Vec::new(),
        assignments: (0..groups * 3)
            .map(|n| Assignment {
                account: account_id(n % accounts),
                permission_set: set_arn(n % sets),
                principal: Principal::Group(group_id(n / 3)),
            })
            .chain((0..users / 10).map(|n| Assignment {
                account: account_id(n % accounts),
                permission_set: set_arn(n % sets),
                principal: Principal::User(user_id(n * 10)),
            }))
            .collect(),
        lookups: Vec::new(),
        recount: facts::Recount { users: Known::Absent, groups: Known::Absent, permission_sets: Known::Absent },
        cross_check: Known::Absent,
        planes: vec![Plane::PermissionSet],
    };
    change(&mut facts);
    let idp = IdpFacts::of_people(
        "idp".parse().expect("a name"),
        "csv",
        (0..users).filter(|n| n % 50 != 49).map(idp_user).collect(),
        Some(
            (0..20.min(groups))
                .map(|n| IdpGroup {
                    id: format!("g-{n}").parse().expect("an id"),
                    name: format!("group-{n}"),
                    members: Vec::new(),
                    nested: Vec::new(),
                    members_unknown: None,
                })
                .collect(),
        ),
    );
    let record = |source: &str, asked: &[Fact]| SourceRecord {
        source: source.to_owned(),
        kind: String::new(),
        started_at: now,
        ended_at: now,
        asked: asked.to_vec(),
        operations: Vec::new(),
        files: Vec::new(),
        gaps: Vec::new(),
        not_offered: Vec::new(),
        notes: Vec::new(),
    };
    let aws: Vec<Fact> = Fact::ALL.into_iter().take(8).collect();
    let batches = vec![
        Batch::new(record("aws", &aws), Facts::Aws(Some(Box::new(facts)))),
        Batch::new(record("idp:idp", &[Fact::IdpUsers, Fact::IdpGroups]), Facts::Idp(Box::new(idp))),
    ];
    Snapshot::seal(batches, now, now).expect("it seals")
}

fn idp_user(n: usize) -> IdpUser {
    let (id, name) = (format!("idp-{n}").parse().expect("an id"), format!("user.{n}@example.com"));
    let gone = n.is_multiple_of(20);
    let status = if gone { IdpStatus::Disabled } else { IdpStatus::Active };
    let mut user = IdpUser::new(id, name.clone(), status, format!("users.csv row {n}"));
    user.email = Some(name);
    if gone {
        user.status_changed_at = Known::Value(at("2026-07-01T00:00:00Z"));
    }
    user
}
