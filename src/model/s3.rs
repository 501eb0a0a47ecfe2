//! A place in S3.

use std::fmt;
use std::str::FromStr;

/// A bucket and what the keys in it begin with. Parsed from `s3://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct S3Location {
    bucket: String,
    prefix: String,
}

impl S3Location {
    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// What keys begin with: empty, or ends with `/`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The bucket's ARN. The Region tells the partition (IAM user guide, "Amazon Resource Names").
    pub fn arn(&self, region: Option<&str>) -> String {
        let partition = match region {
            Some(region) if region.starts_with("cn-") => "aws-cn",
            Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        format!("arn:{partition}:s3:::{}", self.bucket)
    }

    /// The key of a path below the prefix.
    pub fn key(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }
}

/// Why a text is no place in S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotS3;

impl fmt::Display for NotS3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not s3://, the name of a bucket, and a prefix")
    }
}

impl std::error::Error for NotS3 {}

impl FromStr for S3Location {
    type Err = NotS3;

    /// Bucket names have 3 to 63 characters: lower-case letters, digits, dots and hyphens (Amazon S3 user guide, "General purpose
    /// bucket naming rules").
    fn from_str(text: &str) -> Result<Self, NotS3> {
        let rest = text.strip_prefix("s3://").ok_or(NotS3)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-';
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(plain) {
            return Err(NotS3);
        }
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { bucket: bucket.to_owned(), prefix })
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_with_a_slash_or_is_none() {
        for (text, bucket, prefix) in [
            ("s3://audit-log", "audit-log", ""),
            ("s3://audit-log/", "audit-log", ""),
            ("s3://audit.log/a/b", "audit.log", "a/b/"),
            ("s3://audit-log/a/b/", "audit-log", "a/b/"),
        ] {
            let place: S3Location = text.parse().unwrap();
            assert_eq!((place.bucket(), place.prefix()), (bucket, prefix));
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        assert_eq!("s3://abc/x".parse::<S3Location>().unwrap().key("y/z"), "x/y/z");
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "s3://", "s3:///x", "s3://ab/x", "s3://Bucket/x", "https://abc/x", "abc/x", "s3://a_b_c/x"] {
            assert_eq!(text.parse::<S3Location>(), Err(NotS3), "{text}");
        }
    }
}
