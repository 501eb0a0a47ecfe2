//! Links between Identity Center users and IdP users that the operator declares.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::table::{BadRows, Columns, ColumnsFound, Defect, Names, OneFile, RawFile, Row, Table};
use super::{Batch, Clock, Facts};
use crate::error::Error;
use crate::model::{DeclaredLink, Fact, SourceRecord};

const NAMES: [Names; 3] = [
    Names { ours: "identity_center_user", theirs: &["identity_center_user"] },
    Names { ours: "idp_user", theirs: &["idp_user"] },
    Names { ours: "employee_id", theirs: &["employee_id"] },
];

/// Reads the links file.
#[derive(Debug, Clone)]
pub struct LinksCsv {
    path: PathBuf,
}

impl LinksCsv {
    /// A collector for the links file at `path`, relative to the config.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl OneFile for LinksCsv {
    const SOURCE: &'static str = "links";
    const FACT: Fact = Fact::DeclaredLinks;

    fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self, file: RawFile<'_>, clock: &Clock) -> Result<Batch, Error> {
        read(file, clock)
    }

    fn columns(&self, file: RawFile<'_>) -> Result<ColumnsFound, Error> {
        let table = Table::read(file, "identity_center_user,idp_user")?;
        let columns = table.columns(&NAMES, &BTreeMap::new(), "")?;
        Ok(table.found(&["identity_center_user", "idp_user"], &columns))
    }
}

/// Reads declared links from the content of their file. Links that contradict each other are gaps, and none is used.
///
/// # Errors
/// When the file is empty or lacks a column.
pub fn read(file: RawFile<'_>, clock: &Clock) -> Result<Batch, Error> {
    let started_at = clock.now();
    let table = Table::read(file, "identity_center_user,idp_user")?;
    let columns = table.columns(&NAMES, &BTreeMap::new(), "")?;
    table.require(&columns, &["identity_center_user", "idp_user"], "")?;
    let mut bad = BadRows::new(&table, Fact::DeclaredLinks);
    let mut links: BTreeMap<String, DeclaredLink> = BTreeMap::new();
    let mut contradicted = BTreeSet::new();
    let mut repeated = 0_u64;
    let mut rows = table.rows();
    for row in rows.by_ref() {
        if !bad.is_whole(&row) {
            continue;
        }
        let link = match link(&row, &columns, bad.at(&row)) {
            Ok(link) => link,
            Err(defect) => {
                bad.add(&row, defect);
                continue;
            }
        };
        match links.get(&link.identity_center_user) {
            Some(earlier) if (&earlier.idp_user, &earlier.employee_id) == (&link.idp_user, &link.employee_id) => {
                repeated += 1
            }
            Some(earlier) => {
                let to = |link: &DeclaredLink| match &link.employee_id {
                    Some(number) if earlier.idp_user == link.idp_user => format!("employee id {number}"),
                    Some(_) | None => link.idp_user.clone(),
                };
                let reason = format!(
                    "`{}` is linked to `{}` here and to `{}` in {}, so neither is used",
                    link.identity_center_user,
                    to(&link),
                    to(earlier),
                    earlier.origin
                );
                contradicted.insert(link.identity_center_user);
                bad.add(&row, Defect::cell(columns.get("idp_user"), reason, "keep the one that is right"));
            }
            None => {
                links.insert(link.identity_center_user.clone(), link);
            }
        }
    }
    links.retain(|user, _| !contradicted.contains(user));

    let mut notes = table.notes(&rows, "links");
    if repeated > 0 {
        notes.push(format!("`{}` repeats {repeated} links", table.path()));
    }
    Ok(Batch {
        record: SourceRecord {
            source: "links".to_owned(),
            kind: "csv".to_owned(),
            started_at,
            ended_at: clock.now(),
            asked: vec![Fact::DeclaredLinks],
            operations: Vec::new(),
            files: vec![table.input_file("own header", rows.read())],
            gaps: bad.finish(),
            not_offered: Vec::new(),
            notes,
        },
        facts: Facts::Links(links.into_values().collect()),
        events: Vec::new(),
    })
}

fn link(row: &Row, columns: &Columns, origin: String) -> Result<DeclaredLink, Defect> {
    let name = |ours| {
        let column = columns.get(ours);
        let text = row.text(column);
        if text.iter().flat_map(|text| text.chars()).any(char::is_control) {
            return Err(Defect::cell(column, "the name has control characters", "write it again"));
        }
        Ok(text)
    };
    let required = |ours| name(ours)?.ok_or_else(|| Defect::empty(columns.get(ours)));
    Ok(DeclaredLink {
        identity_center_user: required("identity_center_user")?,
        idp_user: required("idp_user")?,
        employee_id: name("employee_id")?,
        origin,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Instant;

    fn clock() -> Clock {
        Clock::fixed(Instant::from_epoch_seconds(1_790_000_000).unwrap())
    }

    fn read_text(text: &str) -> (Vec<DeclaredLink>, SourceRecord) {
        let file = RawFile { path: "links.csv", bytes: text.as_bytes(), modified_at: None };
        let batch = read(file, &clock()).unwrap();
        match batch.facts {
            Facts::Links(links) => (links, batch.record),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_number_in_hr_may_be_declared_as_well() {
        let (links, record) = read_text("identity_center_user,idp_user,employee_id\na,1,E7\nb,2,\nc,3,E8\nc,3,E9\n");
        let numbers: Vec<_> = links.iter().map(|link| link.employee_id.as_deref()).collect();
        assert_eq!(numbers, [Some("E7"), None]);
        let [gap] = record.gaps.as_slice() else { panic!("{:?}", record.gaps) };
        assert!(gap.reason.contains("employee id E9") && gap.reason.contains("employee id E8"), "{}", gap.reason);
    }

    #[test]
    fn links_that_contradict_each_other_are_not_used() {
        let (links, record) =
            read_text("idp_user,Identity_Center_User\n2,b\n1,a\n3,b\n1,a\n,c\n4,\"d\ne\"\n5,f,g\n6,h\n");
        let pairs: Vec<_> = links.iter().map(|l| (l.identity_center_user.as_str(), l.idp_user.as_str())).collect();
        assert_eq!(pairs, [("a", "1"), ("h", "6")]);
        assert_eq!(links[0].origin, "links.csv row 2 (line 3)");
        let gaps: Vec<_> = record.gaps.iter().map(|gap| gap.at.as_str()).collect();
        assert_eq!(
            gaps,
            [
                "links.csv row 3 (line 4), column idp_user",
                "links.csv row 5 (line 6), column idp_user",
                "links.csv row 6 (line 7), column Identity_Center_User",
                "links.csv row 7 (line 9)",
            ]
        );
        assert!(record.gaps[0].reason.contains("`b` is linked to `3` here and to `2`"));
        assert_eq!(record.notes, ["`links.csv` repeats 1 links"]);
        assert_eq!(record.files[0].rows, 8);
    }

    #[test]
    fn an_empty_list_is_legal_and_noted() {
        let (links, record) = read_text("identity_center_user,idp_user\n");
        assert!(links.is_empty() && record.gaps.is_empty());
        assert_eq!(record.notes, ["`links.csv` lists 0 links"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), header in any::<bool>()) {
            let mut all = if header { b"identity_center_user,idp_user\n".to_vec() } else { Vec::new() };
            all.extend(bytes);
            let _ = read(RawFile { path: "links.csv", bytes: &all, modified_at: None }, &clock());
        }
    }
}
