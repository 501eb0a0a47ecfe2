#![expect(clippy::disallowed_methods, reason = "tests write the files that are then read")]
use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::model::{Fact, Instant};

fn raw(bytes: &[u8]) -> RawFile<'_> {
    RawFile { path: "t.csv", bytes, modified_at: None }
}

fn read(bytes: &[u8]) -> Table<'_> {
    Table::read(raw(bytes), "a,b").unwrap()
}

fn cells(table: &Table<'_>) -> Vec<Vec<String>> {
    table.rows().map(|row| row.cells().iter().map(str::to_owned).collect()).collect()
}

fn refused(bytes: &[u8]) -> Diagnostic {
    match Table::read(raw(bytes), "a,b") {
        Err(Error::Input(mut all)) => all.remove(0),
        other => panic!("{other:?}"),
    }
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

#[test]
fn separators_and_encodings_are_found() {
    let utf16le: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain("a;b\nü;2\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let utf16be: Vec<u8> =
        [0xFE, 0xFF].into_iter().chain("a;b\nü;2\n".encode_utf16().flat_map(u16::to_be_bytes)).collect();
    for (bytes, read_as) in [
        ("a,b\nü,2\n".as_bytes(), "x, separated by comma, UTF-8"),
        ("\u{feff}a;b\r\nü;2".as_bytes(), "x, separated by semicolon, UTF-8 with byte order mark"),
        ("a\tb\rü\t2\r".as_bytes(), "x, separated by tab, UTF-8"),
        (b"a,b\n\xFC,2\n", "x, separated by comma, windows-1252"),
        (&utf16le, "x, separated by semicolon, UTF-16LE"),
        (&utf16be, "x, separated by semicolon, UTF-16BE"),
        ("sep=;\r\na;b\r\nü;2\r\n".as_bytes(), "x, separated by semicolon, UTF-8"),
    ] {
        let table = read(bytes);
        assert_eq!(table.input_file("x", 1).read_as, read_as);
        assert_eq!(table.header(), ["a", "b"]);
        assert_eq!(cells(&table), [["ü", "2"]]);
    }
    // More semicolons than commas, but inside quotes.
    assert_eq!(read(b"\"a\",\"b;c;d\"\n").header(), ["a", "b;c;d"]);
}

#[test]
fn a_guessed_code_page_is_noted_and_damaged_utf8_is_not_taken_for_one() {
    let table = read(b"a,b\n\xFC,2\n");
    let mut rows = table.rows();
    rows.by_ref().for_each(drop);
    assert!(table.notes(&rows, "rows")[0].contains("windows-1252"));

    let table = read(b"a,b\n\xC3\xBC,\xC3\xA9\nx\xFF,2\nok,3\n");
    let defects: Vec<bool> = table.rows().map(|row| row.defect().is_some()).collect();
    assert_eq!(defects, [false, true, false]);
}

#[test]
fn provenance_is_of_the_bytes_on_disk() {
    let file = read("\u{feff}a,b\n".as_bytes()).input_file("own header", 0);
    assert_eq!(file.bytes, 7);
    assert_eq!(file.sha256, HEXLOWER.encode(&Sha256::digest("\u{feff}a,b\n")));
}

#[test]
fn lines_and_rows_are_counted_as_an_editor_does() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["", "a,b", "", "1,\"x", "y\"", "2,z", ",", "3,w"].join(end);
        let table = read(text.as_bytes());
        let mut rows = table.rows();
        let found: Vec<_> = rows.by_ref().map(|row| (row.number(), row.line())).collect();
        assert_eq!(found, [(1, 4), (2, 6), (4, 8)], "{end:?}");
        assert_eq!((rows.read(), rows.blank()), (3, 1));
    }
}

#[test]
fn a_row_of_another_width_is_bad_and_the_rest_is_read() {
    let table = read(b"a,b\n1\n1,2\n1,2,3\n1,2,\n3,4\n");
    let defects: Vec<_> = table.rows().map(|row| row.defect().map(str::to_owned)).collect();
    assert_eq!(defects[0].as_deref(), Some("it has 1 cells and the header has 2"));
    assert!(defects[1].is_none() && defects[2].is_some() && defects[3].is_some() && defects[4].is_none());
}

#[test]
fn quotes_that_swallow_rows_are_seen() {
    let table = read(b"a,b\n1,2\n2,\"open\n3,4\n4,5\n");
    let rows: Vec<_> = table.rows().collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1].defect(), Some("a quote is opened and not closed"));

    let table = read(b"a,b\n1,\"Bob\n2,3\n4,\"Al\n5,6\n");
    let rows: Vec<_> = table.rows().collect();
    assert_eq!(rows[0].defect(), Some("text follows a closing quote"));
    assert!(rows[1].defect().is_none());

    let fine = read(b"a,b\n\"x \"\"y\"\" z\" ,5\" pipe\n");
    assert!(fine.rows().all(|row| row.defect().is_none()));
}

#[test]
fn a_header_that_makes_no_sense_is_refused() {
    for nothing in [&b""[..], b"\n\n", b"\xEF\xBB\xBF", b" , ,\n"] {
        let refused = refused(nothing);
        assert_eq!(refused.message, "`t.csv` is empty");
        assert!(refused.help.contains("a,b"));
    }
    assert_eq!(refused(b"a,b,A\n").message, "`t.csv` has two columns called `A`");
    assert!(refused(b"a,\"b\n1,2\n").message.contains("not closed"));
    assert!(refused(b"a\0,\0b\0\n\0").help.contains("UTF-16"));
}

#[test]
fn a_missing_column_is_shown_with_what_there_is() {
    let table = read(b"\nfoo,bar\n1,2\n");
    let names = [Names { ours: "id", theirs: &["id"] }, Names { ours: "status", theirs: &["status"] }];
    let columns = table.columns(&names, &BTreeMap::new(), "columns").unwrap();
    let Err(Error::Input(all)) = table.require(&columns, &["id", "status"], "columns") else { panic!() };
    let shown = all[0].render(false);
    for part in ["no column `id` and `status`", "t.csv:2:1", "foo,bar", "columns = { id = \"…\", status = \"…\" }"]
    {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let mapping = |ours: &str, theirs: &str| BTreeMap::from([(ours.to_owned(), theirs.to_owned())]);
    assert!(table.columns(&names, &mapping("id", "FOO"), "columns").unwrap().get("id").is_some());
    assert!(table.columns(&names, &mapping("id", "baz"), "columns").is_err());
    assert!(table.columns(&names, &mapping("ident", "foo"), "columns").is_err());
}

#[test]
fn bad_rows_are_listed_up_to_a_point_and_then_counted() {
    let mut text = "a,b\n".to_owned();
    text.push_str(&"1\n".repeat(1200));
    let table = read(text.as_bytes());
    let mut bad = BadRows::new(&table, Fact::IdpUsers);
    assert!(!table.rows().any(|row| bad.is_whole(&row)));
    let gaps = bad.finish();
    assert_eq!(gaps.len(), 1001);
    assert_eq!(gaps[0].at, "t.csv row 1 (line 2)");
    assert_eq!(gaps[1000].reason, "200 more defects of rows are not listed");
}

#[test]
fn times_are_read_one_way_or_not_at_all() {
    let utc = |text: &str| Written::parse(text).unwrap().unwrap().start(&TimeZone::UTC).unwrap();
    for text in [
        "2026-08-01T10:00:00Z",
        "2026-08-01T12:00:00+02:00",
        "2026-08-01 10:00:00",
        "2026-08-01T10:00",
        "2026/08/01 10:00:00",
        "2026-08-01T10:00:00.000Z",
    ] {
        assert_eq!(utc(text), at("2026-08-01T10:00:00Z"), "{text}");
    }
    assert_eq!(utc("2026/08/01"), at("2026-08-01T00:00:00Z"));
    // No month has the number 13 or more.
    for text in ["8/19/2021 1:25:31 PM", "19.8.2021 13:25:31", "8/19/2021, 13:25:31", "8/19/2021 1:25:31\u{202f}PM"] {
        assert_eq!(utc(text), at("2021-08-19T13:25:31Z"), "{text}");
    }
    for text in ["12/31/2026", "31.12.2026", "31-12-2026"] {
        assert_eq!(utc(text), at("2026-12-31T00:00:00Z"), "{text}");
    }
    assert_eq!(utc("05/05/2026"), at("2026-05-05T00:00:00Z"), "both orders give the same day");
    assert_eq!(Written::parse("0000-00-00"), Ok(None));
    for (wrong, why) in [
        ("03/04/2026", "day and which the month"),
        ("03.04.2026 10:00", "day and which the month"),
        ("31/12/26", "day and which the month"),
        ("13/13/2026", "not a date"),
        ("31.12/2026", "not a date"),
        ("31.12.2026 25:00", "not a date"),
        ("45870", "count of days"),
        ("2026-02-29", "not a date"),
        ("2026-08-01T10:00:00[Mars/Phobos]", "not a date"),
        ("2026-08-01T10:00:00+99:00", "not a date"),
        ("tomorrow", "not a date"),
        ("", "not a date"),
    ] {
        let refusal = Written::parse(wrong).unwrap_err();
        assert!(refusal.contains(why), "{wrong}: {refusal}");
    }
}

#[test]
fn days_end_when_the_next_begins() {
    let end = |text: &str, zone: &str| Written::parse(text).unwrap().unwrap().end(&TimeZone::get(zone).unwrap());
    assert_eq!(end("2028-02-29", "UTC"), Some(at("2028-03-01T00:00:00Z")));
    assert_eq!(end("2026-12-31", "Asia/Tokyo"), Some(at("2026-12-31T15:00:00Z")));
    // 23 and 25 hours long.
    assert_eq!(end("2026-03-29", "Europe/London"), Some(at("2026-03-29T23:00:00Z")));
    assert_eq!(end("2026-10-25", "Europe/London"), Some(at("2026-10-26T00:00:00Z")));
    // Midnight does not exist on 2026-04-24 in Cairo; the day begins at one.
    assert_eq!(end("2026-04-23", "Africa/Cairo"), Some(at("2026-04-23T22:00:00Z")));
    // Samoa had no 30 December 2011.
    assert_eq!(end("2011-12-29", "Pacific/Apia"), Some(at("2011-12-30T10:00:00Z")));
    assert_eq!(end("9999-12-31", "UTC"), None);
    assert_eq!(end("2026-08-31T17:00:00", "Europe/London"), Some(at("2026-08-31T16:00:00Z")));
}

#[test]
fn patterns_list_files_by_name() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("m")).unwrap();
    for name in ["b.csv", "a.csv", ".hidden.csv", "c.txt"] {
        std::fs::write(dir.path().join("m").join(name), "x").unwrap();
    }
    let found = matching(dir.path(), "m/*.csv").unwrap();
    assert_eq!(found, [std::path::Path::new("m/a.csv"), std::path::Path::new("m/b.csv")]);
    assert!(matching(dir.path(), "m/*.tsv").is_err());
    assert!(matching(dir.path(), "n/*.csv").is_err());
    assert!(matching(dir.path(), "*/a.csv").is_err());
    let Err(Error::Input(all)) = load_all(dir.path(), &["no.csv".into(), "m".into(), "nor.csv".into()]) else {
        panic!()
    };
    let messages: Vec<_> = all.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(messages, ["there is no file `no.csv`", "`m` is a folder, not a file", "there is no file `nor.csv`"]);
}

#[test]
fn dates_are_read_as_they_are_said_to_be_written() {
    use crate::config::DateFormat;
    let read = |text: &str, format: &str| {
        let format = match format {
            "excel" => DateFormat::Excel,
            pattern => DateFormat::Pattern(pattern.to_owned()),
        };
        Written::parse_as(text, &format).ok().flatten().and_then(|written| written.start(&TimeZone::UTC))
    };
    let spring = Some(at("2026-04-03T00:00:00Z"));
    assert_eq!(read("03/04/2026", "%d/%m/%Y"), spring);
    assert_eq!(read("04/03/2026", "%m/%d/%Y"), spring);
    assert_eq!(read("3-Apr-26", "%d-%b-%y"), spring);
    assert_eq!(read("2026-04-03", "%d/%m/%Y"), spring);
    assert_eq!(read("03/04/2026 17:30", "%d/%m/%Y %H:%M"), Some(at("2026-04-03T17:30:00Z")));
    assert_eq!(read("03/04/2026 05:30 PM", "%d/%m/%Y %I:%M %p"), Some(at("2026-04-03T17:30:00Z")));
    assert_eq!(read("31/04/2026", "%d/%m/%Y"), None);
    assert_eq!(read("04/13/2026", "%d/%m/%Y"), None, "a file that mixes two patterns can be read in no order");
    assert_eq!(read("03/04/2026 5:30\u{202f}PM", "%d/%m/%Y %I:%M %p"), Some(at("2026-04-03T17:30:00Z")));
    assert_eq!(read("13/13/2026", "%d/%m/%Y"), None);
    assert_eq!(read("0000-00-00", "%d/%m/%Y"), None);
    // Excel's own: 61 is 1 March 1900, 45351 is the leap day of 2024.
    assert_eq!(read("61", "excel"), Some(at("1900-03-01T00:00:00Z")));
    assert_eq!(read("45351", "excel"), Some(at("2024-02-29T00:00:00Z")));
    assert_eq!(read("45351.75", "excel"), Some(at("2024-02-29T18:00:00Z")));
    for wrong in ["60", "-1", "1e5", "45351.", ".5", "45351.x", "9999999", "03/04/2026"] {
        assert_eq!(read(wrong, "excel"), None, "{wrong}");
    }
}

#[test]
fn placeholders_are_no_dates_and_are_counted() {
    use crate::config::DateFormat;
    let table = read(
        b"end\n9999-12-31\n12/31/9999\n31.12.9999\n9999-12-31T23:59:59Z\n9999-12-31 00:00:00\n4712-12-31\n2999/12/31\n2099-12-31\n\
          1900-01-01\n0001-01-01T00:00:00\n01/01/1753\n1970-01-01T00:00:00.000Z\n2026-08-31\n2100-01-01\n1900-01-02\n",
    );
    let column = table.find("end");
    for format in [DateFormat::YearFirst, DateFormat::Pattern("%m/%d/%Y".to_owned())] {
        let dates = Dates::new(&format);
        let read: Vec<_> = table.rows().map(|row| dates.cell(&row, column)).collect();
        assert!(read[..12].iter().all(|date| *date == Ok(None)), "{read:?}");
        assert!(read[12..].iter().all(|date| matches!(date, Ok(Some(_)))), "{read:?}");
        assert_eq!(
            dates.notes(&table),
            ["`t.csv`, column `end`: 12 cells hold a placeholder such as 9999-12-31, which is read as no date"]
        );
    }
}

#[test]
fn a_cell_is_read_from_the_best_column_that_is_filled_in() {
    let table = read(b"login,mail,username\n,a@x,b\n,,b\n,,\n");
    let names = [Names { ours: "user", theirs: &["mail", "username", "login"] }];
    let columns = table.columns(&names, &BTreeMap::new(), "columns").unwrap();
    let told: Vec<_> = table.rows().map(|row| row.text(columns.of(&row, "user"))).collect();
    assert_eq!(told, [Some("a@x".to_owned()), Some("b".to_owned())]);
    let mapping = BTreeMap::from([("user".to_owned(), "mail".to_owned())]);
    let columns = table.columns(&names, &mapping, "columns").unwrap();
    assert_eq!(columns.all("user").len(), 1, "the config names one column");
}

#[test]
fn the_type_line_of_powershell_is_skipped() {
    for text in
        ["#TYPE Some.Type\r\nid,a\r\n1,2\r\n", "\u{feff}#TYPE Some.Type,,\n\nid,a\n1,2\n", "#TYPE X\nid;a\n1;2\n"]
    {
        let table = read(text.as_bytes());
        assert_eq!(table.header(), ["id", "a"], "{text}");
        assert_eq!(cells(&table), [["1", "2"]]);
        assert_eq!(table.rows().next().unwrap().line(), text.lines().count() as u64);
        let rows = table.rows();
        let notes = table.notes(&rows, "users");
        assert!(notes[0].contains("`#TYPE` line of PowerShell"), "{notes:?}");
    }
    assert_eq!(refused(b"#TYPE Some.Type\n").message, "`t.csv` is empty");
}

proptest! {
    #[test]
    fn a_told_day_is_read_back(days in 61i32..2_958_400) {
        use crate::config::DateFormat;
        let day = jiff::civil::date(1899, 12, 30).checked_add(jiff::Span::new().days(days)).unwrap();
        for (text, format) in [
            (days.to_string(), DateFormat::Excel),
            (day.strftime("%d.%m.%Y").to_string(), DateFormat::Pattern("%d.%m.%Y".to_owned())),
            (day.to_string(), DateFormat::Pattern("%d.%m.%Y".to_owned())),
        ] {
            prop_assert_eq!(Written::parse_as(&text, &format), Ok(Some(Written::Day(day))));
        }
    }

    #[test]
    fn what_the_csv_crate_writes_is_read_back(
        separator in prop::sample::select(&SEPARATORS[..]),
        always in any::<bool>(),
        marked in any::<bool>(),
        rows in prop::collection::vec(prop::collection::vec("[a-zé\u{1F600},;\t\"\n\r ]{0,8}", 3), 0..12),
    ) {
        let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new().delimiter(separator).quote_style(style).from_writer(Vec::new());
        writer.write_record(["one", "two", "three"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let mut bytes = if marked { vec![0xEF, 0xBB, 0xBF] } else { Vec::new() };
        bytes.extend(writer.into_inner().unwrap());
        let table = Table::read(raw(&bytes), "").unwrap();
        prop_assert_eq!(table.header(), ["one", "two", "three"]);
        prop_assert!(table.rows().all(|row| row.defect().is_none()));
        let blank = |row: &&Vec<String>| row.iter().all(|cell| cell.trim_ascii().is_empty());
        let written: Vec<Vec<String>> = rows.iter().filter(|row| !blank(row)).cloned().collect();
        prop_assert_eq!(cells(&table), written);
    }

    #[test]
    fn rows_never_vanish(text in "[ab,\"\n\r]{0,60}") {
        let bytes = format!("a,b\n{text}");
        if let Ok(table) = Table::read(raw(bytes.as_bytes()), "") {
            let defective = table.rows().any(|row| row.defect().is_some());
            let mut rows = table.rows();
            let quoted_breaks: usize = rows.by_ref().map(|row| row.cells().iter().filter(|c| c.contains(['\n', '\r'])).count()).sum();
            let lines = text.split(['\n', '\r']).filter(|line| !line.trim_matches([',', '"']).is_empty()).count();
            // Fewer rows than lines only where a cell has a line break or a defect says so.
            prop_assert!(defective || quoted_breaks > 0 || rows.read() as usize >= lines, "{:?}", text);
        }
    }
}
