//! Reading the second factors of those who sign in to AWS: one request for each of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::endpoint::FACTORS;
use super::person::second_factor;
use super::wire;
use crate::collect::calls::{CallError, Gaps};
use crate::collect::http::Http;
use crate::model::id::IdpUserId;
use crate::model::person::SecondFactor;
use crate::model::{IdpUser, Known};

/// Puts into `users` what is known of their second factors. `assigned` tells who signs in to AWS.
pub(super) async fn read(
    http: &Arc<Http>,
    users: &mut BTreeMap<IdpUserId, IdpUser>,
    assigned: impl Fn(&IdpUserId) -> bool,
) -> Gaps {
    let mut asked = Vec::new();
    for (id, user) in users.iter_mut() {
        let why = if !assigned(id) {
            "not asked: not assigned to the AWS application"
        } else if user.status.is_gone() {
            "not asked: can't sign in"
        } else {
            asked.push(id.clone());
            "not read"
        };
        user.second_factor = Known::Unknown(why.to_owned());
    }
    let mut gaps = Gaps::default();
    http.for_all(asked, factors, |(id, answer)| match (answer, users.get_mut(&id)) {
        (Ok(factor), Some(user)) => user.second_factor = factor,
        (Err(error), Some(user)) if error.is_not_found() => {
            user.second_factor = Known::Unknown("deleted while factors were read".to_owned());
        }
        (Err(error), _) => gaps.add(&FACTORS, id.as_str(), &error),
        (Ok(_), None) => {}
    })
    .await;
    gaps
}

async fn factors(http: Arc<Http>, id: IdpUserId) -> (IdpUserId, Result<Known<SecondFactor>, CallError>) {
    let request = http.get(&FACTORS, &["api", "v1", "users", id.as_str(), "factors"]);
    let answer = http.read::<Vec<wire::Factor>>(&request).await;
    (id, answer.map(|factors| second_factor(&factors)))
}
