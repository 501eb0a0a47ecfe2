//! `[approvals]`.

use super::idp::columns;
use super::people::date_format;
use crate::config::columns::APPROVAL_COLUMNS;
use crate::config::read::Table;
use crate::config::{ApprovalDialect, ApprovalsConfig};

const DIALECTS: &[(&str, ApprovalDialect)] =
    &[("aws-team", ApprovalDialect::AwsTeam), ("sso-elevator", ApprovalDialect::SsoElevator)];

pub(super) fn approvals(table: &mut Table<'_, '_>) -> Option<ApprovalsConfig> {
    let path = table.need_text("path", "name the file: path = \"approvals.csv\"");
    let dialect = table.take("dialect").and_then(|value| value.word("dialect of approvals", DIALECTS));
    let columns = table.take("columns").and_then(|value| columns(&value, &APPROVAL_COLUMNS));
    let date_format = date_format(table);
    // Requests bear a time, and tools write it in UTC.
    let time_zone = match table.take("time_zone") {
        Some(value) => value.zone(),
        None => Some("UTC".to_owned()),
    };
    Some(ApprovalsConfig {
        path: path?.into(),
        dialect,
        columns: columns.unwrap_or_default(),
        date_format,
        time_zone: time_zone?,
    })
}
