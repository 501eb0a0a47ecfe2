//! Groups, and the identity provider groups that they stand for.

use super::RuleCx;
use crate::model::DirectoryGroup;
use crate::model::finding::{Evidence, GrantKey, Subject, SubjectKind};
use crate::reconcile::{Counterpart, Counterparts, Person};

impl<'a> RuleCx<'a> {
    fn counterparts(&self) -> &Counterparts<'a> {
        self.counterparts.get_or_init(|| Counterparts::new(self.ledger()))
    }

    /// The provider's group that an Identity Center group stands for.
    pub(in crate::rules) fn counterpart(&self, group: &DirectoryGroup) -> Counterpart<'a> {
        self.counterparts().of(group)
    }

    /// Whether a grant comes by a group whose counterpart the person was in for a time only, when it was looked.
    pub(in crate::rules) fn is_activated(&self, person: &Person, grant: GrantKey) -> bool {
        self.counterparts().activation(self.ledger(), person, grant).is_some()
    }

    /// Whether the groups of some provider were not asked for, so that a group may be its.
    pub(in crate::rules) fn has_unread_groups(&self) -> bool {
        self.ledger().snapshot().idps().iter().any(|facts| facts.groups.is_none())
    }

    /// Directory groups that have assignments in scope, by position.
    pub(in crate::rules) fn groups_with_access(&self) -> impl Iterator<Item = (u32, &'a DirectoryGroup, &'a [u32])> {
        let grants = self.ledger().grants();
        let all = (0u32..).zip(self.ledger().groups()).map(|(at, group)| (at, group, grants.of_group(at)));
        all.filter(|(_, _, assignments)| !assignments.is_empty())
    }

    /// A directory group as subject.
    pub(in crate::rules) fn group_subject(group: &DirectoryGroup) -> Subject {
        Subject {
            kind: SubjectKind::Group,
            ids: vec![group.id.to_string()],
            name: group.name.clone(),
            account: None,
            permission_set: None,
        }
    }

    /// The directory's record of a group.
    pub(in crate::rules) fn group_evidence(group: &DirectoryGroup) -> Evidence {
        let ids: Vec<&str> = group.external_ids.iter().map(|external| external.id.as_str()).collect();
        let ids = if ids.is_empty() { "no external id".to_owned() } else { format!("external id {}", ids.join(", ")) };
        Evidence {
            source: "aws".to_owned(),
            at: "identitystore:ListGroups".to_owned(),
            says: format!("group {} ({}) has {ids}", group.name, group.id),
        }
    }
}
