//! What each permission set is: its description and its policies.

use aws_sdk_ssoadmin::types;

use super::convert::{instant, session, tail, text};
use super::operation::{
    DESCRIBE_PERMISSION_SET, GET_BOUNDARY, GET_INLINE_POLICY, LIST_CUSTOMER_POLICIES, LIST_MANAGED_POLICIES,
};
use super::paged::PagedOperation;
use super::session::Client;
use super::sso_lists::{customer_policies, managed_policies};
use crate::collect::calls::{CallError, Gaps, Page, Pager};
use crate::model::id::{InstanceArn, PermissionSetArn};
use crate::model::permission_set::{Boundary, CustomerPolicy, ManagedPolicy};
use crate::model::{Fact, Known, PermissionSet};

/// One of the five questions about a permission set.
pub(super) enum Question {
    Describe,
    Managed(Pager),
    Customer(Pager),
    Inline,
    Boundary,
}

impl Question {
    /// All of them.
    pub(super) fn all() -> [Self; 5] {
        [
            Self::Describe,
            Self::Managed(Pager::default()),
            Self::Customer(Pager::default()),
            Self::Inline,
            Self::Boundary,
        ]
    }
}

/// The answer to one of them.
pub(super) enum Answer {
    Describe(Result<types::PermissionSet, CallError>),
    Managed(Page<types::AttachedManagedPolicy>),
    Customer(Page<types::CustomerManagedPolicyReference>),
    Inline(Result<Option<String>, CallError>),
    Boundary(Result<Option<Boundary>, CallError>),
}

/// Asks one question.
pub(super) async fn ask(client: &Client, instance: &InstanceArn, set: &PermissionSetArn, question: Question) -> Answer {
    match question {
        Question::Describe => Answer::Describe(describe(client, instance, set).await),
        Question::Managed(pager) => Answer::Managed(managed_policies(client, instance, set).page(pager).await),
        Question::Customer(pager) => Answer::Customer(customer_policies(client, instance, set).page(pager).await),
        Question::Inline => Answer::Inline(inline(client, instance, set).await),
        Question::Boundary => Answer::Boundary(boundary(client, instance, set).await),
    }
}

async fn describe(
    client: &Client,
    instance: &InstanceArn,
    set: &PermissionSetArn,
) -> Result<types::PermissionSet, CallError> {
    let operation = &DESCRIBE_PERMISSION_SET;
    let send = || {
        let request = client.sso.describe_permission_set();
        request.instance_arn(instance.as_str()).permission_set_arn(set.as_str()).send()
    };
    let answer = client.calls.call(operation, send).await?;
    answer.permission_set.ok_or_else(|| CallError::malformed(operation, "the answer has no permission set"))
}

fn managed_policy(policy: types::AttachedManagedPolicy) -> ManagedPolicy {
    ManagedPolicy { arn: policy.arn.unwrap_or_default(), name: policy.name.unwrap_or_default() }
}

fn customer_policy(policy: types::CustomerManagedPolicyReference) -> CustomerPolicy {
    CustomerPolicy {
        // AWS's default path.
        path: policy.path.filter(|path| !path.is_empty()).unwrap_or_else(|| "/".to_owned()),
        name: policy.name,
    }
}

async fn inline(client: &Client, instance: &InstanceArn, set: &PermissionSetArn) -> Result<Option<String>, CallError> {
    let send = || {
        let request = client.sso.get_inline_policy_for_permission_set();
        request.instance_arn(instance.as_str()).permission_set_arn(set.as_str()).send()
    };
    let answer = client.calls.call(&GET_INLINE_POLICY, send).await?;
    Ok(answer.inline_policy.filter(|policy| !policy.is_empty()))
}

/// AWS answers "not found" when no boundary is set, so that is an answer and no failure.
async fn boundary(
    client: &Client,
    instance: &InstanceArn,
    set: &PermissionSetArn,
) -> Result<Option<Boundary>, CallError> {
    let operation = &GET_BOUNDARY;
    let send = || {
        let request = client.sso.get_permissions_boundary_for_permission_set();
        request.instance_arn(instance.as_str()).permission_set_arn(set.as_str()).send()
    };
    let boundary = match client.calls.call(operation, send).await {
        Ok(answer) => answer.permissions_boundary,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(boundary) = boundary else { return Ok(None) };
    if let Some(policy) = boundary.customer_managed_policy_reference {
        return Ok(Some(Boundary::Customer(customer_policy(policy))));
    }
    match boundary.managed_policy_arn.filter(|arn| !arn.is_empty()) {
        Some(arn) => Ok(Some(Boundary::Managed(arn))),
        None => Err(CallError::malformed(operation, "a boundary that names no policy")),
    }
}

/// A permission set of which nothing but the ARN is known yet.
pub(super) fn unread(arn: PermissionSetArn) -> PermissionSet {
    fn not_asked<T>() -> Known<T> {
        Known::Unknown("not asked".to_owned())
    }
    PermissionSet {
        arn,
        name: not_asked(),
        description: not_asked(),
        created_at: not_asked(),
        session: not_asked(),
        managed: not_asked(),
        customer: not_asked(),
        inline: not_asked(),
        boundary: not_asked(),
    }
}

/// A permission set while its answers come in.
pub(super) struct Draft {
    pub(super) set: PermissionSet,
    managed: Vec<ManagedPolicy>,
    customer: Vec<CustomerPolicy>,
}

impl Draft {
    pub(super) fn new(arn: PermissionSetArn) -> Self {
        Self { set: unread(arn), managed: Vec::new(), customer: Vec::new() }
    }

    /// Takes an answer; gives the question that follows from it, if any.
    pub(super) fn take(&mut self, answer: Answer, gaps: &mut Gaps) -> Option<Question> {
        let subject = tail(self.set.arn.as_str()).to_owned();
        match answer {
            Answer::Describe(result) => self.described(result, &subject, gaps),
            Answer::Managed(page) => {
                self.managed.extend(page.items.into_iter().map(managed_policy));
                match page.rest {
                    Ok(Some(pager)) => return Some(Question::Managed(pager)),
                    end => {
                        let policies = end.map(|_| sorted(std::mem::take(&mut self.managed)));
                        self.set.managed = gaps.known(&LIST_MANAGED_POLICIES, &subject, policies);
                    }
                }
            }
            Answer::Customer(page) => {
                self.customer.extend(page.items.into_iter().map(customer_policy));
                match page.rest {
                    Ok(Some(pager)) => return Some(Question::Customer(pager)),
                    end => {
                        let policies = end.map(|_| sorted(std::mem::take(&mut self.customer)));
                        self.set.customer = gaps.known(&LIST_CUSTOMER_POLICIES, &subject, policies);
                    }
                }
            }
            Answer::Inline(result) => {
                let unknown = |error| gaps.unknown(&GET_INLINE_POLICY, &subject, error);
                self.set.inline = result.map_or_else(unknown, Known::read);
            }
            Answer::Boundary(result) => {
                let unknown = |error| gaps.unknown(&GET_BOUNDARY, &subject, error);
                self.set.boundary = result.map_or_else(unknown, Known::read);
            }
        }
        None
    }

    fn described(&mut self, result: Result<types::PermissionSet, CallError>, subject: &str, gaps: &mut Gaps) {
        let operation = &DESCRIBE_PERMISSION_SET;
        match result {
            Ok(told) => {
                self.set.name = match text(told.name()) {
                    Some(name) => Known::Value(name.to_owned()),
                    None => {
                        let error = CallError::malformed(operation, "a permission set without a name");
                        gaps.add(operation, subject, &error);
                        Known::Unknown(error.reason)
                    }
                };
                self.set.description = Known::read(text(told.description()).map(str::to_owned));
                self.set.created_at = instant(told.created_date());
                self.set.session = session(told.session_duration());
                if let Known::Unknown(reason) = &self.set.session {
                    let error = CallError::malformed(operation, reason);
                    gaps.add_fact(Fact::PermissionSets, operation, subject, &error);
                }
            }
            Err(error) => {
                gaps.add(operation, subject, &error);
                let reason = || error.reason.clone();
                self.set.name = Known::Unknown(reason());
                self.set.description = Known::Unknown(reason());
                self.set.created_at = Known::Unknown(reason());
                self.set.session = Known::Unknown(reason());
            }
        }
    }
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items.dedup();
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GapKind;

    fn draft() -> Draft {
        Draft::new("arn:aws:sso:::permissionSet/ssoins-1/ps-1".parse().unwrap())
    }

    fn policy(name: &str) -> types::AttachedManagedPolicy {
        types::AttachedManagedPolicy::builder().arn(format!("arn:aws:iam::aws:policy/{name}")).name(name).build()
    }

    #[test]
    fn a_list_cut_short_is_not_known() {
        let (mut draft, mut gaps) = (draft(), Gaps::default());
        let lost = CallError::malformed(&LIST_MANAGED_POLICIES, "the service repeated a page token");
        let page = Page { items: vec![policy("ReadOnlyAccess")], rest: Err(lost) };
        assert!(draft.take(Answer::Managed(page), &mut gaps).is_none());
        assert!(draft.set.managed.is_unknown());
        let [gap] = gaps.into_vec(&[Fact::PermissionSets]).try_into().unwrap();
        assert_eq!(gap.kind, GapKind::Malformed);
        assert_eq!(gap.at, "sso:ListManagedPoliciesInPermissionSet (ps-1)");
    }

    #[test]
    fn no_policy_is_knowledge() {
        let (mut draft, mut gaps) = (draft(), Gaps::default());
        let page = Page { items: vec![policy("b"), policy("a")], rest: Ok(None) };
        draft.take(Answer::Managed(page), &mut gaps);
        draft.take(Answer::Inline(Ok(None)), &mut gaps);
        draft.take(Answer::Boundary(Ok(None)), &mut gaps);
        assert_eq!(draft.set.managed, Known::Value(vec![managed_policy(policy("a")), managed_policy(policy("b"))]));
        assert_eq!(draft.set.inline, Known::Absent);
        assert_eq!(draft.set.boundary, Known::Absent);
        assert!(gaps.into_vec(super::super::operation::ALL).is_empty());
    }

    #[test]
    fn a_denied_description_leaves_the_rest() {
        let (mut draft, mut gaps) = (draft(), Gaps::default());
        let denied = CallError { kind: GapKind::Denied, reason: "denied".to_owned(), hint: String::new(), code: None };
        draft.take(Answer::Describe(Err(denied)), &mut gaps);
        draft.take(Answer::Inline(Ok(Some("{}".to_owned()))), &mut gaps);
        assert_eq!(draft.set.name, Known::Unknown("denied".to_owned()));
        assert_eq!(draft.set.inline, Known::Value("{}".to_owned()));
    }
}
