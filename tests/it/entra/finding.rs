//! Which application is meant.

use serde_json::json;

use super::world::{APP, APP_ID, World, guid};
use super::{Collecting, SLOW, Told, config, site};
use crate::web::Tokens;

fn named(world: World, name: &str) -> Told {
    let web = site(world, &Tokens::new()).start();
    let mut config = config(&web, &SLOW);
    config.application = Some(name.to_owned());
    Collecting::new(config).collect()
}

#[test]
fn it_is_found_by_name_and_by_either_id() {
    for name in ["AWS IAM Identity Center", APP, APP_ID] {
        let told = named(World::small(), name);
        told.is_whole();
        assert_eq!(told.facts.application.as_ref().map(|app| app.id.as_str()), Some(APP), "{name}");
    }
    let mut world = World::small();
    world.principals[0]["displayName"] = json!("Ada's \"AWS\" & more");
    assert!(named(world, "Ada's \"AWS\" & more").is_whole().facts.application.is_some());
}

#[test]
fn an_unknown_name_says_so_for_everything_that_hangs_on_it() {
    for name in ["AWS", &guid(3, 3)] {
        let told = named(World::small(), name);
        assert!(told.facts.application.is_none());
        let gaps = told.gaps();
        assert_eq!(gaps.len(), 3, "{gaps:#?}");
        assert!(gaps[0].starts_with(&format!(
            "the identity provider's AWS application: there is no enterprise application `{name}` | write its name"
        )));
        assert!(gaps[1].starts_with("the provisioning job: there is no enterprise application"));
        assert!(gaps[2].starts_with("time-bound group memberships: there is no enterprise application"));
    }
}

#[test]
fn several_of_one_name_are_told_with_their_ids() {
    let mut world = World::small();
    let mut second = world.principals[0].clone();
    second["id"] = json!(guid(3, 1));
    world.principals.push(second);
    let told = named(world, "AWS IAM Identity Center");
    let gap = &told.gaps()[0];
    assert!(gap.contains("2 enterprise applications are called `AWS IAM Identity Center`"), "{gap}");
    assert!(gap.contains(APP) && gap.contains(&guid(3, 1)), "{gap}");
}

#[test]
fn an_application_without_a_job_provisions_nobody() {
    let mut world = World::small();
    world.jobs.clear();
    let told = named(world, APP);
    told.is_whole();
    let application = told.facts.application.as_ref().unwrap();
    assert_eq!(application.job, overstay::model::Known::Absent);
    assert!(told.batch.record.notes.contains(&"the application has no provisioning job".to_owned()));
}
