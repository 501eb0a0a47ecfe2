use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::config::{DateFormat, HrDialect};
use crate::model::{HrStatus, Instant};

fn config(zone: &str) -> HrConfig {
    HrConfig {
        path: "roster.csv".into(),
        lists_leavers: true,
        dialect: None,
        columns: BTreeMap::new(),
        date_format: DateFormat::YearFirst,
        time_zone: zone.to_owned(),
    }
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn clock() -> Clock {
    Clock::fixed(at("2026-09-30T12:00:00Z"))
}

fn read_with(config: &HrConfig, text: &str) -> Result<(HrFacts, SourceRecord), Error> {
    let file = RawFile { path: "roster.csv", bytes: text.as_bytes(), modified_at: None };
    let batch = read(config, file, &clock())?;
    match batch.facts {
        Facts::Hr(facts) => Ok((facts, batch.record)),
        other => panic!("{other:?}"),
    }
}

fn read_text(text: &str) -> (HrFacts, SourceRecord) {
    read_with(&config("Europe/London"), text).unwrap()
}

fn message(result: Result<(HrFacts, SourceRecord), Error>) -> String {
    match result {
        Err(Error::Input(all)) => all[0].render(false),
        other => panic!("{other:?}"),
    }
}

#[test]
fn dates_begin_and_end_in_the_rosters_zone() {
    let (facts, record) = read_text(
        "employee_id,status,start_date,end_date\n\
         007,Terminated,2020-02-29,2026-03-29\n\
         8,terminated,2026-01-05,2026-10-25\n\
         9,active,2026-07-01T09:00:00,2026-08-31T17:00:00Z\n\
         10,active,0000-00-00,\n",
    );
    assert!(record.gaps.is_empty(), "{:?}", record.gaps);
    let dates: Vec<_> = facts.records.iter().map(|r| (r.start, r.end)).collect();
    assert_eq!(
        dates,
        [
            (Some(at("2020-02-29T00:00:00Z")), Some(at("2026-03-29T23:00:00Z"))),
            (Some(at("2026-01-05T00:00:00Z")), Some(at("2026-10-26T00:00:00Z"))),
            (Some(at("2026-07-01T08:00:00Z")), Some(at("2026-08-31T17:00:00Z"))),
            (None, None),
        ]
    );
    assert_eq!(facts.records[0].employee_id.as_deref(), Some("007"));
    assert_eq!(facts.records[0].origin, "roster.csv row 1 (line 2)");
}

#[test]
fn rows_that_can_be_read_two_ways_are_gaps() {
    let (facts, record) = read_text(
        "employee_id,email,status,end_date\n\
         1,,terminated,03/04/2026\n\
         2,,active,\n\
         3,,gone fishing,\n\
         ,,active,\n\
         4,,,\n\
         5,e@x,leave,\n",
    );
    let ids: Vec<_> = facts.records.iter().filter_map(|r| r.employee_id.as_deref()).collect();
    assert_eq!(ids, ["2", "5"]);
    assert_eq!(facts.records[1].status, HrStatus::Active);
    let gaps: Vec<_> = record.gaps.iter().map(|gap| (gap.at.as_str(), gap.reason.as_str())).collect();
    assert_eq!(
        gaps,
        [
            (
                "roster.csv row 1 (line 2), column end_date",
                "`03/04/2026` does not say which number is the day and which the month"
            ),
            ("roster.csv row 3 (line 4), column status", "`gone fishing` is not a known status"),
            ("roster.csv row 4 (line 5), column employee_id", "the row has neither an employee id nor an email"),
            ("roster.csv row 5 (line 6), column status", "the cell is empty"),
        ]
    );
    assert!(record.gaps[0].hint.contains("2026-08-31"));
}

#[test]
fn a_rehire_has_two_records_and_a_repeated_row_is_a_gap() {
    let (facts, record) = read_text(
        "employee_id,status,start_date,end_date\n\
         1,terminated,2020-01-01,2021-01-01\n\
         1,active,2023-01-01,\n\
         1,active,2023-01-01,\n",
    );
    assert_eq!(facts.records.len(), 2);
    assert_eq!(record.gaps[0].reason, "rows 2 and 3 are identical, and only the first is used");
}

#[test]
fn without_a_status_column_the_dates_decide() {
    let (facts, record) = read_text(
        "email,start_date,end_date\na@x,,2026-09-29\nb@x,,2026-12-31\nc@x,2027-01-01,\nd@x,2020-01-01,\ne@x,,9999-12-31\n",
    );
    let statuses: Vec<_> = facts.records.iter().map(|r| r.status).collect();
    assert_eq!(
        statuses,
        [HrStatus::Terminated, HrStatus::Active, HrStatus::NotStarted, HrStatus::Active, HrStatus::Active]
    );
    assert_eq!(facts.records[4].end, None);
    assert!(record.notes[0].contains("no status column"));
    assert!(record.notes[1].contains("column `end_date`: 1 cell holds a placeholder such as 9999-12-31"));
}

#[test]
fn a_placeholder_is_no_date_and_leaves_the_word_to_decide() {
    let (facts, record) = read_text(
        "employee_id,status,start_date,end_date\n1,active,1900-01-01,12/31/9999\n2,terminated,2020-01-01,9999-12-31\n\
         3,active,01/01/1900,1900-01-01\n4,active,2020-01-01,4712-12-31T00:00:00Z\n",
    );
    assert!(record.gaps.is_empty(), "{:?}", record.gaps);
    assert!(facts.records.iter().all(|record| record.end.is_none()));
    let now = at("2026-09-30T12:00:00Z");
    assert_eq!(facts.records.iter().map(|record| record.ended(now)).collect::<Vec<_>>(), [false, true, false, false]);
    assert!(facts.records.iter().all(|record| !record.not_started(now)));
    assert_eq!(
        record.notes,
        [
            "`roster.csv`, column `start_date`: 2 cells hold a placeholder such as 1900-01-01, which is read as no date",
            "`roster.csv`, column `end_date`: 4 cells hold a placeholder such as 12/31/9999, which is read as no date",
        ]
    );
}

#[test]
fn an_email_is_read_from_the_column_that_has_one() {
    let text = "Employee_ID,Work_Email,Email_Address,Worker_Status,Termination_Date\n1,,a@x,Active,\n2,b@x,private@x,Active,\n";
    let (facts, _) = read_text(text);
    let emails: Vec<_> = facts.records.iter().map(|record| record.email.as_deref().unwrap_or_default()).collect();
    assert_eq!(emails, ["a@x", "b@x"]);
}

#[test]
fn a_roster_without_keys_or_ends_is_refused() {
    let read = |text| read_with(&config("UTC"), text);
    assert!(message(read("name,status\nx,active\n")).contains("no column `employee_id` or `email`"));
    assert!(message(read("email,title\nx,y\n")).contains("columns = { status = \"…\", end_date = \"…\" }"));
    assert!(message(read("")).contains("is empty"));
    assert!(matches!(read_with(&config("Mars/Phobos"), "email,status\n"), Err(Error::Usage { .. })));
}

#[test]
fn columns_can_be_mapped_and_a_header_alone_is_noted() {
    let mut mapped = config("UTC");
    mapped.columns = BTreeMap::from([
        ("employee_id".to_owned(), "Employee_ID".to_owned()),
        ("end_date".to_owned(), "Termination_Date".to_owned()),
    ]);
    let (facts, record) = read_with(&mapped, "\u{feff}Employee_ID;Termination_Date\r\n0042;2026-01-31\r\n").unwrap();
    assert_eq!(facts.records[0].employee_id.as_deref(), Some("0042"));
    assert_eq!(record.files[0].read_as, "mapped columns, separated by semicolon, UTF-8 with byte order mark");
    let (facts, record) = read_text("employee_id,status\n");
    assert!(facts.records.is_empty() && record.gaps.is_empty());
    assert_eq!(record.notes, ["`roster.csv` lists 0 HR records"]);
}

fn export(dialect: Option<HrDialect>, text: &str) -> (HrFacts, SourceRecord) {
    read_with(&HrConfig { dialect, ..config("Europe/London") }, text).unwrap()
}

fn standings(facts: &HrFacts) -> Vec<(&str, HrStatus, Option<Instant>)> {
    let records = facts.records.iter();
    records.map(|r| (r.employee_id.as_deref().unwrap_or_default(), r.status, r.end)).collect()
}

#[test]
fn a_workday_report_is_known_by_its_header() {
    let (facts, record) = export(
        None,
        "Employee_ID,Worker,Primary_Work_Email,Worker_Type,Hire_Date,Termination_Date,Contract_End_Date,Active_Status,On_Leave\n\
         000417,Ada Ash,a@x,Employee,2020-01-06-08:00,,,1,0\n\
         000418,Bo Bell,b@x,Employee,2019-03-04-08:00,2026-07-31-07:00,,0,0\n\
         000419,Cy Cole,c@x,Employee,2021-05-03-07:00,,,0,1\n\
         000420,Di Dorn,d@x,Contingent Worker,2025-10-01-07:00,,2026-12-31-08:00,1,\n\
         000421,Ed Egan,e@x,Employee,2026-11-02-08:00,,,0,\n\
         000422,Fy Frei,f@x,Employee,2024-02-05-08:00,2023-06-30-07:00,,1,0\n\
         000423,Gi Gale,g@x,Employee,2018-09-03-07:00,2026-11-30-08:00,,1,0\n\
         000424,Hu Hart,h@x,Employee,2022-04-04-07:00,,,0,0\n",
    );
    assert_eq!(record.files[0].read_as, "Workday export, separated by comma, UTF-8");
    use HrStatus::{Active, NotStarted, Terminated};
    assert_eq!(
        standings(&facts),
        [
            ("000417", Active, None),
            ("000418", Terminated, Some(at("2026-07-31T23:00:00Z"))),
            ("000419", Active, None),
            ("000420", Active, Some(at("2027-01-01T00:00:00Z"))),
            ("000421", NotStarted, None),
            // Hired again after that termination.
            ("000422", Active, None),
            ("000423", Active, Some(at("2026-12-01T00:00:00Z"))),
        ]
    );
    assert_eq!(facts.records[0].display_name.as_deref(), Some("Ada Ash"));
    assert_eq!(facts.records[3].worker_type.as_deref(), Some("Contingent Worker"));
    let gaps: Vec<_> = record.gaps.iter().map(|gap| (gap.at.as_str(), gap.reason.as_str())).collect();
    assert_eq!(
        gaps,
        [(
            "roster.csv row 8 (line 9), column Active_Status",
            "`0` without a date of termination may be leave, which is not leaving"
        )]
    );
}

#[test]
fn a_successfactors_export_has_letters_and_odata_dates() {
    let (facts, record) = export(
        None,
        "\u{feff}personIdExternal;userId;emplStatus;hireDate;endDate;emailAddress;firstName;lastName;jobTitle\r\n\
         10001;u1;A;/Date(1577836800000)/;/Date(253402214400000)/;a@x;Ada;Ash;Lead\r\n\
         10002;u2;T;2019-03-04;/Date(1785456000000)/;b@x;;Bell;\r\n\
         10003;u3;U;2019-03-04;9999-12-31;c@x;;;\r\n\
         10004;u4;S;2019-03-04;;d@x;;;\r\n\
         10005;u5;T;2026-12-01;;e@x;;;\r\n\
         10006;u6;5586;2019-03-04;;f@x;;;\r\n",
    );
    let read_as = "SAP SuccessFactors export, separated by semicolon, UTF-8 with byte order mark";
    assert_eq!(record.files[0].read_as, read_as);
    use HrStatus::{Active, Terminated};
    assert_eq!(
        standings(&facts),
        [
            ("10001", Active, None),
            ("10002", Terminated, Some(at("2026-07-31T23:00:00Z"))),
            ("10003", Active, None),
            ("10004", Active, None),
        ]
    );
    assert_eq!(facts.records[0].start, Some(at("2020-01-01T00:00:00Z")));
    assert_eq!(facts.records[0].display_name.as_deref(), Some("Ada Ash"));
    assert_eq!(facts.records[1].display_name.as_deref(), Some("Bell"));
    let reasons: Vec<_> = record.gaps.iter().map(|gap| gap.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["`T` says that the engagement is over, and its start that it lies ahead", "`5586` is not a known status"]
    );
}

#[test]
fn a_bamboohr_export_has_no_end_in_year_nought() {
    let (facts, record) = export(
        None,
        "employeeNumber,workEmail,displayName,status,hireDate,terminationDate,rehireDate,supervisorEId\n\
         007,a@x,Ada Ash,Active,2020-01-06,0000-00-00,,12\n\
         008,b@x,Bo Bell,Inactive,2020-01-06,2026-07-31,0000-00-00,12\n\
         009,c@x,Cy Cole,Active,2018-01-08,2021-02-28,2022-03-01,12\n\
         010,d@x,Di Dorn,On leave of absence,2018-01-08,,,12\n",
    );
    assert_eq!(record.files[0].read_as, "BambooHR export, separated by comma, UTF-8");
    use HrStatus::{Active, Terminated};
    let ended = Some(at("2026-07-31T23:00:00Z"));
    assert_eq!(standings(&facts), [("007", Active, None), ("008", Terminated, ended), ("009", Active, None)]);
    assert_eq!(facts.records[2].start, Some(at("2022-03-01T00:00:00Z")));
    assert_eq!(facts.records[0].manager.as_deref(), Some("12"));
    assert_eq!(record.gaps[0].reason, "`On leave of absence` is not a known status");
}

#[test]
fn a_rippling_export_is_read_where_the_config_says_so() {
    let text = "Employee number,Work email,Full name,Employment status,Start date,End date,Employment type\n\
                12,a@x,Ada Ash,Active,2020-01-06,,Salaried\n\
                13,b@x,Bo Bell,Terminated,2020-01-06,2026-07-31,Contractor\n\
                14,c@x,Cy Cole,Hired,2026-11-02,,Salaried\n";
    let (facts, record) = export(Some(HrDialect::Rippling), text);
    assert_eq!(record.files[0].read_as, "Rippling export, separated by comma, UTF-8");
    use HrStatus::{Active, NotStarted, Terminated};
    let ended = Some(at("2026-07-31T23:00:00Z"));
    assert_eq!(standings(&facts), [("12", Active, None), ("13", Terminated, ended), ("14", NotStarted, None)]);
    assert!(message(read_with(&config("UTC"), text)).contains("no column `employee_id` or `email`"));
    let api = "id,workEmail,roleState,startDate\n1,a@x,ACCEPTED,2026-11-02\n";
    assert_eq!(standings(&read_text(api).0), [("1", NotStarted, None)]);
}

#[test]
fn what_the_config_says_wins_over_the_header() {
    let mut said = config("UTC");
    said.dialect = Some(HrDialect::Workday);
    said.columns = BTreeMap::from([("end_date".to_owned(), "Last day".to_owned())]);
    let text = "Employee_ID,Worker_Status,Hire_Date,Termination_Date,Last day\n1,Terminated,2020-01-06,2026-07-31,2026-07-15\n";
    let (facts, record) = read_with(&said, text).unwrap();
    assert_eq!(facts.records[0].end, Some(at("2026-07-16T00:00:00Z")));
    assert!(record.files[0].read_as.starts_with("Workday export with mapped columns"));
}

#[test]
fn dates_are_read_as_the_config_says_and_year_first_besides() {
    let text =
        "employee_id,status,end_date\n1,terminated,03/04/2026\n2,terminated,2026-04-03\n3,terminated,31.12.2026\n";
    let mut told = config("UTC");
    told.date_format = DateFormat::Pattern("%d/%m/%Y".to_owned());
    let (facts, record) = read_with(&told, text).unwrap();
    let ends: Vec<_> = facts.records.iter().filter_map(|record| record.end).collect();
    assert_eq!(ends, [at("2026-04-04T00:00:00Z"); 2]);
    assert_eq!(record.gaps[0].reason, "`31.12.2026` is neither written as %d/%m/%Y nor year first");
    let (_, record) = read_text(text);
    assert!(record.gaps[0].hint.contains("date_format"), "{:?}", record.gaps);

    told.date_format = DateFormat::Excel;
    let text = "employee_id,status,end_date\n1,terminated,46265\n2,terminated,2026-08-31\n3,terminated,20260831\n";
    let ends: Vec<_> = read_with(&told, text).unwrap().0.records.iter().filter_map(|record| record.end).collect();
    assert_eq!(ends, [at("2026-09-01T00:00:00Z"); 3]);
}

proptest! {
    #[test]
    fn an_optional_cell_costs_nothing_and_ends_nobody(
        cells in prop::collection::vec("[^\"\u{0}\r\n]{0,16}", 5),
        (status, end) in prop::sample::select(vec![
            ("active", ""), ("terminated", ""), ("terminated", "2026-08-31"), ("active", "9999-12-31"), ("terminated", "9999-12-31"),
        ]),
    ) {
        let (facts, record) = read_text(&format!(
            "employee_id,status,end_date,display_name,department,title,manager,worker_type\n1,{status},{end},\"{}\"\n",
            cells.join("\",\""),
        ));
        prop_assert!(record.gaps.is_empty(), "{:?}", record.gaps);
        prop_assert_eq!(facts.records[0].ended(at("2026-09-30T12:00:00Z")), status == "terminated");
    }

    #[test]
    fn no_export_makes_it_panic(
        vendor in prop::sample::select(vec![
            HrDialect::Workday, HrDialect::SapSuccessFactors, HrDialect::BambooHr, HrDialect::Rippling,
        ]),
        cells in prop::collection::vec(("[0-9]{0,4}", "[A-Za-z0-9 ]{0,8}", "/?(Date\\()?[0-9+Z:-]{0,14}(\\)/)?"), 0..8),
    ) {
        let header = match vendor {
            HrDialect::Workday => "Employee_ID,Active_Status,Termination_Date",
            HrDialect::SapSuccessFactors => "userId,emplStatus,endDate",
            HrDialect::BambooHr => "employeeNumber,status,terminationDate",
            HrDialect::Rippling => "id,status,endDate",
        };
        let rows: Vec<String> = cells.iter().enumerate().map(|(n, (id, status, date))| format!("{n}{id},{status},{date}\n")).collect();
        let (facts, record) = export(Some(vendor), &format!("{header}\n{}", rows.concat()));
        prop_assert_eq!(facts.records.len() + record.gaps.len(), cells.len());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), header in any::<bool>()) {
        let mut all = if header { b"employee_id,status,start_date,end_date\n".to_vec() } else { Vec::new() };
        all.extend(bytes);
        let _ = read(&config("Europe/London"), RawFile { path: "roster.csv", bytes: &all, modified_at: None }, &clock());
    }

    #[test]
    fn any_cells_are_kept_or_a_gap(cells in prop::collection::vec(("[0-9/T:Z-]{0,12}", "[a-z ]{0,8}"), 0..8)) {
        let mut text = "employee_id,status,end_date\n".to_owned();
        for (number, (date, status)) in cells.iter().enumerate() {
            text.push_str(&format!("{number},{status},{date}\n"));
        }
        let (facts, record) = read_text(&text);
        prop_assert_eq!(facts.records.len() + record.gaps.len(), cells.len());
    }
}

#[test]
fn an_end_before_the_start_is_of_an_earlier_engagement_in_every_dialect() {
    let (facts, record) = read_text(
        "employee_id,status,start_date,end_date\n\
         1,active,2025-03-01,2024-05-31\n\
         2,active,2019-03-01,2024-05-31\n",
    );
    assert!(record.gaps.is_empty(), "{:?}", record.gaps);
    let [rehired, contradicted] = facts.records.as_slice() else { panic!() };
    let now = at("2026-09-30T12:00:00Z");
    assert_eq!((rehired.end, rehired.contradiction(now)), (None, None));
    assert!(contradicted.contradiction(now).unwrap().contains("status active"));
}
