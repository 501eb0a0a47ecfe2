//! Identifiers as types: an account id can't be passed where a user id is meant.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not an identifier of the asked kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct IdError {
    text: String,
    expected: &'static str,
}

/// Any identifier: one to 2,048 characters, none of them a control character.
fn opaque(text: &str) -> bool {
    !text.is_empty() && text.len() <= 2048 && !text.chars().any(char::is_control)
}

/// AWS account ids are twelve decimal digits (AWS Account Management, `Account.Id`).
fn twelve_digits(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $check:path, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if $check(text) {
                    Ok(Self(Arc::from(text)))
                } else {
                    Err(IdError { text: text.to_owned(), expected: $expected })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id_type!(
    /// A twelve-digit AWS account id.
    AccountId, twelve_digits, "an AWS account id (twelve digits)"
);
id_type!(
    /// The ARN of an Identity Center instance.
    InstanceArn, opaque, "an Identity Center instance ARN"
);
id_type!(
    /// The id of an identity store, such as `d-1234567890`.
    IdentityStoreId, opaque, "an identity store id"
);
id_type!(
    /// A user's id in the identity store. Not always a plain UUID: older ones have a ten-digit prefix.
    UserId, opaque, "an identity store user id"
);
id_type!(
    /// A group's id in the identity store.
    GroupId, opaque, "an identity store group id"
);
id_type!(
    /// The ARN of a permission set.
    PermissionSetArn, opaque, "a permission set ARN"
);
id_type!(
    /// The name the config gives to an identity provider (`[[idp]] name`).
    IdpName, opaque, "an identity provider name"
);
id_type!(
    /// A user's id in an identity provider, as that provider writes it.
    IdpUserId, opaque, "an identity provider user id"
);
id_type!(
    /// A group's id in an identity provider.
    IdpGroupId, opaque, "an identity provider group id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_are_twelve_digits() {
        assert!("012345678901".parse::<AccountId>().is_ok());
        for wrong in ["", "12345678901", "1234567890123", "12345678901a", "１２３４５６７８９０１２"] {
            assert!(wrong.parse::<AccountId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn user_ids_may_carry_a_prefix() {
        assert!("906750a1b2-0f5d7a44-5f2e-4c8a-9d5e-000000000001".parse::<UserId>().is_ok());
        assert!("".parse::<UserId>().is_err());
        assert!("a\nb".parse::<UserId>().is_err());
    }
}
