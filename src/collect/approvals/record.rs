//! From a row to an approval.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::collect::table::{Column, Columns, Dates, Defect, Row, Written};
use crate::config::ApprovalDialect;
use crate::model::{Approval, Instant, Known};

pub(super) struct ApprovalReader<'t> {
    pub(super) tool: Option<ApprovalDialect>,
    pub(super) columns: &'t Columns,
    pub(super) dates: Dates<'t>,
    pub(super) zone: TimeZone,
    pub(super) now: Instant,
}

/// What a row says.
pub(super) enum Entry {
    /// Access was approved.
    Approved(Box<Approval>),
    /// It was asked for and not approved, or not yet.
    NotApproved,
    /// It is over, and the row does not say whether it was approved, or when it ended.
    Unclear,
    /// It is about a group, or about how the tool keeps groups up to date.
    OfGroup,
    /// Access by the request of this name ended then.
    Revoked(Option<String>, Instant),
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Approved,
    /// Approved, and ended before its time.
    EndedEarly,
    NotApproved,
    /// Over for a reason that an approval may have come before.
    Over,
    /// Failed when it was given or taken back, which leaves the approval as it was.
    Failed,
    Revocation,
}

impl ApprovalReader<'_> {
    pub(super) fn entry(&self, row: &Row, origin: String) -> Result<Entry, Defect> {
        if self.is_of_group(row) {
            return Ok(Entry::OfGroup);
        }
        match self.outcome(row)? {
            Outcome::NotApproved => Ok(Entry::NotApproved),
            outcome @ (Outcome::Over | Outcome::Failed) => self.over(row, outcome, origin),
            Outcome::Revocation => {
                let at = self.instant(row, "approved_at")?.ok_or_else(|| self.empty(row, "approved_at"))?;
                Ok(Entry::Revoked(self.said(row, "reference"), at))
            }
            outcome => self.approval(row, outcome, origin).map(|approval| Entry::Approved(Box::new(approval))),
        }
    }

    /// A request that is over. Whether it was approved before follows from the approver and the time of the approval; AWS TEAM
    /// keeps no such time, and names an approver when one has decided.
    fn over(&self, row: &Row, outcome: Outcome, origin: String) -> Result<Entry, Defect> {
        let has_approver = self.said(row, "approved_by").is_some();
        let has_time = self.said(row, "approved_at").is_some();
        if !has_approver && !has_time {
            // AWS TEAM names no approver where its policy asks for none, so a request that failed may have been approved.
            let may_be_approved = outcome == Outcome::Failed && self.tool == Some(ApprovalDialect::AwsTeam);
            return Ok(if may_be_approved { Entry::Unclear } else { Entry::NotApproved });
        }
        let approved = has_approver && (has_time || self.tool == Some(ApprovalDialect::AwsTeam));
        let approval = if approved { Some(self.approval(row, Outcome::Approved, origin)?) } else { None };
        // An end that lies ahead is the one that was planned: when the request was over before it is not known.
        let has_ended = |until: Instant| outcome == Outcome::Failed || until <= self.now;
        Ok(match approval {
            Some(approval) if approval.until.is_some_and(has_ended) => Entry::Approved(Box::new(approval)),
            _ => Entry::Unclear,
        })
    }

    /// SSO Elevator keeps what it does with groups in the table of its requests: with `group` or the operation as the kind of
    /// entry, and neither account nor permission set.
    fn is_of_group(&self, row: &Row) -> bool {
        let names_none = ["account", "permission_set"].iter().all(|ours| self.said(row, ours).is_none());
        let kind = self.said(row, "entry_kind").unwrap_or_default().to_lowercase();
        let is_of_account = kind.is_empty() || kind == "account";
        let names_group = ["group", "group_id"].iter().any(|ours| self.said(row, ours).is_some());
        self.tool == Some(ApprovalDialect::SsoElevator) && names_none && (names_group || !is_of_account)
    }

    fn approval(&self, row: &Row, outcome: Outcome, origin: String) -> Result<Approval, Defect> {
        let approved_by = self.said(row, "approved_by");
        let approved_at = self.instant(row, "approved_at")?;
        if self.tool.is_none() && approved_by.is_none() && approved_at.is_none() {
            return Err(Defect::cell(
                self.columns.get("approved_by").or(self.columns.get("approved_at")),
                "the row says neither who approved nor when",
                "fill one in, or remove the row if it was not approved",
            ));
        }
        let from = self.instant(row, "starts_at")?;
        let until = match (self.end(row)?, self.length(row)?, from) {
            (Some(end), _, _) => Some(end),
            (None, Some(length), Some(from)) => from.timestamp().checked_add(length).ok().map(Instant::new),
            _ => None,
        };
        let until = match outcome {
            Outcome::EndedEarly if self.end(row)?.is_none() => {
                let changed = self.instant(row, "changed_at")?;
                Some(changed.ok_or_else(|| self.early_without_end())?).min(until.or(changed))
            }
            _ => until,
        };
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            return Err(Defect::cell(
                self.columns.get("ends_at"),
                "the approval ends before it begins",
                "put the two times right",
            ));
        }
        Ok(Approval {
            user: self.user(row)?,
            account: self.account(row)?,
            permission_set: self.needed(row, "permission_set")?,
            requested_by: self.said(row, "requested_by"),
            approved_by,
            approved_at: approved_at
                .map_or_else(|| Known::Unknown("the file does not say when".to_owned()), Known::Value),
            from,
            until,
            reference: self.said(row, "reference").or_else(|| self.said(row, "request")),
            origin,
        })
    }

    /// Words of the tools: TEAM's `status` (its `teamRouter` and `teamStatus` functions), SSO Elevator's `operation_type`.
    fn outcome(&self, row: &Row) -> Result<Outcome, Defect> {
        let column = self.columns.get("status");
        let Some(column) = column else { return Ok(Outcome::Approved) };
        let word = row.value(Some(column)).ok_or_else(|| Defect::empty(Some(column)))?;
        let plain = word.to_lowercase().replace(['_', '-'], " ");
        let outcome = match (self.tool, plain.as_str()) {
            (Some(ApprovalDialect::AwsTeam), "approved" | "scheduled" | "in progress" | "ended") => Outcome::Approved,
            (Some(ApprovalDialect::AwsTeam), "revoked") => Outcome::EndedEarly,
            (Some(ApprovalDialect::SsoElevator), "grant") => Outcome::Approved,
            (Some(ApprovalDialect::SsoElevator), "revoke") => Outcome::Revocation,
            (Some(ApprovalDialect::SsoElevator), "incomplete") => Outcome::NotApproved,
            (None, "approved" | "granted" | "fulfilled" | "provisioned") => Outcome::Approved,
            (None, "revoked" | "ended") => Outcome::Over,
            (_, "expired" | "cancelled" | "canceled" | "withdrawn") => Outcome::Over,
            (_, "error" | "failed") => Outcome::Failed,
            (
                _,
                "pending"
                | "requested"
                | "open"
                | "new"
                | "draft"
                | "submitted"
                | "in review"
                | "waiting for approval"
                | "pending approval"
                | "rejected"
                | "denied"
                | "declined",
            ) => Outcome::NotApproved,
            _ => {
                return Err(Defect::cell(
                    Some(column),
                    format!("`{word}` does not say whether it was approved"),
                    "write approved, rejected or pending; or leave the status out and list what was approved only",
                ));
            }
        };
        Ok(outcome)
    }

    /// Who may hold it. TEAM names users as its own sign-in does, with `idc_` before the user name.
    fn user(&self, row: &Row) -> Result<String, Defect> {
        let user = self.needed(row, "user")?;
        match self.tool {
            Some(ApprovalDialect::AwsTeam) => Ok(user.strip_prefix("idc_").unwrap_or(&user).to_owned()),
            _ => Ok(user),
        }
    }

    /// The account. A spreadsheet takes an id for a number: it drops leading zeros, which can be put back, or rounds.
    fn account(&self, row: &Row) -> Result<String, Defect> {
        let text = self.needed(row, "account")?;
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        if text.contains("E+") && text.replace(',', ".").parse::<f64>().is_ok() {
            return Err(Defect::cell(
                self.columns.get("account"),
                format!("`{text}` is an account id that a spreadsheet has rounded"),
                "export the file again and do not save it from a spreadsheet",
            ));
        }
        Ok(if digits && (9..12).contains(&text.len()) { format!("{text:0>12}") } else { text })
    }

    fn needed(&self, row: &Row, ours: &str) -> Result<String, Defect> {
        self.said(row, ours).ok_or_else(|| self.empty(row, ours))
    }

    fn empty(&self, row: &Row, ours: &str) -> Defect {
        let column = self.columns.get(ours);
        match row.value(column) {
            Some(text) => Defect::cell(
                column,
                format!("`{text}` is what the tool writes for no value"),
                "export the entry again, or remove the row if it approves nothing",
            ),
            None => Defect::empty(column),
        }
    }

    fn early_without_end(&self) -> Defect {
        Defect::cell(
            self.columns.get("status"),
            "the request was revoked, and nothing says when",
            "export `endTime` or `updatedAt` as well",
        )
    }

    /// A cell; the tools write `NA` and `-` where there is nothing.
    fn said(&self, row: &Row, ours: &str) -> Option<String> {
        row.text(self.said_in(row, ours))
    }

    /// The best column of our name in which the row says something.
    fn said_in(&self, row: &Row, ours: &str) -> Option<Column> {
        let is_nothing = |text: &str| self.tool.is_some() && matches!(text, "NA" | "N/A" | "-" | "null");
        let says = |column: &&Column| row.value(Some(**column)).is_some_and(|text| !is_nothing(text));
        self.columns.all(ours).iter().find(says).copied()
    }

    fn written(&self, row: &Row, ours: &str) -> Result<Option<Written>, Defect> {
        // SSO Elevator writes milliseconds since 1970.
        let milliseconds = |text: &str| {
            let are = self.tool == Some(ApprovalDialect::SsoElevator)
                && text.len() == 13
                && text.bytes().all(|b| b.is_ascii_digit());
            let milliseconds = if are { text.parse().ok()? } else { return None };
            Timestamp::from_millisecond(milliseconds).ok().map(Written::Instant)
        };
        self.dates.cell_or(row, self.said_in(row, ours), milliseconds)
    }

    fn instant(&self, row: &Row, ours: &str) -> Result<Option<Instant>, Defect> {
        Ok(self.written(row, ours)?.and_then(|written| written.start(&self.zone)))
    }

    fn end(&self, row: &Row) -> Result<Option<Instant>, Defect> {
        Ok(self.written(row, "ends_at")?.and_then(|written| written.end(&self.zone)))
    }

    /// For how long: hours in TEAM, seconds in SSO Elevator. Without a length there would be no end, so it must be read.
    fn length(&self, row: &Row) -> Result<Option<SignedDuration>, Defect> {
        let column = self.columns.get("duration");
        let Some(column) = column else { return Ok(None) };
        let text = row.value(Some(column)).ok_or_else(|| Defect::empty(Some(column)))?;
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
        let unit = text.get(digits.len()..).unwrap_or_default().trim();
        let number = digits.parse::<u32>().ok().map(i64::from);
        let length = match (self.tool, number, unit) {
            (Some(ApprovalDialect::AwsTeam), Some(hours), "" | "h" | "hour" | "hours") => {
                Some(SignedDuration::from_secs(hours * 3600))
            }
            (Some(ApprovalDialect::SsoElevator), Some(seconds), "") => Some(SignedDuration::from_secs(seconds)),
            _ => None,
        };
        length.map(Some).ok_or_else(|| {
            Defect::cell(Some(column), format!("`{text}` is not a length of time"), "export it as the tool keeps it")
        })
    }
}
