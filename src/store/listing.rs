//! Listings of access that somebody kept before there was a store: weaker evidence than a snapshot, and told apart from it.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::write::serialised;
use super::{Entry, LISTINGS, Store};
use crate::error::Error;
use crate::model::id::{AccountId, GroupId, PermissionSetArn, UserId};
use crate::model::{Assignment, Instant, Principal};
use crate::snapshot::Snapshot;

const FORMAT: &str = "overstay-listing";
const MAJOR: u32 = 1;

/// Who had what at a time, as a file says that somebody kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    format: String,
    major: u32,
    as_of: Instant,
    name: String,
    sha256: String,
    rows: Vec<Row>,
}

/// One grant. Names stand for what the file gives no id of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    user_id: Option<UserId>,
    user_name: String,
    account_id: AccountId,
    permission_set_arn: Option<PermissionSetArn>,
    permission_set_name: String,
    via_group: bool,
    group_id: Option<GroupId>,
    group_name: String,
}

impl Listing {
    /// Reads a CSV file: `grants.csv` of a pack, or any with the columns `user_name`, `account_id` and `permission_set_name`.
    /// For grants through a group it needs `group` (or `group_name`) too.
    ///
    /// # Errors
    /// When a column is missing or a row can't be read.
    pub fn parse(name: &str, bytes: &[u8], as_of: Instant) -> Result<Self, Error> {
        let wrong = |message: String| {
            Error::Usage {
            message: format!("{name}: {message}"),
            hint: "give a pack's grants.csv, or the columns user_name, account_id, permission_set_name and, for what is held \
                   through a group, group"
                .to_owned(),
        }
        };
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::Reader::from_reader(text);
        let header = reader.headers().map_err(|e| wrong(e.to_string()))?.clone();
        let column = |name: &str| header.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
        let (user_id, user_name) = (column("user_id"), column("user_name"));
        let (arn, set) = (column("permission_set_arn"), column("permission_set_name"));
        let (via, group_id) = (column("via"), column("group_id"));
        let group = column("group_name").or_else(|| column("group"));
        let (account, plane) = (column("account_id"), column("plane"));
        for (found, name) in
            [(user_id.or(user_name), "user_name"), (account, "account_id"), (arn.or(set), "permission_set_name")]
        {
            if found.is_none() {
                return Err(wrong(format!("there is no column {name}")));
            }
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| wrong(e.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).map_or("", str::trim);
            // Other planes have no permission sets.
            if !matches!(cell(plane), "" | "permission_set") {
                continue;
            }
            let bad = |what: &str| wrong(format!("line {line}: {what}"));
            let via_group = match cell(via) {
                "group" => true,
                "direct" => false,
                "" => !cell(group_id).is_empty() || !cell(group).is_empty(),
                other => return Err(bad(&format!("via is `{other}`, and neither `direct` nor `group`"))),
            };
            let row = Row {
                user_id: id(cell(user_id)).map_err(|e| bad(&e))?,
                user_name: cell(user_name).to_owned(),
                account_id: id(cell(account)).map_err(|e| bad(&e))?.ok_or_else(|| bad("account_id is empty"))?,
                permission_set_arn: id(cell(arn)).map_err(|e| bad(&e))?,
                permission_set_name: cell(set).to_owned(),
                via_group,
                group_id: if via_group { id(cell(group_id)).map_err(|e| bad(&e))? } else { None },
                group_name: if via_group { cell(group).to_owned() } else { String::new() },
            };
            let lacks = |id: bool, name: &str| !id && name.is_empty();
            if lacks(row.user_id.is_some(), &row.user_name) {
                return Err(bad("it names no user"));
            }
            if lacks(row.permission_set_arn.is_some(), &row.permission_set_name) {
                return Err(bad("it names no permission set"));
            }
            if via_group && lacks(row.group_id.is_some(), &row.group_name) {
                return Err(bad("it names no group"));
            }
            rows.push(row);
        }
        let sha256 = HEXLOWER.encode(&Sha256::digest(bytes));
        Ok(Self { format: FORMAT.to_owned(), major: MAJOR, as_of, name: name.to_owned(), sha256, rows })
    }

    /// When it was so.
    pub fn as_of(&self) -> Instant {
        self.as_of
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the file, lower-case hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How many grants it lists.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it lists none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The grants by ids. Where the file has names only, they are those of `snapshot` that one user, group or permission set
    /// alone has; rows with others are left out, and their number is the second result.
    pub fn resolve(&self, snapshot: &Snapshot) -> (Vec<(UserId, Assignment)>, usize) {
        let aws = snapshot.aws();
        let users = unique(aws.iter().flat_map(|aws| &aws.users).map(|user| (user.user_name.as_str(), &user.id)));
        let groups = unique(aws.iter().flat_map(|aws| &aws.groups).map(|group| (group.name.as_str(), &group.id)));
        let sets = unique(aws.iter().flat_map(|aws| &aws.permission_sets).map(|set| (set.label(), &set.arn)));
        let found: Vec<(UserId, Assignment)> = self
            .rows
            .iter()
            .filter_map(|row| {
                let user = row.user_id.clone().or_else(|| named(&users, &row.user_name))?;
                let permission_set =
                    row.permission_set_arn.clone().or_else(|| named(&sets, &row.permission_set_name))?;
                let principal = if row.via_group {
                    Principal::Group(row.group_id.clone().or_else(|| named(&groups, &row.group_name))?)
                } else {
                    Principal::User(user.clone())
                };
                Some((user, Assignment { account: row.account_id.clone(), permission_set, principal }))
            })
            .collect();
        let left_out = self.rows.len() - found.len();
        (found, left_out)
    }
}

/// An id; none for an empty cell.
fn id<T: std::str::FromStr<Err: std::fmt::Display>>(cell: &str) -> Result<Option<T>, String> {
    if cell.is_empty() { Ok(None) } else { cell.parse().map(Some).map_err(|e: T::Err| e.to_string()) }
}

/// What each name stands for; none for a name that several have.
fn unique<'a, T>(all: impl Iterator<Item = (&'a str, &'a T)>) -> BTreeMap<String, Option<&'a T>> {
    let mut names = BTreeMap::new();
    for (name, id) in all {
        names.entry(name.to_lowercase()).and_modify(|known| *known = None).or_insert(Some(id));
    }
    names
}

fn named<T: Clone>(names: &BTreeMap<String, Option<&T>>, name: &str) -> Option<T> {
    names.get(&name.to_lowercase()).copied().flatten().cloned()
}

impl Store {
    /// Keeps a listing and returns its place. The same one again changes nothing.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn import(&self, listing: &Listing) -> Result<String, Error> {
        let key = Entry::key_of_listing(listing.as_of, &listing.sha256);
        self.files.put_new(&key, &serialised(listing)?)?;
        Ok(self.files.locate(&key))
    }

    /// Every listing, the earliest first. Reads names only.
    ///
    /// # Errors
    /// When they can't be listed.
    pub fn listings(&self) -> Result<Vec<Entry>, Error> {
        let mut entries: Vec<Entry> = self.files.list(LISTINGS)?.into_iter().filter_map(Entry::of_listing).collect();
        entries.sort();
        Ok(entries)
    }

    /// Reads a listing.
    ///
    /// # Errors
    /// When it is not there any more, or not what its name says.
    pub fn listing(&self, entry: &Entry) -> Result<Listing, Error> {
        let listing: Option<Listing> = self.json(entry.key())?;
        let ours = listing
            .filter(|listing| listing.format == FORMAT && listing.major == MAJOR && entry.has_digest(&listing.sha256));
        ours.ok_or_else(|| Error::Verification {
            message: format!("{} is not the listing that its name says", self.locate(entry)),
            hint: "import the file that it was made from again, and take this one out".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2026-06-30T17:00:00Z";

    fn parse(text: &str) -> Result<Listing, Error> {
        Listing::parse("q2.csv", text.as_bytes(), AT.parse().unwrap())
    }

    #[test]
    fn columns_may_be_few_and_in_any_order() {
        let few =
            parse("\u{feff}Account_ID,extra,user_name,permission_set_name\n111111111111,x,ada,ReadOnly\n").unwrap();
        assert_eq!(few.len(), 1);
        assert!(!few.rows[0].via_group && few.rows[0].user_id.is_none());
        let grouped =
            parse("user_name,account_id,permission_set_name,group\nada,111111111111,ReadOnly,team\n").unwrap();
        assert!(grouped.rows[0].via_group);
        let other = parse("user_name,account_id,permission_set_name,plane\nada,111111111111,x,application\n").unwrap();
        assert!(other.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        for (text, words) in [
            ("user_name,permission_set_name\n", "no column account_id"),
            ("user_name,account_id,permission_set_name\nada,123,x\n", "line 2: `123` is not an AWS account id"),
            ("user_name,account_id,permission_set_name\nada,,x\n", "line 2: account_id is empty"),
            ("user_name,account_id,permission_set_name\n,111111111111,x\n", "line 2: it names no user"),
            ("user_name,account_id,permission_set_name\nada,111111111111\n", "line: 2"),
            ("user_name,account_id,permission_set_name,via\nada,111111111111,x,group\n", "line 2: it names no group"),
            ("user_name,account_id,permission_set_name,via\nada,111111111111,x,magic\n", "via is `magic`"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_name_that_two_have_stands_for_neither() {
        let (one, two, three) = (1, 2, 3);
        let names = unique([("Ada", &one), ("ada", &two), ("ben", &three)].into_iter());
        assert_eq!((named(&names, "ADA"), named(&names, "Ben"), named(&names, "cyn")), (None, Some(3), None));
    }
}
