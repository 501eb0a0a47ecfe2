//! Whether signing in takes a second factor, from Okta's sign-on policies.
//!
//! Two policies have a say: the application's own (Identity Engine, `ACCESS_POLICY`) and the organisation's for sessions
//! (`OKTA_SIGN_ON`). Signing in passes both, so either may demand the factor. In Classic Engine an application's own
//! policy can't be read.

use super::wire::{AppSignOn, Rule, Verification};
use crate::model::Known;
use crate::model::application::SecondFactorDemand;

/// What one policy's rules say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Every rule that lets anybody in asks for it.
    Always,
    /// These rules do, by their names; others let people in without.
    Sometimes(Vec<String>),
    /// None does.
    Never,
    /// It can't be told.
    Unclear(String),
}

/// What an application's policy says.
pub(super) fn of_application(rules: &[Rule]) -> Verdict {
    judge(rules, |rule| {
        let action = rule.actions.app_sign_on.as_ref()?;
        action.access.is("ALLOW").then(|| demands(action))
    })
}

/// What a policy for sessions says.
pub(super) fn of_session(rules: &[Rule]) -> Verdict {
    judge(rules, |rule| {
        let action = rule.actions.signon.as_ref()?;
        action.access.is("ALLOW").then(|| Ok(action.require_factor == Some(true)))
    })
}

/// Goes through the rules that are in force; `ask` gives nothing for one that lets nobody in.
fn judge(rules: &[Rule], ask: impl Fn(&Rule) -> Option<Result<bool, String>>) -> Verdict {
    let mut with = Vec::new();
    let mut without = false;
    for rule in rules.iter().filter(|rule| rule.status.is("ACTIVE")) {
        let name = rule.name.get().unwrap_or("without a name");
        match ask(rule) {
            None => {}
            Some(Ok(true)) => with.push(name.to_owned()),
            Some(Ok(false)) => without = true,
            Some(Err(why)) => return Verdict::Unclear(format!("rule `{name}` {why}")),
        }
    }
    match (with.is_empty(), without) {
        (false, false) => Verdict::Always,
        (false, true) => Verdict::Sometimes(with),
        (true, true) => Verdict::Never,
        (true, false) => Verdict::Unclear("no rule in force lets anybody in".to_owned()),
    }
}

fn demands(action: &AppSignOn) -> Result<bool, String> {
    let Verification { factor_mode, kind, chains } = &action.verification_method;
    match (factor_mode.get(), kind.get()) {
        (Some("2FA"), _) => Ok(true),
        (Some("1FA"), _) => Ok(false),
        // A chain with a second step asks for two things; one without may still be a key with a PIN.
        (_, Some("AUTH_METHOD_CHAIN")) if !chains.is_empty() && chains.iter().all(|chain| !chain.next.is_empty()) => {
            Ok(true)
        }
        (_, Some(kind)) => Err(format!("asks for proof in a way that is not judged (`{kind}`)")),
        (_, None) => Err("does not say what it asks for".to_owned()),
    }
}

/// What the application's policy and those for sessions come to. `sessions` are the names of the policies in force with
/// what they say; `application` is none where the engine does not tell it.
pub(super) fn demand(
    application: Option<(&str, &Verdict)>,
    sessions: &Known<Vec<(String, Verdict)>>,
) -> Known<SecondFactorDemand> {
    if let Some((name, Verdict::Always)) = application {
        return Known::Value(SecondFactorDemand::Everyone(format!("policy `{name}` of the application")));
    }
    let sessions = match sessions {
        Known::Value(sessions) => sessions.as_slice(),
        Known::Absent => &[],
        Known::Unknown(why) => return Known::Unknown(why.clone()),
    };
    if !sessions.is_empty() && sessions.iter().all(|(_, verdict)| *verdict == Verdict::Always) {
        let names: Vec<String> = sessions.iter().map(|(name, _)| format!("`{name}`")).collect();
        let policies = if names.len() == 1 { "policy" } else { "policies" };
        return Known::Value(SecondFactorDemand::Everyone(format!("{policies} {} for sessions", names.join(", "))));
    }
    let Some((name, verdict)) = application else {
        return Known::Unknown(
            "the application's sign-on policy is not told by this Okta organisation's engine".to_owned(),
        );
    };
    let mut some = Vec::new();
    let all = std::iter::once((name, verdict)).chain(sessions.iter().map(|(name, verdict)| (name.as_str(), verdict)));
    for (name, verdict) in all {
        match verdict {
            Verdict::Always => some.push(format!("policy `{name}`, for those it applies to")),
            Verdict::Sometimes(rules) => {
                some.extend(rules.iter().map(|rule| format!("policy `{name}`, rule `{rule}`")));
            }
            Verdict::Never => {}
            Verdict::Unclear(why) => return Known::Unknown(format!("policy `{name}`: {why}")),
        }
    }
    Known::Value(if some.is_empty() { SecondFactorDemand::Nobody } else { SecondFactorDemand::Some(some) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(rules: &[(&str, &str, &str)]) -> Verdict {
        let rules: Vec<String> = rules
            .iter()
            .map(|(name, status, action)| {
                format!(r#"{{"name": "{name}", "status": "{status}", "actions": {{"appSignOn": {action}}}}}"#)
            })
            .collect();
        of_application(&serde_json::from_str::<Vec<Rule>>(&format!("[{}]", rules.join(","))).unwrap())
    }

    const TWO: &str =
        r#"{"access": "ALLOW", "verificationMethod": {"factorMode": "2FA", "type": "ASSURANCE", "constraints": [{}]}}"#;
    const ONE: &str = r#"{"access": "ALLOW", "verificationMethod": {"factorMode": "1FA", "type": "ASSURANCE"}}"#;
    const DENY: &str = r#"{"access": "DENY"}"#;

    #[test]
    fn rules_that_let_nobody_in_or_are_not_in_force_have_no_say() {
        assert_eq!(app(&[("deny", "ACTIVE", DENY), ("old", "INACTIVE", ONE), ("all", "ACTIVE", TWO)]), Verdict::Always);
        assert_eq!(app(&[("a", "ACTIVE", TWO), ("b", "ACTIVE", ONE)]), Verdict::Sometimes(vec!["a".to_owned()]));
        assert_eq!(app(&[("b", "ACTIVE", ONE)]), Verdict::Never);
        assert!(matches!(app(&[("deny", "ACTIVE", DENY)]), Verdict::Unclear(_)));
        assert!(matches!(app(&[]), Verdict::Unclear(_)));
    }

    #[test]
    fn a_chain_of_two_steps_is_two_factors_and_anything_else_is_unclear() {
        let chain = |chains: &str| {
            format!(
                r#"{{"access": "ALLOW", "verificationMethod": {{"type": "AUTH_METHOD_CHAIN", "chains": {chains}}}}}"#
            )
        };
        assert_eq!(app(&[("c", "ACTIVE", &chain(r#"[{"next": [{"authenticationMethods": []}]}]"#))]), Verdict::Always);
        assert!(matches!(app(&[("c", "ACTIVE", &chain("[{}]"))]), Verdict::Unclear(_)));
        assert!(matches!(app(&[("c", "ACTIVE", &chain("null"))]), Verdict::Unclear(_)));
        assert!(matches!(app(&[("c", "ACTIVE", r#"{"access": "ALLOW"}"#)]), Verdict::Unclear(_)));
    }

    #[test]
    fn either_policy_can_demand_it() {
        let of = |application: Option<Verdict>, session: Verdict| {
            let sessions = Known::Value(vec![("Default Policy".to_owned(), session)]);
            demand(application.as_ref().map(|verdict| ("Any two", verdict)), &sessions)
        };
        assert_eq!(
            of(Some(Verdict::Always), Verdict::Never),
            Known::Value(SecondFactorDemand::Everyone("policy `Any two` of the application".to_owned()))
        );
        assert_eq!(
            of(Some(Verdict::Never), Verdict::Always),
            Known::Value(SecondFactorDemand::Everyone("policy `Default Policy` for sessions".to_owned()))
        );
        assert_eq!(of(Some(Verdict::Never), Verdict::Never), Known::Value(SecondFactorDemand::Nobody));
        assert_eq!(
            of(Some(Verdict::Sometimes(vec!["r".to_owned()])), Verdict::Never),
            Known::Value(SecondFactorDemand::Some(vec!["policy `Any two`, rule `r`".to_owned()]))
        );
        assert!(of(Some(Verdict::Unclear("x".to_owned())), Verdict::Never).is_unknown());
        // Classic Engine: only the organisation's policy is told, and it may not be the last word.
        assert!(of(None, Verdict::Never).is_unknown());
        assert!(matches!(of(None, Verdict::Always), Known::Value(SecondFactorDemand::Everyone(_))));
    }

    #[test]
    fn what_could_not_be_read_is_never_nobody() {
        let unread = Known::Unknown("denied".to_owned());
        assert!(demand(Some(("p", &Verdict::Never)), &unread).is_unknown());
        assert!(matches!(
            demand(Some(("p", &Verdict::Always)), &unread),
            Known::Value(SecondFactorDemand::Everyone(_))
        ));
    }

    #[test]
    fn sessions_ask_by_a_flag() {
        let of = |flag: &str| {
            let json = format!(
                r#"[{{"name": "Default Rule", "status": "ACTIVE", "actions": {{"signon": {{"access": "ALLOW", "requireFactor": {flag}}}}}}}]"#
            );
            of_session(&serde_json::from_str::<Vec<Rule>>(&json).unwrap())
        };
        assert_eq!(of("true"), Verdict::Always);
        assert_eq!(of("false"), Verdict::Never);
        assert_eq!(of("null"), Verdict::Never);
    }
}
