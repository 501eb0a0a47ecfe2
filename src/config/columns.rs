//! The columns of our own CSV files: a contract, and the names that `columns = { … }` maps from.

/// The columns of our own users file. Only `id`, `user_name` and `status` are required.
pub const USER_COLUMNS: [&str; 15] = [
    "id",
    "user_name",
    "email",
    "aliases",
    "display_name",
    "status",
    "status_changed_at",
    "employee_id",
    "user_type",
    "department",
    "title",
    "manager",
    "start_date",
    "end_date",
    "last_sign_in_at",
];

/// The columns of our own groups file.
pub const GROUP_COLUMNS: [&str; 2] = ["id", "name"];

/// The columns of our own members file.
pub const MEMBER_COLUMNS: [&str; 2] = ["group_id", "user_id"];

/// The columns of our own approvals file. It needs `user`, `account` and `permission_set`.
pub const APPROVAL_COLUMNS: [&str; 10] = [
    "user",
    "account",
    "permission_set",
    "requested_by",
    "approved_by",
    "approved_at",
    "reference",
    "status",
    "starts_at",
    "ends_at",
];

/// The columns of a holidays file. Only `date` is required.
pub const HOLIDAY_COLUMNS: [&str; 2] = ["date", "name"];

/// The columns of our own roster. It needs `employee_id` or `email`, and `status` or `end_date`.
pub const ROSTER_COLUMNS: [&str; 10] = [
    "employee_id",
    "email",
    "display_name",
    "status",
    "start_date",
    "end_date",
    "department",
    "title",
    "manager",
    "worker_type",
];
