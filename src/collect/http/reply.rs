//! What the head of an answer says: links to further pages, and how long to wait.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, HeaderName, LINK, RETRY_AFTER};

use crate::model::Instant;

/// The head of an answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
}

/// How many requests a service still takes, by its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    pub(super) limit: u64,
    pub(super) remaining: u64,
    /// Until the count begins anew.
    pub(super) reset: Duration,
}

const WINDOW: Duration = Duration::from_secs(60);

static LIMIT: HeaderName = HeaderName::from_static("x-rate-limit-limit");
static REMAINING: HeaderName = HeaderName::from_static("x-rate-limit-remaining");
static RESET: HeaderName = HeaderName::from_static("x-rate-limit-reset");

impl Reply {
    /// The address of the next page by the `Link` header (RFC 8288), which may come in several lines.
    pub fn next_link(&self) -> Option<String> {
        let values = self.headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(links).find(|(_, relations)| is_next(relations)).map(|(link, _)| link.to_owned())
    }

    pub(super) fn text(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The service's own time; ours where it doesn't tell.
    fn time(&self, now: Instant) -> Instant {
        self.text(&DATE).and_then(instant).unwrap_or(now)
    }

    /// How long the service asks to wait: `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), or Okta's reset.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        let Some(asked) = self.text(&RETRY_AFTER).map(str::trim) else {
            // A limit of 0 is about requests at once; its reset is of another count (Okta, "Rate limits").
            return self.allowance(now).filter(|allowance| allowance.limit > 0).map(|allowance| allowance.reset);
        };
        if let Ok(seconds) = asked.parse::<f64>() {
            return Duration::try_from_secs_f64(if seconds < 0.0 { 0.0 } else { seconds }).ok();
        }
        Some(until(instant(asked)?, self.time(now)))
    }

    /// What Okta's `X-Rate-Limit-*` headers say; the reset is an instant of the service's clock.
    pub(super) fn allowance(&self, now: Instant) -> Option<Allowance> {
        let number = |name| self.text(name)?.trim().parse::<i64>().ok();
        let limit = u64::try_from(number(&LIMIT)?).ok()?;
        let remaining = u64::try_from(number(&REMAINING)?).ok()?;
        let reset = until(Instant::from_epoch_seconds(number(&RESET)?)?, self.time(now));
        // By our clock, which may be wrong, no longer than Okta counts for (Okta, "Rate limits": a minute).
        let reset = if self.text(&DATE).and_then(instant).is_some() { reset } else { reset.min(WINDOW) };
        Some(Allowance { limit, remaining, reset })
    }
}

fn instant(date: &str) -> Option<Instant> {
    DateTimeParser::new().parse_timestamp(date).ok().map(Instant::new)
}

fn until(then: Instant, now: Instant) -> Duration {
    Duration::try_from(then.since(now)).unwrap_or_default()
}

/// The links of one header line: address and parameters.
fn links(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let (_, begun) = rest.split_once('<')?;
        let (link, after) = begun.split_once('>')?;
        let mut quoted = false;
        let end = after.find(|c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        let (parameters, further) = after.split_at(end.unwrap_or(after.len()));
        rest = further;
        Some((link, parameters))
    })
}

fn is_next(parameters: &str) -> bool {
    parameters.split(';').filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
        let mut words = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel") && words.any(|word| word.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn reply(headers: &[(&'static str, &str)]) -> Reply {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        Reply { status: 200, headers: map }
    }

    fn now() -> Instant {
        "2026-09-30T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        let lines = reply(&[
            ("link", "<https://o.example/users?limit=2>; rel=\"self\""),
            ("link", "<https://o.example/users?after=a,b&limit=2>; rel=\"next\""),
        ]);
        assert_eq!(lines.next_link().as_deref(), Some("https://o.example/users?after=a,b&limit=2"));
        let one = reply(&[("link", "<a>; title=\"x, rel=next\"; rel=self, <b>;REL=\"prev Next\"")]);
        assert_eq!(one.next_link().as_deref(), Some("b"));
        for none in ["", "<a>; rel=\"self\"", "a; rel=next", "<a", "<a>; rel=nextish", "<a>; x=next"] {
            assert_eq!(reply(&[("link", none)]).next_link(), None, "{none}");
        }
    }

    #[test]
    fn a_wait_is_read_in_each_form() {
        let wait = |headers: &[(&'static str, &str)]| reply(headers).wait(now()).map(|wait| wait.as_millis());
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "7")]), Some(7000));
        assert_eq!(wait(&[("retry-after", " 2.128 ")]), Some(2128));
        assert_eq!(wait(&[("retry-after", "-1")]), Some(0));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[("retry-after", "NaN")]), None);
        assert_eq!(wait(&[("retry-after", "Wed, 30 Sep 2026 12:00:05 GMT")]), Some(5000));
        assert_eq!(wait(&[("retry-after", "Wed, 30 Sep 2026 11:00:05 GMT")]), Some(0));
        // The service's clock is an hour behind ours.
        let date = ("date", "Wed, 30 Sep 2026 11:00:00 GMT");
        assert_eq!(wait(&[("retry-after", "Wed, 30 Sep 2026 11:00:05 GMT"), date]), Some(5000));
    }

    #[test]
    fn okta_says_when_its_count_begins_anew() {
        let reset = ("2026-09-30T11:00:31Z".parse::<Instant>().unwrap()).timestamp().as_second().to_string();
        let date = ("date", "Wed, 30 Sep 2026 11:00:00 GMT");
        let with = |limit, remaining| {
            reply(&[
                ("x-rate-limit-limit", limit),
                ("x-rate-limit-remaining", remaining),
                ("x-rate-limit-reset", &reset),
                date,
            ])
        };
        let allowance = Allowance { limit: 600, remaining: 3, reset: Duration::from_secs(31) };
        assert_eq!(with("600", "3").allowance(now()), Some(allowance));
        assert_eq!(with("600", "0").wait(now()), Some(Duration::from_secs(31)));
        assert_eq!(with("0", "0").wait(now()), None);
        // Whichever clock is ahead.
        for ours in ["2026-09-30T10:50:00Z", "2026-09-30T11:10:00Z", "2027-01-01T00:00:00Z"] {
            assert_eq!(with("600", "0").wait(ours.parse().unwrap()), Some(Duration::from_secs(31)), "{ours}");
        }
        let undated =
            reply(&[("x-rate-limit-limit", "600"), ("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", &reset)]);
        let wait = |ours: &str| undated.wait(ours.parse().unwrap()).map(|wait| wait.as_secs());
        assert_eq!(wait("2026-09-30T11:00:11Z"), Some(20));
        assert_eq!(wait("2026-09-30T10:00:00Z"), Some(60), "no clock but ours, which may be wrong");
        assert_eq!(reply(&[("x-rate-limit-limit", "600"), date]).allowance(now()), None);
    }
}
