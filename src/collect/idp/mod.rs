//! Identity providers.

pub mod csv;
pub mod entra;
pub mod google;
pub mod keycloak;
pub mod ldap;
pub mod logs;
mod microsoft;
mod nesting;
pub mod okta;
mod record;
pub mod scim;
mod scopes;
mod status_times;

use crate::collect::http::Endpoint;
use crate::model::Fact;

/// The calls that each live type may make, by the word the config has for it. LDAP has no calls of this sort: there it is a
/// matter of what the directory lets its reader see.
pub static ENDPOINTS: &[(&str, &[&Endpoint])] = &[
    ("entra", entra::ENDPOINTS),
    ("okta", okta::ENDPOINTS),
    ("google", google::ENDPOINTS),
    ("keycloak", keycloak::ENDPOINTS),
    ("scim", scim::ENDPOINTS),
];

/// What one permission at an identity provider is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The type of provider.
    pub kind: &'static str,
    /// The permission, as the provider calls it.
    pub name: &'static str,
    /// The calls it allows, sorted.
    pub calls: Vec<&'static str>,
    /// The facts that are lost without it, sorted.
    pub facts: Vec<Fact>,
}

/// Every permission that live types need, from the list that makes the calls.
pub fn permissions() -> Vec<Permission> {
    let mut list: Vec<Permission> = Vec::new();
    for (kind, endpoints) in ENDPOINTS {
        for endpoint in endpoints.iter().filter(|endpoint| !endpoint.loses.is_empty()) {
            // How to do without it is for whoever was refused.
            let name = endpoint.permission.split(", or leave it out").next().unwrap_or_default();
            let known = list.iter().position(|one| one.kind == *kind && one.name == name);
            let new = Permission { kind, name, calls: Vec::new(), facts: Vec::new() };
            match known.and_then(|at| list.get_mut(at)) {
                Some(one) => add(one, endpoint),
                None => {
                    let mut one = new;
                    add(&mut one, endpoint);
                    list.push(one);
                }
            }
        }
    }
    list
}

fn add(permission: &mut Permission, endpoint: &Endpoint) {
    permission.calls.push(endpoint.name);
    permission.calls.sort_unstable();
    permission.calls.dedup();
    permission.facts.extend(endpoint.loses);
    permission.facts.sort_unstable();
    permission.facts.dedup();
}
