//! The users file.

use std::collections::BTreeMap;
use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::dialect::{self, Flags};
use super::state::StateReader;
use crate::collect::idp::microsoft::{joined_entries, proxy_addresses};
use crate::collect::table::{BadRows, Column, Columns, ColumnsFound, Dates, Defect, RawFile, Row, Table};
use crate::config::CsvIdpConfig;
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

pub(super) fn read(file: RawFile<'_>, config: &CsvIdpConfig, now: Instant) -> Result<Users, Error> {
    let mapping = &config.columns;
    let table = Table::read(file, &USER_COLUMNS.join(","))?;
    let dialect = dialect::recognise(&table);
    let columns = table.columns(dialect.names, mapping, "columns")?;
    table.require(&columns, &["id", "user_name", "status"], "columns")?;

    let dates = Dates::new(&config.date_format);
    let flags = if mapping.contains_key("status") { Flags::Each(&[]) } else { dialect.flags };
    let mut reader = UserReader {
        columns: &columns,
        dates: &dates,
        state: StateReader { table: &table, columns: &columns, dates: &dates, flags, now },
        bad: BadRows::new(&table, Fact::IdpUsers),
        zoneless: false,
    };
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
    notes.extend(dates.notes(&table));
    notes.extend(reader.bad.notes());
    notes.extend(contradictions(table.path(), &list));
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

/// What to say about the users of whom it is not known whether they can sign in.
fn contradictions(path: &str, users: &[IdpUser]) -> Option<String> {
    let mut all = users.iter().filter_map(|user| user.contradiction.as_ref());
    let first = all.next()?;
    let count = 1 + all.count();
    Some(format!(
        "`{path}` contradicts itself about whether a user is active, for {count} of its users: the first is {first}. \
         Correct the cells, or export the users again"
    ))
}

struct UserReader<'t> {
    columns: &'t Columns,
    dates: &'t Dates<'t>,
    state: StateReader<'t>,
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
            Ok(user) => Some(self.with_optional(row, user)),
            Err(defect) => {
                self.bad.add(row, defect);
                None
            }
        }
    }

    fn identity(&self, row: &Row) -> Result<IdpUser, Defect> {
        let get = |ours| self.columns.of(row, ours);
        let id_column = get("id");
        let id: IdpUserId = required(row, id_column)?
            .parse()
            .map_err(|_| Defect::cell(id_column, "the id has control characters or is too long", "export it again"))?;
        let name_column = get("user_name");
        let user_name = required(row, name_column)?;
        if user_name.chars().any(char::is_control) {
            return Err(Defect::cell(name_column, "the user name has control characters", "export it again"));
        }
        let state = self.state.read(row, id.as_str(), user_name)?;
        let user_name = state.former_name.unwrap_or_else(|| user_name.to_owned());
        let mut user = IdpUser::new(id, user_name, state.status, self.bad.at(row));
        user.status_changed_at = state.deleted_at.unwrap_or_else(|| Known::Unknown("not read".to_owned()));
        user.contradiction = state.contradiction;
        user.email = row.text(get("email"));
        user.display_name = row.text(get("display_name")).or_else(|| self.full_name(row));
        user.employee_id = row.text(get("employee_id"));
        user.user_type = row.text(get("user_type"));
        user.department = row.text(get("department"));
        user.title = row.text(get("title"));
        user.manager = row.text(get("manager"));
        user.second_factor = Known::Unknown("the file does not say".to_owned());
        Ok(user)
    }

    fn full_name(&self, row: &Row) -> Option<String> {
        let parts = ["first_name", "last_name"].map(|ours| row.value(self.columns.of(row, ours)));
        let given: Vec<&str> = parts.into_iter().flatten().collect();
        (!given.is_empty()).then(|| given.join(" "))
    }

    /// Adds what may be missing. A cell of it that can't be read is noted, and its value is unknown.
    fn with_optional(&mut self, row: &Row, mut user: IdpUser) -> IdpUser {
        self.add_addresses(row, &mut user);
        if user.status_changed_at.is_unknown() {
            user.status_changed_at = self.time(row, "status_changed_at", Bound::Start, false);
        }
        user.start = self.time(row, "start_date", Bound::Start, true);
        user.end = self.time(row, "end_date", Bound::End, true);
        user.last_sign_in_at = match row.value(self.columns.of(row, "last_sign_in_at")) {
            // Google's words: here the source does say that there was none.
            Some(never) if ["never", "never logged in"].contains(&never.to_ascii_lowercase().as_str()) => Known::Absent,
            // A placeholder says the same: Google writes 1970 for a user who has never signed in.
            text => self.time(row, "last_sign_in_at", Bound::Start, text.is_some()),
        };
        user
    }

    fn add_addresses(&mut self, row: &Row, user: &mut IdpUser) {
        let column = self.columns.of(row, "aliases");
        let (Some(column), Some(cell)) = (column, row.value(column)) else { return };
        let read = proxy_addresses(joined_entries(cell));
        if read.unreadable {
            let reason = format!("`{cell}` holds something that is no email address");
            self.bad.unreadable(row, column, &reason, "export the addresses, joined with semicolons");
        }
        user.email = user.email.take().or(read.primary);
        user.aliases = read.all;
        user.aliases.retain(|alias| !user.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(alias)));
    }

    fn time(&mut self, row: &Row, ours: &str, bound: Bound, empty_is_none: bool) -> Known<Instant> {
        let Some(column) = self.columns.of(row, ours) else {
            return Known::Unknown(format!("the file has no {ours}"));
        };
        match self.dates.cell(row, Some(column)) {
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
                self.bad.unreadable(row, column, &defect.reason, &defect.hint);
                Known::Unknown(defect.reason)
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
