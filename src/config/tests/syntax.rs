//! Mistakes of form, and how all are told.

use super::*;

#[test]
fn all_mistakes_are_told_at_once_and_in_place() {
    let text = r#"[organisation]
name = "Example"

[aws]
region = "us-east1"
requests_per_second = 0
planes = ["application", "permision_set"]

[[idp]]
name = "a"
type = "entra"
tenant_id = "…"

[[idp]]
name = "A"
type = "csv"
columns = { usr_name = "login" }

[policy]
leaver_sla = "24 hours"
preset = "iso-27001"
dormant_after = 90
severity = { direct-assignments = "info", long-session = "hi" }

[[access]]
match = {}
permission_set = "X"
accounts = ["1234", "ou:"]

[[exception]]
rule = "leaver-hold-access"
reason = " "
expires = 2027-01-31T00:00:00Z
"#;
    let errors = parse(text).unwrap_err();
    let briefs: Vec<String> = errors.iter().map(brief).collect();
    insta::assert_snapshot!(briefs.join("\n"), @r#"
    1:2 unknown key `organisation` in the config | did you mean `organization`?
    5:10 `us-east1` is not the code of an AWS Region | write the code, such as "us-east-1"
    6:23 `requests_per_second` must be from 1 to 1000 | write a whole number up to 1000
    7:11 plane `application` is not built into this version | leave it out; what is left out is stated as a limit on the cover
    7:26 unknown plane `permision_set` | did you mean `permission_set`?
    9:1 missing key `client_id` in [[idp]] | give the application (client) id: client_id = "…"
    9:1 nothing says how to prove who is asking | write client_secret = { env = "ENTRA_CLIENT_SECRET" }, or certificate or federated_token in the same manner
    14:1 missing key `users` in [[idp]] | name the users file: users = "users.csv"
    15:8 identity provider name `A` is given twice, first on line 10 | keep one of the two
    17:13 unknown column `usr_name` | did you mean `user_name`?
    20:14 `leaver_sla` is not a length of time: `24 hours` | write a whole number and a unit in quotes: "40m", "24h", "30d" or "2w"
    21:10 preset `iso-27001` needs `policy.mover_sla`: it asks for removal on change and gives no number | set your own: mover_sla = "5d"
    21:10 preset `iso-27001` needs `review.cadence`: control 5.18 refers to the organisation's own policy | set your own: cadence = "quarterly" in [review]
    22:17 `dormant_after` must be a length of time, not a number | write a whole number and a unit in quotes: "40m", "24h", "30d" or "2w"
    23:14 unknown rule `direct-assignments` | did you mean `direct-assignment`?
    23:58 unknown severity `hi` | did you mean `high`?
    26:9 `match` needs at least one condition | give `group`, `department`, `title`, `type` or `person`; for everyone write { person = "*" }
    28:13 account id `1234` has 4 digits instead of twelve | write all twelve digits, leading zeros included
    28:21 `ou:` needs a path | write "ou:Workloads/*"
    30:1 missing key `subject` in [[exception]] | say for whom: subject = { user = "break.glass@example.com" }
    30:1 missing key `approved_by` in [[exception]] | name who accepted it: approved_by = "ciso@example.com"
    31:8 unknown rule `leaver-hold-access` | did you mean `leaver-holds-access`?
    32:10 `reason` must not be empty | write something, or remove the key if it is optional
    33:11 `expires` is not a date | write year, month and day: 2027-01-31
    "#);
    let rendered = render_all(&errors, false);
    for place in ["1:2", "5:10", "6:23", "7:11", "7:26", "9:1", "14:1", "15:8", "17:13", "20:14", "22:17"] {
        assert!(rendered.contains(&format!("--> overstay.toml:{place}\n")), "{place}");
    }
}

#[test]
fn syntax_errors_are_told_with_what_stands_before_them() {
    let text = "[aws]\nregoin = \"us-east-1\"\n\n[policy]\nleaver_sla = 24h\nmover_sla = oops\n[nonsense]\n";
    let errors = wrong(text);
    assert!(errors[0].starts_with("2:1 unknown key `regoin` in [aws] | did you mean `region`?"), "{errors:#?}");
    assert!(errors[1].starts_with("5:"), "{errors:#?}");
    assert!(errors[1].contains("not valid TOML"), "{errors:#?}");
    assert!(errors[2].starts_with("6:"), "{errors:#?}");
    assert!(!errors.iter().any(|error| error.contains("nonsense")), "{errors:#?}");
}

#[test]
fn a_key_given_twice_hides_nothing() {
    let errors = wrong("[aws]\nregion = \"us-east-1\"\nregion = \"us-east-2\"\nprofle = \"a\"\n");
    assert_eq!(
        errors,
        [
            "3:1 `region` is given twice | keep one of the two",
            "4:1 unknown key `profle` in [aws] | did you mean `profile`?"
        ]
    );
}

#[test]
fn windows_files_are_read_as_well() {
    let text = format!("\u{feff}{}", EVERYTHING.replace('\n', "\r\n"));
    valid(&text);
    let broken = text.replacen("profile = ", "profle = ", 1);
    assert!(only(&broken).starts_with("6:1 unknown key `profle`"));
}

#[test]
fn sections_are_written_as_they_should_be() {
    says("idp = 3", "1:7 `idp` is a list of sections | write [[idp]]");
    says("[idp]\nname = \"a\"", "`idp` is a list of sections | write [[idp]]");
    says("[[policy]]\npreset = \"soc2\"", "`policy` can be given once only");
    says("policy = \"soc2\"", "`policy` must be a section, not a text");
    says("aws = true", "`aws` must be a section, not true or false");
    says("[polcy]", "1:2 unknown key `polcy` in the config | did you mean `policy`?");
    says("[zzz]", "known here: `organization`, `aws`, `idp`");
    says("[organization]", "1:1 missing key `name` in [organization]");
    says("[approvals]", "missing key `path` in [approvals]");
    says("[signing]", "missing key `key` in [signing]");
}

#[test]
fn types_are_checked() {
    says("[organization]\nname = 3", "2:8 `name` must be a text, not a number");
    says("[organization]\nname = \" \"", "`name` must not be empty");
    says("[aws]\nrequests_per_second = 1001", "`requests_per_second` must be from 1 to 1000");
    says("[aws]\nrequests_per_second = -1", "`requests_per_second` must be from 1 to 1000");
    says("[aws]\nrequests_per_second = \"18\"", "`requests_per_second` must be a whole number, not a text");
    says("[accounts]\nsecurity = \"audit\"", "`security` must be a list, not a text");
    says("[accounts]\nsecurity = [3]", "2:13 `security` must be a text, not a number");
    says("[accounts]\nsecurity = [12345678901]", "put the account id in double quotes");
    says("[pack]\ngrants_csv_rows = 0", "`grants_csv_rows` must be from 1");
    says("[policy]\nleaver_sla = 24", "`leaver_sla` must be a length of time, not a number");
    says("[policy]\nleaver_sla = \"1 day\"", "`leaver_sla` is not a length of time: `1 day` | write a whole number");
    says("[policy]\nleaver_sla = \"0h\"", "is not a length of time: `0h`");
    says("[policy]\nseverity = \"low\"", "`severity` must be a table, not a text");
}

#[test]
fn secrets_are_refused_and_not_shown() {
    for key in ["client_secret", "token", "password", "private_key", "federated_token"] {
        for kind in ["csv", "entra", "nonsense"] {
            let text = format!("[[idp]]\nname = \"a\"\ntype = \"{kind}\"\nusers = \"u\"\n{key} = \"hunter2\"\n");
            let errors = parse(&text).unwrap_err();
            let rendered = render_all(&errors, false);
            assert!(rendered.contains(&format!("`{key}` must not be written out")), "{rendered}");
            assert!(rendered.contains(&format!("{key} = {{ env = \"NAME\" }}")), "{rendered}");
            assert!(!rendered.contains("hunter2"), "{rendered}");
        }
    }
    for broken in [
        "token = hunter2",
        "token = \"hunter2",
        "private_key = '''\nhunter2",
        "[signing]\nkey = \"-----BEGIN OPENSSH PRIVATE KEY-----hunter2\"",
    ] {
        let rendered = render_all(&parse(broken).unwrap_err(), false);
        assert!(!rendered.contains("hunter2"), "{rendered}");
    }
    says("[signing]\nkey = \"-----BEGIN OPENSSH PRIVATE KEY-----\"", "the signing key itself must not be written");
}

#[test]
fn a_secret_by_reference_is_no_mistake_of_its_own() {
    let text = "[[idp]]\nname = \"a\"\ntype = \"entra\"\ntenant_id = \"t\"\nclient_id = \"c\"\n";
    valid(&format!("{text}client_secret = {{ env = \"S\" }}\n"));
}
