//! Second factors: which ones people have registered.

use serde::Deserialize;

use crate::model::{Known, SecondFactor};

/// What is asked of every registration.
pub(super) const SELECT: &str = "id,methodsRegistered";

/// Who has registered what (`microsoft.graph.userRegistrationDetails`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireRegistration {
    pub(super) id: Option<String>,
    methods_registered: Option<Vec<String>>,
}

/// What a registered method is worth at a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// It is no second factor: it resets passwords, or lets somebody in once.
    Nothing,
    Phone,
    Strong,
    /// A word that is not known here.
    Unknown,
}

/// The methods that Graph names (Microsoft Graph, "userRegistrationDetails resource type" and "usageAuthMethod enumeration").
fn worth(method: &str) -> Worth {
    let method = method.to_ascii_lowercase();
    match method.as_str() {
        "email"
        | "securityquestion"
        | "apppassword"
        | "temporaryaccesspass"
        | "password"
        | "none"
        | "qrcode"
        | "qrcodepin" => Worth::Nothing,
        "mobilephone"
        | "alternatemobilephone"
        | "officephone"
        | "sms"
        | "mobilesms"
        | "mobilecall"
        | "alternatemobilecall"
        | "voice" => Worth::Phone,
        "appnotification" | "appcode" | "fido" | "macossecureenclavekey" | "externalauthmethod" => Worth::Strong,
        _ => {
            let families =
                ["microsoftauthenticator", "fido2", "passkey", "windowshello", "x509certificate", "certificate"];
            let code = ["onetimepasscode", "hardwareoath", "softwareoath"];
            let known = families.iter().any(|family| method.starts_with(family))
                || code.iter().any(|word| method.ends_with(word) && method.len() > "onetimepasscode".len())
                || code[1..].contains(&method.as_str());
            if known { Worth::Strong } else { Worth::Unknown }
        }
    }
}

impl WireRegistration {
    /// The best that they have registered.
    pub(super) fn best(&self) -> Known<SecondFactor> {
        let Some(methods) = &self.methods_registered else {
            return Known::Unknown("the registration report names no methods".to_owned());
        };
        let worths: Vec<Worth> = methods.iter().map(|method| worth(method)).collect();
        if worths.contains(&Worth::Strong) {
            Known::Value(SecondFactor::Strong)
        } else if let Some(at) = worths.iter().position(|worth| *worth == Worth::Unknown) {
            let word = methods.get(at).map_or("", String::as_str);
            Known::Unknown(format!("`{word}` is not a method this version knows"))
        } else if worths.contains(&Worth::Phone) {
            Known::Value(SecondFactor::Phone)
        } else {
            Known::Absent
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_method_counts_and_an_unknown_one_is_not_guessed() {
        let best = |methods: &[&str]| {
            let methods = Some(methods.iter().map(|method| (*method).to_owned()).collect());
            WireRegistration { id: None, methods_registered: methods }.best()
        };
        for strong in [
            "microsoftAuthenticatorPush",
            "microsoftAuthenticatorPasswordless",
            "fido2",
            "fido2SecurityKey",
            "passKeyDeviceBound",
            "passKeySynced",
            "windowsHelloForBusiness",
            "softwareOneTimePasscode",
            "hardwareOneTimePasscode",
            "hardwareOath",
            "x509CertificateMultiFactor",
        ] {
            assert_eq!(best(&["email", "mobilePhone", strong]), Known::Value(SecondFactor::Strong), "{strong}");
        }
        for phone in ["mobilePhone", "alternateMobilePhone", "officePhone", "sms"] {
            assert_eq!(best(&["securityQuestion", phone]), Known::Value(SecondFactor::Phone), "{phone}");
        }
        assert_eq!(best(&[]), Known::Absent);
        assert_eq!(best(&["email", "temporaryAccessPass"]), Known::Absent);
        for unknown in ["telepathy", "oneTimePasscode", "unknownFutureValue"] {
            assert!(best(&["mobilePhone", unknown]).is_unknown(), "{unknown}");
            assert_eq!(best(&[unknown, "fido2"]), Known::Value(SecondFactor::Strong));
        }
        assert!(WireRegistration::default().best().is_unknown());
    }
}
