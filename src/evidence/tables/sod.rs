//! `sod.csv`.

use std::io;

use super::{list, text};
use crate::assess::{Assessed, Assessment};
use crate::config::{EntitlementPattern, SeparationOfDuties};
use crate::evidence::table::{RowWriter, Table, columns};
use crate::reconcile::policy::fits;

columns! {
    /// A person who holds both sides of a pair.
    SodRow {
        finding_id: id "the finding; a row of findings.csv",
        pair: text "the pair's name",
        user_name: text "who holds both sides",
        user_id: list "the Identity Center users they hold them by",
        left: text "one side, as the config names it",
        right: text "the other",
        left_grant_ids: list "grants of one side; rows of grants.csv",
        right_grant_ids: list "grants of the other",
        status: word "open or excepted",
        exception_id: id "the exception that covers it",
        compensating_control: text "what is done instead",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "sod.csv",
    about: "everybody who holds both sides of a separation-of-duties pair",
    sorted_by: &["pair", "user_name", "finding_id"],
    columns: SodRow::COLUMNS,
    rows,
};

fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    let pairs = &assessment.ledger().config().separation_of_duties;
    let mut rows: Vec<SodRow> = assessment
        .findings_of("separation-of-duties")
        .filter_map(|assessed| {
            let named = assessed.finding.subject.ids.last()?;
            let pair = pairs.iter().find(|pair| pair.name == *named)?;
            Some(row(assessment, assessed, pair))
        })
        .collect();
    rows.sort_by(|a, b| (&a.pair, &a.user_name, &a.finding_id).cmp(&(&b.pair, &b.user_name, &b.finding_id)));
    rows.iter().try_for_each(|row| out.row(row))
}

fn row(assessment: &Assessment<'_>, assessed: &Assessed, pair: &SeparationOfDuties) -> SodRow {
    let ledger = assessment.ledger();
    let grants = &assessed.finding.grants;
    let side = |side: &EntitlementPattern| {
        list(grants.iter().filter(|grant| fits(ledger, side, grant.assignment)).map(|grant| ledger.grant_id(*grant)))
    };
    let exceptions = &ledger.config().exceptions;
    let exception = exceptions.iter().find(|exception| assessed.exception.as_deref() == Some(exception.id.as_str()));
    SodRow {
        finding_id: assessed.finding.id(),
        pair: pair.name.clone(),
        user_name: assessed.finding.subject.name.clone(),
        user_id: list(grants.iter().filter_map(|grant| Some(ledger.user(grant.user)?.id.to_string()))),
        left: pair.left.to_string(),
        right: pair.right.to_string(),
        left_grant_ids: side(&pair.left),
        right_grant_ids: side(&pair.right),
        status: assessed.status.as_str().to_owned(),
        exception_id: text(assessed.exception.as_deref()),
        compensating_control: text(exception.and_then(|exception| exception.compensating_control.as_deref())),
    }
}
