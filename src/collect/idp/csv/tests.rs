#![expect(clippy::disallowed_methods, reason = "tests write the files that are then read")]
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::collect::Progress;
use crate::config::DateFormat;
use crate::model::{IdpStatus, IdpUser, Instant, Known};

const OWN: &str = "id,user_name,email,aliases,display_name,status,status_changed_at,employee_id,user_type,department,title,\
                   manager,start_date,end_date,last_sign_in_at";

mod exports;

fn clock() -> Clock {
    Clock::fixed("2026-09-30T12:00:00Z".parse().unwrap())
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn name() -> IdpName {
    "export".parse().unwrap()
}

fn config() -> CsvIdpConfig {
    CsvIdpConfig {
        users: "users.csv".into(),
        groups: None,
        members: None,
        date_format: DateFormat::YearFirst,
        columns: BTreeMap::new(),
        group_columns: BTreeMap::new(),
        member_columns: BTreeMap::new(),
    }
}

fn raw<'a>(path: &'a str, text: &'a str) -> RawFile<'a> {
    RawFile { path, bytes: text.as_bytes(), modified_at: None }
}

fn facts(batch: Batch) -> (IdpFacts, SourceRecord) {
    match batch.facts {
        Facts::Idp(facts) => (*facts, batch.record),
        other => panic!("{other:?}"),
    }
}

fn users(text: &str) -> (Vec<IdpUser>, SourceRecord) {
    let files = CsvFiles { users: raw("users.csv", text), groups: None, members: Vec::new() };
    let (facts, record) = facts(read(&name(), &config(), &files, &clock()).unwrap());
    assert_eq!(facts.groups, None);
    (facts.users, record)
}

/// Three users, the given groups and members.
fn grouped(groups: Option<&str>, members: &[(&str, &str)]) -> Result<(IdpFacts, SourceRecord), Error> {
    let mut config = config();
    config.groups = groups.map(|_| "groups.csv".into());
    config.members = match members {
        [] => None,
        [(path, _)] if *path == "members.csv" => Some("members.csv".to_owned()),
        _ => Some("m/*.csv".to_owned()),
    };
    let files = CsvFiles {
        users: raw("users.csv", "id,user_name,status\nu1,ann,active\nu2,bob,active\nu3,cy,disabled\n"),
        groups: groups.map(|text| raw("groups.csv", text)),
        members: members.iter().map(|(path, text)| raw(path, text)).collect(),
    };
    read(&name(), &config, &files, &clock()).map(facts)
}

fn listed(facts: &IdpFacts) -> Vec<String> {
    let groups = facts.groups.as_ref().unwrap().iter();
    groups
        .map(|g| {
            let members: Vec<_> = g.members.iter().map(|id| id.as_str()).collect();
            format!("{}={}:{}", g.id, g.name, members.join(","))
        })
        .collect()
}

fn refusal(result: Result<(IdpFacts, SourceRecord), Error>) -> String {
    match result {
        Err(Error::Input(all)) => all[0].render(false),
        other => panic!("{other:?}"),
    }
}

fn gaps(record: &SourceRecord) -> Vec<(&str, &str)> {
    record.gaps.iter().map(|gap| (gap.at.as_str(), gap.reason.as_str())).collect()
}

#[test]
fn our_own_header_is_read_whole() {
    let text = format!(
        "{OWN}\nu2, bob ,b@x,b1@x; b2@x;;,Bob \"B\" Ünal,active,2026-08-01T10:00:00Z,007,Member,Eng,Dev,ann,2020-02-29,2026-12-31,2026-09-01\n\
         u1,ann,,,,DISABLED,,,,,,,,,\n"
    );
    let (users, record) = users(&text);
    assert!(record.gaps.is_empty(), "{:?}", record.gaps);
    let [ann, bob] = users.as_slice() else { panic!() };
    assert_eq!((ann.id.as_str(), ann.status), ("u1", IdpStatus::Disabled));
    assert_eq!(ann.status_changed_at, Known::Unknown("empty in the file".to_owned()));
    assert_eq!(ann.last_sign_in_at, Known::Unknown("empty in the file".to_owned()));
    assert_eq!((&ann.start, &ann.end), (&Known::Absent, &Known::Absent));
    assert_eq!(bob.user_name, "bob");
    assert_eq!(bob.aliases, ["b1@x", "b2@x"]);
    assert_eq!(bob.display_name.as_deref(), Some("Bob \"B\" Ünal"));
    assert_eq!(bob.employee_id.as_deref(), Some("007"));
    assert_eq!(bob.status_changed_at, Known::Value(at("2026-08-01T10:00:00Z")));
    assert_eq!(bob.start, Known::Value(at("2020-02-29T00:00:00Z")));
    assert_eq!(bob.end, Known::Value(at("2027-01-01T00:00:00Z")));
    assert_eq!(bob.origin, "users.csv row 1 (line 2)");
    assert_eq!(record.source, "idp:export");
    assert_eq!(record.asked, [Fact::IdpUsers]);
    assert_eq!(record.files[0].read_as, "own header, separated by comma, UTF-8");
    assert_eq!(record.notes, ["dates, and times without a zone, in `users.csv` are read as UTC"]);
}

#[test]
fn columns_that_are_not_there_are_unknown_and_not_absent() {
    let (users, _) = users("STATUS;User_Name;Id\nactive;ann;u1\n");
    assert_eq!(users[0].status_changed_at, Known::Unknown("the file has no status_changed_at".to_owned()));
    assert_eq!(users[0].end, Known::Unknown("the file has no end_date".to_owned()));
    assert_eq!(users[0].last_sign_in_at, Known::Unknown("the file has no last_sign_in_at".to_owned()));
}

#[test]
fn an_entra_export_is_recognised() {
    for id in ["objectId", "id"] {
        let (users, record) = users(&format!(
            "userPrincipalName,displayName,surname,mail,givenName,{id},userType,jobTitle,department,accountEnabled,\
             usageLocation,alternateEmailAddress,createdDateTime\n\
             bob_b.com#EXT#@a.onmicrosoft.com,,B,,Bob,7cc0,Guest,,,False,DE,private@b.com,8/19/2021 1:25:31 PM\n\
             ann@a.com,Ann A,A,ann@a.com,Ann,6aa0,Member,CTO,Board,True,DE,,8/19/2021 1:25:31 PM\n"
        ));
        assert!(record.gaps.is_empty(), "{:?}", record.gaps);
        assert_eq!(record.files[0].read_as, "Entra export, separated by comma, UTF-8");
        let [ann, bob] = users.as_slice() else { panic!() };
        assert_eq!((ann.status, ann.title.as_deref()), (IdpStatus::Active, Some("CTO")));
        assert_eq!((bob.status, bob.user_type.as_deref()), (IdpStatus::Disabled, Some("Guest")));
        assert_eq!(bob.display_name.as_deref(), Some("Bob B"));
        assert!(bob.aliases.is_empty());
    }
}

#[test]
fn okta_exports_are_recognised() {
    for text in [
        "id,status,created,activated,statusChanged,lastLogin,login,email,firstName,lastName,employeeNumber,department,title,manager,userType\n\
         00u2,DEPROVISIONED,,,2026-08-01T10:00:00.000Z,,bob@x,bob@x,Bob,B,2,,,,\n\
         00u1,LOCKED_OUT,,,2026-08-02T10:00:00.000Z,2026-09-01T00:00:00.000Z,ann@x,ann@x,Ann,A,1,Eng,Dev,cy,Employee\n",
        "\"User Id\",\"Status\",\"Login\",\"Primary email\",\"First name\",\"Last name\",\"Status changed\",\"Last login\"\n\
         00u2,Deactivated,bob@x,bob@x,Bob,B,2026-08-01T10:00:00Z,\n\
         00u1,Password expired,ann@x,ann@x,Ann,A,2026-08-02T10:00:00Z,2026-09-01T00:00:00Z\n",
    ] {
        let (users, record) = users(text);
        assert!(record.gaps.is_empty(), "{:?}", record.gaps);
        assert_eq!(record.files[0].read_as, "Okta export, separated by comma, UTF-8");
        let [ann, bob] = users.as_slice() else { panic!() };
        assert_eq!((ann.status, bob.status), (IdpStatus::Active, IdpStatus::Disabled));
        assert_eq!(bob.status_changed_at, Known::Value(at("2026-08-01T10:00:00Z")));
        assert_eq!(ann.last_sign_in_at, Known::Value(at("2026-09-01T00:00:00Z")));
        assert!(bob.last_sign_in_at.is_unknown());
        assert_eq!((ann.user_name.as_str(), ann.display_name.as_deref()), ("ann@x", Some("Ann A")));
    }
}

#[test]
fn a_google_export_is_recognised_and_its_weak_id_noted() {
    let (users, record) = users(
        "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Status [READ ONLY],\
         Last Sign In [READ ONLY],Employee ID,Employee Type,Employee Title,Manager Email,Department\n\
         Ann,A,ann@x,****,Active,2016/04/04 00:24:13,1,FTE,CTO,cy@x,Board\n\
         Bob,B,bob@x,****,Suspended,Never logged in,,,,,\n",
    );
    assert!(record.gaps.is_empty(), "{:?}", record.gaps);
    assert!(record.files[0].read_as.starts_with("Google export"));
    assert!(record.notes[0].contains("no immutable id"));
    assert_eq!((users[0].id.as_str(), users[0].email.as_deref()), ("ann@x", Some("ann@x")));
    assert_eq!(users[0].last_sign_in_at, Known::Value(at("2016-04-04T00:24:13Z")));
    assert_eq!(users[0].manager.as_deref(), Some("cy@x"));
    assert_eq!((users[1].status, &users[1].last_sign_in_at), (IdpStatus::Suspended, &Known::Absent));
}

#[test]
fn bad_rows_are_gaps_before_and_after_good_ones() {
    let (users, record) = users(
        "id,user_name,status,end_date\n\
         u1,ann,gone,\nu2,bob,active,\nu2,cy,active,\n,dan,active,\nu5,,active,\nu6,fay\nu7,\"g\0\",active,\n\
         u8,hal,active,03/12/2026\nu9,bob,suspended,2026-12-31\nu10,ian,,\n",
    );
    let ids: Vec<_> = users.iter().map(|user| user.id.as_str()).collect();
    // Two people may have one name; which of them is meant is for linking to judge.
    assert_eq!(ids, ["u2", "u8", "u9"]);
    assert_eq!(users[0].user_name, "bob");
    assert!(users[1].end.is_unknown());
    assert_eq!(
        gaps(&record),
        [
            ("users.csv row 1 (line 2), column status", "`gone` is not a known status"),
            ("users.csv row 3 (line 4), column id", "rows 2 and 3 have the same id `u2`, and only the first is used"),
            ("users.csv row 4 (line 5), column id", "the cell is empty"),
            ("users.csv row 5 (line 6), column user_name", "the cell is empty"),
            ("users.csv row 6 (line 7)", "it has 2 cells and the header has 4"),
            ("users.csv row 7 (line 8), column user_name", "the user name has control characters"),
            ("users.csv row 10 (line 11), column status", "the cell is empty"),
        ]
    );
    assert!(record.gaps.iter().all(|gap| gap.fact == Fact::IdpUsers && !gap.hint.is_empty()));
    assert_eq!(record.files[0].rows, 10);
    let note = record.notes.iter().find(|note| note.contains("column `end_date`")).unwrap();
    let told = "`users.csv`, column `end_date`: 1 cell is not readable, and the values are not known. First in row 8 (line 9): \
                `03/12/2026` does not say which number is the day and which the month. To fix it, write it year first";
    assert!(note.starts_with(told), "{note}");
}

#[test]
fn names_are_kept_as_they_are() {
    let long = "ñ".repeat(100_000);
    let (users, record) = users(&format!("id,user_name,status,display_name\nu1,Straße\u{301},active,{long}\n"));
    assert!(record.gaps.is_empty());
    assert_eq!(users[0].user_name, "Straße\u{301}");
    assert_eq!(users[0].display_name.as_deref(), Some(long.as_str()));
}

#[test]
fn a_header_alone_is_an_empty_list_and_noted() {
    let (users, record) = users("id,user_name,status\n");
    assert!(users.is_empty() && record.gaps.is_empty());
    assert_eq!(record.notes, ["`users.csv` lists 0 users"]);
}

#[test]
fn a_users_file_without_what_it_needs_is_refused() {
    let read_users = |text: &str, columns: &[(&str, &str)]| {
        let mut config = config();
        config.columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let files = CsvFiles { users: raw("users.csv", text), groups: None, members: Vec::new() };
        read(&name(), &config, &files, &clock()).map(facts)
    };
    let shown = refusal(read_users("uid,user_name,state\n1,a,b\n", &[]));
    for part in
        ["no column `id` and `status`", "users.csv:1:1", "`uid`, `user_name`, `state`", "columns = { id = \"…\""]
    {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(refusal(read_users("", &[])).contains("is empty"));
    let mapped = [("id", "UID"), ("status", "state")];
    let (facts, record) = read_users("uid,user_name,state\n1,a,active\n", &mapped).unwrap();
    assert_eq!(facts.users.len(), 1);
    assert!(record.files[0].read_as.starts_with("own header with mapped columns"));
    assert!(refusal(read_users("uid,user_name,state\n", &[("id", "guid")])).contains("no `guid` here"));
}

#[test]
fn groups_and_members_of_our_own() {
    let members = "user_id,group_id\nu2,g1\nu1,g1\nu1,g1\nu9,g1\nu1,g9\n";
    let (facts, record) =
        grouped(Some("id,name\ng1,Admins\ng2,Empty\ng1,Again\n"), &[("members.csv", members)]).unwrap();
    assert_eq!(listed(&facts), ["g1=Admins:u1,u2", "g2=Empty:"]);
    assert_eq!(
        gaps(&record),
        [
            ("groups.csv row 3 (line 4), column id", "an earlier row has the same id `g1`, and only the first is used"),
            (
                "members.csv row 4 (line 5), column user_id",
                "`u9` is no user of `users.csv`, or their row there can't be read"
            ),
            (
                "members.csv row 5 (line 6), column group_id",
                "`g9` is no group of `groups.csv`, or its row there can't be read"
            ),
        ]
    );
    assert!(record.gaps.iter().all(|gap| gap.fact == Fact::IdpGroups));
    assert_eq!(record.asked, [Fact::IdpUsers, Fact::IdpGroups]);
    let paths: Vec<_> = record.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["users.csv", "groups.csv", "members.csv"]);
}

#[test]
fn members_without_a_groups_file_name_their_groups() {
    let (facts, record) = grouped(None, &[("members.csv", "group_id,user_id\nAdmins,u1\nReaders,u1\n")]).unwrap();
    assert_eq!(listed(&facts), ["Admins=Admins:u1", "Readers=Readers:u1"]);
    assert!(record.gaps.is_empty());
    assert!(refusal(grouped(None, &[("members.csv", "id,displayName\nu1,x\n")])).contains("member_columns = {"));
}

#[test]
fn groups_without_members_are_not_empty_groups() {
    let (_, record) = grouped(Some("id,name\ng1,Admins\n"), &[]).unwrap();
    assert_eq!(gaps(&record), [("groups.csv", "the groups are listed and their members are not")]);
}

const HEAD: &str = "id,userPrincipalName,displayName,objectType,userType\n";

#[test]
fn one_file_per_group_is_named_after_it() {
    let admins = format!("{HEAD}u1,ann,Ann,User,Member\nd1,,Laptop,Device,\nu2,bob,Bob,User,Guest\n");
    let readers = HEAD.to_owned();
    let files = [("m/Admins.csv", admins.as_str()), ("m/Readers.csv", readers.as_str())];
    let (facts, record) = grouped(None, &files).unwrap();
    assert_eq!(listed(&facts), ["Admins=Admins:u1,u2", "Readers=Readers:"]);
    assert!(record.gaps.is_empty());
    assert_eq!(
        record.notes,
        ["`m/Admins.csv` has 1 members of type `Device`, which are not people", "`m/Readers.csv` lists 0 members"]
    );
    let groups = "id,displayName\ng1,Admins\ng2,Readers\ng3,Others\n";
    let (facts, record) = grouped(Some(groups), &files).unwrap();
    assert_eq!(listed(&facts), ["g1=Admins:u1,u2", "g2=Readers:", "g3=Others:"]);
    assert_eq!(gaps(&record), [("groups.csv", "1 groups have no members file: Others")]);

    let (_, record) = grouped(Some("id,displayName\ng1,Admins\ng2,Admins\n"), &files).unwrap();
    assert_eq!(gaps(&record)[0], ("m/Admins.csv", "`groups.csv` has 2 groups called `Admins`"));
    assert_eq!(gaps(&record)[1], ("m/Readers.csv", "`groups.csv` has 0 groups called `Readers`"));
}

#[test]
fn nested_groups_are_followed_or_a_gap() {
    let all = format!("{HEAD}x1,,Admins,Group,\nx2,,Readers,Group,\nu3,cy,Cy,User,Member\n");
    let admins = format!("{HEAD}u1,ann,Ann,User,Member\nx0,,All,Group,\n");
    let (facts, record) = grouped(None, &[("m/Admins.csv", &admins), ("m/All.csv", &all)]).unwrap();
    assert_eq!(listed(&facts), ["Admins=Admins:u1,u3", "All=All:u1,u3"]);
    assert_eq!(
        gaps(&record),
        [("m/All.csv row 2 (line 3)", "the member `x2` is a group, and who is in it is not known")]
    );
    assert!(record.notes[0].contains("direct members only"));

    let groups = "id,displayName\nx0,All\nx1,Admins\nx2,Readers\n";
    let readers = format!("{HEAD}u2,bob,Bob,#microsoft.graph.user,\n");
    let files = [("m/Admins.csv", admins.as_str()), ("m/All.csv", &all), ("m/Readers.csv", &readers)];
    let (facts, record) = grouped(Some(groups), &files).unwrap();
    assert_eq!(listed(&facts), ["x0=All:u1,u2,u3", "x1=Admins:u1,u2,u3", "x2=Readers:u2"]);
    assert!(record.gaps.is_empty(), "{:?}", record.gaps);
}

#[tokio::test]
async fn files_are_read_relative_to_the_config() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("m")).unwrap();
    std::fs::write(dir.path().join("users.csv"), "id,user_name,status\nu1,ann,active\n").unwrap();
    std::fs::write(dir.path().join("m/Admins.csv"), format!("{HEAD}u1,ann,Ann,User,Member\n")).unwrap();
    let cx = CollectCx { clock: clock(), progress: Progress::silent(), base: dir.path().to_owned() };
    let mut config = config();
    config.members = Some("m/*.csv".to_owned());
    let idp = CsvIdp::new(name(), config.clone());
    assert_eq!(idp.source(), "idp:export");
    let (facts, record) = facts(idp.collect(&cx).await.unwrap());
    assert_eq!(listed(&facts), ["Admins=Admins:u1"]);
    assert_eq!(record.files[1].path, "m/Admins.csv");

    config.users = "nobody.csv".into();
    config.groups = Some("nothing.csv".into());
    let Err(Error::Input(all)) = CsvIdp::new(name(), config).collect(&cx).await else { panic!() };
    assert_eq!(all.len(), 2);
    assert!(all[0].help.contains("nobody.csv"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        more in prop::collection::vec(any::<u8>(), 0..100),
        header in any::<bool>(),
        pattern in any::<bool>(),
    ) {
        let with = |head: &str, rest: &[u8]| {
            let mut all = if header { head.as_bytes().to_vec() } else { Vec::new() };
            all.extend(rest);
            all
        };
        let (users, groups) = (with("id,user_name,status,end_date\n", &bytes), with("id,name\n", &more));
        let members = with("group_id,user_id,objectType\n", &more);
        let mut config = config();
        config.groups = Some("groups.csv".into());
        config.members = Some(if pattern { "m/*.csv" } else { "members.csv" }.to_owned());
        let files = CsvFiles {
            users: RawFile { path: "users.csv", bytes: &users, modified_at: None },
            groups: Some(RawFile { path: "groups.csv", bytes: &groups, modified_at: None }),
            members: vec![RawFile { path: "m/x.csv", bytes: &members, modified_at: None }],
        };
        let _ = read(&name(), &config, &files, &clock());
    }

    #[test]
    fn every_row_is_a_user_or_a_gap(rows in prop::collection::vec(("[ab]{0,2}", "[a-z]{0,3}", "active|Active|no|"), 0..10)) {
        let mut text = "id,user_name,status\n".to_owned();
        for (id, name, status) in &rows {
            text.push_str(&format!("{id},{name},{status}\n"));
        }
        let (users, record) = users(&text);
        let blank = rows.iter().filter(|(id, name, status)| [id, name, status].iter().all(|s| s.is_empty())).count();
        prop_assert_eq!(users.len() + record.gaps.len() + blank, rows.len());
    }
}
