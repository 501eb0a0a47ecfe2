//! `[[idp]] type = "entra"`.

use super::*;

const SECRET: &str = "client_secret = { env = \"ENTRA_CLIENT_SECRET\" }";

fn idp(keys: &str) -> String {
    format!("[[idp]]\nname = \"entra\"\ntype = \"entra\"\n{keys}\n")
}

fn with(keys: &str) -> String {
    idp(&format!("tenant_id = \"t\"\nclient_id = \"c\"\n{keys}"))
}

fn entra(text: &str) -> EntraConfig {
    match valid(text).idps.remove(0).source {
        IdpSource::Entra(entra) => entra,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_said_is_the_public_cloud_and_everything() {
    let config = entra(&with(SECRET));
    assert_eq!((config.tenant_id.as_str(), config.client_id.as_str()), ("t", "c"));
    assert_eq!(config.base_url, "https://graph.microsoft.com");
    assert_eq!(config.login_url, "https://login.microsoftonline.com");
    assert!(config.application.is_none());
    assert!(Part::ALL.iter().all(|(_, part)| config.connection.asks(*part)));
}

#[test]
fn every_key_is_taken() {
    let config = entra(&with(&format!(
        "{SECRET}\napplication = \"AWS\"\nwithout = [\"events\", \"dates\", \"events\"]\nrequests_at_once = 4\nlongest_wait = \"1h\"\n\
         ca = \"ca.pem\"\nbase_url = \"https://graph.microsoft.us/\"\nlogin_url = \"https://login.microsoftonline.us\""
    )));
    assert_eq!(config.application.as_deref(), Some("AWS"));
    assert_eq!(config.connection.without, [Part::Dates, Part::Events]);
    assert_eq!((config.connection.at_once, config.connection.ca), (Some(4), Some("ca.pem".into())));
    assert_eq!(config.connection.longest_wait, Some(crate::model::Span::hours(1)));
    assert_eq!(config.base_url, "https://graph.microsoft.us");
}

#[test]
fn one_credential_is_given_and_none_is_written_out() {
    let credential = |keys: &str| format!("{:?}", entra(&with(keys)).credential);
    assert_eq!(credential(SECRET), "ClientSecret(environment variable ENTRA_CLIENT_SECRET)");
    assert_eq!(credential("certificate = { file = \"app.pem\" }"), "Certificate(file app.pem)");
    assert_eq!(credential("federated_token = { file = \"/token\" }"), "FederatedToken(file /token)");
    assert_eq!(credential("federated_token = \"github\""), "GitHubActions");
    says(&with(""), "nothing says how to prove who is asking");
    says(&with(&format!("{SECRET}\nfederated_token = \"github\"")), "client_secret and federated_token can't be given");
    for key in ["client_secret", "federated_token"] {
        let errors = parse(&with(&format!("{key} = \"planted-secret\""))).map(|_| ()).unwrap_err();
        let told = render_all(&errors, false);
        assert!(told.contains("must not be written out") && !told.contains("planted-secret"), "{told}");
    }
}

#[test]
fn mistakes_are_told() {
    says(&idp(SECRET).replace("type", "client_id = \"c\"\ntype"), "missing key `tenant_id`");
    says(&with(&format!("{SECRET}\nwithout = [\"sign_ins\"]")), "unknown part `sign_ins` | did you mean `sign-ins`?");
    says(&with(&format!("{SECRET}\nwithout = [\"users\"]")), "unknown part `users`");
    says(&with(&format!("{SECRET}\nbase_url = \"http://graph.microsoft.com\"")), "would send its token in clear");
    says(&with(&format!("{SECRET}\nlogin_url = \"login.microsoftonline.com\"")), "is not an HTTPS address");
    says(&with(&format!("{SECRET}\nrequests_at_once = 0")), "`requests_at_once`");
    says(&with(&format!("{SECRET}\nusers = \"users.csv\"")), "unknown key `users`");
    valid(&with(&format!("{SECRET}\nbase_url = \"http://127.0.0.1:8080\"")));
}
