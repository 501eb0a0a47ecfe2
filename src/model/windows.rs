//! Stretches of time: joined, cut and held against each other.

use super::event::Window;

/// What is left of a window when the holes are cut out of it.
pub fn without(window: Window, holes: &[Window]) -> Vec<Window> {
    let mut holes = holes.to_vec();
    holes.sort_unstable();
    let mut left = Vec::new();
    let mut from = window.from;
    for hole in holes {
        if hole.from > from {
            left.push(Window { from, to: hole.from.min(window.to) });
        }
        from = from.max(hole.to);
        if from >= window.to {
            return left.into_iter().filter(|window| window.from < window.to).collect();
        }
    }
    left.push(Window { from, to: window.to });
    left.retain(|window| window.from < window.to);
    left
}

/// Windows in their order, joined where they touch or overlap.
pub fn join(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_unstable();
    let mut joined: Vec<Window> = Vec::new();
    for window in windows.into_iter().filter(|window| window.from < window.to) {
        match joined.last_mut() {
            Some(open) if window.from <= open.to => open.to = open.to.max(window.to),
            _ => joined.push(window),
        }
    }
    joined
}

/// What lies in a window of each list.
pub fn common(one: &[Window], other: &[Window]) -> Vec<Window> {
    let overlap = |a: &Window, b: &Window| Window { from: a.from.max(b.from), to: a.to.min(b.to) };
    join(one.iter().flat_map(|a| other.iter().map(move |b| overlap(a, b))).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Instant;

    fn window(from: i64, to: i64) -> Window {
        Window { from: Instant::from_epoch_seconds(from).unwrap(), to: Instant::from_epoch_seconds(to).unwrap() }
    }

    fn windows() -> impl Strategy<Value = Vec<Window>> {
        prop::collection::vec((0i64..100, 0i64..30), 0..6)
            .prop_map(|all| all.into_iter().map(|(from, length)| window(from, from + length)).collect())
    }

    fn holds(windows: &[Window], second: i64) -> usize {
        let at = Instant::from_epoch_seconds(second).unwrap();
        windows.iter().filter(|window| window.from <= at && at < window.to).count()
    }

    proptest! {
        #[test]
        fn what_is_left_is_the_window_without_the_holes(holes in windows()) {
            let whole = window(20, 80);
            let left = without(whole, &holes);
            for second in 0..130 {
                let expected = holds(&[whole], second) == 1 && holds(&holes, second) == 0;
                prop_assert_eq!(holds(&left, second), usize::from(expected), "at {}", second);
            }
        }

        #[test]
        fn what_is_common_lies_in_both_and_once(one in windows(), other in windows()) {
            let both = common(&one, &other);
            for second in 0..130 {
                let expected = holds(&one, second) > 0 && holds(&other, second) > 0;
                prop_assert_eq!(holds(&both, second), usize::from(expected), "at {}", second);
            }
        }
    }
}
