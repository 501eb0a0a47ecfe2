//! The registry of collectors: which of them a config needs.

use crate::collect::Collector;
use crate::collect::approvals::ApprovalsCsv;
use crate::collect::aws::AwsCollector;
use crate::collect::cloudtrail::TrailCollector;
use crate::collect::holidays::HolidaysCsv;
use crate::collect::hr::csv::HrCsv;
use crate::collect::idp::csv::CsvIdp;
use crate::collect::idp::entra::EntraIdp;
use crate::collect::idp::google::Google;
use crate::collect::idp::keycloak::Keycloak;
use crate::collect::idp::ldap::LdapIdp;
use crate::collect::idp::logs::WithLogs;
use crate::collect::idp::okta::Okta;
use crate::collect::idp::scim::Scim;
use crate::collect::links::LinksCsv;
use crate::config::{CloudTrail, Config, IdpSource};

/// The collectors that a config asks for.
pub(crate) fn collectors(config: &Config) -> Vec<Box<dyn Collector>> {
    let mut list: Vec<Box<dyn Collector>> = Vec::new();
    if let Some(aws) = &config.aws {
        list.push(Box::new(AwsCollector::new(aws.clone())));
        if let CloudTrail::Files(files) = &aws.cloudtrail {
            list.push(Box::new(TrailCollector::new(files.clone())));
        }
    }
    for idp in &config.idps {
        let collector: Box<dyn Collector> = match &idp.source {
            IdpSource::Csv(csv) => Box::new(CsvIdp::new(idp.name.clone(), csv.clone())),
            IdpSource::Entra(entra) => Box::new(EntraIdp::new(idp.name.clone(), entra.clone())),
            IdpSource::Google(google) => Box::new(Google::new(idp.name.clone(), google.clone())),
            IdpSource::Okta(okta) => Box::new(Okta::new(idp.name.clone(), okta.clone())),
            IdpSource::Scim(scim) => Box::new(Scim::new(idp.name.clone(), scim.clone())),
            IdpSource::Ldap(ldap) => Box::new(LdapIdp::new(idp.name.clone(), ldap.clone())),
            IdpSource::Keycloak(keycloak) => Box::new(Keycloak::new(idp.name.clone(), keycloak.clone())),
        };
        list.push(match &idp.logs {
            Some(logs) => Box::new(WithLogs::new(collector, logs.clone())),
            None => collector,
        });
    }
    if let Some(hr) = &config.hr {
        list.push(Box::new(HrCsv::new(hr.clone())));
    }
    if let Some(links) = &config.identities.links {
        list.push(Box::new(LinksCsv::new(links.clone())));
    }
    if let Some(approvals) = &config.approvals {
        list.push(Box::new(ApprovalsCsv::new(approvals.clone())));
    }
    if let Some(calendar) = &config.calendar
        && let Some(holidays) = &calendar.holidays
    {
        list.push(Box::new(HolidaysCsv::new(holidays.clone(), calendar.date_format.clone())));
    }
    list
}
