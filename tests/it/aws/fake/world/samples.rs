//! Organisations to test with: small ones made by hand, large ones by size.

use super::{Boundary, Principal, World};

/// A user's id that the directory doesn't have.
pub(crate) const GONE_USER: &str = "9067000001-dddddddd-0000-4000-8000-000000000001";
/// A group's id that the directory doesn't have.
pub(crate) const GONE_GROUP: &str = "dddddddd-0000-4000-8000-000000000002";

/// How large a generated organisation is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) users: usize,
    pub(crate) groups: usize,
    pub(crate) accounts: usize,
    pub(crate) permission_sets: usize,
    /// Deployed (permission set, account) pairs.
    pub(crate) pairs: usize,
    pub(crate) assignments: usize,
}

impl Size {
    /// A few hundred calls.
    pub(crate) const SMALL: Self =
        Self { users: 200, groups: 40, accounts: 30, permission_sets: 15, pairs: 154, assignments: 400 };
    /// Some two thousand calls.
    pub(crate) const MEDIUM: Self =
        Self { users: 2_000, groups: 300, accounts: 150, permission_sets: 60, pairs: 1_699, assignments: 5_000 };
}

/// Numbers that look random and are the same every time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }
}

impl World {
    /// An orderly organisation: everyone present, every account active and listed.
    pub(crate) fn tidy() -> Self {
        let mut world = Self::default();
        let prod = world.account("prod-web", "ACTIVE");
        let dev = world.account("dev-web", "ACTIVE");
        world.delegated_admins.push(dev.clone());
        let admin = world.permission_set("Admin", "AdministratorAccess");
        let read = world.permission_set("ReadOnly", "ReadOnlyAccess");
        let ada = world.user("ada");
        let ben = world.user("ben");
        let cyn = world.user("cyn");
        let engineers = world.group("engineers", &[&ada, &ben]);
        let everyone = world.group("everyone", &[&ada, &ben, &cyn]);
        world.assign_group(&engineers, &admin, &dev);
        world.assign_group(&everyone, &read, &dev);
        world.assign_group(&everyone, &read, &prod);
        world.assign_user(&ada, &admin, &prod);
        world.assign_user(&ada, &admin, &dev);
        world.assign_user(&cyn, &read, &prod);
        world
    }

    /// The tidy organisation with all that time does to one: principals gone, accounts closed or gone, users disabled or
    /// made by hand, roles left behind, an old version deployed, each kind of policy.
    pub(crate) fn untidy() -> Self {
        let mut world = Self::tidy();
        let (admin, read) = (world.permission_sets[0].arn.clone(), world.permission_sets[1].arn.clone());
        let dev = world.accounts[2].id.clone();
        let suspended = world.account("old-lab", "SUSPENDED");
        let closed = world.account("older-lab", "CLOSED");
        let gone = world.unlisted_account("sold-off");
        let custom = world.permission_set("Custom", "job-function/Billing");
        let set = world.permission_sets.last_mut().unwrap();
        set.session = "PT12H".into();
        set.managed = (0..3).map(|n| format!("arn:aws:iam::aws:policy/Policy{n}")).collect();
        set.customer = vec![("/".into(), "deploy".into()), ("/team/web/".into(), "deploy-web".into())];
        set.inline =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}"#.into();
        set.boundary = Some(Boundary::Customer("/".into(), "workforce-boundary".into()));
        let idle = world.permission_set("Idle", "ViewOnlyAccess");
        world.permission_sets.last_mut().unwrap().boundary =
            Some(Boundary::Managed("arn:aws:iam::aws:policy/PowerUserAccess".into()));
        world.permission_sets.last_mut().unwrap().description.clear();
        world.provision(&idle, &dev, true);
        world.provision(&read, &dev, false);
        let dan = world.user("dan");
        world.last_user().enabled = Some(false);
        let eve = world.user("eve");
        world.last_user().external_ids.clear();
        let fay = world.user("fay");
        let empty = world.group("empty", &[]);
        let mixed = world.group("mixed", &[&dan, &fay]);
        world.assign_user(&dan, &admin, &dev);
        world.assign_user(&eve, &custom, &suspended);
        world.assign_group(&mixed, &custom, &closed);
        world.assign_group(&mixed, &custom, &dev);
        world.assign_group(&empty, &read, &dev);
        world.assign_user(&eve, &read, &gone);
        world.assign_user(GONE_USER, &admin, &dev);
        world.assign_user(GONE_USER, &read, &dev);
        world.assign_group(GONE_GROUP, &read, &dev);
        world
    }

    /// An organisation of the given size, the same every time; one assignment in a hundred is of a principal that is
    /// gone.
    pub(crate) fn sized(size: Size) -> Self {
        let mut dice = Dice(42);
        let mut world = Self::default();
        let mut accounts = vec![world.management.clone()];
        accounts.extend((1..size.accounts).map(|n| world.account(&format!("account-{n}"), "ACTIVE")));
        let policies = ["AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess", "SecurityAudit"];
        let sets: Vec<String> = (0..size.permission_sets)
            .map(|n| world.permission_set(&format!("Set{n}"), policies[n % policies.len()]))
            .collect();
        let users: Vec<String> = (0..size.users).map(|n| world.user(&format!("user{n}"))).collect();
        let mut groups = Vec::new();
        for n in 0..size.groups {
            let mut members: Vec<&str> =
                (0..5 + dice.below(40)).map(|_| users[dice.below(users.len())].as_str()).collect();
            members.sort_unstable();
            members.dedup();
            groups.push(world.group(&format!("group-{n}"), &members));
        }
        let mut pairs = Vec::new();
        assert!(size.pairs <= accounts.len() * sets.len(), "more pairs than there can be");
        while pairs.len() < size.pairs {
            let pair = (sets[dice.below(sets.len())].clone(), accounts[dice.below(accounts.len())].clone());
            if !world.provisioned.get(&pair.0).is_some_and(|there| there.contains_key(&pair.1)) {
                world.provision(&pair.0, &pair.1, dice.below(20) > 0);
                pairs.push(pair);
            }
        }
        let mut assigned = 0;
        while assigned < size.assignments {
            let (set, account) = &pairs[dice.below(pairs.len())];
            let principal = match dice.below(100) {
                0 => Principal::User(format!("dddddddd-0000-4000-8000-{:012x}", dice.below(1 << 40))),
                1..60 => Principal::Group(groups[dice.below(groups.len())].clone()),
                _ => Principal::User(users[dice.below(users.len())].clone()),
            };
            assigned += usize::from(world.assign(principal, set, account));
        }
        world
    }
}
