//! `[policy]` and `[review]`: thresholds, whose defaults the preset gives.

use std::collections::BTreeMap;

use crate::config::preset::Setting;
use crate::config::problems::Seen;
use crate::config::read::Table;
use crate::config::value::Value;
use crate::config::words::{nearest, quoted};
use crate::config::{PolicyConfig, Preset, RULE_IDS, ReviewConfig};
use crate::model::Span;
use crate::model::finding::Severity;

/// `[policy]` with the place of its preset, which is to blame for what it demands.
pub(super) struct Policy<'p, 't> {
    pub(super) config: PolicyConfig,
    preset: Option<Value<'p, 't>>,
}

impl Policy<'_, '_> {
    /// The preset's value for a key that the config does not give.
    fn setting<T>(&self, key: &str, example: &str, setting: Setting<T>) -> Option<T> {
        match setting {
            Setting::Given(value) => Some(value),
            Setting::Demanded(why) => {
                if let Some(preset) = &self.preset {
                    let message = format!("preset `{}` needs `{key}`: {why}", self.config.preset.as_str());
                    preset.note(message, format!("set your own: {example}"));
                }
                None
            }
        }
    }
}

pub(super) fn policy<'p, 't>(table: &mut Table<'p, 't>) -> Policy<'p, 't> {
    let preset = table.take("preset");
    let known = preset.as_ref().and_then(|value| value.word("preset", &Preset::WORDS));
    let mut policy =
        Policy { config: PolicyConfig { preset: known.unwrap_or(Preset::Soc2), ..PolicyConfig::default() }, preset };
    let defaults = policy.config.preset.defaults();
    let mut framework = |key: &'static str, example: &str, setting: Setting<Span>, usual: Span| {
        let span = match table.take(key) {
            Some(value) => value.duration(),
            None => policy.setting(&format!("policy.{key}"), example, setting),
        };
        span.unwrap_or(usual)
    };
    let usual = PolicyConfig::default();
    let leaver_sla = framework("leaver_sla", "leaver_sla = \"24h\"", defaults.leaver_sla, usual.leaver_sla);
    let mover_sla = framework("mover_sla", "mover_sla = \"5d\"", defaults.mover_sla, usual.mover_sla);
    let dormant_after =
        framework("dormant_after", "dormant_after = \"90d\"", defaults.dormant_after, usual.dormant_after);
    let mut duration = |key, usual| table.take(key).and_then(|value| value.duration()).unwrap_or(usual);
    policy.config = PolicyConfig {
        preset: policy.config.preset,
        leaver_sla,
        mover_sla,
        dormant_after,
        sync_sla: duration("sync_sla", usual.sync_sla),
        token_warning: duration("token_warning", usual.token_warning),
        portal_session: duration("portal_session", usual.portal_session),
        stale_after: duration("stale_after", usual.stale_after),
        max_source_age: duration("max_source_age", usual.max_source_age),
        key_max_age: duration("key_max_age", usual.key_max_age),
        max_session: duration("max_session", usual.max_session),
        max_privileged_session: duration("max_privileged_session", usual.max_privileged_session),
        privileged: table.take("privileged").and_then(|value| value.list(|item| item.pattern())).unwrap_or_default(),
        severity: table.take("severity").and_then(|value| severities(&value)).unwrap_or_default(),
    };
    policy
}

fn severities(value: &Value<'_, '_>) -> Option<BTreeMap<&'static str, Severity>> {
    let words = Severity::WORST_FIRST.map(|severity| (severity.as_str(), severity));
    let entries = value.entries(|key, item| {
        let rule = known_rule(key.get_ref());
        if rule.is_none() {
            let message = format!("unknown rule {}", quoted(key.get_ref()));
            item.problems().note(&key.span(), message, rule_help(key.get_ref()));
        }
        let severity = item.word("severity", &words);
        Some((rule?, severity?))
    })?;
    Some(entries.into_iter().collect())
}

/// The rule with this id.
pub(super) fn known_rule(id: &str) -> Option<&'static str> {
    RULE_IDS.iter().find(|known| **known == id).copied()
}

/// What to write instead of an unknown rule id. The catalogue is too long to be listed in a message.
pub(super) fn rule_help(id: &str) -> String {
    match crate::config::words::closest(id, RULE_IDS) {
        Some(_) => nearest(id, RULE_IDS),
        None => "`overstay rules` lists the rules".to_owned(),
    }
}

pub(super) fn review(table: &mut Table<'_, '_>, policy: &Policy<'_, '_>) -> ReviewConfig {
    let words = ["monthly", "quarterly", "semiannual", "annual"].map(|word| (word, word));
    let cadence = match table.take("cadence") {
        Some(value) => value.word("cadence", &words),
        None => policy.setting(
            "review.cadence",
            "cadence = \"quarterly\" in [review]",
            policy.config.preset.defaults().cadence,
        ),
    };
    let fallback_reviewer = table.text("fallback_reviewer");
    let mut seen = Seen::default();
    let owners = table.take("owners").and_then(|value| {
        value.list(|item| {
            item.table("an owner", |table| {
                let account = table.need("account", "name accounts: account = \"prod-*\"").and_then(|value| {
                    let account = value.account()?;
                    let what = format!("owner of {}", quoted(account.as_str()));
                    seen.once(value.problems(), account.as_str(), value.span(), &what).then_some(account)
                });
                let owner = table.need_text("owner", "name who answers: owner = \"platform-leads@example.com\"");
                Some((account?, owner?))
            })
        })
    });
    ReviewConfig { cadence: cadence.map(str::to_owned), fallback_reviewer, owners: owners.unwrap_or_default() }
}
