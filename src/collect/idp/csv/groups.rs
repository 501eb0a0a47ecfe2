//! The groups file and the members files.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::{CsvFiles, is_pattern};
use crate::collect::idp::nesting::{Listed, flatten};
use crate::collect::table::{BadRows, Columns, ColumnsFound, Defect, Names, RawFile, Row, Table, plain_error};
use crate::config::CsvIdpConfig;
use crate::error::Error;
use crate::model::coverage::InputFile;
use crate::model::id::{IdpGroupId, IdpUserId};
use crate::model::{Fact, Gap, GapKind, IdpGroup, IdpUser};

const GROUPS: [Names; 2] = [
    Names { ours: "id", theirs: &["id", "objectId", "Object ID"] },
    Names { ours: "name", theirs: &["name", "displayName", "Display name"] },
];

/// Our own members file: `id` means nothing here, it may be the membership's.
const MEMBERS: [Names; 2] =
    [Names { ours: "group_id", theirs: &["group_id"] }, Names { ours: "user_id", theirs: &["user_id"] }];

/// A file that lists the members of one group, as the Entra admin centre exports it.
const MEMBERS_OF_ONE: [Names; 4] = [
    Names { ours: "group_id", theirs: &["group_id"] },
    Names { ours: "user_id", theirs: &["user_id", "id", "objectId", "Object ID"] },
    Names { ours: "member_type", theirs: &["objectType", "Object type", "Member type"] },
    Names { ours: "display_name", theirs: &["displayName", "Display name"] },
];

/// Which columns the groups file has.
pub(super) fn groups_columns(file: RawFile<'_>, mapping: &BTreeMap<String, String>) -> Result<ColumnsFound, Error> {
    let table = Table::read(file, "id,name")?;
    let columns = table.columns(&GROUPS, mapping, "group_columns")?;
    Ok(table.found(&["id", "name"], &columns))
}

/// Which columns a members file has.
pub(super) fn members_columns(file: RawFile<'_>, config: &CsvIdpConfig) -> Result<ColumnsFound, Error> {
    let table = Table::read(file, "group_id,user_id")?;
    if config.members.as_deref().is_some_and(is_pattern) {
        let columns = table.columns(&MEMBERS_OF_ONE, &config.member_columns, "member_columns")?;
        return Ok(table.found(&["user_id"], &columns));
    }
    let columns = table.columns(&MEMBERS, &config.member_columns, "member_columns")?;
    Ok(table.found(&["group_id", "user_id"], &columns))
}

/// What the files told.
pub(super) struct Groups {
    /// Sorted by id.
    pub(super) list: Vec<IdpGroup>,
    pub(super) files: Vec<InputFile>,
    pub(super) gaps: Vec<Gap>,
    pub(super) notes: Vec<String>,
}

pub(super) fn read(config: &CsvIdpConfig, files: &CsvFiles<'_>, users: &[IdpUser]) -> Result<Groups, Error> {
    let mut reader = Reader {
        config,
        users: users.iter().map(|user| &user.id).collect(),
        users_path: files.users.path,
        groups: BTreeMap::new(),
        declared: files.groups.map(|file| file.path),
        nested: Vec::new(),
        told: Groups { list: Vec::new(), files: Vec::new(), gaps: Vec::new(), notes: Vec::new() },
    };
    if let Some(file) = files.groups {
        reader.groups_file(file)?;
    }
    let per_group = config.members.as_deref().is_some_and(is_pattern);
    for file in &files.members {
        if per_group {
            reader.members_of_one(*file)?;
        } else {
            reader.members_file(*file)?;
        }
    }
    reader.without_members(per_group);
    reader.resolve_nested();
    Ok(reader.finish())
}

#[derive(Default)]
struct Group {
    name: String,
    members: Vec<IdpUserId>,
    /// Whether a file said who its members are.
    listed: bool,
    children: Vec<IdpGroupId>,
}

/// A group that is a member of a group.
struct Nested {
    parent: IdpGroupId,
    child: String,
    child_name: Option<String>,
    at: String,
}

struct Reader<'a> {
    config: &'a CsvIdpConfig,
    users: HashSet<&'a IdpUserId>,
    users_path: &'a str,
    groups: BTreeMap<IdpGroupId, Group>,
    /// The groups file: with it, a group that it lacks is an error; without it, groups are what members files name.
    declared: Option<&'a str>,
    nested: Vec<Nested>,
    told: Groups,
}

impl Reader<'_> {
    fn groups_file(&mut self, file: RawFile<'_>) -> Result<(), Error> {
        let table = Table::read(file, "id,name")?;
        let columns = table.columns(&GROUPS, &self.config.group_columns, "group_columns")?;
        table.require(&columns, &["id", "name"], "group_columns")?;
        let mut bad = BadRows::new(&table, Fact::IdpGroups);
        let mut rows = table.rows();
        for row in rows.by_ref() {
            if bad.is_whole(&row)
                && let Err(defect) = self.group(&row, &columns)
            {
                bad.add(&row, defect);
            }
        }
        self.told.notes.extend(table.notes(&rows, "groups"));
        self.told.files.push(table.input_file("groups", rows.read()));
        self.told.gaps.extend(bad.finish());
        Ok(())
    }

    fn group(&mut self, row: &Row, columns: &Columns) -> Result<(), Defect> {
        let id = id_cell::<IdpGroupId>(row, columns, "id")?;
        let column = columns.of(row, "name");
        let name = row.text(column).ok_or_else(|| Defect::empty(column))?;
        if name.chars().any(char::is_control) {
            return Err(Defect::cell(column, "the name has control characters", "export it again"));
        }
        if self.groups.contains_key(&id) {
            let reason = format!("an earlier row has the same id `{id}`, and only the first is used");
            return Err(Defect::cell(columns.get("id"), reason, "give every group one row"));
        }
        self.groups.insert(id, Group { name, ..Group::default() });
        Ok(())
    }

    fn members_file(&mut self, file: RawFile<'_>) -> Result<(), Error> {
        let table = Table::read(file, "group_id,user_id")?;
        let columns = table.columns(&MEMBERS, &self.config.member_columns, "member_columns")?;
        table.require(&columns, &["group_id", "user_id"], "member_columns")?;
        self.members(&table, &columns, None);
        // One file lists the members of all groups, so a group without a row has none.
        for group in self.groups.values_mut() {
            group.listed = true;
        }
        Ok(())
    }

    fn members_of_one(&mut self, file: RawFile<'_>) -> Result<(), Error> {
        let table = Table::read(file, "id,userPrincipalName,displayName,objectType")?;
        let columns = table.columns(&MEMBERS_OF_ONE, &self.config.member_columns, "member_columns")?;
        table.require(&columns, &["user_id"], "member_columns")?;
        let group = if columns.get("group_id").is_some() {
            None
        } else {
            match self.group_of_file(file.path)? {
                Some(group) => Some(group),
                None => {
                    self.told.files.push(table.input_file("members of an unknown group", table.rows().count() as u64));
                    return Ok(());
                }
            }
        };
        self.members(&table, &columns, group.as_ref());
        Ok(())
    }

    /// The group that a file is named after; a gap when the groups file knows none or several of that name.
    fn group_of_file(&mut self, path: &str) -> Result<Option<IdpGroupId>, Error> {
        let stem = Path::new(path).file_stem().map(|stem| stem.to_string_lossy().trim_ascii().to_owned());
        let stem = stem.unwrap_or_default();
        let Ok(id) = stem.parse::<IdpGroupId>() else {
            return Err(plain_error(
                path,
                format!("the name of `{path}` can't be the name of a group"),
                "name each members file after its group".to_owned(),
            ));
        };
        let Some(declared) = self.declared else {
            let group = self.groups.entry(id.clone()).or_default();
            group.name = stem;
            group.listed = true;
            return Ok(Some(id));
        };
        let mut named: Vec<IdpGroupId> =
            self.groups.iter().filter(|(_, g)| g.name == stem).map(|(id, _)| id.clone()).collect();
        if named.is_empty() && self.groups.contains_key(&id) {
            named.push(id);
        }
        if let [one] = named.as_slice()
            && let Some(group) = self.groups.get_mut(one)
        {
            group.listed = true;
            return Ok(Some(one.clone()));
        }
        self.told.gaps.push(Gap {
            fact: Fact::IdpGroups,
            kind: GapKind::BadRow,
            at: path.to_owned(),
            reason: format!("`{declared}` has {} groups called `{stem}`", named.len()),
            hint: "name the file after one group of the groups file, by its name or its id".to_owned(),
        });
        Ok(None)
    }

    fn members(&mut self, table: &Table<'_>, columns: &Columns, group: Option<&IdpGroupId>) {
        let mut bad = BadRows::new(table, Fact::IdpGroups);
        let mut other = BTreeMap::<String, u64>::new();
        let mut rows = table.rows();
        for row in rows.by_ref() {
            if !bad.is_whole(&row) {
                continue;
            }
            match self.member(&row, columns, group) {
                Ok(Member::User(group, user)) => {
                    if let Some(group) = self.groups.get_mut(&group) {
                        group.members.push(user);
                    }
                }
                Ok(Member::Group(parent, child)) => self.nested.push(Nested {
                    parent,
                    child,
                    child_name: row.text(columns.of(&row, "display_name")),
                    at: bad.at(&row),
                }),
                Ok(Member::Other(kind)) => *other.entry(kind).or_default() += 1,
                Err(defect) => bad.add(&row, defect),
            }
        }
        self.told.notes.extend(table.notes(&rows, "members"));
        for (kind, count) in other {
            let note = format!("`{}` has {count} members of type `{kind}`, which are not people", table.path());
            self.told.notes.push(note);
        }
        let read_as = if group.is_some() { "members of one group" } else { "members" };
        self.told.files.push(table.input_file(read_as, rows.read()));
        self.told.gaps.extend(bad.finish());
    }

    fn member(&mut self, row: &Row, columns: &Columns, group: Option<&IdpGroupId>) -> Result<Member, Defect> {
        let group = match group {
            Some(group) => group.clone(),
            None => self.group_cell(row, columns)?,
        };
        let type_column = columns.of(row, "member_type");
        let kind = row.value(type_column).unwrap_or("User");
        match kind.to_ascii_lowercase().trim_start_matches("#microsoft.graph.") {
            "user" | "member" | "guest" => {}
            "group" => {
                let id = id_cell::<IdpGroupId>(row, columns, "user_id")?;
                return Ok(Member::Group(group, id.as_str().to_owned()));
            }
            "device" | "serviceprincipal" | "service principal" | "orgcontact" | "contact" => {
                return Ok(Member::Other(kind.to_owned()));
            }
            _ => {
                let reason = format!("`{kind}` is not a known type of member");
                return Err(Defect::cell(type_column, reason, "users and groups are expected"));
            }
        }
        let user = id_cell::<IdpUserId>(row, columns, "user_id")?;
        if !self.users.contains(&user) {
            return Err(Defect::cell(
                columns.get("user_id"),
                format!("`{user}` is no user of `{}`, or their row there can't be read", self.users_path),
                "export users and members at the same time, and all users",
            ));
        }
        Ok(Member::User(group, user))
    }

    fn group_cell(&mut self, row: &Row, columns: &Columns) -> Result<IdpGroupId, Defect> {
        let id = id_cell::<IdpGroupId>(row, columns, "group_id")?;
        if let Some(group) = self.groups.get_mut(&id) {
            group.listed = true;
            return Ok(id);
        }
        if let Some(declared) = self.declared {
            return Err(Defect::cell(
                columns.get("group_id"),
                format!("`{id}` is no group of `{declared}`, or its row there can't be read"),
                "export groups and members at the same time, and all groups",
            ));
        }
        let group = Group { name: id.as_str().to_owned(), listed: true, ..Group::default() };
        self.groups.insert(id.clone(), group);
        Ok(id)
    }

    /// A group whose members nobody listed is not an empty group.
    fn without_members(&mut self, per_group: bool) {
        let unlisted: Vec<&str> = self.groups.values().filter(|g| !g.listed).map(|g| g.name.as_str()).collect();
        let Some(declared) = self.declared else { return };
        if unlisted.is_empty() {
            return;
        }
        let (reason, hint) = if per_group {
            let named: Vec<&str> = unlisted.iter().copied().take(10).collect();
            let more = if unlisted.len() > named.len() { ", …" } else { "" };
            (
                format!("{} groups have no members file: {}{more}", unlisted.len(), named.join(", ")),
                "export their members too, or take them out of the groups file",
            )
        } else {
            (
                "the groups are listed and their members are not".to_owned(),
                "name a members file in the config, or remove the groups file",
            )
        };
        self.told.gaps.push(Gap {
            fact: Fact::IdpGroups,
            kind: GapKind::NotFound,
            at: declared.to_owned(),
            reason,
            hint: hint.to_owned(),
        });
    }

    fn resolve_nested(&mut self) {
        let nested = std::mem::take(&mut self.nested);
        if nested.is_empty() {
            return;
        }
        for one in nested {
            // Without a groups file a group's id is its name, so the member's display name can name it.
            let by_name = one.child_name.filter(|_| self.declared.is_none());
            let candidates = [Some(one.child.clone()), by_name];
            let mut ids = candidates.into_iter().flatten().filter_map(|text| text.parse::<IdpGroupId>().ok());
            match ids.find(|id| self.groups.get(id).is_some_and(|group| group.listed)) {
                Some(child) => {
                    if let Some(parent) = self.groups.get_mut(&one.parent) {
                        parent.children.push(child);
                    }
                }
                None => self.told.gaps.push(Gap {
                    fact: Fact::IdpGroups,
                    kind: GapKind::BadRow,
                    at: one.at,
                    reason: format!("the member `{}` is a group, and who is in it is not known", one.child),
                    hint: "export the members of that group too".to_owned(),
                }),
            }
        }
        if self.groups.values().any(|group| !group.children.is_empty()) {
            let note = "members of nested groups are counted in; Entra provisions direct members only";
            self.told.notes.push(note.to_owned());
        }
    }

    fn finish(mut self) -> Groups {
        let listed = self.groups.into_iter().map(|(id, group)| {
            let Group { name, members, children, .. } = group;
            (
                id,
                Listed {
                    name,
                    members: members.into_iter().collect(),
                    children: children.into_iter().collect(),
                    ..Listed::default()
                },
            )
        });
        self.told.list = flatten(&listed.collect());
        self.told
    }
}

/// Who a members row names.
enum Member {
    User(IdpGroupId, IdpUserId),
    Group(IdpGroupId, String),
    Other(String),
}

fn id_cell<T: std::str::FromStr>(row: &Row, columns: &Columns, ours: &str) -> Result<T, Defect> {
    let column = columns.of(row, ours);
    let text = row.value(column).ok_or_else(|| Defect::empty(column))?;
    text.parse().map_err(|_| Defect::cell(column, "the id has control characters or is too long", "export it again"))
}
