//! The users file.

use std::collections::BTreeMap;
use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::dialect;
use super::status;
use crate::collect::table::{BadRows, Column, Columns, ColumnsFound, Defect, RawFile, Row, Table, time_cell};
use crate::config::columns::USER_COLUMNS;
use crate::error::Error;
use crate::model::coverage::InputFile;
use crate::model::id::IdpUserId;
use crate::model::{Fact, Gap, IdpUser, Instant, Known};

/// What the users file told.
pub(super) struct Users {
    /// Sorted by id, each id once.
    pub(super) list: Vec<IdpUser>,
    pub(super) file: InputFile,
    pub(super) gaps: Vec<Gap>,
    pub(super) notes: Vec<String>,
}

pub(super) fn read(file: RawFile<'_>, mapping: &BTreeMap<String, String>) -> Result<Users, Error> {
    let table = Table::read(file, &USER_COLUMNS.join(","))?;
    let dialect = dialect::recognise(&table);
    let columns = table.columns(dialect.names, mapping, "columns")?;
    table.require(&columns, &["id", "user_name", "status"], "columns")?;

    let mut reader =
        UserReader { table: &table, columns: &columns, bad: BadRows::new(&table, Fact::IdpUsers), zoneless: false };
    let mut list: Vec<IdpUser> = Vec::new();
    let mut first: HashMap<IdpUserId, u64> = HashMap::new();
    let mut rows = table.rows();
    for row in rows.by_ref() {
        let Some(user) = reader.user(&row) else { continue };
        if let Some(earlier) = first.get(&user.id) {
            let reason = format!(
                "rows {earlier} and {} have the same id `{}`, and only the first is used",
                row.number(),
                user.id
            );
            reader.bad.add(&row, Defect::cell(columns.get("id"), reason, "give every user one row"));
            continue;
        }
        first.insert(user.id.clone(), row.number());
        list.push(user);
    }
    list.sort_by(|a, b| a.id.cmp(&b.id));

    let mut notes = table.notes(&rows, "users");
    notes.extend(dialect.notes.iter().map(|note| (*note).to_owned()));
    if reader.zoneless {
        notes.push(format!("dates, and times without a zone, in `{}` are read as UTC", table.path()));
    }
    let read_as =
        if mapping.is_empty() { dialect.name.to_owned() } else { format!("{} with mapped columns", dialect.name) };
    Ok(Users { list, file: table.input_file(&read_as, rows.read()), gaps: reader.bad.finish(), notes })
}

/// Which columns the file has.
pub(super) fn columns_of(file: RawFile<'_>, mapping: &BTreeMap<String, String>) -> Result<ColumnsFound, Error> {
    let table = Table::read(file, &USER_COLUMNS.join(","))?;
    let columns = table.columns(dialect::recognise(&table).names, mapping, "columns")?;
    Ok(table.found(&USER_COLUMNS, &columns))
}

struct UserReader<'t> {
    table: &'t Table<'t>,
    columns: &'t Columns,
    bad: BadRows<'t>,
    zoneless: bool,
}

impl UserReader<'_> {
    /// The user of a row; none when who it is or whether they can sign in is not readable.
    fn user(&mut self, row: &Row) -> Option<IdpUser> {
        if !self.bad.is_whole(row) {
            return None;
        }
        match self.identity(row) {
            Ok(user) => Some(self.with_times(row, user)),
            Err(defect) => {
                self.bad.add(row, defect);
                None
            }
        }
    }

    fn identity(&self, row: &Row) -> Result<IdpUser, Defect> {
        let get = |ours| self.columns.get(ours);
        let id_column = get("id");
        let id: IdpUserId = required(row, id_column)?
            .parse()
            .map_err(|_| Defect::cell(id_column, "the id has control characters or is too long", "export it again"))?;
        let name_column = get("user_name");
        let user_name = required(row, name_column)?;
        if user_name.chars().any(char::is_control) {
            return Err(Defect::cell(name_column, "the user name has control characters", "export it again"));
        }
        let status_column = get("status");
        let word = required(row, status_column)?;
        let header = status_column.map_or("", |column| self.table.name(column));
        let status = status::status(header, word).ok_or_else(|| {
            Defect::cell(
                status_column,
                format!("`{word}` is not a known status"),
                "write active, staged, suspended, disabled or deleted, or the vendor's own word for it",
            )
        })?;
        let unread = || Known::Unknown(String::new());
        Ok(IdpUser {
            id,
            user_name: user_name.to_owned(),
            email: row.text(get("email")),
            aliases: aliases(row.value(get("aliases"))),
            display_name: row.text(get("display_name")).or_else(|| self.full_name(row)),
            status,
            status_changed_at: unread(),
            status_unchanged_since: None,
            employee_id: row.text(get("employee_id")),
            user_type: row.text(get("user_type")),
            department: row.text(get("department")),
            title: row.text(get("title")),
            manager: row.text(get("manager")),
            start: unread(),
            end: unread(),
            last_sign_in_at: unread(),
            second_factor: Known::Unknown("the file does not say".to_owned()),
            keys: Vec::new(),
            origin: self.bad.at(row),
        })
    }

    fn full_name(&self, row: &Row) -> Option<String> {
        let parts = ["first_name", "last_name"].map(|ours| row.value(self.columns.get(ours)));
        let given: Vec<&str> = parts.into_iter().flatten().collect();
        (!given.is_empty()).then(|| given.join(" "))
    }

    /// A time that can't be read makes the fact incomplete and is unknown; the user is there all the same.
    fn with_times(&mut self, row: &Row, mut user: IdpUser) -> IdpUser {
        user.status_changed_at = self.time(row, "status_changed_at", Bound::Start, false);
        user.start = self.time(row, "start_date", Bound::Start, true);
        user.end = self.time(row, "end_date", Bound::End, true);
        let last = self.columns.get("last_sign_in_at");
        user.last_sign_in_at = match row.value(last) {
            // Google's words: here the source does say that there was none.
            Some(never) if ["never", "never logged in"].contains(&never.to_ascii_lowercase().as_str()) => Known::Absent,
            _ => self.time(row, "last_sign_in_at", Bound::Start, false),
        };
        user
    }

    fn time(&mut self, row: &Row, ours: &str, bound: Bound, empty_is_none: bool) -> Known<Instant> {
        let Some(column) = self.columns.get(ours) else {
            return Known::Unknown(format!("the file has no {ours}"));
        };
        match time_cell(row, Some(column)) {
            Ok(Some(written)) => {
                self.zoneless |= !written.has_zone();
                let instant = match bound {
                    Bound::Start => written.start(&TimeZone::UTC),
                    Bound::End => written.end(&TimeZone::UTC),
                };
                Known::read(instant)
            }
            Ok(None) if empty_is_none => Known::Absent,
            Ok(None) => Known::Unknown("empty in the file".to_owned()),
            Err(defect) => {
                let why = defect.reason.clone();
                self.bad.add(row, defect);
                Known::Unknown(why)
            }
        }
    }
}

/// Which end of a day a date without a time means.
#[derive(Clone, Copy)]
enum Bound {
    Start,
    End,
}

fn required(row: &Row, column: Option<Column>) -> Result<&str, Defect> {
    row.value(column).ok_or_else(|| Defect::empty(column))
}

fn aliases(cell: Option<&str>) -> Vec<String> {
    let parts = cell.unwrap_or_default().split(';').map(str::trim_ascii);
    parts.filter(|alias| !alias.is_empty()).map(str::to_owned).collect()
}
