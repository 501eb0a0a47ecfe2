//! Where a story is played: an organisation in moto, an identity provider and HR as files, and what their logs say of what is
//! done to them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_identitystore::types::MemberId;
use overstay::model::Instant;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::clock::{self, Look};
use super::files;
use super::told::Told;
use crate::aws::fake::world::{Principal, World};
use crate::aws::fake::{ACCESS_KEY, SECRET_KEY};
use crate::aws::sdk::Sdk;
use crate::moto;
use crate::moto::server::Moto;
use crate::place::{Ended, Place};

/// Looks under way at once, of one state.
const AT_ONCE: usize = 4;

/// Groups of both sides, and the permission sets that they give in `prod`.
pub(super) const ROLES: [(&str, &str); 2] = [("Engineering", "ReadOnly"), ("DevOps", "PowerUser")];

/// A user of the identity provider.
#[derive(Debug, Clone)]
struct Person {
    status: &'static str,
    changed_at: String,
    department: String,
}

/// A story being played.
pub(super) struct Stage {
    moto: Moto,
    sdk: Sdk,
    runtime: Runtime,
    world: World,
    pub(super) place: Place,
    period: String,
    people: BTreeMap<String, Person>,
    /// Members of the identity provider's groups.
    groups: BTreeMap<String, BTreeSet<String>>,
    /// Identity Center users by name.
    users: BTreeMap<String, String>,
    trail: Vec<Value>,
    entra: Vec<Value>,
    /// Files that a look finds besides, by their paths.
    pub(super) strange: Vec<(String, Vec<u8>)>,
    /// The roster's rows.
    pub(super) roster: Vec<String>,
    /// The rows of approvals; nobody asks for any while there are none.
    pub(super) approvals: Vec<String>,
    /// The roster's zone.
    pub(super) zone: String,
    /// The days that the trail's files are said to hold all of; none where nobody says so.
    pub(super) trail_covers: Option<String>,
    /// The same of the identity provider's logs.
    pub(super) logs_cover: Option<String>,
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn idp_id(name: &str) -> String {
    format!("0b-{name}")
}

impl Stage {
    /// An organisation with the roles and nobody in them but `bo`, and a period to audit.
    pub(super) fn new(period: &str) -> Self {
        let moto = Moto::start_completed();
        let sdk = Sdk::new(&moto.url(), "us-east-1");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut world = runtime.block_on(moto::empty(&sdk));
        runtime.block_on(async {
            let prod = moto::account(&sdk, &mut world, "prod").await;
            for (group, set) in ROLES {
                let set = moto::permission_set(&sdk, &mut world, set).await;
                let group = moto::group(&sdk, &mut world, group, &[]).await;
                moto::assign(&sdk, &mut world, Principal::Group(group), &set, &prod).await;
            }
        });
        let mut stage = Self {
            moto,
            sdk,
            runtime,
            world,
            place: Place::new(),
            period: period.to_owned(),
            people: BTreeMap::new(),
            groups: ROLES.iter().map(|(group, _)| ((*group).to_owned(), BTreeSet::new())).collect(),
            users: BTreeMap::new(),
            trail: Vec::new(),
            entra: Vec::new(),
            strange: Vec::new(),
            roster: Vec::new(),
            approvals: Vec::new(),
            zone: "Europe/London".to_owned(),
            trail_covers: Some(period.to_owned()),
            logs_cover: Some(period.to_owned()),
        };
        stage.there_before("bo", "Engineering");
        stage
    }

    // --- The identity provider ------------------------------------------------------------------------------------------

    /// Somebody who is in a group, provisioned, and on the roster, since before anything is looked at.
    pub(super) fn there_before(&mut self, name: &str, group: &str) {
        self.person(name, group);
        self.groups.get_mut(group).unwrap().insert(name.to_owned());
        self.make(name);
        self.add(name, group);
        self.roster.push(format!("e-{name},{name}@example.com,active,2020-01-01,,{group}"));
    }

    fn person(&mut self, name: &str, department: &str) {
        let person = Person { status: "active", changed_at: String::new(), department: department.to_owned() };
        self.people.insert(name.to_owned(), person);
    }

    /// A user is made in the identity provider.
    pub(super) fn hired(&mut self, when: &str, name: &str, department: &str) {
        self.person(name, department);
        self.entra.push(files::audit(when, "Add user", &idp_id(name), &[]));
    }

    /// A user is put into a group of the identity provider.
    pub(super) fn asked(&mut self, when: &str, name: &str, group: &str) {
        self.groups.get_mut(group).unwrap().insert(name.to_owned());
        self.entra.push(files::audit(when, "Add member to group", &idp_id(name), &files::joined(group)));
    }

    /// A user is taken out of a group of the identity provider.
    pub(super) fn dismissed(&mut self, when: &str, name: &str, group: &str) {
        self.groups.get_mut(group).unwrap().remove(name);
        self.entra.push(files::audit(when, "Remove member from group", &idp_id(name), &files::parted(group)));
    }

    /// A user's account is disabled in the identity provider.
    pub(super) fn disabled(&mut self, when: &str, name: &str) {
        let person = self.people.get_mut(name).unwrap();
        (person.status, person.changed_at) = ("disabled", when.to_owned());
        self.entra.push(files::audit(when, "Disable account", &idp_id(name), &[]));
    }

    /// A user's account is enabled again.
    pub(super) fn enabled(&mut self, when: &str, name: &str) {
        let person = self.people.get_mut(name).unwrap();
        (person.status, person.changed_at) = ("active", when.to_owned());
        self.entra.push(files::audit(when, "Enable account", &idp_id(name), &[]));
    }

    // --- The provisioner ------------------------------------------------------------------------------------------------

    fn store(&self) -> &str {
        &self.world.instance.as_ref().unwrap().identity_store
    }

    /// The Identity Center user of that name.
    pub(super) fn user(&self, name: &str) -> &str {
        &self.users[name]
    }

    fn group_id(&self, name: &str) -> String {
        self.world.groups.iter().find(|group| group.name == name).unwrap().id.clone()
    }

    /// The instance of Identity Center.
    pub(super) fn instance(&self) -> &str {
        &self.world.instance.as_ref().unwrap().arn
    }

    /// The account that access is given in.
    pub(super) fn prod(&self) -> &str {
        &self.world.accounts.last().unwrap().id
    }

    fn make(&mut self, name: &str) {
        let id = self.runtime.block_on(moto::user(&self.sdk, &mut self.world, name));
        self.users.insert(name.to_owned(), id);
    }

    fn add(&mut self, name: &str, group: &str) {
        let add = self.sdk.identity_store.create_group_membership().identity_store_id(self.store());
        let add = add.group_id(self.group_id(group)).member_id(MemberId::UserId(self.user(name).to_owned()));
        self.runtime.block_on(add.send()).unwrap();
    }

    /// The provisioner makes a user.
    pub(super) fn provisioned(&mut self, when: &str, name: &str) {
        self.make(name);
        let id = self.user(name).to_owned();
        self.trail.push(files::user_made(when, &id));
        self.entra.push(files::provisioning(when, "create", &idp_id(name), &id));
    }

    /// The provisioner puts a user into a directory group; of whom, CloudTrail hides.
    pub(super) fn joined(&mut self, when: &str, name: &str, group: &str) {
        self.add(name, group);
        self.trail.push(files::patched(when, "PatchGroup", &self.group_id(group), "members"));
    }

    /// A synchroniser of one's own does it by the public API, which hides nothing.
    pub(super) fn joined_by_api(&mut self, when: &str, name: &str, group: &str) {
        self.add(name, group);
        self.trail.push(files::member(when, "CreateGroupMembership", &self.group_id(group), self.user(name)));
    }

    /// The provisioner takes a user out of a directory group.
    pub(super) fn parted(&mut self, when: &str, name: &str, group: &str) {
        let group = self.group_id(group);
        let user = MemberId::UserId(self.user(name).to_owned());
        let find = self.sdk.identity_store.get_group_membership_id().identity_store_id(self.store());
        let found = self.runtime.block_on(find.group_id(&group).member_id(user).send()).unwrap();
        let delete = self.sdk.identity_store.delete_group_membership().identity_store_id(self.store());
        self.runtime.block_on(delete.membership_id(found.membership_id()).send()).unwrap();
        self.trail.push(files::patched(when, "PatchGroup", &group, "members"));
    }

    /// The provisioner switches a user off. moto's users have no status, so only the logs know.
    pub(super) fn deprovisioned(&mut self, when: &str, name: &str) {
        let id = self.user(name).to_owned();
        self.trail.push(files::patched(when, "PatchUser", &id, "active"));
        self.entra.push(files::provisioning(when, "disable", &idp_id(name), &id));
    }

    /// The provisioner deletes a user, who is in no group any more.
    pub(super) fn deleted(&mut self, when: &str, name: &str) {
        let id = self.users.remove(name).unwrap();
        let delete = self.sdk.identity_store.delete_user().identity_store_id(self.store()).user_id(&id);
        self.runtime.block_on(delete.send()).unwrap();
        self.trail.push(files::user_deleted(when, &id));
        self.entra.push(files::provisioning(when, "delete", &idp_id(name), &id));
    }

    /// Somebody uses a permission set in `prod`.
    pub(super) fn uses(&mut self, when: &str, name: &str, set: &str) {
        let record = files::federated(when, self.user(name), set, self.prod());
        self.trail.push(record);
    }

    // --- The logs -------------------------------------------------------------------------------------------------------

    /// No log tells of what was before a time.
    pub(super) fn forget_before(&mut self, until: &str) {
        self.forget("2026-01-01T00:00:00Z", until);
    }

    /// No log tells of what was from one time to another.
    pub(super) fn forget(&mut self, from: &str, until: &str) {
        let kept = |entry: &Value| at(files::time(entry)) < at(from) || at(files::time(entry)) >= at(until);
        self.trail.retain(kept);
        self.entra.retain(kept);
    }

    // --- The program ----------------------------------------------------------------------------------------------------

    fn config(&self, store: &str) -> String {
        let covers =
            |days: &Option<String>| days.as_ref().map_or_else(String::new, |days| format!(", covers = \"{days}\""));
        let approvals = if self.approvals.is_empty() { "" } else { "[approvals]\npath = \"approvals.csv\"\n\n" };
        let access: String = ROLES
            .iter()
            .map(|(group, set)| {
                format!("[[access]]\nmatch = {{ group = \"{group}\" }}\npermission_set = \"{set}\"\naccounts = [\"prod\"]\n\n")
            })
            .collect();
        format!(
            "[organization]\nname = \"Example\"\n\n\
             [aws]\nregion = \"us-east-1\"\nplanes = [\"permission_set\"]\nenumeration = \"exhaustive\"\n\
             requests_per_second = 1000\n\
             cloudtrail = {{ files = \"trail/**/*.json.gz\"{} }}\n\n\
             [[idp]]\nname = \"entra\"\ntype = \"csv\"\nusers = \"users.csv\"\ngroups = \"groups.csv\"\n\
             members = \"members.csv\"\n\
             logs = {{ files = \"entra/*.jsonl\", application = \"{}\"{} }}\n\n\
             [hr]\ntype = \"csv\"\npath = \"roster.csv\"\nlists = \"all\"\ntime_zone = \"{}\"\n\n\
             {approvals}{access}[store]\nurl = \"{store}\"\n",
            covers(&self.trail_covers),
            files::APPLICATION,
            covers(&self.logs_cover),
            self.zone,
        )
    }

    /// Everything that is in files, as it is at a time.
    fn write_files(&self, now: Instant) {
        let mut users = "id,user_name,email,display_name,status,status_changed_at,department,employee_id\n".to_owned();
        for (name, Person { status, changed_at, department }) in &self.people {
            let address = format!("{name}@example.com");
            users.push_str(&format!(
                "{},{address},{address},{name},{status},{changed_at},{department},e-{name}\n",
                idp_id(name)
            ));
        }
        let (mut groups, mut members) = ("id,name\n".to_owned(), "group_id,user_id\n".to_owned());
        for (group, of) in &self.groups {
            groups.push_str(&format!("{group},{group}\n"));
            members.extend(of.iter().map(|name| format!("{group},{}\n", idp_id(name))));
        }
        let header = "user,account,permission_set,requested_by,approved_by,approved_at,reference";
        self.place.write("approvals.csv", format!("{header}\n{}\n", self.approvals.join("\n")));
        let roster = format!("employee_id,email,status,start_date,end_date,department\n{}\n", self.roster.join("\n"));
        for (name, text) in
            [("users.csv", users), ("groups.csv", groups), ("members.csv", members), ("roster.csv", roster)]
        {
            self.place.write(name, text);
        }
        let (mut by_hour, mut entries) = (BTreeMap::<String, Vec<Value>>::new(), Vec::new());
        std::fs::remove_dir_all(self.place.at("trail")).ok();
        for record in self.trail.iter().filter(|record| at(files::time(record)) <= now) {
            by_hour.entry(format!("{}55:00Z", &files::time(record)[..14])).or_default().push(record.clone());
        }
        // A log that is alive holds something, if nothing about access.
        by_hour.entry("2026-01-01T00:00:00Z".to_owned()).or_default().push(files::unrelated_record());
        for (hour, records) in by_hour {
            self.place.write(&files::trail_path(&hour), files::packed(&records));
        }
        entries.extend(self.entra.iter().filter(|entry| at(files::time(entry)) <= now));
        let unrelated = files::audit("2026-01-01T00:00:00Z", "Update policy", "adm", &[]);
        entries.push(&unrelated);
        let (provisioning, audits): (Vec<&Value>, Vec<&Value>) =
            entries.into_iter().partition(|entry| entry.get("provisioningAction").is_some());
        self.place.write("entra/audits.jsonl", files::lines(&audits));
        self.place.write("entra/provisioning.jsonl", files::lines(&provisioning));
        for (path, bytes) in &self.strange {
            self.place.write(path, bytes);
        }
        self.place.write("overstay.toml", self.config(".overstay"));
    }

    fn begin(&self, config: &str, look: Look) -> clock::Looking {
        let env = [
            ("AWS_ENDPOINT_URL", self.moto.url()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ];
        let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
        clock::begin(self.place.path(), config, look, &env)
    }

    /// `overstay collect` from one time to another.
    pub(super) fn look(&self, from: &str, to: &str) -> Ended {
        let look = Look { from: at(from), to: at(to) };
        self.write_files(look.to);
        self.begin("overstay.toml", look).ended()
    }

    /// The same, to be kept in another store.
    pub(super) fn look_into(&self, store: &str, from: &str, to: &str) -> Ended {
        let look = Look { from: at(from), to: at(to) };
        self.write_files(look.to);
        self.place.write("other.toml", self.config(store));
        self.begin("other.toml", look).ended()
    }

    /// A whole look on each of these evenings, from 20:00 to 20:02; between them nothing happens.
    #[track_caller]
    pub(super) fn evenings(&self, days: &[&str]) {
        let looks = days.iter().map(|day| {
            let time = |minute: u8| at(&format!("{day}T20:{minute:02}:00Z"));
            Look { from: time(0), to: time(2) }
        });
        let looks: Vec<Look> = looks.collect();
        for some in looks.chunks(AT_ONCE) {
            self.write_files(some[0].to);
            let begun: Vec<clock::Looking> = some.iter().map(|look| self.begin("overstay.toml", *look)).collect();
            for looking in begun {
                looking.ended().with(0);
            }
        }
    }

    /// The stored snapshots, the earliest first, by their paths in the store.
    pub(super) fn stored(&self) -> Vec<String> {
        self.place.files(".overstay/snapshots").into_keys().collect()
    }

    /// Audits the period on the last look, with the store's looks.
    pub(super) fn audit(&self) -> Told {
        self.audit_without(&[])
    }

    /// The same, as if no look had been taken at these times, `20260707T0938`.
    pub(super) fn audit_without(&self, missing: &[&str]) -> Told {
        let store = format!("store-{}", missing.join("-"));
        for (name, bytes) in self.place.files(".overstay") {
            if !missing.iter().any(|time| name.contains(time)) {
                self.place.write(&format!("{store}/{name}"), bytes);
            }
        }
        self.place.write("audit.toml", self.config(&store));
        let last = format!("{store}/snapshots/{}", self.stored().last().unwrap());
        let out = format!("pack-{store}");
        let arguments = ["audit", "-c", "audit.toml", "--snapshot", &last, "--period", &self.period, "--out", &out];
        let ended = self.place.run(&[&arguments[..], &["--force"]].concat());
        assert!(matches!(ended.code, Some(0 | 3)), "{}", ended.stderr);
        let data = self.place.files(&format!("{out}/data"));
        Told::of(ended, &data)
    }
}
