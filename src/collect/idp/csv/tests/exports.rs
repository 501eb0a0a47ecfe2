//! Exports of tools, and cells that do not have to be there.

use super::*;

fn read_as(record: &SourceRecord) -> &str {
    record.files[0].read_as.split(',').next().unwrap()
}

fn states(users: &[IdpUser]) -> Vec<(&str, IdpStatus)> {
    users.iter().map(|user| (user.user_name.as_str(), user.status)).collect()
}

fn notes<'r>(record: &'r SourceRecord, column: &str) -> Vec<&'r str> {
    record.notes.iter().map(String::as_str).filter(|note| note.contains(column)).collect()
}

#[test]
fn an_export_of_powershell_may_begin_with_its_type_line() {
    let (users, record) = users(
        "#TYPE Example.Graph.User\n\"Id\",\"UserPrincipalName\",\"Mail\",\"AccountEnabled\"\n\
         \"u1\",\"dee@x\",\"dee@x\",\"True\"\n\"u2\",\"eve@x\",\"\",\"False\"\n",
    );
    assert_eq!(read_as(&record), "Entra export");
    assert_eq!(states(&users), [("dee@x", IdpStatus::Active), ("eve@x", IdpStatus::Disabled)]);
    assert_eq!(users[1].origin, "users.csv row 2 (line 4)");
    assert_eq!(record.notes, ["`users.csv` begins with a `#TYPE` line of PowerShell, which is skipped"]);
    assert!(record.gaps.is_empty());
}

#[test]
fn a_blocked_credential_is_a_disabled_account() {
    for (name, text) in [
        (
            "Microsoft 365 admin center export",
            "Block credential,Display name,First name,Object Id,Proxy addresses,Title,User principal name,When created\n\
             False,Dee Dun,Dee,u1,SMTP:dee@x+smtp:d.dun@x,Dev,dee@x,2025-02-03 09:12:44Z\n\
             True,Eve Ely,Eve,u2,SMTP:eve@x,,eve@x,2025-02-03 09:12:44Z\n",
        ),
        (
            "Get-MsolUser export",
            "ObjectId,UserPrincipalName,DisplayName,BlockCredential,Title,ProxyAddresses\n\
             u1,dee@x,Dee Dun,False,Dev,\"smtp:d.dun@x SMTP:dee@x\"\nu2,eve@x,Eve Ely,True,,SMTP:eve@x\n",
        ),
    ] {
        let (users, record) = users(text);
        assert_eq!(read_as(&record), name);
        assert!(record.gaps.is_empty() && record.notes.is_empty(), "{record:?}");
        assert_eq!(states(&users), [("dee@x", IdpStatus::Active), ("eve@x", IdpStatus::Disabled)]);
        assert_eq!((users[0].email.as_deref(), users[0].title.as_deref()), (Some("dee@x"), Some("Dev")));
        assert_eq!(users[0].aliases, ["d.dun@x"]);
    }
}

#[test]
fn gam_says_in_two_columns_whether_an_account_is_used() {
    let (users, record) = users(
        "primaryEmail,id,name.fullName,suspended,archived,lastLoginTime\n\
         dee@x,101,Dee Dun,False,False,2026-09-28T07:11:02.000Z\neve@x,102,Eve Ely,True,False,1970-01-01T00:00:00.000Z\n\
         fay@x,103,Fay Fox,False,True,Never\ngus@x,104,Gus Gay,False,,\nhal@x,105,Hal Ham,False,perhaps,\n\
         ivy@x,106,Ivy Ink,,True,\njon@x,107,Jon Jay,,False,\n",
    );
    assert_eq!(read_as(&record), "GAM export");
    use IdpStatus::{Active, Disabled, Suspended};
    assert_eq!(
        states(&users),
        [
            ("dee@x", Active),
            ("eve@x", Suspended),
            ("fay@x", Disabled),
            ("gus@x", Active),
            ("hal@x", Active),
            ("ivy@x", Disabled)
        ]
    );
    assert_eq!((users[0].id.as_str(), users[0].display_name.as_deref()), ("101", Some("Dee Dun")));
    assert_eq!(users[0].last_sign_in_at, Known::Value(at("2026-09-28T07:11:02Z")));
    assert_eq!((&users[1].last_sign_in_at, &users[2].last_sign_in_at), (&Known::Absent, &Known::Absent));
    let hal = users[4].contradiction.as_deref();
    assert_eq!(
        hal,
        Some(
            "`suspended` is `False` and `archived` is `perhaps`, which is neither yes nor no (users.csv row 5, line 6)"
        )
    );
    assert!(users.iter().filter(|user| user.contradiction.is_some()).count() == 1);
    assert_eq!(gaps(&record), [("users.csv row 7 (line 8), column suspended", "the cell is empty")]);
}

const OBJECT: &str = "1a2b3c4d-1111-4222-8333-444455556666";

#[test]
fn a_user_with_a_deletion_date_is_deleted_whatever_the_flag_says() {
    let (users, record) = users(&format!(
        "id,userPrincipalName,accountEnabled,mail,deletedDateTime\n\
         {OBJECT},1a2b3c4d111142228333444455556666dee@x,True,,2026-09-01T00:00:00Z\nu2,eve@x,True,,2026-09-02\n\
         u3,fay@x,True,,\nu4,gus@x,,,9/21/2026 6:00:00 AM\n"
    ));
    use IdpStatus::{Active, Deleted};
    assert_eq!(states(&users), [("dee@x", Deleted), ("eve@x", Deleted), ("fay@x", Active), ("gus@x", Deleted)]);
    let since: Vec<_> =
        users.iter().filter_map(|user| user.status_changed_at.value()).map(ToString::to_string).collect();
    assert_eq!(since, ["2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z", "2026-09-21T06:00:00Z"]);
    assert!(record.gaps.is_empty() && users.iter().all(|user| user.contradiction.is_none()));
}

#[test]
fn a_name_of_a_deleted_account_is_enough_and_an_unclear_deletion_is_not() {
    let (users, record) = users(&format!(
        "id,userPrincipalName,accountEnabled,deletedDateTime\n\
         {OBJECT},1a2b3c4d111142228333444455556666dee@x,True,\n\
         2a2b3c4d-1111-4222-8333-444455556666,2a2b3c4d111142228333444455556666eve@x,True,9/1/2026 12:00:00 AM\n\
         u3,fay@x,True,9/1/2026 12:00:00 AM\nu4,gus@x,True,2030-01-01\nu5,hal@x,False,soon\n"
    ));
    use IdpStatus::{Active, Deleted, Disabled};
    let told: Vec<_> = users.iter().map(|user| (user.status, user.contradiction.as_deref())).collect();
    let unreadable = "`accountEnabled` is `True` and `deletedDateTime` is `9/1/2026 12:00:00 AM`, which is not a date that can be \
                      read (users.csv row 3, line 4)";
    let ahead = "`accountEnabled` is `True` and `deletedDateTime` is `2030-01-01`, which is later than the collection \
                 (users.csv row 4, line 5)";
    assert_eq!(
        told,
        [(Deleted, None), (Deleted, None), (Active, Some(unreadable)), (Active, Some(ahead)), (Disabled, None)]
    );
    assert!(users[0].status_changed_at.is_unknown() && users[1].status_changed_at.is_unknown());
    assert!(record.gaps.is_empty());
    let told = notes(&record, "contradicts itself");
    assert!(told[0].contains("for 2 of its users: the first is `accountEnabled`"), "{told:?}");
}

#[test]
fn two_columns_that_answer_one_question_differently_contradict_each_other() {
    let (users, _) = users(
        "id,userPrincipalName,accountEnabled,BlockCredential\nu1,dee@x,True,True\nu2,eve@x,False,False\nu3,fay@x,True,False\n\
         u4,gus@x,False,True\nu5,hal@x,,True\nu6,ivy@x,True,\nu7,jon@x,True,eventually\nu8,kim@x,False,eventually\n",
    );
    use IdpStatus::{Active, Disabled};
    let told: Vec<_> = users.iter().map(|user| (user.status, user.contradiction.is_some())).collect();
    assert_eq!(
        told,
        [
            (Active, true),
            (Active, true),
            (Active, false),
            (Disabled, false),
            (Disabled, false),
            (Active, false),
            (Active, true),
            (Disabled, false)
        ]
    );
}

#[test]
fn aliases_are_read_however_the_export_joins_them() {
    let text = "id,userPrincipalName,accountEnabled,mail,proxyAddresses\n\
                u1,dee@x,True,dee@x,\"SMTP:dee@x,smtp:d.dun@x,SIP:dee@x\"\nu2,eve@x,True,,System.String[]\n\
                u3,fay@x,True,,System.String[]\nu4,gus@x,True,,smtp:g@x SMTP:gus@x\n";
    let (users, record) = users(text);
    let aliases: Vec<_> = users.iter().map(|user| user.aliases.join(" ")).collect();
    assert_eq!(aliases, ["d.dun@x", "", "", "g@x"]);
    assert_eq!((users[1].email.as_deref(), users[3].email.as_deref()), (None, Some("gus@x")));
    assert!(record.gaps.is_empty());
    let told = notes(&record, "column `proxyAddresses`");
    assert!(told[0].contains("2 cells are not readable") && told[0].contains("row 2 (line 3)"), "{told:?}");
}

#[test]
fn dates_of_a_users_file_are_read_as_the_config_says() {
    let text = "id,user_name,status,start_date,last_sign_in_at\nu1,dee,active,03/04/2024,03/08/2026\nu2,eve,active,,2026-08-03\n";
    let mut config = config();
    config.date_format = DateFormat::Pattern("%d/%m/%Y".to_owned());
    let files = CsvFiles { users: raw("users.csv", text), groups: None, members: Vec::new() };
    let (told, record) = facts(read(&name(), &config, &files, &clock()).unwrap());
    assert_eq!(told.users[0].start, Known::Value(at("2024-04-03T00:00:00Z")));
    assert!(told.users.iter().all(|user| user.last_sign_in_at == Known::Value(at("2026-08-03T00:00:00Z"))));
    assert!(record.gaps.is_empty());
    // Without it, a date that can be read in two ways costs that date.
    let (told, record) = users(text);
    assert!(told[0].last_sign_in_at.is_unknown() && record.gaps.is_empty());
    let said = notes(&record, "column `last_sign_in_at`");
    assert!(said[0].contains("date_format"), "{said:?}");
}

/// What may stand in a cell that does not have to be there.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[^\"\u{0}\r\n,]{0,16}",
        "[0-9/.: -]{0,20}",
        Just("System.String[]".to_owned()),
        Just("9999-12-31".to_owned()),
        Just("True".to_owned()),
        Just("2026-01-01".to_owned()),
        Just("2099-01-01".to_owned()),
    ]
}

proptest! {
    /// Nothing in an optional cell makes the source incomplete, loses the user, or makes an account look more alive than the
    /// required cells do; and what says nothing about the state of an account leaves it as it is.
    #[test]
    fn an_optional_cell_costs_itself_and_nothing_else(
        cells in prop::collection::vec(cell(), 12),
        status in prop::sample::select(vec!["active", "staged", "suspended", "disabled", "deleted"]),
    ) {
        let columns: Vec<&str> = OWN.split(',').filter(|name| !["id", "user_name", "status"].contains(name)).collect();
        let text = format!("id,user_name,status,{}\nu1,dee,{status},\"{}\"\n", columns.join(","), cells.join("\",\""));
        let (bare, _) = users(&format!("id,user_name,status\nu1,dee,{status}\n"));
        let (full, record) = users(&text);
        prop_assert!(record.gaps.is_empty(), "{:?}", record.gaps);
        prop_assert_eq!(full.len(), 1);
        prop_assert_eq!(full[0].status, bare[0].status);
        prop_assert_eq!(&full[0].contradiction, &None);
    }

    #[test]
    fn a_cell_about_deletion_or_blocking_is_never_milder(
        deleted in cell(),
        blocked in cell(),
        enabled in prop::sample::select(vec!["True", "False"]),
    ) {
        let head = "id,userPrincipalName,accountEnabled";
        let (full, record) =
            users(&format!("{head},deletedDateTime,BlockCredential\nu1,dee@x,{enabled},\"{deleted}\",\"{blocked}\"\n"));
        prop_assert!(record.gaps.is_empty(), "{:?}", record.gaps);
        let user = &full[0];
        let is_gone = user.status.is_gone();
        if enabled == "False" {
            prop_assert!(is_gone || user.contradiction.is_some());
        } else if !deleted.trim_ascii().is_empty() && deleted != "9999-12-31" {
            // The zeros of a date are an empty cell.
            prop_assert!(is_gone || user.contradiction.is_some() || deleted.trim_ascii().starts_with("0000-00-00"));
        }
    }
}
