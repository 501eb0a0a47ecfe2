use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn config(zone: &str) -> HrConfig {
    HrConfig {
        path: "roster.csv".into(),
        lists_leavers: true,
        dialect: HrDialect::Own,
        columns: BTreeMap::new(),
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
    let file = RawFile { path: "roster.csv", bytes: text.as_bytes() };
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

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), header in any::<bool>()) {
        let mut all = if header { b"employee_id,status,start_date,end_date\n".to_vec() } else { Vec::new() };
        all.extend(bytes);
        let _ = read(&config("Europe/London"), RawFile { path: "roster.csv", bytes: &all }, &clock());
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
