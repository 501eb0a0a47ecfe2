//! Who came, moved and left in the bundled quarter, beyond the people of the review.

/// A span of time: from an instant on, and until one, each none if it was always so or stays so.
pub(super) type While = (Option<&'static str>, Option<&'static str>);

/// A person who is only in the quarter's story.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) display: &'static str,
    pub(super) employee: &'static str,
    /// The last digits of the ids; the rest is the same for all.
    pub(super) id: &'static str,
    /// Department and title, with the day from which on.
    pub(super) roles: &'static [(&'static str, &'static str, &'static str)],
    pub(super) starts: &'static str,
    /// The last day, as HR has it.
    pub(super) ends: Option<&'static str>,
    /// In the identity provider: since when there is an account, and when it was disabled.
    pub(super) account: While,
    /// The same in Identity Center.
    pub(super) user: While,
    /// Groups in the identity provider.
    pub(super) asked: &'static [(&'static str, While)],
    /// Groups in Identity Center.
    pub(super) held: &'static [(&'static str, While)],
    /// Assignments to the person alone: permission set, account.
    pub(super) direct: &'static [(&'static str, &'static str, While)],
}

const ALWAYS: While = (None, None);
const NOBODY: Person = Person {
    name: "",
    display: "",
    employee: "",
    id: "",
    roles: &[],
    starts: "2023-02-06",
    ends: None,
    account: ALWAYS,
    user: ALWAYS,
    asked: &[],
    held: &[],
    direct: &[],
};
const ENGINEER: &[(&str, &str, &str)] = &[("2023-02-06", "Engineering", "Software Engineer")];
const PLATFORM: &[(&str, &str, &str)] = &[("2023-02-06", "DevOps", "Platform Engineer")];
const ANALYST: &[(&str, &str, &str)] = &[("2023-02-06", "Security", "Security Analyst")];

/// One after the other: four leavers whom provisioning took out, two whom it did not; a joiner in time and a late one; a move
/// that was carried through, by the joiner, and one that was not.
pub(super) const PEOPLE: &[Person] = &[
    Person {
        name: "sofia.lindgren",
        display: "Sofia Lindgren",
        employee: "01033",
        id: "a1",
        roles: ENGINEER,
        ends: Some("2026-07-31"),
        account: (None, Some("2026-07-31T16:35:10Z")),
        user: (None, Some("2026-07-31T16:58:44Z")),
        asked: &[("Engineering", ALWAYS)],
        held: &[("Engineering", (None, Some("2026-07-31T16:58:44Z")))],
        ..NOBODY
    },
    Person {
        name: "theo.marchetti",
        display: "Theo Marchetti",
        employee: "01034",
        id: "a2",
        roles: PLATFORM,
        ends: Some("2026-08-28"),
        account: (None, Some("2026-08-28T15:10:02Z")),
        user: (None, Some("2026-08-28T15:44:31Z")),
        asked: &[("DevOps", ALWAYS)],
        held: &[("DevOps", (None, Some("2026-08-28T15:44:31Z")))],
        ..NOBODY
    },
    Person {
        name: "wanda.krol",
        display: "Wanda Krol",
        employee: "01035",
        id: "a3",
        roles: ANALYST,
        ends: Some("2026-09-04"),
        account: (None, Some("2026-09-04T17:20:55Z")),
        user: (None, Some("2026-09-04T18:02:17Z")),
        asked: &[("Security", ALWAYS)],
        held: &[("Security", (None, Some("2026-09-04T18:02:17Z")))],
        ..NOBODY
    },
    // Access beside the group that provisioning does not know of: found five days later, and used on the Sunday between.
    Person {
        name: "ruben.castell",
        display: "Ruben Castell",
        employee: "01036",
        id: "a4",
        roles: ENGINEER,
        ends: Some("2026-08-14"),
        account: (None, Some("2026-08-17T08:05:40Z")),
        user: (None, Some("2026-08-17T08:36:12Z")),
        asked: &[("Engineering", ALWAYS)],
        held: &[("Engineering", (None, Some("2026-08-17T08:36:12Z")))],
        direct: &[("PowerUser", "prod", (None, Some("2026-08-19T13:20:07Z")))],
        ..NOBODY
    },
    // Nothing was collected on the weekend after this Friday.
    Person {
        name: "mei.carrow",
        display: "Mei Carrow",
        employee: "01037",
        id: "a5",
        roles: PLATFORM,
        ends: Some("2026-09-11"),
        account: (None, Some("2026-09-11T18:40:26Z")),
        user: (None, Some("2026-09-12T09:12:00Z")),
        asked: &[("DevOps", ALWAYS)],
        held: &[("DevOps", (None, Some("2026-09-12T09:12:00Z")))],
        ..NOBODY
    },
    Person {
        name: "arjun.mehta",
        display: "Arjun Mehta",
        employee: "01038",
        id: "a6",
        roles: &[("2026-07-06", "Engineering", "Software Engineer"), ("2026-09-02", "DevOps", "Platform Engineer")],
        starts: "2026-07-06",
        account: (Some("2026-07-06T07:30:00Z"), None),
        user: (Some("2026-07-06T08:41:20Z"), None),
        asked: &[
            ("Engineering", (Some("2026-07-06T08:10:00Z"), Some("2026-09-02T09:00:30Z"))),
            ("DevOps", (Some("2026-09-02T09:01:12Z"), None)),
        ],
        held: &[
            ("Engineering", (Some("2026-07-06T08:41:20Z"), Some("2026-09-02T09:33:05Z"))),
            ("DevOps", (Some("2026-09-02T09:33:05Z"), None)),
        ],
        ..NOBODY
    },
    Person {
        name: "klara.novotna",
        display: "Klara Novotna",
        employee: "01039",
        id: "a7",
        roles: &[("2026-08-03", "Engineering", "Software Engineer")],
        starts: "2026-08-03",
        account: (Some("2026-08-03T07:45:00Z"), None),
        user: (Some("2026-08-06T08:20:00Z"), None),
        asked: &[("Engineering", (Some("2026-08-03T08:00:00Z"), None))],
        held: &[("Engineering", (Some("2026-08-06T08:20:00Z"), None))],
        ..NOBODY
    },
    Person {
        name: "pavel.horak",
        display: "Pavel Horak",
        employee: "01040",
        id: "a8",
        roles: &[("2023-02-06", "Engineering", "Software Engineer"), ("2026-08-24", "DevOps", "Platform Engineer")],
        asked: &[
            ("Engineering", (None, Some("2026-08-24T08:15:00Z"))),
            ("DevOps", (Some("2026-08-24T08:16:40Z"), None)),
        ],
        held: &[("Engineering", ALWAYS), ("DevOps", (Some("2026-08-24T08:48:00Z"), None))],
        ..NOBODY
    },
];
