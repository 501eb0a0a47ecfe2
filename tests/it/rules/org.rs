//! An organisation as data: who is where, what is assigned, what could not be read.

use overstay::collect::{Batch, Facts};
use overstay::config::Config;
use overstay::model::application::ProvisionedUser;
use overstay::model::event::{Action, Actor, ActorKind, LogKind, Window};
use overstay::model::facts::{Instance, Recount};
use overstay::model::id::{AccountId, GroupId, IdpUserId, PermissionSetArn, UserId};
use overstay::model::permission_set::ManagedPolicy;
use overstay::model::{
    Account, AccountState, Approval, AsOf, Assignment, AwsFacts, DeclaredLink, DirectoryGroup, DirectoryUser, Event,
    EventLog, ExternalId, Fact, Gap, GapKind, Holiday, HrFacts, HrRecord, HrStatus, IdpApplication, IdpFacts, IdpGroup,
    IdpStatus, IdpUser, Instant, Known, Membership, NotOffered, PermissionSet, Plane, Principal, Provisioned,
    SourceRecord, Span, UserStatus,
};
use overstay::reconcile::Ledger;
use overstay::snapshot::Snapshot;

use super::report::Report;

/// The instant of all fixtures.
pub(crate) const NOW: &str = "2026-09-30T17:00:00Z";
/// The provisioning tenant that external ids come from.
pub(crate) const ISSUER: &str = "https://scim.example/tenant-1";

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// An organisation under construction. Names are user names without a domain; ids derive from them.
#[derive(Debug, Clone)]
pub(crate) struct Org {
    pub(crate) aws: AwsFacts,
    pub(crate) idps: Vec<IdpFacts>,
    pub(crate) hr: Option<HrFacts>,
    pub(crate) links: Vec<DeclaredLink>,
    pub(crate) approvals: Option<Vec<Approval>>,
    holidays: Option<Vec<Holiday>>,
    config: String,
    gaps: Vec<Fact>,
    unasked: Vec<Fact>,
    /// Facts that the identity providers are asked for beyond users and groups.
    asked: Vec<Fact>,
    pub(crate) not_offered: Vec<NotOffered>,
    /// Logs, each of the source it names.
    pub(crate) events: Vec<EventLog>,
    as_of: Instant,
}

const AWS_FACTS: [Fact; 8] = [
    Fact::Accounts,
    Fact::DirectoryUsers,
    Fact::DirectoryGroups,
    Fact::Memberships,
    Fact::PermissionSets,
    Fact::Boundaries,
    Fact::Assignments,
    Fact::Provisioning,
];

pub(crate) fn user_id(name: &str) -> UserId {
    format!("u-{name}").parse().unwrap()
}

pub(crate) fn group_id(name: &str) -> GroupId {
    format!("g-{name}").parse().unwrap()
}

pub(crate) fn idp_id(name: &str) -> IdpUserId {
    format!("0b-{name}").parse().unwrap()
}

pub(crate) fn set_arn(name: &str) -> PermissionSetArn {
    format!("arn:aws:sso:::permissionSet/ssoins-1/ps-{name}").parse().unwrap()
}

pub(crate) fn address(name: &str) -> String {
    format!("{name}@example.org")
}

pub(crate) fn directory_user(name: &str) -> DirectoryUser {
    DirectoryUser {
        id: user_id(name),
        user_name: address(name),
        display_name: Some(name.to_owned()),
        email: Some(address(name)),
        status: Known::Value(UserStatus::Enabled),
        external_ids: Vec::new(),
        created_at: Known::Value(at("2025-01-01T00:00:00Z")),
        created_by: None,
        updated_at: Known::Absent,
    }
}

pub(crate) fn idp_user(name: &str) -> IdpUser {
    let mut user = IdpUser::new(idp_id(name), address(name), IdpStatus::Active, format!("users.csv, {name}"));
    user.email = Some(address(name));
    user.display_name = Some(name.to_owned());
    user.user_type = Some("Member".to_owned());
    (user.status_changed_at, user.start, user.end) = (Known::Absent, Known::Absent, Known::Absent);
    user.last_sign_in_at = Known::Absent;
    user
}

pub(crate) fn hr_record(name: &str, status: HrStatus) -> HrRecord {
    HrRecord {
        employee_id: None,
        email: Some(address(name)),
        display_name: Some(name.to_owned()),
        status,
        start: None,
        end: None,
        department: None,
        title: None,
        manager: None,
        worker_type: None,
        origin: format!("roster.csv, {name}"),
    }
}

/// Something that a log says happened, by id the instant and the action.
pub(crate) fn event(when: &str, action: Action) -> Event {
    let actor = Actor { kind: ActorKind::Unknown, name: None };
    Event::new(at(when), format!("{when} {action:?}"), action, actor, "log".to_owned())
}

impl Org {
    /// An organisation with the accounts `management` and `prod`, one identity provider and nobody in it.
    pub(crate) fn new() -> Self {
        let aws = AwsFacts {
            instance: Instance {
                arn: "arn:aws:sso:::instance/ssoins-1".parse().unwrap(),
                identity_store: "d-1".parse().unwrap(),
                owner_account: Known::Absent,
                region: "eu-west-1".to_owned(),
            },
            caller: Known::Absent,
            management_account: Known::Absent,
            delegated_admins: Known::Absent,
            accounts: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
            memberships: Vec::new(),
            permission_sets: Vec::new(),
            provisioned: Vec::new(),
            assignments: Vec::new(),
            lookups: Vec::new(),
            recount: Recount { users: Known::Absent, groups: Known::Absent, permission_sets: Known::Absent },
            cross_check: Known::Absent,
            planes: vec![Plane::PermissionSet],
        };
        let mut org = Self {
            aws,
            idps: Vec::new(),
            hr: None,
            links: Vec::new(),
            approvals: None,
            holidays: None,
            config: String::new(),
            gaps: Vec::new(),
            unasked: Vec::new(),
            asked: Vec::new(),
            not_offered: Vec::new(),
            events: Vec::new(),
            as_of: at(NOW),
        };
        org = org.idp("entra").account("management").account("prod").set("Admin", "AdministratorAccess");
        org = org.set("Read", "ReadOnlyAccess");
        org.aws.management_account = Known::Value(org.account_id("management"));
        org
    }

    pub(crate) fn idp(mut self, name: &str) -> Self {
        let groups = Some(Vec::new());
        self.idps.push(IdpFacts::of_people(name.parse().unwrap(), "csv", Vec::new(), groups));
        self
    }

    pub(crate) fn account(mut self, name: &str) -> Self {
        let id: AccountId = format!("1000000000{:02}", self.aws.accounts.len()).parse().unwrap();
        let state = Known::Value(AccountState::Active);
        self.aws.accounts.push(Account { id, name: name.to_owned(), state, path: Known::Value(String::new()) });
        self
    }

    pub(crate) fn account_id(&self, name: &str) -> AccountId {
        self.aws.accounts.iter().find(|account| account.name == name).unwrap().id.clone()
    }

    pub(crate) fn account_state(mut self, name: &str, state: Known<AccountState>) -> Self {
        self.aws.accounts.iter_mut().find(|account| account.name == name).unwrap().state = state;
        self
    }

    /// A permission set with one AWS managed policy and sessions of an hour.
    pub(crate) fn set(mut self, name: &str, policy: &str) -> Self {
        self.aws.permission_sets.push(PermissionSet {
            arn: set_arn(name),
            name: Known::Value(name.to_owned()),
            description: Known::Absent,
            created_at: Known::Absent,
            session: Known::Value(Span::hours(1)),
            managed: Known::Value(vec![ManagedPolicy {
                arn: format!("arn:aws:iam::aws:policy/{policy}"),
                name: policy.to_owned(),
            }]),
            customer: Known::Value(Vec::new()),
            inline: Known::Absent,
            boundary: Known::Absent,
        });
        self
    }

    pub(crate) fn edit_set(mut self, name: &str, edit: impl FnOnce(&mut PermissionSet)) -> Self {
        edit(self.aws.permission_sets.iter_mut().find(|set| set.arn == set_arn(name)).unwrap());
        self
    }

    /// Somebody in the identity provider, provisioned into the directory under an external id.
    pub(crate) fn person(mut self, name: &str) -> Self {
        self.idps[0].users.push(idp_user(name));
        let mut user = directory_user(name);
        user.external_ids.push(ExternalId { issuer: ISSUER.to_owned(), id: idp_id(name).to_string() });
        self.aws.users.push(user);
        self
    }

    /// Somebody in the directory only, made by hand.
    pub(crate) fn by_hand(mut self, name: &str) -> Self {
        self.aws.users.push(directory_user(name));
        self
    }

    /// Somebody in an identity provider only.
    pub(crate) fn idp_only(mut self, idp: usize, name: &str) -> Self {
        self.idps[idp].users.push(idp_user(name));
        self
    }

    pub(crate) fn edit_user(mut self, name: &str, edit: impl FnOnce(&mut DirectoryUser)) -> Self {
        edit(self.aws.users.iter_mut().find(|user| user.id == user_id(name)).unwrap());
        self
    }

    pub(crate) fn edit_idp(mut self, name: &str, edit: impl FnOnce(&mut IdpUser)) -> Self {
        edit(self.idps.iter_mut().flat_map(|idp| &mut idp.users).find(|user| user.id == idp_id(name)).unwrap());
        self
    }

    /// Their identity provider record is disabled, since then if given.
    pub(crate) fn gone(self, name: &str, since: Option<&str>) -> Self {
        self.edit_idp(name, |user| {
            user.status = IdpStatus::Disabled;
            user.status_changed_at = Known::read(since.map(at));
        })
    }

    pub(crate) fn disabled_in_aws(self, name: &str) -> Self {
        self.edit_user(name, |user| user.status = Known::Value(UserStatus::Disabled))
    }

    /// A group of the directory that provisioning made, with its members, and the same in the first identity provider.
    pub(crate) fn group(self, name: &str, members: &[&str]) -> Self {
        self.idp_group(name, members).directory_group(name, members).edit_group(name, |group| {
            group.external_ids.push(ExternalId { issuer: ISSUER.to_owned(), id: format!("0c-{name}") });
        })
    }

    pub(crate) fn idp_group(mut self, name: &str, members: &[&str]) -> Self {
        let members = members.iter().map(|member| idp_id(member)).collect();
        let group = IdpGroup { members, ..IdpGroup::new(format!("0c-{name}").parse().unwrap(), name.to_owned()) };
        self.idps[0].groups.as_mut().unwrap().push(group);
        self
    }

    pub(crate) fn directory_group(mut self, name: &str, members: &[&str]) -> Self {
        self.aws.groups.push(DirectoryGroup {
            id: group_id(name),
            name: name.to_owned(),
            external_ids: Vec::new(),
            created_at: Known::Absent,
        });
        for member in members {
            self.aws.memberships.push(Membership {
                group: group_id(name),
                user: user_id(member),
                created_at: Known::Absent,
                created_by: None,
            });
        }
        self
    }

    pub(crate) fn edit_group(mut self, name: &str, edit: impl FnOnce(&mut DirectoryGroup)) -> Self {
        edit(self.aws.groups.iter_mut().find(|group| group.id == group_id(name)).unwrap());
        self
    }

    fn assign(mut self, principal: Principal, set: &str, account: &str) -> Self {
        let (permission_set, account) = (set_arn(set), self.account_id(account));
        self.aws.provisioned.push(Provisioned {
            permission_set: permission_set.clone(),
            account: account.clone(),
            latest: Known::Value(true),
        });
        self.aws.assignments.push(Assignment { account, permission_set, principal });
        self
    }

    /// A direct assignment.
    pub(crate) fn direct(self, user: &str, set: &str, account: &str) -> Self {
        self.assign(Principal::User(user_id(user)), set, account)
    }

    /// An assignment to a group.
    pub(crate) fn grouped(self, group: &str, set: &str, account: &str) -> Self {
        self.assign(Principal::Group(group_id(group)), set, account)
    }

    /// A group of that name for one person, in both places, and an assignment to it.
    pub(crate) fn access(self, user: &str, set: &str, account: &str) -> Self {
        let name = format!("{user}-{set}-{account}");
        self.group(&name, &[user]).grouped(&name, set, account)
    }

    fn roster(&mut self) -> &mut HrFacts {
        self.hr.get_or_insert_with(|| HrFacts { records: Vec::new(), lists_leavers: true, time_zone: "UTC".to_owned() })
    }

    /// An HR record of that person, matched by address.
    pub(crate) fn hr(self, name: &str, status: HrStatus) -> Self {
        self.hr_with(hr_record(name, status))
    }

    pub(crate) fn hr_with(mut self, record: HrRecord) -> Self {
        self.roster().records.push(record);
        self
    }

    /// The roster lists current workers only.
    pub(crate) fn hr_lists_active_only(mut self) -> Self {
        self.roster().lists_leavers = false;
        self
    }

    /// An approval under a ticket named after the user, from an instant and until another.
    pub(crate) fn approval(
        mut self,
        user: &str,
        (set, account): (&str, &str),
        from: &str,
        until: Option<&str>,
    ) -> Self {
        let account = self.account_id(account).to_string();
        let approvals = self.approvals.get_or_insert_default();
        approvals.push(Approval {
            user: address(user),
            account,
            permission_set: set.to_owned(),
            requested_by: Some(address(user)),
            approved_by: Some(address("lead")),
            approved_at: Known::Value(at(from)),
            from: Some(at(from)),
            until: until.map(at),
            reference: Some(format!("REQ-{user}")),
            origin: format!("approvals.csv row {}", approvals.len() + 1),
        });
        self
    }

    /// A day off that was read from the calendar's file.
    pub(crate) fn holiday(mut self, date: &str) -> Self {
        let holiday = Holiday { date: date.parse().unwrap(), name: None, origin: "holidays.csv".to_owned() };
        self.holidays.get_or_insert_default().push(holiday);
        self
    }

    /// The same, approved by who asked for it.
    pub(crate) fn own_approval(mut self, user: &str, what: (&str, &str), from: &str) -> Self {
        self = self.approval(user, what, from, None);
        let own = self.approvals.iter_mut().flatten().next_back().unwrap();
        own.approved_by.clone_from(&own.requested_by);
        self
    }

    /// Approvals were read, though there may be none.
    pub(crate) fn approvals_read(mut self) -> Self {
        self.approvals.get_or_insert_default();
        self
    }

    /// Sets when somebody was added to a group.
    pub(crate) fn member_since(mut self, group: &str, user: &str, since: &str) -> Self {
        let mut all = self.aws.memberships.iter_mut();
        let found = all.find(|m| m.group == group_id(group) && m.user == user_id(user));
        found.unwrap().created_at = Known::Value(at(since));
        self
    }

    /// Adds to the config.
    pub(crate) fn config(mut self, text: &str) -> Self {
        self.config.push_str(text);
        self.config.push('\n');
        self
    }

    /// An exception that lasts to the end of the year.
    pub(crate) fn exception(self, rule: &str, subject: &str) -> Self {
        self.exception_until(rule, subject, "2026-12-31")
    }

    pub(crate) fn exception_until(self, rule: &str, subject: &str, expires: &str) -> Self {
        self.config(&format!(
            "[[exception]]\nrule = \"{rule}\"\nsubject = {subject}\nreason = \"accepted\"\napproved_by = \"ciso@example.org\"\nexpires = {expires}"
        ))
    }

    /// Part of this fact could not be read.
    pub(crate) fn gap(mut self, fact: Fact) -> Self {
        self.gaps.push(fact);
        self
    }

    /// The identity providers were asked for this fact as well; AWS, when it is CloudTrail.
    pub(crate) fn asked(mut self, fact: Fact) -> Self {
        self.asked.push(fact);
        self
    }

    /// The identity providers do not tell this fact.
    pub(crate) fn not_offered(mut self, fact: Fact, reason: &str) -> Self {
        self.not_offered.push(NotOffered { fact, reason: reason.to_owned() });
        self
    }

    /// The application of an identity provider that signs people in to AWS, made when first edited.
    pub(crate) fn application(mut self, idp: usize, edit: impl FnOnce(&mut IdpApplication)) -> Self {
        let unknown = || "not asked".to_owned();
        edit(self.idps[idp].application.get_or_insert_with(|| IdpApplication {
            id: "app-1".to_owned(),
            name: "AWS IAM Identity Center".to_owned(),
            enabled: Known::Value(true),
            assignment_required: Known::Value(true),
            users: Vec::new(),
            groups: Vec::new(),
            provisioned_users: Vec::new(),
            provisioned_groups: Vec::new(),
            external_id: Known::Unknown(unknown()),
            job: Known::Unknown(unknown()),
            second_factor: Known::Unknown(unknown()),
        }));
        self
    }

    /// The first provider's own record that it made an Identity Center user for one of its users.
    pub(crate) fn provisioned(self, target: &str, user: &str) -> Self {
        self.application(0, |application| {
            application.provisioned_users.push(ProvisionedUser {
                user: idp_id(user),
                target: user_id(target).to_string(),
                origin: format!("provisioning log, {user}"),
            });
        })
    }

    /// What happened, in a log of `source` that covers all of September.
    pub(crate) fn events(mut self, source: &str, kind: LogKind, events: Vec<Event>) -> Self {
        let covered = vec![Window { from: at("2026-09-01T00:00:00Z"), to: at(NOW) }];
        self.events.push(EventLog { source: source.to_owned(), kind, covered, events });
        self
    }

    /// Nobody asked for this fact.
    pub(crate) fn unasked(mut self, fact: Fact) -> Self {
        self.unasked.push(fact);
        if fact == Fact::HrRecords {
            self.hr = None;
        }
        self
    }

    pub(crate) fn on(mut self, instant: &str) -> Self {
        self.as_of = at(instant);
        self
    }

    /// Its config.
    pub(crate) fn config_text(&self) -> &str {
        &self.config
    }

    fn record(&self, source: String, asked: &[Fact]) -> SourceRecord {
        let asked: Vec<Fact> = asked.iter().copied().filter(|fact| !self.unasked.contains(fact)).collect();
        let gaps = self.gaps.iter().copied().filter(|fact| asked.contains(fact)).map(|fact| Gap {
            fact,
            kind: GapKind::Denied,
            at: "somewhere".to_owned(),
            reason: "it was denied".to_owned(),
            hint: String::new(),
        });
        SourceRecord {
            gaps: gaps.collect(),
            source,
            kind: "fixture".to_owned(),
            started_at: at(NOW),
            ended_at: at(NOW),
            asked,
            operations: Vec::new(),
            files: Vec::new(),
            not_offered: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Seals what the collectors would have brought.
    pub(crate) fn seal(&self) -> Snapshot {
        self.seal_at(at(NOW), at(NOW))
    }

    /// The same as read from one instant to another.
    pub(crate) fn seal_at(&self, started: Instant, ended: Instant) -> Snapshot {
        let cloudtrail = self.asked.iter().copied().filter(|fact| *fact == Fact::CloudTrail);
        let asked: Vec<Fact> = AWS_FACTS.into_iter().chain(cloudtrail).collect();
        let record = self.record("aws".into(), &asked);
        let mut batches = vec![Batch::new(record, Facts::Aws(Some(Box::new(self.aws.clone()))))];
        for idp in &self.idps {
            let mut asked = vec![Fact::IdpUsers];
            asked.extend(idp.groups.as_ref().map(|_| Fact::IdpGroups));
            asked.extend(self.asked.iter().copied().filter(|fact| *fact != Fact::CloudTrail));
            let mut record = self.record(format!("idp:{}", idp.name), &asked);
            record.not_offered.clone_from(&self.not_offered);
            batches.push(Batch::new(record, Facts::Idp(Box::new(idp.clone()))));
        }
        if let Some(hr) = &self.hr {
            let record = self.record("hr".into(), &[Fact::HrRecords]);
            batches.push(Batch::new(record, Facts::Hr(hr.clone())));
        }
        if let Some(holidays) = &self.holidays {
            let record = self.record("calendar".into(), &[Fact::Holidays]);
            batches.push(Batch::new(record, Facts::Holidays(holidays.clone())));
        }
        if let Some(approvals) = &self.approvals {
            let record = self.record("approvals".into(), &[Fact::Approvals]);
            batches.push(Batch::new(record, Facts::Approvals(approvals.clone())));
        }
        if !self.links.is_empty() || self.gaps.contains(&Fact::DeclaredLinks) {
            let record = self.record("links".into(), &[Fact::DeclaredLinks]);
            batches.push(Batch::new(record, Facts::Links(self.links.clone())));
        }
        for batch in &mut batches {
            let source = &batch.record.source;
            batch.events = self.events.iter().filter(|log| log.source == *source).cloned().collect();
        }
        Snapshot::seal(batches, started, ended).unwrap()
    }

    /// Seals, reconciles, and shows the ledger.
    pub(crate) fn reconcile<T>(&self, see: impl FnOnce(&Ledger<'_>) -> T) -> T {
        let config = Config::parse(&self.config, "fixture.toml").unwrap_or_else(|e| panic!("{e:#?}"));
        let snapshot = self.seal();
        see(&overstay::reconcile::reconcile(&snapshot, &config, AsOf::new(self.as_of), None))
    }

    /// The cells of some columns of a table, row by row, as it would be written.
    pub(crate) fn cells(&self, file: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let table = overstay::evidence::tables::TABLES.iter().find(|table| table.file == file).unwrap();
        let mut written = Vec::new();
        self.reconcile(|ledger| {
            let assessment = overstay::assess::assess(ledger, overstay::rules::evaluate(ledger));
            table.write(&assessment, "r", &mut written).unwrap();
        });
        let mut reader = csv::Reader::from_reader(written.as_slice());
        let header = reader.headers().unwrap().clone();
        let at: Vec<usize> =
            columns.iter().map(|name| header.iter().position(|other| other == *name).unwrap()).collect();
        reader.records().map(|row| at.iter().map(|at| row.as_ref().unwrap()[*at].to_owned()).collect()).collect()
    }

    /// Everything the rules say.
    pub(crate) fn report(&self) -> Report {
        self.reconcile(|ledger| Report::of(&overstay::assess::assess(ledger, overstay::rules::evaluate(ledger))))
    }
}
