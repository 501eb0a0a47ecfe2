//! Whether whoever answers for something is still here.

use std::collections::HashMap;

use super::RuleCx;
use crate::reconcile::Person;
use crate::reconcile::text::fold;

/// What is known of somebody whom the config names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rules) enum Owner {
    /// Somebody of that name is not gone.
    Here,
    /// Everybody of that name is gone; why.
    Gone(String),
    /// Nobody of that name is known: a shared mailbox, or somebody whom no source has any more.
    Stranger,
}

/// People by folded user name and address, over all sources.
pub(super) type Names<'a> = HashMap<String, Vec<&'a Person>>;

impl<'a> RuleCx<'a> {
    fn names(&self) -> &Names<'a> {
        self.names.get_or_init(|| {
            let ledger = self.ledger();
            let mut names = Names::new();
            for person in ledger.people().iter() {
                let directory = person.users.iter().filter_map(|at| ledger.user(*at));
                let directory = directory.flat_map(|user| [Some(&user.user_name), user.email.as_ref()]);
                let idp = person.idp_users.iter().filter_map(|at| ledger.idp_user(*at));
                let idp = idp.flat_map(|user| {
                    [Some(&user.user_name), user.email.as_ref()].into_iter().chain(user.aliases.iter().map(Some))
                });
                let roster = ledger.snapshot().hr();
                let hr = person.hr_records.iter().filter_map(|at| roster?.records.get(*at as usize)?.email.as_ref());
                let mut mine: Vec<String> =
                    directory.chain(idp).flatten().chain(hr).filter_map(|name| fold(name)).collect();
                mine.sort_unstable();
                mine.dedup();
                for name in mine {
                    names.entry(name).or_default().push(person);
                }
            }
            names
        })
    }

    /// Everybody who bears a user name or address, in the order of the ledger.
    pub(in crate::rules) fn people_named(&self, name: &str) -> &[&'a Person] {
        fold(name).and_then(|key| self.names().get(&key)).map_or(&[], Vec::as_slice)
    }

    /// What is known of somebody whom the config names.
    pub(in crate::rules) fn owner(&self, name: &str) -> Owner {
        let people = self.people_named(name);
        match people.first() {
            None => Owner::Stranger,
            Some(first) if people.iter().all(|person| self.is_certainly_gone(person)) => {
                Owner::Gone(first.standing.reason.clone())
            }
            Some(_) => Owner::Here,
        }
    }
}
