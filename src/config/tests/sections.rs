//! Mistakes in single sections.

use super::*;

fn access(keys: &str) -> String {
    format!("[[access]]\n{keys}\n")
}

#[test]
fn aws_is_checked() {
    says("[aws]\nregion = \"London\"", "`London` is not the code of an AWS Region");
    for region in ["us-gov-west-1", "eusc-de-east-1", "cn-north-1", "mx-central-1"] {
        valid(&format!("[aws]\nregion = \"{region}\""));
    }
    says("[aws]\nrole_arn = \"Audit\"", "`Audit` is not the ARN of an IAM role");
    says("[aws]\nrole_arn = \"arn:aws:iam::1234:role/A\"", "is not the ARN of an IAM role");
    says("[aws]\nrole_arn = \"arn:aws:iam::123456789012:user/A\"", "is not the ARN of an IAM role");
    says("[aws]\nmember_role = \"arn:aws:iam::123456789012:role/A\"", "is not the name of an IAM role");
    says("[aws]\nplanes = []", "`planes` must not be empty");
    says(
        "[aws]\nplanes = [\"permission_set\", \"permission_set\"]",
        "2:29 plane `permission_set` is given twice, first on line 2",
    );
    says(
        "[aws]\nplanes = [\"s3_access_grant\"]",
        "2:11 plane `s3_access_grant` is not built into this version | leave it out; what is left out is stated as a limit",
    );
    says("[aws]\nenumeration = \"exhaustiv\"", "unknown enumeration `exhaustiv` | did you mean `exhaustive`?");
}

#[test]
fn cloudtrail_has_one_source() {
    let cloudtrail = |keys: &str| format!("[aws]\ncloudtrail = {{ {keys} }}");
    let parsed = |keys: &str| valid(&cloudtrail(keys)).aws.unwrap().cloudtrail;
    assert!(matches!(parsed("lookup = true"), CloudTrail::Lookup));
    says(&cloudtrail(""), "`cloudtrail` needs exactly one of");
    says(&cloudtrail("lookup = true, files = \"x\""), "`cloudtrail` needs exactly one of");
    says(&cloudtrail("lookup = false"), "`lookup` can only be true");
    says(&cloudtrail("s3 = \"trail\""), "`trail` is not an S3 location");
    let week = cloudtrail("files = \"x\", covers = \"2026-07-01..2026-07-07\"");
    let CloudTrail::Files(files) = valid(&week).aws.unwrap().cloudtrail else { panic!() };
    let covers = files.covers.unwrap();
    assert_eq!(
        (covers.from.to_string().as_str(), covers.to.to_string().as_str()),
        ("2026-07-01T00:00:00Z", "2026-07-08T00:00:00Z")
    );
    for wrong in ["2026-07-01", "2026-07-07..2026-07-01", "2026-02-30..2026-03-01", "2026-7-1..2026-07-07"] {
        let text = cloudtrail(&format!("files = \"x\", covers = \"{wrong}\""));
        says(&text, "`covers`: ");
    }
    says(&cloudtrail("lookup = true, covers = \"2026-07-01..2026-07-07\""), "`covers` is about `files` and `s3`");
    says(&cloudtrail("files = \"x\", since = \"2026-07-01\""), "are about `s3`");
    says("[aws]\ncloudtrail = true", "`cloudtrail` must be a table");
}

#[test]
fn a_trail_bucket_has_a_place_and_what_is_read_of_it() {
    let cloudtrail = |keys: &str| format!("[aws]\ncloudtrail = {{ s3 = \"s3://trail/AWSLogs\"{keys} }}");
    let parsed = |keys: &str| match valid(&cloudtrail(keys)).aws.unwrap().cloudtrail {
        CloudTrail::Bucket(bucket) => bucket,
        other => panic!("{other:?}"),
    };
    let plain = parsed("");
    assert_eq!(plain.place.to_string(), "s3://trail/AWSLogs/");
    assert!(plain.since.is_none() && plain.covers.is_none() && plain.accounts.is_none() && plain.regions.is_none());
    let all = parsed(
        ", since = 2026-07-01, covers = \"2026-07-01..2026-07-31\", accounts = [\"123456789012\"], regions = [\"*\"]",
    );
    assert_eq!(all.since.unwrap().to_string(), "2026-07-01T00:00:00Z");
    assert_eq!(all.covers.unwrap().to.to_string(), "2026-08-01T00:00:00Z");
    assert_eq!((all.accounts.unwrap()[0].as_str(), all.regions.unwrap()[0].as_str()), ("123456789012", "*"));
    says(&cloudtrail(", accounts = [\"123\"]"), "has 3 digits instead of twelve");
    says(&cloudtrail(", regions = []"), "`regions`");
    says(&cloudtrail(", since = \"soon\""), "`since` is not a date");
    says(&cloudtrail(", since = 2026-07-02, covers = \"2026-07-01..2026-07-31\""), "`covers` begins before `since`");
}

#[test]
fn identity_providers_are_checked() {
    let idp = |keys: &str| format!("[[idp]]\nname = \"a\"\n{keys}\n");
    says(&idp("type = \"csv\""), "1:1 missing key `users` in [[idp]]");
    says(&idp("users = \"u\""), "1:1 missing key `type` in [[idp]]");
    says("[[idp]]\ntype = \"csv\"\nusers = \"u\"", "missing key `name` in [[idp]]");
    says("[[idp]]\nname = \"a\\u0007\"\ntype = \"csv\"\nusers = \"u\"", "without control characters");
    let keycloak = "type = \"keycloak\"\nbase_url = \"https://k\"\nclient_id = \"c\"\nclient_secret = { env = \"X\" }";
    says(&idp(keycloak), "missing key `realm` in [[idp]]");
    says(&idp("type = \"entr\"\nx = 1"), "unknown identity provider type `entr` | did you mean `entra`?");
    says(&idp("type = \"csv\"\nusers = \"u\"\ntenant_id = \"t\""), "5:1 unknown key `tenant_id` in [[idp]]");
    says(
        &idp("type = \"csv\"\nusers = \"u\"\ncolumns = { usr_name = \"x\" }"),
        "5:13 unknown column `usr_name` | did you mean `user_name`?",
    );
    says(&idp("type = \"csv\"\nusers = \"u\"\ncolumns = { id = 3 }"), "`id` must be a text");
    says(&idp("type = \"csv\"\nusers = \"u\"\ngroup_columns = { group_id = \"x\" }"), "unknown column `group_id`");
    says(&idp("type = \"csv\"\nusers = \"u\"\nmember_columns = { id = \"x\" }"), "unknown column `id`");
    let one = idp("type = \"csv\"\nusers = \"u\"");
    says(&format!("{one}{one}"), "6:8 identity provider name `a` is given twice, first on line 2");
}

#[test]
fn identity_centers_own_endpoint_is_no_identity_provider() {
    let scim = |url: &str| {
        format!("[[idp]]\nname = \"s\"\ntype = \"scim\"\nbase_url = \"{url}\"\ntoken = {{ env = \"T\" }}\n")
    };
    valid(&scim("https://scim.example.com/v2"));
    valid(&scim("https://example.com/scim.eu-west-1.amazonaws.com"));
    for url in ["https://scim.us-east-1.amazonaws.com/abc/scim/v2", "https://SCIM.cn-north-1.amazonaws.com.cn/x"] {
        says(&scim(url), "4:12 `base_url` is Identity Center's own SCIM endpoint");
    }
}

#[test]
fn logs_of_identity_providers_are_checked() {
    let idp = |keys: &str| format!("[[idp]]\nname = \"a\"\ntype = \"csv\"\nusers = \"u\"\n{keys}\n");
    let logs = |keys: &str| valid(&idp(keys)).idps.remove(0).logs;
    assert_eq!(logs(""), None);
    let files = |covers| Some(LogFiles { files: "l/*.jsonl".to_owned(), covers, application: None });
    assert_eq!(logs("logs = \"l/*.jsonl\""), files(None));
    let quarter = crate::model::event::Window { from: at("2026-07-01T00:00:00Z"), to: at("2026-10-01T00:00:00Z") };
    let covers = "covers = \"2026-07-01..2026-09-30\"";
    assert_eq!(logs(&format!("logs = {{ files = \"l/*.jsonl\", {covers} }}")), files(Some(quarter)));
    says(&idp(&format!("logs = {{ {covers} }}")), "missing key `files` in `logs`");
    for wrong in ["2026-07-01", "2026-09-30..2026-07-01", "2026-7-1..2026-9-30", ".."] {
        says(&idp(&format!("logs = {{ files = \"l\", covers = \"{wrong}\" }}")), "`covers`");
    }
    says(&idp("logs = 3"), "`logs` must be a table");
}

#[test]
fn ldap_addresses_are_checked() {
    let ldap = |url: &str| {
        format!(
            "[[idp]]\nname = \"d\"\ntype = \"ldap\"\nurl = \"{url}\"\nbind_dn = \"cn=a\"\nbase_dn = \"dc=x\"\n\
             password = {{ env = \"P\" }}\nflavor = \"ad\"\n"
        )
    };
    for url in ["ldaps://dc1.example.com", "ldap://127.0.0.1:3890", "ldaps://[::1]:636", "ldap://dc_1/"] {
        let IdpSource::Ldap(config) = &valid(&ldap(url)).idps[0].source else { panic!() };
        assert_eq!(config.url, url.trim_end_matches('/'));
    }
    for url in [
        "dc1",
        "https://dc1",
        "ldap://",
        "ldaps:///",
        "ldap://a@dc1",
        "ldap://dc1/dc=x",
        "ldap://dc1:",
        "ldap://dc1:x",
        "ldap://dc1:0",
        "ldap://dc1:70000",
        "ldap://dc 1",
        "ldap://dc1?x",
    ] {
        says(&ldap(url), "4:7 ");
        says(&ldap(url), "is not the address of an LDAP server | write ldaps://host");
    }
    says(&ldap("ldaps://a").replace("\"ad\"", "\"adlds\""), "unknown LDAP flavor `adlds`");
    says(&ldap("ldaps://a").replace("{ env = \"P\" }", "\"secret\""), "must not be written out in the config");
}

#[test]
fn the_roster_is_checked() {
    let hr = |keys: &str| format!("[hr]\npath = \"r\"\nlists = \"all\"\ntime_zone = \"UTC\"\n{keys}");
    valid(&hr(""));
    assert_eq!(valid(&hr("dialect = \"bamboohr\"")).hr.unwrap().dialect, Some(HrDialect::BambooHr));
    let dates = |format: &str| valid(&hr(&format!("date_format = \"{format}\""))).hr.unwrap().date_format;
    assert_eq!(dates("%d/%m/%Y"), DateFormat::Pattern("%d/%m/%Y".to_owned()));
    assert_eq!(dates("excel"), DateFormat::Excel);
    assert_eq!(valid(&hr("")).hr.unwrap().date_format, DateFormat::YearFirst);
    says(&hr("date_format = \"%d/%m\""), "5:15 `%d/%m` is not a format of dates: ");
    says(&hr("date_format = \"DD/MM/YYYY\""), "`DD/MM/YYYY` is not a format of dates: ");
    says(&hr("date_format = 3"), "`date_format` must be a text");
    let users = |keys: &str| format!("[[idp]]\nname = \"i\"\ntype = \"csv\"\nusers = \"u\"\n{keys}");
    let config = valid(&users("date_format = \"excel\""));
    let IdpSource::Csv(csv) = &config.idps[0].source else { panic!() };
    assert_eq!(csv.date_format, DateFormat::Excel);
    says(&users("date_format = \"%d/%m\""), "5:15 `%d/%m` is not a format of dates: ");
    says(&hr("dialect = \"wrkday\""), "unknown roster dialect `wrkday` | did you mean `workday`?");
    says(&hr("columns = { employe_id = \"x\" }"), "unknown column `employe_id` | did you mean `employee_id`?");
    says(&hr("type = \"xml\""), "unknown roster type `xml`");
    says("[hr]\npath = \"r\"\ntime_zone = \"UTC\"", "missing key `lists` in [hr]");
    says("[hr]\npath = \"r\"\nlists = \"all\"", "missing key `time_zone` in [hr]");
    says(&hr("").replace("UTC", "Europe/Londn"), "unknown time zone `Europe/Londn` | did you mean `Europe/London`?");
    says(&hr("").replace("UTC", "+01:00"), "unknown time zone `+01:00`");
    says(&hr("").replace("\"all\"", "\"everyone\""), "unknown kind of roster `everyone` | known here: `all`, `active`");
}

#[test]
fn identities_and_calendar_are_checked() {
    says(
        "[identities]\nservice = [{ user = \"a\", owner = \"o\" }]\nbreak_glass = [{ user = \"A\", owner = \"o\" }]",
        "3:25 identity `A` is given twice, first on line 2",
    );
    says("[identities]\nservice = [{ user = \"a\" }]", "2:12 missing key `owner` in a declared identity");
    says("[calendar]\ntime_zone = \"UTC\"\nweekend = [\"Sunday\"]", "unknown day `Sunday` | did you mean `sunday`?");
    says("[calendar]\ntime_zone = \"UTC\"\nweekend = [\"sunday\", \"sunday\"]", "day `sunday` is given twice");
    let week = "\"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\", \"saturday\", \"sunday\"";
    says(&format!("[calendar]\ntime_zone = \"UTC\"\nweekend = [{week}]"), "leaves no day to work on");
    says("[calendar]", "missing key `time_zone` in [calendar]");
}

#[test]
fn approvals_are_checked() {
    let approvals = |keys: &str| format!("[approvals]\npath = \"a.csv\"\n{keys}");
    let plain = valid(&approvals("")).approvals.unwrap();
    assert_eq!((plain.dialect, plain.time_zone.as_str()), (None, "UTC"));
    let team = valid(&approvals("dialect = \"aws-team\"")).approvals.unwrap();
    assert_eq!(team.dialect, Some(ApprovalDialect::AwsTeam));
    says("[approvals]", "missing key `path` in [approvals]");
    says(&approvals("dialect = \"sso-elevater\""), "did you mean `sso-elevator`?");
    says(&approvals("columns = { usr = \"x\" }"), "unknown column `usr` | did you mean `user`?");
    says(&approvals("time_zone = \"Mars\""), "unknown time zone `Mars`");
    says(&approvals("date_format = \"x\""), "`x` is not a format of dates");
}

#[test]
fn scope_and_review_are_checked() {
    let scope = |keys: &str| format!("[scope]\nexclude_accounts = [{{ account = \"a\", {keys} }}]");
    says(&scope("approved_by = \"b\""), "missing key `reason` in an excluded account");
    says(&scope("reason = \"r\""), "missing key `approved_by` in an excluded account");
    says(&scope("reason = \"r\", approved_by = \"b\", expires = \"soon\""), "`expires` is not a date");
    says("[review]\ncadence = \"quaterly\"", "unknown cadence `quaterly` | did you mean `quarterly`?");
    says(
        "[review]\nowners = [{ account = \"a\", owner = \"x\" }, { account = \"a\", owner = \"y\" }]",
        "owner of `a` is given twice",
    );
}

#[test]
fn access_entries_are_checked() {
    let keys = "match = { group = \"g\" }\npermission_set = \"p\"\naccounts = [\"a\", \"b\"]";
    says(&access("permission_set = \"p\"\naccounts = [\"a\"]"), "missing key `match` in [[access]]");
    says(&access("match = { group = \"g\" }\naccounts = [\"a\"]"), "missing key `permission_set`");
    says(&access("match = { group = \"g\" }\npermission_set = \"p\""), "missing key `accounts`");
    says(&access(&keys.replace("[\"a\", \"b\"]", "[]")), "`accounts` must not be empty");
    says(&access(&keys.replace("\"b\"", "\"ou:\"")), "`ou:` needs a path");
    says(&access(&keys.replace("\"b\"", "\"12345\"")), "account id `12345` has 5 digits instead of twelve");
    says(&access(&keys.replace("{ group = \"g\" }", "{}")), "2:9 `match` needs at least one condition");
    says(&access(&keys.replace("\"g\"", "\"g*\"")), "group `g*` is a pattern");
    says(&access(&keys.replace("group", "grup")), "unknown key `grup` in `match`");
    says(&access(&format!("{keys}\ns3 = [\"lake\"]")), "each of `s3` must begin with `s3://`");
    says(&access(&format!("{keys}\ntask_roles = [\"x\"]")), "each of `task_roles` must begin with `arn:`");
    let swapped = access(&keys.replace("\"a\", \"b\"", "\"B\", \"A\""));
    says(
        &format!("{}{swapped}", access(keys)),
        "5:1 the same access for the same people is given twice, first on line 1",
    );
}

#[test]
fn separation_of_duties_is_checked() {
    let pair = |left: &str, right: &str| {
        format!("[[separation_of_duties]]\nname = \"n\"\nleft = {{ {left} }}\nright = {{ {right} }}\n")
    };
    let (a, b) = ("permission_set = \"a\"", "permission_set = \"b\"");
    says(&pair(a, "account = \"x\""), "missing key `permission_set` in `right`");
    says(&pair(a, "permission_set = \"A\", account = \"*\""), "both sides of the pair are the same");
    says(&format!("{}{}", pair(a, b), pair(b, a)), "6:8 separation of duties `n` is given twice, first on line 2");
    says("[[separation_of_duties]]\nname = \"n\"\nleft = { permission_set = \"a\" }", "missing key `right`");
}

#[test]
fn stores_are_checked() {
    says("[store]\nurl = \"https://x\"", "`url` must be a directory or an S3 location");
    says("[store]\nurl = \"s3://\"", "`url` must be a directory or an S3 location");
    says("[store]\nurl = \"https://x\"\nregion = \"eu-west-1\"", "`url` must be a directory or an S3 location");
    says("[store]\nprofile = \"store\"", "`profile` is about a bucket, and this store is in a directory");
    says("[store]\nurl = \"kept\"\nregion = \"eu-west-1\"", "`region` is about a bucket");
    says("[store]\nurl = \"s3://bucket\"\nregion = \"Ireland\"", "not the code of an AWS Region");
    says("[store]\nurl = \"s3://bucket\"\nrole_arn = \"Store\"", "not the ARN of an IAM role");
    says("[store]\nurl = \"s3://bucket\"\nbucket = \"x\"", "unknown key `bucket` in [store]");
}
