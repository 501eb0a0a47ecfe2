//! The assignments once more, principal by principal. Two listings that agree are better evidence than one.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_ssoadmin::types;

use super::convert::id;
use super::identity_store::Directory;
use super::paged::PagedOperation;
use super::session::Client;
use super::sso_admin::{Access, Principals};
use super::sso_lists::assignments_of;
use crate::collect::calls::{Crew, Job, Page, Pager};
use crate::model::facts::CrossCheck;
use crate::model::id::InstanceArn;
use crate::model::{Assignment, Fact, Known, Principal};

/// Asks for every group and user on the list. That it fails is no gap: it is not known then, and said so.
pub(super) async fn run(
    client: &Arc<Client>,
    instance: &InstanceArn,
    directory: &Directory,
    access: &Access,
) -> Known<CrossCheck> {
    if access.gaps.lack(Fact::Assignments) {
        return Known::Unknown("the first listing of assignments is not whole".to_owned());
    }
    let assignments = &access.assignments;
    if let Err(error) = directory.users_end.as_ref().and(directory.groups_end.as_ref()) {
        return Known::Unknown(error.reason.clone());
    }
    let mut crew = Crew::new(client);
    let groups = directory.groups.keys().cloned().map(Principal::Group);
    let users = directory.users.keys().cloned().map(Principal::User);
    for principal in groups.chain(users) {
        crew.add(Ask { instance: instance.clone(), principal, pager: Pager::default() });
    }
    let mut rows = BTreeSet::new();
    let mut failed = None;
    let mut principals = Principals::default();
    while let Some((asked, page)) = crew.next().await {
        for row in &page.items {
            match direct(&asked, row, &mut principals) {
                Row::Direct(assignment) => {
                    rows.insert(assignment);
                }
                Row::Inherited => {}
                Row::Strange => failed = Some("a row of the second listing can't be read".to_owned()),
            }
        }
        match page.rest {
            Ok(Some(pager)) => crew.add(Ask { instance: instance.clone(), principal: asked, pager }),
            Ok(None) => {}
            // Deleted since it was listed: it has nothing that could be compared.
            Err(error) if error.is_not_found() => {}
            Err(error) => failed = Some(error.reason),
        }
    }
    if let Some(reason) = failed {
        return Known::Unknown(reason);
    }
    let exists = |principal: &Principal| match principal {
        Principal::User(id) => directory.users.contains_key(id),
        Principal::Group(id) => directory.groups.contains_key(id),
    };
    Known::Value(CrossCheck {
        rows: rows.len() as u64,
        only_by_account: assignments
            .iter()
            .filter(|assignment| exists(&assignment.principal) && !rows.contains(*assignment))
            .cloned()
            .collect(),
        // Both are sorted.
        only_by_principal: rows.iter().filter(|row| assignments.binary_search(row).is_err()).cloned().collect(),
    })
}

enum Row {
    Direct(Assignment),
    /// A user's rows hold those of their groups too.
    Inherited,
    Strange,
}

fn direct(asked: &Principal, row: &types::AccountAssignmentForPrincipal, principals: &mut Principals) -> Row {
    let told = principals.of(row.principal_type(), row.principal_id());
    match (told, id(row.account_id()), id(row.permission_set_arn())) {
        (Some(told), Some(account), Some(permission_set)) if told == *asked => {
            Row::Direct(Assignment { account, permission_set, principal: told })
        }
        (Some(_), Some(_), Some(_)) => Row::Inherited,
        _ => Row::Strange,
    }
}

/// One page of what a principal has.
struct Ask {
    instance: InstanceArn,
    principal: Principal,
    pager: Pager,
}

impl Job for Ask {
    type Team = Client;
    type Outcome = (Principal, Page<types::AccountAssignmentForPrincipal>);

    async fn run(self, client: Arc<Client>) -> Self::Outcome {
        let page = assignments_of(&client, &self.instance, &self.principal).page(self.pager).await;
        (self.principal, page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: types::PrincipalType, principal: &str) -> types::AccountAssignmentForPrincipal {
        types::AccountAssignmentForPrincipal::builder()
            .account_id("012345678901")
            .permission_set_arn("arn:aws:sso:::permissionSet/ssoins-1/ps-1")
            .principal_type(kind)
            .principal_id(principal)
            .build()
    }

    #[test]
    fn rows_of_a_users_groups_are_not_theirs() {
        let asked = Principal::User("u-1".parse().unwrap());
        let mut principals = Principals::default();
        let mine = direct(&asked, &row(types::PrincipalType::User, "u-1"), &mut principals);
        assert!(matches!(mine, Row::Direct(_)));
        let inherited = direct(&asked, &row(types::PrincipalType::Group, "g-1"), &mut principals);
        assert!(matches!(inherited, Row::Inherited));
        let bare = types::AccountAssignmentForPrincipal::builder().build();
        assert!(matches!(direct(&asked, &bare, &mut principals), Row::Strange));
    }
}
