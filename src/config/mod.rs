//! The config file: parsed once into types that can't be wrong, and never validated again.
//!
//! [`Config::parse`] reads `overstay.toml` and reports everything wrong with it at once, each with file, line and column.

pub mod columns;
mod dates;
mod idp;
mod parse;
mod preset;
mod problems;
mod read;
mod redact;
pub mod reserved;
mod value;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::diagnostic::Diagnostic;
use crate::model::event::Window;
use crate::model::exception::Exception;
use crate::model::finding::Severity;
use crate::model::{Instant, Pattern, Plane, S3Location, Span};

pub use dates::DateFormat;
pub use idp::{
    Connection, CsvIdpConfig, EntraConfig, EntraCredential, GoogleConfig, IdpConfig, IdpSource, KeycloakConfig,
    LdapConfig, LdapFlavor, LogFiles, OktaConfig, OktaCredential, Part, ScimConfig, Secret,
};
pub use preset::Preset;

/// The default config with every key explained, as `init` writes it.
pub const TEMPLATE: &str = include_str!("../../templates/config.toml");

/// The ids of the whole rule catalogue, those not built yet included: configs that set severities or accept risks are to
/// stay valid from version to version, and a mistyped id is to be told from a later one.
pub const RULE_IDS: &[&str] = &[
    "leaver-holds-access",
    "disabled-account-holds-access",
    "unassigned-account-holds-access",
    "terminated-still-enabled",
    "orphaned-identity",
    "no-hr-record",
    "dangling-assignment",
    "disabled-user-holds-grants",
    "residual-exposure",
    "activity-after-leaving",
    "leaver-sla-breach",
    "access-before-start",
    "unapproved-access",
    "unprovisioned-joiner",
    "mover-kept-access",
    "access-outside-policy",
    "membership-drift",
    "unmanaged-group",
    "recreated-group",
    "missing-expected-access",
    "reused-identity",
    "ambiguous-identity",
    "identity-mismatch",
    "duplicate-identity",
    "unmanaged-identity",
    "guest-access",
    "direct-assignment",
    "standing-privileged-access",
    "expired-access",
    "separation-of-duties",
    "dormant-access",
    "never-used-access",
    "access-without-mfa",
    "long-session",
    "wildcard-permission",
    "data-access-outside-policy",
    "side-door-access",
    "management-account-access",
    "undeployed-permission-set",
    "unassigned-permission-set",
    "empty-group-assignment",
    "closed-account-assignment",
    "unowned-permission-set",
    "unowned-service-identity",
    "unlisted-iam-user",
    "stale-access-key",
    "iam-user-without-mfa",
    "break-glass-drift",
    "sync-stalled",
    "deprovisioning-disabled",
    "sync-error",
    "out-of-band-change",
    "provisioning-token-expiring",
    "review-overdue",
    "revocation-not-applied",
    "exception-expired",
    "exception-unowned",
    "exception-unused",
];

/// A whole, valid config.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file as read; the pack carries it verbatim, for secrets are never in it.
    pub text: Arc<str>,
    /// The file's name, as the user gave it.
    pub file: String,
    /// The organisation's name, for the cover.
    pub organization: Option<String>,
    /// What to read from AWS; absent when there is no `[aws]`.
    pub aws: Option<AwsConfig>,
    /// The identity providers, in the order of the file.
    pub idps: Vec<IdpConfig>,
    /// The HR roster.
    pub hr: Option<HrConfig>,
    /// What the audit covers.
    pub scope: ScopeConfig,
    /// What is known about identities beyond the sources.
    pub identities: IdentitiesConfig,
    /// Approvals of access.
    pub approvals: Option<ApprovalsConfig>,
    /// Business time.
    pub calendar: Option<CalendarConfig>,
    /// How access is reviewed.
    pub review: ReviewConfig,
    /// The thresholds that rules test against.
    pub policy: PolicyConfig,
    /// Who should have what; empty means that rules that need it are not evaluated.
    pub access: Vec<AccessEntry>,
    /// Pairs one person must not hold together.
    pub separation_of_duties: Vec<SeparationOfDuties>,
    /// Accepted risks.
    pub exceptions: Vec<Exception>,
    /// Above this many rows the complete listing of grants is `grants.parquet`.
    pub grants_csv_rows: u64,
    /// Names or ids of accounts of the security class.
    pub security_accounts: Vec<Pattern>,
    /// The signing key, as written.
    pub signing_key: Option<String>,
    /// Where snapshots are kept; absent when there is no `[store]`, and then they are not.
    pub store: Option<StoreConfig>,
    /// What has to end within a year, with its place in the file.
    terms: Vec<Term>,
}

/// Something that sets a rule or the scope aside and therefore has to end soon.
#[derive(Debug, Clone)]
struct Term {
    /// What it is, in words.
    what: String,
    /// Its last day.
    last_day: Date,
    /// Where the file says so.
    span: Range<usize>,
}

/// `[aws]`.
#[derive(Debug, Clone)]
pub struct AwsConfig {
    /// The Region to start from; the instance's primary Region is found from there.
    pub region: Option<String>,
    /// A profile of the shared AWS config.
    pub profile: Option<String>,
    /// A role to assume first.
    pub role_arn: Option<String>,
    /// A role assumed per member account.
    pub member_role: Option<String>,
    /// The planes to read, sorted.
    pub planes: Vec<Plane>,
    /// How assignments are enumerated.
    pub enumeration: Enumeration,
    /// The pace, per AWS request bucket.
    pub requests_per_second: u32,
    /// Where CloudTrail events come from.
    pub cloudtrail: CloudTrail,
    /// The close of the last day of the SCIM access token, where the operator says it.
    pub scim_token_expires: Option<Instant>,
}

/// How assignments are enumerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enumeration {
    /// Permission set → accounts it is deployed to → assignments. The fewest calls.
    Provisioned,
    /// Every account × permission set, and once more per principal.
    Exhaustive,
}

/// CloudTrail files on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailFiles {
    /// Which files, as a pattern relative to the config; `**` stands for any depth of folders.
    pub pattern: String,
    /// The time of which the operator says that the files hold all records. Without it their silence proves nothing.
    pub covers: Option<Window>,
}

/// A trail's files in its bucket.
#[derive(Debug, Clone)]
pub struct TrailBucket {
    /// The bucket, and the folder `AWSLogs` or any folder above or below it.
    pub place: S3Location,
    /// Files are read from this day on, which begins in UTC; absent means those of 90 days.
    pub since: Option<Instant>,
    /// The time of which the operator says that the files hold all records, where no digest files prove it.
    pub covers: Option<Window>,
    /// Whose files, by account id; absent means the management account and the delegated administrators.
    pub accounts: Option<Vec<Pattern>>,
    /// Of which Regions; absent means the instance's.
    pub regions: Option<Vec<Pattern>>,
}

/// Where CloudTrail events come from.
#[derive(Debug, Clone)]
pub enum CloudTrail {
    /// Not asked for.
    None,
    /// The event history API.
    Lookup,
    /// Trail files on disk.
    Files(TrailFiles),
    /// A trail's files in its bucket.
    Bucket(TrailBucket),
}

/// `[store]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreConfig {
    /// A folder, relative to the config file.
    Directory(PathBuf),
    /// A place in S3.
    S3(BucketConfig),
}

/// A place in S3, and as whom it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketConfig {
    /// The bucket, and what the keys in it begin with.
    pub location: S3Location,
    /// The bucket's Region.
    pub region: Option<String>,
    /// The profile of the shared config files; else that of `[aws]`.
    pub profile: Option<String>,
    /// The ARN of a role to assume first. The role of `[aws]` only reads, so it is none for the store.
    pub role_arn: Option<String>,
}

/// `[hr]`.
#[derive(Debug, Clone)]
pub struct HrConfig {
    /// The roster, relative to the config file.
    pub path: PathBuf,
    /// Whether it lists leavers too (`lists = "all"`).
    pub lists_leavers: bool,
    /// Whose export it is; none means by its header.
    pub dialect: Option<HrDialect>,
    /// Our column name → their header.
    pub columns: BTreeMap<String, String>,
    /// How it writes its dates.
    pub date_format: DateFormat,
    /// The zone of its dates, an IANA name; checked.
    pub time_zone: String,
}

/// Whose export the roster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HrDialect {
    /// A Workday report, as reports-as-a-service deliver it.
    Workday,
    /// SAP SuccessFactors, with the field names of its OData entities.
    SapSuccessFactors,
    /// BambooHR.
    BambooHr,
    /// Rippling.
    Rippling,
}

/// `[approvals]`.
#[derive(Debug, Clone)]
pub struct ApprovalsConfig {
    /// The file, relative to the config.
    pub path: PathBuf,
    /// Whose export it is; none means by its header.
    pub dialect: Option<ApprovalDialect>,
    /// Our column name → their header.
    pub columns: BTreeMap<String, String>,
    /// How it writes its dates.
    pub date_format: DateFormat,
    /// The zone of times that name none, an IANA name; checked.
    pub time_zone: String,
}

/// Whose export the approvals are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalDialect {
    /// Requests of AWS's Temporary Elevated Access Management (TEAM).
    AwsTeam,
    /// Audit entries of SSO Elevator.
    SsoElevator,
}

/// `[scope]`.
#[derive(Debug, Clone, Default)]
pub struct ScopeConfig {
    /// Accounts left out, each with a reason; named on the cover.
    pub exclude_accounts: Vec<AccountExclusion>,
}

/// An account left out of the audit.
#[derive(Debug, Clone)]
pub struct AccountExclusion {
    /// Which accounts.
    pub account: AccountPattern,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub approved_by: String,
    /// Until when; past it the account is in scope again.
    pub expires: Option<Instant>,
}

/// `[identities]`.
#[derive(Debug, Clone, Default)]
pub struct IdentitiesConfig {
    /// The links file, relative to the config.
    pub links: Option<PathBuf>,
    /// Declared non-human identities.
    pub service: Vec<DeclaredIdentity>,
    /// Declared break-glass identities.
    pub break_glass: Vec<DeclaredIdentity>,
    /// Who may change users, groups and assignments at AWS besides the provisioner: ARNs as CloudTrail names them.
    pub automation: Vec<Pattern>,
}

/// A declared identity.
#[derive(Debug, Clone)]
pub struct DeclaredIdentity {
    /// User names or emails.
    pub user: Pattern,
    /// Who answers for it.
    pub owner: String,
    /// What it is for.
    pub purpose: Option<String>,
}

/// `[calendar]`.
#[derive(Debug, Clone)]
pub struct CalendarConfig {
    /// An IANA zone name; checked.
    pub time_zone: String,
    /// Days off each week, lower-case English names; checked.
    pub weekend: Vec<String>,
    /// The holidays file, relative to the config.
    pub holidays: Option<PathBuf>,
    /// How it writes its dates.
    pub date_format: DateFormat,
}

/// `[review]`.
#[derive(Debug, Clone, Default)]
pub struct ReviewConfig {
    /// How often: `monthly`, `quarterly`, `semiannual` or `annual`; as written, else the preset's.
    pub cadence: Option<String>,
    /// Who reviews what has no owner.
    pub fallback_reviewer: Option<String>,
    /// Owners by account.
    pub owners: Vec<(Pattern, String)>,
}

/// `[policy]`: the thresholds that rules test against, each printed with its result.
#[derive(Debug, Clone)]
pub struct PolicyConfig {
    /// Where defaults come from.
    pub preset: Preset,
    /// How long access may outlive its holder.
    pub leaver_sla: Span,
    /// How long old access may outlive a move.
    pub mover_sla: Span,
    /// How long provisioning may take.
    pub sync_sla: Span,
    /// When to warn of an expiring SCIM token.
    pub token_warning: Span,
    /// The portal session length set in Identity Center.
    pub portal_session: Span,
    /// Gone for longer than this is critical.
    pub stale_after: Span,
    /// Unused for longer than this is dormant.
    pub dormant_after: Span,
    /// A file whose data are older than this when it is read does not show what happened since.
    pub max_source_age: Span,
    /// Access keys older than this are stale.
    pub key_max_age: Span,
    /// The longest role session.
    pub max_session: Span,
    /// The longest privileged role session.
    pub max_privileged_session: Span,
    /// Permission set names that are privileged beyond what their content says.
    pub privileged: Vec<Pattern>,
    /// Severities the operator sets, by rule.
    pub severity: BTreeMap<&'static str, Severity>,
}

/// One `[[access]]` entry: whom it matches gets the permission set on the accounts.
#[derive(Debug, Clone)]
pub struct AccessEntry {
    /// Its position in the file, from 1.
    pub number: usize,
    /// Whom it matches; every condition given must hold.
    pub matches: AccessMatch,
    /// The permission set's name.
    pub permission_set: Pattern,
    /// Accounts.
    pub accounts: Vec<AccountPattern>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Until when.
    pub expires: Option<Instant>,
    /// S3 scopes this access may reach, as written.
    pub s3: Vec<String>,
    /// ECS task roles it may pass, as written.
    pub task_roles: Vec<String>,
}

/// The conditions of an `[[access]]` entry; at least one is given.
#[derive(Debug, Clone, Default)]
pub struct AccessMatch {
    /// An IdP group's name.
    pub group: Option<String>,
    /// A department.
    pub department: Option<Pattern>,
    /// A job title.
    pub title: Option<Pattern>,
    /// A user type.
    pub user_type: Option<Pattern>,
    /// A user name or email.
    pub person: Option<Pattern>,
}

/// Which accounts: by id or name, or by organizational unit path (`ou:Workloads/*`).
#[derive(Debug, Clone)]
pub struct AccountPattern {
    written: String,
    /// What is matched.
    pub by: AccountKey,
}

/// What an account pattern is held against.
#[derive(Debug, Clone)]
pub enum AccountKey {
    /// The account's id or name.
    Account(Pattern),
    /// The names of the units above the account, and the account's own, joined with `/`.
    OrganizationalUnit(Pattern),
}

impl AccountPattern {
    /// Makes a pattern of `written`.
    pub fn new(written: &str) -> Self {
        let by = written.strip_prefix("ou:").map_or_else(
            || AccountKey::Account(Pattern::new(written)),
            |path| AccountKey::OrganizationalUnit(Pattern::new(path)),
        );
        Self { written: written.to_owned(), by }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.written
    }
}

/// One `[[separation_of_duties]]` pair.
#[derive(Debug, Clone)]
pub struct SeparationOfDuties {
    /// Its name.
    pub name: String,
    /// One side.
    pub left: EntitlementPattern,
    /// The other.
    pub right: EntitlementPattern,
}

/// A side of a separation-of-duties pair.
#[derive(Debug, Clone)]
pub struct EntitlementPattern {
    /// Permission set names.
    pub permission_set: Pattern,
    /// Accounts; absent means all.
    pub account: Option<Pattern>,
}

impl fmt::Display for EntitlementPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.account {
            Some(account) => write!(f, "{} on {account}", self.permission_set),
            None => self.permission_set.fmt(f),
        }
    }
}

impl Config {
    /// The sources that are reached over the network, by the names they have in records: `aws`, `idp:NAME`; with their kinds.
    pub fn live_sources(&self) -> Vec<(String, &'static str)> {
        let idps = self.idps.iter().filter(|idp| idp.source.is_live());
        let idps = idps.map(|idp| (format!("idp:{}", idp.name), idp.source.kind()));
        self.aws.iter().map(|_| ("aws".to_owned(), "IAM Identity Center")).chain(idps).collect()
    }

    /// Keys it sets that are checked and not acted on in this version.
    pub fn reserved_keys(&self) -> Vec<&'static str> {
        reserved::set_in(&self.text)
    }

    /// Reads a config. `file` is how the user named it, for messages.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the file.
    pub fn parse(text: &str, file: &str) -> Result<Self, Vec<Diagnostic>> {
        parse::parse(text, file)
    }

    /// Exceptions and scope exclusions that end more than twelve calendar months after `as_of`, each with its place.
    ///
    /// Apart from [`Config::parse`], which knows no clock. What has ended already is not an error: a rule reports it.
    pub fn check_at(&self, as_of: Instant) -> Vec<Diagnostic> {
        let today = as_of.timestamp().to_zoned(TimeZone::UTC).date();
        // Past the end of the calendar nothing can end too late.
        let limit = today.checked_add(12.months()).unwrap_or(Date::MAX);
        let late = self.terms.iter().filter(|term| term.last_day > limit);
        late.map(|term| Diagnostic {
            message: format!("{} ends more than 12 months after {today}", term.what),
            file: self.file.clone(),
            source: Some(Arc::clone(&self.text)),
            span: term.span.clone(),
            label: String::new(),
            help: format!("accepted risks are looked at again at least once a year; let it end on {limit} or before"),
        })
        .collect()
    }
}

impl PolicyConfig {
    /// The thresholds of a preset; where it leaves one to the organisation, the usual one.
    pub fn of(preset: Preset) -> Self {
        let (defaults, usual) = (preset.defaults(), Self::default());
        Self {
            preset,
            leaver_sla: defaults.leaver_sla.given().unwrap_or(usual.leaver_sla),
            mover_sla: defaults.mover_sla.given().unwrap_or(usual.mover_sla),
            dormant_after: defaults.dormant_after.given().unwrap_or(usual.dormant_after),
            ..usual
        }
    }
}

impl Default for PolicyConfig {
    /// The thresholds of SOC 2 practice, which hold where neither the config nor a preset says otherwise.
    fn default() -> Self {
        Self {
            preset: Preset::Soc2,
            leaver_sla: Span::hours(24),
            mover_sla: Span::days(5),
            sync_sla: Span::minutes(40),
            token_warning: Span::days(90),
            portal_session: Span::hours(8),
            stale_after: Span::days(30),
            dormant_after: Span::days(90),
            max_source_age: Span::days(7),
            key_max_age: Span::days(90),
            max_session: Span::hours(8),
            max_privileged_session: Span::hours(4),
            privileged: Vec::new(),
            severity: BTreeMap::new(),
        }
    }
}
