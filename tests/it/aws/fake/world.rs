//! An organisation as data: what the server tells, and what a test compares with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(crate) mod expect;
pub(crate) mod samples;

/// When everything in the directory was made.
pub(crate) const CREATED_AT: f64 = 1_700_000_000.0;

/// The Identity Center instance.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) arn: String,
    pub(crate) identity_store: String,
    pub(crate) owner: String,
    pub(crate) primary_region: String,
    /// Every Region it is enabled in.
    pub(crate) regions: Vec<String>,
}

/// An account of the organization.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) state: &'static str,
    /// Its OU, below the root.
    pub(crate) path: &'static str,
    /// Whether `ListAccounts` lists it; one that left the organization isn't listed.
    pub(crate) listed: bool,
}

/// A permissions boundary.
#[derive(Debug, Clone)]
pub(crate) enum Boundary {
    /// An AWS managed policy.
    Managed(String),
    /// Path and name of a customer managed policy.
    Customer(String, String),
}

/// A permission set.
#[derive(Debug, Clone)]
pub(crate) struct PermissionSet {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) session: String,
    pub(crate) managed: Vec<String>,
    /// Paths and names.
    pub(crate) customer: Vec<(String, String)>,
    pub(crate) inline: String,
    pub(crate) boundary: Option<Boundary>,
}

/// A directory user.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) user_name: String,
    pub(crate) display_name: String,
    pub(crate) email: String,
    /// None: the store doesn't say.
    pub(crate) enabled: Option<bool>,
    /// Issuers and ids.
    pub(crate) external_ids: Vec<(String, String)>,
    /// Whether `ListUsers` lists it; `DescribeUser` knows it either way.
    pub(crate) listed: bool,
}

/// A directory group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) external_ids: Vec<(String, String)>,
}

/// Who holds an assignment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Principal {
    /// A user's id.
    User(String),
    /// A group's id.
    Group(String),
}

impl Principal {
    /// `USER` or `GROUP`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "USER",
            Self::Group(_) => "GROUP",
        }
    }

    /// Its id.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::User(id) | Self::Group(id) => id,
        }
    }
}

/// The organisation.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) instance: Option<Instance>,
    pub(crate) in_organization: bool,
    /// Whether `ListAccounts` still tells `Status` beside `State`.
    pub(crate) tells_status: bool,
    pub(crate) management: String,
    pub(crate) delegated_admins: Vec<String>,
    pub(crate) caller: String,
    pub(crate) accounts: Vec<Account>,
    pub(crate) permission_sets: Vec<PermissionSet>,
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<Group>,
    /// Group → users.
    pub(crate) members: BTreeMap<String, Vec<String>>,
    /// Permission set → account → whether the role there is the latest version.
    pub(crate) provisioned: BTreeMap<String, BTreeMap<String, bool>>,
    /// (Permission set, account) → principals.
    pub(crate) assignments: BTreeMap<(String, String), Vec<Principal>>,
    /// CloudTrail records of the event history.
    pub(crate) trail: Vec<serde_json::Value>,
    /// The only bucket there is.
    pub(crate) bucket: Option<super::s3::Bucket>,
}

/// The world by id, so that the server answers at once.
pub(crate) struct Index {
    pub(super) permission_sets: HashMap<String, usize>,
    pub(super) users: HashMap<String, usize>,
    pub(super) groups: HashMap<String, usize>,
    pub(super) listed_users: Vec<usize>,
    pub(super) listed_accounts: Vec<usize>,
    pub(super) groups_of: HashMap<String, Vec<String>>,
    pub(super) held: HashMap<Principal, Vec<(String, String)>>,
}

impl Default for World {
    /// Nothing but a management account and an instance in us-east-1.
    fn default() -> Self {
        let management = "100000000000".to_owned();
        Self {
            instance: Some(Instance {
                arn: "arn:aws:sso:::instance/ssoins-7223000000000001".into(),
                identity_store: "d-9067000001".into(),
                owner: management.clone(),
                primary_region: "us-east-1".into(),
                regions: vec!["us-east-1".into()],
            }),
            in_organization: true,
            tells_status: true,
            caller: format!("arn:aws:iam::{management}:user/auditor"),
            delegated_admins: Vec::new(),
            accounts: vec![Account {
                id: management.clone(),
                name: "management".into(),
                state: "ACTIVE",
                path: "ou-core",
                listed: true,
            }],
            management,
            permission_sets: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
            members: BTreeMap::new(),
            provisioned: BTreeMap::new(),
            assignments: BTreeMap::new(),
            trail: Vec::new(),
            bucket: None,
        }
    }
}

impl World {
    /// Adds an account and gives its id.
    pub(crate) fn account(&mut self, name: &str, state: &'static str) -> String {
        let id = format!("{}", 100_000_000_000_u64 + self.accounts.len() as u64);
        let name = name.to_owned();
        self.accounts.push(Account { id: id.clone(), name, state, path: "ou-workloads", listed: true });
        id
    }

    /// Adds an account that `ListAccounts` doesn't list.
    pub(crate) fn unlisted_account(&mut self, name: &str) -> String {
        let id = self.account(name, "ACTIVE");
        self.accounts.last_mut().unwrap().listed = false;
        id
    }

    /// Adds a permission set with one AWS managed policy and gives its ARN.
    pub(crate) fn permission_set(&mut self, name: &str, managed: &str) -> String {
        let number = self.permission_sets.len() + 1;
        let arn = format!("arn:aws:sso:::permissionSet/ssoins-7223000000000001/ps-{number:016x}");
        self.permission_sets.push(PermissionSet {
            arn: arn.clone(),
            name: name.to_owned(),
            description: format!("{name} for tests"),
            session: "PT4H".into(),
            managed: vec![format!("arn:aws:iam::aws:policy/{managed}")],
            customer: Vec::new(),
            inline: String::new(),
            boundary: None,
        });
        arn
    }

    /// Adds an enabled user of the SCIM provisioner and gives its id. Every other id has the older form with a prefix.
    pub(crate) fn user(&mut self, name: &str) -> String {
        let number = self.users.len() + 1;
        let prefix = if number.is_multiple_of(2) { "9067000001-" } else { "" };
        let id = format!("{prefix}10000000-0000-4000-8000-{number:012x}");
        self.users.push(User {
            id: id.clone(),
            user_name: format!("{name}@example.com"),
            display_name: name.to_owned(),
            email: format!("{name}@example.com"),
            enabled: Some(true),
            external_ids: vec![("https://scim.aws.com/tenant".into(), format!("00u{number:08}"))],
            listed: true,
        });
        id
    }

    /// Adds a group of the SCIM provisioner and gives its id.
    pub(crate) fn group(&mut self, name: &str, members: &[&str]) -> String {
        let number = self.groups.len() + 1;
        let id = format!("20000000-0000-4000-8000-{number:012x}");
        let external_ids = vec![("https://scim.aws.com/tenant".into(), format!("00g{number:08}"))];
        self.groups.push(Group { id: id.clone(), name: name.to_owned(), external_ids });
        self.members.insert(id.clone(), members.iter().map(|&member| member.to_owned()).collect());
        id
    }

    /// The last user added.
    pub(crate) fn last_user(&mut self) -> &mut User {
        self.users.last_mut().unwrap()
    }

    /// Deploys a permission set to an account.
    pub(crate) fn provision(&mut self, set: &str, account: &str, latest: bool) {
        self.provisioned.entry(set.to_owned()).or_default().insert(account.to_owned(), latest);
    }

    /// Assigns, and deploys if need be. False if the assignment was there already.
    pub(crate) fn assign(&mut self, principal: Principal, set: &str, account: &str) -> bool {
        self.provisioned.entry(set.to_owned()).or_default().entry(account.to_owned()).or_insert(true);
        let principals = self.assignments.entry((set.to_owned(), account.to_owned())).or_default();
        let new = !principals.contains(&principal);
        if new {
            principals.push(principal);
        }
        new
    }

    /// Assigns to a user.
    pub(crate) fn assign_user(&mut self, user: &str, set: &str, account: &str) -> bool {
        self.assign(Principal::User(user.to_owned()), set, account)
    }

    /// Assigns to a group.
    pub(crate) fn assign_group(&mut self, group: &str, set: &str, account: &str) -> bool {
        self.assign(Principal::Group(group.to_owned()), set, account)
    }

    pub(super) fn index(&self) -> Index {
        let mut groups_of: HashMap<String, Vec<String>> = HashMap::new();
        for (group, members) in &self.members {
            for member in members {
                groups_of.entry(member.clone()).or_default().push(group.clone());
            }
        }
        let mut held: HashMap<Principal, Vec<(String, String)>> = HashMap::new();
        for (place, principals) in &self.assignments {
            for principal in principals {
                held.entry(principal.clone()).or_default().push(place.clone());
            }
        }
        let positions = |ids: Vec<&String>| ids.into_iter().cloned().zip(0..).collect();
        let users = self.users.iter();
        let accounts = self.accounts.iter();
        Index {
            permission_sets: positions(self.permission_sets.iter().map(|set| &set.arn).collect()),
            users: positions(self.users.iter().map(|user| &user.id).collect()),
            groups: positions(self.groups.iter().map(|group| &group.id).collect()),
            listed_users: users.zip(0..).filter(|(user, _)| user.listed).map(|(_, at)| at).collect(),
            listed_accounts: accounts.zip(0..).filter(|(account, _)| account.listed).map(|(_, at)| at).collect(),
            groups_of,
            held,
        }
    }

    /// Assigned principals that the directory doesn't have.
    pub(crate) fn dangling(&self) -> BTreeSet<Principal> {
        let index = self.index();
        let known = |principal: &&Principal| match principal {
            Principal::User(id) => index.users.contains_key(id),
            Principal::Group(id) => index.groups.contains_key(id),
        };
        self.assignments.values().flatten().filter(|principal| !known(principal)).cloned().collect()
    }
}
