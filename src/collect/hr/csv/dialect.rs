//! Whose header a roster has: our own, or that of an HR system's export.

use crate::collect::table::{Names, Table};
use crate::config::HrDialect;

/// A kind of roster.
#[derive(Debug)]
pub(super) struct Dialect {
    /// How the provenance calls it.
    pub(super) name: &'static str,
    /// Whose it is; none for our own.
    pub(super) vendor: Option<HrDialect>,
    /// Of each list the file has at least one column, if it is of this kind and nobody said so.
    marks: &'static [&'static [&'static str]],
    /// Our columns, [`ROSTER_COLUMNS`](crate::config::columns::ROSTER_COLUMNS) first, then what only exports have.
    pub(super) names: &'static [Names],
}

const fn named(ours: &'static str, theirs: &'static [&'static str]) -> Names {
    Names { ours, theirs }
}

/// Our own header.
pub(super) static OWN: Dialect = Dialect {
    name: "own header",
    vendor: None,
    marks: &[],
    names: &[
        named("employee_id", &["employee_id"]),
        named("email", &["email"]),
        named("display_name", &["display_name"]),
        named("status", &["status"]),
        named("start_date", &["start_date"]),
        named("end_date", &["end_date"]),
        named("department", &["department"]),
        named("title", &["title"]),
        named("manager", &["manager"]),
        named("worker_type", &["worker_type"]),
    ],
};

/// Workday: a custom report delivered as CSV. Column names are the report's, usually the field names with underscores;
/// headings in words are understood when the config says `workday`.
static WORKDAY: Dialect = Dialect {
    name: "Workday export",
    vendor: Some(HrDialect::Workday),
    marks: &[
        &["Employee_ID", "Worker_ID"],
        &["Termination_Date", "Contract_End_Date"],
        &["Worker_Status", "Employee_Status", "Active_Status", "On_Leave", "Worker_Type"],
    ],
    names: &[
        named("employee_id", &["Employee_ID", "Employee ID", "Worker_ID", "Worker ID"]),
        named(
            "email",
            &["Work_Email", "Work Email", "Primary_Work_Email", "Primary Work Email", "Email_Address", "Email Address"],
        ),
        named("display_name", &["Full_Name", "Full Name", "Preferred_Name", "Preferred Name", "Worker_Name", "Worker"]),
        named(
            "status",
            &[
                "Worker_Status",
                "Worker Status",
                "Employee_Status",
                "Employee Status",
                "Active_Status",
                "Active Status",
                "Currently_Active",
                "Currently Active",
                "Status",
            ],
        ),
        named("start_date", &["Hire_Date", "Hire Date", "Contract_Start_Date", "Contract Start Date"]),
        named("end_date", &["Termination_Date", "Termination Date"]),
        named("department", &["Department", "Supervisory_Organization", "Supervisory Organization", "Cost_Center"]),
        named("title", &["Business_Title", "Business Title", "Job_Title", "Job Title", "Job_Profile", "Job Profile"]),
        named("manager", &["Manager_ID", "Manager ID", "Manager", "Worker_s_Manager", "Worker's Manager"]),
        named("worker_type", &["Worker_Type", "Worker Type", "Employee_Type", "Employee Type"]),
        named("contract_end_date", &["Contract_End_Date", "Contract End Date"]),
        named("on_leave", &["On_Leave", "On Leave"]),
        named("first_name", &["First_Name", "First Name"]),
        named("last_name", &["Last_Name", "Last Name"]),
    ],
};

/// SAP SuccessFactors Employee Central: OData field names (`EmpEmployment`, `EmpJob`, `PerEmail`, `User`).
static SAP_SUCCESSFACTORS: Dialect = Dialect {
    name: "SAP SuccessFactors export",
    vendor: Some(HrDialect::SapSuccessFactors),
    marks: &[&["personIdExternal", "userId"], &["emplStatus"]],
    names: &[
        named("employee_id", &["personIdExternal", "empId", "userId"]),
        named("email", &["emailAddress", "email", "businessEmail"]),
        named("display_name", &["displayName", "defaultFullName", "formalName"]),
        named("status", &["emplStatus", "status"]),
        named("start_date", &["hireDate", "startDate"]),
        named("end_date", &["terminationDate", "endDate"]),
        named("department", &["department"]),
        named("title", &["jobTitle", "title"]),
        named("manager", &["managerId", "manager"]),
        named("worker_type", &["employeeClass", "employmentType"]),
        named("contract_end_date", &["contractEndDate"]),
        named("first_name", &["firstName"]),
        named("last_name", &["lastName"]),
    ],
};

/// BambooHR: reports with the API's field names, or with the headings of the console.
static BAMBOO_HR: Dialect = Dialect {
    name: "BambooHR export",
    vendor: Some(HrDialect::BambooHr),
    marks: &[
        &["employeeNumber", "Employee #"],
        &["hireDate", "Hire Date"],
        &["terminationDate", "Termination Date"],
        &["status"],
    ],
    names: &[
        named("employee_id", &["employeeNumber", "Employee #", "Employee Number"]),
        // The home address is nobody's account.
        named("email", &["workEmail", "Work Email"]),
        named("display_name", &["displayName", "Display Name", "fullName1", "Name"]),
        named("status", &["status"]),
        named("start_date", &["hireDate", "Hire Date"]),
        named("end_date", &["terminationDate", "Termination Date"]),
        named("department", &["department"]),
        named("title", &["jobTitle", "Job Title"]),
        named("manager", &["supervisorEId", "supervisor", "Reporting to", "Reports To"]),
        named("worker_type", &["employmentHistoryStatus", "employmentStatus", "Employment Status"]),
        named("contract_end_date", &["contractEndDate", "Contract End Date"]),
        named("rehire_date", &["rehireDate", "Rehire Date"]),
        named("first_name", &["firstName", "First Name"]),
        named("last_name", &["lastName", "Last Name"]),
    ],
};

/// Rippling: reports with headings in words, or the field names of its API.
static RIPPLING: Dialect = Dialect {
    name: "Rippling export",
    vendor: Some(HrDialect::Rippling),
    marks: &[&["roleState"], &["workEmail", "work_email", "Work email"]],
    names: &[
        named(
            "employee_id",
            &["employeeNumber", "employee_number", "Employee number", "Employee ID", "Worker ID", "id"],
        ),
        named("email", &["workEmail", "work_email", "Work email"]),
        named("display_name", &["Full name", "displayName", "display_name", "name", "Employee"]),
        named("status", &["roleState", "status", "Employment status", "Worker status"]),
        named("start_date", &["startDate", "start_date", "Start date", "Hire date"]),
        named("end_date", &["endDate", "end_date", "End date", "Termination date"]),
        named("department", &["department"]),
        named("title", &["title", "Job title"]),
        named("manager", &["manager", "Manager email"]),
        named("worker_type", &["employmentType", "employment_type", "Employment type", "Worker type"]),
        named("contract_end_date", &["contractEndDate", "Contract end date"]),
        named("first_name", &["firstName", "first_name", "First name"]),
        named("last_name", &["lastName", "last_name", "Last name"]),
    ],
};

/// The kind that the config names.
pub(super) fn of(vendor: HrDialect) -> &'static Dialect {
    match vendor {
        HrDialect::Workday => &WORKDAY,
        HrDialect::SapSuccessFactors => &SAP_SUCCESSFACTORS,
        HrDialect::BambooHr => &BAMBOO_HR,
        HrDialect::Rippling => &RIPPLING,
    }
}

/// The kind of roster that has this header; without any vendor's marks, our own.
pub(super) fn recognise(table: &Table<'_>) -> &'static Dialect {
    let known = [&WORKDAY, &SAP_SUCCESSFACTORS, &BAMBOO_HR, &RIPPLING];
    let marked = |dialect: &&&Dialect| dialect.marks.iter().all(|any| any.iter().any(|name| table.has(name)));
    known.iter().find(marked).copied().unwrap_or(&OWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::columns::ROSTER_COLUMNS;

    #[test]
    fn every_dialect_knows_every_column_of_ours() {
        for dialect in [&OWN, &WORKDAY, &SAP_SUCCESSFACTORS, &BAMBOO_HR, &RIPPLING] {
            let ours: Vec<_> = dialect.names.iter().map(|name| name.ours).take(ROSTER_COLUMNS.len()).collect();
            assert_eq!(ours, ROSTER_COLUMNS, "{}", dialect.name);
            assert_eq!(dialect.vendor.is_none(), dialect.marks.is_empty(), "{}", dialect.name);
        }
    }
}
