//! Two policies line by line.

/// Equal lines shown around a change.
const AROUND: usize = 2;
/// Above this many pairs of lines the common lines in between are not looked for: it would take memory, and a policy that
/// long which changed that much is read as a whole.
const PAIRS: usize = 4_000_000;
/// Stands for equal lines that are left out.
const LEFT_OUT: &str = "…";

/// How one policy became another, each line with `-`, `+` or a space before it. Empty when they say the same.
pub(super) fn policy(was: Option<&str>, is: Option<&str>) -> Vec<String> {
    let (was, is) = (pretty(was), pretty(is));
    lines(&was.iter().map(String::as_str).collect::<Vec<_>>(), &is.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A policy with a line for each value, its keys sorted: their order and spacing say nothing. Text that is no JSON stays as
/// it is.
fn pretty(policy: Option<&str>) -> Vec<String> {
    let Some(policy) = policy else { return Vec::new() };
    let value: Option<serde_json::Value> = serde_json::from_str(policy).ok();
    let text = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    text.as_deref().unwrap_or(policy).lines().map(str::to_owned).collect()
}

fn lines(was: &[&str], is: &[&str]) -> Vec<String> {
    let marked = marked(was, is);
    let mut shown = Vec::new();
    let mut left_out = false;
    for (at, (mark, line)) in marked.iter().enumerate() {
        let near = marked.get(at.saturating_sub(AROUND)..marked.len().min(at + AROUND + 1)).unwrap_or_default();
        if near.iter().any(|(mark, _)| *mark != ' ') {
            shown.push(format!("{mark} {line}"));
            left_out = false;
        } else if !left_out {
            shown.push(LEFT_OUT.to_owned());
            left_out = true;
        }
    }
    if marked.iter().all(|(mark, _)| *mark == ' ') { Vec::new() } else { shown }
}

/// Every line of both with its mark; a longest common subsequence is left unmarked.
fn marked<'a>(was: &[&'a str], is: &[&'a str]) -> Vec<(char, &'a str)> {
    let head = was.iter().zip(is).take_while(|(a, b)| a == b).count();
    let (was_rest, is_rest) = (was.get(head..).unwrap_or_default(), is.get(head..).unwrap_or_default());
    let tail = was_rest.iter().rev().zip(is_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (was_mid, end) = was_rest.split_at(was_rest.len() - tail);
    let (is_mid, _) = is_rest.split_at(is_rest.len() - tail);
    let mut out: Vec<(char, &str)> = was.iter().take(head).map(|line| (' ', *line)).collect();
    out.extend(middle(was_mid, is_mid));
    out.extend(end.iter().map(|line| (' ', *line)));
    out
}

fn middle<'a>(was: &[&'a str], is: &[&'a str]) -> Vec<(char, &'a str)> {
    let removed = |lines: &[&'a str]| lines.iter().map(|line| ('-', *line)).collect::<Vec<_>>();
    let added = |lines: &[&'a str]| lines.iter().map(|line| ('+', *line)).collect::<Vec<_>>();
    if was.len() * is.len() > PAIRS {
        return [removed(was), added(is)].concat();
    }
    // common[i][j]: how many lines was[i..] and is[j..] can have in common.
    let mut common = vec![vec![0u32; is.len() + 1]; was.len() + 1];
    let get = |common: &[Vec<u32>], i: usize, j: usize| common.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    for (i, a) in was.iter().enumerate().rev() {
        for (j, b) in is.iter().enumerate().rev() {
            let longest = if a == b {
                get(&common, i + 1, j + 1) + 1
            } else {
                get(&common, i + 1, j).max(get(&common, i, j + 1))
            };
            if let Some(cell) = common.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = longest;
            }
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while let (Some(a), Some(b)) = (was.get(i), is.get(j)) {
        if a == b {
            out.push((' ', *a));
            i += 1;
            j += 1;
        } else if get(&common, i + 1, j) >= get(&common, i, j + 1) {
            out.push(('-', *a));
            i += 1;
        } else {
            out.push(('+', *b));
            j += 1;
        }
    }
    out.extend(removed(was.get(i..).unwrap_or_default()));
    out.extend(added(is.get(j..).unwrap_or_default()));
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn order_of_keys_and_spacing_are_no_change() {
        assert_eq!(policy(Some(r#"{"a":1,"b":2}"#), Some("{ \"b\": 2,\n \"a\": 1 }")), [""; 0]);
        assert_eq!(policy(Some("not json"), Some("not json")), [""; 0]);
        assert_eq!(policy(None, None), [""; 0]);
    }

    #[test]
    fn a_change_is_shown_with_its_surroundings() {
        let of = |action: &str| {
            format!(r#"{{"Statement":[{{"Action":"{action}","Effect":"Allow","Resource":"*"}}],"Version":"1"}}"#)
        };
        let shown = [
            "…",
            "    \"Statement\": [",
            "      {",
            "-       \"Action\": \"s3:Get*\",",
            "+       \"Action\": \"s3:*\",",
            "        \"Effect\": \"Allow\",",
            "        \"Resource\": \"*\"",
            "…",
        ];
        assert_eq!(policy(Some(&of("s3:Get*")), Some(&of("s3:*"))), shown);
    }

    #[test]
    fn a_policy_that_came_or_went_is_all_lines() {
        assert_eq!(policy(None, Some("{}")), ["+ {}"]);
        assert_eq!(policy(Some("{}"), None), ["- {}"]);
    }

    proptest! {
        #[test]
        fn each_side_can_be_read_back(was in prop::collection::vec("[abc]", 0..12), is in prop::collection::vec("[abc]", 0..12)) {
            let (was, is): (Vec<&str>, Vec<&str>) = (was.iter().map(String::as_str).collect(), is.iter().map(String::as_str).collect());
            let marked = marked(&was, &is);
            let side = |other: char| marked.iter().filter(|(mark, _)| *mark != other).map(|(_, line)| *line).collect::<Vec<_>>();
            prop_assert_eq!(side('+'), was);
            prop_assert_eq!(side('-'), is);
        }
    }
}
