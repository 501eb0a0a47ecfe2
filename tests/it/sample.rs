//! The demo's pack: checked in under `reports/sample`, reproduced byte for byte, and held to the pack's contract.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::place::{Csv, Place, files, updating};

const GRANTS: &str = "schema_version,run_id,grant_id,person_type,user_id,user_name,display_name,email,employee_id,user_type,standing,idp_status,idc_status,link_method,manager,department,title,via,group_id,group_name,plane,account_id,account_name,account_class,permission_set_name,permission_set_arn,role_arn,tier,privileged,privileged_rule,granted_at,granted_at_basis,granted_by,approval_ref,expires_at,last_used_at,last_used_state,policy_entry,new_since_last_review,prior_decision,findings,risk,recommendation,recommendation_reason";

/// Every table's header. Others' programs read these columns: new ones go at the end, and none moves or goes.
const HEADERS: &[(&str, &str)] = &[
    (
        "findings.csv",
        "schema_version,run_id,finding_id,rule,severity,confidence,status,subject_type,subject_id,subject_name,account_id,account_name,permission_set,grant_ids,detail,first_seen,since,since_basis,controls,exception_id,remediation,owner,due_at",
    ),
    (
        "assignments.csv",
        "schema_version,run_id,assignment_id,plane,account_id,account_name,permission_set_name,permission_set_arn,role_arn,principal_type,principal_id,principal_name,principal_state",
    ),
    ("grants.csv", GRANTS),
    (
        "identities.csv",
        "schema_version,run_id,user_id,user_name,display_name,email,external_id,idc_status,person_type,standing,standing_since,standing_since_latest,standing_basis,idp,idp_id,idp_status,employee_id,hr_status,link_method,link_strength,origin,grants,created_at,created_by,hr_link,hr_link_notes",
    ),
    (
        "permission_sets.csv",
        "schema_version,run_id,permission_set_arn,permission_set_name,description,tier,tier_reason,session_duration,managed_policies,customer_policies,inline_digest,boundary,accounts,assignments,people,owner,deployed,changed_since_last_review",
    ),
    (
        "leavers.csv",
        "schema_version,run_id,person,employee_id,user_id,source,terminated_at,idp_disabled_at,idp_disabled_latest,idc_disabled_at,idc_disabled_latest,last_grant_removed_at,last_grant_removed_latest,last_activity_at,activity_after,access_end_upper_bound,elapsed_hours_min,elapsed_hours_max,elapsed_business_hours_max,sla,end_tested,result,grants_still_held,basis,event_ids,gone_at,gone_latest,returned_at,idp_disabled_basis,idc_disabled_basis,last_grant_removed_basis,notes,hr_link,hr_link_notes",
    ),
    (
        "joiners.csv",
        "schema_version,run_id,grant_id,user_id,created_at,created_latest,created_by,requested_by,approved_by,approved_at,approval_ref,approved_before_grant,approver_independent,matches_request,result,basis,user_name,person,account_id,account_name,permission_set_name,group_name,asked_at,asked_latest,provisioning_minutes_min,provisioning_minutes_max,sync_sla,provisioned,event_id",
    ),
    (
        "movers.csv",
        "schema_version,run_id,person,user_id,attribute,old,new,changed_at,changed_latest,carried_over,removed,kept_by_review,elapsed_hours_max,sla,result,basis,overdue,event_id,notes",
    ),
    ("privileged.csv", GRANTS),
    (
        "nonhuman.csv",
        "schema_version,run_id,id,kind,owner,department,purpose,last_review,credential_age,last_used_at,privileged,shared,user_name,grants",
    ),
    (
        "sod.csv",
        "schema_version,run_id,finding_id,pair,user_name,user_id,left,right,left_grant_ids,right_grant_ids,status,exception_id,compensating_control",
    ),
    (
        "exceptions.csv",
        "schema_version,run_id,exception_id,scope,reason,compensating_control,requested_by,approved_by,approved_at,expires_at,next_review,state,rule,ticket,findings",
    ),
    (
        "changes.csv",
        "schema_version,run_id,grant_id,change,first_seen,last_seen,actor,event_id,changed_at,changed_latest,basis,user_id,user_name,account_id,account_name,permission_set_arn,permission_set_name,group_id,group_name,detail",
    ),
];

const GONE: [&str; 4] = ["suspended", "disabled", "deleted", "ended"];

fn sample() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample")
}

fn table(pack: &BTreeMap<String, Vec<u8>>, name: &str) -> Csv {
    Csv::parse(&pack[&format!("data/{name}")])
}

/// The words of a list cell.
fn words(cell: &str) -> Vec<&str> {
    cell.split(';').filter(|word| !word.is_empty()).collect()
}

#[test]
fn the_sample_is_the_demos_pack_byte_for_byte() {
    let place = Place::with_demo();
    let made = place.files("demo");
    if updating() {
        if sample().exists() {
            std::fs::remove_dir_all(sample()).unwrap();
        }
        for (name, bytes) in &made {
            let path = sample().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::File::create(path).and_then(|mut file| std::io::Write::write_all(&mut file, bytes)).unwrap();
        }
    }
    let kept = files(&sample());
    let names = |pack: &BTreeMap<String, Vec<u8>>| pack.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&made), names(&kept), "rewrite reports/sample with UPDATE=1 cargo test");
    for (name, bytes) in &made {
        assert!(*bytes == kept[name], "reports/sample/{name} differs; rewrite it with UPDATE=1 cargo test");
    }
}

#[test]
fn the_bag_is_whole_and_its_manifests_list_all_of_it() {
    let place = Place::with_demo();
    for pack in ["demo", "demo-a-month-later", "demo-quarter"] {
        let files = place.files(pack);
        let listed = |manifest: &str| -> BTreeMap<String, String> {
            let text = String::from_utf8(files[manifest].clone()).unwrap();
            text.lines()
                .map(|line| {
                    let (digest, name) = line.split_once("  ").expect("digest, two spaces, name");
                    (name.to_owned(), digest.to_owned())
                })
                .collect()
        };
        let digests = |wanted: &dyn Fn(&str) -> bool| -> BTreeMap<String, String> {
            let wanted = files.iter().filter(|(name, _)| wanted(name));
            wanted.map(|(name, bytes)| (name.clone(), HEXLOWER.encode(&Sha256::digest(bytes)))).collect()
        };
        assert_eq!(listed("manifest-sha256.txt"), digests(&|name| name.starts_with("data/")), "{pack}");
        let tag = |name: &str| !name.starts_with("data/") && name != "tagmanifest-sha256.txt";
        assert_eq!(listed("tagmanifest-sha256.txt"), digests(&tag), "{pack}");
        assert_eq!(files["bagit.txt"], b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
        let payload: Vec<usize> =
            files.iter().filter(|(name, _)| name.starts_with("data/")).map(|(_, bytes)| bytes.len()).collect();
        let oxum = format!("Payload-Oxum: {}.{}", payload.iter().sum::<usize>(), payload.len());
        let info = String::from_utf8(files["bag-info.txt"].clone()).unwrap();
        assert!(info.lines().any(|line| line == oxum), "{oxum} is not in:\n{info}");
    }
}

#[test]
fn tables_have_the_contracts_columns() {
    let pack = Place::with_demo().files("demo");
    let tables: BTreeSet<&str> =
        pack.keys().filter_map(|name| name.strip_prefix("data/")?.strip_suffix(".csv")).collect();
    let expected: BTreeSet<&str> = HEADERS.iter().map(|(name, _)| name.trim_end_matches(".csv")).collect();
    assert_eq!(tables, expected);
    for (name, header) in HEADERS {
        assert_eq!(table(&pack, name).header.join(","), *header, "{name}");
    }
}

#[test]
fn tables_are_rfc_4180_with_every_field_quoted() {
    let pack = Place::with_demo().files("demo");
    for (name, header) in HEADERS {
        let text = String::from_utf8(pack[&format!("data/{name}")].clone()).unwrap();
        assert!(!text.starts_with('\u{feff}'), "{name} has a byte order mark");
        let records: Vec<&str> = text.strip_suffix("\r\n").expect("ends with CRLF").split("\r\n").collect();
        for record in records {
            assert!(!record.contains(['\r', '\n']), "{name}: a line break inside {record}");
            let fields = record.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let fields: Vec<&str> = fields.expect("a quoted record").split("\",\"").collect();
            assert_eq!(fields.len(), header.split(',').count(), "{name}: {record}");
            for field in fields {
                assert!(!field.replace("\"\"", "").contains('"'), "{name}: a lone quote in {field}");
                assert!(!field.starts_with(['=', '+', '-', '@']), "{name}: a formula in {field}");
            }
        }
    }
}

#[test]
fn tables_are_described_and_sorted_as_the_schema_says() {
    let place = Place::with_demo();
    for pack in ["demo", "demo-a-month-later", "demo-quarter"] {
        let pack = place.files(pack);
        let schema: serde_json::Value = serde_json::from_slice(&pack["data/schema.json"]).unwrap();
        let tables = schema["tables"].as_array().unwrap();
        assert_eq!(tables.len(), HEADERS.len());
        for described in tables {
            let name = described["file"].as_str().unwrap();
            let Csv { header, rows } = table(&pack, name);
            let columns: Vec<&str> = described["columns"]
                .as_array()
                .unwrap()
                .iter()
                .map(|column| column["name"].as_str().unwrap())
                .collect();
            assert_eq!(header, columns, "{name}");
            let key: Vec<&str> =
                described["sorted_by"].as_array().unwrap().iter().map(|column| column.as_str().unwrap()).collect();
            let keys: Vec<Vec<String>> = rows
                .iter()
                .map(|row| {
                    key.iter()
                        .map(|column| match *column {
                            // The worst comes first.
                            "severity" => ["critical", "high", "medium", "low", "info"]
                                .iter()
                                .position(|severity| *severity == row["severity"])
                                .unwrap()
                                .to_string(),
                            column => row[column].trim_start_matches('\'').to_owned(),
                        })
                        .collect()
                })
                .collect();
            assert!(keys.is_sorted(), "{name} is not sorted by {key:?}: {keys:#?}");
        }
    }
}

#[test]
fn fourteen_grants_of_leavers_two_of_them_contractors_and_nobody_elses() {
    let place = Place::with_demo();
    let grants = table(&place.files("demo"), "grants.csv");
    let leavers: Vec<_> =
        grants.rows.iter().filter(|row| words(&row["findings"]).contains(&"leaver-holds-access")).collect();
    assert_eq!(leavers.len(), 14);
    assert_eq!(leavers.iter().filter(|row| row["user_type"] == "Contractor").count(), 2);
    let gone: Vec<_> = grants.rows.iter().filter(|row| GONE.contains(&row["standing"].as_str())).collect();
    assert_eq!(gone.len(), 14, "whoever is gone and holds a grant is among the fourteen");
    assert!(gone.iter().all(|row| words(&row["findings"]).contains(&"leaver-holds-access")));
    let identities = table(&place.files("demo"), "identities.csv");
    let holding = identities.rows.iter().filter(|row| GONE.contains(&row["standing"].as_str()) && row["grants"] != "0");
    assert_eq!(holding.count(), 14, "identities.csv agrees");
}

#[test]
fn privileged_csv_is_the_privileged_rows_of_grants_csv() {
    let pack = Place::with_demo().files("demo");
    let mut grants = table(&pack, "grants.csv").rows;
    grants.retain(|row| row["privileged"] == "yes");
    assert!(!grants.is_empty());
    assert_eq!(table(&pack, "privileged.csv").rows, grants);
}

#[test]
fn a_month_later_no_leaver_holds_a_grant() {
    let place = Place::with_demo();
    let later = place.files("demo-a-month-later");
    let grants = table(&later, "grants.csv");
    assert!(!grants.rows.is_empty());
    for row in &grants.rows {
        assert!(!GONE.contains(&row["standing"].as_str()), "{row:?}");
        assert!(!words(&row["findings"]).contains(&"leaver-holds-access"), "{row:?}");
    }
    assert!(table(&later, "findings.csv").rows.iter().all(|row| row["rule"] != "leaver-holds-access"));
}

#[test]
fn ids_are_unique_and_findings_point_to_grants_that_exist() {
    let place = Place::with_demo();
    for pack in ["demo", "demo-a-month-later", "demo-quarter"] {
        let pack = place.files(pack);
        let ids = |name: &str, column: &str| {
            let rows = table(&pack, name).rows;
            let ids: BTreeSet<String> = rows.iter().map(|row| row[column].clone()).collect();
            assert_eq!(ids.len(), rows.len(), "{name} has a {column} twice");
            ids
        };
        let grants = ids("grants.csv", "grant_id");
        ids("assignments.csv", "assignment_id");
        ids("findings.csv", "finding_id");
        for id in &grants {
            let digest = id.strip_prefix("g_").expect("begins with a letter");
            assert!(digest.len() == 16 && digest.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)));
        }
        let mut marked: BTreeSet<(String, String)> = BTreeSet::new();
        for row in table(&pack, "findings.csv").rows {
            for grant in words(&row["grant_ids"]) {
                assert!(grants.contains(grant), "{} names {grant}", row["finding_id"]);
                marked.insert((grant.to_owned(), row["rule"].clone()));
            }
        }
        let rows = table(&pack, "grants.csv").rows;
        let named = rows.iter().flat_map(|row| {
            words(&row["findings"])
                .into_iter()
                .map(|rule| (row["grant_id"].clone(), rule.to_owned()))
                .collect::<Vec<_>>()
        });
        assert_eq!(named.collect::<BTreeSet<_>>(), marked, "grants.csv and findings.csv say the same");
    }
}

#[test]
fn list_cells_are_sorted() {
    let pack = Place::with_demo().files("demo");
    for (name, column) in [("grants.csv", "findings"), ("findings.csv", "grant_ids"), ("findings.csv", "controls")] {
        for row in table(&pack, name).rows {
            assert!(words(&row[column]).is_sorted(), "{name}: {}", row[column]);
        }
    }
}
