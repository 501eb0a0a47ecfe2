//! Against scim2-server: more users than it gives at once, by index and by cursor.

use overstay::collect::CheckOutcome;
use overstay::config::Part;
use overstay::model::person::IdKey;
use overstay::model::{Fact, GapKind, IdpStatus};
use serde_json::json;

use super::ask::{TOKEN, probe, read, read_with};
use super::server::Server;
use crate::web::client::run;

const MANY: usize = 260;
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Users and groups, one of which is in the other.
async fn fill(server: &Server) {
    let mut ids = Vec::new();
    for number in 0..MANY {
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("user{number:03}"), "externalId": format!("ext-{number}"),
            "active": number % 10 != 3,
            "emails": [{ "value": format!("user{number:03}@example.com"), "type": "work", "primary": true }]
        });
        ids.push(server.make("Users", &user).await);
    }
    let ann = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "userName": "Änn", "displayName": "Änn Ünï 名前", "title": "Head", "userType": "Employee", "active": true,
        "name": { "formatted": "other", "familyName": "x" },
        "emails": [{ "value": "home@example.org", "type": "home" }, { "value": "ann@example.com", "type": "work" }],
        ENTERPRISE: { "employeeNumber": "0017", "department": "Research", "manager": { "value": ids[0] } }
    });
    let ann = server.make("Users", &ann).await;
    let group = |name: &str, members: Vec<(&String, &str)>| {
        let members: Vec<_> = members.iter().map(|(id, kind)| json!({ "value": id, "type": kind })).collect();
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name, "members": members
        })
    };
    let inner = server.make("Groups", &group("inner", vec![(&ids[3], "User"), (&ids[4], "User")])).await;
    server.make("Groups", &group("outer", vec![(&ann, "User"), (&inner, "Group")])).await;
    server.make("Groups", &group("everybody", ids.iter().map(|id| (id, "User")).collect())).await;
}

#[test]
fn more_users_than_it_gives_at_once_are_read() {
    for cursor in [false, true] {
        let server = Server::start(cursor);
        run(fill(&server));
        let pages = run(server.ask("Users?count=200"));
        let at_once = pages["Resources"].as_array().unwrap().len();
        assert!(at_once < MANY, "{at_once}");

        let told = read(&server.url()).whole();
        assert_eq!(told.facts.users.len(), MANY + 1);
        assert_eq!(told.requests("GET /Users"), (MANY as u64 + 1).div_ceil(at_once as u64), "by cursor: {cursor}");
        let off = told.facts.users.iter().filter(|user| user.status == IdpStatus::Disabled).count();
        assert_eq!(off, MANY / 10);
        assert!(told.facts.users.iter().all(|user| user.status_changed_at.is_unknown() != user.status.is_gone()));
        let user = told.facts.users.iter().find(|user| user.user_name == "user007").unwrap();
        assert_eq!(user.email.as_deref(), Some("user007@example.com"));
        assert_eq!(user.keys, [(IdKey::ExternalId, "ext-7".to_owned())]);
        let ann = told.facts.users.iter().find(|user| user.user_name == "Änn").unwrap();
        assert_eq!((ann.display_name.as_deref(), ann.title.as_deref()), (Some("Änn Ünï 名前"), Some("Head")));
        assert_eq!((ann.email.as_deref(), &ann.aliases[..]), (Some("ann@example.com"), &[][..]));
        assert_eq!((ann.employee_id.as_deref(), ann.department.as_deref()), (Some("0017"), Some("Research")));
        assert_eq!((ann.manager.as_deref(), ann.user_type.as_deref()), (Some("user000"), Some("Employee")));

        assert_eq!(told.members("everybody").len(), MANY);
        assert_eq!(told.members("outer"), ["user003*", "user004*", "Änn"]);
        assert_eq!(told.members("inner"), ["user003", "user004"]);
        assert_eq!(told.record.asked, [Fact::IdpUsers, Fact::IdpGroups]);
        let alone = read_with(&server.url(), TOKEN, &[Part::Groups]).whole();
        assert_eq!(alone.facts.groups, None);
        let told = probe(&server.url(), TOKEN);
        assert!(told.told.contains(&("pages", if cursor { "by cursor" } else { "by index" }.to_owned())));
        assert!(told.checks.iter().all(|check| check.outcome == CheckOutcome::Fine), "{:#?}", told.checks);
        assert_eq!(told.checks[0].detail, format!("{} of them", MANY + 1));
    }
}

#[test]
fn refusals_and_emptiness_are_gaps() {
    let server = Server::start(false);
    let told = read(&server.url());
    assert_eq!((told.gap(Fact::IdpUsers).kind, told.gap(Fact::IdpGroups).kind), (GapKind::NotFound, GapKind::NotFound));
    assert_eq!(told.gap(Fact::IdpUsers).reason, "the list is empty");
    let told = read_with(&server.url(), "wrong-t0ken", &[]);
    assert_eq!(told.gap(Fact::IdpUsers).kind, GapKind::Credentials);
    assert!(!format!("{told:?}").contains("wrong-t0ken"));
    let checks = probe(&server.url(), "wrong-t0ken").checks;
    assert!(checks.iter().all(|check| check.outcome == CheckOutcome::Unreadable(GapKind::Credentials)), "{checks:#?}");
    let told = read(&format!("{}/nowhere", server.url()));
    assert_eq!(told.gap(Fact::IdpUsers).kind, GapKind::NotFound);
}
