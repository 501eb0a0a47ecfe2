use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::config::{ApprovalDialect, DateFormat};
use crate::model::Known;

fn config() -> ApprovalsConfig {
    ApprovalsConfig {
        path: "approvals.csv".into(),
        dialect: None,
        columns: BTreeMap::new(),
        date_format: DateFormat::YearFirst,
        time_zone: "UTC".to_owned(),
    }
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn read_with(config: &ApprovalsConfig, text: &str) -> Result<(Vec<Approval>, SourceRecord), Error> {
    let file = RawFile { path: "approvals.csv", bytes: text.as_bytes(), modified_at: None };
    let batch = read(config, file, &Clock::fixed(at("2026-09-30T12:00:00Z")))?;
    match batch.facts {
        Facts::Approvals(approvals) => Ok((approvals, batch.record)),
        other => panic!("{other:?}"),
    }
}

fn read_text(text: &str) -> (Vec<Approval>, SourceRecord) {
    read_with(&config(), text).unwrap()
}

fn reasons(record: &SourceRecord) -> Vec<(&str, &str)> {
    record.gaps.iter().map(|gap| (gap.at.as_str(), gap.reason.as_str())).collect()
}

#[test]
fn our_own_header_lists_what_was_approved() {
    let (approvals, record) = read_text(
        "user,account,permission_set,requested_by,approved_by,approved_at,reference\n\
         ada@x,prod,Admin,lead@x,ciso@x,2026-08-31T09:00:00Z,SEC-1\n\
         bo@x,12345678901,Read,,ciso@x,2026-08-31,\n\
         cy@x,prod,Read,,,,SEC-3\n\
         di@x,1.23457E+11,Read,,ciso@x,,SEC-4\n\
         ,prod,Read,,ciso@x,,SEC-5\n",
    );
    assert_eq!(record.files[0].read_as, "own header, separated by comma, UTF-8");
    assert_eq!(approvals.len(), 2);
    let first = &approvals[0];
    assert_eq!(
        (first.user.as_str(), first.account.as_str(), first.permission_set.as_str()),
        ("ada@x", "prod", "Admin")
    );
    assert_eq!(first.approved_at, Known::Value(at("2026-08-31T09:00:00Z")));
    assert_eq!((first.from, first.until), (None, None));
    assert_eq!(first.name(), "SEC-1");
    let second = &approvals[1];
    assert_eq!(second.account, "012345678901", "the zero that a spreadsheet dropped");
    assert_eq!(second.approved_at, Known::Value(at("2026-08-31T00:00:00Z")));
    assert_eq!(second.name(), "approvals.csv row 2 (line 3)");
    assert_eq!(
        reasons(&record),
        [
            ("approvals.csv row 3 (line 4), column approved_by", "the row says neither who approved nor when"),
            (
                "approvals.csv row 4 (line 5), column account",
                "`1.23457E+11` is an account id that a spreadsheet has rounded"
            ),
            ("approvals.csv row 5 (line 6), column user", "the cell is empty"),
        ]
    );
}

#[test]
fn a_ticket_export_is_read_by_its_mapped_columns_and_only_what_was_approved_counts() {
    let mut tickets = config();
    let mapped = [
        ("user", "For"),
        ("account", "AWS account"),
        ("permission_set", "Role"),
        ("approved_by", "Approver"),
        ("approved_at", "Resolved"),
        ("reference", "Key"),
        ("status", "Resolution"),
        ("ends_at", "Until"),
    ];
    tickets.columns = mapped.map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned())).into();
    tickets.date_format = DateFormat::Pattern("%d/%m/%Y %H:%M".to_owned());
    tickets.time_zone = "Europe/London".to_owned();
    let (approvals, record) = read_with(
        &tickets,
        "Key;For;AWS account;Role;Approver;Resolved;Resolution;Until\n\
         AC-1;ada@x;prod;Admin;ciso@x;03/08/2026 09:30;Approved;2026-08-31\n\
         AC-2;bo@x;prod;Admin;ciso@x;03/08/2026 09:30;Declined;\n\
         AC-3;cy@x;prod;Admin;;;Waiting for approval;\n\
         AC-4;di@x;prod;Admin;ciso@x;03/08/2026 09:30;Done;\n",
    )
    .unwrap();
    assert_eq!(approvals.len(), 1);
    assert_eq!(approvals[0].approved_at, Known::Value(at("2026-08-03T08:30:00Z")));
    assert_eq!(approvals[0].until, Some(at("2026-08-31T23:00:00Z")), "the close of the day");
    assert_eq!(record.notes, ["`approvals.csv` lists 2 requests that were not approved, which count for nothing"]);
    assert_eq!(record.gaps.len(), 1);
    assert_eq!(record.gaps[0].reason, "`Done` does not say whether it was approved");
}

#[test]
fn an_approval_that_ends_before_it_begins_is_a_gap() {
    let (approvals, record) = read_text(
        "user,account,permission_set,approved_by,starts_at,ends_at\n\
         a,prod,Read,b,2026-09-02,2026-09-01T00:00:00Z\n\
         a,prod,Read,b,2026-09-02,2026-09-02\n",
    );
    assert_eq!(approvals.len(), 1);
    assert_eq!(reasons(&record)[0].1, "the approval ends before it begins");
}

#[test]
fn requests_of_team_are_known_by_their_header() {
    let (approvals, record) = read_text(
        "id,email,accountId,accountName,role,roleId,startTime,duration,justification,status,approver,endTime,ticketNo,updatedAt\n\
         r1,ada@x,111122223333,prod,Admin,arn:x,2026-09-30T10:00:00.000Z,4,deploy,in progress,lead@x,,CHG-1,2026-09-30T10:00:01Z\n\
         r2,bo@x,111122223333,prod,Admin,arn:x,2026-09-29T10:00:00.000Z,4 hours,fix,revoked,lead@x,2026-09-29T11:00:00.000Z,,2026-09-29T11:00:01Z\n\
         r3,cy@x,111122223333,prod,Admin,arn:x,2026-09-29T10:00:00.000Z,4,fix,revoked,lead@x,,,2026-09-29T10:30:00Z\n\
         r4,di@x,111122223333,prod,Admin,arn:x,2026-09-29T10:00:00.000Z,4,fix,rejected,lead@x,,,\n\
         r5,ed@x,111122223333,prod,Admin,arn:x,2026-09-29T10:00:00.000Z,4,fix,expired,,,,\n\
         r6,fy@x,111122223333,prod,Read,arn:x,2026-09-28T10:00:00.000Z,1,look,ended,,,,\n\
         r7,gi@x,111122223333,prod,Read,arn:x,2026-09-28T10:00:00.000Z,soon,look,ended,,,,\n\
         r8,hu@x,111122223333,prod,Read,arn:x,2026-09-28T10:00:00.000Z,1,look,revoked,,,,\n",
    );
    assert_eq!(record.files[0].read_as, "AWS TEAM requests, separated by comma, UTF-8");
    let told: Vec<_> = approvals.iter().map(|a| (a.user.as_str(), a.name(), a.until)).collect();
    assert_eq!(
        told,
        [
            ("ada@x", "CHG-1", Some(at("2026-09-30T14:00:00Z"))),
            ("bo@x", "r2", Some(at("2026-09-29T11:00:00Z"))),
            ("cy@x", "r3", Some(at("2026-09-29T10:30:00Z"))),
            ("fy@x", "r6", Some(at("2026-09-28T11:00:00Z"))),
        ]
    );
    assert_eq!(approvals[0].approved_by.as_deref(), Some("lead@x"));
    assert_eq!(approvals[3].approved_by, None, "what needs no approver by the rules has none");
    assert!(approvals.iter().all(|approval| approval.approved_at.is_unknown()));
    assert_eq!(record.notes, ["`approvals.csv` lists 2 requests that were not approved, which count for nothing"]);
    let told: Vec<_> = record.gaps.iter().map(|gap| gap.reason.as_str()).collect();
    assert_eq!(told, ["`soon` is not a length of time", "the request was revoked, and nothing says when"]);
}

#[test]
fn entries_of_sso_elevator_end_by_their_length_or_a_revocation() {
    let mut elevator = config();
    elevator.dialect = Some(ApprovalDialect::SsoElevator);
    let (approvals, record) = read_with(
        &elevator,
        "role_name,account_id,reason,requester_email,request_id,approver_email,operation_type,permission_duration,time,timestamp\n\
         Admin,111122223333,x,ada@x,r1,lead@x,grant,3600,2026-09-30 10:00:00,1790762400000\n\
         Admin,111122223333,x,bo@x,r2,lead@x,grant,7200,2026-09-30 10:00:00,1790762400000\n\
         Admin,111122223333,x,bo@x,r2,bo@x,revoke,NA,2026-09-30 10:30:00,1790764200000\n\
         Admin,111122223333,scheduled_revocation,NA,NA,NA,revoke,NA,2026-09-30 11:00:00,1790766000000\n\
         Admin,111122223333,x,cy@x,r3,NA,grant,NA,2026-09-30 10:00:00,1790762400000\n",
    )
    .unwrap();
    let told: Vec<_> = approvals.iter().map(|a| (a.name(), a.begins(), a.until)).collect();
    let from = Some(at("2026-09-30T10:00:00Z"));
    assert_eq!(told, [("r1", from, Some(at("2026-09-30T11:00:00Z"))), ("r2", from, Some(at("2026-09-30T10:30:00Z")))]);
    assert!(record.notes[0].contains("1 revocations without a request"), "{:?}", record.notes);
    assert_eq!(reasons(&record)[0].1, "`NA` is not a length of time");
}

#[test]
fn how_a_request_ended_does_not_say_whether_it_was_approved() {
    let (approvals, record) = read_text(
        "user,account,permission_set,approved_by,approved_at,reference,status,starts_at,ends_at\n\
         a@x,prod,Read,lead@x,2026-09-01,R1,expired,2026-09-01,2026-09-02\n\
         b@x,prod,Read,lead@x,2026-09-01,R2,Cancelled,2026-09-01,2026-09-02\n\
         c@x,prod,Read,lead@x,2026-09-01,R3,failed,2026-09-01,2026-10-02\n\
         d@x,prod,Read,,,R4,expired,2026-09-01,2026-09-02\n\
         e@x,prod,Read,lead@x,,R5,expired,2026-09-01,2026-09-02\n\
         f@x,prod,Read,lead@x,2026-09-01,R6,withdrawn,2026-09-01,2026-10-02\n\
         g@x,prod,Read,lead@x,2026-09-01,R7,expired,2026-09-01,\n\
         h@x,prod,Read,lead@x,2026-09-01,R8,rejected,2026-09-01,2026-09-02\n",
    );
    let told: Vec<_> = approvals.iter().map(|approval| (approval.name(), approval.until)).collect();
    let ended = Some(at("2026-09-03T00:00:00Z"));
    assert_eq!(told, [("R1", ended), ("R2", ended), ("R3", Some(at("2026-10-03T00:00:00Z")))]);
    assert!(record.gaps.is_empty(), "{:?}", record.gaps);
    // Without an approver, a time of approval, or an end that has passed, they approve nothing.
    assert!(record.notes[0].contains("2 requests that were not approved"), "{:?}", record.notes);
    assert!(
        record.notes[1].contains("3 requests that are over and do not say who approved them"),
        "{:?}",
        record.notes
    );
}

#[test]
fn a_request_of_team_that_failed_was_approved_and_its_user_may_stand_in_either_column() {
    let (approvals, record) = read_text(
        "id,email,accountId,role,duration,status,approver,ticketNo,startTime,endTime,username\n\
         r1,,111122223333,Read,8,error,lead@x,,2026-09-28T20:00:00Z,2026-09-29T04:00:00Z,idc_ada@x\n\
         r2,bo@x,111122223333,Read,8,error,,,2026-09-28T20:00:00Z,,idc_other@x\n\
         r3,cy@x,111122223333,Read,8,in progress,lead@x,,2026-09-28T20:00:00Z,,idc_other@x\n",
    );
    let told: Vec<_> = approvals.iter().map(|approval| (approval.user.as_str(), approval.until)).collect();
    let until = Some(at("2026-09-29T04:00:00Z"));
    assert_eq!(told, [("ada@x", until), ("cy@x", until)]);
    assert!(record.gaps.is_empty(), "{:?}", record.gaps);
    // Where no approver is asked for, nobody can tell whether it was approved.
    assert!(record.notes[0].contains("1 requests that are over and do not say"), "{:?}", record.notes);
}

#[test]
fn entries_of_sso_elevator_about_groups_cost_nothing_but_themselves() {
    let (approvals, record) = read_text(
        "role_name,account_id,requester_email,request_id,approver_email,operation_type,permission_duration,audit_entry_type,\
         group_name,group_id,timestamp\n\
         Read,111122223333,ada@x,r1,lead@x,grant,3600,account,NA,NA,1790762400000\n\
         NA,NA,bo@x,r2,lead@x,grant,3600,group,Eng,g1,1790762400000\n\
         NA,NA,NA,NA,NA,sync_add,NA,sync_add,Eng,g1,1790762400000\n\
         NA,NA,NA,NA,NA,manual_detected,NA,manual_detected,Eng,g1,1790762400000\n\
         Read,111122223333,cy@x,r3,NA,incomplete,NA,account,NA,NA,1790762400000\n\
         Read,111122223333,di@x,r4,lead@x,extended,3600,account,NA,NA,1790762400000\n\
         Read,NA,ed@x,r5,lead@x,grant,3600,account,NA,NA,1790762400000\n",
    );
    assert_eq!(approvals.iter().map(Approval::name).collect::<Vec<_>>(), ["r1"]);
    assert!(record.notes.iter().any(|note| note.contains("lists 3 entries about groups")), "{:?}", record.notes);
    assert!(record.notes.iter().any(|note| note.contains("1 requests that were not approved")), "{:?}", record.notes);
    // An operation that is not known may be a renewal, and an account that is missing may be any.
    let told: Vec<_> = reasons(&record).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(told, ["`extended` does not say whether it was approved", "`NA` is what the tool writes for no value"]);
}

#[test]
fn a_file_without_its_columns_is_refused() {
    let Err(Error::Input(wrong)) = read_with(&config(), "user,role\n") else { panic!() };
    assert!(wrong[0].message.contains("no column `account` and `permission_set`"), "{}", wrong[0].message);
    let mut team = config();
    team.dialect = Some(ApprovalDialect::AwsTeam);
    assert!(read_with(&team, "email,accountId,role,status,startTime\n").is_err(), "no duration, no end");
}

proptest! {
    #[test]
    fn an_optional_cell_costs_nothing(cells in prop::collection::vec("[^\"\u{0}\r\n]{0,16}", 3)) {
        let (approvals, record) = read_text(&format!(
            "user,account,permission_set,approved_by,approved_at,ends_at,requested_by,reference,remark\n\
             a@x,prod,Read,lead@x,2026-09-01,2026-09-02,\"{}\"\n",
            cells.join("\",\""),
        ));
        prop_assert!(record.gaps.is_empty() && record.notes.is_empty(), "{:?}", record);
        prop_assert_eq!(approvals[0].until, Some(at("2026-09-03T00:00:00Z")));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), header in 0..4) {
        let mut all = match header {
            0 => Vec::new(),
            1 => b"user,account,permission_set,approved_at,starts_at,ends_at,status\n".to_vec(),
            2 => b"email,accountId,role,startTime,duration,status\n".to_vec(),
            _ => b"requester_email,account_id,role_name,timestamp,permission_duration,operation_type\n".to_vec(),
        };
        all.extend(bytes);
        let _ = read(&config(), RawFile { path: "approvals.csv", bytes: &all, modified_at: None }, &Clock::fixed(at("2026-09-30T12:00:00Z")));
    }

    #[test]
    fn rows_are_approvals_gaps_or_counted(
        rows in prop::collection::vec(("[0-9a-z]{0,12}", "[0-9TZ:.-]{0,20}", "[0-9a-z ]{0,8}", "(in progress|ended|revoked|pending|[a-z]{0,5})"), 0..8),
    ) {
        let mut text = "email,accountId,role,startTime,duration,status\n".to_owned();
        for (number, (account, start, length, status)) in rows.iter().enumerate() {
            text.push_str(&format!("u{number}@x,{account},Admin,{start},{length},{status}\n"));
        }
        let (approvals, record) = read_text(&text);
        let counted: usize = record.notes.iter().filter_map(|note| note.split(" lists ").nth(1)?.split(' ').next()?.parse::<usize>().ok()).sum();
        prop_assert_eq!(approvals.len() + record.gaps.len() + counted, rows.len());
    }
}
