//! Groups: who is in them by their own lists, however long, and who by being in a group that is in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ldap3::Scope;

use super::dn::Dn;
use super::entry::Entry;
use super::failure::Failure;
use super::search::{self, Query};
use super::session::Session;
use super::users::Users;
use crate::collect::idp::nesting::{Listed, flatten};
use crate::model::id::IdpGroupId;
use crate::model::{Fact, Gap, GapKind, IdpGroup};

/// The members of a group, further than the first answer told.
const MORE: &str = "ldap:more members";
/// What a member is that is neither a user nor a group of the lists.
const LOOK: &str = "ldap:other members";
/// Members outside are looked at one by one, up to so many.
const LOOKS: usize = 500;
/// The classes that are groups (RFC 4519, RFC 2307, MS-ADSC).
const CLASSES: [&str; 5] = ["group", "groupofnames", "groupofuniquenames", "posixgroup", "groupofmembers"];

/// The groups of a directory.
#[derive(Debug, Default)]
pub(super) struct Groups {
    listed: BTreeMap<IdpGroupId, Listed>,
    by_dn: HashMap<String, IdpGroupId>,
    /// Members that are no users, and may be groups that are still to come.
    pending: Vec<(IdpGroupId, String)>,
    /// Groups whose list goes on from a place.
    unfinished: Vec<(IdpGroupId, String, u64)>,
    unknown_uids: u64,
}

/// What a list of groups comes to.
#[derive(Debug, Default)]
pub(super) struct Flat {
    pub(super) groups: Vec<IdpGroup>,
    pub(super) gaps: Vec<Gap>,
    pub(super) notes: Vec<String>,
}

impl Groups {
    /// Takes a group, and gives whether it is new.
    pub(super) fn add(&mut self, entry: &Entry, id: &IdpGroupId, name: String) -> bool {
        if self.listed.contains_key(id) {
            return false;
        }
        self.by_dn.insert(Dn::of(&entry.dn).into_key(), id.clone());
        self.listed.insert(id.clone(), Listed { name, ..Listed::default() });
        true
    }

    /// Takes the members that an entry lists under an attribute. A server that cuts a long list says where it goes on
    /// (MS-ADTS, 3.1.1.3.1.3.3, range retrieval).
    pub(super) fn members(&mut self, entry: &Entry, id: &IdpGroupId, attribute: &str, users: &Users) -> Option<u64> {
        for dn in entry.texts(attribute) {
            self.member(id, &dn, users);
        }
        let ranged: Vec<(String, Option<u64>)> =
            entry.attributes().filter_map(|name| Some((name.to_owned(), range_end(name, attribute)?))).collect();
        let mut next = None;
        for (name, end) in ranged {
            for dn in entry.texts(&name) {
                self.member(id, &dn, users);
            }
            next = next.max(end);
        }
        next
    }

    /// Remembers that a group's list goes on from `next`.
    pub(super) fn goes_on(&mut self, id: &IdpGroupId, entry: &Entry, next: u64) {
        self.unfinished.push((id.clone(), entry.dn.clone(), next));
    }

    fn member(&mut self, group: &IdpGroupId, dn: &str, users: &Users) {
        let key = Dn::of(dn).into_key();
        match (users.at(&key), self.listed.get_mut(group)) {
            (Some(user), Some(listed)) => {
                listed.members.insert(user.clone());
            }
            (None, _) if !key.is_empty() => self.pending.push((group.clone(), dn.to_owned())),
            _ => {}
        }
    }

    /// Takes members by the names that `memberUid` has for them.
    pub(super) fn members_by_uid(&mut self, entry: &Entry, id: &IdpGroupId, users: &Users) {
        let Some(listed) = self.listed.get_mut(id) else { return };
        for uid in entry.texts("memberuid") {
            match users.called(&uid) {
                Some(user) => {
                    listed.members.insert(user.clone());
                }
                None => self.unknown_uids += 1,
            }
        }
    }

    /// Takes the members whose primary group it is.
    pub(super) fn primary_members(&mut self, id: &IdpGroupId, number: u32, users: &Users) {
        if let Some(listed) = self.listed.get_mut(id) {
            listed.members.extend(users.primary_members(number).cloned());
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// Reads the rest of lists that were cut.
    pub(super) async fn read_on(&mut self, session: &mut Session, users: &Users) -> Result<(), Failure> {
        while let Some((id, dn, next)) = self.unfinished.pop() {
            let attribute = format!("member;range={next}-*");
            let query = Query {
                scope: Scope::Base,
                attributes: &[attribute.as_str()],
                ..Query::new(MORE, &dn, "(objectClass=*)")
            };
            let mut then = None;
            let mut came = false;
            search::each(session, &query, |entry| {
                came |= entry.attributes().any(|name| range_end(name, "member").is_some());
                then = self.members(&entry, &id, "member", users);
                true
            })
            .await?;
            match then {
                Some(then) if then > next => self.unfinished.push((id, dn, then)),
                Some(_) => return Err(Failure::malformed("the server repeats a part of a group's members")),
                None if came => {}
                None => return Err(Failure::malformed("the server stopped in the middle of a group's members")),
            }
        }
        Ok(())
    }

    /// Sorts out members that are no users: groups of the list, and others. What stands outside `home` and may be a group is
    /// looked at, because people could be members through it.
    pub(super) async fn flat(mut self, session: &mut Session, home: &str) -> Flat {
        let mut flat = Flat::default();
        let home = Dn::of(home);
        let (mut foreign, mut others) = (BTreeSet::new(), BTreeSet::new());
        let mut outside: BTreeSet<String> = BTreeSet::new();
        for (group, text) in std::mem::take(&mut self.pending) {
            let dn = Dn::of(&text);
            let (elsewhere, from_afar) = (!dn.is_within(&home), dn.is_child_of("cn=foreignsecurityprincipals"));
            let key = dn.into_key();
            if let Some(child) = self.by_dn.get(&key) {
                if let Some(listed) = self.listed.get_mut(&group) {
                    listed.children.insert(child.clone());
                }
            } else if elsewhere {
                outside.insert(text);
            } else if from_afar {
                foreign.insert(key);
            } else {
                others.insert(key);
            }
        }
        let (looks, too_many): (Vec<_>, Vec<_>) = outside.into_iter().enumerate().partition(|(at, _)| *at < LOOKS);
        for (_, dn) in looks {
            match is_group(session, &dn).await {
                Ok(false) => {
                    others.insert(dn);
                }
                Ok(true) => flat.gaps.push(gap(
                    &dn,
                    GapKind::NotFound,
                    "a group is a member of another, and stands outside the part that is read",
                    "write the base_dn that holds it as well",
                )),
                Err(failure) => flat.gaps.push(gap(&dn, failure.kind, &failure.reason, &failure.hint)),
            }
        }
        if let Some((_, dn)) = too_many.first() {
            flat.gaps.push(gap(
                &format!("{dn} and {} more", too_many.len() - 1),
                GapKind::NotFound,
                "too many members stand outside the part that is read, and any may be a group",
                "write the base_dn that holds them as well",
            ));
        }
        merge(&mut flat.gaps);
        note(
            &mut flat.notes,
            foreign.len() as u64,
            "of another forest or built into Windows (foreign security principals)",
        );
        note(
            &mut flat.notes,
            others.len() as u64,
            "neither users that were read nor groups: computers, contacts, users elsewhere, or nobody any more",
        );
        note(&mut flat.notes, self.unknown_uids, "user names that no user has");
        flat.groups = flatten(&self.listed);
        flat
    }
}

fn note(notes: &mut Vec<String>, count: u64, what: &str) {
    match count {
        0 => {}
        1 => notes.push(format!("1 member of groups counts as nobody, being {what}")),
        _ => notes.push(format!("{count} members of groups count as nobody, being {what}")),
    }
}

fn gap(at: &str, kind: GapKind, reason: &str, hint: &str) -> Gap {
    Gap { fact: Fact::IdpGroups, kind, at: format!("{LOOK} ({at})"), reason: reason.to_owned(), hint: hint.to_owned() }
}

/// Gaps of one cause are one.
fn merge(gaps: &mut Vec<Gap>) {
    let mut causes: BTreeMap<(GapKind, String, String), (Gap, u64)> = BTreeMap::new();
    for gap in gaps.drain(..) {
        let key = (gap.kind, gap.reason.clone(), gap.hint.clone());
        causes.entry(key).or_insert_with(|| (gap, 0)).1 += 1;
    }
    gaps.extend(causes.into_values().map(|(gap, count)| match count {
        1 => gap,
        _ => Gap { at: format!("{} and {} more", gap.at, count - 1), ..gap },
    }));
}

/// Whether an entry is there and is a group. What is not there adds nobody.
async fn is_group(session: &mut Session, dn: &str) -> Result<bool, Failure> {
    let mut found = false;
    let query = Query { scope: Scope::Base, attributes: &["objectClass"], ..Query::new(LOOK, dn, "(objectClass=*)") };
    let asked = search::each(session, &query, |entry| {
        found |= entry.texts("objectclass").any(|class| CLASSES.contains(&class.to_lowercase().as_str()));
        true
    });
    let elsewhere = || {
        Failure::new(
            GapKind::NotFound,
            "members of groups belong to another domain, which this server does not hold",
            "leave groups out with without = [\"groups\"], or give them as CSV files",
        )
    };
    match asked.await {
        Ok(0) => Ok(found),
        Ok(_) => Err(elsewhere()),
        Err(failure) if failure.is_referral() => Err(elsewhere()),
        // A name that is no place in this directory is no group of it.
        Err(failure) if failure.is_absence() => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// For `member;range=0-1499` the place after its end; for `member;range=1500-*`, which is the last part, none within. None
/// if it is no range of the attribute.
fn range_end(name: &str, attribute: &str) -> Option<Option<u64>> {
    let (_, end) = name.strip_prefix(attribute)?.strip_prefix(";range=")?.split_once('-')?;
    if end == "*" {
        return Some(None);
    }
    Some(Some(end.parse::<u64>().ok()?.checked_add(1)?))
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;
    use crate::model::{IdpStatus, IdpUser};

    #[test]
    fn ranges_say_where_a_list_goes_on() {
        assert_eq!(range_end("member;range=0-1499", "member"), Some(Some(1500)));
        assert_eq!(range_end("member;range=1500-*", "member"), Some(None));
        for other in ["member", "members;range=0-1", "member;binary", "member;range=0", "member;range=0-x"] {
            assert_eq!(range_end(other, "member"), None, "{other}");
        }
        assert_eq!(range_end(&format!("member;range=0-{}", u64::MAX), "member"), None);
    }

    #[test]
    fn members_are_taken_from_every_part_of_a_list() {
        let (mut users, mut groups) = (Users::default(), Groups::default());
        for (id, dn) in [("1", "cn=a,o=x"), ("2", "cn=b,o=x"), ("3", "cn=c,o=x")] {
            let user = IdpUser::new(id.parse().unwrap(), id.to_owned(), IdpStatus::Active, String::new());
            users.add(&entry(dn, &[]), Ok(user));
        }
        let id: IdpGroupId = "g".parse().unwrap();
        let first = entry("cn=g,o=x", &[("member", b""), ("member;range=0-0", b"CN=A,O=X")]);
        assert!(groups.add(&first, &id, "G".to_owned()));
        assert!(!groups.add(&first, &id, "G".to_owned()));
        assert_eq!(groups.members(&first, &id, "member", &users), Some(1));
        let second = entry("cn=g,o=x", &[("member;range=1-*", b"cn=b,o=x"), ("member;range=1-*", b"cn=other,o=x")]);
        assert_eq!(groups.members(&second, &id, "member", &users), None);
        let listed = &groups.listed[&id];
        assert_eq!(listed.members.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(groups.pending, [(id, "cn=other,o=x".to_owned())]);
    }

    #[test]
    fn gaps_of_one_cause_are_one() {
        let mut gaps: Vec<Gap> = ["a", "b", "c"].map(|at| gap(at, GapKind::Denied, "no", "yes")).into();
        gaps.push(gap("d", GapKind::NotFound, "no", "yes"));
        merge(&mut gaps);
        let told: Vec<&str> = gaps.iter().map(|gap| gap.at.as_str()).collect();
        assert_eq!(told, ["ldap:other members (a) and 2 more", "ldap:other members (d)"]);
    }
}
