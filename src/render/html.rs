//! `report.html`: one file, no network, everything escaped.

use data_encoding::BASE64;
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::evidence::report::ReportView;
use crate::evidence::words::{thousands, times};

/// The page's frame. Handlebars escapes every value; a test holds the templates to never using the unescaped form.
const PAGE: &str = include_str!("../../templates/report.html.hbs");
/// Its style, inlined under a hash.
const STYLE: &str = include_str!("../../templates/report.css");
/// Its script, inlined under a hash.
const SCRIPT: &str = include_str!("../../templates/report.js");

macro_rules! partials {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/report/", $name, ".hbs")))),+]
    };
}
/// The page's parts.
const PARTIALS: &[(&str, &str)] = partials![
    "accounts",
    "bar",
    "cap",
    "cover",
    "exceptions",
    "finding",
    "findings",
    "gaps",
    "icons",
    "leavers",
    "lifecycle",
    "people",
    "permission-sets",
    "picture-leaver",
    "picture-removal",
    "picture-trend",
    "provenance",
    "results",
    "rules",
    "sign-off",
    "tie-outs",
];

/// Renders the report.
///
/// # Errors
/// When the template does not fit the view, which would be a bug.
pub fn html(view: &ReportView) -> Result<String, Error> {
    let internal = |e: &dyn std::fmt::Display| Error::Internal(format!("the report's template: {e}"));
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(|text| escape(&times(text)));
    handlebars.register_helper("n", Box::new(number));
    for (name, partial) in PARTIALS {
        handlebars.register_partial(name, partial).map_err(|e| internal(&e))?;
    }
    let footer = footer(view);
    let policy = format!(
        "default-src 'none'; style-src '{}' '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(&footer),
        hash(SCRIPT)
    );
    let fixed =
        [("@@POLICY@@", policy.as_str()), ("@@STYLE@@", STYLE), ("@@FOOTER@@", &footer), ("@@SCRIPT@@", SCRIPT)];
    // The frame is cut at its marks and each piece is rendered by itself, so that neither is a mark found in anybody's
    // name, nor a brace of the style or script taken for the template's.
    let mut page = String::new();
    let mut rest = PAGE;
    for (mark, text) in fixed {
        let (piece, after) = rest.split_once(mark).ok_or_else(|| internal(&format!("{mark} is missing")))?;
        page.push_str(&handlebars.render_template(piece, view).map_err(|e| internal(&e))?);
        page.push_str(text);
        rest = after;
    }
    page.push_str(&handlebars.render_template(rest, view).map_err(|e| internal(&e))?);
    Ok(page)
}

/// `{{n count}}`: a number with thousands separators.
fn number(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let number = helper.param(0).and_then(|parameter| parameter.value().as_u64());
    out.write(&number.map_or_else(String::new, thousands))?;
    Ok(())
}

/// The source expression that allows one inlined text and no other.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text.as_bytes())))
}

/// What stands at the foot of every printed page. It goes into a style, so only what cannot end a string there is kept.
fn footer(view: &ReportView) -> String {
    let safe = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.' | ',' | ' ')).collect()
    };
    format!(
        "@page{{@top-left{{content:\"Access evidence: {} | run {} | as of {}\"}}}}",
        safe(view.status),
        safe(&view.run_id),
        safe(&times(&view.as_of))
    )
}

/// Escapes a value for text and quoted attributes. Characters that are not seen but change how others are read, such as a
/// switch of direction, are spelt out: a name must not be able to rewrite the line it stands in.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(c),
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                safe.push_str(&format!("[U+{:04X}]", u32::from(c)));
            }
            c if c.is_control() => safe.push_str(&format!("[U+{:04X}]", u32::from(c))),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::report::{
        Cap, EvidenceView, FindingGroup, FindingView, LeaverTimeline, LifecycleView, LimitGroup, PathView, Step,
    };

    fn view(name: &str) -> ReportView {
        let cap = || Cap { shown: 1, total: 1, cut: false, file: "findings.csv", sha256: String::new() };
        let own = || name.to_owned();
        let evidence = EvidenceView { source: own(), at: own(), says: own() };
        let path = PathView {
            id: own(),
            who: own(),
            group: own(),
            missing: false,
            set: own(),
            tier: "read",
            account: own(),
            account_id: own(),
        };
        let finding = FindingView {
            id: "f_a".to_owned(),
            severity: "high",
            rank: 1,
            confidence: "high",
            status: "open",
            subject: own(),
            person: own(),
            detail: own(),
            remediation: own(),
            owner: own(),
            since: String::new(),
            since_day: String::new(),
            since_sort: String::new(),
            access: own(),
            access_rest: 0,
            explain: own(),
            paths: vec![path],
            paths_rest: 0,
            evidence: vec![evidence],
            evidence_rest: 0,
            exception: String::new(),
        };
        let group = FindingGroup {
            rule: "a-rule",
            title: "A rule",
            severity: "high",
            controls: "CC6.2".to_owned(),
            count: 1,
            open: 1,
            findings: vec![finding],
            rest: 0,
        };
        ReportView {
            organization: own(),
            status: "INCOMPLETE",
            complete: false,
            run_id: "r_a".to_owned(),
            version: "0",
            as_of: "2026-09-30T17:00:00Z".to_owned(),
            as_of_date: "2026-09-30".to_owned(),
            warnings: vec![own()],
            decisions: Vec::new(),
            decisions_rest: 0,
            collected_from: own(),
            collected_to: own(),
            snapshot_digest: own(),
            config_digest: own(),
            headline: own(),
            leavers_sentence: own(),
            result_counts: Vec::new(),
            out_of_scope: 0,
            next_steps: Vec::new(),
            populations: Vec::new(),
            scope: Vec::new(),
            exclusions: Vec::new(),
            readings: Vec::new(),
            numbers: Vec::new(),
            severities: Vec::new(),
            controls: Vec::new(),
            tests: Vec::new(),
            tie_outs: Vec::new(),
            gaps: Vec::new(),
            gaps_cap: cap(),
            limits: vec![LimitGroup { reason: own(), count: own(), rules: vec!["a-rule"] }],
            sources: Vec::new(),
            groups: vec![group],
            findings_cap: cap(),
            people: Vec::new(),
            lifecycle: vec![LifecycleView {
                period: own(),
                looks: own(),
                listings: own(),
                tests: Vec::new(),
                holes: vec![own()],
                holes_rest: 0,
                timelines: vec![LeaverTimeline {
                    person: own(),
                    lasted: own(),
                    picture: Default::default(),
                    steps: vec![Step { when: own(), what: own(), basis: "event" }],
                }],
                timelines_rest: 0,
                trend: Default::default(),
            }],
            leavers: Vec::new(),
            leavers_cap: cap(),
            removal: Default::default(),
            permission_sets: Vec::new(),
            permission_sets_cap: cap(),
            accounts: Vec::new(),
            accounts_cap: cap(),
            exceptions: Vec::new(),
            exceptions_cap: cap(),
            thresholds: Vec::new(),
            rules: Vec::new(),
            files: Vec::new(),
        }
    }

    #[test]
    fn hostile_names_are_inert() {
        let plain = html(&view("plain")).unwrap();
        let tags = plain.matches('<').count();
        let long = "x".repeat(4_000);
        for name in [
            "\"><script>alert(1)</script>",
            "'><img src=x onerror=alert(1)>",
            "{{7*7}} {{organization}}",
            "@@STYLE@@ @@SCRIPT@@ @@POLICY@@ @@FOOTER@@",
            "</style></script>",
            "abc\u{202e}gpj.exe\u{0}",
            long.as_str(),
        ] {
            let page = html(&view(name)).unwrap();
            assert_eq!(page.matches('<').count(), tags, "{name:?} adds no tag");
            assert_eq!(page.matches(STYLE).count(), 1, "{name:?}");
            assert!(page.contains(&escape(name)), "{name:?} is shown as it is");
            assert!(!page.contains(['\u{202e}', '\0']), "{name:?}");
        }
    }

    #[test]
    fn nothing_is_unescaped_and_nothing_inline_is_left_to_be_blocked() {
        for (name, text) in PARTIALS.iter().copied().chain([("report", PAGE)]) {
            for banned in ["{{{", "{{&", "{{~{", " style=", " onclick=", " onload=", "javascript:", "http:", "https:"] {
                assert!(!text.contains(banned), "{name} has {banned}");
            }
        }
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !STYLE.contains("url("));
    }

    #[test]
    fn the_policy_allows_exactly_what_is_inlined() {
        let page = html(&view("plain")).unwrap();
        let between = |open: &str, close: &str| -> Vec<String> {
            page.split(open).skip(1).map(|rest| rest.split_once(close).unwrap().0.to_owned()).collect()
        };
        let policy = between("Content-Security-Policy\" content=\"", "\"").remove(0);
        let styles: Vec<String> =
            between("<style>", "</style>").iter().map(|text| format!("'{}'", hash(text))).collect();
        let scripts: Vec<String> =
            between("<script>", "</script>").iter().map(|text| format!("'{}'", hash(text))).collect();
        let expected = format!(
            "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
            styles.join(" "),
            scripts.join(" ")
        );
        assert_eq!(policy, expected);
    }

    #[test]
    fn equal_views_give_equal_bytes() {
        assert_eq!(html(&view("a")).unwrap(), html(&view("a")).unwrap());
    }
}
